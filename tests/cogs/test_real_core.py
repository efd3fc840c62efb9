"""The bot with real models, as bot.py sets it up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import simcord

from bot import Application
from cogs.bot import VerbatimBot
from cogs.core.worker import Worker
from cogs.services import Resources
from settings import Settings
from tests.cogs.reader import read_quotes
from tests.cogs.visible_text import PUBLIC, replies_in, shown

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def simcord_bot(settings: Settings, worker: Worker, resources: Resources) -> Iterator[VerbatimBot]:
    """Return the bot with real models and the sample articles."""
    app = Application(settings.model_copy(update={"articles_dir": ROOT / "articles"}))
    answerer = worker.submit(app.warm_up).result()
    yield VerbatimBot(replace(resources, answers=answerer, libraries=lambda: app.libraries))
    worker.submit(closing(app).__exit__).result()


# Less than the 60 s between runs of background jobs, for which simcord would wait endlessly.
@pytest.mark.simcord(approved_intents=PUBLIC)
async def test_quotes_are_letters_of_the_articles(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    """Quotes are read exactly as in an article; off-topic questions are not answered."""
    asked = await alice.slash(channel, "ask", question="Who is Han Song-il?")
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> What causes the tides?")
    off_topic = await alice.slash(channel, "ask", question="Who won the 2018 World Cup?")

    articles = [path.read_text(encoding="utf-8") for path in (ROOT / "articles").iterdir()]
    (mentioned,) = (message for message in replies_in(channel, simcord_env) if message.reference)
    for text in (shown(asked.response), shown(mentioned)):
        (first, *_) = read_quotes(text)
        assert any(first.text in article for article in articles)
    assert "Han Song-il" in read_quotes(shown(asked.response))[0].text
    assert "Answer," not in shown(off_topic.response)
