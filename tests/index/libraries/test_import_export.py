"""Promises of export and import: articles survive both unchanged, and a damaged file changes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.catalog.article_sources import Source
from index.incremental import finish
from index.libraries.export_file import ImportedArticle, read_export, read_export_in_steps
from index.libraries.import_export import export_lines, import_in_steps
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import Article, Draft, UserError
from index.passages.embedder import Embedder
from index.sources.loader import draft_from_text

PAGE = "https://example.org/ferry"


def draft(text: str, key: str, **told: Any) -> Draft:
    return replace(draft_from_text(text, key=key, source=Path(key).name, markdown=True, title="Ferries"), **told)


@pytest.fixture
def libraries(tmp_path: Path, embedder: Embedder) -> Iterator[Libraries]:
    libraries = Libraries(tmp_path, lambda: embedder)
    yield libraries
    libraries.close()


@pytest.fixture
def library(libraries: Libraries) -> Library:
    """Return a library with a web page, a file, a second file of the same text, and one with pages."""
    library = libraries.open("one")
    told = {"published": "2024-05-06", "author": "Jon Vik", "language": "nb"}
    page = draft("# Times\n\nAt seven 😀.\r\n\n## Winter\n\nNever.", PAGE, source=PAGE, version='{"etag": 1}', **told)
    library.add(replace(page, origin="https://example.org/"))
    library.remember_origin("https://example.org/", 30)
    library.remember_origin("/srv/private/texts", None)
    library.add(draft("Dogs travel free.", "/srv/private/texts/dogs.md", origin="/srv/private/texts"))
    library.add(draft("Dogs travel free.", "discord:123456/dogs-too.md"))
    library.add(draft("One. \n\nTwo.", "/srv/private/other.pdf", pages=(0, 6), times=(3, 61)))
    finish(library.rename_in_steps(3, "Two pages"))
    return library


def exported(library: Library) -> bytes:
    return b"".join(export_lines(library.catalog))


def take(library: Library, data: bytes) -> Counter[str]:
    sites, found = read_export("old.jsonl", BytesIO(data))
    return finish(import_in_steps(library, sites, found, "terminal", 64))


def articles(library: Library) -> list[Article | None]:
    return [library.article(row.id) for row in library.articles()]


def sources(library: Library) -> list[Source]:
    assert library.catalog is not None
    return library.catalog.sources.all()


def replace_looked(source: Source) -> Source:
    return source._replace(looked=None)


def test_what_goes_out_comes_in(libraries: Libraries, library: Library) -> None:
    """Texts, metadata, sections, pages, sources and sites are the same in the other library, which is consistent."""
    other = libraries.open("two")
    assert take(other, exported(library)) == {"added": 3, "same_text": 1}

    assert articles(other) == articles(library)
    assert [row[1:] for row in other.articles()] == [row[1:] for row in library.articles()]
    assert other.catalog is not None
    assert [origin[:3] for origin in other.catalog.sources.origins()] == [("https://example.org/", 30, None)]
    assert replace_looked(sources(other)[0]) == replace_looked(sources(library)[0])
    assert other.add(draft("One. \n\nThree.", "import:other.pdf")).title == "Two pages"
    assert other.check() == []
    assert exported(libraries.open("none")).count(b"\n") == 2


def test_no_path_and_no_server_leaves_the_machine(library: Library) -> None:
    """Private keys are not exported."""
    data = exported(library)
    assert b"private" not in data
    assert b"123456" not in data
    assert b"dogs.md" in data


def test_importing_again_changes_nothing(libraries: Libraries, library: Library) -> None:
    """A second import embeds and records nothing, neither in the original library nor in another."""
    data = exported(library)
    before, count = sources(library), len(library.history())
    assert take(library, data) == {"unchanged": 4}
    assert [source.key for source in sources(library)] == [source.key for source in before]
    assert len(library.history()) == count

    other = libraries.open("two")
    take(other, data)
    assert take(other, data) == {"unchanged": 4}
    assert exported(other).count(b"\n") == data.count(b"\n")


def test_what_is_there_stays(libraries: Libraries, library: Library) -> None:
    """A source of which the library has another version is left as it is, with or without an address, and counted."""
    data = exported(library)
    library.add(draft("At eight.", PAGE, source=PAGE))
    library.add(draft("Two pages no more.", "/srv/private/other.pdf"))
    before = articles(library), sources(library), library.history()

    assert take(library, data) == {"kept": 2, "unchanged": 2}
    assert (articles(library), library.history()) == (before[0], before[2])
    assert [source[:6] for source in sources(library)] == [source[:6] for source in before[1]]
    assert library.check() == []


def test_names_that_are_alike_stay_apart(libraries: Libraries) -> None:
    """Two files displayed under one name stay two articles, also after a second import."""
    library = libraries.open("one")
    library.add(draft("The ferry is red.", "/a/read.me"))
    library.add(draft("The bus is blue.", "/b/read.me"))
    other = libraries.open("two")
    for status in ("added", "unchanged"):
        assert take(other, exported(library)) == {status: 2}
    assert [source.key for source in sources(other)] == ["import:read.me", "import:read.me#2"]


def test_a_long_title_keeps_nothing_out(libraries: Libraries) -> None:
    """Everything that can be added can be imported again unchanged, including a heading of any length."""
    library = libraries.open("one")
    library.add(draft_from_text(f"# {'Ferry ' * 100}\n\nAt seven.", key="/a.md", source="a.md", markdown=True))
    data = exported(library)
    longer = data.replace(b'"title": "', b'"title": "' + b"Old " * 100)  # as an earlier version stored it
    assert take(libraries.open("two"), data) == take(libraries.open("three"), longer) == {"added": 1}
    assert take(library, data) == {"unchanged": 1}


def test_a_file_brings_no_path(libraries: Libraries, library: Library) -> None:
    """A key that is no web address is refused, because a refresh would read what it names."""
    lines = exported(library).splitlines(keepends=True)
    values = json.loads(lines[1])
    values["sources"][0]["address"] = "/etc/passwd"
    with pytest.raises(UserError, match="damaged in line 2"):
        take(libraries.open("two"), b"".join([lines[0], json.dumps(values).encode() + b"\n", *lines[2:]]))
    assert not libraries.exists("two")


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "not a library"),
    "foreign": (lambda _: b"The ferry leaves at seven.\n", "not a library"),
    "other JSON": (lambda _: b'{"id": 1}\n', "not a library"),
    "a later version": (lambda data: data.replace(b'"version": 1', b'"version": 2', 1), "another version"),
    "no end": (lambda data: data[: data.rindex(b'{"end"')], "cut short"),
    "cut in a line": (lambda data: data[: data.index(b"Dogs")], "damaged in line"),
    "a line is gone": (lambda data: b"".join(data.splitlines(keepends=True)[::2]), "cut short"),
    "a changed text": (lambda data: data.replace(b"Dogs", b"Cats"), "not the one that was exported"),
    "two files": (lambda data: data + data, "damaged in line 6"),
    "a number for a title": (lambda data: data.replace(b'"title": "Ferries"', b'"title": 7'), "damaged in line 2"),
    "half a character": (lambda data: data.replace(b'"nb"', b'"\\ud800"'), "damaged in line 2"),
    "a section outside": (lambda data: data.replace(b'"sections": [[0', b'"sections": [[99'), "not inside"),
    "overlapping sections": (
        lambda data: data.replace(b'"sections": [[0', b'"sections": [[0, 3, "a"], [0', 1),
        "overlap or are not in order",
    ),
    "a date that is none": (lambda data: data.replace(b'"2024-05-06"', b'"yesterday"'), "'yesterday' is not a date"),
    "a section without an end": (
        lambda data: data.replace(b'"sections": [[', b'"sections": [[], [', 1),
        "damaged in line 2",
    ),
    "a second too many": (lambda data: data.replace(b'"times": [3', b'"times": [3' + b"0" * 30), "damaged in line 4"),
    "a site without address": (lambda data: data.replace(b'"address"', b'"place"', 1), "not a library"),
    "a site of endless pages": (lambda data: data.replace(b'"pages": 30', b'"pages": 3' + b"0" * 30), "not a library"),
    "a site of no pages": (lambda data: data.replace(b'"pages": 30', b'"pages": 0'), "not a library"),
    "no UTF-8": (lambda data: data.replace(b"Dogs", b"\xff\xfe"), "damaged in line 3"),
    "nested deep": (lambda data: data.replace(b'"pages": []', b'"pages": ' + b"[" * 100_000, 1), "damaged in line 2"),
}


@pytest.mark.parametrize(("breaking", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_changes_nothing(
    libraries: Libraries, library: Library, breaking: Callable[[bytes], bytes], told: str
) -> None:
    """The error names the file and the problem, and nothing is stored."""
    data = breaking(exported(library))
    with pytest.raises(UserError, match=told) as caught:
        take(libraries.open("two"), data)
    assert str(caught.value).startswith("old.jsonl ")
    assert not libraries.exists("two")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(cut=st.integers(0, 2000), put=st.binary(max_size=6))
def test_any_damage_is_a_sentence(libraries: Libraries, library: Library, cut: int, put: bytes) -> None:
    """A file with changed bytes is either valid or refused with UserError; nothing else is raised."""
    data = exported(library)
    cut %= len(data)
    try:
        sites, found = read_export("old.jsonl", BytesIO(data[:cut] + put + data[cut + len(put) :]))
    except UserError:
        return
    assert [item.drafts[0].text for item in found]
    assert len(sites) <= 1


def test_a_file_is_checked_in_steps(libraries: Libraries, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others are served while a large file is parsed; it may be given up between two steps, with nothing stored."""
    library = libraries.open("one")
    for number in range(6):
        library.add(draft(f"Ferry {number} leaves. " * 40, f"/{number}.txt"))
    data = exported(library)
    monkeypatch.setattr("index.libraries.export_file._STEP_BYTES", 1000)
    steps = read_export_in_steps("old.jsonl", BytesIO(data))

    assert sum(1 for _ in steps) >= 3
    assert take(libraries.open("two"), data) == {"added": 6}


