"""The bot's services on a data folder of many libraries, without Discord, and a probe of their threads."""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, Self

from benchmarks.library_world import APPLICATION, BUSY_MEMBER, World
from cogs.admin.contributor_index import ContributorIndex
from cogs.admin.digest_job import DigestJob
from cogs.admin.pause_job import PauseJob
from cogs.admin.retention_job import RetentionJob
from cogs.answers.controls import answer_controls
from cogs.answers.stale_marker import StaleMarker
from cogs.articles.passage_update_job import PassageUpdateJob
from cogs.articles.refresh_job import RefreshJob
from cogs.ask.ask_service import AskService
from cogs.core.async_store import AsyncStore
from cogs.core.visibility import Visibility
from cogs.core.worker import Worker
from cogs.messaging.accepted import AcceptedQuestions
from cogs.messaging.in_flight import InFlight
from cogs.messaging.message_reply import MessageReplies
from cogs.monitoring.catalogue_counts import CatalogueCounts
from cogs.services import Inquiry, Resources, Services
from cogs.ui.layout import MessageBody
from index.libraries.registry import Libraries
from index.passages.embedder import Embedder
from index.sources.http.client import Fetcher
from qa.answerer import Answerer, Thresholds
from qa.reading.loading import load_models
from storage.backups.rotation import delete_old_copies

_SETTINGS: Final[dict[str, float]] = {  # the defaults of those that are used here
    "second_quote_confidence": 0.3,
    "conversation_minutes": 30,
    "busy_seconds": 10,
    "question_days": 90,
    "refresh_hours": 24,
    "refresh_change_limit": 0.3,
    "refresh_grace_days": 7,
    "history_days": 30,
    "server_articles": 2000,
    "server_characters": 20_000_000,
}
_TICK: Final = 0.005  # seconds between two measurements of the event loop


class _Reply:
    """A reply that stands for Discord."""

    _ids = itertools.count(1 << 40)

    def __init__(self, channel_id: int) -> None:
        self.channel_id = channel_id

    async def show(self, body: MessageBody, *, brief: bool = False) -> int:  # noqa: ARG002 - of the protocol
        body.send_kwargs["view"].to_components()
        return next(self._ids)

    def further(self) -> _Reply:
        return self

    async def show_privately(self, body: MessageBody, bare: MessageBody) -> int | None:  # noqa: ARG002 - as above
        return await self.show(body)

    async def notice(self, text: str) -> None:
        raise AssertionError(text)


class Taken(NamedTuple):
    """Seconds of a question, and those of CPU time of the whole process, which other programs affect less."""

    wall: float
    cpu: float


class Host:
    """The services of a bot that is in all servers of a world. Use it as a context manager."""

    def __init__(self, folder: Path, embedder: Embedder, world: World) -> None:
        """Start as the bot does: with models, and both indexes of the shared library."""
        self._members = itertools.count(10**6)
        settings: Any = SimpleNamespace(data_dir=folder, **_SETTINGS)
        self._closing = ExitStack()
        self.worker, self.fetching = Worker(), Worker(threads=4, name="verbatim-fetching")
        self.store = AsyncStore(folder)
        self.libraries = Libraries(folder, lambda: embedder)
        models = load_models("verbatim", "verbatim", embedder)
        answerer = Answerer(self.libraries, lambda: embedder, lambda: models, Thresholds(0.3, 0.1), folder)
        answerer.warm()
        gc.collect()
        gc.freeze()
        resources = Resources(
            settings, self.worker, self.fetching, lambda: self.libraries, Fetcher(), answerer, self.store
        )
        guilds = [SimpleNamespace(id=server, unavailable=True) for server in world.servers]
        # Not found by id: channels are Discord's, and no article here comes from one.
        bot: Any = SimpleNamespace(
            guilds=guilds,
            get_guild=lambda _: None,
            application_id=APPLICATION,
            is_ready=lambda: True,
            knows_whether_in=lambda _: True,
            holds=lambda _: True,
            leads=True,
        )
        self._bot = bot
        visibility = Visibility(bot, self.store)
        replies = MessageReplies()
        self._ask = AskService(resources, answer_controls, visibility, replies.question_locks)
        accepted = AcceptedQuestions(self.store, "not.a.token", "benchmark")
        self._services = Services(resources, self._ask, InFlight(), replies, visibility, accepted)

    @property
    def workers(self) -> tuple[Worker, ...]:
        """All threads with queues."""
        return self.worker, self.fetching, *self.store.workers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.submit(self.libraries.close).result()
        for part in (self.worker, self.fetching, self.store):
            part.close()

    async def ask(self, server: int, question: str) -> Taken:
        """Ask as another member each time; return what it took until the reply was complete."""
        member = next(self._members)
        inquiry = Inquiry(question, member, server + 1 + member % 1000, server, question_id=member)
        wall, cpu = time.perf_counter(), time.process_time()
        await self._ask.answer(inquiry, _Reply(server + 1))
        return Taken(time.perf_counter() - wall, time.process_time() - cpu)

    async def close_libraries(self) -> None:
        """Close all libraries, so that they are cold."""
        await self.worker.run(self.libraries.close)

    def jobs(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """Return what runs in the background, and `/forget`, each once as after a start and once more."""
        services, store = self._services, self.store
        contributors = ContributorIndex(services)
        retention = RetentionJob(self._bot, services)
        named: dict[str, Callable[[], Awaitable[object]]] = {
            "contributors": contributors.run_once,
            "refresh, history": RefreshJob(self._bot, services).run_once,
            "passage updates": PassageUpdateJob(services).run_once,
            "stale answers": StaleMarker(self._bot, store, services.replies).run_once,
            "digests": DigestJob(self._bot, services).run_once,
            "pauses": PauseJob(services).run_once,
            "retention": retention.run_once,
            "metrics: counts": CatalogueCounts(store).count,
            "copies before migrations": partial(asyncio.to_thread, delete_old_copies, services.settings.data_dir),
        }

        async def forget() -> None:
            await store.run_in_steps(store.database.forget_member_in_steps(BUSY_MEMBER))
            await contributors.forget_member(str(BUSY_MEMBER))

        found = {}
        for name, job in named.items():
            found[f"{name}: first run"] = job
            found[f"{name}: next run"] = job
        return {**found, "/forget": forget}


class Probe:
    """The longest piece on each thread, and the longest delay of the event loop, inside a block."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        """Measure these threads."""
        self._workers = workers
        self.longest: dict[str, float] = {}
        self.lag = 0.0

    async def __aenter__(self) -> Self:
        for worker in self._workers:
            self._watch(worker)
        self._ticking = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ticking.cancel()
        with suppress(asyncio.CancelledError):
            await self._ticking
        for worker in self._workers:
            del worker._queue.note_end  # noqa: SLF001 # type: ignore[attr-defined]

    def _watch(self, worker: Worker) -> None:
        note_end = worker._queue.note_end  # noqa: SLF001
        name = worker.name.removeprefix("verbatim-")

        def noted(job: Any, seconds: float, *, more: bool) -> None:
            if name != "worker" or job.priority:  # answers are measured by themselves
                self.longest[name] = max(self.longest.get(name, 0.0), seconds)
            note_end(job, seconds, more=more)

        worker._queue.note_end = noted  # type: ignore[method-assign] # noqa: SLF001

    async def _tick(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(_TICK)
            self.lag = max(self.lag, time.perf_counter() - begun - _TICK)
