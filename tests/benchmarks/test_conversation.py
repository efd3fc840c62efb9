"""Tests of the metrics on conversations."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.conversation import LabelledQuestion
from benchmarks.query_rewrites import content_word_f1, in_part, rewrite_tables
from index.models import Passage
from tests.terminal.fakes import QUOTE


def test_content_word_f1() -> None:
    """Function words and order do not count; the most similar rewrite does."""
    assert content_word_f1("When was it built?", ["When was the tower built?"]) == pytest.approx(2 / 3)
    assert content_word_f1("the tower: built when", ["of no likeness", "When was the tower built?"]) == 1
    assert content_word_f1("why?", ["Why was it?"]) == 1
    assert content_word_f1("why?", ["Why a tower?"]) == 0


@pytest.mark.parametrize(("start", "end", "hit"), [(10, 40, True), (35, 55, True), (38, 58, False), (40, 90, False)])
def test_answer_in_quote_shares_half_of_the_shorter(start: int, end: int, hit: bool) -> None:
    """A quote is a hit if it shares half of the shorter of quote and answer, in the same article."""
    quote = QUOTE.__class__(**{name: getattr(QUOTE, name) for name in QUOTE.__slots__} | {"start": 20, "end": 45})

    assert LabelledQuestion("who?", (), QUOTE.article_id, start, end).in_quote(quote) is hit
    assert not LabelledQuestion("who?", (), QUOTE.article_id + 1, start, end).in_quote(quote)


def test_right_passage_overlaps_the_answer() -> None:
    """A passage is right if it overlaps the answer."""
    asked = LabelledQuestion("who?", (), 3, 20, 30)

    assert asked.in_passage(Passage(1, 3, 29, 90, ""))
    assert not asked.in_passage(Passage(1, 3, 30, 90, ""))
    assert not asked.in_passage(Passage(1, 4, 20, 30, ""))


def test_parts_are_halves_that_do_not_overlap() -> None:
    """Each conversation is always in the same one of the two parts, which are about equal in size."""
    chosen = [in_part(f"conversation {number}", "development") for number in range(1000)]

    assert 400 < sum(chosen) < 600
    assert all(one != in_part(f"conversation {number}", "report") for number, one in enumerate(chosen))


def test_gap_is_reported_for_each_set(tmp_path: Path) -> None:
    """The gap between the raw question and a rewrite is closed if the reference is resolved."""
    history = [{"role": "user", "text": "Who is Ida Vance?"}]
    row = {"conversation_id": "0", "history": history, "question": "When was she born?"}
    for name, rewrites in (
        ("coqar.qa", {"rewrites": ["When was Ida Vance born?", "In what year was Ida Vance born?", ""]}),
        ("trec-cast-rewrites", {"rewrite": "When was Ida Vance born?"}),
    ):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt") as file:
            file.write(json.dumps(row | rewrites) + "\n")
    part = "development" if in_part("0", "development") else "report"

    assert "| trec-cast-rewrites | 1 | 0.500 | 1.000 | 1.000 |" in rewrite_tables(tmp_path, part)
