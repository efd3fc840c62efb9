"""Rerankers from the Hugging Face hub: cross-encoders, which read a question and a passage together.

Nogueira and Cho 2019, "Passage Re-ranking with BERT".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from index.models import SettingsError
from qa.reading.hub_readers import CANNOT_LOAD, MAX_CHARACTERS, architectures, encodable, reason_of, weights_identity
from qa.reading.protocol import ReadPassage, Reranker

_MAX_TOKENS = 384  # of a question and a passage together
_BATCH = 8


def load_hub_reranker(name: str) -> Reranker:
    """Load a cross-encoder by folder or hub name. Raises SettingsError if it cannot be loaded or is none."""
    try:
        kinds = architectures(name)
        if "ForSequenceClassification" in kinds:
            return CrossEncoderReranker(name)
    except CANNOT_LOAD as error:
        raise SettingsError(_advice(f"The reranker model {name!r} cannot be loaded ({reason_of(error)}).")) from error
    if "ForQuestionAnswering" in kinds:
        raise SettingsError(_advice(f"The model {name!r} extracts answers, so that it belongs in READER_MODEL."))
    raise SettingsError(_advice(f"The model {name!r} does not score passages ({kinds or 'unknown kind'})."))


def _advice(problem: str) -> str:
    return (
        f"{problem} Set RERANKER_MODEL to 'verbatim', to 'none', or to the folder or Hugging Face name of a "
        "cross-encoder."
    )


class CrossEncoderReranker:
    """Any cross-encoder with one score per pair; it sees a passage after its article's title and its headings."""

    def __init__(self, name: str) -> None:
        """Load the model. Raises OSError or ValueError if it cannot be loaded."""
        import torch
        from sentence_transformers import CrossEncoder

        from index.passages.embedder import fast_dtype

        self._model: Any = CrossEncoder(
            name,
            activation_fn=torch.nn.Identity(),
            model_kwargs={"dtype": getattr(torch, fast_dtype())},
        )
        if self._model.num_labels != 1:
            raise ValueError(f"it gives {self._model.num_labels} scores instead of one")
        self._model.max_seq_length = min(_MAX_TOKENS, self._model.max_seq_length or _MAX_TOKENS)
        self.identity = weights_identity(name, self._model)
        # In float32: bfloat16 would round scores to eighths, so that different passages score the same.
        for layer in self._model.modules():
            if isinstance(layer, torch.nn.Linear) and layer.out_features == 1:
                layer.float().register_forward_pre_hook(lambda _layer, inputs: (inputs[0].float(),))

    def scores(self, question: str, passages: Sequence[ReadPassage]) -> np.ndarray:
        """Return (n,) float32, the model's logits."""
        if not passages:
            return np.zeros(0, np.float32)
        asked = encodable(question)[:MAX_CHARACTERS]
        pairs = [(asked, encodable(_with_headings(passage))) for passage in passages]
        found: np.ndarray = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
        return np.asarray(found, np.float32)


def _with_headings(passage: ReadPassage) -> str:
    parts = (passage.title.strip(), passage.heading.strip(), passage.introduction.strip(), passage.text)
    return "\n".join(part for part in parts if part)
