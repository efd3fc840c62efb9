"""Delete what a saved web page carries around its article: whole lines only, by the rules of `rules.py`."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.cleaning.rules import RULES, Rule, bare
from index.text.blocks import LIST_ITEM, SETEXT, TERMINAL, fenced, lines
from index.text.sections import same_title

_TOP, _BOTTOM = 8, 12  # filled lines that count as the page's edge; footers are longer than headers
_WRAPPED = 50  # code points: a line at least this long without a full stop runs on in the next
_FRAGMENT = 40  # code points: below a comment form, shorter lines without a full stop are labels
_LABEL = 120  # code points: the longest headline in a list of links


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning kept, letter for letter; `cuts` are the offsets in `text` where `deleted` lines stood."""

    text: str
    cuts: tuple[int, ...]
    deleted: tuple[str, ...]


def clean(text: str, markdown: bool = False) -> Cleaned:
    """Delete the lines of `text` that are a web page's clutter; every other line stays, its line feed included.

    Code, tables and sentences are never touched; where it is in doubt a line stays.
    """
    rows = [span.of(text) for span in lines(text)]
    gone = clutter(rows, markdown)
    kept: list[str] = []
    cuts: list[int] = []
    length = 0
    for number, row in enumerate(rows):
        if number in gone:
            cuts.append(length)
        else:
            kept.append(row)
            length += len(row)
    return Cleaned("".join(kept), tuple(dict.fromkeys(cuts)), tuple(rows[n].strip() for n in sorted(gone)))


def clutter(rows: Sequence[str], markdown: bool) -> set[int]:
    """Return the numbers of the rows that are clutter."""
    return _Page(rows, markdown).clutter()


