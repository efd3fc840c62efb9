"""Changes of a large library: how soon an added article answers, that a removed one is gone, and what follows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from index.sources.loader import draft_from_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.scale_measure import Subject

# Invented harbours and the hours at which their bridges open.
_HARBOURS = (
    ("Quillham", "six"),
    ("Ostervane", "nine"),
    ("Brackmoor", "four"),
    ("Thalenwick", "seven"),
    ("Norrby", "two"),
)
_TEXT = (
    "{name} Harbour has a swing bridge over its lock.\n\nThe swing bridge of {name} Harbour opens at {hour} o'clock on "
    "weekdays. Boats wait at the green buoy until the lamp is lit.\n\n"
    "The harbour master of {name} sells maps of the bay."
)


def changes(subject: Subject, questions: Sequence[str]) -> dict[str, float | bool]:
    """Add and remove an article for each question; return the largest seconds, and whether all was as it must be.

    `questions` are asked after each change; they have been asked before.
    """
    usual = [_seconds(lambda text=text: subject.ask(text)) for text in questions]  # type: ignore[misc]
    added, removed, after_adding, after_removing, right = [], [], [], [], []
    for (name, hour), question in zip(_HARBOURS, questions, strict=False):
        text = _TEXT.format(name=name, hour=hour)
        draft = draft_from_text(text, key=f"scale:{name}", source=name, title=f"{name} Harbour")
        asked = f"When does the swing bridge of {name} Harbour open?"
        started = time.perf_counter()
        article = subject.library.add(draft).article_id
        quotes = subject.ask(asked).quotes
        added.append(time.perf_counter() - started)
        right.append(bool(quotes) and quotes[0].article_id == article and hour in quotes[0].text)
        after_adding.append(_seconds(lambda question=question: subject.ask(question)))  # type: ignore[misc]
        started = time.perf_counter()
        subject.library.remove(article, purge=False)
        right.append(all(quote.article_id != article for quote in subject.ask(asked).quotes))
        removed.append(time.perf_counter() - started)
        after_removing.append(_seconds(lambda question=question: subject.ask(question)))  # type: ignore[misc]
    return {
        "added and answered s": max(added),
        "removed and asked s": max(removed),
        "added answers, removed is gone": all(right),
        "next question, times the usual": float(np.median([*after_adding, *after_removing]) / np.median(usual)),
        "slowest next question, times the usual": max(*after_adding, *after_removing) / max(usual),
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
