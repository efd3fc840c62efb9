"""The inline text of a block while it is collected from the elements of a page, with its links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from index.parsers.html.word_links import WordLinks
from index.parsers.linked_text import carried

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.models import Link

BREAK: Final = "\x0b"  # a line break
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")
_BREAKS: Final = re.compile(rf"(?: ?{BREAK} ?){{2,}}")
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphens, and marks where a line may break
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # no browser shows them


class InlineWords:
    """Collects the texts of a block until `take` is called."""

    def __init__(self) -> None:
        self.links = WordLinks()
        self._words: list[str] = []
        self._open = 0  # how many links are open
        self._linked = 0  # code points of `_words` that are in links

    def add(self, text: str) -> None:
        """Add some text as it stands in the page."""
        self._words.append(text)
        self._linked += len(text) if self._open else 0

    def insert(self, text: str) -> None:
        """Add what does not count as text of a link: `BREAK`, marks, small text and formulas."""
        self._words.append(text)

    def begin_link(self, href: str) -> bool:
        """Begin a link; return whether its address is kept."""
        self._open += 1
        return self.links.begin(href, len(self._words))

    def end_link(self, *, kept: bool) -> None:
        """End the link that was begun last."""
        if kept:
            self.links.end(len(self._words))
        self._open -= 1

    @property
    def in_link(self) -> bool:
        """Whether a link is open."""
        return self._open > 0

    def take(self) -> tuple[Iterator[tuple[list[str], list[tuple[Link, ...]]]], float]:
        """Return the collected text, and which share of it is in links; the next text begins a new block.

        The text is a sequence of blocks, which two or more line breaks separate: their lines, and the links of each.
        """
        written = "".join(self._words)
        linked = self._linked / max(1, len(written))
        links = self.links.take(self._words) if self._words else []
        self._words.clear()
        self._linked = 0
        return iter(()) if not written or written.isspace() else _blocks(written, links), linked


def _blocks(written: str, links: list[Link]) -> Iterator[tuple[list[str], list[tuple[Link, ...]]]]:
    """Yield the lines of each block of a text, and the links of each line; none if the text has no links."""
    text = _INVISIBLE.sub("", _SPACES.sub(" ", written))
    parts = [
        [line for line in (CONTROLS.sub("", line).strip(" ") for line in part.split(BREAK)) if line]
        for part in (_BREAKS.split(text) if BREAK in text else [text])
    ]
    found = iter(carried(written, links, [line for lines in parts for line in lines])) if links else None
    for lines in parts:
        yield lines, [next(found) for _ in lines] if found else []