class _Page:
    """The rows of one page and what is known of each. Rows are named by their number; `filled` ones are not blank."""

    def __init__(self, rows: Sequence[str], markdown: bool) -> None:
        self.rows = rows
        self.markdown = markdown
        self.bare = [bare(row) for row in rows]
        safe = {n for first, last in fenced(rows) for n in range(first, last)}
        safe |= {n for n, row in enumerate(rows) if _is_table(row) or (markdown and row.startswith(("    ", "\t")))}
        underlines = {n for n, row in enumerate(rows) if n and SETEXT.match(row) and rows[n - 1].strip()}
        safe |= underlines | {n - 1 for n in underlines}
        self.filled = [n for n, row in enumerate(rows) if row.strip()]
        self.open = [n for n in self.filled if n not in safe and not self._runs_on(n)]
        self.edge = {*self.filled[:_TOP], *self.filled[-_BOTTOM:]}

    def clutter(self) -> set[int]:
        """Return the rows to delete."""
        hits = {n: rule for n in self.open if (rule := self._rule_for(n, {"anywhere"} | self._edge(n))) is not None}
        hits = {n: rule for n, rule in hits.items() if not rule.topic or not self._is_about(rule.topic, hits)}
        gone = set(hits)
        spread: set[int] = set()  # rows that a rule above has taken, from where it would take the same again
        for number, rule in hits.items():
            if number in spread:
                continue
            if rule.takes == "list":
                spread |= self._links_below(number, gone)
            elif rule.name == "share bar":
                spread |= self._beside(number, gone, "share")
            elif rule.name == "comment form":
                spread |= self._form_below(number, gone)
            gone |= spread
        gone |= {n for n in self.open if n not in gone and self._is_lonely(n)}
        gone |= self._repeated_title(gone)
        return gone - self._real_headings(hits, gone)

    def _edge(self, number: int) -> set[str]:
        return {"edge"} if number in self.edge else set()

    def _rule_for(self, number: int, where: Iterable[str]) -> Rule | None:
        """Return the first rule of these places that a row matches."""
        line = self.bare[number]
        return next((rule for rule in RULES if rule.where in where and rule.matches(line)), None) if line else None

    def _runs_on(self, number: int) -> bool:
        """Tell whether a row is in the middle of a wrapped sentence, where any words may stand alone on a line."""
        above = self.rows[number - 1].rstrip() if number else ""
        wrapped = len(above) >= _WRAPPED and not TERMINAL.search(above)
        return wrapped and self._rule_for(number - 1, {"anywhere"}) is None

    def _is_about(self, topic: str, hits: dict[int, Rule]) -> bool:
        """Tell whether the article itself speaks of a rule's topic: in its first line or in two others."""
        own = [n for n in self.filled if n not in hits]
        said = [n for n in own if topic in self.rows[n].casefold()]
        return len(said) >= 2 or bool(said and said[0] == own[0])

    def _below(self, number: int) -> Iterator[int]:
        """Yield the filled rows below a row."""
        return (self.filled[n] for n in range(bisect_right(self.filled, number), len(self.filled)))

    def _take_while(self, numbers: Iterable[int], accept: Callable[[int], bool]) -> set[int]:
        """Return rows up to the first that is not accepted."""
        taken = set()
        for number in numbers:
            if not accept(number):
                break
            taken.add(number)
        return taken

    def _beside(self, number: int, gone: set[int], place: str) -> set[int]:
        """Return the rows directly above and below that match the rules of a place."""
        above = (self.filled[n] for n in reversed(range(bisect_left(self.filled, number))))

        def accept(n: int) -> bool:
            return n in gone or self._rule_for(n, {place}) is not None

        return self._take_while(above, accept) | self._take_while(self._below(number), accept)

    def _form_below(self, number: int, gone: set[int]) -> set[int]:
        """Return the rows of a comment form; all of the page's rest if it holds labels only."""

        def is_label(n: int) -> bool:
            return n in gone or (len(self.bare[n]) <= _FRAGMENT and not TERMINAL.search(self.bare[n]))

        rest = self._take_while(self._below(number), is_label)
        return rest if self._is_end(number, rest) else self._beside(number, gone, "form")

    def _links_below(self, number: int, gone: set[int]) -> set[int]:
        """Return the links that follow a heading such as "Related posts": its own block, or all of the page's rest."""

        def is_link(n: int) -> bool:
            line = self.bare[n]
            return n in gone or (len(line) <= _LABEL and not TERMINAL.search(line) and not self.rows[n].startswith("#"))

        rest = self._take_while(self._below(number), is_link)
        if self._is_end(number, rest):
            return rest
        linked = {n for n in rest if "](" in self.rows[n] or LIST_ITEM.match(self.rows[n])}
        return self._take_while(self._below(number), linked.__contains__)

    def _is_end(self, number: int, rest: set[int]) -> bool:
        """Tell whether the rows directly below a row are all of the page's rest."""
        return self.filled[-1] in rest or self.filled[-1] == number

    def _is_lonely(self, number: int) -> bool:
        """Tell whether a row is punctuation only, and not a blank line of a Markdown quotation."""
        row = self.rows[number].strip()
        if self.markdown and row.startswith(">"):
            return False
        return all(unicodedata.category(char)[0] in "PZ" or char in "|=+~^<>`" for char in row)

    def _repeated_title(self, gone: set[int]) -> set[int]:
        """Return the rows near the top that say the first row's title again."""
        kept = [n for n in self.filled if n not in gone and not SETEXT.match(self.rows[n])][:4]
        if not kept or TERMINAL.search(self.bare[kept[0]]):
            return set()
        return {n for n in kept[1:] if self._is_alone(n) and same_title(self.bare[n], self.bare[kept[0]])}

    def _is_alone(self, number: int) -> bool:
        """Tell whether blank rows surround a row."""
        around = [self.rows[n] for n in (number - 1, number + 1) if 0 <= n < len(self.rows)]
        return not any(row.strip() for row in around)

    def _real_headings(self, hits: dict[int, Rule], gone: set[int]) -> set[int]:
        """Return the rows among `gone` that turn out to be an article's own headings: text of the article is below."""
        real: set[int] = set()
        for number, rule in sorted(hits.items(), reverse=True):
            heading = re.match(r" {0,3}#{1,6}\s", self.rows[number]) is not None
            if not heading and rule.takes == "line":
                continue
            below = next(self._below(number), None)
            ends = below is None or (below in gone and below not in real)
            if not ends and not (heading and below is not None and self.rows[below].startswith("#")):
                real.add(number)
        return real


def _is_table(row: str) -> bool:
    """Tell whether a row belongs to a Markdown table."""
    return row.lstrip().startswith("|") or re.fullmatch(r"\s*:?-+:?\s*(\|\s*:?-+:?\s*)+", row.rstrip("\n")) is not None
