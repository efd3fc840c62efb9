"""Promises of the lexical index."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import numpy as np
import pytest

from index.indexes.lexical import _SCHEMA_VERSION, LexicalIndex, LexicalRow
from index.indexes.lexical_file import _connect, _empty_unless_current
from index.text.analyzer import index_terms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = {
    11: ("Harbour", "The lighthouse keeper counts gulls every morning."),
    12: ("Harbour", "Boats are painted in spring, before the regatta."),
    13: ("Gulls", "They nest on roofs."),
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[LexicalIndex]:
    made = LexicalIndex(tmp_path / "lexical.db", "epoch")
    made.put(
        LexicalRow(key, " ".join(index_terms(title)), " ".join(index_terms(body)), key)
        for key, (title, body) in TEXTS.items()
    )
    yield made
    made.save()


def test_search_finds_any_of_the_words_best_first(index: LexicalIndex) -> None:
    """A passage with more and rarer terms comes first; passages without any are left out."""
    ids, scores = index.search(index_terms("lighthouse keeper"), 10)

    assert ids.tolist() == [11]
    assert (scores > 0).all()
    assert index.search(index_terms("regatta boats harbour"), 10)[0][0] == 12


def test_titles_are_searched_too(index: LexicalIndex) -> None:
    """A term that only the title has finds the passage, but ranks it below one whose text has it."""
    assert index.search(index_terms("gulls"), 10)[0].tolist() == [11, 13]


def test_the_terms_are_read_once_for_all_views(index: LexicalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question whose readers may not see everything does not read all terms again; a change is noticed by all."""
    read = Mock(side_effect=index._file.read)
    monkeypatch.setattr(index._file, "read", read)
    for word in ("lightouse", "regata", "gulsl"):
        assert len(index.without({12}).similar_terms(word, 5)) == 1
    assert read.call_count == 1

    view = index.without({12})
    index.put([LexicalRow(14, "", "anchor", 14)])
    assert list(view.similar_terms("anchar", 5)) == ["anchor"]


def test_removed_and_replaced_passages_are_not_found(index: LexicalIndex) -> None:
    """Search reflects what is stored."""
    index.remove(np.array([11, 999]))
    index.put([LexicalRow(12, "", "anchor", 12)])

    assert index.search(index_terms("lighthouse boats"), 10)[0].tolist() == []
    assert index.search(["anchor"], 10)[0].tolist() == [12]
    assert sorted(index.ids().tolist()) == [12, 13]
    assert index.problem() is None


def test_near_gives_the_spelling_that_was_meant(index: LexicalIndex) -> None:
    """One typo in a long term is tolerated, none in a short one, and dissimilar terms are not offered."""
    assert list(index.similar_terms("lighthuose", 3)) == index_terms("lighthouse")
    assert index.similar_terms("gul", 3) == {}
    assert index.similar_terms("parliament", 3) == {}


@pytest.mark.parametrize("epoch", ["epoch", "another"])
def test_a_file_keeps_its_rows_within_its_epoch_only(tmp_path: Path, epoch: str) -> None:
    """Rows persist after closing; another index version starts empty."""
    first = LexicalIndex(tmp_path / "lexical.db", "epoch")
    first.put([LexicalRow(1, "a", "word", 1)])
    first.save()
    again = LexicalIndex(tmp_path / "lexical.db", epoch)

    assert again.ids().tolist() == ([1] if epoch == "epoch" else [])
    again.save()


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    """A file that SQLite cannot read is replaced by an empty one."""
    path = tmp_path / "lexical.db"
    path.write_bytes(b"no database at all" * 100)
    index = LexicalIndex(path, "epoch")

    assert index.ids().tolist() == []
    index.save()


def test_two_processes_may_make_one_index(tmp_path: Path) -> None:
    """A process that creates the index at the same time as another keeps what the other has stored."""
    first = LexicalIndex(tmp_path / "lexical.db", "epoch")
    late = _connect(tmp_path / "lexical.db")  # has looked before the first one was done
    first.put([LexicalRow(11, "", "anchor", 11)])

    assert not _empty_unless_current(late, f"epoch/{_SCHEMA_VERSION}")
    late.close()
    assert first.search(["anchor"], 10)[0].tolist() == [11]
    first.save()


def test_an_index_that_is_in_use_is_not_thrown_away(tmp_path: Path) -> None:
    """If another process empties the index for its own version, an open index can still be used."""
    old = LexicalIndex(tmp_path / "lexical.db", "old")
    old.put([LexicalRow(11, "", "anchor", 11)])
    new = LexicalIndex(tmp_path / "lexical.db", "new")

    assert new.search(["anchor"], 10)[0].tolist() == []
    old.put([LexicalRow(12, "", "anchor", 12)])
    assert new.search(["anchor"], 10)[0].tolist() == [12]
    assert new.problem() is None
    old.save()
    new.save()


def test_passages_with_any_of_several_terms_are_counted(tmp_path: Path) -> None:
    """A passage counts once, also with several of the terms; words joined by spaces have to be adjacent."""
    index = LexicalIndex(tmp_path / "lexical.db", "epoch")
    index.put([LexicalRow(1, "", "e 114 e114", 1), LexicalRow(2, "", "114 e", 2), LexicalRow(3, "", "e115", 3)])

    assert index.count(["e 114", "e114"]) == 1
    assert index.count(["e114", "e115", "114"]) == 3
    assert index.count([]) == index.count(["pump"]) == 0
    index.save()
