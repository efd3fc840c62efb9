"""Counts questions by outcome, and the time that they take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cogs.core.job_queue import BusyError
from cogs.messaging.question_locks import QuestionDeletedError
from index.models import UserError
from observability.metrics import QUESTION_SECONDS, QUESTIONS


class LimitError(UserError):
    """A question is refused: the server is paused, or a rate limit is reached."""


@dataclass(slots=True)
class QuestionCount:
    """How a question ended; "silent" if nothing was worth showing to people who had not asked the bot."""

    outcome: str = "silent"


@contextmanager
def counting_question() -> Iterator[QuestionCount]:
    """Count the question that is handled inside the block; one that is cancelled at shutdown is not counted."""
    started = time.perf_counter()
    count = QuestionCount()
    try:
        yield count
    except Exception as error:
        QUESTIONS.labels(_outcome_of(error)).inc()
        raise
    QUESTIONS.labels(count.outcome).inc()
    QUESTION_SECONDS.observe(time.perf_counter() - started)


def _outcome_of(error: Exception) -> str:
    match error:
        case BusyError():
            return "busy"
        case LimitError():
            return "refused"
        case QuestionDeletedError():
            return "deleted"
        case _:
            return "error"
