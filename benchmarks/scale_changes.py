"""Changes of a large library: how soon an added article answers, that a removed one is gone, and what follows."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from index.passages import batch_embedding
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
_LOADED = 40  # articles of the library whose passages are embedded again, for comparison


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


def loading(subject: Subject) -> float:
    """Return how many times as long as embedding alone it takes to store articles anew, embedding included."""
    catalog = subject.library.catalog
    assert catalog is not None
    articles = [article for row in islice(catalog.articles(), _LOADED) if (article := catalog.article(row.id))]
    texts, drafts = [], []
    for article in articles:
        text = f"{article.text}\n\nStored again to be measured."
        draft = draft_from_text(text, key=f"again:{article.id}", source=f"again {article.id}", title=article.title)
        drafts.append(draft)
        chunks = batch_embedding.split(draft.text, draft.sections, subject.embedder)
        texts += [f"{draft.title}\n{chunk.span.of(draft.text)}" for chunk in chunks]
    alone = _seconds(lambda: subject.embedder.passages(texts))
    stored: list[int] = []
    loaded = _seconds(lambda: stored.extend(subject.library.add(draft).article_id for draft in drafts))
    for article_id in stored:
        subject.library.remove(article_id)
    return loaded / alone


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
