"""Promises of the lexical index in SQLite; those of every lexical index are in `test_lexical_contract`."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

import numpy as np
import pytest

from index.indexes import lexical_terms
from index.indexes.lexical import ChangedElsewhereError, LexicalRow
from index.indexes.lexical_file import _connect, _empty_unless_current
from index.indexes.lexical_sqlite import _SCHEMA_VERSION, SqliteLexicalIndex
from index.indexes.position import CatalogPosition
from index.text.analyzer import index_terms

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = {
    11: ("Harbour", "The lighthouse keeper counts gulls every morning."),
    12: ("Harbour", "Boats are painted in spring, before the regatta."),
    13: ("Gulls", "They nest on roofs."),
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteLexicalIndex]:
    made = SqliteLexicalIndex(tmp_path / "lexical.db", "epoch")
    made.put(
        LexicalRow(key, " ".join(index_terms(title)), " ".join(index_terms(body)), key)
        for key, (title, body) in TEXTS.items()
    )
    yield made
    made.save()


def test_what_views_have_read_is_current(index: SqliteLexicalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """The terms are read once for all views; a change, also one by another process, is noticed by all."""
    read = Mock(side_effect=lexical_terms.signatures)
    monkeypatch.setattr(lexical_terms, "signatures", read)
    for word in ("lightouse", "regata", "gulsl"):
        assert len(index.without({12}).similar_terms(word, 5)) == 1
    assert read.call_count == 1

    view = index.without({12})
    index.put([LexicalRow(14, "", "anchor", 14)])
    assert list(view.similar_terms("anchar", 5)) == ["anchor"]
    other = SqliteLexicalIndex(index._file._path, "epoch")
    other.put([LexicalRow(15, "", "lantern", 15)])
    other.save()
    assert list(view.similar_terms("lantarn", 5)) == ["lantern"]
    assert view.search(["lantern"], 5)[0].tolist() == [15]


def test_removed_and_replaced_passages_are_not_found(index: SqliteLexicalIndex) -> None:
    """Search reflects what is stored."""
    index.remove(np.array([11, 999]))
    index.put([LexicalRow(12, "", "anchor", 12)])

    assert index.search(index_terms("lighthouse boats"), 10)[0].tolist() == []
    assert index.search(["anchor"], 10)[0].tolist() == [12]
    assert sorted(index.ids().tolist()) == [12, 13]
    assert index.problem() is None


@pytest.mark.parametrize("epoch", ["epoch", "another"])
def test_a_file_keeps_its_rows_within_its_epoch_only(tmp_path: Path, epoch: str) -> None:
    """Rows persist after closing; another index version starts empty."""
    first = SqliteLexicalIndex(tmp_path / "lexical.db", "epoch")
    first.put([LexicalRow(1, "a", "word", 1)])
    first.save()
    again = SqliteLexicalIndex(tmp_path / "lexical.db", epoch)

    assert again.ids().tolist() == ([1] if epoch == "epoch" else [])
    again.save()


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    """A file that SQLite cannot read is replaced by an empty one."""
    path = tmp_path / "lexical.db"
    path.write_bytes(b"no database at all" * 100)
    index = SqliteLexicalIndex(path, "epoch")

    assert index.ids().tolist() == []
    index.save()


def test_two_processes_may_make_one_index(tmp_path: Path) -> None:
    """A process that creates the index at the same time as another keeps what the other has stored."""
    first = SqliteLexicalIndex(tmp_path / "lexical.db", "epoch")
    late = _connect(tmp_path / "lexical.db")  # has looked before the first one was done
    first.put([LexicalRow(11, "", "anchor", 11)])

    assert not _empty_unless_current(late, f"epoch/{_SCHEMA_VERSION}")
    late.close()
    assert first.search(["anchor"], 10)[0].tolist() == [11]
    first.save()


def test_an_index_that_is_in_use_is_not_thrown_away(tmp_path: Path) -> None:
    """If another process empties the index for its own version, an open index can still be used."""
    old = SqliteLexicalIndex(tmp_path / "lexical.db", "old")
    old.put([LexicalRow(11, "", "anchor", 11)])
    new = SqliteLexicalIndex(tmp_path / "lexical.db", "new")

    assert new.search(["anchor"], 10)[0].tolist() == []
    old.put([LexicalRow(12, "", "anchor", 12)])
    assert new.search(["anchor"], 10)[0].tolist() == [12]
    assert new.problem() is None
    old.save()
    new.save()


def test_the_position_is_stored_with_the_rows(tmp_path: Path) -> None:
    """A position that was assigned is there after a crash, without one it is None; another version starts without."""
    index = SqliteLexicalIndex(tmp_path / "lexical.db", "epoch")
    assert index.position is None
    index.put([LexicalRow(1, "", "anchor", 1)])
    index.position = CatalogPosition(7, b"12345678")
    crashed = SqliteLexicalIndex(tmp_path / "lexical.db", "epoch")

    assert crashed.position == index.position == CatalogPosition(7, b"12345678")
    crashed.position = None
    assert index.position is None
    index.save()
    crashed.save()
    assert SqliteLexicalIndex(tmp_path / "lexical.db", "another").position is None


def test_nothing_of_removed_rows_remains_in_the_files(index: SqliteLexicalIndex) -> None:
    """After `compact` no word that only removed passages had is in a file of the index, even while it is open."""
    folder = index._file._path.parent
    assert any(b"lighthous" in path.read_bytes() for path in folder.iterdir())
    index.remove(np.array([11]))
    index.compact()

    assert not [path for path in folder.iterdir() if b"lighthous" in path.read_bytes()]
    assert index.document_frequencies(["lighthous"]) == {"lighthous": 0}
    assert index.similar_terms("lighthuos", 5) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE passages SET body = 'boat spring' WHERE id = 12",
        "DELETE FROM passages WHERE id = 12",
        "UPDATE digests SET digest = 5 WHERE id = 12",
        "INSERT INTO digests VALUES (77, 77)",
        "DELETE FROM postings WHERE key = 1",
        "UPDATE postings SET data = zeroblob(length(data)) WHERE key = 2",
        "UPDATE postings SET data = data || 'x' WHERE key = 2",
        "UPDATE postings SET data = 7 WHERE key = 2",
        "UPDATE lengths SET data = zeroblob(length(data))",
        "UPDATE lengths SET data = x'0102'",
        "DELETE FROM lengths",
        "UPDATE blocks SET passages = 4",
        "UPDATE blocks SET checksum = checksum + 1",
        "UPDATE terms SET term = 'gul2' WHERE term = 'gull'",
        "DELETE FROM terms WHERE term = 'gull'",
        "UPDATE spellings SET data = zeroblob(length(data))",
        "UPDATE spellings SET data = x'01'",
    ],
)
def test_every_kind_of_damage_is_found(index: SqliteLexicalIndex, statement: str) -> None:
    """`problem` notices a change of any table, and so does an index that is opened after a crash."""
    rows = [LexicalRow(key, *(" ".join(index_terms(text)) for text in both), key) for key, both in TEXTS.items()]
    index.refill = lambda: index.put(rows)
    db = sqlite3.connect(index._file._path)
    db.execute(statement)
    db.commit()
    db.close()

    assert index.problem()
    assert isinstance(index.search(index_terms("gulls boats lighthouse"), 10)[0], np.ndarray)
    assert isinstance(index.similar_terms("regata", 5), dict)
    after_crash = SqliteLexicalIndex(index._file._path, "epoch")
    assert after_crash.problem() is None
    after_crash.save()


def test_changes_of_two_processes_do_not_mix(index: SqliteLexicalIndex, tmp_path: Path) -> None:
    """What was prepared before another process changed the index is refused, the new position too."""
    other = SqliteLexicalIndex(tmp_path / "lexical.db", "epoch")
    index.begin_changes()
    index.put([LexicalRow(14, "", "tern", 14)])
    other.begin_changes()
    other.remove(np.array([14]))

    with pytest.raises(ChangedElsewhereError):
        index.put([LexicalRow(14, "", "tern", 14)])
    with pytest.raises(ChangedElsewhereError):
        index.position = CatalogPosition(1, b"first")
    other.position = CatalogPosition(2, b"second")
    assert index.begin_changes() == CatalogPosition(2, b"second")
    index.put([LexicalRow(15, "", "heron", 15)])
    index.position = CatalogPosition(3, b"third")
    assert sorted(other.ids().tolist()) == [11, 12, 13, 15]
    other.save()
