"""The article and the metadata of a web page are extracted."""

from __future__ import annotations

import pytest

from benchmarks.page_layouts import CLUTTER, KEPT, LAYOUTS
from index.models import Draft, UserError
from index.parsers.document import Document, to_draft
from index.parsers.html.extract import PageContext, read_page
from index.text.encoding import decode_web

PROSE = "<p>The ferry leaves at seven in the morning, and dogs travel free of charge on it.</p>"


def draft(html: str, address: str = "https://news.example/a") -> Draft:
    document = read_page(html.encode(), PageContext(address))
    return to_draft(document, key="k", source="s", title="From the name", cleaned=True)


def head(html: str, address: str = "https://news.example/a") -> Document:
    return read_page(f"<html><head>{html}</head><body>{PROSE}</body></html>".encode(), PageContext(address))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_article_is_kept_and_the_frame_is_not(layout: str) -> None:
    """In each common layout the whole article is kept unchanged, and nothing else."""
    found = draft(LAYOUTS[layout])
    missing = [part for part in KEPT if part not in found.text]
    assert missing == []
    assert CLUTTER not in found.text
    assert (found.title, found.source) == ("Tides of Skarholm", "https://news.example/tides")
    assert (found.published, found.author, found.language) == ("2024-05-06T07:08:09Z", "Jon Vik", "en")


def test_headings_are_sections() -> None:
    """Sections have heading paths without the title."""
    headings = {section.heading for section in draft(LAYOUTS["landmarks"]).sections}
    assert headings == {"How tides reach the harbour", "How tides reach the harbour > Reading the gauge"}


def test_no_quote_spans_what_was_taken_out() -> None:
    """Boilerplate removed between two paragraphs separates two sections."""
    html = f"<main><h1>T</h1>{PROSE}<div class='newsletter'>Write to us</div><p>Cats pay.</p></main>"
    found = draft(html)
    assert [found.text[s.start : s.end][-8:] for s in found.sections] == ["e on it.", "ats pay."]


def test_lines_of_clutter_go_as_in_text_files() -> None:
    """A share bar without a telling class or id is recognised by its words."""
    assert "Facebook" not in draft(f"<main>{PROSE}<p>Share on Facebook</p>{PROSE}</main>").text


def test_callouts_stay() -> None:
    """Notes in asides are kept, and so are blocks whose class only resembles that of boilerplate."""
    html = f"<main>{PROSE}<aside class='admonition note'>Bring a leash.</aside><p class='share-price'>9</p></main>"
    assert "Bring a leash.\n\n9\n" in draft(html).text


def test_a_section_about_menus_stays() -> None:
    """A section whose id is its own heading is kept; a list of comments is not."""
    own = f"<section id=menu><h2>Menu</h2>{PROSE}</section>"
    found = draft(f"<main>{PROSE}{own}<div id=comments><h2>3 comments</h2><p>Cats are better.</p></div></main>")
    assert [section.heading for section in found.sections] == ["", "Menu"]
    assert "Cats" not in found.text


def test_a_page_called_by_a_frame_s_name_is_kept() -> None:
    """An element with most of the page is kept, whatever its name."""
    assert "dogs" in draft(f"<div class='sidebar'><div id='menu'>{PROSE}</div></div>").text


def test_a_landmark_is_no_frame_whatever_its_name() -> None:
    """The element with the article is kept, even if it is named like boilerplate and smaller than the rest."""
    menu = "".join(f"<li><a href=/{n}>A page about something else, number {n}</a></li>" for n in range(20))
    found = draft(f"<div id=menu><ul>{menu}</ul></div><div id=docs-body class=withsidebar>{PROSE}</div>")
    assert found.text == f"{PROSE[3:-4]}\n"


def test_a_site_s_header_goes_and_an_article_s_stays() -> None:
    """A header is kept if most of it is a heading."""
    menu = "".join(f"<a href=/{n}>Number {n}</a>" for n in range(9))
    site = draft(f"<div id=content><header><h1>Site</h1>{menu}</header><h2>Ferries</h2>{PROSE}</div>")
    own = draft(f"<div id=content><header><h1>Ferries</h1><p>by Jon</p></header>{PROSE}</div>")
    assert site.text.startswith("Ferries\n\nThe ferry")
    assert own.text.startswith("Ferries\n\nby Jon\n")


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>Ferries - Harbour News</title>", "Ferries - Harbour News"),
        ("<title>All the ferries - Harbour News</title>", "All the ferries"),
        ("<title>Ferries | News</title><meta property='og:site_name' content='News'>", "Ferries"),
        ("<title>x</title><meta property='og:title' content='All  ferries'>", "All ferries"),
        ("<title>A b - News</title><meta property='og:title' content='News - A b'><h1>A b</h1>", "A b"),
        ("", None),
    ],
)
def test_title(html: str, title: str | None) -> None:
    """The title is that of the page, without the name of the site if that is recognisable."""
    assert head(html).title == title


