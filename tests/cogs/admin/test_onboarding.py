"""The welcome message, `/help` and `/about`: each role reads what concerns it."""

from __future__ import annotations

from pathlib import Path

import discord
import pytest
import simcord

from cogs.admin.about import PERMISSIONS, About
from cogs.articles.article_service import ArticleService
from cogs.bot import VerbatimBot
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from index.sources.loader import draft_from_text
from storage.backups.archive import own_version
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

SILENT = discord.PermissionOverwrite(send_messages=False)


async def join(env: simcord.Env, guild: simcord.GuildHandle) -> None:
    """Let the bot join a server."""
    await env.settle()
    env.bot.dispatch("guild_join", env.bot.get_guild(guild.id))
    await env.settle()


async def test_first_message(simcord_env: simcord.Env) -> None:
    """In a new server the welcome message goes to the first channel where the bot may write, with two buttons."""
    guild = simcord_env.create_guild()
    await simcord_env.settle()
    closed = guild.create_text_channel("closed", overwrites={simcord_env.bot.user: SILENT})
    opened = guild.create_text_channel("open")

    await join(simcord_env, guild)

    (message,) = replies_in(opened, simcord_env)
    assert shown(message) == texts.WELCOME
    assert buttons_of(message) == [texts.WELCOME_ADD, texts.WELCOME_SETUP]
    assert replies_in(closed, simcord_env) == []


async def test_refused_in_the_first_channel(channel: simcord.ChannelHandle, simcord_env: simcord.Env) -> None:
    """If Discord refuses the message in one channel, the next one gets it."""
    other = simcord_env.guild.create_text_channel("other")
    simcord_env.inject_error("POST", f"/channels/{channel.id}/messages", status=403, code=50013)

    await join(simcord_env, simcord_env.guild)

    assert replies_in(channel, simcord_env) == []
    assert [shown(message) for message in replies_in(other, simcord_env)] == [texts.WELCOME]


async def test_nowhere_to_write(simcord_env: simcord.Env) -> None:
    """Where the bot may write in no channel, the owner gets a direct message that says what to allow."""
    owner = simcord_env.create_user("owner")
    guild = simcord_env.create_guild("Copper *Keep*", owner=owner)
    await simcord_env.settle()
    guild.create_text_channel("closed", overwrites={simcord_env.bot.user: SILENT})

    await join(simcord_env, guild)

    (message,) = replies_in(owner.dm_channel, simcord_env)
    assert message.content == texts.WELCOME_DIRECT.format(server=r"Copper \*Keep\*")


async def test_everything_is_refused(
    channel: simcord.ChannelHandle, simcord_env: simcord.Env, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure to send the welcome message anywhere is logged and has no other effect."""
    for _ in range(2):
        simcord_env.inject_error("POST", "/channels/*/messages", status=403, code=50007)

    await join(simcord_env, simcord_env.guild)

    assert "could not be sent" in caplog.text


@pytest.mark.parametrize("label", [texts.WELCOME_ADD, texts.WELCOME_SETUP])
async def test_buttons_of_the_first_message(
    channel: simcord.ChannelHandle,
    simcord_env: simcord.Env,
    boss: simcord.MemberActor,
    mod: simcord.MemberActor,
    alice: simcord.MemberActor,
    label: str,
) -> None:
    """They work for those who manage the server; everyone else is told privately that they may not."""
    await join(simcord_env, simcord_env.guild)
    (message,) = replies_in(channel, simcord_env)

    for member in (alice, mod):
        pressed = await member.click(message, label=label)
        assert pressed.response.ephemeral
        assert pressed.response.content == texts.NOT_ALLOWED
    pressed = await boss.click(message, label=label)

    if label == texts.WELCOME_ADD:
        assert pressed.modal is not None
    else:
        assert pressed.response.ephemeral
        assert texts.WIZARD_PAGES[0] in shown(pressed.response)
    assert replies_in(channel, simcord_env) == [message]


async def test_first_message_after_a_restart(
    channel: simcord.ChannelHandle, simcord_env: simcord.Env, boss: simcord.MemberActor, simcord_bot: VerbatimBot
) -> None:
    """The buttons of a welcome message work after any number of restarts: all they need is in their ids."""
    await join(simcord_env, simcord_env.guild)
    (message,) = replies_in(channel, simcord_env)
    ids = [item.custom_id for row in message.components if row.type.value == 1 for item in row.children]

    assert ids == ["verbatim:welcome-add:0:0", "verbatim:welcome-setup:0:0"]


async def test_help(channel: simcord.ChannelHandle, alice: simcord.MemberActor, boss: simcord.MemberActor) -> None:
    """/help explains privately how to ask; who manages the server also reads the commands for that."""
    member, manager = [await who.slash(channel, "help") for who in (alice, boss)]
    own = [texts.HELP_MODERATORS, texts.HELP_EDITORS, texts.HELP_MANAGERS]

    for result in (member, manager):
        assert result.response.ephemeral
        assert "`/ask`" in shown(result.response)
        assert "90 days" in shown(result.response)
    assert [text in shown(member.response) for text in own] == [False] * 3
    assert [text in shown(manager.response) for text in own] == [True] * 3


@pytest.mark.parametrize("page", [None, "https://example.org/bot"])
async def test_about(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    article_service: ArticleService,
    simcord_bot: VerbatimBot,
    page: str | None,
) -> None:
    """/about says privately which version it is, how many articles there are, and how to invite the bot."""
    own = draft_from_text("It opens at nine.", key="a", source="a", title="A")
    await article_service.add(simcord_env.guild.id, own)
    about = simcord_bot.get_cog("About")
    assert isinstance(about, About)
    about._project_url = page

    result = await alice.slash(channel, "about")
    read = shown(result.response)

    assert result.response.ephemeral
    assert own_version() in read
    assert "ask about here:** 1\n" in read
    assert f"client_id={simcord_bot.application_id}&scope=bot+applications.commands&permissions=" in read
    assert (texts.ABOUT_PROJECT in read) is (page is not None)
    assert (str(page) in read) is (page is not None)


def test_readme_has_the_same_invitation() -> None:
    """The permissions of the invitation in README are those of `/about`."""
    readme = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")

    assert f"&permissions={PERMISSIONS.value}\n" in readme


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_called_by_their_names(language: str) -> None:
    """Where a text names a button or an entry of a menu, it has its label, in every language."""
    with speaking(language):
        named = {
            texts.WELCOME: (texts.WELCOME_ADD, texts.WELCOME_SETUP),
            texts.HELP: (texts.ANSWER_THIS, texts.FIND_SOURCE),
            texts.HELP_EDITORS: (texts.SAVE_AS_ARTICLE,),
            texts.WIZARD_HINTS["helpers"]: (texts.HUMAN_BUTTON,),
            texts.WIZARD_HINTS["helpers_channel"]: (texts.HUMAN_BUTTON,),
        }
        missing = [label for text, labels in named.items() for label in labels if f"*{label}*" not in text]

    assert missing == []
