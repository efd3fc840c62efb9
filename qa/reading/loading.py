"""Loads the reader and the reranker that READER_MODEL and RERANKER_MODEL name."""

from __future__ import annotations

from pathlib import Path

from qa.reading.protocol import Reader, ReadingModels, Reranker
from qa.reading.span_reader import SHIPPED, WEIGHTS, SentenceEmbedder, SentenceReader, SpanReader

NONE = "none"


def load_models(reader_name: str, reranker_name: str, embedder: SentenceEmbedder) -> ReadingModels:
    """Load reader and reranker; where both settings name the same weights, they are loaded once.

    Raises SettingsError if a model cannot be loaded or is of the wrong kind.
    """
    reader = load_reader(reader_name, embedder)
    if _has_span_weights(reranker_name) and reranker_name == reader_name:
        return ReadingModels(reader, _scoring(reader))
    return ReadingModels(reader, load_reranker(reranker_name))


def load_reader(name: str, embedder: SentenceEmbedder) -> Reader:
    """Load the reader that READER_MODEL names: `verbatim`, `none`, or a model's folder or Hugging Face name.

    A model is an extractive question-answering model. A folder with `reader.safetensors` holds weights for the bundled
    encoder, as written by `training.train_reader`. Raises SettingsError if there is no such model.
    """
    if name == NONE:
        return SentenceReader(embedder)
    if _has_span_weights(name):
        return _span_reader(name)
    from qa.reading.hub_readers import load_hub_reader

    return load_hub_reader(name)


def load_reranker(name: str) -> Reranker | None:
    """Load the reranker that RERANKER_MODEL names: `verbatim`, `none`, or a model's folder or Hugging Face name.

    A model is a cross-encoder, or a folder of weights as for `load_reader`. Returns None for `none` and for weights
    that score no passages. Raises SettingsError if there is no such model.
    """
    if name == NONE:
        return None
    if _has_span_weights(name):
        return _scoring(_span_reader(name))
    from qa.reading.hub_rerankers import load_hub_reranker

    return load_hub_reranker(name)


def _has_span_weights(name: str) -> bool:
    return name == SHIPPED or (Path(name) / WEIGHTS).exists()


def _span_reader(name: str) -> SpanReader:
    return SpanReader(None if name == SHIPPED else Path(name))


def _scoring(reader: Reader) -> Reranker | None:
    return reader if isinstance(reader, SpanReader) and reader.scores_passages else None
