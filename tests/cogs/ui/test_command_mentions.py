"""Commands that messages name can be clicked."""

from __future__ import annotations

from collections.abc import Iterator

import discord
import pytest
import simcord

from cogs.core.command_ids import COMMAND_IDS
from cogs.ui.command_mentions import with_mentions
from cogs.ui.limits import fit_content
from i18n import texts
from tests.cogs.visible_text import PUBLIC, shown


@pytest.fixture(autouse=True)
def _known() -> Iterator[None]:
    COMMAND_IDS.learn({"ask": 7, "article": 88})
    yield
    COMMAND_IDS.learn({})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Use `/ask`.", "Use </ask:7>."),
        ("`/article follow channel` and `/article add`", "</article follow channel:88> and </article add:88>"),
        ("`/pin list` is not known, /ask is no name", "`/pin list` is not known, /ask is no name"),
        ("> Use `/ask`.\n-# `/ask`", "> Use `/ask`.\n-# </ask:7>"),
        ("```\n`/ask`\n```\n`/ask`", "```\n`/ask`\n```\n</ask:7>"),
        (r"Written by a member: \`/ask\`", r"Written by a member: \`/ask\`"),
    ],
)
def test_names_become_mentions(text: str, wanted: str) -> None:
    """Known names in backticks do; quotes, code and what others wrote stay letter for letter."""
    assert with_mentions(text, 100) == wanted


def test_room() -> None:
    """A name stays where its mention would not fit, and nothing is shortened for it."""
    COMMAND_IDS.learn({"ask": 10**18, "article": 10**18})
    text = f"`/ask` `/article add` {'x' * 1955}"

    assert with_mentions("`/ask` `/ask`", 20) == f"</ask:{10**18}> `/ask`"
    assert fit_content(text).endswith("x" * 1955)
    assert len(fit_content(text)) <= 2000


@pytest.mark.simcord(approved_intents=PUBLIC)
async def test_after_the_sync(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    """The ids are those that Discord has given the commands of this application."""
    ids = {command.name: command.id for command in await simcord_env.bot.tree.fetch_commands()}
    said = await alice.slash(channel, "help")
    empty = await alice.slash(channel, "library list")

    assert f"</ask:{ids['ask']}>" in shown(said.response)  # type: ignore[arg-type]
    assert texts.ARTICLE_LIST_EMPTY.replace("`/article add`", f"</article add:{ids['article']}>") in shown(
        empty.response
    )  # type: ignore[arg-type]
    assert isinstance(simcord_env.bot, discord.Client)
