"""Text with its links, and how links are carried through changes of white space and the division into lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from index.models import Link

# White space, and characters that are removed because no program shows them.
_UNSEEN: Final = re.compile("[\\s\x00-\x1f\x7f\u00ad\u200b\u2060\ufeff]+")
_SEEN: Final = re.compile("[^\\s\x00-\x1f\x7f\u00ad\u200b\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class LinkedText:
    """A text and its links, whose spans are of this text."""

    text: str = ""
    links: tuple[Link, ...] = ()

    def __len__(self) -> int:
        return len(self.text)


def joined(parts: Iterable[LinkedText], separator: str) -> LinkedText:
    """Return texts joined with a separator."""
    texts: list[str] = []
    links: list[Link] = []
    length = 0
    for part in parts:
        links += shifted(part.links, length)
        texts.append(part.text)
        length += len(part.text) + len(separator)
    return LinkedText(separator.join(texts), tuple(links))


def shifted(links: Iterable[Link], by: int) -> tuple[Link, ...]:
    """Return links of a text that moved by a number of code points."""
    return tuple(Link(link.start + by, link.end + by, link.address) for link in links)


def carried(text: str, links: Sequence[Link], lines: Sequence[str]) -> list[tuple[Link, ...]]:
    """Return the links in each of the lines that a text became.

    The lines have the visible characters of the text in the same order, with any white space between them. A link over
    several lines is in each of them, without white space at its ends.
    """
    places = [[match.start() for match in _SEEN.finditer(line)] for line in lines]
    starts = [0, *accumulate(map(len, places))]
    found: list[list[Link]] = [[] for _ in lines]
    edges = sorted({edge for link in links for edge in link[:2]})
    seen = dict(zip(edges, _counts(text, edges), strict=True))
    for link in links:
        first, last = seen[link.start], seen[link.end]
        number = bisect_right(starts, first) - 1
        while number < len(lines) and starts[number] < last:
            own = places[number][max(0, first - starts[number]) : last - starts[number]]
            if own:
                found[number].append(Link(own[0], own[-1] + 1, link.address))
            number += 1
    return [tuple(each) for each in found]


def _counts(text: str, edges: Sequence[int]) -> list[int]:
    """Return the number of visible characters before each of some offsets, which are in ascending order."""
    counts: list[int] = []
    at = count = 0
    for edge in edges:
        count += len(_UNSEEN.sub("", text[at:edge]))
        counts.append(count)
        at = edge
    return counts
