"""Lines that make a pattern with nested or overlapping repeats slow: general ones, and those of a pattern."""

from __future__ import annotations

import re
import re._constants as codes
import re._parser as parser
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Line = tuple[str, str, str]
"""A line of any length: what it begins with, what is repeated, and what it ends with."""

_CHARS = " \t\n\x0ba1A.,:;!?-_*#><|/\\()[]{}'\"`~=+&%@$^é漢»·•’“\x00"
_UNITS = (
    *_CHARS,
    *"a_b,a b,1.,a.,.a,a-,-a,a',- ,* ,> ,# ,| ,||,|a,\\|,](,[a](b) ,[a,![,[a]:,**a,__,`a,``,<a ,<!--".split(","),
    *("a ", "ab ", " a", "Aa ", "1 ", ". ", ", ", ": ", "1. ", "1: ", "1, ", "a, ", "A. ", " | ", "| a", "a |", "|-"),
    *("<!-- -->", "<!-- a -->\n", "<b>", "</b>", "<b a='", "http://", "https://a.b/", "\n\n", "\n ", " \n", "a\n"),
    *("Home | ", "Home > ", "Home » ", "About • ", "Share ", "share facebook ", "the ", "of ", "not ", "#a ", "#a,"),
    *("1-", "1/", "2020 ", "2020-", "v1.", "10:00 ", "May 1 ", "1st ", "in 2020 ", "$1 ", "1,000", "a1", "1a", "q: "),
    *("- \n", "{\\", "\\u"),
)
_TAILS = ("\x00", " a")
_POOL = " a1A.,:;!?-_*#><|/\\()[]{}'\"`~=+&%@$\t\n\x0bé漢»·•’“\x00"
_MOST = 150  # parts of one pattern that are repeated
_MANY = 10  # a repeat with a lower limit cannot grow


def general_lines() -> list[Line]:
    """Return repeats of characters, words, spaces, brackets, comments, menus and numbers, with different ends."""
    return [("", unit, tail) for unit in _UNITS for tail in _TAILS]


def derived_lines(pattern: re.Pattern[str] | re.Pattern[bytes]) -> list[Line]:
    """Return what the parts of a pattern match, repeated: each of its repeats after what is matched before, and all."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(source, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
    pumps = list(dict.fromkeys(_pumps(list(tree), "")))[:_MOST]
    return [(prefix, unit, tail) for prefix, unit in pumps for tail in _TAILS]


def written(line: Line, length: int) -> str:
    """Return a line of about this length, in code points."""
    prefix, unit, tail = line
    return prefix + unit * (length // len(unit)) + tail


def _pumps(items: Sequence[Any], before: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of what a sequence of parsed items matches first, and what may then be repeated."""
    sample = ""
    for op, argument in items:
        if op in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
            _, most, body = argument
            if most is codes.MAXREPEAT or most >= _MANY:
                for unit in _samples(list(body)):
                    yield before + sample, unit
                    yield "", before + sample + unit
            yield from _pumps(list(body), before + sample)
        else:
            for inner in _inner(op, argument):
                yield from _pumps(inner, before + sample)
        sample += next(iter(_samples([(op, argument)])), "")
        if sample and not before:
            yield "", sample


def _inner(op: Any, argument: Any) -> Iterable[list[Any]]:
    if op is codes.SUBPATTERN:
        return [list(argument[3])]
    if op is codes.BRANCH:
        return [list(branch) for branch in argument[1]]
    if op in {codes.ASSERT, codes.ASSERT_NOT}:
        return [list(argument[1])]
    if op is codes.ATOMIC_GROUP:
        return [list(argument)]
    return []


def _samples(items: Sequence[Any]) -> list[str]:
    """Return a few strings that a sequence of parsed items matches; the first is the plainest."""
    found = [""]
    for op, argument in items:
        choices = _choices(op, argument) or [""]
        varied = [found[0] + choice for choice in choices]
        found = [*varied, *(other + choices[0] for other in found[1:])][:12]
    return [one for one in dict.fromkeys(found) if one]


def _choices(op: Any, argument: Any) -> list[str]:
    """Return a few strings that one parsed item matches."""
    if op in {codes.LITERAL, codes.NOT_LITERAL, codes.ANY}:
        return [chr(argument)] if op is codes.LITERAL else [char for char in "a 1|" if ord(char) != argument]
    if op is codes.IN:
        return [char for char in _POOL if _is_in(char, argument)][:12] or [_first(argument)]
    if op in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
        return [unit * max(1, argument[0]) for unit in _samples(list(argument[2]))]
    if op in {codes.ASSERT, codes.ASSERT_NOT}:
        return []
    return [sample for inner in _inner(op, argument) for sample in _samples(inner)[: 2 if op is codes.BRANCH else 12]]


def _is_in(char: str, items: Sequence[Any]) -> bool:
    negated = items[0][0] is codes.NEGATE
    return any(_matches(char, op, argument) for op, argument in items if op is not codes.NEGATE) is not negated


def _matches(char: str, op: Any, argument: Any) -> bool:
    if op is codes.LITERAL:
        return ord(char) == argument
    if op is codes.RANGE:
        return argument[0] <= ord(char) <= argument[1]
    name = str(argument).removeprefix("CATEGORY_")
    tests = {"DIGIT": char.isdigit(), "SPACE": char.isspace(), "WORD": char.isalnum() or char == "_"}
    return tests[name.removeprefix("NOT_")] is not name.startswith("NOT_")


def _first(items: Sequence[Any]) -> str:
    op, argument = items[-1]
    return chr(argument[0] if op is codes.RANGE else argument) if op in {codes.RANGE, codes.LITERAL} else "a"
