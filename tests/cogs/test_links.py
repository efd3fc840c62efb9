"""A link of a web page, from adding the page over the command line's answer to the message on Discord."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator

import pytest
import simcord

from cogs.core.async_store import AsyncStore
from cogs.core.worker import Worker
from index.libraries.registry import Libraries
from index.passages.embedder import Embedder
from qa.answerer import Answerer, Thresholds
from qa.reading.protocol import Reader, ReadingModels
from settings import Settings
from storage.models import ServerSettings
from tests.cogs.visible_text import PUBLIC, shown
from tests.conftest import Run
from tests.index.site import Site

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

FETCHING = {"FETCH_PRIVATE_ADDRESSES": "true", "FETCH_DELAY": "0"}
QUESTION = "Which boats need a permit?"
SENTENCE = "Boats longer than nine metres need a permit from the harbour office."
PAGE = (
    "<p>Skarholm is an island with a harbour that everyone may use in summer.</p>"
    '<p>Boats longer than nine metres need <a href="/{}">a permit from the harbour office</a>.</p>'
    "<p>The lighthouse of the island is red and was built long ago by a sea captain.</p>"
)


@pytest.fixture
def libraries(settings: Settings, worker: Worker, embedder: Embedder) -> Iterator[Libraries]:
    """Return the libraries of the data folder, with the models of the session."""
    libraries = Libraries(settings.data_dir, lambda: embedder)
    yield libraries
    worker.submit(libraries.close).result()


@pytest.fixture
def answers(libraries: Libraries, embedder: Embedder, reader: Reader) -> Answerer:
    """Return the real answerer; whatever it quotes is an answer."""
    return Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.002, 0.001))


async def test_a_link_comes_with_its_quote(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    settings: Settings,
    site: Site,
    simcord_env: simcord.Env,
    command_line: Callable[..., Run],
) -> None:
    """`ask --json` has words and address, and both layouts show the address under the quote; a new one replaces it."""

    def run(*arguments: str) -> str:
        done = command_line("--data-dir", settings.data_dir, *arguments, **FETCHING)
        assert done.status == 0, done.err
        return done.out

    for path in ("permit", "permits"):
        site.page("/apply", PAGE.format(path))
        await asyncio.to_thread(run, "add", f"{site.url}/apply")
        (row,) = [json.loads(line) for line in (await asyncio.to_thread(run, "articles", "--json")).splitlines()]
        text = await asyncio.to_thread(run, "show", str(row["id"]))
        quote = json.loads(await asyncio.to_thread(run, "ask", "--json", QUESTION))["quotes"][0]

        assert row["id"] == 1
        assert quote["text"] == SENTENCE
        assert [[text[start:end], address] for start, end, address in quote["links"]] == [
            ["a permit from the harbour office", f"{site.url}/{path}"]
        ]
        plain = await asyncio.to_thread(run, "ask", QUESTION)
        assert f"> {SENTENCE}\n  {site.url}/{path}\n" in plain
        for settings_of_server in (ServerSettings(plain=False), ServerSettings(plain=True)):
            await store.change_settings(simcord_env.guild.id, lambda _, new=settings_of_server: new)
            answer = await alice.slash(channel, "ask", question=QUESTION)
            assert f"\n-# 🔗 <{site.url}/{path}>\n-# **" in shown(answer.response)
