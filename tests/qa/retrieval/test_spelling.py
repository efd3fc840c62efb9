"""Promises of spelling correction: names are spelt as in the articles, and nothing else is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from qa.retrieval.spelling import Corrected, correct_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.libraries.library import Library
    from index.passages.embedder import Embedder

TEXTS = {
    "Harbour": "The lighthouse of Skarholm is kept by Jón Mar-Eldur. Its lamp was built by Wilhelmina Østergaard.",
    "Shop": (
        "The bookshop in Fennmoor sells postcards. Ida Brandstrup opened it in 1904. The double decker of Anna Kagarde "
        "stops there. It may be fortuitous that water vapor never harmed the manuscripts. A lamp is on the power "
        "point. The elongated room is upstairs."
    ),
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
        ("who is Ida Brendstrup?", "who is Ida Brandstrup?"),
        ("where is skarhlom", "where is Skarholm"),
        ("who is idabrandstrup?", "who is ida brandstrup?"),
        ("who is Wilhel mina, and where?", "who is Wilhelmina, and where?"),
        ("skarhlom or Fenmoor?", "Skarholm or Fennmoor?"),
        ("who wrote the manusrcipts?", "who wrote the manuscripts?"),  # an ordinary word, typed like one
    ],
)
def test_slips_in_names_are_mended(typed: str, meant: str, libraries: list[Library], embedder: Embedder) -> None:
    """A misspelt, joined or split name is corrected to that of a searched library."""
    corrected = correct_spelling(typed, libraries, embedder)

    assert (corrected.text, corrected.doubtful) == (meant, False)
    assert corrected.about() is not None


@pytest.mark.parametrize(
    "question",
    [
        "who is Wilhelmina Østergaard?",
        "jon mareldur",
        "who is Xanthippe?",  # like nothing that is there
        "where is the bookstore?",  # an ordinary word, though one letter group from another
        "what does a postcard cost in 1905?",
        "Card shop?",
        "What is Valorant?",  # names that are like ordinary words
        "Who made Fortnite?",
        "What is Docker used for?",
        "how do i install docker",
        "Docker",
        "What are Manusrcipts Online?",
        "What does PowerPoint cost?",
        "Who opened the Elon Gated club?",
        "WHO IS XANTHIPPE?",
        "",
        "?!",
        "\U0001f426 ß 漢字",
    ],
)
def test_what_is_no_slip_stays(question: str, libraries: list[Library], embedder: Embedder) -> None:
    """Correct names, other names, ordinary words and unusual texts are left as typed."""
    assert correct_spelling(question, libraries, embedder) == Corrected(question)


def test_what_may_be_another_name_is_doubtful(libraries: list[Library], embedder: Embedder) -> None:
    """A name with another ending is read as the one in the articles, but the question may be about another."""
    corrected = correct_spelling("Who is Kagardo?", libraries, embedder)

    assert corrected == Corrected("Who is Kagarde?", (("Kagardo", "Kagarde"),), doubtful=True)


def test_what_was_read_is_told() -> None:
    """The subject of a follow-up is told in the articles' spelling, with the other words that were corrected."""
    read = (("Skarhlom", "Skarholm"), ("Wilhelmnia", "Wilhelmina"))

    assert Corrected("", read).about() == "Skarholm, Wilhelmina"
    assert Corrected("", read).about("the harbour of Skarhlom") == "the harbour of Skarholm, Wilhelmina"
    assert Corrected("").about("the harbour") == "the harbour"
    assert Corrected("").about() is None


def test_no_library_changes_nothing(libraries: list[Library], embedder: Embedder) -> None:
    """Without a library a question is left as typed."""
    assert correct_spelling("who is Wilhelmnia?", libraries[2:], embedder) == Corrected("who is Wilhelmnia?")
