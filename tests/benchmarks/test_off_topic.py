"""Tests of the invented questions and of the libraries that they are asked of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.data import Document
from benchmarks.off_topic import fill_to, invented_names, pages, read
from index.libraries.registry import Libraries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.libraries.library import Library
    from index.passages.embedder import Embedder

PAGES = [Document(f"page-{number}", f"Page {number}", f"The kiln of row {number} is cold.") for number in range(6)]


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    libraries = Libraries(tmp_path, lambda: embedder)
    yield libraries.open("load-en-4")
    libraries.close()


def test_each_invented_name_is_in_its_questions() -> None:
    """There are about 150 different questions, and no subject has more than three."""
    asked = read()
    subjects = [question.title.casefold() for question in asked]

    assert len({question.text for question in asked}) == len(asked) == 150
    assert all(name in q.text.casefold() for q in asked for name in invented_names() if name == q.title.casefold())
    assert max(subjects.count(subject) for subject in subjects) <= 3


def test_library_is_filled_to_its_size_and_no_page_twice(library: Library) -> None:
    """A library has as many passages as asked for; what a stopped run left is used."""
    assert fill_to(library, PAGES[:2] + PAGES, 2) == 2
    ids = {row.id for row in library.articles()}

    assert fill_to(library, PAGES, 4) == 4
    assert ids < {row.id for row in library.articles()}
    assert len(library.articles()) == 4


def test_too_few_pages(library: Library) -> None:
    """A library that cannot be filled is an error, not a smaller library."""
    with pytest.raises(ValueError, match="only 6 passages"):
        fill_to(library, PAGES, 7)


def test_page_with_an_invented_name_is_refused(library: Library) -> None:
    """A name that a page has is not invented."""
    with pytest.raises(ValueError, match="'kiln'"):
        fill_to(library, PAGES, 1, ["kiln"])


def test_pages_are_joined_and_judged_articles_left_out(tmp_path: Path) -> None:
    """The rows of a page are one document; paragraphs of judged articles are none."""
    rows = [
        {"_id": "manual/one.html#0", "title": "One", "text": "First."},
        {"_id": "manual/one.html#2", "title": "One", "text": "Second."},
        {"_id": "squad1.1-dev-a1c5b1#0", "title": "Judged", "text": "Left out."},
        {"_id": "manual/two.html#0", "title": "", "text": "Third."},
    ]
    (tmp_path / "load-en.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    assert sorted((doc.title, doc.text) for doc in pages(tmp_path)) == [
        ("One", "First.\n\nSecond."),
        ("manual/two.html", "Third."),
    ]