@pytest.mark.parametrize(
    ("title", "headings", "expected"),
    [
        ("Debugger | Harbour 1.2", "<h1>Harbour 1.2</h1>", "Debugger"),
        ("Debugger | Harbour 1.2", "<h1>The Debugger<a>¶</a></h1>", "The Debugger"),
        ("Debugger", "<h1>The</h1><h1>Debugger</h1>", "Debugger"),
        ("Debugger", "<h1></h1><h1 hidden>x</h1>", "Debugger"),
        ("harbour.example | Ferries", "", "Ferries"),
        ("The old ferry - Town Post", "<h2>The old ferry</h2>", "The old ferry"),
        ("The old ferry : 31.10.2023", "<h1>The old ferry</h1><h1>Most read</h1>", "The old ferry"),
    ],
)
def test_the_only_heading_is_the_title(title: str, headings: str, expected: str) -> None:
    """The only h1 of a page is its title, unless that is the name of the site."""
    html = f"<html><head><title>{title}</title></head><body>{headings}{PROSE}</body></html>"
    assert read_page(html.encode(), PageContext("https://news.example/a")).title == expected


@pytest.mark.parametrize(
    ("html", "address", "canonical"),
    [
        ("<link rel=canonical href=/b#c>", "https://news.example/a", "https://news.example/b"),
        (
            "<link rel=canonical href=https://www.news.example/b>",
            "https://news.example/a",
            "https://www.news.example/b",
        ),
        ("<link rel=canonical href=https://bank.example/>", "https://news.example/a", None),
        ("<link rel=canonical href=https://bank.example/>", "", "https://bank.example/"),
        ("<link rel=canonical href='javascript:x'>", "https://news.example/a", None),
        ("<link rel=canonical href='http://[broken'>", "https://news.example/a", None),
        ("<meta property=og:url content=https://news.example/b>", "https://news.example/a", "https://news.example/b"),
        ("", "https://news.example/a", None),
    ],
)
def test_a_page_speaks_for_its_own_site_only(html: str, address: str, canonical: str | None) -> None:
    """A canonical address counts only on the same site, or in a file."""
    assert head(html, address).address == canonical


def test_metadata_from_data_for_search_engines() -> None:
    """Date and author are read from JSON-LD; broken or ambiguous values are ignored."""
    data = '{"@graph": [{"@type": "Article", "datePublished": "2024-05-06", "author": [{"name": "Ada  Vik"}]}]}'
    found = head(f"<script type='application/ld+json'>{data}</script><script type='application/ld+json'>{{</script>")
    assert (found.published, found.author) == ("2024-05-06", "Ada Vik")
    assert head("<meta name=date content='3/4/2020'><meta name=author content='https://x.example'>").published is None


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("größe".encode(), None, "größe"),
        ("größe".encode("latin-1"), "iso-8859-1", "größe"),
        (b'<meta charset="windows-1251">' + "щука".encode("cp1251"), None, '<meta charset="windows-1251">щука'),
        (b'<meta charset="koi8-r">' + "größe".encode(), "utf-8", '<meta charset="koi8-r">größe'),
        ("größe “x”".encode("cp1252"), "ISO-8859-1", "größe “x”"),
        ("die größe zählt".encode("latin-1"), "utf-8", "die größe zählt"),
        ("größe".encode(), "no-such", "größe"),
        ("größe".encode(), "iso-8859-1", "größe"),
        ("日本".encode("iso2022_jp"), "iso-2022-jp", "日本"),
        ("größe".encode("utf-16"), "utf-8", "größe"),
    ],
)
def test_the_encoding_is_the_declared_one_where_it_fits(data: bytes, charset: str | None, text: str) -> None:
    """A byte order mark has precedence over the server, and that over the page; wrong ones are ignored."""
    assert decode_web(data, charset) == text


def test_control_characters_do_no_harm() -> None:
    """Control characters are dropped, also next to boilerplate that is removed."""
    html = (
        f"<main>a\x01<a class=headerlink>x</a>\x02b &#x1;c<nav>n</nav>&#x2;d<script>s</script>\x1fe{PROSE * 9}</main>"
    )
    assert draft(html).text.startswith("ab c\n\nde\n\nThe ferry")


@pytest.mark.parametrize("html", ["", "   ", "<html></html>", "<main><script>x()</script></main>", "<!-- a -->"])
def test_an_empty_page_is_refused(html: str) -> None:
    """A page without text to quote is refused with its reason."""
    with pytest.raises(UserError, match=r"empty|has no text"):
        draft(html)
