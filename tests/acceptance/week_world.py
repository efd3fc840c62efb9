"""The servers of a simulated week, and what their members do."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Hashable
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

from pydantic import SecretStr

from cogs.admin.retention_job import RetentionJob
from cogs.answers.controls import answer_controls
from cogs.articles.draft_kinds import PREVIEWS, Preview
from cogs.articles.drafts import Owner, PendingStore
from cogs.articles.refresh_job import RefreshJob
from cogs.ask.ask_service import AskService
from cogs.core.async_store import AsyncStore
from cogs.core.visibility import Visibility
from cogs.core.worker import Worker
from cogs.messaging.accepted import AcceptedQuestions
from cogs.messaging.in_flight import InFlight
from cogs.messaging.message_reply import MessageReplies
from cogs.services import Inquiry, Resources, Services
from cogs.ui.layout import MessageBody
from index.libraries.library import Library
from index.libraries.library_names import own_library
from index.libraries.registry import Libraries
from index.models import Draft, UserError
from index.sources.http.client import Fetcher
from index.sources.loader import draft_from_text
from observability.request_ids import request
from qa.answerer import Answerer, Thresholds
from qa.reading.protocol import ReadingModels
from qa.reading.span_reader import SentenceReader
from settings import Settings
from storage.models import RateLimit
from storage.rate_limits import RateLimiter
from tests.small_embedder import SmallEmbedder

_WORDS = (
    "harbour lantern rule moderator channel ticket refund keeper storm ferry glacier orchard engine library lighthouse "
    "council permit voice warning appeal member launch patch signal anchor market bridge garden museum winter"
).split()
_BUSY_SERVERS = 20
_BUSY_SHARE = 0.97  # of the questions; the others are asked on any server
_MEMBERS = 30  # of each server
_ARTICLES = 3  # of each server


class QuickEmbedder(SmallEmbedder):
    """The small embedder, with the vectors of words that it met last."""

    def __init__(self) -> None:
        """Start without vectors."""
        super().__init__()
        self.query = lru_cache(maxsize=2048)(super().query)  # type: ignore[method-assign]


class SentReply:
    """A reply that only counts; it stands for Discord."""

    _ids = itertools.count(1)

    def __init__(self, channel_id: int) -> None:
        """Reply in a channel."""
        self.channel_id = channel_id

    async def show(self, body: MessageBody, *, brief: bool = False) -> int:
        """Return the id of a new message."""
        body.send_kwargs["view"].to_components()
        return next(self._ids)

    async def notice(self, text: str) -> None:
        """Fail: no question of the week is refused."""
        raise AssertionError(text)


class World:
    """Servers whose members ask, and whose articles change, through the bot's own services."""

    def __init__(self, folder: Path, servers: int, rng: random.Random) -> None:
        """Open the services of a bot on a data folder."""
        self.servers = [(number + 1) << 22 for number in range(servers)]
        self._rng = rng
        settings = Settings(data_dir=folder, discord_token=SecretStr("not.a.token"))
        embedder = QuickEmbedder()
        self.libraries = Libraries(folder, lambda: embedder)
        models = ReadingModels(SentenceReader(embedder))
        answerer = Answerer(self.libraries, lambda: embedder, lambda: models, Thresholds(0.4, 0.1), folder)
        self.worker, self.fetching, self.store = Worker(), Worker(), AsyncStore(folder)
        libraries: Callable[[], Libraries] = lambda: self.libraries  # noqa: E731
        resources = Resources(settings, self.worker, self.fetching, libraries, Fetcher(), answerer, self.store)
        guilds = [SimpleNamespace(id=server) for server in self.servers]
        bot: Any = SimpleNamespace(  # no article comes from a channel
            guilds=guilds, get_guild=lambda _: None, knows_whether_in=lambda _: True, holds=lambda _: True, leads=True
        )
        visibility = Visibility(bot, self.store)
        replies = MessageReplies()
        self.ask_service = AskService(resources, answer_controls, visibility, replies.question_locks)
        _never_limit(self.ask_service._limits._limiter)
        accepted = AcceptedQuestions(self.store, "not.a.token", "week")
        self.services = Services(resources, self.ask_service, InFlight(), replies, visibility, accepted)
        self.refresh_job, self.retention_job = RefreshJob(bot, self.services), RetentionJob(bot, self.services)
        self.previews: PendingStore[Preview] = PendingStore(self.store, PREVIEWS)
        self.questions = self.changes = self.evictions = 0
        self._close = Library.close

    def __enter__(self) -> Self:
        """Count the libraries that are closed."""
        world, close = self, self._close

        def counted(self: Library, *, sync: bool = True) -> None:
            world.evictions += not sync
            close(self, sync=sync)

        Library.close = counted  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything."""
        Library.close = self._close  # type: ignore[method-assign]
        self.worker.submit(self.libraries.close).result()
        for part in (self.worker, self.fetching, self.store):
            part.close()

    async def populate(self) -> None:
        """Give each server its articles, so that changes replace them and what is stored does not grow."""
        for server in self.servers:
            for number in range(_ARTICLES):
                await self._add(server, number)

    async def hour(self, questions: int, changes: int) -> None:
        """Ask and change as often as in an hour."""
        actions = [self.ask] * questions + [self.change] * changes
        self._rng.shuffle(actions)
        for action in actions:
            await action()

    async def ask(self) -> None:
        """Ask on a busy server, or anywhere."""
        rng = self._rng
        server = rng.choice(self.servers[:_BUSY_SERVERS] if rng.random() < _BUSY_SHARE else self.servers)
        await self.ask_in(server, server + rng.randrange(_MEMBERS))

    async def ask_in(self, server: int, member: int) -> None:
        """Ask on a server."""
        rng = self._rng
        words, channel = " ".join(rng.sample(_WORDS, 2)), server + rng.randrange(10)
        inquiry = Inquiry(
            f"Where is the {words} of day {rng.randrange(10_000)}?",
            member,
            channel,
            server,
            question_id=self.questions,
            one_conversation=rng.random() < 0.1,
        )
        with request():  # as for each event of Discord
            await self.ask_service.answer(inquiry, SentReply(channel))
        self.questions += 1

    async def change(self) -> None:
        """Replace an article, or preview one that is never added."""
        server = self._rng.choice(self.servers)
        await self._add(server, self._rng.randrange(_ARTICLES))
        await self.previews.put(Preview(self._draft(server, 99)), Owner(server, server))
        self.changes += 1

    async def daily_jobs(self) -> None:
        """Refresh what is due, expire what is old, in answers and in the histories of all libraries."""
        await self.refresh_job.run_once()
        await self.retention_job.expire()
        await self.retention_job.delete_texts()

    async def _add(self, server: int, number: int) -> None:
        draft = self._draft(server, number)

        def steps() -> Any:
            return self.libraries.open(own_library(server)).add_in_steps(draft, "1")

        library_steps = await self.worker.run(steps)
        try:
            await self.worker.run_in_steps(library_steps)
        except UserError as error:
            raise AssertionError(str(error)) from error

    def _draft(self, server: int, number: int) -> Draft:
        rng = self._rng
        lines = [
            f"The {' '.join(rng.choices(_WORDS, k=6))} of {server} is number {rng.randrange(10**6)}." for _ in range(8)
        ]
        title = f"Article {number}"
        return draft_from_text("\n\n".join(lines), key=f"key-{number}", source=f"source-{number}", title=title)


def _never_limit(limits: RateLimiter) -> None:
    """Let no question be refused, as an hour passes at once; counting and forgetting go on."""
    wait = limits.wait

    def unlimited(key: Hashable, quota: RateLimit) -> float:
        wait(key, quota)
        return 0.0

    limits.wait = unlimited  # type: ignore[method-assign]
