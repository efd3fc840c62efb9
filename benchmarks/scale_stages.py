"""How long the stages of an answer take, without marks in the code: methods are wrapped while it is measured."""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from index.stage_times import recording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STAGES = ("embedding", "dense", "lexical", "typo", "catalogue", "gate", "reranking", "quoting", "other", "noting")


class StageClock:
    """Adds up the time of wrapped calls by stage; a call inside another one counts for its own stage only."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inner: list[float] = []  # seconds of the calls inside each open one

    def wrap(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a call that is measured."""

        @functools.wraps(call)
        def measured(*values: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            started = time.perf_counter()
            try:
                result = call(*values, **named)
                return iter(list(result)) if isinstance(result, Iterator) else result  # a generator works later
            finally:
                taken = time.perf_counter() - started
                self.seconds[stage] += taken - self._inner.pop()
                if self._inner:
                    self._inner[-1] += taken

        return measured

    def measure(self, answer: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
        """Return what a call that answers a question returns, and the milliseconds of its stages and in `total`."""
        self.seconds.clear()
        started = time.perf_counter()
        with recording() as marked:
            result = answer()
        total = time.perf_counter() - started
        found = {stage: self.seconds[stage] for stage in ("embedding", "dense", "lexical", "typo", "catalogue")}
        found["reranking"] = marked.get("read", 0.0)
        found["gate"] = max(0.0, marked.get("rank", 0.0) - found["reranking"])
        found["quoting"] = marked.get("quote", 0.0) + marked.get("check", 0.0)
        # Articles that are read while quoting or ranking are in both; the rest of finding and opening is "other".
        found["other"] = max(0.0, total - sum(found.values()))
        return result, {stage: 1000 * seconds for stage, seconds in {**found, "total": total}.items()}


@contextmanager
def watched(parts: Mapping[str, Sequence[tuple[object, str]]]) -> Iterator[StageClock]:
    """Measure these methods, given by stage as pairs of their owner (a class, module or object) and name.

    Names that an owner does not have are left out, so that implementations with fewer methods can be measured, too.
    """
    clock = StageClock()
    with ExitStack() as stack:
        for stage, methods in parts.items():
            for owner, name in methods:
                if hasattr(owner, name):
                    stack.enter_context(mock.patch.object(owner, name, clock.wrap(stage, getattr(owner, name))))
        yield clock
