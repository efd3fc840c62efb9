"""Models without a calibration never answer: the best outcome is `closest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.outcome import Answer, Closest
from qa.pins.pinned import Pin
from qa.quoting.anchoring import digest_of
from qa.reading.protocol import ReadingModels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from index.passages.embedder import Embedder
    from qa.reading.protocol import Reader, Reading, ReadPassage

TEXT = "The ferry to the mainland leaves at seven. Dogs travel free of charge.\n\nThe inn closes at nine.\n"
QUESTION = "When does the ferry leave?"


class Unknown:
    """The shipped reader under a name for which there is no calibration."""

    identity = "unknown"

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        return self._reader.read(question, passages)


@pytest.fixture
def libraries(tmp_path: Path, embedder: Embedder) -> Iterator[Libraries]:
    libraries = Libraries(tmp_path, lambda: embedder)
    libraries.open("harbour").add(draft_from_text(TEXT, key="h", source="h", markdown=False, title="Harbour"))
    yield libraries
    libraries.close()


@pytest.mark.parametrize(("answer", "closest"), [(0.0, 0.0), (1e-9, 0.0), (0.3, 0.0), (1.0, 0.0)])
def test_no_threshold_lets_uncalibrated_models_answer(
    answer: float, closest: float, libraries: Libraries, embedder: Embedder, reader: Reader
) -> None:
    """Whatever the thresholds are, the outcome is `closest`, with the best quote first."""
    models = ReadingModels(Unknown(reader))
    answerer = Answerer(libraries, lambda: embedder, lambda: models, Thresholds(answer, closest))

    outcome = answerer.ask(QUESTION, ["harbour"])

    assert isinstance(outcome, Closest)
    assert outcome.quotes[0].text == "The ferry to the mainland leaves at seven."
    assert outcome.quotes[0].confidence == outcome.confidence


def test_pinned_quote_is_an_answer_whatever_the_models(
    libraries: Libraries, embedder: Embedder, reader: Reader
) -> None:
    """What moderators have pinned answers without a calibration."""
    models = ReadingModels(Unknown(reader))
    answerer = Answerer(libraries, lambda: embedder, lambda: models, Thresholds(0.3, 0.1))
    words = "Dogs travel free of charge."
    start = TEXT.index(words)
    article = libraries.open("harbour").articles()[0].id
    pin = Pin("harbour", "h", article, start, start + len(words), digest_of(words), (), (QUESTION,))

    outcome = answerer.ask(QUESTION, ["harbour"], pins=[pin])

    assert isinstance(outcome, Answer)
    assert outcome.quotes[0].text == words
