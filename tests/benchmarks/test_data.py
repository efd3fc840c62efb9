"""Tests of reading a data set and asking its library."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.data import fill, read
from benchmarks.pipeline_trial import run
from index.libraries.registry import Libraries
from qa.answerer import Answerer, Thresholds
from qa.reading.protocol import ReadingModels

if TYPE_CHECKING:
    from pathlib import Path

    from index.passages.embedder import Embedder
    from qa.reading.protocol import Reader

TEXT = "The lighthouse at Grey Point was built in 1874. It stands 41 metres tall."


def test_titles_with_white_space_are_those_of_the_library(tmp_path: Path, embedder: Embedder, reader: Reader) -> None:
    """A quote is a hit even if titles in the data set have white space around them or differ beside a question."""
    document = {"doc_id": "d", "title": " Grey Point ", "text": TEXT}
    asked = {"doc_id": "d", "question": "How tall is the lighthouse?", "answers": [{"text": "41 metres", "start": 58}]}
    questions = [asked | {"id": "1", "title": " Grey Point "}, asked | {"id": "2", "title": "Grey Point, lighthouse"}]
    (tmp_path / "tiny.docs.jsonl").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "tiny.qa.jsonl").write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
    part = read(tmp_path, "tiny")
    libraries = Libraries(tmp_path / "data", lambda: embedder)
    fill(libraries.open("tiny"), part.documents)
    answerer = Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.3, 0.1))
    trials = run(answerer, "tiny", part.questions)
    libraries.close()

    assert [bool(trial.hits.any()) for trial in trials] == [True, True]
