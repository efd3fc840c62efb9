"""Metrics whose values exist elsewhere: they are read when Prometheus asks, on the event loop, without waiting."""

from __future__ import annotations

import asyncio
import math
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cogs.core.worker import Worker
from cogs.messaging.component_bot import ComponentBot
from cogs.messaging.retry import waiting_calls
from cogs.monitoring.catalogue_counts import CatalogueCounts
from cogs.monitoring.heartbeat import CHECKS, Heartbeat
from cogs.services import Resources
from index.parsers.sandbox_pool import SANDBOX
from storage.backups.rotation import newest_backup

_DATABASE: Final = ("discord.db", "discord.db-wal")
_DISK_SECONDS: Final = 1.0  # a folder of another machine may not answer at all


class StateCollector(Collector):
    """Collects the state of one client and its resources."""

    def __init__(
        self, client: ComponentBot, resources: Resources, heartbeat: Heartbeat, counts: CatalogueCounts
    ) -> None:
        """Take what is read."""
        self._client = client
        self._resources = resources
        self._heartbeat = heartbeat
        self._counts = counts
        self._disk: tuple[Metric, ...] = ()
        self._disk_reading: asyncio.Future[None] | None = None

    async def read_disk(self) -> None:
        """Read what the disk tells, on a thread; if that takes longer than a second, the last values stay."""
        if self._disk_reading is None or self._disk_reading.done():
            self._disk_reading = asyncio.ensure_future(asyncio.to_thread(self._read_disk))
        await asyncio.wait({self._disk_reading}, timeout=_DISK_SECONDS)

    def _read_disk(self) -> None:
        with suppress(OSError):
            self._disk = tuple(self._measure_disk())

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        yield from self._health()
        yield from self._gateway()
        yield from self._queues()
        yield from self._libraries()
        yield from self._parsers()
        yield from self._disk

    def _health(self) -> Iterator[Metric]:
        problems = self._heartbeat.problems()
        states = {check: float(check not in problems) for check in CHECKS}
        yield _gauges("verbatim_healthy", "Whether a part of the bot works: 1, else 0.", "check", states)
        meaning = "How long the last read of one row took, with its wait for the thread."
        yield _gauge("verbatim_database_read_seconds", meaning, self._heartbeat.database_seconds)

    def _gateway(self) -> Iterator[Metric]:
        client, shards = self._client, self._client.own_shards
        missing, known = client.disconnected_shards, client.shards
        connected = {str(one): float(one not in missing) for one in shards.ids}
        latencies = {str(one): math.nan if one in missing else known[one].latency for one in shards.ids}
        meaning = "Whether a shard is connected to the gateway of Discord: 1, else 0."
        yield _gauges("verbatim_gateway_connected", meaning, "shard", connected)
        yield _gauge("verbatim_gateway_shards", "Shards of this process.", len(shards.ids))
        yield _gauge("verbatim_bot_shards", "Shards of the bot, in all its processes.", shards.count)
        meaning = "Time between a heartbeat of a shard and Discord's reply."
        yield _gauges("verbatim_gateway_latency_seconds", meaning, "shard", latencies)
        yield _gauge("verbatim_guilds", "Servers that the bot is in.", len(client.guilds))
        yield _gauge("verbatim_questions_in_progress", "Questions and components being handled.", len(client.in_flight))
        waiting = waiting_calls()
        yield _gauge("verbatim_discord_calls_waiting", "Requests that wait for the end of an outage.", waiting)

    def _queues(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("verbatim_queue_jobs", "Jobs that wait.", labels=["thread", "priority"])
        running = GaugeMetricFamily("verbatim_running_jobs", "Jobs that run.", labels=["thread"])
        size = GaugeMetricFamily("verbatim_queue_bytes", "Bytes that jobs hold until they end.", labels=["thread"])
        step = GaugeMetricFamily(
            "verbatim_longest_step_seconds", "Time since the oldest running step began.", labels=["thread"]
        )
        for worker in self._workers():
            load = worker.load()
            name = worker.name.removeprefix("verbatim-")
            for priority, waiting in load.waiting.items():
                jobs.add_metric([name, priority.name.lower()], waiting)
            running.add_metric([name], load.running)
            size.add_metric([name], load.size)
            step.add_metric([name], load.longest_step)
        yield from (jobs, running, size, step)

    def _workers(self) -> tuple[Worker, ...]:
        return self._resources.worker, self._resources.fetch_worker, *self._resources.store.workers

    def _libraries(self) -> Iterator[Metric]:
        kept, size = self._resources.libraries().memory
        yield _gauge("verbatim_open_libraries", "Libraries kept open.", kept)
        yield _gauge("verbatim_open_libraries_bytes", "Memory of their vectors and words.", size)
        yield _gauge("verbatim_libraries", "Libraries in the data folder.", self._counts.totals.libraries)
        yield _gauge("verbatim_articles", "Articles in all libraries.", self._counts.totals.articles)
        yield _gauge("verbatim_passages", "Passages in all libraries.", self._counts.totals.passages)

    def _parsers(self) -> Iterator[Metric]:
        usage = SANDBOX.usage()
        yield _gauge("verbatim_parser_processes", "Parser processes that run.", usage.running)
        yield CounterMetricFamily("verbatim_parser_starts", "Parser processes started.", usage.started)
        failures = CounterMetricFamily(
            "verbatim_parser_failures", "Files whose parser was killed after its time, or crashed.", labels=["reason"]
        )
        failures.add_metric(["timeout"], usage.timed_out)
        failures.add_metric(["crash"], usage.crashed)
        yield failures

    def _measure_disk(self) -> Iterator[Metric]:
        folder = self._resources.settings.data_dir
        with suppress(OSError):
            free = shutil.disk_usage(folder).free
            yield _gauge("verbatim_data_free_bytes", "Free space on the disk of the data folder.", free)
        if self._resources.settings.database_url is None:
            size = sum(_size(folder / name) for name in _DATABASE)
            yield _gauge("verbatim_database_bytes", "Size of discord.db with its write-ahead log.", size)
        yield from self._backups()

    def _backups(self) -> Iterator[Metric]:
        """Yield when the newest scheduled backup was made, if backups are scheduled."""
        settings = self._resources.settings
        if settings.backup_folder is None:
            return
        newest = newest_backup(settings.backup_folder)
        made = newest.timestamp() if newest else 0.0
        yield _gauge("verbatim_backup_timestamp_seconds", "Unix time of the newest scheduled backup; 0 for none.", made)
        days = settings.backup_days * 86400.0
        yield _gauge("verbatim_backup_interval_seconds", "Time between two scheduled backups.", days)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value)


def _gauges(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
