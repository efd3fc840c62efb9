"""Promises of every lexical index: SQLite, and Milvus with PostgreSQL, checked against an implementation of FTS5."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable

import numpy as np
import pytest
from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.indexes.lexical import LexicalIndex, LexicalRow
from index.indexes.lexical_entries import BLOCK
from index.indexes.milvus import lexical_index, views
from index.indexes.position import CatalogPosition
from index.text.analyzer import index_terms
from tests.index.indexes.conftest import Passages, row

Opener = Callable[[], LexicalIndex]

TEXTS = {
    11: ("Harbour", "The lighthouse keeper counts gulls every morning."),
    12: ("Harbour", "Boats are painted in spring, before the regatta."),
    13: ("Gulls", "They nest on roofs."),
}


@pytest.fixture
def index(open_words: Opener) -> LexicalIndex:
    made = open_words()
    made.put(row(key, *(" ".join(index_terms(text)) for text in both)) for key, both in TEXTS.items())
    return made


def test_search_finds_any_of_the_words_best_first(index: LexicalIndex) -> None:
    """A passage with more and rarer terms comes first; passages without any are left out."""
    ids, scores = index.search(index_terms("lighthouse keeper"), 10)

    assert ids.tolist() == [11]
    assert (scores > 0).all()
    assert index.search(index_terms("regatta boats harbour"), 10)[0][0] == 12
    assert index.search(index_terms("harbour"), 10)[0].tolist() == [11, 12]  # in most passages
    assert index.search(index_terms("zebra"), 10)[0].tolist() == []
    assert index.search([], 10)[0].tolist() == []


def test_titles_are_searched_too(index: LexicalIndex) -> None:
    """A term that only the title has finds the passage, but ranks it below one whose text has it."""
    assert index.search(index_terms("gulls"), 10)[0].tolist() == [11, 13]


def test_removed_and_replaced_passages_are_not_found(index: LexicalIndex, open_words: Opener) -> None:
    """Search reflects what is stored, whoever stored it."""
    index.remove(np.array([11, 999]))
    index.put([row(12, "", "anchor")])

    for one in (index, open_words()):
        assert one.search(index_terms("lighthouse boats"), 10)[0].tolist() == []
        assert one.search(["anchor"], 10)[0].tolist() == [12]
        assert sorted(one.ids().tolist()) == [12, 13]
        assert len(one) == 2
        assert one.problem() is None
    assert index.rows([12, 11]) == {12: ("", "anchor")}
    assert index.word_sets([13]) == {13: frozenset(index_terms("Gulls. They nest on roofs."))}


def test_near_gives_the_spelling_that_was_meant(index: LexicalIndex) -> None:
    """One typo in a long term is tolerated, none in a short one, and dissimilar terms are not offered."""
    assert list(index.similar_terms("lighthuose", 3)) == index_terms("lighthouse")
    assert index.similar_terms("gul", 3) == {}
    assert index.similar_terms("parliament", 3) == {}


def test_passages_with_any_of_several_terms_are_counted(open_words: Opener) -> None:
    """A passage counts once, also with several of the terms; words joined by spaces have to be adjacent."""
    index = open_words()
    index.put([row(1, "", "e 114 e114"), row(2, "", "114 e"), row(3, "", "e115")])

    assert index.count(["e 114", "e114"]) == 1
    assert index.count(["e114", "e115", "114"]) == 3
    assert index.count([]) == index.count(["pump"]) == 0
    assert index.search(["e 114"], 5)[0].tolist() == [1]


def test_views_find_and_count_what_they_show(index: LexicalIndex) -> None:
    """A view of some ids knows no others; one without some ids finds others instead."""
    words = index_terms("gulls harbour boats")
    view = index.only(np.array([12, 13, 99, 10 * BLOCK]))

    assert view.search(words, 10)[0].tolist() == [12, 13]
    assert (view.count(words), index.count(words)) == (2, 3)
    assert view.document_frequencies(index_terms("harbour keeper")) == {"harbor": 1, "keeper": 0}
    assert view.similar_terms("keepar", 3) == {}
    assert index.without({12}).search(words, 10)[0].tolist() == [11, 13]
    assert index.only(np.array([], np.int64)).search(words, 10)[0].tolist() == []


def test_the_position_is_stored_with_the_rows(open_words: Opener) -> None:
    """A position that was assigned is there after a crash, without one it is None."""
    index = open_words()
    assert index.position is None
    index.put([row(1, "", "anchor")])
    index.position = CatalogPosition(7, b"12345678")
    crashed = open_words()

    assert crashed.position == index.position == CatalogPosition(7, b"12345678")
    crashed.position = None
    assert index.position is None


def texts_of(rng: random.Random, ids: list[int]) -> list[LexicalRow]:
    """Return rows of random words, of which some are frequent and most are rare."""
    words = ["".join(rng.choices("abcdeor", k=rng.randint(3, 11))) for _ in range(400)]

    def text(most: int) -> str:
        return " ".join(words[int(len(words) * rng.random() ** 3)] for _ in range(rng.randint(0, most)))

    return [row(key, text(6), text(80)) for key in ids]


def reference(rows: list[LexicalRow]) -> sqlite3.Connection:
    """Return the same rows in SQLite's full-text search, an independent implementation of BM25."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE passages USING fts5(title, body)")
    db.executemany("INSERT INTO passages(rowid, title, body) VALUES (?, ?, ?)", [one[:3] for one in rows])
    return db


