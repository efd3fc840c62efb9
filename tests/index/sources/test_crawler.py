"""Web addresses become drafts: one page, or the pages of a site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.models import Draft
from index.sources.crawler import load_pages
from index.sources.discovery import Failure
from index.sources.http.client import Fetcher
from index.sources.loader import Item, Skipped, Unchanged
from tests.index.site import Reply, Site, running

XML = {"Content-Type": "application/xml"}


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


def read(site: Site, path: str, limit: int | None = None, known: dict[str, str | None] | None = None) -> list[Item]:
    return list(load_pages(Fetcher(private=True, delay=0), site.url + path, limit, (known or {}).get))


def keys(items: list[Item]) -> list[str]:
    return [item.key.partition("//")[2].partition("/")[2] for item in items if isinstance(item, Draft)]


def test_one_page(site: Site) -> None:
    """The key of a page is the given address, and its source the address after redirects."""
    site.page("/b", "The ferry leaves at seven.")
    site.pages["/a"] = Reply(b"", 301, {"Location": "/b"})
    (draft,) = read(site, "/a")
    assert isinstance(draft, Draft)
    assert (draft.key, draft.source, draft.origin) == (f"{site.url}/a", f"{site.url}/b", None)
    assert draft.text == "The ferry leaves at seven.\n"
    assert read(site, "/a", known={draft.key: draft.version}) == [Unchanged(draft.key)]


def test_wrong_encodings_come_out_right(site: Site) -> None:
    """A wrong charset of the server is ignored, and a right one is used."""
    page = "<html><head><meta charset=windows-1251></head><body><main><p>Паром идёт в семь.</p></main></body></html>"
    site.pages["/a"] = Reply(page.encode("cp1251"), headers={"Content-Type": "text/html; charset=utf-8"})
    site.pages["/b"] = Reply("Щука".encode("koi8-r"), headers={"Content-Type": "text/plain; charset=koi8-r"})
    (page,), (text,) = read(site, "/a"), read(site, "/b")
    assert isinstance(page, Draft)
    assert isinstance(text, Draft)
    assert (page.text, text.text) == ("Паром идёт в семь.\n", "Щука")


def test_a_page_that_scripts_write_is_told(site: Site) -> None:
    """A page without text is refused with a possible reason and advice."""
    site.pages["/a"] = Reply(b"<html><body><div id=root></div><script>x()</script></body></html>")
    (failure,) = read(site, "/a")
    assert isinstance(failure, Failure)
    assert "if scripts create it, save the page in a browser" in failure.reason


def test_text_and_broken_files(site: Site) -> None:
    """A text is loaded like a file; a broken PDF fails under its address."""
    site.pages["/a.txt"] = Reply(b"The ferry leaves at seven.", headers={"Content-Type": "text/plain"})
    site.pages["/a.pdf"] = Reply(b"%PDF-no", headers={"Content-Type": "application/pdf"})
    assert keys(read(site, "/a.txt")) == ["a.txt"]
    (failure,) = read(site, "/a.pdf")
    assert isinstance(failure, Failure)
    assert (failure.source, failure.gone) == (f"{site.url}/a.pdf", False)
    assert "not a PDF" in failure.reason


def test_failures_name_the_address(site: Site) -> None:
    """A failure has the address, the reason, and whether the page is gone."""
    (gone,) = read(site, "/none")
    assert gone == Failure(
        f"{site.url}/none", "127.0.0.1 has no such page; check the address.", f"{site.url}/none", True
    )


def sitemap(site: Site, *paths: str) -> Reply:
    locs = "".join(f"<url><loc>{site.url}{path}</loc></url>" for path in paths)
    return Reply(f"<urlset>{locs}</urlset>".encode(), headers=XML)


def test_a_sitemap_brings_its_pages(site: Site) -> None:
    """Every page of every sitemap in an index is loaded once; a broken sitemap does not stop the others."""
    index = "".join(f"<sitemap><loc>{site.url}/{name}.xml</loc></sitemap>" for name in ("one", "none", "two"))
    site.pages["/sitemap.xml"] = Reply(f"<sitemapindex>{index}</sitemapindex>".encode(), headers=XML)
    site.pages["/one.xml"] = sitemap(site, "/a", "/b", "/lost")
    site.pages["/two.xml"] = sitemap(site, "/b", "/c")
    for name in "abc":
        site.page(f"/{name}", f"The text of {name}.")
    items = read(site, "/sitemap.xml")
    assert keys(items) == ["a", "b", "c"]
    assert {item.origin for item in items if isinstance(item, Draft)} == {f"{site.url}/sitemap.xml"}
    assert [item.source for item in items if isinstance(item, Failure)] == [f"{site.url}/none.xml", f"{site.url}/lost"]


def test_sitemaps_lead_to_a_bounded_number_of_others(site: Site) -> None:
    """At most 50 sitemaps are requested after the first."""
    for name, named in {"/0.xml": range(1, 61), "/1.xml": range(100, 200)}.items():
        index = "".join(f"<sitemap><loc>{site.url}/{n}.xml</loc></sitemap>" for n in named)
        site.pages[name] = Reply(f"<sitemapindex>{index}</sitemapindex>".encode(), headers=XML)
    read(site, "/0.xml")
    assert len(site.take()) == 51


def test_a_feed_brings_its_pages_up_to_the_limit(site: Site) -> None:
    """No more than the limit of pages is requested, and the number of the others is reported."""
    links = "".join(f"<item><link>{site.url}/{n}</link></item>" for n in range(5))
    site.pages["/feed"] = Reply(f"<rss><channel>{links}</channel></rss>".encode(), headers=XML)
    for n in range(5):
        site.page(f"/{n}", f"The text of {n}.")
    items = read(site, "/feed", 2)
    assert keys(items) == ["0", "1"]
    assert items[-1] == Skipped(3, "pages")
    assert len(site.take()) == 3


def test_links_are_followed_below_the_page(site: Site) -> None:
    """Links are followed breadth-first at and below the folder of the page, and loops end."""
    site.page("/d/", "Start.", "<a href=a>1</a><a href=/out>2</a><a href='http://x.invalid/d/x'>3</a><a href=b>4</a>")
    site.page("/d/a", "The text of a.", "<a href=/d/>1</a><a href=e/f>2</a>")
    site.page("/d/b", "The text of b.", "<a href=a>1</a>")
    site.page("/d/e/f", "The text of f.")
    assert keys(read(site, "/d/", 10)) == ["d/", "d/a", "d/b", "d/e/f"]
    assert [path for path, _ in site.take()] == ["/d/", "/d/a", "/d/b", "/d/e/f"]
    items = read(site, "/d/", 2)
    assert keys(items) == ["d/", "d/a"]
    assert items[-1] == Skipped(2, "pages")


def test_one_page_under_two_addresses_is_one(site: Site) -> None:
    """A page that links to its own address is yielded once."""
    own = f"<link rel=canonical href={site.url}/d/a>"
    for path in ("/d/a", "/d/a?print=1"):
        site.pages[path] = Reply(f"<head>{own}</head><body><main><p>The text.</p></main></body>".encode())
    site.page("/d/", "Start.", "<a href=a>1</a><a href='a?print=1'>2</a>")
    assert keys(read(site, "/d/", 10)) == ["d/", "d/a"]
