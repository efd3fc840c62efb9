"""From the bot's first message to the first answer from an own article: the walk of docs/walk.md, press by press."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot import Application
from cogs.bot import VerbatimBot
from cogs.core.worker import Worker
from cogs.services import Resources
from i18n import texts
from settings import Settings
from tests.cogs.reader import read_quotes
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

ROOT = Path(__file__).resolve().parents[3]
WALK = (ROOT / "docs" / "walk.md").read_text(encoding="utf-8")
MOST_PRESSES = 6
ARTICLE = (
    "Rules of the Copper Keep server\n\n"
    "The server restarts every morning at six o'clock.\n\n"
    "Griefing is punished with a ban of two weeks. Whoever does it again is banned for ever."
)
QUESTION = "What is the punishment for griefing?"
ANSWER = "Griefing is punished with a ban of two weeks."

# Less than the 60 s between runs of background jobs, for which simcord would wait endlessly.
pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


class Presses:
    """A member who presses buttons, and counts: each button, and each *Submit* of a form."""

    def __init__(self, member: simcord.MemberActor) -> None:
        self.member = member
        self.labels: list[str] = []

    async def press(self, message: Any, label: str) -> simcord.InteractionResult:
        """Press a button."""
        assert label in buttons_of(message)
        self.labels.append(label)
        return await self.member.click(message, label=label)

    async def submit(self, form: simcord.InteractionResult, **values: Any) -> simcord.InteractionResult:
        """Submit a form."""
        self.labels.append("Submit")
        return await self.member.submit_modal(form, values)


@pytest.fixture
def simcord_bot(settings: Settings, worker: Worker, resources: Resources) -> Iterator[VerbatimBot]:
    """Return the bot with real models and the sample articles."""
    app = Application(settings.model_copy(update={"articles_dir": ROOT / "articles"}))
    answerer = worker.submit(app.warm_up).result()
    yield VerbatimBot(replace(resources, answers=answerer, libraries=lambda: app.libraries))
    worker.submit(closing(app).__exit__).result()


async def joined(env: simcord.Env, channel: simcord.ChannelHandle) -> Any:
    """Let the bot join the server, and return its first message."""
    env.bot.dispatch("guild_join", env.bot.get_guild(env.guild.id))
    await env.settle()
    (message,) = replies_in(channel, env)
    assert texts.WELCOME in shown(message)
    return message


async def test_quick_walk(simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """Five presses lead from the welcome message to an answer out of the first own article, as docs/walk.md says."""
    presses = Presses(boss)
    welcome = await joined(simcord_env, channel)

    form = await presses.press(welcome, texts.WELCOME_ADD)
    preview = await presses.submit(form, text=ARTICLE)
    assert texts.ARTICLE_PREVIEW in shown(preview.response)
    added = await presses.press(preview.response, texts.ARTICLE_ADD_BUTTON)
    assert "Rules of the Copper Keep server" in shown(added.response)
    form = await presses.press(added.response, texts.TRIAL_BUTTON)
    answered = await presses.submit(form, question=QUESTION)

    assert answered.response.ephemeral
    assert read_quotes(shown(answered.response))[0].text.startswith(ANSWER)
    assert presses.labels == steps_of("quick")
    assert len(presses.labels) == 5 < MOST_PRESSES
    assert replies_in(channel, simcord_env) == [welcome]


async def test_walk_through_set_up(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor
) -> None:
    """Whoever reads every page of the set-up gets to the same answer; the article may come from a file."""
    presses = Presses(boss)
    page = (await presses.press(await joined(simcord_env, channel), texts.WELCOME_SETUP)).response
    for heading in texts.WIZARD_PAGES[1:]:
        page = (await presses.press(page, texts.NEXT_BUTTON)).response
        assert heading in shown(page)

    form = await presses.press(page, texts.WELCOME_ADD)
    preview = await presses.submit(form, file=[("rules.txt", ARTICLE.encode())])
    added = await presses.press(preview.response, texts.ARTICLE_ADD_BUTTON)
    form = await presses.press(added.response, texts.TRIAL_BUTTON)
    answered = await presses.submit(form, question=QUESTION)

    assert read_quotes(shown(answered.response))[0].text.startswith(ANSWER)
    assert presses.labels == steps_of("set-up")


def steps_of(walk: str) -> list[str]:
    """Return what docs/walk.md says is pressed in one of its walks, step by step."""
    (section,) = re.findall(rf"(?ms)^## [^\n]*\b{walk}\b[^\n]*\n(.*?)(?=^## |\Z)", WALK)
    return re.findall(r"^\d+\. \*\*(.+?)\*\*", section, re.MULTILINE)
