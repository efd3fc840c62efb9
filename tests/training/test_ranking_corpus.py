"""Passages are those of a library, and each question knows which of them answer it and which only resemble it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from index.models import Chunk, Span
from index.passages.embedder import load_embedder
from training.ranking_corpus import RANKING_SETS, RankingCorpus, label, load_ranking_corpus
from training.ranking_sets import STRING_SETS, _answer_span, _at_most_of_each_source

if TYPE_CHECKING:
    from pathlib import Path


def test_questions_of_all_sets_are_loaded(ranking_corpus: RankingCorpus) -> None:
    """Every set has questions; those without an answer, after others, and of held-out repositories are left out."""
    asked = {question.text for question in ranking_corpus.questions}

    assert {question.dataset for question in ranking_corpus.questions} == set(RANKING_SETS)
    assert not asked & {"Why?", "And then?", "Who guards the museum at night?", "How many steps has Pell tower?"}
    assert Counter(q.kind for q in ranking_corpus.questions if q.dataset == "headings") == {"question": 3, "heading": 3}


def test_positives_answer_and_negatives_do_not(ranking_corpus: RankingCorpus) -> None:
    """No passage is both; negatives are of the question's article or of others in the same set."""
    for question in ranking_corpus.questions:
        answering = {*question.positives, *question.ignored}
        articles = {ranking_corpus.passages[number].article for number in question.positives}
        negatives = {*question.same_article, *question.other_articles}
        assert question.positives
        assert negatives
        assert not answering & negatives
        assert len(articles) == 1
        assert {ranking_corpus.passages[number].article for number in question.same_article} <= articles
        assert not {ranking_corpus.passages[number].article for number in question.other_articles} & articles
        names = {ranking_corpus.passages[number].article.split()[0] for number in answering | negatives}
        assert names == {question.dataset}


def test_a_question_asked_of_two_articles_has_no_answer_as_negative(ranking_corpus: RankingCorpus) -> None:
    """The other article's answer to the same question is ignored."""
    (vell, anka) = (
        q for q in ranking_corpus.questions if q.dataset == "community-headings" and q.text == "How do I get a card?"
    )

    assert set(vell.positives) <= set(anka.ignored)
    assert set(anka.positives) <= set(vell.ignored)


def test_headings_are_with_their_passages(ranking_corpus: RankingCorpus) -> None:
    """Where the questions are shown as headings, the answering passage is below its own."""
    for question in ranking_corpus.questions:
        if question.dataset == "community-headings":
            assert {ranking_corpus.passages[n].heading for n in question.positives} == {question.text}
        if question.dataset in STRING_SETS:
            assert {ranking_corpus.passages[n].heading for n in question.positives} == {""}


def test_the_same_files_give_the_same_corpus(ranking_sets: Path, ranking_corpus: RankingCorpus) -> None:
    """Nothing in it depends on chance."""
    again = load_ranking_corpus(ranking_sets, ranking_sets / "mined", load_embedder())

    assert again == ranking_corpus


@pytest.mark.parametrize(
    ("gold", "whole", "expected"),
    [
        (Span(0, 100), False, ([0, 1], [])),
        (Span(40, 70), False, ([1], [0])),
        (Span(10, 20), False, ([0], [])),
        (Span(90, 400), False, ([2], [1])),
        (Span(10, 20), True, ([0], [])),
        (Span(45, 55), True, ([], [0, 1])),
    ],
    ids=["section", "half of the section", "short section", "half of the passage", "string", "string across a border"],
)
def test_half_of_a_section_or_a_whole_string_answers(
    gold: Span, whole: bool, expected: tuple[list[int], list[int]]
) -> None:
    """A passage that overlaps the answer without counting as one is named, too."""
    chunks = [Chunk(Span(0, 50), ""), Chunk(Span(50, 100), ""), Chunk(Span(200, 300), "")]

    assert label(enumerate(chunks), [gold], whole=whole) == expected


def test_an_answer_is_found_where_cleaning_moved_it() -> None:
    """Its stated place counts if it is there, else its first occurrence; one that is nowhere has no place."""
    text = "A card costs two crowns. A lost card costs two crowns."

    assert _answer_span("two crowns", 43, text) == Span(43, 53)
    assert _answer_span("two crowns", 5, text) == Span(13, 23)
    assert _answer_span("three crowns", 5, text) is None
    assert _answer_span(" ", 1, text) is None


def test_no_source_outweighs_the_others() -> None:
    """Of one source, at most 70 headings and 300 questions are kept."""
    rows = [{"repo": repo, "kind": kind} for repo in "ab" for kind in ("heading", "question") for _ in range(400)]
    kept = Counter((row["repo"], row["kind"]) for row in _at_most_of_each_source(rows))

    assert kept == {(repo, kind): most for repo in "ab" for kind, most in (("heading", 70), ("question", 300))}
