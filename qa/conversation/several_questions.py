"""Separates the questions of a message, so that each is answered, and leaves out small talk beside them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from qa.conversation.small_talk import small_talk_in

MOST_QUESTIONS: Final = 3
"""How many questions of one message are answered."""

# A question mark at the end of a word, with the quotation marks and brackets that close after it.
_MARK: Final = re.compile(r"(?<![?？؟!])!*+[?？؟][?？؟!]*+([\"'”’»)\]*_~]*+)(?=\s|$)\s*+")
_STATEMENT_END: Final = re.compile(r"(?<=[.!…])\s+")
_LIST_MARK: Final = re.compile(r"\s*(?:\d{1,2}[.)]|[-*•–])\s+")
_GOES_ON: Final = re.compile(r"(?:or|oder|o|ou|oppure)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"\w+")
_MOST_LOOKED_AT: Final = 50  # sentences of a message in which small talk is looked for: each takes up to a millisecond
_LEAST_WORDS: Final = 2  # of a question of its own; "Sunday?" belongs to the one before it
# How a line that asks without a question mark begins.
_QUESTION_WORD: Final = re.compile(
    r"(?:(?:and|und|y|et|e) )?(?:who|whom|whose|what|whats|when|where|why|how|which|is there|are there|can|could|do|"
    r"does|did|will|would|should|may|wer|was|wann|wo|warum|wieso|wie|welche\w*|gibt es|kann|qui[eé]n|qu[eé]|cu[aá]ndo|"
    r"d[oó]nde|por qu[eé]|c[oó]mo|cu[aá]l\w*|cu[aá]nt\w*|qui|quand|o[uù]|pourquoi|comment|combien|quel\w*|est-ce|chi|"
    r"cosa|quando|dove|perch[eé]|come|quanto|quale|quem|o que|onde|qual)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of a message in order, at most `MOST_QUESTIONS`, and how many more there were."""

    texts: tuple[str, ...]
    left_out: int = 0


def questions_in(text: str, names: Collection[str] = ()) -> Questions:
    """Return the questions of a message without Discord mentions; none if all of it is small talk, or it is empty.

    Statements belong to the question after them, else to the last one. A message without a question mark is one
    question, unless all of its lines begin like questions. `names` are what the bot is called.
    """
    found: list[str] = []
    pending = ""
    left = iter(range(_MOST_LOOKED_AT))
    for part, asks in _parts(text):
        sentences = _STATEMENT_END.split(part)
        sentences = [one for one in sentences if next(left, None) is None or small_talk_in(one, names) is None]
        said = " ".join(filter(None, (pending, *sentences)))
        pending = ""
        if asks and found and (_GOES_ON.match(said) or len(_WORD.findall(said)) < _LEAST_WORDS):
            found[-1] = f"{found[-1]} {said}".strip()
        elif asks and len(_WORD.findall(said)) >= _LEAST_WORDS:
            found.append(said)
        else:
            pending = said
    if pending:
        found[-1:] = [f"{found[-1]} {pending}" if found else pending]
    texts = tuple(dict.fromkeys(" ".join(one.split()) for one in found))
    return Questions(texts[:MOST_QUESTIONS], max(0, len(texts) - MOST_QUESTIONS))


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text, each with whether it asks: up to each question mark, and the rest of each line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    several = len(lines) > 1
    ask_all = several and all(_QUESTION_WORD.match(line) for line in lines)
    for whole in lines:
        mark = _LIST_MARK.match(whole) if several else None
        line, start = whole[mark.end() :] if mark else whole, 0
        for end in _MARK.finditer(line):
            goes_on = bool(end[1]) and line[end.end() : end.end() + 1].islower()  # What does "who is he?" mean
            if not goes_on:
                yield line[start : end.end()].strip(), True
                start = end.end()
        if start < len(line):
            yield line[start:].strip(), ask_all or bool(mark and _QUESTION_WORD.match(line))
