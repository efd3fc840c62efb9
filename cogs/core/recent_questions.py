"""The texts of questions that are not stored, for half an hour, so that follow-ups and edits are understood."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Final

from storage.question_texts import MEMORY_SECONDS
from storage.stored_answers import StoredAnswer

_MAX_TEXTS: Final = 20_000  # of at most 4,000 characters, and mostly far fewer
_MAX_CHARACTERS: Final = 4_000_000


class RecentQuestions:
    """Texts by the id of their answer, in memory only, bounded in number and size. May be used on any thread."""

    def __init__(self) -> None:
        """Start without texts."""
        self._texts: OrderedDict[int, tuple[float, int, str]] = OrderedDict()  # until, member, text
        self._characters = 0
        self._lock = threading.Lock()

    def put(self, answer_id: int, member_id: int, text: str) -> None:
        """Remember the text of a member's question."""
        with self._lock:
            self._drop(answer_id)
            self._texts[answer_id] = (time.perf_counter() + MEMORY_SECONDS, member_id, text)
            self._characters += len(text)
            self._prune()

    def text_of(self, answer: StoredAnswer) -> str:
        """Return the question of an answer; an empty string if it is no longer known."""
        if answer.question:
            return answer.question
        with self._lock:
            self._prune()
            return self._texts[answer.id][2] if answer.id in self._texts else ""

    def count(self, member_id: int) -> int:
        """Return how many texts of a member are remembered."""
        with self._lock:
            self._prune()
            return sum(member == member_id for _, member, _ in self._texts.values())

    def forget_member(self, member_id: int) -> None:
        """Forget the texts of a member."""
        with self._lock:
            for answer_id in [key for key, (_, member, _) in self._texts.items() if member == member_id]:
                self._drop(answer_id)

    def _prune(self) -> None:
        now = time.perf_counter()
        while self._texts:
            answer_id, (until, _, _) = next(iter(self._texts.items()))
            if until > now and len(self._texts) <= _MAX_TEXTS and self._characters <= _MAX_CHARACTERS:
                return
            self._drop(answer_id)

    def _drop(self, answer_id: int) -> None:
        dropped = self._texts.pop(answer_id, None)
        if dropped is not None:
            self._characters -= len(dropped[2])
