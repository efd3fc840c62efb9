"""Promises about the frame of a site: its pages lose it when they are imported and whenever they are read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.incremental import finish
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import Draft, Receipt
from index.passages.embedder import Embedder
from index.refreshing.change_detection import read_source
from index.refreshing.refresh import Event, Refresh, RefreshRules
from index.sources.http.client import Fetcher
from tests.index.site import Site, running

FETCHER = Fetcher(private=True, delay=0)
STORY = "The ferry number {} leaves at seven in the morning, and it takes twelve cars."
FRAME = "Please write to the harbour office if something on this page is wrong."
PAGES = 6


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    libraries = Libraries(tmp_path / "data", lambda: embedder)
    yield libraries.open("test")
    libraries.close()


def serve(site: Site, number: int, story: str = STORY) -> None:
    """Put a page of the site in place."""
    links = "".join(f'<a href="/s/{n}">{n}</a> ' for n in range(PAGES))
    site.page(f"/s/{number}", f"<p>{story.format(number)}</p><p>{FRAME}</p><nav>{links}</nav>")


def imported(library: Library, site: Site) -> list[Draft]:
    """Import the site as the commands do, and return what was read."""
    for number in range(PAGES):
        serve(site, number)
    drafts = [d for d in read_source(FETCHER, f"{site.url}/s/0", PAGES, lambda _: None) if isinstance(d, Draft)]
    for draft in drafts:
        library.add(draft)
        library.remember_origin(f"{site.url}/s/0", PAGES)
    return drafts


def refresh(library: Library) -> list[Event]:
    """Refresh everything."""
    return list(Refresh(library, FETCHER, RefreshRules(1, 7)).run(None))


def texts(library: Library) -> list[str]:
    """Return the texts of the library, sorted."""
    found = [library.article(row.id) for row in library.articles()]
    return sorted(article.text.strip() for article in found if article)


def test_an_import_ends_without_what_repeats(library: Library, site: Site) -> None:
    assert len(imported(library, site)) == PAGES
    assert all(FRAME in text for text in texts(library))
    assert finish(library.clean_site_in_steps(f"{site.url}/s/0")) == PAGES
    assert texts(library) == [STORY.format(n) for n in range(PAGES)]
    assert finish(library.clean_site_in_steps(f"{site.url}/s/0")) == 0
    assert library.check() == []


def test_a_cleaned_site_is_unchanged(library: Library, site: Site) -> None:
    """What was removed is no change when a page is read again, with or without its version."""
    drafts = imported(library, site)
    finish(library.clean_site_in_steps(f"{site.url}/s/0"))
    assert refresh(library) == []
    assert {library.add(draft).status for draft in drafts} == {"unchanged"}


def test_a_changed_page_loses_the_frame_again(library: Library, site: Site) -> None:
    imported(library, site)
    finish(library.clean_site_in_steps(f"{site.url}/s/0"))
    serve(site, 3, "The ferry number {} has been sold, and a bridge is built in its place.")
    (event,) = refresh(library)
    assert isinstance(event, Receipt)
    assert event.status == "replaced"
    assert "The ferry number 3 has been sold, and a bridge is built in its place." in texts(library)
    assert not any(FRAME in text for text in texts(library))


def test_a_refresh_cleans_a_site_that_was_imported_before(library: Library, site: Site) -> None:
    imported(library, site)
    serve(site, 3, "The ferry number {} has been sold, and a bridge is built in its place.")
    refresh(library)
    assert not any(FRAME in text for text in texts(library))


def test_a_page_of_its_own_keeps_all(library: Library, site: Site) -> None:
    imported(library, site)
    finish(library.clean_site_in_steps(f"{site.url}/s/0"))
    site.page("/alone", f"<p>{STORY.format(99)}</p><p>{FRAME}</p>")
    (draft,) = read_source(FETCHER, f"{site.url}/alone", None, lambda _: None)
    assert isinstance(draft, Draft)
    assert FRAME in draft.text
    library.add(draft)
    assert any(FRAME in text for text in texts(library))
