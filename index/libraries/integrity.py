"""Checks that a library is consistent: texts, passages, vectors and indexes. Each problem is one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.catalog.columns import passage_digest
from index.indexes.following import CatalogFollower, lexical_row
from index.indexes.index_version import IndexVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from index.catalog.store import Catalog
    from index.indexes.open_indexes import OpenIndexes
    from index.models import Article, Passage, StoredPassage

_BATCH = 1000
_UNIT = 1e-3  # tolerance of a stored vector's length


def find_problems(catalog: Catalog) -> Iterator[str]:
    """Yield a sentence for each problem of the catalogue itself, nothing if it is consistent."""
    yield from (f"catalogue: {line}" for line in catalog.integrity_errors())
    by_article: dict[int, list[Passage]] = {}
    ids = catalog.passage_ids()
    for at in range(0, len(ids), _BATCH):
        rows = list(catalog.passages(ids[at : at + _BATCH]))
        for row in rows:
            by_article.setdefault(row.passage.article_id, []).append(row.passage)
        yield from _passage_problems(rows, catalog.vectors_by_id(row.passage.id for row in rows))
    for line in catalog.articles():
        article = catalog.article(line.id)
        if article is not None:
            yield from _text_problems(article, by_article.get(line.id, []), catalog)
    epoch = catalog.meta("epoch")
    found = CatalogFollower(catalog, IndexVersion.read(epoch)).content().wanted.ids if epoch else ()
    if epoch is None and len(ids):
        yield "the library has passages, but no index can be opened for them"
    elif len(found) < len(ids):
        waiting = len(ids) - len(found)
        yield f"catalogue: {waiting} passages have vectors of another model, so that nothing finds them"


def find_index_problems(catalog: Catalog, indexes: OpenIndexes) -> Iterator[str]:
    """Yield a sentence for each problem that filling the indexes again from the catalogue would solve."""
    yield from _index_problems(CatalogFollower(catalog, indexes.index_version).content().wanted.ids, indexes)
    ids = catalog.passage_ids()
    held = set(indexes.dense.ids().tolist())
    for at in range(0, len(ids), _BATCH):
        rows = list(catalog.passages(ids[at : at + _BATCH]))
        yield from _entry_problems(rows, catalog.vectors_by_id(row.passage.id for row in rows), indexes, held)


def _text_problems(article: Article, stored: Sequence[Passage], catalog: Catalog) -> Iterator[str]:
    if not catalog.text_is_intact(article):
        yield f"article {article.id}: its text is not the text that was added"
    covered = bytearray(len(article.text))
    for passage in stored:
        if not 0 <= passage.start < passage.end <= len(article.text):
            yield f"passage {passage.id}: its place {passage.start}-{passage.end} is not inside article {article.id}"
            continue
        covered[passage.start : passage.end] = b"\1" * (passage.end - passage.start)
    for section in article.sections:
        lost = sum(
            not covered[at] and not article.text[at].isspace()
            for at in range(section.start, min(section.end, len(article.text)))
        )
        if lost:
            yield f"article {article.id}: {lost} characters of its section {section.heading!r} are in no passage"


def _passage_problems(rows: Sequence[StoredPassage], vectors: Mapping[int, np.ndarray]) -> Iterator[str]:
    for row in rows:
        vector = vectors.get(row.passage.id)
        if vector is None or passage_digest(row.text, vector) != row.digest:
            yield f"passage {row.passage.id}: its text or its vector is not what was stored"
        elif abs(float(np.linalg.norm(vector)) - 1) > _UNIT:
            yield f"passage {row.passage.id}: its vector is not of unit length"


def _entry_problems(
    rows: Sequence[StoredPassage], vectors: Mapping[int, np.ndarray], indexes: OpenIndexes, held: AbstractSet[int]
) -> Iterator[str]:
    both = [row for row in rows if row.passage.id in held]
    known = [row.passage.id for row in both if row.passage.id in vectors]
    if known:
        ids = np.array(known, np.int64)
        for key in ids[~indexes.dense.holds(ids, np.stack([vectors[key] for key in known]))]:
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
