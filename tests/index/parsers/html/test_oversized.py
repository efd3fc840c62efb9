"""Parts of many megabytes, such as pictures in data addresses, do not end a page."""

from __future__ import annotations

import pytest

from index.models import Draft, UserError
from index.parsers.document import to_draft
from index.parsers.epub import read_epub
from index.parsers.html.extract import PageContext, read_page
from index.parsers.html.oversized import shorten_oversized
from tests.index.sample_files import epub

FIRST = "The ferry to Holm leaves at seven in the morning, and it does not wait for late passengers."
SECOND = "Bicycles travel free of charge, but a trailer costs four crowns and must be booked a day ahead."
BIG = "A" * 11_000_000
DATA = f"data:image/png;base64,{BIG}"


def draft(between: str) -> Draft:
    """Return the draft of a page with something between two paragraphs."""
    page = f"<title>Ferry</title><article><h1>Ferry</h1><p>{FIRST}</p>{between}<p>{SECOND}</p></article>"
    document = read_page(page.encode(), PageContext())
    return to_draft(document, key="k", source="s.html", title="From the name", cleaned=True)


@pytest.mark.parametrize(
    "between",
    [
        f'<img src="{DATA}">',
        f"<img src='{DATA}' alt=''>",
        f"<img src={DATA}>",
        f'<div style="background: url({DATA})"></div>',
        f"<style>.a {{ background: url({DATA}) }}</style>",
        f"<!-- {BIG} -->",
        f'<script type="application/json">{{"state": "{BIG}"}}</script>',
        f'<div data-state="{BIG}"></div>',
    ],
    ids=["image", "single-quotes", "unquoted", "style-attribute", "style", "comment", "script", "data-attribute"],
)
def test_what_follows_is_read(between: str) -> None:
    """Attributes, comments, styles and scripts of more than ten megabytes are passed over."""
    text = draft(between).text
    assert FIRST in text
    assert SECOND in text


def test_a_chapter_of_a_book_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds for the parts of an e-book."""
    chapter = f'<html><body><p>{FIRST}</p><img src="{DATA}"/><p>{SECOND}</p></body></html>'
    monkeypatch.setattr("tests.index.sample_files._TWO", chapter)
    text = to_draft(read_epub(epub()), key="k", source="s.epub", title="From the name", cleaned=False).text
    assert FIRST in text
    assert SECOND in text


def test_text_that_cannot_be_read_is_no_short_page() -> None:
    """A paragraph of more than ten megabytes is an error; the page does not end there without a word."""
    with pytest.raises(UserError, match="more than 9 MB"):
        draft(f"<p>{BIG}</p>")


def test_shown_text_stays() -> None:
    """Quotation marks and words in the text of a large page are no attributes."""
    text = f'<p>x = "1 < 2 {BIG} say <b>"yes"</b> data: none</p>'
    assert shorten_oversized(text) == text
