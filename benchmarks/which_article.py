"""Measures how often the bot asks which article is meant: where it should, and where it should not.

`benchmarks/which_set` has pairs of articles that answer alike (events, branches, versions, editions), and questions
that do and do not say which one is meant. For the question sets of a folder it prints how often the bot would ask, and
how often it would ask although its first quote is right.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks import community, data
from benchmarks.harness import Bench, add_options, in_split
from benchmarks.pipeline_trial import LONGEST
from index.models import Span
from index.sources.loader import draft_from_text
from qa.conversation.follow_ups import Turn
from qa.outcome import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from benchmarks.data import Question
    from index.libraries.library import Library
    from qa.answerer import Answerer
    from qa.outcome import Outcome, Quote

FOLDER = Path(__file__).with_name("which_set")
MOST = 9  # quotes, as on Discord


class WhichQuestion(NamedTuple):
    """A question of the set; `which` are the ids of the articles to choose from, none if it has one answer."""

    text: str
    which: frozenset[str]
    group: str
    history: tuple[Turn, ...]


class Counts(NamedTuple):
    """How many questions were answered, with a right first quote, and asked back, with a right first quote."""

    questions: int
    answers: int
    right: int
    asked: int
    asked_right: int


def questions() -> list[WhichQuestion]:
    """Return the questions of the set."""
    return [
        WhichQuestion(
            row["question"],
            frozenset(row["which"]),
            row["group"],
            tuple(Turn(turn["role"], turn["text"]) for turn in row.get("history", ())),
        )
        for row in _rows("questions")
    ]


def fill(library: Library) -> dict[int, str]:
    """Add the articles of the set to a library, and return their ids in the set by those in the library."""
    return {
        library.add(
            draft_from_text(row["text"], key=row["id"], source=row["id"], markdown=True, title=row["title"])
        ).article_id: row["id"]
        for row in _rows("articles")
    }


def choices(outcome: Outcome, ids: dict[int, str]) -> frozenset[str]:
    """Return the articles between which an outcome lets the member choose."""
    return frozenset(ids[outcome.quotes[position].article_id] for position in outcome.alternatives)


def _rows(name: str) -> Iterator[dict[str, Any]]:
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _has_answer(quote: Quote, question: Question) -> bool:
    own = quote.title == question.title and len(quote.text) <= LONGEST
    return own and any(answer in quote.text for answer in question.answers)


def _count(
    answerer: Answerer, library: str, asked: Iterable[Question], is_right: Callable[[Quote, Question], bool]
) -> Counts:
    """Ask a library questions, and count what comes of it."""
    outcomes = [(one, answerer.ask(one.text, [library], most=MOST)) for one in asked]
    answers = [(one, outcome) for one, outcome in outcomes if isinstance(outcome, Answer)]
    right = [outcome for one, outcome in answers if is_right(outcome.quotes[0], one)]
    asked_back = [outcome for _, outcome in answers if outcome.alternatives]
    asked_right = [outcome for outcome in right if outcome.alternatives]
    return Counts(len(outcomes), len(answers), len(right), len(asked_back), len(asked_right))


def _of_set(bench: Bench, folder: Path, name: str, limit: int) -> Counts:
    """Return the counts of one set, of the articles that nothing was trained on."""
    if name not in community.VARIANTS:
        whole = data.read(folder, name).part(in_split(name, "report"), limit)
        asked = [one for one in whole.questions if one.answers]
        return _count(bench.answerer, bench.library(whole, "report"), asked, _has_answer)
    part = community.SectionBench(bench, community.read(folder, name, "report", limit), "report")
    known = {one.id: one for one in part.answerable}

    def is_right(quote: Quote, question: Question) -> bool:
        return part.is_right(quote.article_id, Span(quote.start, quote.end), known[question.id])

    return _count(bench.answerer, part.name, part.answerable, is_right)


def _print_own_set(bench: Bench) -> None:
    library = bench.libraries.open("which-set")
    ids = fill(library)
    print("| group | do not say which | asked | have one answer | asked |\n|---|---|---|---|---|")
    asked = [
        (one, choices(bench.answerer.ask(one.text, [library.name], one.history, most=MOST), ids)) for one in questions()
    ]
    for group in dict.fromkeys(one.group for one, _ in asked):
        several = [found == one.which for one, found in asked if one.group == group and one.which]
        single = [bool(found) for one, found in asked if one.group == group and not one.which]
        print(f"| {group} | {len(several)} | {sum(several)} | {len(single)} | {sum(single)} |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    options = parser.parse_args()
    with Bench(options) as bench:
        _print_own_set(bench)
        print("\n| set | questions | answers | asked | first quote right | asked |\n|---|---|---|---|---|---|")
        for name in options.sets or [*community.VARIANTS, *data.names(options.folder)]:
            found = _of_set(bench, options.folder, name, options.questions)
            counts = found.questions, found.answers, found.asked, found.right, found.asked_right
            print(f"| {name} | {' | '.join(map(str, counts))} |", flush=True)


if __name__ == "__main__":
    main()
