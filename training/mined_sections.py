"""Find the pairs of question and section in an article: its headings, and lines that ask (FAQ lists)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from index.models import Draft, Span
from index.text.blocks import blocks, trim
from qa.self_calibration.heading_questions import normalized
from training.mined_questions import (
    Asked,
    Kind,
    has_question_mark_before,
    heading_question,
    is_question,
    is_readable,
    is_short,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LENGTH: Final = (60, 4_000)  # code points of a section
_SMALL: Final = 1_500  # code points: up to this, a heading's section includes the headings below it
_ASKING_LINES: Final = 3  # lines that ask in a FAQ, a marked one counting twice; fewer in an article may be rhetoric
_QUESTION_LINES: Final = 3  # lines that a question of wrapped text may have

_ANSWER_MARK: Final = re.compile(
    r"\s*(?:\*\*|__)?(?:\d+\.)?(?:a|answer|ans)\s*\d*(?:\.\d+)*\s*[.:)\]-]+(?:\*\*|__)?\s*", re.IGNORECASE
)
_EMPHASIS: Final = re.compile(r"\s*(?:[-*#>]\s+)?(?:\d+[.)]\s+)?(?:\*\*|__)\S.*(?:\*\*|__)\s*$")
_BULLET: Final = re.compile(r"\s*[-*+•]\s")
_WIKI: Final = re.compile(r"={2,6}[^=\n]+={2,6}\s*$")  # a heading of MediaWiki
_NUMBERED: Final = re.compile(r"\s*[(\[]?(?:[A-Z]\.?)?\d+(?:\.\d+)*[a-z]?[.):\]]")
_NAVIGATION: Final = re.compile(  # links between pages
    r"(?i)\W*(?:(?:top|up|prev(?:ious)?|next|home|index|contents|map|back|return)\b\W*){1,6}"
    r"(?:to (?:the )?(?:top|index|contents|table of contents|main page|questions?)\W*)?$"
    r"|(?i:\W*this (?:document|page|file) was (?:generated|created|last))"
)
_SIGNATURE: Final = re.compile(r"\s*(?:class|def|function|interface|struct|public|static|typedef|#include)\b")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the section of the article that answers it, as a half-open range of code points."""

    question: str
    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Run:
    """The text below one heading: neighbouring sections of one heading path."""

    path: tuple[str, ...]
    start: int
    end: int


def pairs_of(draft: Draft) -> list[Pair]:
    """Return the pairs of an article in text order, each question once.

    Where a table of contents repeats a question, its last place counts. A heading asked by several sections of the
    article is left out, since none of them alone answers it.
    """
    runs = _runs(draft)
    lines = [line for run in runs for line in _asking_lines(draft.text, run)]
    if sum(2 if marked else 1 for _, marked in lines) < _ASKING_LINES:
        lines = []
    found = [(pair, 0) for pair, _ in lines]
    for asked, span in _headings(runs, draft.title):
        if sum(span.start <= pair.start < span.end for pair, _ in lines) < 2:  # else the lines say what is asked
            found.append((Pair(asked.question, asked.kind, span.start, span.end), 1))
    return _distinct(draft.text, found)


def _distinct(text: str, found: Sequence[tuple[Pair, int]]) -> list[Pair]:
    """Return one pair for each question. Each is found with the rank of its form; a heading (1) outranks a line (0)."""
    best: dict[str, tuple[int, int, Pair]] = {}
    repeated: set[str] = set()
    for pair, rank in found:
        span = without_edges(text, pair.start, pair.end)
        body = span.of(text)
        if not LENGTH[0] <= len(body) <= LENGTH[1] or not is_readable(body) or _SIGNATURE.match(body):
            continue
        key = normalized(pair.question)
        if key in best and best[key][0] == rank == 1 and pair.kind == "heading":
            repeated.add(key)
        candidate = (rank, span.start, Pair(pair.question, pair.kind, span.start, span.end))
        if key not in best or candidate[:2] > best[key][:2]:
            best[key] = candidate
    return sorted((pair for key, (_, _, pair) in best.items() if key not in repeated), key=lambda p: (p.start, p.end))


def without_edges(text: str, start: int, end: int) -> Span:
    """Return a span without white space and lines of mere punctuation at its edges."""
    while True:
        span = trim(text, start, end)
        head, _, rest = span.of(text).partition("\n")
        if rest and (_NAVIGATION.match(head) or not any(map(str.isalpha, head))) and not head.startswith("```"):
            start, end = span.start + len(head), span.end
            continue
        head, line_feed, last = span.of(text).rpartition("\n")
        bare = not any(map(str.isalpha, last)) and last.strip() not in {"```", "}", "};", ")"}
        if line_feed and (bare or _NAVIGATION.match(last)):
            start, end = span.start, span.start + len(head)
            continue
        return span


