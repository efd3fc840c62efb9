"""Loading of readers and rerankers by their settings, and how the two are used together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from transformers import AutoModelForQuestionAnswering, AutoModelForSequenceClassification, AutoTokenizer, BertConfig

from index.models import UserError
from index.passages.embedder import bundled_model
from qa.reading.loading import load_models, load_reader, load_reranker
from qa.reading.protocol import PassagesRead, Reading, ReadingModels, ReadPassage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.passages.embedder import Embedder

PASSAGES = [
    ReadPassage("Harbour", "Opening hours", "The office is open from nine to five."),
    ReadPassage("Harbour", "", "Boats must show a light at night."),
    ReadPassage("", "", "Dogs are welcome on the pier."),
]


def saved(folder: Path, kind: type, labels: int = 1) -> str:
    """Save a tiny untrained model with the bundled tokenizer; return its folder."""
    tokenizer = AutoTokenizer.from_pretrained(bundled_model())
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=len(tokenizer), num_labels=labels, initializer_range=0.5, **sizes)
    kind.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def test_cross_encoder_scores_each_passage(tmp_path: Path) -> None:
    """A cross-encoder as RERANKER_MODEL gives a float32 score per passage, which does not depend on the others."""
    reranker = load_reranker(saved(tmp_path, AutoModelForSequenceClassification))
    assert reranker is not None

    together = reranker.scores("When is it open?", PASSAGES)
    alone = [reranker.scores("When is it open?", [passage])[0] for passage in PASSAGES]

    assert together.dtype == np.float32
    assert together.shape == (3,)
    assert together == pytest.approx(alone, abs=0.05)
    assert len(set(together.tolist())) == 3
    assert (together.view(np.uint32) & 0xFFFF).any(), "the scores are rounded to bfloat16"
    assert reranker.scores("When is it open?", []).shape == (0,)


def test_cross_encoder_sees_title_and_heading(tmp_path: Path) -> None:
    """The score of a passage depends on the title of its article and on the heading above it."""
    reranker = load_reranker(saved(tmp_path, AutoModelForSequenceClassification))
    assert reranker is not None
    text = PASSAGES[0].text
    variants = [ReadPassage("", "", text), ReadPassage("Harbour", "", text), ReadPassage("Harbour", "Hours", text)]

    assert len(set(reranker.scores("When is it open?", variants).tolist())) == 3


def test_any_text_can_be_scored(tmp_path: Path) -> None:
    """Lone surrogates, an empty question and long texts are no error."""
    reranker = load_reranker(saved(tmp_path, AutoModelForSequenceClassification))
    assert reranker is not None
    long = ReadPassage("t" * 3000, "", "word " * 2000 + "\ud800")

    assert np.isfinite(reranker.scores("", [long])).all()
    assert np.isfinite(reranker.scores("why \udfff " * 1000, [long])).all()


def test_none_is_no_reranker() -> None:
    """With `none` there is no reranker."""
    assert load_reranker("none") is None


@pytest.mark.parametrize(
    ("kind", "labels", "message"),
    [
        (
            AutoModelForQuestionAnswering,
            2,
            "extracts answers, so that it belongs in READER_MODEL. Set RERANKER_MODEL to",
        ),
        (AutoModelForSequenceClassification, 3, "it gives 3 scores instead of one.*Set RERANKER_MODEL to"),
    ],
)
def test_wrong_kind_of_reranker_is_said_clearly(tmp_path: Path, kind: type, labels: int, message: str) -> None:
    """A model that does not score pairs raises an error that says where it belongs or what to set instead."""
    with pytest.raises(UserError, match=message):
        load_reranker(saved(tmp_path, kind, labels))


def test_wrong_name_of_a_reranker_is_said_clearly() -> None:
    """A model that does not exist raises an error that names the setting."""
    with pytest.raises(UserError, match="RERANKER_MODEL"):
        load_reranker("no/such-model-anywhere")


def test_cross_encoder_is_no_reader(tmp_path: Path, embedder: Embedder) -> None:
    """A cross-encoder as READER_MODEL raises an error that says that it belongs in RERANKER_MODEL."""
    with pytest.raises(UserError, match=r"belongs in RERANKER_MODEL\. Set READER_MODEL to"):
        load_reader(saved(tmp_path, AutoModelForSequenceClassification), embedder)


def test_question_answering_model_is_a_reader(tmp_path: Path, embedder: Embedder) -> None:
    """An extractive model as READER_MODEL reads every passage; its readings are slices of them."""
    models = load_models(saved(tmp_path, AutoModelForQuestionAnswering, 2), "none", embedder)

    found = models.read("When is it open?", PASSAGES)

    assert found.scores is None
    assert {reading.passage for reading in found.readings} == {0, 1, 2}
    assert all(PASSAGES[r.passage].text[r.start : r.end].strip() for r in found.readings)


class _Both:
    """A reader and reranker that counts how often it reads."""

    identity = "both"

    def __init__(self) -> None:
        self.reads = 0

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        return self.read_and_score(question, passages).readings

    def scores(self, question: str, passages: Sequence[ReadPassage]) -> np.ndarray:
        scores = self.read_and_score(question, passages).scores
        assert scores is not None
        return scores

    def read_and_score(self, _question: str, passages: Sequence[ReadPassage]) -> PassagesRead:
        self.reads += 1
        return PassagesRead([], np.arange(len(passages), dtype=np.float32))


def test_model_that_is_both_reads_once() -> None:
    """Where one object is reader and reranker, it reads the passages once; its identity differs from the reader's."""
    both = _Both()
    models = ReadingModels(both, both)

    found = models.read("When is it open?", PASSAGES)

    assert both.reads == 1
    assert found.scores is not None
    assert found.scores.tolist() == [0, 1, 2]
    assert models.identity == "both + both"


def test_two_models_are_named_together() -> None:
    """With a reranker of its own, the identity that calibrations belong to names both models."""
    assert ReadingModels(_Both()).identity == "both"
    assert ReadingModels(_Both(), _Both()).identity == "both + both"
    assert ReadingModels(_Both()).read("", PASSAGES).scores is None


def test_shipped_weights_are_loaded_once(embedder: Embedder) -> None:
    """Where both settings are `verbatim`, the reranker is the reader itself, or there is none."""
    models = load_models("verbatim", "verbatim", embedder)

    assert models.reranker in {None, models.reader}
    assert models.identity == f"{models.reader.identity} + {models.reader.identity}"
