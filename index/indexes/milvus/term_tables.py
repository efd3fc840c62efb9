"""The terms of passages in PostgreSQL: their rows, the list of each term's passages, and how many there are.

Like the tables of `index.indexes.lexical_tables`, for places within a library instead of ids of passages, which all
libraries share and which would leave the blocks nearly empty.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import sqlalchemy as sa

from index.indexes.bm25 import Postings
from index.indexes.lexical import LexicalRow
from index.indexes.lexical_entries import BLOCK, BLOCK_BITS, ENTRY, by_block, pack, unpack, without
from index.indexes.lexical_terms import BITS_PER_EDIT, LENGTH_SHIFT, MOST_LENGTH, allowed_edits, ranked, signature
from index.indexes.milvus.state import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.indexes.lexical_entries import Contribution

_ADD_ROWS: Final = sa.text(
    "INSERT INTO passage_terms (id, place, title, body, digest) SELECT * FROM unnest(CAST(:ids AS bigint[]), "
    "CAST(:places AS bigint[]), CAST(:titles AS text[]), CAST(:bodies AS text[]), CAST(:digests AS bigint[]))"
)
_ADD_TERMS: Final = sa.text(
    "INSERT INTO terms (term, signature, passages) "
    "SELECT * FROM unnest(CAST(:terms AS text[]), CAST(:signatures AS bigint[]), CAST(:counts AS bigint[])) "
    "ON CONFLICT (library_id, term) DO UPDATE SET passages = terms.passages + excluded.passages RETURNING id, term"
)
_APPEND: Final = sa.text(
    "INSERT INTO postings (block, term_id, data) "
    "SELECT :block, * FROM unnest(CAST(:terms AS bigint[]), CAST(:lists AS bytea[])) "
    "ON CONFLICT (library_id, block, term_id) DO UPDATE SET data = postings.data || excluded.data"
)
_STORED: Final = sa.text(
    "SELECT id, place, title, body, digest FROM passage_terms WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY place"
)
_DELETE_ROWS: Final = sa.text("DELETE FROM passage_terms WHERE id = ANY(CAST(:ids AS bigint[]))")
_IDS: Final = sa.text("SELECT id, term FROM terms WHERE term = ANY(CAST(:terms AS text[]))")
_COUNTS: Final = sa.text("SELECT term, passages FROM terms WHERE term = ANY(CAST(:terms AS text[]))")
_LISTS: Final = sa.text(
    "SELECT term_id, data FROM postings WHERE block = :block AND term_id = ANY(CAST(:terms AS bigint[]))"
)
_REPLACE: Final = sa.text(
    "UPDATE postings SET data = new.data FROM unnest(CAST(:terms AS bigint[]), CAST(:lists AS bytea[])) "
    "AS new(term_id, data) WHERE block = :block AND postings.term_id = new.term_id"
)
_DELETE_LISTS: Final = sa.text("DELETE FROM postings WHERE block = :block AND term_id = ANY(CAST(:terms AS bigint[]))")
_SUBTRACT: Final = sa.text(
    "UPDATE terms SET passages = terms.passages - gone.passages "
    "FROM unnest(CAST(:terms AS bigint[]), CAST(:counts AS bigint[])) AS gone(id, passages) WHERE terms.id = gone.id"
)
_DELETE_TERMS: Final = sa.text("DELETE FROM terms WHERE id = ANY(CAST(:terms AS bigint[])) AND passages <= 0")
_POSTINGS: Final = sa.text(
    "SELECT block, data FROM terms JOIN postings ON postings.term_id = terms.id "
    "WHERE term = :term AND block = ANY(CAST(:blocks AS bigint[])) ORDER BY block"
)
_PLACES: Final = sa.text("SELECT place FROM passage_terms WHERE id = ANY(CAST(:ids AS bigint[]))")
_AT: Final = sa.text("SELECT id, title, body, digest FROM passage_terms WHERE place = ANY(CAST(:places AS bigint[]))")
# Also those with the letters of a phrase inside of longer words: PostgreSQL leaves out most others faster than Python.
_WITH_PHRASE: Final = sa.text(
    "SELECT place, title, body FROM passage_terms WHERE place = ANY(CAST(:places AS bigint[])) "
    "AND (strpos(body, :phrase) > 0 OR strpos(title, :phrase) > 0)"
)
_BLOCK_ROWS: Final = sa.text(
    "SELECT id, place, title, body, digest FROM passage_terms WHERE place >= :first AND place < :last"
)
_BLOCK_LISTS: Final = sa.text(
    "SELECT term, data FROM postings JOIN terms ON terms.id = postings.term_id WHERE block = :block"
)


_NEAR: Final = sa.text(
    "SELECT term FROM terms WHERE abs((signature >> :shift & :most) - :length) <= :edits "
    "AND bit_count(((signature # :own) & :letters)::bit(64)) <= :bits"
)
_DIGESTS: Final = sa.text("SELECT id, digest FROM passage_terms")
_SUMS: Final = sa.text("SELECT count(*), coalesce(max(place) + 1, 0) FROM passage_terms")
_MISCOUNTED: Final = sa.text(
    "SELECT 1 FROM terms LEFT JOIN "
    "(SELECT term_id, sum(octet_length(data)) / 4 AS held FROM postings GROUP BY term_id) AS lists "
    "ON lists.term_id = terms.id WHERE passages <> coalesce(held, 0) LIMIT 1"
)


class StoredRow(NamedTuple):
    """A passage's row, and its place."""

    row: LexicalRow
    place: int


