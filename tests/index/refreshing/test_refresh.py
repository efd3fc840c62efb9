"""Promises of refreshing: articles follow their sources, and a bad crawl changes nothing."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.catalog.engine import write_transaction
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import Draft, Receipt
from index.passages.embedder import Embedder
from index.refreshing.change_detection import read_source, refresh_targets
from index.refreshing.refresh import Event, LostSource, Refresh, RefreshRules, WithheldOrigin
from index.refreshing.schedule import due, scheduled
from index.sources.discovery import Failure
from index.sources.http.client import Fetcher
from index.sources.loader import Skipped, Unchanged, drafts_from_pipe
from tests.index.sample_files import zipped
from tests.index.site import Reply, Site, running

SENTENCE = "The ferry number {} leaves at seven in the morning."


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    libraries = Libraries(tmp_path / "data", lambda: embedder)
    yield libraries.open("test")
    libraries.close()


FETCHER = Fetcher(private=True, delay=0)


def add(library: Library, source: str, limit: int | None = None, depth: int | None = None) -> None:
    for item in read_source(FETCHER, source, limit, library.source_version, depth=depth):
        if isinstance(item, Skipped):
            continue
        assert isinstance(item, Draft), item
        library.add(item)
        if item.origin:
            library.remember_origin(item.origin, limit, depth)


def refresh(
    library: Library, articles: list[int] | None = None, *, days: float = 7, force: bool = False
) -> list[Event]:
    return list(Refresh(library, FETCHER, RefreshRules(0.3, days), force=force).run(articles))


def texts(library: Library) -> list[str]:
    found = [library.article(row.id) for row in library.articles()]
    return sorted(article.text.strip() for article in found if article)


def folder(tmp_path: Path, count: int) -> Path:
    path = tmp_path / "texts"
    (path / "sub").mkdir(parents=True)
    for n in range(count):
        (path / "sub" / f"{n}.txt").write_text(SENTENCE.format(n))
    return path


def test_nothing_new_costs_one_conditional_request_a_page(library: Library, site: Site) -> None:
    """An unchanged page is requested once, with its ETag, and nothing else happens."""
    site.page("/a", SENTENCE.format(1))
    add(library, f"{site.url}/a")
    site.take()
    assert refresh(library) == []
    assert site.take() == [("/a", 304)]


def test_adding_again_is_one_conditional_request(library: Library, site: Site) -> None:
    """`add` of a known, unchanged page downloads nothing, embeds nothing and names its article."""
    site.page("/a", SENTENCE.format(1))
    add(library, f"{site.url}/a")
    site.take()
    (item,) = read_source(FETCHER, f"{site.url}/a", None, library.source_version)
    assert site.take() == [("/a", 304)]
    receipt = library.mark_unchanged(item.key)
    assert receipt is not None
    assert (receipt.status, receipt.article_id) == ("unchanged", library.articles()[0].id)


def test_a_changed_page_is_replaced(library: Library, site: Site) -> None:
    """The new text replaces the old one, and the next refresh finds it unchanged."""
    site.page("/a", SENTENCE.format(1))
    add(library, f"{site.url}/a")
    site.page("/a", SENTENCE.format(2))
    (event,) = refresh(library)
    assert isinstance(event, Receipt)
    assert event.status == "replaced"
    assert texts(library) == [SENTENCE.format(2)]
    assert refresh(library) == []
    assert library.check() == []


def test_a_folder_s_new_and_changed_files_are_taken(library: Library, tmp_path: Path) -> None:
    """New files are added, and changed ones are replaced under the names they have."""
    path = folder(tmp_path, 5)
    add(library, str(path))
    (path / "sub" / "0.txt").write_text("Something else.")
    (path / "new.txt").write_text("Something new.")
    events = refresh(library)
    assert {(event.status, event.source) for event in events if isinstance(event, Receipt)} == {
        ("replaced", "sub/0.txt"),
        ("added", "new.txt"),
    }
    assert len(library.articles()) == 6


def test_one_article_alone(library: Library, tmp_path: Path) -> None:
    """A single article is checked alone, and keeps the name and folder that it was found with."""
    path = folder(tmp_path, 5)
    add(library, str(path))
    for n in range(3):
        (path / "sub" / f"{n}.txt").write_text(f"Something else, {n}.")
    (event,) = refresh(library, [library.articles()[1].id])
    assert isinstance(event, Receipt)
    assert (event.status, event.source) == ("replaced", "sub/1.txt")
    assert SENTENCE.format(0) in texts(library)


def test_a_site_s_new_pages_are_found(library: Library, site: Site) -> None:
    """Behind an unchanged page, a changed one leads to a new one; all others cost a conditional request."""
    site.page("/d/", SENTENCE.format(0), "<a href=a>1</a>")
    site.page("/d/a", SENTENCE.format(1), "<a href=b>1</a>")
    site.page("/d/b", SENTENCE.format(2))
    site.page("/d/c", SENTENCE.format(3))
    add(library, f"{site.url}/d/", 9)
    assert len(texts(library)) == 3
    site.page("/d/b", SENTENCE.format(4), "<a href=c>1</a>")
    site.take()
    events = refresh(library)
    assert {(e.status, e.source[-1]) for e in events if isinstance(e, Receipt)} == {("replaced", "b"), ("added", "c")}
    assert site.take() == [("/d/", 200), ("/d/a", 304), ("/d/b", 200), ("/d/c", 200)]
    assert refresh(library) == []
    assert site.take() == [("/d/", 200), ("/d/a", 304), ("/d/b", 304), ("/d/c", 304)]


def test_more_pages_of_a_known_site(library: Library, site: Site) -> None:
    """A higher limit finds more pages, also behind known and unchanged ones."""
    for n in range(4):
        site.page(f"/{n}", SENTENCE.format(n), f"<a href={n + 1}>on</a>")
    add(library, f"{site.url}/0", 2)
    found = list(read_source(FETCHER, f"{site.url}/0", 4, library.source_version))
    assert [type(item) for item in found] == [Unchanged, Unchanged, Draft, Draft, Skipped]


def test_what_is_gone_is_removed_after_a_while(library: Library, site: Site) -> None:
    """A page that its host reports gone is kept for the grace period, then removed; if it returns it stays."""
    for n in range(4):
        site.page(f"/{n}", SENTENCE.format(n))
    links = "".join(f"<item><link>{site.url}/{n}</link></item>" for n in range(4))
    site.pages["/feed"] = Reply(f"<rss>{links}</rss>".encode(), headers={"Content-Type": "text/xml"})
    add(library, f"{site.url}/feed")
    lost = library.articles()[2]
    kept = site.pages.pop("/2")

    assert refresh(library) == [LostSource(f"{site.url}/2", lost.id, "missing")]
    assert refresh(library) == [LostSource(f"{site.url}/2", lost.id, "waiting")]
    site.pages["/2"] = kept
    assert refresh(library) == []
    del site.pages["/2"]
    assert refresh(library) == [LostSource(f"{site.url}/2", lost.id, "missing")]
    assert refresh(library, days=0) == [LostSource(f"{site.url}/2", lost.id, "removed")]
    assert library.article(lost.id) is None
    assert library.check() == []


def test_the_time_of_grace_is_measured_in_days(library: Library, tmp_path: Path) -> None:
    """A file missing for longer than the grace period is removed, one missing for less is not."""
    path = folder(tmp_path, 4)
    add(library, str(path))
    key = str((path / "sub" / "0.txt").resolve())
    (path / "sub" / "0.txt").unlink()
    assert library.catalog is not None
    for hours, status in ((167, "waiting"), (169, "removed")):
        since = datetime.now(UTC) - timedelta(hours=hours)
        library.catalog.sources.set_missing([key], since.isoformat())
        (event,) = refresh(library)
        assert isinstance(event, LostSource)
        assert event.status == status


def test_trouble_is_no_reason_to_remove(library: Library, site: Site) -> None:
    """An error of the host, or no answer, is reported, and the article stays."""
    site.page("/a", SENTENCE.format(1))
    add(library, f"{site.url}/a")
    site.pages["/a"] = Reply(b"", 500)
    (event,) = refresh(library, days=0)
    assert isinstance(event, Failure)
    assert "error (500)" in str(event)
    assert texts(library) == [SENTENCE.format(1)]


def test_a_bad_crawl_changes_nothing(library: Library, tmp_path: Path) -> None:
    """If too much would change or is missing, nothing changes and the reason is reported; `force` applies it."""
    path = folder(tmp_path, 6)
    add(library, str(path))
    before = texts(library)
    (path / "sub" / "0.txt").write_text("Something else.")
    (path / "sub" / "1.txt").unlink()
    assert refresh(library) == [WithheldOrigin("texts", 2, 1, 6)]
    assert texts(library) == before
    assert "--force" in str(WithheldOrigin("texts", 2, 1, 6))

    events = refresh(library, force=True)
    assert [type(event) for event in events] == [Receipt, LostSource]
    assert "Something else." in texts(library)


def test_a_folder_that_is_away_takes_nothing_with_it(library: Library, tmp_path: Path) -> None:
    """A disk that is not mounted counts as a bad crawl."""
    path = folder(tmp_path, 3)
    add(library, str(path))
    path.rename(tmp_path / "elsewhere")
    assert refresh(library, days=0) == [WithheldOrigin("texts", 3, 3, 3)]
    assert len(library.articles()) == 3


def test_a_removed_article_does_not_come_back(library: Library, tmp_path: Path) -> None:
    """A refresh of its folder does not add a removed article again; adding it by hand does."""
    path = folder(tmp_path, 4)
    add(library, str(path))
    library.remove(library.articles()[0].id)
    assert refresh(library) == []
    assert len(library.articles()) == 3
    add(library, str(path / "sub" / "0.txt"))
    assert len(library.articles()) == 4


def test_an_empty_library_has_nothing_to_refresh(library: Library) -> None:
    """Refreshing a missing library creates no files."""
    assert refresh(library) == []
    assert library.catalog is None


def test_what_was_appended_to_an_archive_counts(library: Library, tmp_path: Path) -> None:
    """Of two members with one name, as `tar -r` writes them, the later one counts, at first and at every refresh."""
    path = tmp_path / "docs.tar"
    for number in (1, 2):
        (tmp_path / "a.txt").write_text(SENTENCE.format(number))
        with tarfile.open(path, "a") as archive:
            archive.add(tmp_path / "a.txt", "a.txt")
    add(library, str(path))
    assert refresh(library) == []
    assert texts(library) == [SENTENCE.format(2)]
    assert len(library.history()) == 1


def test_an_archive_is_followed_as_a_folder_is(library: Library, tmp_path: Path) -> None:
    """Changed, new and missing members are applied; the others are not read again."""
    path = tmp_path / "docs.zip"
    path.write_bytes(zipped({f"{n}.txt": SENTENCE.format(n) for n in range(5)}))
    add(library, str(path))
    assert refresh(library) == []
    path.write_bytes(zipped({f"{n}.txt": SENTENCE.format(n or "zero") for n in range(6) if n != 1}))
    changed, new, lost = refresh(library, force=True)
    assert isinstance(changed, Receipt)
    assert (changed.source, changed.status) == ("docs.zip/0.txt", "replaced")
    assert isinstance(new, Receipt)
    assert new.source == "docs.zip/5.txt"
    assert isinstance(lost, LostSource)
    assert (lost.source, lost.status) == ("docs.zip/1.txt", "missing")


def test_what_was_sent_is_no_lost_source(library: Library) -> None:
    """Articles from a pipe, a form or an upload have no source that could be missing, and are left alone."""
    (piped_in,) = drafts_from_pipe(SENTENCE.format(1).encode(), "Ferry")
    assert isinstance(piped_in, Draft)
    receipt = library.add(piped_in)
    assert refresh(library) == []
    assert library.catalog
    assert library.catalog.sources.all()[0].missing is None
    (told,) = refresh(library, [receipt.article_id])
    assert "send it again" in str(told)


def failed(library: Library) -> dict[str, str]:
    return {one.shown: one.reason for one in library.failed_sources()}


def test_a_failure_is_kept_until_the_next_success(library: Library, site: Site) -> None:
    """A failure is listed with its source until the source can be read, changed or not."""
    for path in "ab":
        site.page(f"/{path}", SENTENCE.format(path))
        add(library, f"{site.url}/{path}")
    before = dict(site.pages)
    for path in ("/a", "/b"):
        site.pages[path] = Reply(b"", 500)
    refresh(library)
    assert set(failed(library)) == {f"{site.url}/a", f"{site.url}/b"}
    assert "error (500)" in failed(library)[f"{site.url}/a"]
    assert {one.article_id for one in library.failed_sources()} == {row.id for row in library.articles()}
    site.pages.update(before)
    site.page("/b", "Something else.")
    refresh(library)
    assert failed(library) == {}


def test_why_nothing_was_changed_is_kept(library: Library, tmp_path: Path) -> None:
    """A bad crawl is listed as a failure of its folder until it is applied; removing a source removes its failures."""
    path = folder(tmp_path, 6)
    add(library, str(path))
    (path / "sub" / "0.txt").unlink()
    (path / "sub" / "1.txt").unlink()
    refresh(library)
    assert "2 are gone" in failed(library)["texts"]
    refresh(library, force=True)
    assert set(failed(library)) == {"sub/0.txt", "sub/1.txt"}
    refresh(library, days=0, force=True)
    assert failed(library) == {}
    (path / "sub" / "2.txt").write_text("")
    refresh(library)
    assert list(failed(library)) == ["sub/2.txt"]
    (path / "sub" / "2.txt").unlink()
    refresh(library)
    assert "source is missing" in failed(library)["sub/2.txt"]
    refresh(library, days=0, force=True)
    assert failed(library) == {}


def test_a_removed_article_takes_its_failure_along(library: Library, site: Site) -> None:
    """Failures of a removed article's sources are deleted."""
    site.page("/a", SENTENCE.format(1))
    add(library, f"{site.url}/a")
    site.pages["/a"] = Reply(b"", 500)
    refresh(library)
    library.remove(library.articles()[0].id)
    assert failed(library) == {}


