"""Promises of the lexical index."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

import numpy as np
import pytest
from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.indexes import lexical_terms
from index.indexes.lexical import ChangedElsewhereError, LexicalRow
from index.indexes.lexical_entries import BLOCK
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


def test_search_finds_any_of_the_words_best_first(index: SqliteLexicalIndex) -> None:
    """A passage with more and rarer terms comes first; passages without any are left out."""
    ids, scores = index.search(index_terms("lighthouse keeper"), 10)

    assert ids.tolist() == [11]
    assert (scores > 0).all()
    assert index.search(index_terms("regatta boats harbour"), 10)[0][0] == 12


def test_titles_are_searched_too(index: SqliteLexicalIndex) -> None:
    """A term that only the title has finds the passage, but ranks it below one whose text has it."""
    assert index.search(index_terms("gulls"), 10)[0].tolist() == [11, 13]


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


def test_near_gives_the_spelling_that_was_meant(index: SqliteLexicalIndex) -> None:
    """One typo in a long term is tolerated, none in a short one, and dissimilar terms are not offered."""
    assert list(index.similar_terms("lighthuose", 3)) == index_terms("lighthouse")
    assert index.similar_terms("gul", 3) == {}
    assert index.similar_terms("parliament", 3) == {}


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


def test_passages_with_any_of_several_terms_are_counted(tmp_path: Path) -> None:
    """A passage counts once, also with several of the terms; words joined by spaces have to be adjacent."""
    index = SqliteLexicalIndex(tmp_path / "lexical.db", "epoch")
    index.put([LexicalRow(1, "", "e 114 e114", 1), LexicalRow(2, "", "114 e", 2), LexicalRow(3, "", "e115", 3)])

    assert index.count(["e 114", "e114"]) == 1
    assert index.count(["e114", "e115", "114"]) == 3
    assert index.count([]) == index.count(["pump"]) == 0
    index.save()


def texts_of(rng: random.Random, ids: list[int]) -> list[LexicalRow]:
    """Return rows of random words, of which some are frequent and most are rare."""
    words = ["".join(rng.choices("abcdeor", k=rng.randint(3, 11))) for _ in range(400)]

    def text(most: int) -> str:
        return " ".join(words[int(len(words) * rng.random() ** 3)] for _ in range(rng.randint(0, most)))

    return [LexicalRow(key, text(6), text(80), rng.getrandbits(64)) for key in ids]


def reference(rows: list[LexicalRow]) -> sqlite3.Connection:
    """Return the same rows in SQLite's full-text search, an independent implementation of BM25."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE passages USING fts5(title, body)")
    db.executemany("INSERT INTO passages(rowid, title, body) VALUES (?, ?, ?)", [row[:3] for row in rows])
    return db


@pytest.mark.parametrize("seed", range(6))
def test_scores_are_those_of_another_implementation(tmp_path: Path, seed: int) -> None:
    """Search, counts and frequencies agree with SQLite's FTS5 after adding, replacing and removing, across blocks."""
    rng = random.Random(seed)
    index = SqliteLexicalIndex(tmp_path / "lexical.db", "epoch")
    ids = [*range(1, 60), *range(BLOCK - 20, BLOCK + 20), *range(9 * BLOCK, 9 * BLOCK + 20)]
    rows = {row.id: row for row in texts_of(rng, ids)}
    index.put(rows.values())
    gone = rng.sample(ids, 30)
    index.remove(np.array(gone))
    changed = texts_of(rng, [*gone[:10], *rng.sample(ids, 20)])
    index.put(changed)
    rows = {key: row for key, row in rows.items() if key not in gone} | {row.id: row for row in changed}
    db = reference(list(rows.values()))
    used = sorted({word for row in rows.values() for word in row.body.split()})

    for _ in range(20):
        words = rng.sample(used, rng.randint(1, 6))
        body = rng.choice([row.body.split() for row in rows.values() if len(row.body.split()) > 3])
        at = rng.randrange(len(body) - 1)
        words += [f"{body[at]} {body[at + 1]}"] if body[at] != body[at + 1] else []
        query = " OR ".join(f'"{word}"' for word in words)
        statement = (
            "SELECT rowid, max(0, -bm25(passages, 0.5, 1.0)) AS score FROM passages "
            "WHERE passages MATCH ? ORDER BY score DESC, rowid"
        )
        expected = db.execute(statement, (query,)).fetchall()
        found, scores = index.search(words, 1000)
        np.testing.assert_allclose(scores, [score for _, score in expected], rtol=1e-4, atol=1e-5)
        assert set(found.tolist()) == {key for key, _ in expected}
        np.testing.assert_allclose(index.search(words, 5)[1], scores[:5])
        assert index.count(words) == len(expected)
        assert index.document_frequencies(words) == {word: index.count([word]) for word in words}
    assert index.problem() is None
    index.save()


def test_similar_terms_are_those_of_a_comparison_with_all(tmp_path: Path) -> None:
    """Comparing signatures first loses no similar term, and changes neither their order nor their similarity."""
    rng = random.Random(5)
    index = SqliteLexicalIndex(tmp_path / "lexical.db", "epoch")
    rows = texts_of(rng, list(range(1, 200)))
    index.put(rows)
    index.remove(np.arange(1, 40))
    terms = sorted({word for row in rows[39:] for word in f"{row.title} {row.body}".split()})

    for _ in range(150):
        letters = list(rng.choice(terms))
        for _ in range(rng.randint(1, 2)):
            at = rng.randrange(len(letters))
            edited = [letters[:at] + letters[at + 1 :], [*letters[:at], "e", *letters[at:]]]
            edited += [[*letters[:at], "x", *letters[at + 1 :]]]
            edited += [[*letters[:at], *letters[at : at + 2][::-1], *letters[at + 2 :]]]
            letters = rng.choice(edited)
        typed = "".join(letters)
        edits = (len(typed) >= 4) + (len(typed) >= 8)
        scorer, cutoff = OSA.normalized_similarity, 1 - edits / max(1, len(typed)) - 1e-6
        all_of_them = process.extract(typed, terms, scorer=scorer, processor=None, score_cutoff=cutoff, limit=20)
        expected = [(match, score) for match, score, _ in all_of_them] if edits else []
        assert list(index.similar_terms(typed, 20).items()) == expected
    index.save()


def test_views_find_and_count_what_they_show(index: SqliteLexicalIndex) -> None:
    """A view of some ids knows no others; one without some ids finds others instead."""
    words = index_terms("gulls harbour boats")
    view = index.only(np.array([12, 13, 99, 10 * BLOCK]))

    assert view.search(words, 10)[0].tolist() == [12, 13]
    assert (view.count(words), index.count(words)) == (2, 3)
    assert view.document_frequencies(index_terms("harbour keeper")) == {"harbor": 1, "keeper": 0}
    assert view.similar_terms("keepar", 3) == {}
    assert index.without({12}).search(words, 10)[0].tolist() == [11, 13]
    assert index.only(np.array([], np.int64)).search(words, 10)[0].tolist() == []


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