def add(db: sa.Connection, rows: Sequence[LexicalRow], first: int) -> Totals:
    """Store rows whose ids are new, from place `first` on; return what that adds to the totals."""
    places = range(first, first + len(rows))
    columns: dict[str, list[Any]] = {
        "ids": [row.id for row in rows],
        "places": list(places),
        "titles": [row.title for row in rows],
        "bodies": [row.body for row in rows],
        "digests": [signed(row.digest) for row in rows],
    }
    db.execute(_ADD_ROWS, columns)
    parts = _parts(rows, places)
    counts = _counted(parts)
    listed = sorted(counts)
    values = {"terms": listed, "signatures": [signed(signature(term)) for term in listed]}
    made = db.execute(_ADD_TERMS, {**values, "counts": [counts[term] for term in listed]})
    ids = {term: key for key, term in made}
    for part in parts:
        lists = {ids[term]: pack(entries) for term, entries in part.entries.items()}
        db.execute(_APPEND, {"block": part.block, "terms": list(lists), "lists": list(lists.values())})
    return Totals(len(rows), _words(parts), len(rows))


def remove(db: sa.Connection, ids: Sequence[int]) -> Totals:
    """Remove rows, and the terms that no other row has; return what that adds to the totals."""
    gone = stored(db, ids)
    if not gone:
        return Totals()
    parts = _parts([one.row for one in gone], [one.place for one in gone])
    counts = _counted(parts)
    known = {term: key for key, term in db.execute(_IDS, {"terms": sorted(counts)})}
    for part in parts:
        _shorten(db, part, [known[term] for term in part.entries if term in known])
    keys = sorted(known.values())
    by_key = {known[term]: number for term, number in counts.items() if term in known}
    db.execute(_SUBTRACT, {"terms": keys, "counts": [by_key[key] for key in keys]})
    db.execute(_DELETE_TERMS, {"terms": keys})
    db.execute(_DELETE_ROWS, {"ids": [one.row.id for one in gone]})
    return Totals(-len(gone), -_words(parts))


def stored(db: sa.Connection, ids: Iterable[int]) -> list[StoredRow]:
    """Return the rows under some ids, by place; unknown ids are left out."""
    found = db.execute(_STORED, {"ids": [int(key) for key in ids]})
    return [StoredRow(_row(key, *rest), place) for key, place, *rest in found]


def counts(db: sa.Connection, terms: Sequence[str]) -> dict[str, int]:
    """Return the number of passages that contain each of some terms; unknown ones are left out."""
    return {term: int(passages) for term, passages in db.execute(_COUNTS, {"terms": list(terms)})}