def test_a_file_by_itself_is_looked_at_only_where_that_is_said(library: Library, tmp_path: Path) -> None:
    """A single file may be moved once it was added, so it is only checked if it has an interval of its own."""
    (tmp_path / "a.txt").write_text("Something.")
    add(library, str(tmp_path / "a.txt"))
    assert library.catalog is not None
    later = datetime.now(UTC) + timedelta(days=99)
    assert due(library.catalog.sources.known(), later, 24) == []
    library.catalog.sources.set_interval(library.catalog.sources.all()[0].key, 24)
    assert len(due(library.catalog.sources.known(), later, 0)) == 1


def test_each_source_has_its_time(library: Library, tmp_path: Path, site: Site) -> None:
    """A source is due after its own interval or the default one, with jitter; text that was sent never is."""
    site.page("/a", SENTENCE.format(1))
    add(library, f"{site.url}/a")
    add(library, str(folder(tmp_path, 2)))
    library.add(Draft("piped:x", "standard input", "X", "Sent.", None, ()))
    assert library.catalog is not None
    now = datetime.now(UTC)

    def names(hours: float, usual: float = 24) -> list[str]:
        assert library.catalog is not None
        return [target.name for target in due(library.catalog.sources.known(), now + timedelta(hours=hours), usual)]

    assert names(21) == []
    assert sorted(names(27)) == sorted(["texts", f"{site.url}/a"])
    assert names(10_000, usual=0) == []
    library.catalog.sources.set_interval(f"{site.url}/a", 2)
    assert names(3) == names(3, usual=0) == [f"{site.url}/a"]
    library.catalog.sources.set_interval(f"{site.url}/a", 0)
    assert names(10_000) == ["texts"]
    assert [one.at for one in scheduled(library.catalog.sources.known(), 0)] == [None, None]

    refresh(library)
    later = library.catalog.sources.known()
    assert all((target.origin or target.known[0]).looked for target in refresh_targets(later))
    assert due(later, datetime.now(UTC) + timedelta(hours=21), 24) == []


