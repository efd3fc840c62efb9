"""Promises of the list of ordinary words."""

from __future__ import annotations

from training.common_words import LIST, common_words


def test_words_of_several_collections_are_listed_and_names_are_not() -> None:
    """A word is listed if two collections write it in lower case, with a capital if that is rarer than with one."""
    texts = [
        ("a", "the pumps and the pump. In Trier, in Trier, in Trier. Try Python, or Python, or Python, or Python."),
        ("b", "a pump runs python. xyzzy xyzzy xyzzy"),
        ("c", "the python runs, a python runs"),
    ]

    assert common_words(texts) == ["pump", "Python", "run", "the"]


def test_the_list_has_one_stem_a_line() -> None:
    """The shipped list is sorted, without repeats."""
    stems = [line.lower() for line in LIST.read_text("utf-8").split("\n") if line]

    assert stems == sorted(set(stems))
