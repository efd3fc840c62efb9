"""Readers for models from the Hugging Face hub: extractive question answering, and cross-encoders.

Extractive reading: Devlin et al. 2019 (BERT). Cross-encoders: Nogueira and Cho 2019, "Passage Re-ranking with BERT".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from index.models import SettingsError
from index.text.sentences import sentence_spans
from qa.reading.protocol import Reader, Reading, ReadPassage
from qa.reading.spans import Window, merge_readings, window_readings

_MAX_TOKENS = 384
_OVERLAP = 64
_BATCH = 16
_MAX_CHARACTERS = 1_000  # of a question, which shares the window with the passage
_QUESTION_TOKENS = 100


def load_hub_reader(name: str) -> Reader:
    """Load a model by folder or hub name; its configuration determines the kind of reader.

    Raises SettingsError if it cannot be loaded or is of neither kind.
    """
    from transformers import AutoConfig

    from index.passages.embedder import quiet_loading

    quiet_loading()
    try:
        config: Any = AutoConfig.from_pretrained(name)
        kinds = " ".join(config.architectures or [])
        if "ForQuestionAnswering" in kinds:
            return ExtractiveReader(name)
        if "ForSequenceClassification" in kinds and config.num_labels == 1:
            return CrossEncoderReader(name)
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise SettingsError(_advice(f"The reader model {name!r} cannot be loaded ({reason}).")) from error
    raise SettingsError(
        _advice(f"The model {name!r} neither extracts answers nor scores pairs ({kinds or 'unknown kind'}).")
    )


def _advice(problem: str) -> str:
    return (
        f"{problem} Set READER_MODEL to 'verbatim', to 'none', or to the folder or Hugging Face name of an "
        "extractive question-answering model or a cross-encoder."
    )


def _identity(name: str, model: Any) -> str:
    """Return the model's name with a digest of its weights, taken as bfloat16."""
    import torch

    digest = hashlib.blake2b(digest_size=4)
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.detach().to("cpu", torch.bfloat16).contiguous().flatten().view(torch.uint8).numpy())
    return f"{name.rstrip('/').rpartition('/')[2]}-{digest.hexdigest()}"


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
        self.identity = _identity(name, self._model)

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
        asked = self._tokenizer(_plain(question)[:_MAX_CHARACTERS], add_special_tokens=False, verbose=False)
        if len(asked["input_ids"]) > _QUESTION_TOKENS:
            question = self._tokenizer.decode(asked["input_ids"][:_QUESTION_TOKENS])
        return self._tokenizer(
            [_plain(question)] * len(passages),
            [_plain(p.text) for p in passages],
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


def _plain(text: str) -> str:
    """Replace lone surrogates, which tokenizers reject, by question marks, so that offsets stay the same."""
    return "".join("?" if "\ud800" <= char <= "\udfff" else char for char in text)


class CrossEncoderReader:
    """Any cross-encoder with a single score; it scores each sentence of the passages."""

    def __init__(self, name: str) -> None:
        """Load the model. Raises OSError or ValueError if it cannot be loaded."""
        import torch
        from sentence_transformers import CrossEncoder

        self._model: Any = CrossEncoder(name, max_length=_MAX_TOKENS, activation_fn=torch.nn.Identity())
        self.identity = _identity(name, self._model)

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        """Return one reading per sentence, best first; the score is the model's logit."""
        places = [(i, span) for i, p in enumerate(passages) for span in sentence_spans(p.text)]
        if not places:
            return []
        asked = _plain(question)[:_MAX_CHARACTERS]
        pairs = [(asked, _plain(span.of(passages[i].text))) for i, span in places]
        scores = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
        found = [
            Reading(i, span.start, span.end, float(score), exact=False)
            for (i, span), score in zip(places, scores, strict=True)
        ]
        return sorted(found, key=lambda r: (-r.score, r.passage, r.start))
