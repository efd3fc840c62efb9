"""No regular expression of the project takes longer than its line: what members write can stop no thread."""

from __future__ import annotations

import ast
import importlib
import re
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from types import FrameType, ModuleType, SimpleNamespace
from typing import Any

import pytest

from index.cleaning.rules import Rule
from qa.retrieval.identifiers import VERSION_WORD
from tests.hostile_lines import Line, derived_lines, general_lines, written

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("index", "qa", "storage", "i18n", "observability", "cogs", "terminal")
SCANS = frozenset({"finditer", "findall", "sub", "subn", "split"})  # these search for all matches, one after another
USES = frozenset({"search", "match", "fullmatch"}) | SCANS
PATIENCE = 2.0  # seconds of processor time for one line

# Functions that build patterns from values at run time, with examples of the values.
BUILT: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("qa.conversation.follow_ups", "_what_about"): [
        {"asked": [SimpleNamespace(text="world cup")], "focus": SimpleNamespace(text="ferry to the island")}
    ],
    ("qa.pins.pinned", "_places"): [{"pattern": r"It\s+leaves\s+at\s+seven\."}],
    ("qa.quoting.verbatim_statements", "_pattern"): [{"words": "the ferry leaves at seven in the morning".split()}],
    ("qa.retrieval.identifier_spellings", "_pattern"): [
        {
            "middle": "e[-_ ./]?17[-_ ./]?b",
            "key": "2",
            "words": [],
            "lead": rf"(?<!\w){VERSION_WORD} ?|(?<![\w.,])(?=2\.)",
            "series": r"(?:\.[\dx*]+)*",
            "wild": "",
        },
        {
            "middle": "abc[-_ ./]?1",
            "key": "21",
            "words": ["twenty\\-first"],
            "lead": r"(?<![\d.,])",
            "series": r"(?:\.(?:0|x|\*))*(?!\d|\.\d)",
            "wild": r"|(?<![\d.])2\.[x*]|(?<![\d.])2\.0\.[x*]",
        },
    ],
    ("qa.retrieval.identifier_spellings", "names_another"): [{"one": SimpleNamespace(key="2015")}],
    ("cogs.ui.components", "unknown_item"): [{"actions": "more|sources|not-helpful"}],
}
TABLES = {("index.cleaning.rules", "_rule"), ("qa.retrieval.calendar_terms", "_patterns")}
"""Functions that fill tables of the module, in which the patterns are found."""


@dataclass(frozen=True)
class Used:
    """A pattern, how it is used, and where it is."""

    pattern: re.Pattern[Any]
    uses: frozenset[str]
    place: str


def modules() -> Iterator[tuple[ModuleType, ast.Module, str]]:
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    for path in [*paths, ROOT / "settings.py", ROOT / "bot.py"]:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        text = path.read_text("utf-8")
        if "re." in text:
            yield importlib.import_module(name), ast.parse(text), name


@cache
def patterns() -> tuple[Used, ...]:
    """Return every pattern of the project: compiled or not, in a variable or in a table."""
    parsed = list(modules())
    uses_everywhere = _uses_by_name([tree for _, tree, _ in parsed])
    found: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    places: dict[tuple[Any, ...], str] = {}

    def note(pattern: re.Pattern[Any], uses: frozenset[str], place: str) -> None:
        key = pattern.pattern, pattern.flags
        found[key] |= uses
        places.setdefault(key, place)

    for module, tree, name in parsed:
        uses_here = _uses_by_name([tree])
        for call, variable in _calls(tree):
            uses_by_name = uses_here if (variable or "_").startswith("_") else uses_everywhere
            for pattern in _compiled(call, module, tree):
                use = call.func.attr  # type: ignore[attr-defined]
                uses = frozenset({use}) if use in USES else uses_by_name.get(variable or "", frozenset())
                note(pattern, uses or frozenset({"search", "finditer"}), f"{name}:{call.lineno}")
        for pattern, uses in _held(vars(module)):
            if (pattern.pattern, pattern.flags) not in found:
                note(pattern, uses, name)
    return tuple(
        Used(re.compile(text, flags), frozenset(uses), places[text, flags])
        for (text, flags), uses in sorted(found.items(), key=lambda item: places[item[0]])
    )


