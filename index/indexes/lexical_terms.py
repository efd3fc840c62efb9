"""The terms of the lexical index, and which of them are spelt like another.

Each term has a 64-bit signature: its length, and for each of 29 classes of characters whether it has at least one and
at least two of them. An edit changes few bits: comparing signatures, a million in a few milliseconds, leaves few
terms to which the distance has to be computed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.indexes.lexical_entries import padded

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

_PAGE_BITS: Final = 10
_PAGE: Final = 1 << _PAGE_BITS  # terms whose signatures are stored together
_SIGNATURE: Final = np.dtype("<u8")
_PAGE_BYTES: Final = _PAGE * _SIGNATURE.itemsize
_CLASSES: Final = 29  # of characters; the letters a to z are in different ones
LENGTH_SHIFT: Final = 2 * _CLASSES
MOST_LENGTH: Final = (1 << (64 - LENGTH_SHIFT)) - 1
BITS_PER_EDIT: Final = 2  # that differ at most: a replaced character leaves one class and enters another
_SHORT, _MIDDLE = 4, 8  # characters from which one edit is allowed, and two

CREATE: Final = (
    "CREATE TABLE terms(id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE)",
    "CREATE TABLE spellings(page INTEGER PRIMARY KEY, data BLOB NOT NULL)",
)


def known_ids(db: sqlite3.Connection, terms: Iterable[str]) -> dict[str, int]:
    """Return the ids of those of some terms that are stored."""
    found = ((term, db.execute("SELECT id FROM terms WHERE term = ?", (term,)).fetchone()) for term in terms)
    return {term: row[0] for term, row in found if row}


def ids_of(db: sqlite3.Connection, terms: Iterable[str]) -> dict[str, int]:
    """Return the ids of terms; new ones are stored."""
    listed = list(terms)
    ids = known_ids(db, listed)
    new = {
        term: int(db.execute("INSERT INTO terms(term) VALUES (?)", (term,)).lastrowid or 0)
        for term in listed
        if term not in ids
    }
    _write_signatures(db, {key: signature(term) for term, key in new.items()})
    return ids | new


def delete(db: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Delete terms."""
    db.executemany("DELETE FROM terms WHERE id = ?", [(key,) for key in ids])
    _write_signatures(db, dict.fromkeys(ids, 0))


def signatures(db: sqlite3.Connection) -> np.ndarray:
    """Return the signatures of all terms as (n,) uint64; the place of one is its term's id, 0 stands for no term."""
    pages = db.execute("SELECT page, data FROM spellings ORDER BY page").fetchall()
    if not pages:
        return np.zeros(0, np.uint64)
    made = np.zeros((pages[-1][0] + 1, _PAGE), np.uint64)
    for page, data in pages:
        made[page] = np.frombuffer(padded(data, _PAGE_BYTES), _SIGNATURE)
    return made.reshape(-1)


def similar(db: sqlite3.Connection, signatures: np.ndarray, term: str) -> list[tuple[str, float]]:
    """Return the terms that a misspelt one may stand for, with their similarity (0 to 1), best first.

    Terms of 4 to 7 characters may differ by one edit, longer ones by two, shorter ones not at all; an edit inserts,
    deletes or replaces a character, or swaps two adjacent ones (optimal string alignment).
    """
    edits = allowed_edits(term)
    if not edits:
        return []
    own = np.uint64(signature(term))
    shift = np.uint64(LENGTH_SHIFT)
    letters = np.bitwise_count((signatures ^ own) << np.uint64(64 - LENGTH_SHIFT))
    near = np.flatnonzero(letters <= BITS_PER_EDIT * edits)
    lengths = (signatures[near] >> shift).astype(np.int64)
    near = near[np.abs(lengths - min(len(term), MOST_LENGTH)) <= edits]
    statement = "SELECT term FROM terms WHERE id = ?"
    return ranked(term, [row[0] for key in near.tolist() if (row := db.execute(statement, (key,)).fetchone())])


def allowed_edits(term: str) -> int:
    """Return how many edits a misspelt term may be away from what was meant."""
    return (len(term) >= _SHORT) + (len(term) >= _MIDDLE)


def ranked(term: str, others: Iterable[str]) -> list[tuple[str, float]]:
    """Return those of other terms that are near enough to a misspelt one, with their similarity, best first."""
    cutoff = 1 - allowed_edits(term) / len(term) - 1e-6
    scorer = OSA.normalized_similarity
    matches = process.extract(term, sorted(others), scorer=scorer, processor=None, score_cutoff=cutoff, limit=None)
    return [(match, score) for match, score, _ in matches]


def are_sound(db: sqlite3.Connection) -> bool:
    """Whether the stored signatures are those of the terms."""
    held = signatures(db)
    expected = np.zeros(len(held), np.uint64)
    for key, term in db.execute("SELECT id, term FROM terms"):
        if key >= len(expected):
            return False
        expected[key] = signature(term)
    return bool(np.array_equal(held, expected))


def signature(term: str) -> int:
    """Return the signature of a term, below 2**64."""
    once = twice = 0
    for character in term:
        bit = 1 << ord(character) % _CLASSES
        twice |= once & bit
        once |= bit
    return min(len(term), MOST_LENGTH) << LENGTH_SHIFT | twice << _CLASSES | once


def _write_signatures(db: sqlite3.Connection, changed: dict[int, int]) -> None:
    pages: dict[int, dict[int, int]] = defaultdict(dict)
    for key, signature in changed.items():
        pages[key >> _PAGE_BITS][key & (_PAGE - 1)] = signature
    for page, values in pages.items():
        (stored,) = db.execute("SELECT data FROM spellings WHERE page = ?", (page,)).fetchone() or (b"",)
        data = np.frombuffer(padded(stored, _PAGE_BYTES), _SIGNATURE).copy()
        data[list(values)] = np.array(list(values.values()), _SIGNATURE)
        db.execute("INSERT OR REPLACE INTO spellings VALUES (?, ?)", (page, data.tobytes().rstrip(b"\0")))
