"""A question's vector is the one that sentence-transformers gives, whatever the model's prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from index.passages.embedder import Embedder, bundled_model, load_embedder

if TYPE_CHECKING:
    from pathlib import Path

QUESTIONS = ["When does the harbour office open on Sundays?", "refund deadline", "C++?", "", "word " * 400]


def assert_same_vectors(embedder: Embedder, model: SentenceTransformer) -> None:
    """Assert that the embedder's question vectors are those of `encode_query`, as unit vectors."""
    for question in QUESTIONS:
        expected = np.asarray(model.encode_query(question or " "))
        found = embedder.query(question)

        assert found.dtype == np.float32
        assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
        assert float(found @ expected) / np.linalg.norm(expected) > 0.999  # the embedder may compute in bfloat16


def test_bundled_model(embedder: Embedder) -> None:
    """The bundled model gives a question the vector of `encode_query`, whatever the length of the question."""
    assert_same_vectors(embedder, SentenceTransformer(str(bundled_model())))


@pytest.mark.parametrize(
    ("prompts", "default"),
    [({"query": "Find the paragraph: "}, None), ({"other": "Find the paragraph: "}, "other"), ({}, None)],
)
def test_prompts_of_the_model(tmp_path: Path, prompts: dict[str, str], default: str | None) -> None:
    """A model's prompt for questions, else its default prompt, stands before each question."""
    model = SentenceTransformer(str(bundled_model()), prompts=prompts, default_prompt_name=default)
    model.save(str(tmp_path))

    assert_same_vectors(load_embedder(str(tmp_path)), model)


def test_same_arithmetic_as_encode_query(embedder: Embedder) -> None:
    """In the same precision, the cosine of both vectors exceeds 0.9999."""
    model = embedder._model  # type: ignore[attr-defined]
    for question in QUESTIONS:
        expected = model.encode_query(question or " ", convert_to_tensor=True).float().cpu().numpy()

        assert float(embedder.query(question) @ expected) / np.linalg.norm(expected) > 0.9999
