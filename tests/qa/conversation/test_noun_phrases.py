"""Promises of noun phrases: what a question may be about is found by spelling."""

from __future__ import annotations

import pytest

from qa.conversation.noun_phrases import find_other_name, names, phrases


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is throat cancer?", ["throat cancer"]),
        ("What causes throat cancer?", ["throat cancer"]),
        ("Did the results differ?", ["results"]),
        ("How is ocean crust formed?", ["ocean crust"]),
        ("Tell me about the Silver Coast railway.", ["Silver Coast railway"]),
        ("Does the Museum of Art lend pictures?", ["Museum of Art"]),
        ("What is the history of toilets?", ["history", "toilets"]),
        ("How much was it in 1957?", []),
    ],
)
def test_phrases_of_a_question(text: str, found: list[str]) -> None:
    """Verbs, numbers and words of asking are left out, and names stay whole."""
    assert [phrase.text for phrase in phrases(text)] == found


def test_names_are_runs_of_capitals() -> None:
    """A single capitalized word that begins a sentence is no name; a possessive ending is not part of one."""
    text = "Yesterday Ada Brook-Holt met Ola's aunt in the Bank of Skell. Nobody saw."

    assert [name.text for name in names(text)] == ["Yesterday Ada Brook-Holt", "Ola", "Bank of Skell"]
    assert all(text[name.start :].startswith(name.text) for name in names(text))


def test_another_name_stands_among_the_same_words() -> None:
    """The other name has as many words and the most similar neighbours; without any there is none."""
    text = "The mill was founded by Ida Vance, a farmer. The Lund Valley is wet. The forge was founded by Otto Brandt."
    ida = names(text)[0]

    assert find_other_name(ida, [text]) == "Otto Brandt"
    assert find_other_name(ida, ["Lund Valley sleeps. A farmer met Ida Vance today."]) is None