def test_an_import_that_is_stopped_is_continued(libraries: Libraries, library: Library) -> None:
    """What was stored before it was stopped is complete, and importing again adds the rest."""
    other, data = libraries.open("two"), exported(library)
    steps = import_in_steps(other, *read_export("old.jsonl", BytesIO(data)), "terminal", 64)
    stored = 0
    for receipt in steps:
        if receipt is None and stored:
            break
        stored += receipt is not None
    steps.close()

    assert other.check() == []
    counts = take(other, data)
    assert counts["unchanged"] == stored
    assert counts.total() == 4
    assert articles(other) == articles(library)


def test_an_article_that_is_refused(libraries: Libraries) -> None:
    """The import ends with its error; what was stored together with it is whole and counted."""
    texts = ["Ferry 0 is red.", "Ferry 1 is\0 red.", "Ferry 2 is red."]
    found = [
        ImportedArticle((replace(draft("Red.", f"{at}.md"), text=text),), titled=True) for at, text in enumerate(texts)
    ]
    counted = Counter[str]()

    def take_all() -> None:
        for receipt in import_in_steps(libraries.open("two"), [], found, "terminal", 64):
            counted.update([receipt.status] if receipt else [])

    with pytest.raises(UserError, match="NUL"):
        take_all()

    stored = libraries.open("two").articles()
    assert counted == {"added": len(stored)} == {"added": 2}
