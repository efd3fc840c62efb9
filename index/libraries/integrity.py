"""Checks that a library is consistent: texts, passages, vectors and indexes. Each problem is one sentence.

Everything is read once, article by article: the time that it takes grows with the library, its memory hardly does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.catalog.columns import passage_digest, text_digest
from index.indexes.following import CatalogFollower, lexical_row
from index.indexes.index_version import IndexVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.catalog.passage_queries import StoredContent
    from index.catalog.store import Catalog
    from index.indexes.open_indexes import OpenIndexes
    from index.models import StoredPassage

_UNIT = 1e-3  # tolerance of a stored vector's length


class Problem(NamedTuple):
    """A sentence; `is_in_index` is true if filling the indexes again from the catalogue solves the problem."""

    text: str
    is_in_index: bool = False


def find_problems(catalog: Catalog, indexes: OpenIndexes | None) -> Iterator[Problem]:
    """Yield the problems of a catalogue and of its indexes, which are None if none can be opened."""
    yield from (Problem(f"catalogue: {line}") for line in catalog.integrity_errors())
    held = np.sort(indexes.dense.ids()) if indexes else np.empty(0, np.int64)
    for articles in catalog.content():
        for one in articles:
            yield from map(Problem, _text_problems(one))
            yield from map(Problem, _passage_problems(one))
        if indexes:
            yield from (Problem(line, is_in_index=True) for line in _entry_problems(articles, indexes, held))
    epoch = catalog.meta("epoch")
    stored = catalog.passage_ids()
    found = CatalogFollower(catalog, IndexVersion.read(epoch)).content().wanted.ids if epoch else stored[:0]
    if epoch is None and len(stored):
        yield Problem("the library has passages, but no index can be opened for them")
    elif len(found) < len(stored):
        waiting = len(stored) - len(found)
        yield Problem(f"catalogue: {waiting} passages have vectors of another model, so that nothing finds them")
    if indexes:
        yield from (Problem(line, is_in_index=True) for line in _index_problems(found, indexes))


def _text_problems(article: StoredContent) -> Iterator[str]:
    text = article.text
    if text_digest(text) != article.text_digest:
        yield f"article {article.id}: its text is not the text that was added"
    covered = bytearray(len(text))
    for passage in (stored.passage for stored in article.passages):
        if not 0 <= passage.start < passage.end <= len(text):
            yield f"passage {passage.id}: its place {passage.start}-{passage.end} is not inside article {article.id}"
            continue
        covered[passage.start : passage.end] = b"\1" * (passage.end - passage.start)
    for start, end, heading in article.sections:
        lost = sum(len("".join(text[at:to].split())) for at, to in _gaps(covered, start, min(end, len(text))))
        if lost:
            yield f"article {article.id}: {lost} characters of its section {heading!r} are in no passage"


def _gaps(covered: bytearray, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges between `start` and `end` that are not covered."""
    while (at := covered.find(0, start, end)) >= 0:
        start = covered.find(1, at, end)
        if start < 0:
            start = end
        yield at, start


def _passage_problems(article: StoredContent) -> Iterator[str]:
    for row in article.passages:
        vector = article.vectors.get(row.passage.id)
        if vector is None or passage_digest(row.text, vector) != row.digest:
            yield f"passage {row.passage.id}: its text or its vector is not what was stored"
        elif abs(float(np.linalg.norm(vector)) - 1) > _UNIT:
            yield f"passage {row.passage.id}: its vector is not of unit length"


def _entry_problems(articles: Sequence[StoredContent], indexes: OpenIndexes, held: np.ndarray) -> Iterator[str]:
    """Yield what the indexes hold otherwise than the catalogue; `held` are the ids in the vector index, ascending."""
    rows: list[StoredPassage] = [row for one in articles for row in one.passages]
    dimension = indexes.index_version.dimension
    vectors = {key: row for one in articles for key, row in one.vectors.items() if len(row) == dimension}
    ids = np.array(list(vectors), np.int64)
    ids = ids[np.searchsorted(held, ids, "right") > np.searchsorted(held, ids)]
    if len(ids):
        for key in ids[~indexes.dense.holds(ids, np.stack([vectors[key] for key in ids.tolist()]))].tolist():
            yield f"passage {key}: the vector index holds another vector than the catalogue"
    lexical = indexes.lexical.rows(row.passage.id for row in rows)
    for row in rows:
        key = row.passage.id
        if key in lexical and lexical[key] != lexical_row(row)[1:3]:
            yield f"passage {key}: the lexical index holds other words than the catalogue"


def _index_problems(ids: np.ndarray, indexes: OpenIndexes) -> Iterator[str]:
    for name, held in (("vector", indexes.dense.ids()), ("lexical", indexes.lexical.ids())):
        missing, extra = np.setdiff1d(ids, held), np.setdiff1d(held, ids)
        if len(missing):
            yield f"{name} index: {len(missing)} passages are missing"
        if len(extra) or len(held) != len(np.unique(held)):
            yield f"{name} index: {len(extra)} entries belong to no passage, {len(held)} in all"
    if problem := indexes.lexical.problem():
        yield f"lexical index: {problem}"
