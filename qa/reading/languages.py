"""Whether the models in use can read the language of a question; the bundled ones read English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.passages.embedder import reads_only_english
from index.text.language import foreign_language
from qa.reading.span_reader import SHIPPED

if TYPE_CHECKING:
    from index.passages.embedder import Embedder
    from qa.reading.protocol import ReadingModels


def unread_language(question: str, embedder: Embedder, models: ReadingModels) -> str | None:
    """Return the ISO 639 code of a question's language if a bundled model is in use and surely does not read it.

    Models of other names are taken to read every language.
    """
    bundled = reads_only_english(embedder) or models.reader.identity.startswith(f"{SHIPPED}-")
    return foreign_language(question) if bundled else None
