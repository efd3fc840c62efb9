"""What is an article is decided with its markup, its text and trafilatura together."""

from __future__ import annotations

import pytest

from index.models import Draft
from index.parsers.document import to_draft
from index.parsers.html.extract import PageContext, read_page

FIRST = "The ferry to Ostra leaves at seven in the morning, and it does not wait for anybody who is late."
SECOND = "Bicycles travel free of charge, but a trailer costs four crowns and must be booked a day ahead."


def draft(body: str, head: str = "<title>The ferry to Ostra | Post</title>", data: bytes | None = None) -> Draft:
    page = data if data is not None else f"<html><head>{head}</head><body>{body}</body></html>".encode()
    return to_draft(read_page(page, PageContext()), key="k", source="s", title="t", cleaned=True)


@pytest.mark.parametrize("name", ["layout-sidebar", "share", "advert-hook", "site-header", "widget", "related", "menu"])
def test_a_box_with_most_of_the_sentences_is_kept_whatever_its_name(name: str) -> None:
    """Names of classes describe layouts too."""
    found = draft(f"<div class='{name}'><h1>The ferry</h1><p>{FIRST}</p><p>{SECOND}</p></div>")
    assert FIRST in found.text
    assert SECOND in found.text


def test_a_small_box_of_prose_in_an_article_is_kept_whatever_its_name() -> None:
    """A box is boilerplate by its name only if it has something to click, to fill in or to see."""
    boxes = "<div class='promo'><p>Children under ten travel for free.</p></div>"
    boxes += "<div class='newsletter'><p>Our letter comes every Friday at noon.</p><input><button>Send</button></div>"
    found = draft(f"<article><h1>The ferry</h1><p>{FIRST}</p><p>{SECOND}</p>{boxes}</article>")
    assert "Children under ten" in found.text
    assert "every Friday" not in found.text


@pytest.mark.parametrize(
    "body",
    [
        f"<div style='display: none'><h1>The ferry</h1><p>{FIRST}</p></div>",
        f"<div><h1>The ferry</h1><noscript><p>{FIRST}</p></noscript></div>",
        f"<div><h1>The ferry</h1><template><p>{FIRST}</p></template></div>",
        f'<script type=\'application/ld+json\'>{{"articleBody": "{FIRST}"}}</script>',
    ],
)
def test_text_that_waits_for_a_script_is_read(body: str) -> None:
    """A page that shows no sentence is read as it looks after its scripts have run."""
    assert FIRST in draft(body).text


def test_a_noscript_beside_visible_text_is_not_read() -> None:
    """What is hidden stays hidden on a page that shows its text."""
    assert "JavaScript" not in draft(f"<p>{FIRST}</p><noscript><p>Please switch JavaScript on.</p></noscript>").text


def test_labels_of_tabs_stand_above_their_panels() -> None:
    """Each panel is a section of its own, under its label."""
    tabs = "<ul role='tablist'><li role='tab'>Summer</li><li role='tab'>Winter</li></ul>"
    panels = f"<div role='tabpanel'><p>{FIRST}</p></div><div role='tabpanel' hidden><p>{SECOND}</p></div>"
    found = draft(f"<main><h1>The ferry</h1><div>{tabs}{panels}</div></main>")
    assert f"Summer\n\n{FIRST}\n\nWinter\n\n{SECOND}" in found.text
    assert {section.heading for section in found.sections} >= {"Summer", "Winter"}


def test_the_next_story_is_not_part_of_the_article() -> None:
    """A page without end shows other stories below, which may be longer."""
    body = f"<article><h1>The ferry to Ostra</h1><p>{FIRST}</p></article>"
    body += f"<article><h2>A storm</h2><p>{'The storm took the roof of the school last night. ' * 9}</p></article>"
    found = draft(body)
    assert FIRST in found.text
    assert "storm" not in found.text


def test_an_element_that_its_author_left_open_ends_where_browsers_end_it() -> None:
    """An unclosed div in the header does not make the article a part of the header."""
    assert FIRST in draft(f"<header><div><div>Post</div></header><article><p>{FIRST}</p></article>").text


def test_damaged_bytes_cost_only_their_row() -> None:
    """A page that declares UTF-8 is read despite a wrong byte and NUL; the row with the wrong byte is left out."""
    page = f"<meta charset=utf-8><main><p>{FIRST}</p>\0<p>Caf\xff.</p><p>{SECOND} Größe.</p></main>"
    found = draft("", data=page.encode().replace(b"\xc3\xbf", b"\xff"))
    assert FIRST in found.text
    assert SECOND in found.text
    assert "Caf" not in found.text


def test_how_much_was_kept_is_known() -> None:
    """A draft knows how much text its page has, boilerplate included."""
    found = draft(f"<nav><a href=/>Home</a></nav><main><p>{FIRST}</p></main>")
    assert found.characters > len(found.text)


def test_a_page_of_unclosed_formatting_does_not_grow() -> None:
    """Browsers repeat unclosed formatting elements in every block; a hostile page is not read that way."""
    body = "".join(f"<b id={n}><p>" for n in range(3000))
    assert FIRST in draft(f"<p>{FIRST}</p>{body}").text


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (
            "<title>Post: The ferry</title><meta property='og:title' content='The ferry'>",
            "<h2>The ferry</h2>",
            "The ferry",
        ),
        ("<title>The ferry | Post</title>", "<h2>The ferry</h2>", "The ferry"),
        ("<title>The ferry | Post</title>", "<h2>The bridge</h2>", "Post paper"),
    ],
)
def test_the_name_of_the_site_is_no_title(head: str, body: str, title: str) -> None:
    """An h1 that no declared title has gives way to a heading that a declared title is."""
    assert draft(f"<h1>Post paper</h1>{body}<p>{FIRST}</p>", head).title == title
