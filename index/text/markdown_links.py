"""The links of a Markdown text (CommonMark 0.31.2, 6.3 and 6.5), with offsets in code points."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference, unescapeAll

from index.models import Link, Span
from index.text.blocks import lines, trim
from index.text.link_addresses import MAX_ADDRESS, bounded, link_address

_MARKDOWN: Final = MarkdownIt("commonmark").enable("table").disable("inline")
_MAY_LINK: Final = re.compile(r"\][(\[:]|<(?:https?:|mailto:|[aA]\s|[^\s<>@]{1,100}@)", re.IGNORECASE)
_SPECIAL: Final = re.compile(r"[\\`<\[\]]")
_BACKTICKS: Final = re.compile("`+")
_AUTOLINK: Final = re.compile(r"<(?P<address>(?:https?|mailto):[^\s<>]{1,2000}+)>", re.IGNORECASE)
_MAIL: Final = re.compile(r"<(?P<address>[\w.!#$%&'*+/=?^`{|}~-]{1,100}+@[A-Za-z0-9.-]{1,255}+)>")
_ANCHOR: Final = re.compile(
    r"<a\s[^<>]{0,1000}?\bhref\s*+=\s*+(?:\"(?P<double>[^\"<>]*+)\"|'(?P<single>[^'<>]*+)'|(?P<plain>[^\s\"'<>]++))[^<>]*+>",
    re.IGNORECASE,
)
_ANCHOR_END: Final = re.compile(r"</a\s*+>", re.IGNORECASE)
_LONGEST_WORDS: Final = 2000  # code points of an HTML link
_DEEPEST: Final = 32  # nested parentheses in an address
_ANGLE: Final = re.compile(r"<((?:\\.|[^<>\\\n])*+)>")
_TITLE_AND_END: Final = re.compile(
    r"""(?:\s++(?:"(?:\\.|[^"\\]){0,1000}+"|'(?:\\.|[^'\\]){0,1000}+'|\((?:\\.|[^()\\]){0,1000}+\)))?+\s*+\)""",
    re.DOTALL,
)
_LABEL: Final = re.compile(r"\[((?:\\.|[^\[\]\\]){0,999}+)\]", re.DOTALL)


def markdown_links(text: str, base: str = "") -> tuple[Link, ...]:
    """Return the links of a text: inline, by reference, as autolinks and as HTML.

    The span of a link is that of the words between its brackets; of an autolink that of the address between `<` and
    `>`. Pictures, code and links around nothing but a picture are left out. Relative addresses are resolved against
    `base`; without it they are left out.
    """
    if not _MAY_LINK.search(text):
        return ()
    environment: dict[str, Any] = {}
    tokens = _MARKDOWN.parse(text, environment)
    references = {label: reference["href"] for label, reference in environment.get("references", {}).items()}
    rows = lines(text)
    regions = {(token.map[0], token.map[1]) for token in tokens if token.type in {"inline", "html_block"} and token.map}
    found = (
        link
        for first, last in sorted(regions)
        for link in _Scanner(text, Span(rows[first].start, rows[last - 1].end), references).links()
    )
    kept = ((trim(text, start, end), link_address(address, base)) for start, end, address in found)
    return bounded(Link(words.start, words.end, address) for words, address in kept if address)


@dataclass(slots=True)
class _Opener:
    """A bracket that may begin a link or a picture."""

    start: int
    is_picture: bool


