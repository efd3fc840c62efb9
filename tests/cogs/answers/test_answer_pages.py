"""Pages respect Discord's limits and quote exactly, whatever the articles contain."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.answers.answer_pages import PER_PAGE, context_card, more_quotes_card, page_count
from cogs.ui.escape import utf16_length
from cogs.ui.layout import message_body
from i18n import texts
from index.models import Article, Section, Span
from qa.outcome import Quote
from tests.cogs.fakes import quote_of
from tests.cogs.reader import read_quotes
from tests.cogs.stored_articles import SECTIONS, TEXT
from tests.cogs.ui.test_escape import MARKDOWN


@st.composite
def places(draw: st.DrawFn) -> tuple[Quote, Article]:
    """Return an article with a few paragraphs of arbitrary text, some very long, and a quote from it."""
    several = [draw(MARKDOWN.filter(str.strip)) * draw(st.sampled_from([1, 1, 40, 300])) for _ in range(3)]
    text = "\n\n".join(several)
    at = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(at + 1, len(text)))
    heading, title = draw(MARKDOWN), draw(MARKDOWN) * draw(st.sampled_from([1, 30]))
    article = Article(
        1, draw(MARKDOWN | st.just("https://a.b/c")), title, text, None, (Section(0, len(text), heading),)
    )
    quote = replace(quote_of(text[at:end], title=title, source=article.source), start=at, end=end, highlights=())
    return quote, article


@settings(deadline=None)
@given(places())
def test_context_holds_limits_and_letters(place: tuple[Quote, Article]) -> None:
    """A context page fits into a message, as components and as an embed, and quotes only text of the article."""
    quote, article = place

    card = context_card(quote, article, 0, 3)

    assert sum(utf16_length(text) for text in card.texts) <= 4000
    plain = message_body(card, plain=True)
    assert plain.embed is not None
    assert utf16_length(plain.embed.description or "") <= 4096
    seen = read_quotes(card.quotes[0])
    assert all(one.text in article.text for one in seen)
    assert "".join("".join(bold for one in seen for bold in one.bold).split()) in "".join(quote.text.split())


@settings(deadline=None)
@given(st.lists(places(), max_size=PER_PAGE))
def test_further_quotes_hold_limits(several: list[tuple[Quote, Article]]) -> None:
    """A page of further quotes fits into a message, even if some are missing."""
    quotes = [quote if number % 2 == 0 else None for number, (quote, _) in enumerate(several)]

    card = more_quotes_card(quotes, 0, 3)

    assert sum(utf16_length(text) for text in card.texts) <= 4000
    assert len(card.quotes) == sum(quote is not None for quote in quotes)


@pytest.mark.parametrize(("count", "pages"), [(0, 0), (1, 1), (3, 1), (4, 2), (6, 2), (7, 3)])
def test_pages(count: int, pages: int) -> None:
    """A page holds three quotes."""
    assert page_count(count) == pages


def test_what_is_gone_is_counted() -> None:
    """The page says how many quotes are missing, beside those that are not."""
    quote = quote_of("Words.")

    one, several = more_quotes_card([quote, None], 0, 1), more_quotes_card([None, None, quote], 0, 1)

    assert texts.SOURCE_CHANGED in one.statement
    assert texts.SOURCES_CHANGED.format(count=2) in several.statement
    assert len(one.quotes) == len(several.quotes) == 1


def test_a_long_paragraph_is_shown_around_the_quote() -> None:
    """Of a paragraph that is too long, the part around the quote is shown and marked as cut."""
    sentence = "The lighthouse was built in 1871 by Ada Brook, who paid for it herself. "
    text = sentence * 100 + "The keeper was Tom Reed. " + sentence * 100
    at = text.index("The keeper")
    words = "The keeper was Tom Reed."
    quote = replace(quote_of(words), start=at, end=at + len(words), highlights=())

    card = context_card(quote, Article(1, "", "Light", text, None, (Section(0, len(text), ""),)), 0, 1)

    (seen,) = read_quotes(card.quotes[0])
    assert seen.bold == (words,)
    assert texts.CUT_BEFORE in card.quotes[0]
    assert texts.CUT_AFTER in card.quotes[0]


def test_a_quote_across_paragraphs() -> None:
    """A quote across two paragraphs is bold in both, between their neighbours."""
    start, end = TEXT.index("She"), TEXT.index("twice") + len("twice.")
    quote = replace(quote_of(TEXT[start:end]), start=start, end=end, highlights=(Span(start, start + 3),))

    card = context_card(quote, Article(1, "", "Light", TEXT, None, SECTIONS), 0, 1)

    seen = read_quotes(card.quotes[0])
    assert [bold for one in seen for bold in one.bold] == ["She *paid* for it herself.", "It burned down twice."]
    assert seen[-1].text.startswith("Its lamp")
