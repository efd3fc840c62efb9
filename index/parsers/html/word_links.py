"""The links of a page while its text is collected, and their absolute addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from index.models import Link
from index.parsers.document import Row
from index.text.link_addresses import link_address


class WordLinks:
    """The links in the words collected for a block. A link inside another one is part of that."""

    def __init__(self) -> None:
        self.address = ""  # of the link that is open, as the page writes it
        self._first = 0  # the word with which it begins
        self._ranges: list[tuple[int, int, str]] = []  # the first and last words of links that ended, and addresses

    def begin(self, href: str, word: int) -> bool:
        """Begin a link before the word of a number; return False for one to a place on the page, or in another."""
        if self.address or not href or href.startswith("#"):
            return False
        self.address, self._first = href, word
        return True

    def end(self, word: int) -> None:
        """End the open link before the word of a number."""
        self._ranges.append((self._first, word, self.address))
        self.address = ""

    def take(self, words: Sequence[str]) -> list[Link]:
        """Return the links in a block of words, by their offsets; one that is still open goes on in the next block."""
        if self.address:
            self._ranges.append((self._first, len(words), self.address))
            self._first = 0
        if not self._ranges:
            return []
        offsets = [0, *accumulate(map(len, words))]
        links = [Link(offsets[first], offsets[last], address) for first, last, address in self._ranges]
        self._ranges.clear()
        return links


def with_addresses(rows: Iterable[Row], base: str) -> Iterator[Row]:
    """Yield rows with absolute addresses, resolved against `base`, and without links of other kinds."""
    known: dict[str, str | None] = {}
    for row in rows:
        for link in row.links:
            if link.address not in known:
                known[link.address] = link_address(link.address, base)
        found = tuple(link._replace(address=own) for link in row.links if (own := known[link.address]))
        yield replace(row, links=found) if row.links else row
