"""Promises of stored links: they come and go with their text, and a new address needs no new version."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.catalog.store import Catalog
from index.incremental import finish
from index.libraries.export_file import read_export
from index.libraries.import_export import export_lines, import_in_steps
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import Article, Draft, Link, Section, UserError
from index.passages.embedder import Embedder
from index.text.link_addresses import MAX_ADDRESS, MAX_LINKS, bounded, link_address
from tests.index.catalog.earlier_schema import WITH_VECTORS_IN_PASSAGES

TEXT = "Boats need a permit. It is free of charge in summer."
PERMIT = (Link(13, 19, "https://a.example/permit"),)


@pytest.fixture
def libraries(tmp_path: Path, embedder: Embedder) -> Iterator[Libraries]:
    libraries = Libraries(tmp_path, lambda: embedder)
    yield libraries
    libraries.close()


@pytest.fixture
def library(libraries: Libraries) -> Library:
    return libraries.open("one")


def draft(text: str = TEXT, links: tuple[Link, ...] | None = PERMIT, key: str = "a.html") -> Draft:
    return Draft(key, key, "Boats", text, None, (Section(0, len(text), ""),), links=links)


def stored(library: Library, article_id: int) -> Article:
    article = library.article(article_id)
    assert article is not None
    return article


def test_a_new_address_is_no_new_version(library: Library) -> None:
    """If only addresses have changed, the article keeps its id and history, and has the new ones."""
    first = library.add(draft())
    other = (Link(13, 19, "https://a.example/new"), Link(24, 28, "https://a.example/free"))
    generation = library.catalog.generation if library.catalog else 0
    second = library.add(draft(links=other))

    assert (second.status, second.article_id) == ("unchanged", first.article_id)
    assert stored(library, 1).links == other
    assert [entry.what for entry in library.history()] == ["added"]
    assert library.catalog is not None
    assert library.catalog.generation > generation
    library.add(draft(links=()))
    assert stored(library, 1).links == ()


def test_what_a_source_does_not_state_erases_nothing(library: Library) -> None:
    """A draft that states no links, such as one of an old export, leaves those of the same text."""
    library.add(draft())
    library.add(draft(links=None))
    assert stored(library, 1).links == PERMIT


def test_an_earlier_version_comes_back_with_its_links(library: Library) -> None:
    """A version in the history has the links of its own text."""
    library.add(draft())
    library.add(draft("Boats need no permit any more, says the harbour office.", ()))
    receipt = finish(library.restore_in_steps(library.history()[0].number, "terminal"))

    assert stored(library, receipt.article_id).text == TEXT
    assert stored(library, receipt.article_id).links == PERMIT
    assert library.check() == []


def test_links_survive_export_and_import(libraries: Libraries, library: Library) -> None:
    """The other library has the same links; articles without known ones stay so."""
    library.add(draft())
    library.add(draft("The ferry leaves at seven.", None, "b.txt"))
    data = b"".join(export_lines(library.catalog))
    sites, found = read_export("old.jsonl", BytesIO(data))
    finish(import_in_steps(libraries.open("two"), sites, found, "terminal", 64))

    assert [stored(libraries.open("two"), key).links for key in (1, 2)] == [PERMIT, None]


@pytest.mark.parametrize(
    "links",
    [
        [[13, 19]],
        [[13, 19, 7]],
        [[19, 13, "https://a.example"]],
        [[13, 900, "https://a.example"]],
        [[13, 19, "https://a.example"], [15, 20, "https://b.example"]],
        ["https://a.example"],
        {},
    ],
)
def test_an_import_with_broken_links_is_refused(library: Library, links: object) -> None:
    """Links that are not in order inside the text are damage."""
    library.add(draft())
    header, line, end = b"".join(export_lines(library.catalog)).splitlines(keepends=True)
    broken = json.dumps(json.loads(line) | {"links": links}).encode() + b"\n"
    with pytest.raises(UserError, match="damaged in line 2"):
        read_export("old.jsonl", BytesIO(header + broken + end))


def test_an_import_brings_no_other_addresses(library: Library) -> None:
    """Scripts and addresses that look like others are left out of an imported article."""
    library.add(draft())
    header, line, end = b"".join(export_lines(library.catalog)).splitlines(keepends=True)
    links = [[0, 5, "javascript:alert(1)"], [6, 10, "https://good.example@evil.example"], [*PERMIT[0]]]
    changed = json.dumps(json.loads(line) | {"links": links}).encode() + b"\n"
    _, found = read_export("old.jsonl", BytesIO(header + changed + end))
    assert [item.drafts[0].links for item in found] == [PERMIT]


def test_an_older_catalogue_has_unknown_links(tmp_path: Path, library: Library) -> None:
    """A catalogue from before there were links is migrated; its articles have none that are known, until re-read."""
    library.add(draft())
    library.close()
    path = tmp_path / "libraries" / "one" / "catalog.db"
    with sqlite3.connect(path) as db:
        db.executescript(WITH_VECTORS_IN_PASSAGES)
        db.execute("ALTER TABLE articles DROP COLUMN links")
        db.execute("ALTER TABLE versions DROP COLUMN links")
        db.execute("DROP INDEX ix_sources_origin")
        for table in ("source_tags", "origin_tags", "tags"):
            db.execute(f"DROP TABLE {table}")
        db.execute("UPDATE meta SET value = '5' WHERE key = 'schema'")
    db.close()
    assert stored(library, 1).links is None
    assert library.add(draft()).status == "unchanged"
    assert stored(library, 1).links == PERMIT
    assert library.check() == []
    library.close()
    catalog = Catalog(path, read_only=True)
    assert catalog.article(1) == stored(library, 1)
    catalog.close()


def test_number_and_length_are_bounded() -> None:
    """No more than 10,000 links and a million characters of addresses are kept, none longer than 2,000."""
    many = [Link(at, at + 1, "https://a.example") for at in range(MAX_LINKS + 5)]
    assert bounded(many) == tuple(many[:MAX_LINKS])
    long = [Link(at, at + 1, "https://a.example/" + "x" * 1900) for at in range(2000)]
    assert sum(len(link.address) for link in bounded(long)) <= 1_000_000
    assert link_address("https://a.example/" + "x" * MAX_ADDRESS) is None
    assert link_address("https://a.example/" + "\u202e" * (MAX_ADDRESS // 2)) is None


@pytest.mark.parametrize(
    ("href", "base", "address"),
    [
        (" /b?c=1 ", "https://A.Example/x/y", "https://a.example/b?c=1"),
        ("//b.example/c", "http://a.example/", "http://b.example/c"),
        ("HTTPS://B.EXAMPLE:8080/C", "", "https://b.example:8080/C"),
        ("https://аррӏе.example/", "", "https://xn--80ak6aa92e.example/"),
        ("https://straße.example/", "", "https://xn--strae-oqa.example/"),
        ("https://b.example/a b\u202e<c>", "", "https://b.example/a%20b%E2%80%AE%3Cc%3E"),
        ("https://b.example/ü", "", "https://b.example/ü"),
        ("mailto:a@b.example?subject=Hi there", "", "mailto:a@b.example?subject=Hi%20there"),
        ("page.html#part", "https://a.example/other", "https://a.example/page.html#part"),
        ("#part", "https://a.example/other", None),
        ("other#part", "https://a.example/other", None),
        ("b.html", "", None),
        ("//b.example", "", None),
        ("b.html", "file:///home/ada/", None),
        ("https://b.example:99999/", "", None),
        ("https://b.example\\@a.example/", "", None),
        ("http:b.example", "", None),
        ("mailto:nobody", "", None),
        ("vbscript:x", "https://a.example/", None),
    ],
)
def test_addresses(href: str, base: str, address: str | None) -> None:
    """Addresses are absolute, in one form, and cannot look like that of another host."""
    assert link_address(href, base) == address


@given(st.text(max_size=40), st.sampled_from(["", "https://a.example/b", "file:///x"]))
def test_any_text_is_an_address_or_none(href: str, base: str) -> None:
    """Nothing is raised, and what is returned is printable, without spaces, and stays itself."""
    address = link_address(href, base)
    if address is not None:
        assert address.startswith(("http://", "https://", "mailto:"))
        assert address.isprintable()
        assert " " not in address
        assert link_address(address) == address
