"""Promises of the benchmark of lexical search."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import lexical_index
from benchmarks.lexical_baselines import Blocks, Fts5
from benchmarks.lexical_index import passages

TEXTS = [
    ("harbour", "The lighthouse keeper counts gulls. He paints boats in spring. The regatta begins in summer."),
    ("ferry", "The ferry leaves at seven. Dogs travel free of charge. Bicycles cost two crowns."),
]
QUESTIONS = ["When does the ferry leave?", "Who counts gulls?", "What do bicycles cost?"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"_id": f"{at}", "title": title, "text": text} for at, (title, text) in enumerate(TEXTS)]
    (tmp_path / "load-en.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    documents = [{"doc_id": row["_id"], "title": row["title"], "text": row["text"]} for row in rows]
    (tmp_path / "small.docs.jsonl").write_text("\n".join(json.dumps(row) for row in documents), encoding="utf-8")
    asked = [
        {"id": text, "title": "ferry", "doc_id": "1", "question": text, "answers": [], "is_impossible": True}
        for text in QUESTIONS
    ]
    (tmp_path / "small.qa.jsonl").write_text("\n".join(json.dumps(row) for row in asked), encoding="utf-8")
    return tmp_path


def test_passages_are_sentences_and_pairs_and_then_altered_copies(folder: Path) -> None:
    """Three sentences make five passages; later turns exchange words, and ids never come again."""
    rows = list(islice(passages(folder), 40))

    assert [row.id for row in rows] == list(range(1, 41))
    first = [row.body for row in rows if row.title == rows[0].title][:5]
    assert first[3] == f"{first[0]} {first[1]}"
    assert {row.body for row in rows[:10]} != {row.body for row in rows[10:20]}


def test_both_sides_find_the_same(folder: Path, tmp_path: Path) -> None:
    """What is compared does the same work: it finds the same passages, as many of them, and the same terms."""
    rows = list(islice(passages(folder), 60))
    sides = [Blocks(tmp_path), Fts5(tmp_path)]
    for side in sides:
        side.put(rows)
        side.remove(rows[:20])

    for terms in (["ferri", "seven"], ["gull"], ["bicycl", "crown", "dog"]):
        ours, theirs = (sorted(side.search(terms, 100)) for side in sides)
        assert ours == theirs
        assert sides[0].count(terms) == sides[1].count(terms) == len(ours)
    assert sides[0].similar("bicylc", 5) == sides[1].similar("bicylc", 5) != []
    for side in sides:
        side.close()


def test_it_prints_figures_of_each_size(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run builds what is not there yet, and measures both sides."""
    arguments = ["", str(folder), "--work", str(tmp_path / "work"), "--sizes", "50", "--with", "fts5"]
    monkeypatch.setattr("sys.argv", arguments)
    lexical_index.main()
    lexical_index.main()

    printed = capsys.readouterr().out
    assert printed.count("blocks, 50 passages: built in") == 1
    assert printed.count("blocks, 50 passages") == printed.count("fts5, 50 passages") == 2