@pytest.mark.parametrize("seed", range(4))
def test_scores_are_those_of_another_implementation(open_words: Opener, seed: int) -> None:
    """Search, counts and frequencies agree with SQLite's FTS5 after adding, replacing and removing, across blocks."""
    rng = random.Random(seed)
    index = open_words()
    ids = [*range(1, 60), *range(BLOCK - 20, BLOCK + 20), *range(9 * BLOCK, 9 * BLOCK + 20)]
    rows = {one.id: one for one in texts_of(rng, ids)}
    index.put(rows.values())
    gone = rng.sample(ids, 30)
    index.remove(np.array(gone))
    changed = texts_of(rng, [*gone[:10], *rng.sample(ids, 20)])
    index.put(changed)
    rows = {key: one for key, one in rows.items() if key not in gone} | {one.id: one for one in changed}
    db = reference(list(rows.values()))
    used = sorted({word for one in rows.values() for word in one.body.split()})

    for _ in range(12):
        words = rng.sample(used, rng.randint(1, 6))
        body = rng.choice([one.body.split() for one in rows.values() if len(one.body.split()) > 3])
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


def test_similar_terms_are_those_of_a_comparison_with_all(open_words: Opener) -> None:
    """Comparing signatures first loses no similar term, and changes neither their order nor their similarity."""
    rng = random.Random(5)
    index = open_words()
    rows = texts_of(rng, list(range(1, 200)))
    index.put(rows)
    index.remove(np.arange(1, 40))
    terms = sorted({word for one in rows[39:] for word in f"{one.title} {one.body}".split()})

    for _ in range(100):
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


def test_views_of_more_ids_than_a_request_can_name(open_words: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Views of any size find what a search of all would, without what they hide."""
    monkeypatch.setattr(views, "FILTERED", 20)
    monkeypatch.setattr(views, "_GROUPS", 2)
    monkeypatch.setattr(lexical_index, "_FETCHED_LEAST", 10)
    rng = random.Random(3)
    index = open_words()
    rows = texts_of(rng, list(range(1, 200)))
    index.put(rows)
    words = rng.sample(sorted({word for one in rows for word in one.body.split()}), 20)
    order = index.search(words, 1000)[0].tolist()
    assert len(order) > 60

    assert index.without(set(order[:50])).search(words, 5)[0].tolist() == order[50:55]
    assert index.only(np.sort(order[20:55])).search(words, 5)[0].tolist() == order[20:25]
    assert index.only(np.sort(order[10:])).search(words, 5)[0].tolist() == order[10:15]


@pytest.mark.parametrize("open_words", ["milvus"], indirect=True)
def test_what_the_catalogue_no_longer_has_is_replaced_by_others(open_words: Opener, passages: Passages) -> None:
    """A passage that was removed a moment ago is not returned, and as many are found as without it."""
    index = open_words()
    index.put([row(key, "", f"gull word{key} " + "nest " * (key % 7)) for key in range(1, 300)])
    order = index.search(["nest", "word5"], 1000)[0].tolist()
    passages.gone = set(order[: len(order) - 20 : 2])

    assert index.search(["nest", "word5"], 12)[0].tolist() == [key for key in order if key not in passages.gone][:12]
    assert (
        index.search(["gull nest"], 12)[0].tolist()
        == [key for key in index.search(["gull nest"], 1000)[0].tolist() if key not in passages.gone][:12]
    )