def test_what_was_never_looked_at_is_due(library: Library, site: Site) -> None:
    """A source without a recorded check is due at once."""
    site.page("/a", SENTENCE.format(1))
    add(library, f"{site.url}/a")
    assert library.catalog is not None
    with write_transaction(library.catalog._engine) as db:
        db.exec_driver_sql("UPDATE sources SET looked = NULL")
    assert len(due(library.catalog.sources.known(), datetime.now(UTC), 24)) == 1


def test_links_are_followed_so_far(library: Library, site: Site) -> None:
    """`depth` limits how many links away from the first page others may be, when adding and when refreshing."""
    for n in range(4):
        site.page(f"/{n}", SENTENCE.format(n), f"<a href={n + 1}>on</a>")
    add(library, f"{site.url}/0", depth=2)
    assert len(texts(library)) == 3
    site.page("/2", SENTENCE.format(9), "<a href=3>on</a><a href=4>on</a>")
    site.page("/1", SENTENCE.format(1), "<a href=2>on</a><a href=new>on</a>")
    site.page("/new", "Something new.")
    site.page("/4", "Too far away.")
    events = refresh(library)
    assert {(event.status, event.source[-3:]) for event in events if isinstance(event, Receipt)} == {
        ("replaced", "1/2"),
        ("added", "new"),
    } or events
    assert "Too far away." not in texts(library)
    assert "Something new." in texts(library)
