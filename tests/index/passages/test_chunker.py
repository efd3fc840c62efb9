"""Passages are whole sentences of one section within the budget, and together they are the article."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.incremental import finish
from index.models import Chunk, Section, Span
from index.passages.chunker import chunk, chunk_in_steps
from index.text.sections import sections
from index.text.sentences import sentence_spans
from tests.index.texts import TEXTS


def words(texts: Sequence[str]) -> list[int]:
    """Count the words of each text."""
    return [len(text.split()) for text in texts]


def letters(texts: Sequence[str]) -> list[int]:
    """Count characters including white space, so that joined sentences have more than the sum of their own."""
    return [len(text) for text in texts]


def split(text: str, budget: int) -> list[str]:
    """Return the passages of a text that is one section."""
    section = Section(0, len(text), "")
    return [one.span.of(text) for one in chunk(text, [section], words, budget)]


def test_a_short_article_is_one_passage() -> None:
    """Paragraphs that are very short for the budget are not passages of their own."""
    text = "One two three. Four five.\n\nSix seven."
    assert split(text, 50) == [text]


def test_passages_end_with_their_paragraphs() -> None:
    """A passage ends with a paragraph, though another sentence would fit, unless it would be very short."""
    text = "Yes.\n\nAnn bakes bread. Bob sells fish.\n\nCat hunts mice. Dog chases cars.\n\nAlso:\n\n- Eve.\n- Fox."
    assert split(text, 30) == [
        "Yes.\n\nAnn bakes bread. Bob sells fish.",
        "Cat hunts mice. Dog chases cars.",
        "Also:\n\n- Eve.\n- Fox.",
    ]


def test_a_long_paragraph_is_filled_up_to_the_budget() -> None:
    """Where no paragraph ends within the budget, a passage ends with the last sentence that fits."""
    text = "Ann bakes bread. Bob sells fish.\n\nCat hunts mice. Dog chases cars. Eve reads books. Fox steals eggs."
    assert split(text, 9) == [
        "Ann bakes bread. Bob sells fish.",
        "Cat hunts mice. Dog chases cars. Eve reads books.",
        "Fox steals eggs.",
    ]


def test_the_last_passage_is_not_tiny() -> None:
    """A short last passage is balanced with the one before."""
    text = "Ann bakes bread. Bob sells fish. Cat hunts mice. Dog chases cars. Sleep!"
    assert split(text, 12) == ["Ann bakes bread. Bob sells fish.", "Cat hunts mice. Dog chases cars. Sleep!"]


def test_a_sentence_above_the_budget_is_cut_at_a_clause() -> None:
    """A long sentence is split into passages that fit, without loss."""
    text = "One two three four, five six seven eight nine ten."
    assert split(text, 6) == ["One two three four,", "five six seven eight nine ten."]


def test_sections_are_not_mixed_and_give_their_heading() -> None:
    """A passage lies in one section and has its heading path."""
    text = "# T\n\nOne.\n\n## A\n\nTwo.\n\n### B\n\nThree.\n\n## C\n\nFour.\n"
    found = chunk(text, sections(text, (), markdown=True, title="T"), words, 50)
    assert [(one.span.of(text), one.heading) for one in found] == [
        ("One.", ""),
        ("Two.", "A"),
        ("Three.", "A > B"),
        ("Four.", "C"),
    ]


def test_tokens_are_counted_in_few_batches() -> None:
    """The tokenizer counts many sentences at a time, but never so many that others would have to wait."""
    calls = []

    def count(texts: Sequence[str]) -> list[int]:
        calls.append(sum(map(len, texts)))
        return words(texts)

    text = "A sentence of a few words. " * 2000
    chunk(text, [Section(0, len(text), "")], count, 60)
    assert len(calls) == 6
    assert max(calls) < 21_000


def test_cutting_stops_often() -> None:
    """A long article is split in steps, with the same result as at once."""
    text = "\n\n".join("A sentence of a few words. " * 40 for _ in range(200)).strip()
    section = Section(0, len(text), "")
    stops = 0

    def counted() -> Generator[None, None, list[Chunk]]:
        nonlocal stops
        pieces = chunk_in_steps(text, [section], words, 60)
        while True:
            try:
                next(pieces)
            except StopIteration as end:
                found: list[Chunk] = end.value
                return found
            stops += 1
            yield

    assert finish(counted()) == chunk(text, [section], words, 60)
    assert stops >= 3 * (len(text) // 21_000)


def test_no_budget_is_refused() -> None:
    """A budget below one token raises ValueError."""
    with pytest.raises(ValueError, match="budget of at least one token, not 0"):
        chunk("A.", [Section(0, 2, "")], words, 0)


@given(TEXTS, st.integers(1, 40), st.booleans(), st.sampled_from([words, letters]))
def test_passages_are_the_article(text: str, budget: int, markdown: bool, count: object) -> None:
    """Every character of a section that is not white space lies in a passage; passages are in order and fit."""
    assert callable(count)
    found = sections(text, (), markdown)
    covered: set[int] = set()
    spans = [one.span for one in chunk(text, found, count, budget)]
    for span in spans:
        assert any(section.start <= span.start < span.end <= section.end for section in found)
        assert count([span.of(text)])[0] <= budget or span.end - span.start == 1
        covered.update(range(span.start, span.end))
    assert spans == sorted(spans)
    for section in found:
        assert all(n in covered or text[n].isspace() for n in range(section.start, section.end))


@given(TEXTS)
def test_passages_are_whole_sentences(text: str) -> None:
    """With a budget that holds each sentence, passages begin and end where sentences do."""
    found = sections(text, (), markdown=False)
    own = [
        Span(section.start + s.start, section.start + s.end)
        for section in found
        for s in sentence_spans(text[section.start : section.end])
    ]
    starts, ends = {s.start for s in own}, {s.end for s in own}
    budget = max([1, *words([s.of(text) for s in own])])
    for one in chunk(text, found, words, budget):
        assert one.span.start in starts
        assert one.span.end in ends


def introduced(text: str, budget: int) -> list[tuple[str, str]]:
    """Return the passages of a Markdown text with the text that introduces each."""
    found = chunk(text, sections(text, (), markdown=True), words, budget)
    return [(one.span.of(text), one.introduction(text)) for one in found]


TABLE = "These are the hours.\n\n| Day | Open |\n|---|---|\n| Mon | 9 to 12 |\n| Tue | 14 to 18 |\n| Wed | 10 to 12 |\n"


def test_a_row_is_not_split_and_has_the_head_of_its_table() -> None:
    """Passages inside a table end with a row; those after the head name it, and the sentence before the table."""
    assert introduced(TABLE, 12) == [
        ("These are the hours.\n\n| Day | Open |\n|---|---|", ""),
        ("| Mon | 9 to 12 |", "These are the hours.\n| Day | Open |"),
        ("| Tue | 14 to 18 |", "These are the hours.\n| Day | Open |"),
        ("| Wed | 10 to 12 |", "These are the hours.\n| Day | Open |"),
    ]
    assert introduced(TABLE, 100) == [(TABLE.strip(), "")]


def test_items_and_code_are_whole_where_they_fit() -> None:
    """A passage is not filled with half an item or a code block, and names what announces these."""
    text = "Do this:\n\n1. Go in. Sit down.\n2. Get up. Go out. Shut the door.\n\nThen run:\n\n```\na b\nc d\n```\n"
    assert introduced(text, 10) == [
        ("Do this:\n\n1. Go in. Sit down.", ""),
        ("2. Get up. Go out. Shut the door.", "Do this:"),
        ("Then run:\n\n```\na b\nc d\n```", ""),
    ]


def test_a_long_item_is_split_between_sentences_and_long_code_between_lines() -> None:
    """What exceeds the budget is split where it reads best."""
    text = "- One two three. Four five six.\n\nSee:\n\n```\na b c\nd e f\n```\n"
    assert introduced(text, 5) == [
        ("- One two three.", ""),
        ("Four five six.", ""),
        ("See:\n\n```\na b c", ""),
        ("d e f\n```", "See:"),
    ]
