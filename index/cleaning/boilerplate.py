"""Remove boilerplate, the text of a web page around its article: whole lines only, by the rules in `rules.py`."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.cleaning.rules import RULES, Rule, without_markup
from index.text.blocks import LIST_ITEM, SETEXT, TERMINAL, fenced_ranges, lines
from index.text.sections import is_same_title

_TOP, _BOTTOM = 8, 12  # non-blank lines that form the page's edge; footers are longer than headers
_WRAPPED = 50  # code points: a line at least this long without a full stop continues on the next
_FRAGMENT = 40  # code points: below a comment form, shorter lines without a full stop are labels
_LABEL = 120  # code points: the longest headline in a list of links


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text. `cuts` are the offsets in `text`, in code points, at which lines of `deleted` were removed."""

    text: str
    cuts: tuple[int, ...]
    deleted: tuple[str, ...]


def clean(text: str, markdown: bool = False) -> Cleaned:
    """Delete the boilerplate lines of `text`; every other line is kept unchanged, its line feed included.

    Code, tables and sentences are never deleted, and a doubtful line is kept.
    """
    rows = [span.of(text) for span in lines(text)]
    removed = boilerplate_rows(rows, markdown)
    kept: list[str] = []
    cuts: list[int] = []
    length = 0
    for number, row in enumerate(rows):
        if number in removed:
            cuts.append(length)
        else:
            kept.append(row)
            length += len(row)
    return Cleaned("".join(kept), tuple(dict.fromkeys(cuts)), tuple(rows[n].strip() for n in sorted(removed)))


def boilerplate_rows(rows: Sequence[str], markdown: bool) -> set[int]:
    """Return the indices of the rows that are boilerplate."""
    return _Page(rows, markdown).boilerplate_rows()


