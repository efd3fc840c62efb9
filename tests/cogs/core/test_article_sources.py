"""Promises about the shipped sample: a server with an article of its own neither finds nor lists it."""

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
from i18n import texts
from index.catalog.columns import text_digest
from index.libraries.library_names import SHARED, own_library
from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.sample_texts import SAMPLE_TEXTS
from index.models import Draft
from index.sources.loader import draft_from_text, drafts
from settings import Settings
from tests.cogs.stored_articles import stock
from tests.cogs.visible_text import PUBLIC, shown

SAMPLE = Path(__file__).resolve().parents[3] / "articles"
ABOUT_SAMPLE = "Who is Han Song-il?"
OWN = "The castle on Ash Island can be stormed once every evening, from the western gate."
ABOUT_OWN = "How often can the castle be stormed?"


def test_the_files_of_the_sample_are_known() -> None:
    """Whoever changes a file, or how it is read, adds its new text and keeps the old one."""
    assert {text_digest(item.text) for item in drafts(str(SAMPLE)) if isinstance(item, Draft)} <= set(SAMPLE_TEXTS)


def test_only_the_sample_is_one(tmp_path: Path) -> None:
    """An operator's own shared article is none, under whatever name; a sample that was renamed still is."""
    item = next(item for item in drafts(str(SAMPLE)) if isinstance(item, Draft))
    sample = stock(tmp_path, item.text, title="Another title", key="copy")
    own = stock(tmp_path, OWN, title=item.title, key="own")
    with closing(ReadOnlyLibraries(tmp_path)) as catalogues:
        assert catalogues.sample_ids(SHARED) == {sample}
        assert own not in catalogues.sample_ids(SHARED)
        assert catalogues.sample_ids("guild-1") == frozenset()
        assert [catalogues.has_articles(name) for name in (SHARED, "guild-1")] == [True, False]


@pytest.fixture
def app(settings: Settings, worker: Worker) -> Iterator[Application]:
    """Return real models and libraries, with the sample."""
    app = Application(settings.model_copy(update={"articles_dir": SAMPLE}))
    worker.submit(app.warm_up).result()
    yield app
    worker.submit(closing(app).__exit__).result()


@pytest.fixture
def simcord_bot(app: Application, resources: Resources) -> VerbatimBot:
    """Return the bot with real models and the sample."""
    return VerbatimBot(replace(resources, answers=app.answerer, libraries=lambda: app.libraries))


# Less than the 60 s between runs of background jobs, for which simcord would wait endlessly.
@pytest.mark.simcord(approved_intents=PUBLIC)
async def test_a_server_with_an_article_of_its_own_hears_nothing_of_the_sample(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    app: Application,
    worker: Worker,
) -> None:
    """Neither in answers nor in choices nor as a source, until its last article is removed; direct messages keep it."""
    library = app.libraries.open(own_library(simcord_env.guild.id))

    async def ask(question: str) -> str:
        return shown((await alice.slash(channel, "ask", question=question)).response)

    async def titles() -> list[str]:
        return [str(choice["name"]) for choice in await alice.autocomplete(channel, "ask", "article", "")]

    assert "Han Song-il" in await ask(ABOUT_SAMPLE)
    before = await titles()
    assert len(before) == 4

    draft = draft_from_text(OWN, key="castle", source="castle.md", markdown=True, title="The castle")
    own = worker.submit(lambda: library.add(draft)).result()

    assert "western gate" in await ask(ABOUT_OWN)
    assert "North Korea" not in await ask(ABOUT_SAMPLE)
    assert await titles() == ["The castle"]
    message = await alice.send(channel, "Han Song-il is one of them.")
    found = await alice.context_menu(channel, texts.FIND_SOURCE, message)
    assert "North Korea" not in shown(found.response)
    await alice.send_dm(ABOUT_SAMPLE)
    assert "Han Song-il" in shown(alice.user.dm_channel.history()[-1])

    worker.submit(lambda: library.remove(own.article_id)).result()

    assert await titles() == before
    assert "Han Song-il" in await ask(ABOUT_SAMPLE)
    assert simcord_env.errors == []
