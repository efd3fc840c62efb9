"""A library that cannot be read: members are told so in their language, and other libraries still answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import simcord

from bot import Application
from cogs.bot import VerbatimBot
from cogs.core.errors import error_message
from cogs.core.worker import Worker
from cogs.services import Resources
from i18n import texts
from i18n.languages import speaking
from index.libraries.library_names import SHARED, own_library
from index.models import Draft, OperatorError
from index.passages.embedder import Embedder
from index.sources.loader import draft_from_text
from index.sqlite_errors import DamagedError
from qa.reading.protocol import Reader, ReadingModels
from settings import Settings
from tests.cogs.visible_text import PUBLIC, shown

FERRY = "When does the ferry leave?"


def draft(text: str, title: str) -> Draft:
    return draft_from_text(text, key=title, source=title, markdown=False, title=title)


@pytest.fixture
def app(
    settings: Settings, worker: Worker, embedder: Embedder, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Application]:
    """Return the application of bot.py, with the session's models."""
    monkeypatch.setattr("index.passages.embedder.load_embedder", lambda _: embedder)
    monkeypatch.setattr("qa.reading.loading.load_models", lambda *_: ReadingModels(reader, reader))
    app = Application(settings.model_copy(update={"articles_dir": settings.data_dir / "none"}))
    yield app
    worker.submit(closing(app).__exit__).result()


@pytest.fixture
def simcord_bot(app: Application, worker: Worker, resources: Resources) -> VerbatimBot:
    """Return the bot with real models."""
    answerer = worker.submit(lambda: app.answerer).result()
    return VerbatimBot(replace(resources, answers=answerer, libraries=lambda: app.libraries))


def damage(data_dir: Path, name: str) -> None:
    """Overwrite the catalogue of a library."""
    folder = data_dir / "libraries" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "catalog.db").write_bytes(b"no database" * 1000)


# Less than the 60 s between runs of background jobs, for which simcord would wait endlessly.
@pytest.mark.simcord(approved_intents=PUBLIC)
@pytest.mark.parametrize("broken", ["shared", "own"])
async def test_the_other_library_answers(
    broken: str, simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor,
    app: Application, worker: Worker, settings: Settings, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Its answers are shown; what it does not cover is not called uncovered, for the damaged library may cover it."""
    names = {"shared": SHARED, "own": own_library(int(simcord_env.guild.id))}
    sound = names["own" if broken == "shared" else "shared"]
    article = draft("The ferry leaves at seven in the morning.", "Ferry")
    await worker.run(lambda: app.library(sound).add(article))
    damage(settings.data_dir, names[broken])

    with caplog.at_level(logging.ERROR):
        asked = await alice.slash(channel, "ask", question=FERRY)
        uncovered = await alice.slash(channel, "ask", question="Who won the 2018 World Cup?")

    assert "The ferry leaves at **seven in the morning**." in shown(asked.response)
    assert [told.content for told in uncovered.followups] == [texts.ARTICLES_UNAVAILABLE]
    assert "catalog.db" in caplog.text
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.simcord(approved_intents=PUBLIC)
async def test_nothing_can_be_read(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor,
    settings: Settings, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Members never see the operator's sentence."""
    for name in (SHARED, own_library(int(simcord_env.guild.id))):
        damage(settings.data_dir, name)
    asked = await boss.slash(channel, "ask", question=FERRY)
    listed = await boss.slash(channel, "library list")

    assert [told.content for told in asked.followups] == [texts.ARTICLES_UNAVAILABLE]
    said = [shown(listed.response), *(told.content for told in listed.followups)]
    assert texts.ARTICLES_UNAVAILABLE in said
    assert "catalog.db" not in "".join(said)
    assert "catalog.db cannot be read" in caplog.text


def test_operators_sentences_are_not_for_members(caplog: pytest.LogCaptureFixture) -> None:
    """In every language members read that the articles cannot be looked at, and the log has the sentence."""
    for error in (DamagedError("catalog.db is damaged"), OperatorError("EMBEDDING_MODEL is now x")):
        with speaking("de"):
            said = error_message(error)
        assert said == "Ich kann gerade nicht in die Artikel sehen. Bitte versuch es später noch einmal."
        assert str(error) in caplog.text


def test_the_bot_starts_with_a_damaged_shared_library(
    app: Application, settings: Settings, worker: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    """The models are loaded, the operator is told, and servers' own libraries can be asked."""
    damage(settings.data_dir, SHARED)
    worker.submit(partial(app.warm_up, needs_shared=False)).result()
    assert "catalog.db cannot be read" in capsys.readouterr().err
