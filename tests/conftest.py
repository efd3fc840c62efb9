"""Fixtures for all tests: the real models, loaded once, and a library of the sample articles."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

# Set before any model library is imported: tests must pass without a network, and must not wait for one.
os.environ["HF_HUB_OFFLINE"] = "1"

import pytest
from hypothesis import settings

from index.libraries.registry import SHARED, Libraries
from index.models import Draft
from index.passages.embedder import Embedder, load_embedder
from index.sources.loader import drafts
from qa.reading.span_reader import load_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qa.reading.protocol import Reader

# No deadline, as the duration of an example depends on the machine; derandomized, so that results are reproducible.
settings.register_profile("verbatim", deadline=None, derandomize=True)
settings.load_profile("verbatim")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """Return the embedding model that ships with Verbatim."""
    return load_embedder("bundled")


@pytest.fixture(scope="session")
def reader(embedder: Embedder) -> Reader:
    """Return the reader that ships with Verbatim."""
    return load_reader("verbatim", embedder)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Libraries]:
    """Return libraries whose shared library has the sample articles. Do not change them."""
    libraries = Libraries(tmp_path_factory.mktemp("sample"), lambda: embedder)
    for item in drafts(str(ROOT / "articles")):
        assert isinstance(item, Draft)
        libraries.open(SHARED).add(item)
    yield libraries
    libraries.close()
