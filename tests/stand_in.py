"""A stand-in for the answerer, for tests of what is done with an outcome."""

from __future__ import annotations

import copy
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from index.libraries.visible_part import HiddenIds
from qa.conversation.follow_ups import Turn
from qa.outcome import NotCovered, Outcome, Quote
from qa.pins.pinned import Pin


@dataclass(frozen=True, slots=True)
class Asked:
    """What `ask` was given."""

    question: str
    library_names: tuple[str, ...]
    history: tuple[Turn, ...]
    article_id: int | None
    most: int
    pins: tuple[Pin, ...]

    @property
    def first_word(self) -> str:
        """The first word of the question, by which stand-ins choose an outcome."""
        return self.question.split(" ", 1)[0].lower()


class StandInAnswers(ABC):
    """Remembers what it was asked, where and in which thread; a subclass says with what outcome."""

    def __init__(self) -> None:
        """Begin with nothing asked; every quote is sound until `sound` says otherwise."""
        self.calls: list[Asked] = []
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.threads: set[str] = set()
        self.sound: Callable[[Quote], bool] = lambda _: True
        self.during: Callable[[], None] = lambda: None
        self.hidden: Mapping[str, HiddenIds] = {}

    @property
    def most(self) -> list[int]:
        """How many quotes each question wanted at most."""
        return [asked.most for asked in self.calls]

    @property
    def restricted(self) -> list[int | None]:
        """The article to which each question was restricted."""
        return [asked.article_id for asked in self.calls]

    @property
    def histories(self) -> list[tuple[Turn, ...]]:
        """The conversation before each question."""
        return [asked.history for asked in self.calls]

    @property
    def before(self) -> list[list[str]]:
        """The texts of the conversation before each question."""
        return [[turn.text for turn in asked.history] for asked in self.calls]

    def ask(
        self,
        question: str,
        library_names: Sequence[str],
        history: Sequence[Turn] = (),
        *,
        article_id: int | None = None,
        most: int = 3,
        pins: Sequence[Pin] = (),
    ) -> Outcome:
        """Remember the question and return its outcome."""
        asked = Asked(question, tuple(library_names), tuple(history), article_id, most, tuple(pins))
        self.calls.append(asked)
        self.asked.append((question, tuple(library_names)))
        self.threads.add(threading.current_thread().name)
        self.during()
        return self._visible(self.outcome(asked))

    def without(self, hidden: Mapping[str, HiddenIds]) -> Self:
        """Return answers without quotes of these articles, which remember what they are asked here."""
        part = copy.copy(self)
        part.hidden = hidden
        return part

    def _visible(self, outcome: Outcome) -> Outcome:
        quotes = tuple(one for one in outcome.quotes if one.article_id not in self.hidden.get(one.library, ()))
        if isinstance(outcome, NotCovered) or len(quotes) == len(outcome.quotes):
            return outcome
        if not quotes:
            return NotCovered(outcome.question, 0.0, outcome.elapsed_ms)
        return replace(outcome, quotes=quotes, confidence=quotes[0].confidence)

    @abstractmethod
    def outcome(self, asked: Asked) -> Outcome:
        """Return the outcome of a question."""

    def verify(self, quote: Quote) -> bool:
        """Tell whether the quote is sound."""
        return self.sound(quote)
