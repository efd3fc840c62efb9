"""What a passage brings to the lexical index: an entry in the list of each of its terms, its length, and a checksum.

An entry is a number: the passage's offset in its block of ids, and the weight of the term in it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index.indexes.lexical import LexicalRow

BLOCK_BITS: Final = 14
BLOCK: Final = 1 << BLOCK_BITS
ENTRY: Final = np.dtype("<u4")
LENGTH: Final = np.dtype("<u2")
NUMBERS: Final = (1 << 64) - 1  # the largest one: checksums and digests are unsigned
_WEIGHT_BITS: Final = 8
_MOST_WEIGHT: Final = (1 << _WEIGHT_BITS) - 1
_MOST_LENGTH: Final = (1 << 16) - 1
_TITLE_WEIGHT, _BODY_WEIGHT = 1, 2
_HALVES: Final = np.float32(2)  # weights are stored as halves: a word of the title counts 0.5, one of the text 1.0
_MIXER: Final = np.uint64(0xFF51AFD7ED558CCD)  # odd, with bits in irregular places


@dataclass(slots=True)
class Contribution:
    """What some rows bring to their block: the entries of each term, and the number of words at each offset."""

    block: int
    rows: list[LexicalRow]
    entries: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    lengths: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, block: int, rows: list[LexicalRow]) -> Contribution:
        """Return what rows of one block bring."""
        made = cls(block, rows)
        for row in rows:
            offset = offset_of(row.id)
            weights, made.lengths[offset] = _weights(row.title, row.body)
            for word, weight in weights.items():
                made.entries[word].append(offset << _WEIGHT_BITS | min(_MOST_WEIGHT, weight))
        return made

    @property
    def checksum(self) -> int:
        """The part of the block's checksum that these rows make."""
        counts = [len(entries) for entries in self.entries.values()]
        entries = np.fromiter(chain.from_iterable(self.entries.values()), np.uint64, sum(counts))
        return checksum(map(term_hash, self.entries), counts, entries, self.rows, list(self.lengths.values()))


def by_block(rows: Iterable[LexicalRow]) -> Iterator[Contribution]:
    """Yield what rows bring to each of their blocks."""
    blocks: dict[int, list[LexicalRow]] = defaultdict(list)
    for row in rows:
        blocks[row.id >> BLOCK_BITS].append(row)
    return (Contribution.of(block, blocks[block]) for block in sorted(blocks))


def offset_of(key: int) -> int:
    """Return the place of a passage in its block."""
    return key & (BLOCK - 1)


def pack(entries: Sequence[int]) -> bytes:
    """Return entries as they are stored."""
    return np.array(entries, ENTRY).tobytes()


def unpack(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return the offsets of stored entries, (n,) uint32, and how often the term is in each, (n,) float32, weighted.

    Raises sqlite3.DatabaseError if they are damaged.
    """
    entries = _entries(data)
    offsets = entries >> _WEIGHT_BITS
    return offsets, (entries & _MOST_WEIGHT).astype(np.float32) / _HALVES


def without(data: bytes, is_gone: np.ndarray) -> bytes:
    """Return stored entries without those of some passages; raises sqlite3.DatabaseError if they are damaged.

    `is_gone` says it of each offset, (BLOCK,) bool.
    """
    entries = _entries(data)
    kept: bytes = entries[~is_gone[entries >> _WEIGHT_BITS]].tobytes()
    return kept


def padded(data: bytes, size: int) -> bytes:
    """Return an array of `size` bytes that is stored without the zeros at its end.

    Raises sqlite3.DatabaseError if it is longer.
    """
    if len(data) > size:
        raise sqlite3.DatabaseError("an array is longer than it can be")
    return data.ljust(size, b"\0")


def word_frequencies(title: str, body: str) -> tuple[dict[str, float], int]:
    """Return how often each term is in a passage, weighted as in its entries, and the number of its words."""
    weights, length = _weights(title, body)
    return {word: min(_MOST_WEIGHT, weight) / float(_HALVES) for word, weight in weights.items()}, length


def phrase_frequency(title: str, body: str, words: Sequence[str]) -> float:
    """Return how often words stand next to each other in a passage, weighted as single terms are."""
    phrase = f" {'  '.join(words)} "  # two spaces in between, so that repetitions share none
    in_title, in_body = (f" {text.replace(' ', '  ')} ".count(phrase) for text in (title, body))
    return float((_TITLE_WEIGHT * in_title + _BODY_WEIGHT * in_body) / _HALVES)


def term_hash(term: str) -> int:
    """Return the number that stands for a term in checksums."""
    return crc32(term.encode())


def checksum(
    hashes: Iterable[int],
    counts: Sequence[int],
    entries: np.ndarray,
    rows: Sequence[LexicalRow],
    lengths: Sequence[int],
) -> int:
    """Return the sum of a hash of every entry and every row, modulo 2**64.

    Args:
        hashes: The hash of each term.
        counts: The number of entries of each term.
        entries: (n,) uint64, those of one term after those of another.
        rows: The rows.
        lengths: The number of words of each row.

    """
    terms = np.repeat(np.fromiter(hashes, np.uint64, len(counts)), counts)
    texts = np.array([crc32(f"{row.title}\0{row.body}".encode()) for row in rows], np.uint64)
    places = np.array([offset_of(row.id) << 16 | length for row, length in zip(rows, lengths, strict=True)], np.uint64)
    digests = np.array([row.digest & NUMBERS for row in rows], np.uint64)
    return (_mixed(terms, entries) + _mixed(texts, places ^ digests)) & NUMBERS


def _mixed(high: np.ndarray, low: np.ndarray) -> int:
    mixed = (high << np.uint64(32)) ^ low
    mixed ^= mixed >> np.uint64(33)
    mixed *= _MIXER
    mixed ^= mixed >> np.uint64(29)
    return int(mixed.sum(dtype=np.uint64))


def _weights(title: str, body: str) -> tuple[Counter[str], int]:
    """Return the weight of each term of a passage, and the number of its words as far as it can be stored."""
    of_title, of_body = title.split(), body.split()
    weights = Counter(of_title)
    for word in of_body:
        weights[word] += _BODY_WEIGHT
    return weights, min(_MOST_LENGTH, len(of_title) + len(of_body))


def _entries(data: bytes) -> np.ndarray:
    if len(data) % ENTRY.itemsize == 0:
        entries = np.frombuffer(data, ENTRY)
        if not len(entries) or entries.max() < BLOCK << _WEIGHT_BITS:
            return entries
    raise sqlite3.DatabaseError("the list of a term is damaged")
