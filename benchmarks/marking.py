"""Mark by hand whether first quotes answer, and count the marks by outcome.

    python -m benchmarks.marking FOLDER --out FILE
    python -m benchmarks.marking --read FILE

The first command asks questions of the community set, from its `report` repositories, and writes those that have a
quote to FILE, in random order: a CSV table of number, question, article, context and quote. The column `mark` is to be
filled in: `answered`, `points` (it says where the answer is, or a part of it) or `wrong`. Neither confidence nor
outcome is in FILE; outcomes are in FILE.outcomes.jsonl, which only the second command reads.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import community
from benchmarks.data import rows
from benchmarks.harness import Bench, add_options
from index.models import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.outcome import Outcome

MARKS = ("answered", "points", "wrong")
_COLUMNS = ("number", "question", "article", "context", "quote", "mark")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a row but not shown to who marks it.

    `number` is that of the row, or 0 if there was nothing to quote; `in_section` says whether the first quote lies in a
    section that answers.
    """

    number: int
    id: str
    outcome: str
    in_section: bool


def ask(bench: Bench, asked: community.SectionBench, count: int, seed: int) -> list[tuple[Outcome, str, bool]]:
    """Ask `count` answerable questions, drawn with `seed`: outcome, id, and whether the first quote is in a section."""
    drawn = random.Random(seed).sample(asked.answerable, min(count, len(asked.answerable)))
    found = []
    for question in drawn:
        outcome = bench.answerer.ask(question.text, [asked.name])
        right = [asked.is_right(q.article_id, Span(q.start, q.end), question) for q in outcome.quotes[:1]]
        found.append((outcome, question.id, any(right)))
    return found


def write(asked: Sequence[tuple[Outcome, str, bool]], path: Path) -> int:
    """Write the table to mark, and the outcomes beside it; return the number of its rows."""
    known = []
    number = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(_COLUMNS)
        for outcome, key, right in asked:
            for quote in outcome.quotes[:1]:
                number += 1
                context = "\n".join(part.text for part in getattr(quote, "context", ()))
                table.writerow([number, outcome.question, quote.title, context, quote.text, ""])
            known.append(Known(number if outcome.quotes else 0, key, outcome.name, right))
    lines = "".join(json.dumps(asdict(row)) + "\n" for row in known)
    _outcomes(path).write_text(lines, encoding="utf-8")
    return number


def read(path: Path) -> str:
    """Return a Markdown table of the marks by outcome. Raises ValueError if a row has another mark than those."""
    with path.open(encoding="utf-8", newline="") as file:
        marks = {int(row["number"]): row["mark"].strip() for row in csv.DictReader(file)}
    if strange := sorted({mark for mark in marks.values() if mark not in {*MARKS, ""}}):
        raise ValueError(f"{path} has the mark {strange[0]!r}; marks are {', '.join(MARKS)}")
    known = [Known(**row) for row in rows(_outcomes(path))]
    names = list(dict.fromkeys(row.outcome for row in sorted(known, key=lambda row: row.outcome)))
    lines = [
        f"| outcome | questions | {' | '.join(MARKS)} | not marked | in a section that answers | of these answered |",
        "|---" * (len(MARKS) + 5) + "|",
        *(_line(name, [row for row in known if row.outcome == name], marks) for name in names),
        _line("all", known, marks),
    ]
    return "\n".join(lines)


def _line(name: str, known: Sequence[Known], marks: dict[int, str]) -> str:
    counts = Counter(marks[row.number] for row in known if row.number)
    inside = [row for row in known if row.in_section]
    answered = sum(marks[row.number] == MARKS[0] for row in inside)
    cells = [len(known), *(counts[mark] for mark in MARKS), counts[""], len(inside), answered]
    return f"| {name} | " + " | ".join(map(str, cells)) + " |"


def _outcomes(path: Path) -> Path:
    return path.with_name(f"{path.name}.outcomes.jsonl")


def main() -> None:
    """Write the table to mark, or print the marks."""
    reading = argparse.ArgumentParser(add_help=False)
    reading.add_argument("--read", type=Path, help="print the marks of this file, and ask nothing")
    given, _ = reading.parse_known_args()
    if given.read:
        print(read(given.read))
        return
    description = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, parents=[reading], formatter_class=description)
    add_options(parser)
    parser.add_argument("--out", type=Path, required=True, help="the table to write")
    parser.add_argument("--variant", choices=list(community.VARIANTS), default="community")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with Bench(options) as bench:
        asked = community.SectionBench(bench, community.read(options.folder, options.variant, "report"), "report")
        number = write(ask(bench, asked, options.count, options.seed), options.out)
    print(f"{options.out}: {number} quotes to mark as {', '.join(MARKS)}")


if __name__ == "__main__":
    main()
