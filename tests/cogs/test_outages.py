"""A database or vector store that is down, frozen or refuses: who asks is told at once, nobody waits, and it heals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import closing

import discord
import pytest
import simcord

from cogs.core.async_store import AsyncStore
from cogs.core.errors import error_message
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from index.catalog.postgres.engine import Timeouts
from index.sqlite_errors import SearchUnreachableError, TooSlowError, UnreachableError
from observability.outages import OUTAGES
from qa.outcome import Outcome
from settings import Settings
from storage.stores import Stores
from tests.cogs.fakes import FakeAnswers
from tests.cogs.locales import heard
from tests.cogs.visible_text import PUBLIC, replies_in
from tests.postgres_server import PostgresDatabase
from tests.stand_in import Asked
from tests.tcp_proxy import TcpProxy, proxy_before

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.fixture(autouse=True)
def _no_outage() -> Iterator[None]:
    """Begin and end without one."""
    yield
    OUTAGES.over()
    OUTAGES.over(SearchUnreachableError)


@pytest.fixture
def proxy(postgres: PostgresDatabase) -> Iterator[TcpProxy]:
    """Return a proxy before the server."""
    with proxy_before(postgres.port) as proxy:
        yield proxy


@pytest.fixture
def store(settings: Settings, postgres: PostgresDatabase, proxy: TcpProxy) -> Iterator[AsyncStore]:
    """Return a store that uses the server by way of the proxy, and gives up after a second."""
    timeouts = Timeouts(connect=2, lock=1.0, statement=1.0, answer=1.0)
    url = postgres.url(port=proxy.port)
    with closing(Stores(settings.data_dir, url, timeouts=timeouts)) as stores, AsyncStore(stores) as store:
        yield store


async def until_over() -> None:
    """Wait until the database is known to answer again."""
    while OUTAGES.reason():  # noqa: ASYNC110 - nobody waits for its end but tests
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("trouble", ["hold", "refuse"])
async def test_jobs_fail_at_once_during_an_outage(
    store: AsyncStore, proxy: TcpProxy, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The first one after its time, all others at once, on every thread; one line says so, and one that it is over."""
    caplog.handler.addFilter(OUTAGES)
    watching = asyncio.create_task(store.watch())
    getattr(proxy, trouble)()
    with pytest.raises(UnreachableError):
        await store.settings(42)
    before = proxy.connections
    for _ in range(200):
        for job in (store.settings(42), store.read(lambda: store.read_only.titles(["shared"]))):
            with pytest.raises(UnreachableError):
                await job
        logging.getLogger("cogs").warning("Something failed: %s", UnreachableError("once more"))
    tried = proxy.connections - before
    proxy.restore()
    await until_over()
    watching.cancel()

    assert not (await store.settings(42)).paused
    assert tried < 100  # by the watch alone, each second, not by any of the 400 jobs
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == 2, said
    assert "cannot be reached" in said[0]
    assert said[1].startswith("The database can be reached again")


async def test_members_are_told_in_their_language(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    proxy: TcpProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Privately, in one sentence, and it works again afterwards."""
    heard(monkeypatch)[alice.id] = "de"
    proxy.refuse()
    told = await alice.slash(channel, "ask", question="who built it?")
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who built it?")
    await asyncio.sleep(1.1)
    shown_as = simcord_env.bot.guilds[0].me.status
    proxy.restore()
    await until_over()
    await simcord_env.settle()
    answered = await alice.slash(channel, "ask", question="who built it?")

    with speaking("de"):
        expected = str(texts.DATA_UNREACHABLE)
    assert [(notice.content, notice.ephemeral) for notice in told.followups] == [(expected, True)]
    assert [reply.content for reply in replies_in(channel, simcord_env)][:1] == [texts.DATA_UNREACHABLE]
    assert (shown_as, simcord_env.bot.guilds[0].me.status) == (discord.Status.dnd, discord.Status.online)
    assert answered.response is not None
    assert not await store.run(lambda: store.database.server_settings.get(1).paused)


def test_one_slow_statement_is_no_outage(caplog: pytest.LogCaptureFixture) -> None:
    """The others go on; who asked for it is told, and it is logged each time."""
    caplog.handler.addFilter(OUTAGES)

    said = [error_message(TooSlowError("The database took too long")) for _ in range(2)]

    assert said == [texts.DATA_UNREACHABLE] * 2
    assert OUTAGES.reason() is None
    assert [record.getMessage() for record in caplog.records] == ["The database took too long"] * 2


def test_the_sentences_are_translated() -> None:
    """In every language they differ from the English ones."""
    found = set()
    for language in LANGUAGES:
        with speaking(language):
            found |= {str(texts.DATA_UNREACHABLE), str(texts.SEARCH_UNREACHABLE), str(texts.FORGOTTEN_ON_SERVER)}
    assert len(found) == 3 * len(LANGUAGES)


class TestSearch:
    """The vector store is down, while the database answers."""

    @pytest.fixture
    def answers(self) -> FakeAnswers:
        """Return answers that cannot search for a question about something down."""

        class Answers(FakeAnswers):
            def outcome(self, asked: Asked) -> Outcome:
                if asked.first_word == "down":
                    raise SearchUnreachableError("http://127.0.0.1:1 cannot be reached")
                return super().outcome(asked)

        return Answers()

    async def test_members_are_told(
        self, channel: simcord.ChannelHandle, alice: simcord.MemberActor, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The sentence is another one; the first answer afterwards ends the outage."""
        told = [await alice.slash(channel, "ask", question="down now?") for _ in range(2)]
        reason = OUTAGES.reason(SearchUnreachableError)
        answered = await alice.slash(channel, "ask", question="who?")

        assert [[notice.content for notice in one.followups] for one in told] == [[texts.SEARCH_UNREACHABLE]] * 2
        assert reason == "http://127.0.0.1:1 cannot be reached"
        assert answered.response is not None
        assert OUTAGES.reason(SearchUnreachableError) is None
        assert [one.levelname for one in caplog.records if "outages" in one.name] == ["ERROR", "WARNING"]
