"""Tests of relocating quotes in a new version of their article."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.models import Article, Section, Span
from index.text.sentences import sentence_spans
from qa.outcome import Quote
from storage.stored_answers import StoredQuote

SENTENCES = (
    "It was lit in 1871.",
    "The keeper 💡 rowed.",
    "- a list\n- of two",
    "Where? There.",
    "مرحبا بالعالم.",
    "e\u0301 é.",
)
texts = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6).map("\n\n".join)


def article(text: str, key: int) -> Article:
    """Return an article of one section."""
    return Article(key, "a.txt", "A", text, None, (Section(0, len(text), ""),))


@given(texts, texts, st.data())
def test_found_again(before: str, after: str, data: st.DataObject) -> None:
    """A sentence is found in a new version with its highlights if the exact text is there, and only then."""
    span = data.draw(st.sampled_from(sentence_spans(before)))
    text = span.of(before)
    marked = (Span(span.start, span.start + 1),)
    quote = Quote("shared", 1, "A", "a.txt", span.start, span.end, text, marked, 1, 1, 0.9)

    relocated = StoredQuote.of(quote).relocated(article(after, 2))

    assert (relocated is not None) or text not in [each.of(after) for each in sentence_spans(after)]
    if relocated is not None:
        found = relocated.quote(article(after, 2))
        assert found is not None
        assert found.text == after[found.start : found.end] == text
        assert [each.of(after) for each in found.highlights] == [text[0]]
        assert 1 <= found.paragraph <= found.paragraphs
