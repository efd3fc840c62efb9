"""The world of many libraries can be built, asked and measured."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from typing import TYPE_CHECKING

from benchmarks.data import Document, QASet, Question
from benchmarks.library_host import Host
from benchmarks.library_world import build
from benchmarks.many_libraries import Figures, measure

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from index.passages.embedder import Embedder


def test_a_small_world(tmp_path: Path, embedder: Embedder, capsys: pytest.CaptureFixture[str]) -> None:
    """Questions are answered from the libraries, and every job runs to its end."""
    documents = tuple(
        Document(f"{number}", f"Kiln {number}", f"The kiln of row {number} is cold.") for number in range(260)
    )
    questions = tuple(Question(f"{n}", f"Kiln {n}", f"{n}", f"Is kiln {n} cold?", ("cold",)) for n in range(260))
    world = build(tmp_path / "world", QASet("kilns", documents, questions), 8, 5, embedder, lambda _: None)
    figures = Figures()
    with Host(tmp_path / "world", embedder, world) as host:
        asyncio.run(measure(host, world, Namespace(questions=3, cold=2), figures))

    measured = dict(figures.rows)
    assert "/forget" in measured
    assert len(list((tmp_path / "world" / "libraries").iterdir())) == 9
    assert "first question to a cold library (2)" in capsys.readouterr().out
