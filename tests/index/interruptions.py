"""Changes that happen while a library embeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from index.libraries.library import Library
from tests.small_embedder import SmallEmbedder


def between(library: Library, change: Callable[[], object]) -> Callable[[], SmallEmbedder]:
    """Return an embedder that makes a change elsewhere, once, before it embeds for this library."""
    pending = [change]

    class Embedder(SmallEmbedder):
        def passages(self, texts: Sequence[str]) -> np.ndarray:
            if pending:
                pending.pop()()
            return super().passages(texts)

    library._embedder = Embedder
    return Embedder
