"""What the bot counts and measures for Prometheus, by names that docs/metrics.md explains.

Labels have few values, and none names a server, a member or an article. Values that already exist somewhere, such as
the length of a queue, are not kept here: `cogs.monitoring.collector` reads them when Prometheus asks.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

REGISTRY: Final = CollectorRegistry()
# Memory, processor time and open files of the process, on Linux, under their conventional names `process_...`.
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
# Otherwise each counter is exported twice: its value, and when it was first counted.
disable_created_metrics()  # type: ignore[no-untyped-call]

OUTCOMES: Final = ("answer", "closest", "not_covered", "silent", "refused", "busy", "deleted", "error")
STAGES: Final = ("wait", "open", "find", "rank", "read", "quote", "check", "render", "store", "send")
_LEVELS: Final = ("warning", "error", "critical")

_LATENCY: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LAG: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

QUESTIONS: Final = Counter("verbatim_questions", "Questions that were handled.", ["outcome"], registry=REGISTRY)
QUESTION_SECONDS: Final = Histogram(
    "verbatim_question_seconds",
    "Time from accepting a question until its answer was sent.",
    buckets=_LATENCY,
    registry=REGISTRY,
)
STAGE_SECONDS: Final = Histogram(
    "verbatim_stage_seconds", "Time of one stage of an answer.", ["stage"], buckets=_LATENCY, registry=REGISTRY
)
EVENT_LOOP_LAG: Final = Histogram(
    "verbatim_event_loop_lag_seconds",
    "Delay of a timer that runs each second on the event loop.",
    buckets=_LAG,
    registry=REGISTRY,
)
JOB_RUNS: Final = Counter("verbatim_job_runs", "Runs of background jobs.", ["task", "result"], registry=REGISTRY)
REFRESHES: Final = Counter(
    "verbatim_refreshes", "Checks of a page, site or folder for changes by the running bot.", registry=REGISTRY
)
REFRESH_FAILURES: Final = Counter(
    "verbatim_refresh_failures",
    "Sources that could not be read, and libraries that could not be refreshed, in such checks.",
    registry=REGISTRY,
)
DISCORD_RETRIES: Final = Counter(
    "verbatim_discord_retries", "Requests to Discord that were repeated after a temporary error.", registry=REGISTRY
)
LOG_RECORDS: Final = Counter(
    "verbatim_log_records", "Records in the log, from warnings up.", ["level"], registry=REGISTRY
)

# A series that begins at its first event hides that event from `rate` and `increase`.
for _outcome in OUTCOMES:
    QUESTIONS.labels(_outcome)
for _stage in STAGES:
    STAGE_SECONDS.labels(_stage)
for _level in _LEVELS:
    LOG_RECORDS.labels(_level)


def observe_stages(seconds: Mapping[str, float]) -> None:
    """Count the times of some stages of one answer."""
    for stage, taken in seconds.items():
        STAGE_SECONDS.labels(stage).observe(taken)


class LogCounter(logging.Handler):
    """Counts the records of the log by level, from warnings up."""

    def __init__(self) -> None:
        """Handle warnings and what is worse."""
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record."""
        name = record.levelname.lower()
        LOG_RECORDS.labels(name if name in _LEVELS else _LEVELS[-1]).inc()
