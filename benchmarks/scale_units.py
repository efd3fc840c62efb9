"""Articles whose passages are units of one and of two sentences: about a million real passages from one file.

The texts are the rows of `load-en.jsonl[.gz]`. Each row is an article with its title; its passages are its sentences,
and every two neighbours of one section. Beyond what the file holds, the articles come again with every tenth word
exchanged for one of another place of the same article.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import data
from index.models import Chunk, Draft, Span, UserError
from index.sources.loader import draft_from_text
from index.text.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from pathlib import Path

    from index.models import Section

PAGES = "load-en"
JUDGED = "squad1.1-dev"  # ids of rows that are used for judging begin so
_LONGEST = 600  # code points of a unit of two sentences: about what the embedder reads
_WORDS = 4  # that a sentence of prose has at least
_EXCHANGED = 10  # every tenth word


class Unit(NamedTuple):
    """One article and the passages that it is stored with."""

    draft: Draft
    chunks: tuple[Chunk, ...]


def rows(folder: Path, seed: int = 0) -> list[tuple[str, str, str]]:
    """Return (id, title, text) of the rows, in random order. Raises FileNotFoundError without the file."""
    names = (f"{PAGES}.jsonl.gz", f"{PAGES}.jsonl")
    path = next((folder / name for name in names if (folder / name).exists()), None)
    if path is None:
        raise FileNotFoundError(f"{folder} has no {PAGES}.jsonl or {PAGES}.jsonl.gz")
    found = [(row["_id"], row["title"].strip(), row["text"]) for row in data.rows(path)]
    kept = [row for row in found if not row[0].startswith(JUDGED)]
    random.Random(seed).shuffle(kept)
    return kept


def units(texts: Iterable[tuple[str, str, str]], without: Container[str] = ()) -> Iterator[Unit]:
    """Yield the article of each (id, title, text), with its passages, except texts that are no prose.

    Titles `without`, in lower case, are left out.
    """
    for key, title, text in texts:
        if title.casefold() in without:
            continue
        try:
            draft = draft_from_text(text, key=f"scale:{key}", source=key, title=title or key)
        except UserError:  # nothing in it can be quoted
            continue
        if chunks := sentence_chunks(draft.text, draft.sections):
            yield Unit(draft, chunks)


def sentence_chunks(text: str, sections: Iterable[Section]) -> tuple[Chunk, ...]:
    """Return every sentence of a text and every two neighbours of one section, in order.

    None are returned if a sentence is repeated or most are of a few words: such texts are tables, listings and menus.
    Neither are they where a sentence crosses the border of a section: passages have to cover their sections.
    """
    spans = sentence_spans(text)
    said = [span.of(text) for span in spans]
    if len(set(said)) < len(said) or sum(len(one.split()) >= _WORDS for one in said) * 2 < len(said):
        return ()
    found: list[Chunk] = []
    for section in sections:
        own = [span for span in spans if span.start < section.end and section.start < span.end]
        if own and (own[0].start < section.start or section.end < own[-1].end):
            return ()
        pairs = [Span(first.start, second.end) for first, second in pairwise(own)]
        short = [span for span in pairs if span.end - span.start <= _LONGEST]
        found += [Chunk(span, section.heading) for span in sorted([*own, *short])]
    return tuple(found)


def copies(texts: Iterable[tuple[str, str, str]], number: int) -> Iterator[tuple[str, str, str]]:
    """Yield each text with every tenth word exchanged for another word of the same text; `number` is the seed."""
    for key, title, text in texts:
        chance = random.Random(f"{number}:{key}")
        words = text.split(" ")
        for at in range(chance.randrange(_EXCHANGED), len(words), _EXCHANGED):
            words[at] = chance.choice(words)
        yield f"{key}:{number}", title, " ".join(words)