def postings(db: sa.Connection, term: str, places: int) -> Postings:
    """Return the places of the passages that contain a term, of the first `places` places."""
    blocks = list(range((places >> BLOCK_BITS) + 1))
    found = [(block, bytes(data)) for block, data in db.execute(_POSTINGS, {"term": term, "blocks": blocks})]
    offsets, frequencies = unpack(b"".join(data for _, data in found))
    starts = np.array([block << BLOCK_BITS for block, _ in found], np.uint32)
    return Postings(offsets + np.repeat(starts, [len(data) // ENTRY.itemsize for _, data in found]), frequencies)


def places_of(db: sa.Connection, ids: np.ndarray) -> np.ndarray:
    """Return the places of those of some passages that are stored, in no particular order."""
    return np.array(db.execute(_PLACES, {"ids": ids.tolist()}).scalars().all(), np.int64)


def rows_at(db: sa.Connection, places: np.ndarray) -> list[LexicalRow]:
    """Return the rows of the passages at some places."""
    found = db.execute(_AT, {"places": places.tolist()})
    return [_row(*row) for row in found]


def with_phrase(db: sa.Connection, places: np.ndarray, phrase: str) -> list[tuple[int, str, str]]:
    """Return place, title terms and body terms of those of some passages that may contain a phrase."""
    found = db.execute(_WITH_PHRASE, {"places": places.tolist(), "phrase": phrase})
    return [(place, title, body) for place, title, body in found]


def similar(db: sa.Connection, term: str) -> list[tuple[str, float]]:
    """Return the terms that a misspelt one may stand for, as `index.indexes.lexical_terms.similar` does."""
    edits = allowed_edits(term)
    if not edits:
        return []
    values = {"own": signed(signature(term)), "length": min(len(term), MOST_LENGTH), "edits": edits}
    values |= {"shift": LENGTH_SHIFT, "most": MOST_LENGTH, "letters": (1 << LENGTH_SHIFT) - 1}
    return ranked(term, db.execute(_NEAR, {**values, "bits": BITS_PER_EDIT * edits}).scalars())


def digests(db: sa.Connection) -> np.ndarray:
    """Return (n, 2) int64: ids and digests of all passages."""
    return np.array([tuple(row) for row in db.execute(_DIGESTS)], np.int64).reshape(-1, 2)


def problem(db: sa.Connection, totals: Totals) -> str | None:
    """Return what is wrong with the tables, None for nothing; the lists are made anew from the rows."""
    passages, places = db.execute(_SUMS).one()
    if passages != totals.passages or places > totals.places:
        return "its rows do not belong together"
    if db.execute(_MISCOUNTED).first():
        return "the numbers of its passages do not fit the lists of its terms"
    for block in range((totals.places >> BLOCK_BITS) + 1):
        found = db.execute(_BLOCK_ROWS, {"first": block << BLOCK_BITS, "last": (block + 1) << BLOCK_BITS})
        rows = [(LexicalRow(key, title, body, digest), place) for key, place, title, body, digest in found]
        parts = _parts([row for row, _ in rows], [place for _, place in rows])
        wanted = {term: sorted(entries) for part in parts for term, entries in part.entries.items()}
        lists = {term: bytes(data) for term, data in db.execute(_BLOCK_LISTS, {"block": block})}
        if {term: sorted(np.frombuffer(data, ENTRY).tolist()) for term, data in lists.items()} != wanted:
            return "the lists of its terms do not fit its rows"
    return None


def _row(key: int, title: str, body: str, digest: int) -> LexicalRow:
    return LexicalRow(key, title, body, digest & (1 << 64) - 1)


def signed(number: int) -> int:
    """Return an unsigned 64-bit number as a signed one with the same bits, as PostgreSQL has them."""
    return number - (1 << 64) if number >= 1 << 63 else number


def _parts(rows: Sequence[LexicalRow], places: Iterable[int]) -> list[Contribution]:
    """Return what rows bring to each block of places."""
    return list(by_block(row._replace(id=place) for row, place in zip(rows, places, strict=True)))


def _counted(parts: Sequence[Contribution]) -> Counter[str]:
    """Return the number of passages with each term."""
    found: Counter[str] = Counter()
    for part in parts:
        found.update({term: len(entries) for term, entries in part.entries.items()})
    return found


def _words(parts: Sequence[Contribution]) -> int:
    return sum(sum(part.lengths.values()) for part in parts)


def _shorten(db: sa.Connection, part: Contribution, term_ids: Sequence[int]) -> None:
    """Take rows of one block out of the lists of their terms."""
    is_gone = np.zeros(BLOCK, bool)
    is_gone[list(part.lengths)] = True
    found = db.execute(_LISTS, {"block": part.block, "terms": list(term_ids)})
    kept = {key: without(bytes(data), is_gone) for key, data in found}
    left = {key: data for key, data in kept.items() if data}
    db.execute(_REPLACE, {"block": part.block, "terms": list(left), "lists": list(left.values())})
    db.execute(_DELETE_LISTS, {"block": part.block, "terms": [key for key in kept if key not in left]})
