"""A library of 10,000 passages answers as rightly as one of 1,000; and the parts of the benchmark that says so."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks import scale_report, scale_units
from benchmarks.scale_approximation import Approximation
from benchmarks.scale_plots import Line, plot
from benchmarks.scale_short import around, run
from benchmarks.scale_stages import watched
from benchmarks.scale_vectors import KeptVectors, embedded_texts
from index.models import Section
from qa.reading.loading import load_models

if TYPE_CHECKING:
    from pathlib import Path

    from index.passages.embedder import Embedder

SMALL, LARGE = "1000", "10000"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> dict[str, dict[str, Any]]:
    """Return the figures of both libraries by size."""
    models = load_models("verbatim", "verbatim", embedder)
    return run(tmp_path_factory.mktemp("scale"), [int(SMALL), int(LARGE)], embedder, models)


def test_dense_search_finds_what_exact_search_finds(measured: dict[str, dict[str, Any]]) -> None:
    """At least 98 % of the ten nearest passages are among the first ten found."""
    assert min(figures["recall"] for figures in measured.values()) >= 0.98


def test_answers_stay_right_among_ten_times_as_many_passages(measured: dict[str, dict[str, Any]]) -> None:
    """Right first quotes fall by at most 0.05, and questions that no library answers stay unanswered."""
    small, large = measured[SMALL], measured[LARGE]

    assert large["passages"] >= 8 * small["passages"]  # libraries end with a whole article, and some are long
    assert large["first quote right"] >= small["first quote right"] - 0.05
    assert large["off-topic answered"] <= 0.05  # of 20: one


def test_changes_take_effect_at_once(measured: dict[str, dict[str, Any]]) -> None:
    """An added article answers the next question, a removed one answers none, and the library stays sound."""
    for figures in measured.values():
        assert figures["added answers, removed is gone"]
        assert figures["check sound"]


def test_an_answer_takes_hardly_more_work(measured: dict[str, dict[str, Any]]) -> None:
    """Ten times as many passages take at most twice the time of the processor for the median question."""
    assert measured[LARGE]["median ms of processor"] <= 2 * measured[SMALL]["median ms of processor"]


def test_tables_and_plots_have_every_size(measured: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    """The report has a column for each size and says which promises are kept; each plot is a picture."""
    scale_report.write(measured, tmp_path)

    tables = (tmp_path / "scale-tables.md").read_text(encoding="utf-8")
    assert "| 1,000 | 10,000 |" in tables
    assert "| recall@10 of dense search, at least 0.98 | 1 yes | 1 yes |" in tables
    assert all(path.read_text(encoding="utf-8").startswith("<svg") for path in tmp_path.glob("*.svg"))


def test_units_are_sentences_and_pairs_of_neighbours() -> None:
    """Every sentence is a unit, and every two neighbours of one section; a text that repeats a sentence has none."""
    text = "One plain sentence here.  Two plain sentences here. Three plain sentences here."
    end = text.index("  Two") + 2

    chunks = scale_units.sentence_chunks(text, [Section(0, len(text), "")])
    parted = scale_units.sentence_chunks(text, [Section(0, end, "A"), Section(end, len(text), "B")])

    assert [chunk.span.of(text) for chunk in chunks] == [
        text[:24], text[:51], text[26:51], text[26:], text[52:],
    ]  # fmt: skip
    assert [chunk.heading for chunk in parted] == ["A", "B", "B", "B"]
    assert not scale_units.sentence_chunks("The same is said here. The same is said here.", [Section(0, 45, "")])


def test_copies_exchange_every_tenth_word() -> None:
    """A copy is another text of the same length in words, alike but for a tenth of them, and the same each time."""
    words = [f"word{number}" for number in range(100)]
    copied, again = (next(scale_units.copies([("key", "Title", " ".join(words))], 1)) for _ in range(2))
    changed = sum(one != other for one, other in zip(words, copied[2].split(), strict=True))

    assert copied == again
    assert 5 <= changed <= 10


def test_vectors_are_computed_once(tmp_path: Path, embedder: Embedder) -> None:
    """What one run has written the next one reads; a vector cut off by a stopped run is not read."""
    texts = list(islice(embedded_texts(around(), embedder), 12))
    KeptVectors(tmp_path, embedder, part=0).write(texts[:10])
    with next(tmp_path.glob("*.vectors")).open("ab") as file:
        file.write(b"half a vector")

    kept = KeptVectors(tmp_path, embedder, part=0)
    assert [kept.has(text) for text in texts] == [True] * 10 + [False] * 2
    kept.write(texts[10:])
    rows = KeptVectors(tmp_path, embedder).passages(texts)

    assert len(KeptVectors(tmp_path, embedder)) == 12
    assert np.sum(rows * embedder.passages(texts), axis=1) == pytest.approx(np.ones(12), abs=2e-3)


def test_approximated_vectors_resemble_real_ones(embedder: Embedder) -> None:
    """A text that was not fitted is nearer to its real vector than another text's vector is."""
    texts = list(islice(embedded_texts(around(), embedder), 240))
    real = embedder.passages(texts)
    fitted = Approximation.fit(texts[::2], real[::2])
    guessed = np.stack([fitted.guess(text) for text in texts[1::2]])
    guessed /= np.linalg.norm(guessed, axis=1, keepdims=True)

    assert np.linalg.norm([fitted.of(text) for text in texts], axis=1) == pytest.approx(np.ones(240))
    cosines = guessed @ real[1::2].T
    assert np.diag(cosines).mean() > cosines.mean() + 0.1


def test_time_of_a_call_inside_another_counts_once() -> None:
    """An inner stage is not part of the outer one, and a generator's work counts for its stage."""

    class Parts:
        def outer(self) -> int:
            return sum(self.inner())

        def inner(self) -> Any:
            yield from range(1000)

    ticks = iter(range(1000))
    with watched(
        {"dense": [(Parts, "outer"), (Parts, "missing")], "lexical": [(Parts, "inner")]}, ticks.__next__
    ) as clock:
        total, stages = clock.measure(Parts().outer)

    assert total == 499500
    assert stages["dense"] == 2000  # two of the clock's ticks, without the one inside
    assert stages["lexical"] == 1000


def test_plot_leaves_out_what_was_not_measured() -> None:
    """A value that is no number has no point, and a label is shown as it is."""
    drawn = plot("A & B", [1000, 10_000], [Line("a < b", [1.0, math.nan])], logarithmic=True)

    assert drawn.count("<circle") == 1
    assert "A &amp; B" in drawn
    assert "a &lt; b" in drawn
