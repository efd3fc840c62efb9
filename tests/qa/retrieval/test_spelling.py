"""Promises of spelling correction: names are spelt as in the articles, and nothing else is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from qa.retrieval.spelling import correct_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.libraries.library import Library
    from index.passages.embedder import Embedder

TEXTS = {
    "Harbour": "The lighthouse of Skarholm is kept by Jón Mar-Eldur. Its lamp was built by Wilhelmina Østergaard.",
    "Shop": "The bookshop in Fennmoor sells postcards. Ida Brandstrup opened it in 1904.",
}


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[list[Library]]:
    made = Libraries(tmp_path_factory.mktemp("spelling"), lambda: embedder)
    for title, text in TEXTS.items():
        made.open(title.lower()).add(draft_from_text(text, key=title, source=title, markdown=False, title=title))
    yield [made.open("harbour"), made.open("shop"), made.open("empty")]
    made.close()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("who is Wilhelmnia?", "who is Wilhelmina?"),
        ("who is Ida Brandstrop?", "who is Ida Brandstrup?"),
        ("where is skarhlom", "where is Skarholm"),
        ("who is idabrandstrup?", "who is ida brandstrup?"),
        ("who is Wilhel mina, and where?", "who is Wilhelmina, and where?"),
        ("skarhlom or Fenmoor?", "Skarholm or Fennmoor?"),
    ],
)
def test_slips_in_names_are_mended(typed: str, meant: str, libraries: list[Library], embedder: Embedder) -> None:
    """A misspelt, joined or split name is corrected to that of a searched library."""
    assert correct_spelling(typed, libraries, embedder) == meant


@pytest.mark.parametrize(
    "question",
    [
        "who is Wilhelmina Østergaard?",
        "jon mareldur",
        "who is Xanthippe?",  # like nothing that is there
        "where is the bookstore?",  # an ordinary word, though one letter group from another
        "what does a postcard cost in 1905?",
        "Card shop?",
        "",
        "?!",
        "\U0001f426 ß 漢字",
    ],
)
def test_what_is_no_slip_stays(question: str, libraries: list[Library], embedder: Embedder) -> None:
    """Correct names, other names, ordinary words and unusual texts are left as typed."""
    assert correct_spelling(question, libraries, embedder) == question


def test_no_library_changes_nothing(libraries: list[Library], embedder: Embedder) -> None:
    """Without a library a question is left as typed."""
    assert correct_spelling("who is Wilhelmnia?", libraries[2:], embedder) == "who is Wilhelmnia?"
