"""The index version of a library: what its vectors have in common."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from index.models import OperatorError
from index.passages import batch_embedding
from index.sources.loader import LOADER_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.catalog.store import Catalog
    from index.passages.embedder import Embedder


@dataclass(frozen=True, slots=True)
class IndexVersion:
    """The embedding model, chunker and parsers behind a library's vectors; vectors of two models cannot be compared.

    The catalogue stores the version of the newest passages under the key "epoch", and each article its own.
    """

    model: str
    revision: str
    dimension: int
    chunker: str
    parser: str = ""  # the empty string for a library of before there was this field

    @classmethod
    def of(cls, embedder: Embedder) -> IndexVersion:
        """Return the version of what this embedder would write."""
        chunker = batch_embedding.chunker_name(embedder)
        return cls(embedder.name, embedder.revision, embedder.dimension, chunker, str(LOADER_VERSION))

    @classmethod
    def read(cls, stored: str) -> IndexVersion:
        """Parse what `str` returned."""
        return cls(**json.loads(stored))

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    def shares_vectors(self, stored: str | None) -> bool:
        """Whether a stored version gives the same passages and vectors of a text: only its parser may differ."""
        return stored is not None and replace(IndexVersion.read(stored), parser=self.parser) == self

    def is_comparable(self, other: IndexVersion) -> bool:
        """Whether vectors of both come from the same model, so that they can be compared."""
        return (self.model, self.revision, self.dimension) == (other.model, other.revision, other.dimension)

    def comparable_ones(self, stored: Sequence[str | None]) -> list[str | None]:
        """Return those of some stored versions that are comparable; so is None, from before they were recorded."""
        return [one for one in stored if one is None or self.is_comparable(IndexVersion.read(one))]

    @property
    def digest(self) -> str:
        """A short name for file names."""
        return blake2b(str(self).encode(), digest_size=6).hexdigest()


def require_version(catalog: Catalog, stored: str | None, current: IndexVersion, library: str) -> None:
    """Raise OperatorError if a library holds vectors of another embedding model than the current one.

    `stored` is the library's index version. Passages of an earlier chunker can be searched beside new ones, until they
    are updated.
    """
    if stored is None or stored == str(current) or not catalog.has_passages():
        return
    was = IndexVersion.read(stored)
    if was.is_comparable(current):
        return
    message = (
        f"The library {library!r} was built with the embedding model {was.model!r} (revision {was.revision}); "
        f"EMBEDDING_MODEL is now {current.model!r}. "
        f"Run `python bot.py reindex --library {library}` to rebuild it, or set EMBEDDING_MODEL back."
    )
    raise OperatorError(message)