def _runs(draft: Draft) -> list[_Run]:
    """Return the article's sections, those of one heading joined where only left-out text lies between them."""
    runs: list[_Run] = []
    for section in draft.sections:
        path = tuple(part for part in section.heading.split(" > ") if part)
        last = runs[-1] if runs else None
        if last and last.path == path and not (path and path[-1] in draft.text[last.end : section.start]):
            runs[-1] = _Run(path, last.start, section.end)
        else:
            runs.append(_Run(path, section.start, section.end))
    return runs


def _headings(runs: Sequence[_Run], title: str) -> Iterator[tuple[Asked, Span]]:
    """Yield what each heading asks with the text below it: all of it if it is short, else up to the next heading."""
    if len(runs) == 1 and not runs[0].path and (asked := heading_question([title], title)) and asked.kind == "question":
        yield asked, Span(runs[0].start, runs[0].end)
    before: tuple[str, ...] = ()
    for number, run in enumerate(runs):
        restarted = run.path == before
        shared = next((n for n, pair in enumerate(zip(run.path, before, strict=False)) if pair[0] != pair[1]), None)
        known = min(len(run.path), len(before)) if shared is None else shared
        known = len(run.path) - 1 if restarted and run.path else known
        before = run.path
        for depth in range(known + 1, len(run.path) + 1):
            asked = heading_question(run.path[:depth], title)
            if asked is None:
                continue
            last = number
            while last + 1 < len(runs) and runs[last + 1].path[:depth] == run.path[:depth]:
                if runs[last + 1].path == runs[last].path or len(runs[last + 1].path) == depth:
                    break  # the same heading again
                last += 1
            if runs[last].end - run.start <= _SMALL:
                yield asked, Span(run.start, runs[last].end)
            elif len(run.path) == depth:
                yield asked, Span(run.start, run.end)


def _asking_lines(text: str, run: _Run) -> Iterator[tuple[Pair, bool]]:
    """Yield the questions that lines of a run ask, with the text up to the next one, and whether each is marked so.

    Recognised are lines "Q: ...", bold and numbered lines, terms of definition lists and paragraphs of their own.
    """
    questions: list[tuple[int, int, str, bool]] = []
    bullets: set[int] = set()  # the ends of questions in lists
    for block in blocks(text[run.start : run.end]):
        if block.kind in {"table", "code"}:
            continue
        start = run.start + block.start
        found = _leading_question(text[start : run.start + block.end])
        if found:
            length, question, marked = found
            questions.append((start, start + length, question, marked))
            if block.kind == "item" and not marked:
                bullets.add(start + length)
    for number, (_, end, question, marked) in enumerate(questions):
        if not question:
            continue
        if end in bullets and _BULLET.match(text, end):
            continue  # a list of questions, without answers
        until = questions[number + 1][0] if number + 1 < len(questions) else run.end
        if answer := _ANSWER_MARK.match(text, end, until):
            end = answer.end()
        yield Pair(question, "question", end, until), marked


def _leading_question(block: str) -> tuple[int, str, bool] | None:
    """Return the question that the first lines of a block ask, its length and whether a mark announces it."""
    rows = block.split("\n")
    for count in range(1, min(len(rows), _QUESTION_LINES) + 1):
        if count > 1 and _ANSWER_MARK.match(rows[count - 1]):
            break
        lead = "\n".join(rows[:count])
        bare = lead.strip("= \t\n").rstrip("*_`").rstrip()
        wiki = count == 1 and _WIKI.match(lead) is not None
        marked = wiki or has_question_mark_before(lead) or _EMPHASIS.match(" ".join(lead.split())) is not None
        if wiki and not bare.endswith("?"):
            return len(lead), "", True
        if not bare.endswith("?"):
            continue
        question = plain(bare)
        announced = marked or _NUMBERED.match(lead) is not None
        if not is_question(question) or bare.count("?") > 2:
            return (len(lead), "", True) if announced else None  # too long to be asked, but it ends the answer before
        several = re.search(r"[.!?:;] +[A-Z]", question[:-1]) is not None and count < len(rows)
        if not announced and (several or not question[0].isupper()):
            return None
        return len(lead), question, announced
    return _statement(rows) if has_question_mark_before(rows[0]) else None


def _statement(rows: Sequence[str]) -> tuple[int, str, bool]:
    """Return what a marked line says that is no question ("Q: The bot is silent."), up to the answer's mark."""
    count = next((number for number, row in enumerate(rows) if number and _ANSWER_MARK.match(row)), len(rows))
    lead = "\n".join(rows[:count])
    return len(lead), plain(lead) if is_short(plain(lead)) else "", True
