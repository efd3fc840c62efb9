"""Turn MDX (Markdown with JSX, mdxjs.com) into Markdown: without imports, exports, expressions, comments and tags.

What components show stays: the text between tags, the labels of tabs and accordions, which become headings, and links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from index.parsers.mdx_links import TagLinks, card
from index.text.front_matter import split_front_matter

_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,})")
_HEADING: Final = re.compile(r"(#{1,6})\s")
_ADMONITION: Final = re.compile(r"\s*:{3,}\s*(?:[\w-]+)?\s*(?:\[(?P<named>[^\]]*)\]|(?P<title>[^{\[]*))?")
_IMPORT: Final = re.compile(r"import\s++(?:['\"{*]|(?:type\s++)?[\w$]++(?:\s*+,|\s++from\s++['\"]))")
_EXPORT: Final = re.compile(
    r"export\s+(?:default|const|let|var|function|class|async|type|interface|enum)\b|export\s*[{*]"
)
_NAME: Final = re.compile(r"<(/?)([A-Za-z][\w.:-]*)?")
_ATTRIBUTE: Final = re.compile(r"\b(label|title|header|summary)\s*=\s*(?:\{\s*)?([\"'`])(.*?)\2", re.DOTALL)
_LITERAL: Final = re.compile(r"\s*([\"'`])([^\"'`{}]*)\1\s*")
_MATH: Final = re.compile(r"\$[^$\n\\]{0,200}\\[^$\n]{0,200}\$")
_SPECIAL: Final = re.compile(r"[`<{$\\]")
_LABELLED: Final = {"tabitem", "tab", "accordion", "step", "expandable", "collapsible", "disclosure", "accordionitem"}
_UNSEEN: Final = {"script", "style"}
_LONGEST_TAG: Final = 5000  # code points of a tag, or of code within a line
_LONGEST_STATEMENT: Final = 200  # lines of an import or export


def mdx_to_markdown(text: str) -> str:
    """Return the Markdown of an MDX text, whose lines end with line feeds; its front matter is unchanged."""
    body = split_front_matter(text)[1]
    front = text[: len(text) - len(body)] if text.endswith(body) else ""
    return front + _Converter().convert(body)


class _Converter:
    """Converts a text from top to bottom. `_labels` has, for each open component, its name and heading marks."""

    def __init__(self) -> None:
        self._labels: list[tuple[str, str]] = []
        self._level = 1  # of the last heading of the text itself
        self._braces: dict[int, int] = {}  # the ends of the expressions in the current piece
        self._unseen = ""  # the element whose content is left out
        self._links = TagLinks()

    def convert(self, body: str) -> str:
        """Return the text as Markdown."""
        parts = [text if is_code else self._text(text) for is_code, text in self._segments(body.split("\n"))]
        rows = [row if row.strip() else "" for row in "\n".join(parts).split("\n")]
        found = "\n".join(row for row, below in zip(rows, _next_filled(rows), strict=True) if not _is_idle(row, below))
        return re.sub(r"\n{3,}", "\n\n", found).lstrip("\n")

    def _segments(self, rows: list[str]) -> Iterator[tuple[bool, str]]:
        """Yield code blocks and the text between them, without imports, exports and the marks of admonitions."""
        text: list[str] = []
        unclosed: set[str] = set()  # fences that no later row closes
        number = 0
        while number < len(rows):
            fence = _FENCE.match(rows[number])
            end = _end_of_code(rows, number, fence[1]) if fence and not fence[1].startswith(tuple(unclosed)) else None
            unclosed |= {fence[1]} if fence and end is None else set()
            if end is not None:
                yield False, "\n".join(text)
                text = []
                indent = len(rows[number]) - len(rows[number].lstrip())
                inside = indent if self._labels or indent > 3 else 0
                yield True, "\n".join(row[min(inside, len(row) - len(row.lstrip())) :] for row in rows[number:end])
                number = end
            elif _IMPORT.match(rows[number]) or _EXPORT.match(rows[number]):
                number = _end_of_statement(rows, number)
            else:
                text.append(_without_admonition(rows[number]))
                number += 1
        yield False, "\n".join(text)

    def _text(self, text: str) -> str:
        """Return a piece of text without tags, comments and expressions."""
        found: list[str] = []
        self._braces = _braces(text)
        at = 0
        while at < len(text):
            step = _SPECIAL.search(text, at)
            if step is None:
                break
            self._keep(text[at : step.start()], found)
            at = self._special(text, step.start(), found)
        self._keep(text[at:], found)
        return "\n".join(self._dedented(row) for row in "".join(found).split("\n"))

    def _keep(self, text: str, found: list[str]) -> None:
        if not self._unseen:
            found.append(text)
            for heading in re.finditer(r"(?m)^(#{1,6}) ", text):
                self._level = len(heading[1])

    def _special(self, text: str, at: int, found: list[str]) -> int:
        """Process what begins with a special character, and return where the text goes on."""
        char = text[at]
        if char == "\\":
            end = at + 2
        elif char == "`":
            run = re.compile("`+").match(text, at)
            width = run.end() - at if run else 1
            paragraph = text.find("\n\n", at, at + _LONGEST_TAG)
            close = text.find("`" * width, at + width, paragraph if paragraph >= 0 else at + _LONGEST_TAG)
            end = close + width if close >= 0 else at + width
        elif char == "$":
            math = _MATH.match(text, at)
            end = math.end() if math else at + 1
        elif char == "{":
            end = self._braces.get(at, at + 1)
            literal = _LITERAL.fullmatch(text[at + 1 : end - 1])
            self._keep(literal[2] if literal else "{" if at not in self._braces else "", found)
            return end
        else:
            return self._tag(text, at, found)
        self._keep(text[at:end], found)
        return end

    def _tag(self, text: str, at: int, found: list[str]) -> int:
        if text.startswith("<!--", at):
            close = text.find("-->", at)
            return close + 3 if close >= 0 else len(text)
        name = _NAME.match(text, at)
        end = _end_of_tag(text, at, self._braces)
        if name is None or end is None or not (name[2] or text[name.end() : end] == ">"):
            self._keep("<", found)
            return at + 1
        tag, closes = (name[2] or "").lower(), bool(name[1])
        if "://" in text[at:end].partition(" ")[0] or (self._unseen and tag != self._unseen):
            self._keep(text[at:end], found)
            return end
        if tag in _UNSEEN:
            self._unseen = "" if closes or text[end - 2] == "/" else tag
        elif tag == "br":
            row = text[text.rfind("\n", max(0, at - _LONGEST_TAG), at) + 1 : at]
            found.append(" " if row.lstrip().startswith(("|", "#")) else "\n")
        elif closes:
            self._links.end(tag, found)
            self._close(tag, found)
        elif shown := card(name[2] or "", text[name.end() : end]):
            self._keep(shown, found)
        elif text[end - 2] != "/":
            self._open(tag, text[name.end() : end], found)
            return self._links.begin(name[2] or "", text[name.end() : end], text, end, found)
        return end

    def _open(self, tag: str, attributes: str, found: list[str]) -> None:
        label = _ATTRIBUTE.search(attributes) if tag in _LABELLED else None
        outer = sum(bool(marks) for _, marks in self._labels)
        marks = "#" * min(6, self._level + 1 + outer) if label or tag in {"summary", "details"} else ""
        if tag == "summary":
            marks = next((m for name, m in reversed(self._labels) if name == "details"), marks)
            found.append(f"\n\n{marks} ")
            return
        if tag in _LABELLED or tag == "details":
            self._labels.append((tag, marks))
            found.append(f"\n\n{marks} {' '.join(label[3].split())}\n\n" if label else "\n")

    def _close(self, tag: str, found: list[str]) -> None:
        if tag == "summary":
            found.append("\n\n")
        elif self._labels and self._labels[-1][0] == tag:
            _, marks = self._labels.pop()
            found.append(f"\n\n{marks}\n\n" if marks else "\n")

    def _dedented(self, row: str) -> str:
        """Return a row without the indentation of tags, which never means code in MDX."""
        indent = len(row) - len(row.lstrip(" "))
        return row.lstrip(" ") if indent >= 4 and not re.match(r"\s*(?:[-*+]|\d+[.)])\s", row) else row


def _without_admonition(row: str) -> str:
    """Return a row, or the title of the admonition that it opens ("" if it has none)."""
    found = _ADMONITION.match(row) if row.lstrip().startswith(":::") else None
    if found is None:
        return row
    title = (found["named"] or found["title"] or "").strip()
    return f"\n**{title}**\n" if title else ""


def _end_of_code(rows: list[str], first: int, fence: str) -> int | None:
    """Return the row after a code block, or None if its fence is not closed."""
    for number in range(first + 1, len(rows)):
        bare = rows[number].strip()
        if bare.startswith(fence) and not bare.strip(fence[0]):
            return number + 1
    return None


def _end_of_statement(rows: list[str], first: int) -> int:
    """Return the row after an import or export: the first one that is blank, with all brackets closed."""
    depth = 0
    for number in range(first, min(len(rows), first + _LONGEST_STATEMENT)):
        row = rows[number]
        if not row.strip() and depth <= 0:
            return number
        depth += sum(row.count(char) for char in "{([") - sum(row.count(char) for char in "})]")
        ended = depth <= 0 and (row.rstrip().endswith(";") or row.startswith("import"))
        if ended and not (number + 1 < len(rows) and rows[number + 1][:1] in {" ", "}", ")"}):
            return number + 1
    return first + 1


def _braces(text: str) -> dict[int, int]:
    """Return, for each opening brace that is closed, the offset after its closing one."""
    opened: list[int] = []
    found: dict[int, int] = {}
    for step in re.finditer(r"[{}]", text):
        if step[0] == "{":
            opened.append(step.start())
        elif opened:
            found[opened.pop()] = step.end()
    return found


def _end_of_tag(text: str, at: int, braces: dict[int, int]) -> int | None:
    """Return the offset after a tag, in whose attributes strings and braces may contain `>`; None if it has no end."""
    number = at + 1
    limit = min(len(text), at + _LONGEST_TAG)
    while number < limit:
        char = text[number]
        if char == ">":
            return number + 1
        if char in "\"'":
            close = text.find(char, number + 1, limit)
            number = close if close >= 0 else number
        elif char == "{":
            number = braces.get(number, number + 1) - 1
        elif char == "<":
            return None
        number += 1
    return None


def _next_filled(rows: list[str]) -> list[str]:
    """Return, for each row, the next one below it that is not blank."""
    found: list[str] = []
    below = ""
    for row in reversed(rows):
        found.append(below)
        below = row if row.strip() else below
    return found[::-1]


def _is_idle(row: str, below: str) -> bool:
    """Return whether a row is an empty heading with another heading, or nothing, below."""
    return bool(row) and not row.strip("#") and (not below or _HEADING.match(f"{below} ") is not None)
