"""How long the stages of an answer take, without marks in the code: methods are wrapped while it is measured."""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

from index import stage_times
from index.stage_times import recording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STAGES = ("embedding", "dense", "lexical", "typo", "catalogue", "gate", "reranking", "quoting", "other", "noting")


class StageClock:
    """Adds up the time of wrapped calls by stage; a call inside another one counts for its own stage only.

    `now` is `time.perf_counter`, or `time.process_time` where other programs use the processor meanwhile.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self.now = now
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inner: list[float] = []  # seconds of the calls inside each open one

    def wrap(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a call that is measured."""

        @functools.wraps(call)
        def measured(*values: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            started = self.now()
            try:
                result = call(*values, **named)
                return iter(list(result)) if isinstance(result, Iterator) else result  # a generator works later
            finally:
                taken = self.now() - started
                self.seconds[stage] += taken - self._inner.pop()
                if self._inner:
                    self._inner[-1] += taken

        return measured

    def measure(self, answer: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
        """Return what a call that answers a question returns, and milliseconds: by stage, and in all.

        `total` is by this clock, `wall` the time that passed, and `processor` that of the processor alone.
        """
        self.seconds.clear()
        clocks = {"total": self.now, "wall": time.perf_counter, "processor": time.process_time}
        started = {name: now() for name, now in clocks.items()}
        with recording() as marked:
            result = answer()
        totals = {name: now() - started[name] for name, now in clocks.items()}
        found = {stage: self.seconds[stage] for stage in ("embedding", "dense", "lexical", "typo", "catalogue")}
        found["reranking"] = marked.get("read", 0.0)
        found["gate"] = max(0.0, marked.get("rank", 0.0) - found["reranking"])
        found["quoting"] = marked.get("quote", 0.0) + marked.get("check", 0.0)
        # Articles that are read while quoting or ranking are in both; the rest of finding and opening is "other".
        found["other"] = max(0.0, totals["total"] - sum(found.values()))
        return result, {stage: 1000 * seconds for stage, seconds in {**found, **totals}.items()}


@contextmanager
def watched(
    parts: Mapping[str, Sequence[tuple[object, str]]], now: Callable[[], float] = time.perf_counter
) -> Iterator[StageClock]:
    """Measure these methods, given by stage as pairs of their owner (a class, module or object) and name.

    Names that an owner does not have are left out, so that implementations with fewer methods can be measured, too.
    """
    clock = StageClock(now)
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(stage_times, "time", SimpleNamespace(perf_counter=now)))
        for stage, methods in parts.items():
            for owner, name in methods:
                if hasattr(owner, name):
                    stack.enter_context(mock.patch.object(owner, name, clock.wrap(stage, getattr(owner, name))))
        yield clock
