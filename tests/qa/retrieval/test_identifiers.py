"""Promises of identifiers: all spellings of one are equal, and two of a series are told apart."""

from __future__ import annotations

import pytest

from qa.retrieval.identifier_spellings import names, names_another
from qa.retrieval.identifiers import Identifier, identifiers


@pytest.mark.parametrize(
    ("kind", "key", "spellings"),
    [
        ("code", "e114", ["E-114", "e114", "E 114", "e-114"]),
        ("code", "kb5001", ["KB5001", "kb-5001"]),
        ("code", "err404", ["ERR_404", "err404"]),
        ("code", "rtx4090", ["RTX 4090", "rtx 4090", "rtx4090"]),
        ("code", "px80", ["PX-80", "px 80"]),
        ("hexadecimal", "0x8007000e", ["0x8007000E", "0X8007000e"]),
        ("error number", "404", ["error 404", "Error code 404", "err 404"]),
        ("version", "2.0", ["v2.0", "2.0", "version 2.0", "Pebblecast 2.0.0", "V2.0"]),
        ("version", "2.10", ["2.10", "v2.10.0"]),
        ("version", "3", ["v3", "version 3"]),
        ("ordinal", "11", ["the 11th festival", "the eleventh festival"]),
        ("ordinal", "21", ["21st", "twenty-first", "twenty first"]),
        ("weekday", "tuesday", ["Tuesday", "on tue", "Tuesdays", "Tues."]),
        ("weekday", "saturday", ["on sat?", "Sat 9-12"]),
        ("month", "september", ["September", "in sept", "Sep 2020"]),
        ("year", "2019", ["in 2019"]),
        ("numbered name", "windows 11", ["windows 11", "Windows 11"]),
    ],
)
def test_all_spellings_of_an_identifier_are_equal(kind: str, key: str, spellings: list[str]) -> None:
    """Case, hyphens, spaces, a "v", trailing zeros and short forms make no difference."""
    wanted = Identifier(kind, key)  # type: ignore[arg-type]

    assert [text for text in spellings if wanted not in identifiers(text, question=True)] == []


@pytest.mark.parametrize(
    "question",
    [
        "How heavy is 2.5 kg?",
        "Does it cost $3.50?",
        "Who had 3.5 million members?",
        "What happened in the 1970s?",
        "I sat there, may I come in?",
        "Where is 192.168.0.1?",
        "When is July 4th?",
        "Who lived in the 19th century?",
        "What came first?",
        "Is it open at 7.30?",
        "Who lived in AD 70?",
    ],
)
def test_other_numbers_are_no_identifiers(question: str) -> None:
    """Quantities, prices, times, addresses and days of a month name nothing that must match."""
    assert not {one for one in identifiers(question, question=True) if one.kind != "month"}


@pytest.mark.parametrize("question", ["May I come in?", "I sat there, may I come in?", "Sat down, may we start?"])
def test_words_that_are_spelt_like_days_and_months_name_none(question: str) -> None:
    """A word such as "may", "march" or "sat" means a day or month only where its place says so."""
    assert not identifiers(question, question=True)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("e115", "## E-114\nThe water does not drain."),
        ("0x80070050", "The code 0x80070005 means that access is denied."),
        ("version 2.1", "Pebblecast 2.10 needs Python 3.11."),
        ("rtx 4090", "An RTX 4080 is enough."),
        ("error 404", "Error 403 means that the account is locked."),
        ("the 11th festival", "The 12th festival was held in 2015."),
        ("open on tue", "It is open on Mon and Wed."),
        ("in march", "It is closed in April."),
        ("windows 11", "It runs on Windows 10."),
        ("how many in 2019", "In 2015 there were 41 choirs, in 2022 there were 52."),
    ],
)
def test_another_of_the_series_is_recognised(asked: str, text: str) -> None:
    """A text that only names others of the same kind names another."""
    wanted = identifiers(asked, question=True)

    assert any(names_another(text, one, wanted) for one in wanted)
    assert not all(names(text, one) for one in wanted)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("e114", "E-114 and E-115 are faults of the pump."),
        ("v2.1", "Pebblecast 2.1.3 fixes this."),  # the same series
        ("python 3.12", "Pebblecast 2.0 needs Python 3.8 or later."),
        ("open on tue", "The museum is open Mon-Fri, the shop on Saturday."),
        ("open on sunday", "Open daily, on Monday from 12."),
        ("in july", "The pool is open from May to September."),
        ("in 1975", "She was president from 1970 to 1980."),
        ("who founded it in 1987", "Elmar Voss (born 1950) founded it."),  # a year with another role
        ("rtx 4090", "The card needs 850 watts."),
        ("from 1.9 to 2.0", "Version 2.0 removes the old format."),  # one of those that were asked for
    ],
)
def test_what_is_not_another(asked: str, text: str) -> None:
    """Ranges, series and texts that name none of the kind are not about another."""
    wanted = identifiers(asked, question=True)

    assert wanted
    assert not any(names_another(text, one, wanted) for one in wanted)
