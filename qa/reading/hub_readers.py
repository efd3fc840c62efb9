"""Readers for extractive question-answering models from the Hugging Face hub: Devlin et al. 2019 (BERT)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from index.models import SettingsError
from qa.reading.protocol import Reader, Reading, ReadPassage
from qa.reading.spans import Window, merge_readings, window_readings

_MAX_TOKENS = 384
_OVERLAP = 64
_BATCH = 16
MAX_CHARACTERS = 1_000  # of a question, which shares the window with the passage
_QUESTION_TOKENS = 100
CANNOT_LOAD = (OSError, ValueError, RuntimeError, KeyError, ImportError)  # raised for models that cannot be loaded


def load_hub_reader(name: str) -> Reader:
    """Load an extractive question-answering model by folder or hub name.

    Raises SettingsError if it cannot be loaded or is of another kind.
    """
    try:
        kinds = architectures(name)
        if "ForQuestionAnswering" in kinds:
            return ExtractiveReader(name)
    except CANNOT_LOAD as error:
        raise SettingsError(_advice(f"The reader model {name!r} cannot be loaded ({reason_of(error)}).")) from error
    if "ForSequenceClassification" in kinds:
        raise SettingsError(_advice(f"The model {name!r} scores whole passages, so that it belongs in RERANKER_MODEL."))
    raise SettingsError(_advice(f"The model {name!r} does not extract answers ({kinds or 'unknown kind'})."))


def _advice(problem: str) -> str:
    return (
        f"{problem} Set READER_MODEL to 'verbatim', to 'none', or to the folder or Hugging Face name of an "
        "extractive question-answering model."
    )


def architectures(name: str) -> str:
    """Return the class names in a model's configuration. Raises one of CANNOT_LOAD if it cannot be read."""
    from transformers import AutoConfig

    from index.passages.embedder import quiet_loading

    quiet_loading()
    config: Any = AutoConfig.from_pretrained(name)
    return " ".join(config.architectures or [])


def reason_of(error: Exception) -> str:
    """Return the first line of an error's message."""
    return str(error).strip().partition("\n")[0]


def weights_identity(name: str, model: Any) -> str:
    """Return the model's name with a digest of its weights, taken as bfloat16."""
    import torch

    digest = hashlib.blake2b(digest_size=4)
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.detach().to("cpu", torch.bfloat16).contiguous().flatten().view(torch.uint8).numpy())
    return f"{name.rstrip('/').rpartition('/')[2]}-{digest.hexdigest()}"


def encodable(text: str) -> str:
    """Replace lone surrogates, which tokenizers reject, by question marks, so that offsets stay the same."""
    return "".join("?" if "\ud800" <= char <= "\udfff" else char for char in text)


class ExtractiveReader:
    """Any AutoModelForQuestionAnswering with a fast tokenizer; [CLS], or the first token, stands for "no answer"."""

    def __init__(self, name: str) -> None:
        """Load the model. Raises OSError or ValueError if it cannot be loaded."""
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        from index.passages.embedder import fast_dtype

        self._tokenizer: Any = AutoTokenizer.from_pretrained(name, use_fast=True)
        if not self._tokenizer.is_fast:
            raise ValueError("it has no fast tokenizer")
        self._model: Any = AutoModelForQuestionAnswering.from_pretrained(
            name, dtype=getattr(torch, fast_dtype())
        ).eval()
        self._longest = min(_MAX_TOKENS, int(self._tokenizer.model_max_length))
        self.identity = weights_identity(name, self._model)

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        """Return a few spans of each passage, best first."""
        import torch

        if not passages:
            return []
        encoded = self._encode(question, passages)
        owners = encoded.pop("overflow_to_sample_mapping").tolist()
        offsets = encoded.pop("offset_mapping").tolist()
        readings: list[Reading] = []
        with torch.inference_mode():
            for first in range(0, len(owners), _BATCH):
                part = {key: value[first : first + _BATCH] for key, value in encoded.items()}
                output = self._model(**part)
                for row in range(len(part["input_ids"])):
                    i = first + row
                    inside = [t for t, side in enumerate(encoded.sequence_ids(i)) if side == 1]
                    if not inside:
                        continue
                    start, end = output.start_logits[row].float().numpy(), output.end_logits[row].float().numpy()
                    null = self._null_place(part["input_ids"][row].tolist())
                    words = encoded.word_ids(i)
                    window = Window(owners[i], [tuple(offsets[i][t]) for t in inside], [words[t] for t in inside])
                    readings += window_readings(window, start[inside], end[inside], float(start[null] + end[null]))
        return merge_readings(readings, passages)

    def _encode(self, question: str, passages: Sequence[ReadPassage]) -> Any:
        asked = self._tokenizer(encodable(question)[:MAX_CHARACTERS], add_special_tokens=False, verbose=False)
        if len(asked["input_ids"]) > _QUESTION_TOKENS:
            question = self._tokenizer.decode(asked["input_ids"][:_QUESTION_TOKENS])
        return self._tokenizer(
            [encodable(question)] * len(passages),
            [encodable(p.text) for p in passages],
            truncation="only_second",
            max_length=self._longest,
            stride=_OVERLAP,
            padding=True,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )

    def _null_place(self, ids: list[int]) -> int:
        cls = self._tokenizer.cls_token_id
        return ids.index(cls) if cls in ids else 0
