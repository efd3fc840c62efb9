"""The pages of a site are found in its sitemaps, feeds and links."""

# ruff: noqa: ISC004 - listings are written over several lines

from __future__ import annotations

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import UserError
from index.parsers.sitemaps import page_links, parse_listing

HOME = "https://a.example/news/"
MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


@pytest.mark.parametrize(
    ("xml", "pages"),
    [
        (
            f"<urlset xmlns='{MAP}'><url><loc> https://a.example/b </loc></url><url><loc>/c#d</loc></url></urlset>",
            ["https://a.example/b", "https://a.example/c"],
        ),
        (
            "<rss><channel><link>https://a.example/</link><item><link>https://a.example/b</link></item>"
            "<item><title>none</title></item></channel></rss>",
            ["https://a.example/b"],
        ),
        (
            "<rdf:RDF xmlns:rdf='r' xmlns='s'><item><link>https://a.example/b</link></item></rdf:RDF>",
            ["https://a.example/b"],
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><link href='/'/><entry><link rel='self' href='x'/>"
            "<link href='b'/></entry><entry><link rel='alternate' href='b'/></entry></feed>",
            ["https://a.example/news/b"],
        ),
        ("<urlset><url><loc>javascript:x</loc></url><url><loc>http://[</loc></url></urlset>", []),
    ],
)
def test_pages_are_listed(xml: str, pages: list[str]) -> None:
    """Sitemaps, RSS 1 and 2 and Atom list their pages, each once, with absolute addresses."""
    assert parse_listing(xml.encode(), HOME) == (pages, [])
    assert parse_listing(gzip.compress(xml.encode()), HOME) == (pages, [])


def test_an_index_leads_to_sitemaps() -> None:
    """A sitemap index lists sitemaps."""
    xml = f"<sitemapindex xmlns='{MAP}'><sitemap><loc>/one.xml</loc></sitemap></sitemapindex>"
    assert parse_listing(xml.encode(), HOME) == ([], ["https://a.example/one.xml"])


def test_other_xml_is_refused() -> None:
    """An XML file of another kind is refused."""
    with pytest.raises(UserError, match="neither a sitemap nor a feed"):
        parse_listing(b"<svg/>", HOME)


def test_entities_are_not_resolved(tmp_path: object) -> None:
    """A listing cannot include local files or expand without limit."""
    xml = f"<!DOCTYPE x [<!ENTITY e SYSTEM '{__file__}'>]><urlset><url><loc>https://a.example/&e;</loc></url></urlset>"
    pages, _ = parse_listing(xml.encode(), HOME)
    assert pages in ([], ["https://a.example/"])


@given(st.binary(max_size=200))
def test_a_broken_listing_is_refused(data: bytes) -> None:
    """Any file either lists pages or is refused."""
    for whole in (b"<urlset>" + data, b"\x1f\x8b\x08" + data, data):
        with suppress(UserError):
            assert parse_listing(whole, HOME) == ([], [])


def test_links_of_a_page() -> None:
    """Links are absolute addresses without fragments, except those marked nofollow."""
    html = "<base href='/x/'><a href='b#c'>1</a><a href='b'>2</a><a rel=nofollow href=d>3</a><a href='mailto:x'>4</a>"
    assert page_links(html.encode(), HOME, None) == ["https://a.example/x/b"]
