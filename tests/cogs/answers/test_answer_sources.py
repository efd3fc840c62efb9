"""The pages of sources fit into messages, however many sources there are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cogs.answers.answer_sources import source_entries, source_pages
from cogs.ui.escape import utf16_length
from cogs.ui.limits import MAX_TEXT
from index.models import Article, Section, Span
from storage.stored_answers import StoredPlace, StoredQuote
from tests.cogs.fakes import quote_of

TEXT = "It was lit in 1871."
SOURCES = (
    "a.txt",
    "https://a.b/c",
    "https://a.b/c, https://d.e/f, g.md, https://h.i/j?k=1,2",
    "https://x.y/" + "z" * 600,
)


@given(
    st.text(st.sampled_from("a*_`|[]<>@\\\n 💡字\u202e"), max_size=300),
    st.sampled_from(SOURCES),
    st.lists(st.integers(2, 60), max_size=60),
    st.integers(1, 3),
)
def test_everything_is_there_and_fits(title: str, source: str, near_duplicates: list[int], shown: int) -> None:
    """Every article has its entry on one of the pages, and no page is longer than Discord allows."""

    def find(library: str, key: int) -> Article:
        return Article(key, source, title, TEXT, "2024-05-01", (Section(0, len(TEXT), ""),))

    also = tuple(StoredPlace("shared", key, 0, len(TEXT)) for key in near_duplicates)
    quote = replace(quote_of(TEXT, source=source), end=len(TEXT), highlights=(Span(0, 2),))
    kept = replace(StoredQuote.of(quote), also_in=also)
    lines = source_entries([kept] * shown, find)
    pages = source_pages(lines)

    assert len(lines) == shown * (1 + len(near_duplicates))
    assert all(sum(map(utf16_length, page.texts)) <= MAX_TEXT for page in pages)
    said = [line for page in pages for line in page.statement.split("\n")]
    assert said == [row for line in lines for row in line.split("\n")]
