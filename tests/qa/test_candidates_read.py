"""Promises of what is read: candidates in stages until one is sure, each text once, with title and heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.quoting.ranker import STAGES, SURE
from qa.quoting.statements import statement_tokens
from qa.reading.protocol import ReadingModels, ScoringReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from index.passages.embedder import Embedder
    from qa.reading.protocol import PassagesRead, Reader, Reading, ReadPassage

TOWNS = (
    "Arnvik Berholm Corvin Dunmor Elsby Farsund Gillo Hellen Isby Jorvik Kessel Lundby Morven Norsund Orvik Pelby "
    "Quarn Rosvik Selby Torvin Ulsund Varnby Wesvik Ystar"
).split()
QUESTION = "When does the ferry leave?"


class RecordingReader:
    """A reader that finds nothing and records the passages it is given."""

    identity = "recording"

    def __init__(self) -> None:
        self.passages: list[ReadPassage] = []

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        self.passages += passages
        return []


@pytest.fixture
def libraries(tmp_path: Path, embedder: Embedder) -> Iterator[Libraries]:
    libraries = Libraries(tmp_path, lambda: embedder)
    yield libraries
    libraries.close()


def add(libraries: Libraries, text: str, title: str) -> None:
    libraries.open("test").add(draft_from_text(text, key=title, source=title, markdown=True, title=title))


def passages_read(libraries: Libraries, embedder: Embedder) -> list[ReadPassage]:
    """Return what the reader is given for the question."""
    reader = RecordingReader()
    Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader), Thresholds(0.2, 0.05)).ask(QUESTION, ["test"])
    return reader.passages


def test_only_the_best_candidates_are_read_if_none_is_sure(libraries: Libraries, embedder: Embedder) -> None:
    """Of 24 passages that may answer, twelve different ones are read."""
    for town in TOWNS:
        add(libraries, f"The ferry of {town} leaves every morning.", town)

    read = passages_read(libraries, embedder)

    assert len(read) == STAGES[-1] == 12
    assert len({passage.text for passage in read}) == 12


def test_no_more_candidates_are_read_once_the_best_is_sure(
    libraries: Libraries, embedder: Embedder, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain answer among the first candidates is quoted without the others being read."""
    for town in TOWNS:
        add(libraries, f"The ferry of {town} leaves every morning at seven.", f"The ferry of {town}")
    counts = []
    models = ReadingModels(reader, reader if isinstance(reader, ScoringReader) else None)
    read = ReadingModels.read

    def counted(self: ReadingModels, question: str, passages: Sequence[ReadPassage]) -> PassagesRead:
        counts.append(len(passages))
        return read(self, question, passages)

    monkeypatch.setattr(ReadingModels, "read", counted)
    answerer = Answerer(libraries, lambda: embedder, lambda: models, Thresholds(0.3, 0.1))
    found = answerer.ask("At what time does the ferry of Gillo leave?", ["test"])

    assert "Gillo" in found.quotes[0].text
    assert found.confidence >= SURE
    assert counts == [STAGES[0]]


def test_candidates_with_equal_words_are_read_once(libraries: Libraries, embedder: Embedder) -> None:
    """Copies that differ in case, punctuation and title take no room from other passages."""
    for number, copy in enumerate(
        ("The ferry leaves at seven.", "the FERRY leaves at seven!", "The ferry leaves at: seven")
    ):
        add(libraries, copy, f"Copy {number}")
    add(libraries, "The ferry does not leave in a storm.", "Storm")

    read = [statement_tokens(passage.text) for passage in passages_read(libraries, embedder)]

    assert sorted(read) == [
        ("the", "ferry", "does", "not", "leave", "in", "a", "storm"),
        ("the", "ferry", "leaves", "at", "seven"),
    ]


def test_title_and_heading_are_read_with_a_passage(libraries: Libraries, embedder: Embedder) -> None:
    """The reader is given the title of the article and the heading above the passage."""
    add(libraries, "# Ferries\n\nSee below.\n\n## To the mainland\n\nIt leaves at seven.\n", "Timetable")

    read = {(passage.title, passage.heading, passage.text) for passage in passages_read(libraries, embedder)}

    assert ("Timetable", "Ferries > To the mainland", "It leaves at seven.") in read
