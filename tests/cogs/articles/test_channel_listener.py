"""No message of a channel that is a source is passed over until it is stored or refused for good."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import simcord
from sqlalchemy.exc import OperationalError

from cogs.articles.article_service import ArticleService
from cogs.articles.channels.channel_listener import ChannelListener
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.job_queue import BusyError
from cogs.services import Resources
from i18n import texts
from settings import Settings
from storage.channel_sources import ChannelSource
from tests.cogs.articles.test_discord_sources import HEARING, follow_channel, texts_of
from tests.cogs.articles.test_discord_sources import settings as settings  # noqa: PLC0414 - a fixture
from tests.cogs.articles.test_discord_sources import writer as writer  # noqa: PLC0414 - a fixture

pytestmark = pytest.mark.simcord(approved_intents=HEARING)

FAILURES = [
    BusyError("Too much to do."),
    OSError(28, "No space left on device"),
    OperationalError("INSERT", None, Exception("database or disk is full")),
]


def listener_of(env: simcord.Env) -> ChannelListener:
    """Return the running bot's listener."""
    listener = env.bot.get_cog("ChannelListener")
    assert isinstance(listener, ChannelListener)
    return listener


class Failing:
    """A method that fails while `error` is set."""

    def __init__(self, method: Callable[..., Awaitable[Any]], error: BaseException | None) -> None:
        self.method = method
        self.error = error
        self.only = ""

    def patched(self) -> Callable[..., Awaitable[Any]]:
        """Return the function to put in the method's place."""

        async def call(*arguments: Any, **more: Any) -> Any:
            if self.error is not None and (not self.only or self.only in str(arguments)):
                raise self.error
            return await self.method(*arguments, **more)

        return call