class _Scanner:
    """Finds the links in a part of a text with one pass and a stack of open brackets, as CommonMark describes."""

    def __init__(self, text: str, region: Span, references: Mapping[str, str]) -> None:
        self._text, self._region = text, region
        self._references = references
        self._openers: list[_Opener] = []
        self._closed = 0  # openers before this one begin no link, because one inside them was found
        self._picture = Span(-1, -1)  # the last one
        self._runs: dict[int, list[int]] = defaultdict(list)  # where backticks stand, by their number
        for run in _BACKTICKS.finditer(text, region.start, region.end):
            self._runs[run.end() - run.start()].append(run.start())

    def links(self) -> Iterator[Link]:
        """Yield the links: the span of the words, and the address as it is written."""
        at = self._region.start
        escaped = -1
        while special := _SPECIAL.search(self._text, at, self._region.end):
            at = special.start()
            match special[0]:
                case "\\":
                    escaped, at = at + 1, at + 2
                case "`":
                    at = self._after_code(at)
                case "[":
                    is_picture = self._text[max(0, at - 1) : at] == "!" and at - 1 != escaped
                    self._openers.append(_Opener(at, is_picture))
                    at += 1
                case "<":
                    link, at = self._tag(at)
                    yield from [link] if link else ()
                case _:
                    link, at = self._close(at)
                    yield from [link] if link else ()

    def _after_code(self, at: int) -> int:
        """Return where a code span ends that begins at some backticks, else where these end."""
        run = _BACKTICKS.match(self._text, at)
        width = run.end() - at if run else 1
        same = self._runs[width]
        following = bisect_right(same, at)
        return (same[following] if following < len(same) else at) + width

    def _tag(self, at: int) -> tuple[Link | None, int]:
        """Return the autolink or HTML link that begins at `<`, if there is one, and where to go on."""
        end = self._region.end
        if found := _AUTOLINK.match(self._text, at, end) or _MAIL.match(self._text, at, end):
            address = found["address"]
            scheme = "" if address.lower().startswith(("http:", "https:", "mailto:")) else "mailto:"
            return Link(*found.span("address"), scheme + address), found.end()
        anchor = _ANCHOR.match(self._text, at, end)
        if anchor is None:
            return None, at + 1
        closing = _ANCHOR_END.search(self._text, anchor.end(), min(end, anchor.end() + _LONGEST_WORDS))
        if closing is None:
            return None, at + 1
        href = anchor["double"] or anchor["single"] or anchor["plain"] or ""
        return Link(anchor.end(), closing.start(), unescapeAll(href)), closing.end()

    def _close(self, at: int) -> tuple[Link | None, int]:
        """Return the link that ends its words with the bracket at `at`, if there is one, and where to go on."""
        if not self._openers:
            return None, at + 1
        opener = self._openers.pop()
        is_dead = len(self._openers) < self._closed and not opener.is_picture
        self._closed = min(self._closed, len(self._openers))
        words = Span(opener.start + 1, at)
        address, end = (None, at + 1) if is_dead else self._target(words)
        if address is None:
            return None, at + 1
        if opener.is_picture:
            self._picture = Span(opener.start - 1, end)
            return None, end
        self._closed = len(self._openers)
        if trim(self._text, words.start, words.end) == self._picture:
            return None, end
        return Link(words.start, words.end, address), end

    def _target(self, words: Span) -> tuple[str | None, int]:
        """Return the address of a link with these words, None if it is no link, and where it ends."""
        after = words.end + 1
        if self._text.startswith("(", after, self._region.end):
            address, end = self._destination(after + 1)
            rest = _TITLE_AND_END.match(self._text, end, self._region.end)
            if address is not None and rest:
                return unescapeAll(address), rest.end()
        if not self._references:
            return None, after
        label = _LABEL.match(self._text, after, self._region.end)
        name = (label[1] if label else "") or words.of(self._text)
        href = self._references.get(normalizeReference(name)) if len(name) < 1000 else None
        return href, label.end() if label else after

    def _destination(self, at: int) -> tuple[str | None, int]:
        """Return the address inside the parentheses that begin before `at`, and where it ends."""
        end = self._region.end
        while at < end and self._text[at].isspace():
            at += 1
        if angle := _ANGLE.match(self._text, at, end):
            return angle[1], angle.end()
        start, depth = at, 0
        limit = min(end, start + MAX_ADDRESS)
        while at < limit and not self._text[at].isspace() and self._text[at] != "<":
            char = self._text[at]
            depth += (char == "(") - (char == ")")
            if depth < 0 or depth > _DEEPEST:
                break
            at += 2 if char == "\\" else 1
        return (None, start) if depth > 0 or at > limit else (self._text[start:at], at)
