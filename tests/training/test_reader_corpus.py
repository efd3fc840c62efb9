"""The reader trains on articles of its own split, beside similar paragraphs that do not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from training.reader_corpus import TrainingCorpus, _best_answer, load_corpus

if TYPE_CHECKING:
    from pathlib import Path

HELD_OUT = "Pell tower"  # its title belongs to the split for reporting
TEXT = "Nia of Anka wrote it in Anka."


def test_articles_of_other_splits_are_left_out(training_sets: Path, tokenizer: Any, corpus: TrainingCorpus) -> None:
    """The held-out article's paragraph and question are in its own split alone."""
    report = load_corpus(training_sets, "report", tokenizer)

    assert [p.title for p in report.paragraphs] == [HELD_OUT]
    assert [q.text for q in report.questions] == ["How many steps has Pell tower?"]
    assert HELD_OUT not in {p.title for p in corpus.paragraphs}
    assert len(corpus.questions) == 19


def test_offsets_and_sentences_lead_back_to_the_text(corpus: TrainingCorpus) -> None:
    """An answer is where its question says, and a paragraph's sentences cover its tokens in order."""
    for question in corpus.questions:
        text = corpus.paragraphs[question.paragraph].text
        assert text[question.start : question.start + len(question.answer)] == question.answer
    for paragraph in corpus.paragraphs:
        assert len(paragraph.ids) == len(paragraph.offsets)
        assert paragraph.sentences[0][0] == 0
        assert paragraph.sentences[-1][1] == len(paragraph.ids)
        assert [end for _, end in paragraph.sentences[:-1]] == [first for first, _ in paragraph.sentences[1:]]


@pytest.mark.parametrize(
    ("answers", "best"),
    [
        ([(24, "Anka"), (7, "Anka"), (24, "Anka")], (24, "Anka")),
        ([(0, "Nia of Anka"), (0, "Nia")], (0, "Nia")),
        ([(3, "Nia"), (0, " ")], None),
    ],
    ids=["majority", "shortest", "misplaced"],
)
def test_the_best_of_several_answers(answers: list[tuple[int, str]], best: tuple[int, str] | None) -> None:
    """The answer most often given wins, then the shortest; one that is not at its place in the text never does."""
    row = {"is_impossible": False, "answers": [{"start": start, "text": text} for start, text in answers]}

    assert _best_answer(row, TEXT) == best


def test_negatives_do_not_answer(corpus: TrainingCorpus) -> None:
    """Negatives are other paragraphs without the answer's words: of the same article, and of others."""
    for number, question in enumerate(corpus.questions):
        title = corpus.paragraphs[question.paragraph].title
        for other in corpus.same_article[number] + corpus.other_articles[number]:
            assert other != question.paragraph
            assert not question.answer or question.answer.casefold() not in corpus.paragraphs[other].text.casefold()
        assert all(corpus.paragraphs[p].title == title for p in corpus.same_article[number])
        assert all(corpus.paragraphs[p].title != title for p in corpus.other_articles[number])
    assert any(corpus.same_article)
    assert any(corpus.other_articles)