def _uses_by_name(trees: list[ast.Module]) -> dict[str, frozenset[str]]:
    """Return the methods that are called on variables, by their name."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in USES:
            found[node.value.id].add(node.attr)
    return {name: frozenset(uses) for name, uses in found.items()}


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str | None]]:
    """Yield the calls of `re` functions with a pattern, with the variable that holds the result."""
    variables = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            variables[node.value] = node.targets[0].id
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            variables[node.value] = node.target.id
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        if ast.unparse(node.func.value) == "re" and node.func.attr in {*USES, "compile"}:
            yield node, variables.get(node)


def _compiled(call: ast.Call, module: ModuleType, tree: ast.Module) -> Iterator[re.Pattern[Any]]:
    """Yield the patterns of a call: one, or those of the example values if it is built at run time."""
    use = call.func.attr  # type: ignore[attr-defined]
    flags = [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
    place = {"compile": 1, "split": 3, "sub": 4, "subn": 4}.get(use, 2)
    flags += call.args[place : place + 1]
    name, function = module.__name__, _function_of(call, tree)
    if (name, function) in TABLES:
        return
    for values in BUILT.get((name, function), [{}]):
        scope = {**vars(module), **values}
        try:
            text, *rest = (eval(compile(ast.Expression(node), name, "eval"), scope) for node in (call.args[0], *flags))
        except NameError:
            if function:
                raise AssertionError(f"give examples of the values in {name}.{function} in BUILT") from None
            continue  # of a table of the module
        yield text if isinstance(text, re.Pattern) else re.compile(text, *rest)


def _function_of(call: ast.Call, tree: ast.Module) -> str:
    """Return the innermost function around a call, "" at the level of the module."""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno <= call.lineno <= (node.end_lineno or 0)
    ]
    return around[-1].name if around else ""


def _held(value: object, depth: int = 5) -> Iterator[tuple[re.Pattern[Any], frozenset[str]]]:
    """Yield the patterns in a value: a variable, a table, or a field of an object."""
    inner: Any = ()
    if isinstance(value, re.Pattern):
        yield value, frozenset({"search", "finditer"})
    elif isinstance(value, Rule):
        yield value.pattern, frozenset({"fullmatch"})
    elif isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        inner = value
    elif is_dataclass(value) and not isinstance(value, type):
        inner = [getattr(value, field.name) for field in fields(value)]
    for one in inner if depth else ():
        yield from _held(one, depth - 1)


class TooSlowError(Exception):
    """A line took longer than `PATIENCE`."""


@contextmanager
def limited() -> Iterator[None]:
    """Raise `TooSlowError` after `PATIENCE` seconds of processor time, where the system has such a timer."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def run(pattern: re.Pattern[Any], use: str) -> Callable[[Any], object]:
    """Return what applies a pattern to a line as the project does."""
    if use in SCANS:
        return lambda line: sum(1 for _ in pattern.finditer(line))
    return getattr(pattern, use)  # type: ignore[no-any-return]


def seconds(apply: Callable[[Any], object], line: str | bytes, times: int = 1) -> float:
    """Return the processor time of applying a pattern to a line, once or several times in a row, in seconds.

    Raises:
        TooSlowError: Once took longer than `PATIENCE`.
    """
    start = time.process_time()
    for _ in range(times):
        with limited():
            apply(line)
    return time.process_time() - start


def outgrows(apply: Callable[[Any], object], line: Callable[[int], str | bytes]) -> bool:
    """Return whether one long line takes longer than as much text in short lines, each time that it is measured.

    A quadratic pattern needs at least 30 ms for 8,000 characters, and eight times as long for a line of 32,000 as for
    eight of 4,000; a linear one as long for either, and so a busy machine slows both alike.
    """
    try:
        if seconds(apply, line(500)) < 0.01 and seconds(apply, line(8_000)) < 0.01:
            return False
        short, long = line(4_000), line(32_000)
        return all(seconds(apply, long) > 3 * max(seconds(apply, short, 8), 1e-3) for _ in range(5))
    except TooSlowError:
        return True


def slow_lines(used: Used) -> list[tuple[str, Line]]:
    """Return the uses of a pattern and the hostile lines for which the time outgrows the line, a few at most."""

    def shaped(line: Line) -> Callable[[int], str | bytes]:
        if isinstance(used.pattern.pattern, str):
            return lambda length: written(line, length)
        return lambda length: written(line, length).encode("latin-1", "replace")

    lines = general_lines() + derived_lines(used.pattern)
    uses = {"finditer" if use in SCANS else use for use in used.uses}
    slow = ((use, line) for use in sorted(uses) for line in lines if outgrows(run(used.pattern, use), shaped(line)))
    return list(islice(slow, 1))


def test_no_pattern_grows_faster_than_its_line() -> None:
    """On every hostile line, eight times the length takes about eight times the time."""
    slow = {used.place: found for used in patterns() if (found := slow_lines(used))}
    assert slow == {}


def test_the_search_for_patterns_finds_them() -> None:
    """The patterns of every package are among those that are tested."""
    packages = {used.place.partition(".")[0] for used in patterns()}
    assert packages >= {"index", "qa", "cogs", "terminal"}
    assert len(patterns()) > 150


@pytest.mark.parametrize("text", [r"(a+)+$", r"\s*\s*x", r"(?:\s*\|\s*[^|]{2,30}){2,}$", r"<!--.*?-->"])
def test_the_measure_knows_slow_patterns(text: str) -> None:
    """The measure fails for exponential and quadratic patterns."""
    pattern = re.compile(text, re.DOTALL)
    lines = general_lines() + derived_lines(pattern)
    assert any(outgrows(pattern.search, lambda n, line=line: written(line, n)) for line in lines)  # type: ignore[misc]
