"""Sentences are whole, in order, and cover the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Span
from index.text.sentences import MAX_SENTENCE, cut, sentence_spans
from tests.index.texts import TEXTS


def sentences(text: str, language: str | None = None) -> list[str]:
    """Return the texts of the sentences."""
    return [span.of(text) for span in sentence_spans(text, language)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Kim met Dr. Han on Jan. 3 in the U.S. capital.", "They talked."],
        ["It was Friday (13/11/2020).", "Version 3.14 came out at 9 a.m. sharp."],
        ["“I hope to bring good news. It will not be easy,” he wrote.", "Nobody replied."],
        ['"Why?" she asked.', "He was silent."],
        ["これは文です。", "次の文です。"],
        ["هل هذا سؤال؟", "نعم."],
        ["Call from 8 a.m. to 9 p.m. ET on weekdays.", "See Vol. 3 for Non-U.S. numbers."],
        ["It ended.[1]", "It began again.[2][3]", "Nobody knew.[citation needed]", "It went on.[a]", "So."],
        ["It did.[7]:207", "So it ended.:207", "Nobody knew."],
        ["Wow 😀!", "Good 👍🏽."],
        ["So it says, wrote Mr. Kim. on his account, on Friday.", "Nobody replied."],
        ["i went home.", "then i slept."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(expected: list[str]) -> None:
    """Abbreviations, dates, numbers, quotations and other scripts are split correctly."""
    text = ("" if "。" in expected[0] else " ").join(expected)
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["It costs approx. 9 euros incl. VAT.", "The oven is heated to max. 200 degrees."]),
        (
            "en",
            ["Mira et al. [2011] measured it.", "The firm was est. 1902 by St. Anne's Church, Apt. 4, tel. 555 01."],
        ),
        ("en", ["It opens at 6 a.m.", "Sundays it is closed.", "Call until 9 p.m. Monday or 8 p.m. ET."]),
        ("en", ["Add 2 tsp.", "Salt is last.", "Written in ASP.NET, in ../menu/today.txt.", "Yahoo! praised it."]),
        ("en", ["The steps are: 1. Open the lid.", "2. Pour.", "3. Close it.", "Come on the 23rd. May, if possible."]),
        ("en", ["**Default password.**", "It is *short.*", "**Never copy it.**", "See ![the map](./map.png) first."]),
        ("en", ["see the settings.", "just click it.", "You can go home.", "then come back."]),
        (
            "de",
            [
                "Am 3. Oktober kam die 1. Mannschaft des 19. Jahrhunderts.",
                "Sie siegte.",
                "Danach z. B. Herr Dr. h. c. Uhl.",
            ],
        ),
        (
            "de",
            [
                "Es waren genau 12.",
                "Die Fa. Kühn u. a. Firmen zahlten bzw. liehen ca. 3 Mio. Euro.",
                "Das war 1987.",
                "Er ging.",
            ],
        ),
        ("de-AT", ["»Ist das wahr?«", "»Ja.«", "„Ich gehe. Du bleibst“, sagte er.", "Sie nickte."]),
        ("fr", ["M. Dupont et Mme Roux arrivent à env. 9 h.", "« Est-ce vrai ? »", "Oui !", "Il y en a."]),
        ("es", ["La Sra. Gil y el Sr. Ruiz viven en la Av. Sol.", "¿Cuánto cuesta?", "¡Nada!", "Véase el art. 5."]),
        ("it", ["Il sig. Rossi paga L. 500 secondo l'art. 4 del codice.", "È caro.", "Che bello!"]),
        ("pt", ["O Sr. Lima e a Dra. Reis moram na Av. Norte, n. 5.", "É longe.", "Não há nada."]),
        ("nl", ["Dhr. Smit en mevr. Bos betalen o.a. de huur, d.w.z. 5 euro.", "Dat is veel."]),
        ("ru", ["А. С. Пушкин родился в Москве, на ул. Немецкой.", "В 1811 г. Пушкин учился.", "Это было давно."]),
        ("ru", ["Там были книги, тетради и т. д.", "Потом всё увезли в далёкий город в 1990 г.", "Больше ничего."]),
        ("zh", ["村长说：“桥开了。”", "老人们很高兴。", "“我等了十年。”周奶奶说。", "桥很长！", "真的？"]),
        (
            "ja",
            ["館長は「客は家族です。」と言った。", "料金は五百円（子どもは無料。）。", "「はい。」", "彼は笑った。"],
        ),
    ],
)
def test_each_language_has_its_own_rules(language: str, expected: list[str]) -> None:
    """Abbreviations, initials, ordinals and quotations are those of the language."""
    assert sentences(("" if language in {"zh", "ja"} else " ").join(expected), language) == expected


def test_one_long_line_does_not_part_a_wrapped_paragraph() -> None:
    """An address that could not be wrapped does not make the other line breaks intended ones."""
    text = (
        "The boat to the island is run by the town and leaves from\nMarket Street every hour between six and ten. "
        "The captain is\nEdda Falk, who took over from an uncle in the autumn of\n2009. "
        "Tickets are sold on board, and also at\n"
        "https://boats.example.org/island/summer/all-stops-and-prices.html?language=en&print=1&year=2024&page=1\n"
        "only, never at the station on the hill. The trip takes\n40 minutes."
    )
    assert [" ".join(each.split()) for each in sentences(text)] == [
        "The boat to the island is run by the town and leaves from Market Street every hour between six and ten.",
        "The captain is Edda Falk, who took over from an uncle in the autumn of 2009.",
        (
            "Tickets are sold on board, and also at https://boats.example.org/island/summer/all-stops-and-prices.html?"
            "language=en&print=1&year=2024&page=1 only, never at the station on the hill."
        ),
        "The trip takes 40 minutes.",
    ]


def test_wrapped_lines_are_one_sentence() -> None:
    """A line break inside a sentence does not end it."""
    text = "The old lighthouse at the end of the pier was\nbuilt by Mr.\nSmith. It still\nstands."
    assert sentences(text) == [text[:65], "It still\nstands."]


def test_lines_that_stand_for_themselves_are_sentences() -> None:
    """Verses, list items, table rows and a title above its text end with their line."""
    assert sentences("- one thing\n- another thing\n  in two lines\n3. third") == [
        "- one thing",
        "- another thing\n  in two lines",
        "3. third",
    ]
    assert sentences("Opening hours\nThe museum is open every day of the week from nine to five.") == [
        "Opening hours",
        "The museum is open every day of the week from nine to five.",
    ]
    assert sentences("| a | b |\n|---|---|\n| c. D | e |") == ["| a | b |\n|---|---|", "| c. D | e |"]
    assert sentences("Run this:\n\n```\na. B\n\nc\n```") == ["Run this:", "```\na. B\n\nc\n```"]


def test_a_list_marker_is_no_sentence() -> None:
    """The number of a list item stays with its text."""
    assert sentences("1. Press the button. Then wait.\n2. Go.") == ["1. Press the button.", "Then wait.", "2. Go."]


def test_a_long_quotation_is_split_inside() -> None:
    """A long quotation is split into its sentences."""
    said = ["“It was a long way home.", *["We walked on through the rain and the wind."] * 12, "We came.”"]
    assert sentences(" ".join(said)) == said


def test_text_without_punctuation_is_bounded() -> None:
    """A text without punctuation is cut at white space, and a text without white space anywhere."""
    assert all(len(part) <= MAX_SENTENCE for part in sentences("word " * 3000))
    assert all(part.strip("word ") == "" and part.endswith("word") for part in sentences("word " * 3000))
    assert [len(part) for part in sentences("x" * 2500)] == [1000, 1000, 500]


def test_a_very_long_paragraph_is_split_like_a_short_one() -> None:
    """The length of a paragraph does not change its sentences."""
    said = ["Mr. Kim met Dr. Han on Jan. 3 in the U.S. capital.", "They talked for a long time."] * 400
    assert sentences(" ".join(said)) == said


def test_a_cut_keeps_combined_characters_together() -> None:
    """A character is not separated from its accents and joiners."""
    text = "e\u0301" * 8
    assert [span.of(text) for span in cut(text, Span(0, 16), 5)] == ["e\u0301" * 2] * 4


@given(TEXTS)
def test_sentences_are_the_text(text: str) -> None:
    """Sentences are in order, trimmed, do not overlap, and leave out nothing but white space."""
    spans = sentence_spans(text)
    assert all(span.start < span.end for span in spans)
    assert all(span.of(text) == span.of(text).strip() for span in spans)
    ends = [0, *(span.end for span in spans)]
    starts = [*(span.start for span in spans), len(text)]
    assert all(text[end:start].strip() == "" and end <= start for end, start in zip(ends, starts, strict=True))


@given(TEXTS, st.integers(1, 30))
def test_cut_pieces_are_the_text(text: str, limit: int) -> None:
    """Cut pieces are within the limit and leave out nothing but white space."""
    pieces = cut(text, Span(0, len(text)), limit)
    assert all(0 < piece.end - piece.start <= limit for piece in pieces)
    assert "".join("".join(piece.of(text) for piece in pieces).split()) == "".join(text.split())
