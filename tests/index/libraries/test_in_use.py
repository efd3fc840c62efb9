"""Promises of opening and closing: work in steps is never disturbed, and one failure does not keep others open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from index.catalog.store import Catalog
from index.incremental import finish
from index.indexes.open_indexes import OpenIndexes
from index.libraries import registry
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import Draft
from index.sources.loader import draft_from_text
from tests.small_embedder import SmallEmbedder

LONG = " ".join(f"Room {number} of the house was painted in colour {number * 7}." for number in range(600))


def draft(text: str, key: str = "a.txt") -> Draft:
    return draft_from_text(text, key=key, source=key, title="Rooms")


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Libraries]:
    monkeypatch.setattr(registry, "_KEPT_OPEN", 2)
    opened = Libraries(tmp_path, SmallEmbedder)
    yield opened
    opened.close()


def open_others(libraries: Libraries) -> None:
    for number in range(4):
        assert libraries.open(f"other{number}").indexes()


@pytest.fixture
def others(libraries: Libraries) -> Libraries:
    for number in range(4):
        libraries.open(f"other{number}").add(draft("The ferry leaves at seven."))
    return libraries


def test_a_library_in_use_is_not_closed(others: Libraries) -> None:
    """An article that is added in steps is stored and indexed whatever other servers ask between the steps."""
    library = others.open("busy")
    library.add(draft("The keeper counts gulls."))
    assert library.indexes()
    adding = library.add_in_steps(draft(LONG, "b.txt"), batch_size=50)
    receipt = None
    while receipt is None:
        open_others(others)
        assert library.indexes() is not None
        try:
            next(adding)
        except StopIteration as end:
            receipt = end.value

    assert receipt.status == "added"
    assert others.open("busy") is library
    assert library.check() == []


def test_one_library_is_never_opened_twice(others: Libraries) -> None:
    """Whoever still holds a closed library gets it opened again, and the same one as everybody else."""
    held = others.open("held")
    held.add(draft("The keeper counts gulls."))
    open_others(others)
    assert held.articles()

    assert others.open("held") is held
    assert len(others._open) <= 2


def test_idle_libraries_are_closed(others: Libraries) -> None:
    """Beyond the limit the least recently used library is closed, once nobody works on it."""
    library = others.open("busy")
    adding = library.add_in_steps(draft(LONG, "b.txt"), batch_size=1)
    next(adding)
    open_others(others)
    assert library._opened is not None
    adding.close()
    open_others(others)

    assert library._opened is None


def test_a_failing_library_disturbs_no_other(others: Libraries, caplog: pytest.LogCaptureFixture) -> None:
    """If a library cannot be closed, the one that is needed now is opened nevertheless."""
    with patch.object(Library, "close", side_effect=RuntimeError("no more")):
        assert others.open("another").articles() == []
    assert "could not be closed" in caplog.text


@pytest.mark.parametrize("failing", [1, 2])
def test_all_are_closed_and_all_errors_told(tmp_path: Path, failing: int) -> None:
    """Closing goes on after an error of any kind; one error is raised as it is, several as a group."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    opened = [libraries.open(f"lib{number}") for number in range(3)]
    for library in opened:
        library.add(draft("The ferry leaves at seven."))
        assert library.indexes()
    errors = {f"lib{number}": RuntimeError(str(number)) for number in range(failing)}
    synced = Library._synced_indexes

    def fail(self: Library, catalog: Catalog, epoch: str) -> OpenIndexes:
        if self.name in errors:
            raise errors[self.name]
        return synced(self, catalog, epoch)

    with (
        patch.object(Library, "_synced_indexes", fail),
        pytest.raises((RuntimeError, ExceptionGroup)) as caught,
    ):
        libraries.close()

    told = caught.value.exceptions if isinstance(caught.value, ExceptionGroup) else (caught.value,)
    assert set(told) == set(errors.values())
    assert all(library._opened is None and library._indexes is None for library in opened)


def test_changes_of_a_closed_library_are_found(others: Libraries) -> None:
    """A library that was closed without bringing its indexes up to date does so when it is opened again."""
    library = others.open("late")
    library.add(draft("The keeper counts gulls."))
    library.close(sync=False)
    finish(library.rename_in_steps(1, "Lighthouse"))
    library.close(sync=False)

    indexes = library.indexes()
    assert indexes is not None
    assert indexes.lexical.search(["lighthous"], 5)[0].tolist() == library.passage_ids(1)
    assert library.check() == []


def test_open_libraries_are_bounded_in_bytes(tmp_path: Path) -> None:
    """The libraries used longest ago are closed until the vectors and words of the others fit; all still answer."""
    libraries = Libraries(tmp_path, SmallEmbedder, kept_bytes=20_000)
    for number in range(6):
        libraries.open(f"large{number}").add(draft(LONG))
        assert libraries.open(f"large{number}").indexes()

    opened = [library for library in libraries._open.values() if library.memory]
    assert sum(library.memory for library in opened[:-1]) <= 20_000
    assert len(opened) < 6
    assert libraries.open("large0").indexes()
    libraries.close()


def test_the_memory_of_all_open_libraries_is_known(others: Libraries) -> None:
    """What libraries take is counted as they grow, are opened and are closed, whichever was used last."""
    for name in ("other3", "busy", "other3", "other1"):
        library = others.open(name)
        library.add(draft(LONG, name))
        assert library.indexes()
        others.open("other2")

        opened = list(others._open.values())
        assert others.memory == (len(opened), sum(one.memory for one in opened))
        assert library in opened
        assert library.memory
