"""Tests of the table that is marked by hand and of what is counted in it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from benchmarks.marking import read, write
from qa.outcome import Answer, Closest, NotCovered, Quote

if TYPE_CHECKING:
    from pathlib import Path

TEXT = 'Open "daily", except\n\non Mondays; =SUM(1).'
QUOTE = Quote("shared", 1, "Pool FAQ", "pool.md", 0, len(TEXT), TEXT, (), 1, 1, 0.7654)
ASKED = [
    (Answer("when open?", 0.7654, (QUOTE,), 1.0), "q1", True),
    (NotCovered("who?", 0.01, 1.0), "q2", False),
    (Closest("card?", 0.2, (QUOTE,), 1.0), "q3", True),
    (Answer("dogs?", 0.8, (QUOTE,), 1.0), "q4", False),
]


def _mark(path: Path, marks: list[str]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *([*row[:-1], mark] for row, mark in zip(rows, marks, strict=True))])


def test_table_to_mark_hides_outcomes(tmp_path: Path) -> None:
    """Each quote is a row, letter for letter, without outcome, confidence or the id of the question."""
    path = tmp_path / "marks.csv"
    number = write(ASKED, path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    text = path.read_text("utf-8")

    assert number == len(rows) == 3
    assert rows[0] == {
        "number": "1", "question": "when open?", "article": "Pool FAQ", "context": "", "quote": TEXT, "mark": "",
    }  # fmt: skip
    assert not any(word in text for word in ("0.7", "answer,", "closest", "q1"))


def test_marks_by_outcome(tmp_path: Path) -> None:
    """Marks are counted for each outcome, and how many quotes from a right section answer."""
    path = tmp_path / "marks.csv"
    write(ASKED, path)
    _mark(path, ["answered", "points", ""])

    assert read(path).splitlines()[2:] == [
        "| answer | 2 | 1 | 0 | 0 | 1 | 1 | 1 |",
        "| closest | 1 | 0 | 1 | 0 | 0 | 1 | 0 |",
        "| not_covered | 1 | 0 | 0 | 0 | 0 | 0 | 0 |",
        "| all | 4 | 1 | 1 | 0 | 1 | 2 | 1 |",
    ]


def test_unknown_mark(tmp_path: Path) -> None:
    """A misspelt mark is an error, so that it is not counted as none."""
    path = tmp_path / "marks.csv"
    write(ASKED, path)
    _mark(path, ["answerd", "points", "wrong"])

    with pytest.raises(ValueError, match="'answerd'"):
        read(path)