@pytest.fixture
def adding(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Return the failure of storing an article; none yet."""
    failing = Failing(ArticleService.add, None)
    monkeypatch.setattr(ArticleService, "add", failing.patched())
    return failing


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
async def test_a_message_that_failed_is_stored_later(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
    adding: Failing,
    error: Exception,
) -> None:
    """A later message that could be stored does not make the bot forget the one before it."""
    await follow_channel(boss, channel)
    adding.error = error
    await writer.send(channel, "The ferry leaves at seven.")
    adding.error = None
    await writer.send(channel, "Dogs travel free.")
    await listener_of(simcord_env).run_once()

    state = listener_of(simcord_env).get(channel.id)
    assert await texts_of(store, simcord_env) == ["The ferry leaves at seven.", "Dogs travel free."]
    assert state is not None
    assert state.trouble == ""


async def test_after_a_restart_the_failed_message_is_stored(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
    adding: Failing,
) -> None:
    """What discord.db says is enough to find it: the bot may be killed after the failure."""
    await follow_channel(boss, channel)
    await writer.send(channel, "Cats pay half.")
    adding.error = BusyError("Too much to do.")
    await writer.send(channel, "The ferry leaves at seven.")
    await writer.send(channel, "Dogs travel free.")
    adding.error = None
    await simcord_env.restart_bot(VerbatimBot(resources))
    await simcord_env.settle()

    expected = ["Cats pay half.", "The ferry leaves at seven.", "Dogs travel free."]
    assert await texts_of(store, simcord_env) == expected


async def test_more_messages_than_are_compared(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every message written while the bot was away is read, however many there are."""
    await follow_channel(boss, channel)
    written = [f"The ferry leaves at {hour}." for hour in ("six", "seven", "eight", "nine")]
    await writer.send(channel, written[0])
    await simcord_env.bot.remove_cog("ChannelListener")
    for text in written[1:]:
        await writer.send(channel, text)
    monkeypatch.setattr("cogs.articles.channels.channel_sync.MAX_HISTORY", 1)
    await simcord_env.restart_bot(VerbatimBot(resources))
    await simcord_env.settle()

    assert await texts_of(store, simcord_env) == written


@pytest.mark.parametrize("before", [[], ["Cats pay half."]], ids=["empty", "one that could not be stored"])
async def test_a_new_source_from_which_nothing_was_stored(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
    adding: Failing,
    monkeypatch: pytest.MonkeyPatch,
    before: list[str],
) -> None:
    """Its messages are those from when it became a source on, not the newest ones of a later attempt."""
    for text in before:
        await writer.send(channel, text)
    adding.error = BusyError("Too much to do.")
    await follow_channel(boss, channel)
    adding.error = None
    await simcord_env.bot.remove_cog("ChannelListener")
    written = [f"The ferry leaves at {hour}." for hour in ("seven", "eight", "nine")]
    for text in written:
        await writer.send(channel, text)
    monkeypatch.setattr("cogs.articles.channels.channel_sync.MAX_HISTORY", 1)
    await simcord_env.restart_bot(VerbatimBot(resources))
    await simcord_env.settle()

    assert await texts_of(store, simcord_env) == [*before, *written]


async def test_a_message_before_the_bot_is_ready_waits(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a new connection, it is not stored before those that were written while there was none."""
    await follow_channel(boss, channel)
    listener = listener_of(simcord_env)
    with monkeypatch.context() as patch:
        patch.setattr(listener, "_active", lambda _: None)  # Discord does not send this one
        await writer.send(channel, "The ferry leaves at seven.")
    await listener.on_shard_connect(0)
    await writer.send(channel, "Dogs travel free.")
    waiting = await texts_of(store, simcord_env)
    await listener.run_once()

    assert waiting == []
    assert await texts_of(store, simcord_env) == ["The ferry leaves at seven.", "Dogs travel free."]


async def test_a_deletion_that_failed_is_repeated(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The article of a deleted message goes, after a restart too, even if newer messages hide it."""
    await follow_channel(boss, channel)
    first = await writer.send(channel, "The ferry leaves at seven.")
    await writer.send(channel, "Dogs travel free.")
    failing = Failing(ArticleService.run_in_steps, BusyError("Too much to do."))
    with monkeypatch.context() as patch:
        patch.setattr(ArticleService, "run_in_steps", failing.patched())
        await writer.delete(first)
    before = await texts_of(store, simcord_env)
    monkeypatch.setattr("cogs.articles.channels.channel_sync.MAX_HISTORY", 1)
    await simcord_env.restart_bot(VerbatimBot(resources))
    await simcord_env.settle()

    assert len(before) == 2
    assert await texts_of(store, simcord_env) == ["Dogs travel free."]
    assert await store.run(store.database.channel_sources.pending) == {}


async def test_a_message_that_breaks_the_program_holds_up_no_other(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
    adding: Failing,
) -> None:
    """It is pending, and is tried again with every catching up; messages after it are stored."""
    await follow_channel(boss, channel)
    adding.error, adding.only = ZeroDivisionError(), "seven"
    await writer.send(channel, "The ferry leaves at seven.")
    await writer.send(channel, "Dogs travel free.")
    before = await texts_of(store, simcord_env)
    await listener_of(simcord_env).catch_up(channel.id)
    pending = await store.run(store.database.channel_sources.pending)
    adding.error = None
    await listener_of(simcord_env).catch_up(channel.id)

    assert before == ["Dogs travel free."]
    assert [list(messages.values()) for messages in pending.values()] == [[True]]
    assert await texts_of(store, simcord_env) == ["Dogs travel free.", "The ferry leaves at seven."]
    assert await store.run(store.database.channel_sources.pending) == {}


async def test_catching_up_survives_a_busy_database(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With many channels discord.db is busy; each channel is then read by the next run, and none ends with an error."""
    await follow_channel(boss, channel)
    await writer.send(channel, "The ferry leaves at seven.")
    listener = listener_of(simcord_env)
    for number in range(100):
        source = ChannelSource(channel.id + 1 + number, simcord_env.guild.id, None, running=True)
        await listener.save(source)
    failing = Failing(AsyncStore.run, BusyError("Too much to do."))
    with monkeypatch.context() as patch:
        patch.setattr(AsyncStore, "run", failing.patched())
        await listener.on_shard_ready(0)
        await listener.run_once()
        await writer.send(channel, "Dogs travel free.")
    await listener.run_once()

    assert await texts_of(store, simcord_env) == ["The ferry leaves at seven.", "Dogs travel free."]


class TestFull:
    """A server that may store one article."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Allow one article."""
        return settings.model_copy(update={"server_articles": 1})

    async def test_messages_wait_for_room(
        self,
        simcord_env: simcord.Env,
        channel: simcord.ChannelHandle,
        boss: simcord.MemberActor,
        writer: simcord.MemberActor,
        store: AsyncStore,
    ) -> None:
        """A message that found no room is stored when there is some."""
        await follow_channel(boss, channel)
        await writer.send(channel, "The ferry leaves at seven.")
        await writer.send(channel, "Dogs travel free.")
        asked = await boss.slash(channel, "article remove", article="The ferry leaves at seven.")
        await boss.click(asked.response, label=texts.ARTICLE_REMOVE_BUTTON)
        await listener_of(simcord_env).run_once()

        assert await texts_of(store, simcord_env) == ["Dogs travel free."]
