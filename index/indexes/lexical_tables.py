"""The tables of the lexical index: rows, and for each term the passages that contain it.

Passages are divided into blocks of `BLOCK` consecutive ids. The table `postings` has one list of entries for each term
and block. Lists are not ordered, so that adding passages appends to the lists of one block, whatever the size of the
index. With entries and the lengths of passages, BM25 is computed without looking at the passages.

Each block has a checksum of its rows and entries, which changes by what a passage brings, and which `problem` computes
again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from index.indexes import lexical_terms
from index.indexes.lexical import LexicalRow
from index.indexes.lexical_entries import (
    BLOCK,
    BLOCK_BITS,
    ENTRY,
    LENGTH,
    NUMBERS,
    Contribution,
    by_block,
    checksum,
    offset_of,
    pack,
    padded,
    term_hash,
    without,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

_TERM_BITS: Final = 32  # as in the statements below

CREATE: Final = (
    "DROP TABLE IF EXISTS vocabulary",
    "DROP TABLE IF EXISTS passages",
    "DROP TABLE IF EXISTS digests",
    "DROP TABLE IF EXISTS blocks",
    "DROP TABLE IF EXISTS lengths",
    "DROP TABLE IF EXISTS postings",
    "DROP TABLE IF EXISTS terms",
    "DROP TABLE IF EXISTS spellings",
    "DROP TABLE IF EXISTS stamp",
    "CREATE TABLE passages(id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE digests(id INTEGER PRIMARY KEY, digest INTEGER NOT NULL)",
    "CREATE TABLE blocks(block INTEGER PRIMARY KEY, passages INTEGER NOT NULL, checksum INTEGER NOT NULL)",
    "CREATE TABLE lengths(block INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    "CREATE TABLE postings(key INTEGER PRIMARY KEY, data BLOB NOT NULL)",  # block << _TERM_BITS | term
    *lexical_terms.CREATE,
    "CREATE TABLE stamp(epoch TEXT, generation INTEGER, token BLOB)",
)
_APPEND = "INSERT INTO postings VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET data = CAST(data || excluded.data AS BLOB)"
_READ_TERM = "SELECT block, data FROM blocks CROSS JOIN postings ON key = (block << 32) + ?"
_COUNT_TERM = "SELECT coalesce(sum(length(data)), 0) FROM blocks CROSS JOIN postings ON key = (block << 32) + ?"
_ROWS_OF_BLOCK = "SELECT id, title, body, digest FROM passages JOIN digests USING (id) WHERE id >= ? AND id < ?"


def stored(db: sqlite3.Connection, ids: Iterable[int]) -> list[LexicalRow]:
    """Return the rows under some ids; unknown ids are left out."""
    statement = "SELECT id, title, body, digest FROM passages JOIN digests USING (id) WHERE id = ?"
    found = (db.execute(statement, (key,)).fetchone() for key in ids)
    return [LexicalRow(*row) for row in found if row]


def add(db: sqlite3.Connection, rows: Sequence[LexicalRow]) -> None:
    """Store rows whose ids are new."""
    db.executemany("INSERT INTO passages VALUES (?, ?, ?)", [row[:3] for row in rows])
    db.executemany("INSERT INTO digests VALUES (?, ?)", [(row.id, _signed(row.digest)) for row in rows])
    for each in by_block(rows):
        ids = lexical_terms.ids_of(db, each.entries)
        lists = ((_key(each.block, ids[term]), pack(entries)) for term, entries in each.entries.items())
        db.executemany(_APPEND, sorted(lists))
        _update_block(db, each, 1)


def remove(db: sqlite3.Connection, rows: Sequence[LexicalRow]) -> None:
    """Remove rows as they are stored, and the terms that no other row has."""
    for each in by_block(rows):
        emptied = []
        is_gone = np.zeros(BLOCK, bool)
        is_gone[list(each.lengths)] = True
        for term_id in lexical_terms.known_ids(db, each.entries).values():
            key = _key(each.block, term_id)
            row = db.execute("SELECT data FROM postings WHERE key = ?", (key,)).fetchone()
            kept = without(row[0], is_gone) if row else b""
            if kept:
                db.execute("UPDATE postings SET data = ? WHERE key = ?", (kept, key))
            else:
                db.execute("DELETE FROM postings WHERE key = ?", (key,))
                emptied.append(term_id)
        _update_block(db, each, -1)
        lexical_terms.delete(db, [term_id for term_id in emptied if not count(db, term_id)])
    keys = [(row.id,) for row in rows]
    db.executemany("DELETE FROM passages WHERE id = ?", keys)
    db.executemany("DELETE FROM digests WHERE id = ?", keys)


def count(db: sqlite3.Connection, term_id: int) -> int:
    """Return the number of passages that contain a term."""
    return int(db.execute(_COUNT_TERM, (term_id,)).fetchone()[0]) // ENTRY.itemsize


def lists(db: sqlite3.Connection, term_id: int) -> list[tuple[int, bytes]]:
    """Return the blocks in which a term occurs, in no particular order, each with its stored entries."""
    return db.execute(_READ_TERM, (term_id,)).fetchall()


def problem(db: sqlite3.Connection) -> str | None:
    """Return what is wrong with the tables, None for nothing. Raises sqlite3.Error if they cannot be read at all."""
    found = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if found != "ok":
        return found
    hashes = {term_id: term_hash(term) for term_id, term in db.execute("SELECT id, term FROM terms")}
    held = db.execute("SELECT block, passages, checksum FROM blocks").fetchall()
    for block, passages, expected in held:
        bounds = block << BLOCK_BITS, (block + 1) << BLOCK_BITS
        rows = [LexicalRow(*row) for row in db.execute(_ROWS_OF_BLOCK, bounds)]
        if len(rows) != passages or _block_checksum(db, block, rows, hashes) != expected & NUMBERS:
            return "the lists of its terms do not fit its rows"
    total = sum(passages for _, passages, _ in held)
    for statement in ("SELECT count(*) FROM passages", "SELECT count(*) FROM digests"):
        if db.execute(statement).fetchone()[0] != total:
            return "its rows do not belong together"
    return None if lexical_terms.are_sound(db) else "the signatures of its terms do not fit them"


def _block_checksum(db: sqlite3.Connection, block: int, rows: list[LexicalRow], hashes: dict[int, int]) -> int | None:
    """Return the checksum of what is stored for a block; None if something is missing."""
    bounds = _key(block, 0), _key(block + 1, 0)
    found = db.execute("SELECT key, data FROM postings WHERE key >= ? AND key < ?", bounds).fetchall()
    terms = [hashes.get(key - bounds[0]) for key, _ in found]
    data = db.execute("SELECT data FROM lengths WHERE block = ?", (block,)).fetchone()
    if None in terms or not data:
        return None
    by_offset = np.frombuffer(padded(data[0], BLOCK * LENGTH.itemsize), LENGTH).tolist()
    if sum(map(bool, by_offset)) > len(rows):
        return None
    entries = np.frombuffer(b"".join(data for _, data in found), ENTRY).astype(np.uint64)
    counts = [len(data) // ENTRY.itemsize for _, data in found]
    known = (each for each in terms if each is not None)
    return checksum(known, counts, entries, rows, [by_offset[offset_of(row.id)] for row in rows])


def _update_block(db: sqlite3.Connection, change: Contribution, sign: int) -> None:
    """Add what rows bring to their block, or take it away if `sign` is -1; a block without rows is deleted."""
    block = change.block
    found = db.execute("SELECT passages, checksum FROM blocks WHERE block = ?", (block,)).fetchone()
    passages, old = found or (0, 0)
    passages += sign * len(change.rows)
    if not passages:
        db.execute("DELETE FROM blocks WHERE block = ?", (block,))
        db.execute("DELETE FROM lengths WHERE block = ?", (block,))
        return
    data = db.execute("SELECT data FROM lengths WHERE block = ?", (block,)).fetchone() or (b"",)
    lengths = np.frombuffer(padded(data[0], BLOCK * LENGTH.itemsize), LENGTH).copy()
    lengths[list(change.lengths)] = list(change.lengths.values()) if sign > 0 else 0
    new = _signed((old + sign * change.checksum) & NUMBERS)
    db.execute("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?)", (block, passages, new))
    db.execute("INSERT OR REPLACE INTO lengths VALUES (?, ?)", (block, lengths.tobytes().rstrip(b"\0")))


def _key(block: int, term_id: int) -> int:
    return (block << _TERM_BITS) + term_id


def _signed(number: int) -> int:
    """Return an unsigned 64-bit number as a signed one with the same bits, as SQLite has them."""
    return number - (NUMBERS + 1) if number > NUMBERS >> 1 else number