class _Page:
    """The rows of one page, referred to by their index. `candidates` are the rows that may be deleted."""

    def __init__(self, rows: Sequence[str], markdown: bool) -> None:
        self.rows = rows
        self.markdown = markdown
        self.bare = [without_markup(row) for row in rows]
        safe = {n for first, last in fenced_ranges(rows) for n in range(first, last)}
        safe |= {n for n, row in enumerate(rows) if _is_table(row) or (markdown and row.startswith(("    ", "\t")))}
        underlines = {n for n, row in enumerate(rows) if n and SETEXT.match(row) and rows[n - 1].strip()}
        safe |= underlines | {n - 1 for n in underlines}
        self.nonblank = [n for n, row in enumerate(rows) if row.strip()]
        self.candidates = [n for n in self.nonblank if n not in safe and not self._is_mid_sentence(n)]
        self._stops: dict[str, int] = {}
        self.edge = {*self.nonblank[:_TOP], *self.nonblank[-_BOTTOM:]}

    def boilerplate_rows(self) -> set[int]:
        """Return the rows to delete."""
        matched = ((n, self._rule_for(n, {"anywhere"} | self._edge(n))) for n in self.candidates)
        hits = {n: rule for n, rule in matched if rule is not None}
        hits = {n: rule for n, rule in hits.items() if not rule.topic or not self._is_about(rule.topic, hits)}
        removed = set(hits)
        spread: set[int] = set()  # rows already deleted by a rule above: applying it again there changes nothing
        for number, rule in hits.items():
            if number in spread:
                continue
            if rule.takes == "list":
                spread |= self._links_below(number, removed)
            elif rule.name == "share bar":
                spread |= self._neighbours(number, removed, "share")
            elif rule.name == "comment form":
                spread |= self._form_below(number, removed)
            removed |= spread
        removed |= {n for n in self.candidates if n not in removed and self._is_only_punctuation(n)}
        removed |= self._repeated_title(removed)
        return removed - self._article_headings(hits, removed)

    def _edge(self, number: int) -> set[str]:
        return {"edge"} if number in self.edge else set()

    def _rule_for(self, number: int, where: Iterable[str]) -> Rule | None:
        """Return the first rule for one of these places that a row matches, else None."""
        line = self.bare[number]
        return next((rule for rule in RULES if rule.where in where and rule.matches(line)), None) if line else None

    def _is_mid_sentence(self, number: int) -> bool:
        """Return whether a row continues a hard-wrapped sentence, where any words may end up alone on a line."""
        above = self.rows[number - 1].rstrip() if number else ""
        wrapped = len(above) >= _WRAPPED and not TERMINAL.search(above)
        return wrapped and self._rule_for(number - 1, {"anywhere"}) is None

    def _is_about(self, topic: str, hits: dict[int, Rule]) -> bool:
        """Return whether the article is about a rule's topic: its first line or two others mention it."""
        own = [n for n in self.nonblank if n not in hits]
        mentions = [n for n in own if topic in self.rows[n].casefold()]
        return len(mentions) >= 2 or bool(mentions and mentions[0] == own[0])

    def _below(self, number: int) -> Iterator[int]:
        """Yield the non-blank rows below a row."""
        return (self.nonblank[n] for n in range(bisect_right(self.nonblank, number), len(self.nonblank)))

    def _take_while(self, numbers: Iterable[int], accept: Callable[[int], bool]) -> set[int]:
        """Return the rows before the first one that is not accepted."""
        taken = set()
        for number in numbers:
            if not accept(number):
                break
            taken.add(number)
        return taken

    def _neighbours(self, number: int, removed: set[int], place: str) -> set[int]:
        """Return the rows directly above and below a row that match the rules for a place."""
        above = (self.nonblank[n] for n in reversed(range(bisect_left(self.nonblank, number))))

        def accept(n: int) -> bool:
            return n in removed or self._rule_for(n, {place}) is not None

        return self._take_while(above, accept) | self._take_while(self._below(number), accept)

    def _form_below(self, number: int, removed: set[int]) -> set[int]:
        """Return the rows of a comment form, or the rest of the page if it contains only labels."""

        def is_label(n: int) -> bool:
            return n in removed or (len(self.bare[n]) <= _FRAGMENT and not TERMINAL.search(self.bare[n]))

        stop = self._first_other("label", number, removed, is_label)
        return set(self._below(number)) if stop is None else self._neighbours(number, removed, "form")

    def _links_below(self, number: int, removed: set[int]) -> set[int]:
        """Return the links below a heading such as "Related posts": those of its block, or the rest of the page."""

        def is_link(n: int) -> bool:
            line = self.bare[n]
            return n in removed or (
                len(line) <= _LABEL and not TERMINAL.search(line) and not self.rows[n].startswith("#")
            )

        stop = self._first_other("link", number, removed, is_link)
        if stop is None:
            return set(self._below(number))
        return self._take_while(
            self._below(number),
            lambda n: n < stop and ("](" in self.rows[n] or LIST_ITEM.match(self.rows[n]) is not None),
        )

    def _first_other(self, kind: str, number: int, removed: set[int], accept: Callable[[int], bool]) -> int | None:
        """Return the first row below a row that is not accepted, None if all are.

        It is stored by the `kind` of rows, because every row above it has the same one.
        """
        known = self._stops.get(kind, -1)
        if known <= number or known in removed:
            known = next((n for n in self._below(number) if not accept(n)), len(self.rows))
            self._stops[kind] = known
        return known if known < len(self.rows) else None

    def _is_only_punctuation(self, number: int) -> bool:
        """Return whether a row is only punctuation, blank lines of a Markdown quotation excepted."""
        row = self.rows[number].strip()
        if self.markdown and row.startswith(">"):
            return False
        return all(unicodedata.category(char)[0] in "PZ" or char in "|=+~^<>`" for char in row)

    def _repeated_title(self, removed: set[int]) -> set[int]:
        """Return the rows near the top that repeat the title in the first row."""
        kept = [n for n in self.nonblank if n not in removed and not SETEXT.match(self.rows[n])][:4]
        if not kept or TERMINAL.search(self.bare[kept[0]]):
            return set()
        return {n for n in kept[1:] if self._is_alone(n) and is_same_title(self.bare[n], self.bare[kept[0]])}

    def _is_alone(self, number: int) -> bool:
        """Return whether a row has blank rows around it."""
        around = [self.rows[n] for n in (number - 1, number + 1) if 0 <= n < len(self.rows)]
        return not any(row.strip() for row in around)

    def _article_headings(self, hits: dict[int, Rule], removed: set[int]) -> set[int]:
        """Return the matched rows that are headings of the article after all, because its text follows."""
        real: set[int] = set()
        for number, rule in sorted(hits.items(), reverse=True):
            heading = re.match(r" {0,3}#{1,6}\s", self.rows[number]) is not None
            if not heading and rule.takes == "line":
                continue
            below = next(self._below(number), None)
            ends = below is None or (below in removed and below not in real)
            if not ends and not (heading and below is not None and self.rows[below].startswith("#")):
                real.add(number)
        return real


def _is_table(row: str) -> bool:
    """Return whether a row belongs to a Markdown table."""
    return row.lstrip().startswith("|") or re.fullmatch(r"\s*:?-+:?\s*(\|\s*:?-+:?\s*)+", row.rstrip("\n")) is not None
