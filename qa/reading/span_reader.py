"""The shipped span reader, and a sentence reader that needs no model but the embedder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index import native_settings  # noqa: F401 - before torch
from index.models import SettingsError
from index.text.sentences import sentence_spans
from qa.reading.protocol import PassagesRead, Reading, ReadPassage
from qa.reading.spans import Window, merge_readings, window_readings

SHIPPED = "verbatim"
WEIGHTS = "reader.safetensors"
_OVERLAP = 64  # tokens that two windows of a long passage share
_BATCH_TOKENS = 640  # per forward pass, padding included: more does not fit a CPU's cache
_KEPT_PREFIXES = 4096  # the contexts of passages read lately, as tokens
_MAX_CHARACTERS = 10_000  # of a question
_NO_TEXT = -20.0  # score of a passage without words
_WORD = re.compile(r"[^\W_]+")


class SentenceEmbedder(Protocol):
    """The methods of an embedder that the sentence reader calls; both return float32 unit vectors."""

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, dimension) for n texts."""
        ...

    def query(self, text: str) -> np.ndarray:
        """Return (dimension,) for a question."""
        ...


class SpanReader:
    """The shipped reader, described in `qa/reading/weights/MODEL_CARD.md`. Not thread-safe."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load encoder and weights. Raises SettingsError if the weights are missing or do not fit the encoder."""
        from transformers import AutoTokenizer

        from index.passages.embedder import bundled_model

        weights = folder or Path(str(files("qa.reading") / "weights"))
        self._model, trained, self.scores_passages = _load_merged(weights / WEIGHTS)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(bundled_model())
        self._prefixes: dict[tuple[str, str, str], list[int]] = {}
        self.identity = f"{SHIPPED}-{trained}"

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        """Return a few spans of each passage, best first; the score is the log-odds against "no answer"."""
        return self.read_and_score(question, passages).readings

    def scores(self, question: str, passages: Sequence[ReadPassage]) -> np.ndarray:
        """Return (n,) float32, the log-odds of each passage against "none of these answers"."""
        found = self.read_and_score(question, passages).scores
        return np.zeros(len(passages), np.float32) if found is None else found

    def read_and_score(self, question: str, passages: Sequence[ReadPassage]) -> PassagesRead:
        """Return readings and scores from one pass; the score of a long passage is that of its best window."""
        import torch

        if not passages:
            return PassagesRead([], np.zeros(0, np.float32))
        from qa.reading.network import pad_rows

        asked = self._question(question)
        windows = list(self._windows(passages))
        rows = [(asked, prefix, ids, self._tokenizer.pad_token_id) for prefix, ids, _ in windows]
        readings: list[Reading] = []
        scores = np.full(len(passages), _NO_TEXT, np.float32)
        with torch.inference_mode():
            for part in _batches([len(q) + len(p) + len(w) + 3 for q, p, w, _ in rows]):
                start, end, passage = (t.numpy() for t in self._model(*pad_rows([rows[i] for i in part])))
                for row, i in enumerate(part):
                    begin = len(asked) + 2 + len(rows[i][1])
                    inside = slice(begin, begin + len(rows[i][2]))
                    null = float(start[row, 0] + end[row, 0])
                    readings += window_readings(windows[i][2], start[row, inside], end[row, inside], null)
                    place = windows[i][2].passage
                    scores[place] = max(scores[place], passage[row])
        return PassagesRead(merge_readings(readings, passages), scores if self.scores_passages else None)

    def _question(self, question: str) -> list[int]:
        """Return the tokens of a question, shortened if it is long."""
        from qa.reading.network import fit_question

        if len(question) > _MAX_CHARACTERS:
            question = question[: _MAX_CHARACTERS // 2] + " " + question[-_MAX_CHARACTERS // 2 :]
        return fit_question(self._token_ids([question])[0])

    def _windows(self, passages: Sequence[ReadPassage]) -> Iterator[tuple[list[int], list[int], Window]]:
        """Yield (tokens of title and headings, tokens, window); a long passage has several overlapping windows."""
        from qa.reading.network import MAX_WINDOW

        prefixes = [self._prefix(p.title, p.heading, p.introduction) for p in passages]
        encoded = self._tokens([p.text for p in passages])
        for place, prefix in enumerate(prefixes):
            ids, offsets = encoded["input_ids"][place], encoded["offset_mapping"][place]
            words = encoded.word_ids(place)
            for first in range(0, max(1, len(ids) - _OVERLAP), MAX_WINDOW - _OVERLAP):
                part = slice(first, first + MAX_WINDOW)
                if ids[part]:
                    yield prefix, ids[part], Window(place, offsets[part], words[part])

    def _prefix(self, title: str, heading: str, introduction: str) -> list[int]:
        """Return the tokens of a passage's context."""
        from qa.reading.network import prefix_ids

        key = title, heading, introduction
        if key not in self._prefixes:
            if len(self._prefixes) >= _KEPT_PREFIXES:
                self._prefixes.clear()
            self._prefixes[key] = prefix_ids(*key, self._token_ids)
        return self._prefixes[key]

    def _token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        ids: list[list[int]] = self._tokens(texts)["input_ids"] if texts else []
        return ids

    def _tokens(self, texts: Sequence[str]) -> Any:
        # Lone surrogates cannot be encoded; a question mark has the same length, so offsets stay the same.
        clean = [re.sub("[\ud800-\udfff]", "?", text) for text in texts]
        return self._tokenizer(clean, add_special_tokens=False, return_offsets_mapping=True, verbose=False)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield row numbers in batches of similar length, to minimize padding."""
    part: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        if part and (len(part) + 1) * lengths[i] > _BATCH_TOKENS:
            yield part
            part = []
        part.append(i)
    if part:
        yield part


def _load_merged(weights: Path) -> tuple[Any, str, bool]:
    """Return the model with its weights merged, in this machine's fastest dtype, their identity, and if it scores."""
    import torch

    from index.passages.embedder import bundled_model, fast_dtype
    from qa.reading.network import PASSAGE_HEAD, WEIGHT_ERRORS, load_model, merge_weights, read_weights, weights_digest

    try:
        tensors, metadata = read_weights(weights)
        model = load_model(bundled_model())
        merge_weights(model, tensors)
    except WEIGHT_ERRORS as error:
        message = f"The reader's weights {weights.name} are missing or damaged ({error}); please restore them."
        raise SettingsError(message) from error
    model.encoder.to(getattr(torch, fast_dtype()))
    return model.eval(), f"{metadata.get('version', '0')}-{weights_digest(tensors)}", PASSAGE_HEAD in tensors


class SentenceReader:
    """Scores whole sentences by their cosine to the question and the share of its words that they contain."""

    identity = "sentences-1"
    _WORDS_WEIGHT = 0.25

    def __init__(self, embedder: SentenceEmbedder) -> None:
        self._embedder = embedder

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        """Return one reading per sentence, best first; scores are between -0.75 and 1."""
        places = [(i, span) for i, p in enumerate(passages) for span in sentence_spans(p.text, p.language)]
        if not places:
            return []
        asked = set(_WORD.findall(question.casefold()))
        texts = [span.of(passages[i].text) for i, span in places]
        cosines = self._embedder.passages(texts) @ self._embedder.query(question)
        readings = []
        for (place, span), text, cosine in zip(places, texts, cosines.tolist(), strict=True):
            shared = len(asked & set(_WORD.findall(text.casefold()))) / max(1, len(asked))
            score = (1 - self._WORDS_WEIGHT) * cosine + self._WORDS_WEIGHT * shared
            readings.append(Reading(place, span.start, span.end, score, exact=False))
        return sorted(readings, key=lambda r: (-r.score, r.passage, r.start))
