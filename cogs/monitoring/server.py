"""Serves `/metrics`, `/healthz` and `/livez`, by default to this machine alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from cogs.messaging.component_bot import ComponentBot
from cogs.monitoring.catalogue_counts import CatalogueCounts
from cogs.monitoring.collector import StateCollector
from cogs.monitoring.heartbeat import Heartbeat
from cogs.services import Resources
from observability.metrics import REGISTRY, LogCounter

_log = logging.getLogger(__name__)

_Work = Callable[[], Coroutine[Any, Any, None]]

_CLOSING: Final = 0.5  # seconds for requests that are being answered when the bot stops


@asynccontextmanager
async def monitoring(client: ComponentBot, resources: Resources) -> AsyncIterator[None]:
    """Serve metrics and health inside the block, unless `METRICS_PORT` is 0.

    If the address cannot be used, as when another program uses the port, that is logged and the bot goes on without.
    """
    settings = resources.settings
    if not settings.metrics_port:
        yield
        return
    heartbeat, counts = Heartbeat(client, resources), CatalogueCounts(resources.store)
    collector = StateCollector(client, resources, heartbeat, counts)
    runner = web.AppRunner(_application(heartbeat, collector), access_log=None, shutdown_timeout=_CLOSING)
    await runner.setup()
    try:
        with _collecting(collector):
            try:
                await web.TCPSite(runner, settings.metrics_host, settings.metrics_port).start()
                _log.info("Metrics and health are served on %s port %s", settings.metrics_host, settings.metrics_port)
            except (OSError, UnicodeError) as error:  # UnicodeError: a host that cannot be the name of one
                _log.warning(
                    "Metrics and health cannot be served on %s port %s, so the bot runs without: %s. Change "
                    "METRICS_PORT; 0 switches them off",
                    settings.metrics_host,
                    settings.metrics_port,
                    getattr(error, "strerror", None) or error,
                )
            async with _running(heartbeat.measure_loop, heartbeat.read_database, heartbeat.ask_indexes, counts.run):
                yield
    finally:
        await runner.cleanup()


def _application(heartbeat: Heartbeat, collector: StateCollector) -> web.Application:
    async def metrics(_: web.Request) -> web.Response:
        await collector.read_disk()
        return _response(generate_latest(REGISTRY), CONTENT_TYPE_PLAIN_0_0_4)

    async def health(_: web.Request) -> web.Response:
        problems = heartbeat.problems()
        body = "\n".join(problems.values()) or "ok"
        return _response(f"{body}\n".encode(), "text/plain; charset=utf-8", status=503 if problems else 200)

    async def alive(_: web.Request) -> web.Response:
        """Answer 503 only if a restart is what helps; a blocked event loop does not answer at all."""
        problem = heartbeat.hang()
        return _response(f"{problem or 'ok'}\n".encode(), "text/plain; charset=utf-8", status=503 if problem else 200)

    application = web.Application()
    application.add_routes([web.get("/metrics", metrics), web.get("/healthz", health), web.get("/livez", alive)])
    return application


def _response(body: bytes, content_type: str, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, headers={"Content-Type": content_type, "Cache-Control": "no-store"})


@contextmanager
def _collecting(collector: StateCollector) -> Iterator[None]:
    """Export the collector's metrics, and count log records, inside the block."""
    counter = LogCounter()
    REGISTRY.register(collector)
    logging.getLogger().addHandler(counter)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(counter)
        REGISTRY.unregister(collector)


@asynccontextmanager
async def _running(*work: _Work) -> AsyncIterator[None]:
    """Run some work beside the block. One that fails is logged and ends; the bot does not."""
    tasks = [asyncio.create_task(_logged(one)) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)


async def _logged(work: _Work) -> None:
    try:
        await work()
    except Exception:  # noqa: BLE001 - nothing awaits it, and monitoring must not stop what it watches
        _log.exception("A part of the monitoring has ended; restart the bot to have it again")
