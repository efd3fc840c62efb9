"""Cards respect Discord's limits and quote exactly, whatever the articles contain."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.ui.answer_card import render
from cogs.ui.captions import quote_caption
from cogs.ui.escape import utf16_length
from cogs.ui.layout import layout, message_body
from cogs.ui.truncate import excerpt
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from i18n.phrases import min_confidence_in_words, min_confidences, reaches
from index.models import Span
from qa.outcome import AlsoIn, Answer, Closest, Context, NotCovered, Quote
from tests.cogs.fakes import quote_of
from tests.cogs.reader import read, read_quotes
from tests.cogs.ui.test_escape import MARKDOWN

SENTENCE = "The lighthouse was built in 1871 by Ada Brook, who paid for it herself. "


ADDRESSES = st.sampled_from(
    ["https://a.b/c", "mailto:a@b.example", f"https://a.b/{'x_' * 100}", f"http://a.b/{'ü' * 500}"]
)


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    """Return a quote of arbitrary, sometimes very long text with a highlight."""
    text = draw(MARKDOWN.filter(str.strip))
    text *= draw(st.sampled_from([1, 1, 50, 400]))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    title, source = draw(MARKDOWN), draw(MARKDOWN | st.just("https://a.b/c"))
    places = tuple(AlsoIn(9, title * 20, source, 0, 1) for _ in range(draw(st.sampled_from([0, 1, 30]))))
    made = quote_of(text, title=title * draw(st.sampled_from([1, 20])), source=source, confidence=0.9)
    slices = draw(st.lists(MARKDOWN.filter(str.strip), max_size=4))
    context = tuple(Context("heading", 0, 1, (slice_ * 75)[:75]) for slice_ in slices)
    return replace(
        made,
        highlights=(Span(start, end),),
        also_in=places,
        published=draw(st.sampled_from([None, "2024-05-01"])),
        context=context,
        links=tuple((0, 1, address) for address in draw(st.lists(ADDRESSES, max_size=5))),
        more_steps=draw(st.sampled_from([0, 1, 12])),
    )


@given(st.lists(quotes(), min_size=1, max_size=3), MARKDOWN, st.booleans())
def test_limits_hold_and_quotes_are_exact(several: list[Quote], question: str, show: bool) -> None:
    """No message exceeds 4,000 UTF-16 units or 40 components, and every quote is read as a slice of its article."""
    card = render(Answer(question, 0.9, tuple(several), 1.0), second_quote_confidence=0.5, show_question=show)

    assert sum(utf16_length(text) for text in card.texts) <= 4000
    assert all(utf16_length(text) >= 1 for text in card.texts)
    assert len(list(layout(card).walk_children())) <= 40
    for shown, quote in zip(card.quotes, several, strict=True):
        (seen,) = read_quotes(shown)
        assert seen.text in quote.text
        assert seen.text == quote.text or texts.CUT_AFTER in shown or texts.CUT_BEFORE in shown


# What articles are made of beside plain sentences, in the shape in which it is stored.
CODE = st.sampled_from(["py", "", "c++"]).map(
    lambda name: f"```{name}\ndef light(lamp_1, *args, **kwargs):\n    return `lamp` @ {{'a': [1, 2]}}  # __init__\n```"
)
TABLE = st.integers(1, 60).map(
    lambda rows: "\n".join(["| Day | Fee_a |", "|---|---|", *(f"| {row} | **{row * 7}** kr |" for row in range(rows))])
)
LIST = st.integers(1, 60).map(lambda items: "\n".join(f"{n}. item\n   - [ ] part *{n}*" for n in range(1, items + 1)))
RIGHT_TO_LEFT = st.sampled_from(["مرحبا بالعالم (1871)؟ ", "\u200fשלום, עולם! ", "یک \u202eدو\u202c سه. "]).map(
    lambda text: text * 40
)
JOINED = st.sampled_from(["👩‍👩‍👧‍👦", "🇩🇪", "e\u0301", "👍🏽", "각", "한", "字"]).map(lambda text: text * 900)
SHAPES = st.lists(CODE | TABLE | LIST | RIGHT_TO_LEFT | JOINED | st.just(SENTENCE * 9), min_size=1, max_size=4).map(
    "\n".join
)


def splits(text: str, at: int) -> bool:
    """Whether a cut would split a grapheme cluster or the pair of letters of a flag."""
    after, before = text[at : at + 1], text[:at]
    flags = len(before) - len(before.rstrip("🇩🇪"))
    joins = (unicodedata.combining(after[:1] or " "), after[:1] in "\u200d\ufe0f🏽", before[-1:] == "\u200d")
    return bool(after) and bool(before) and (any(joins) or (after in "🇩🇪" and flags % 2 == 1))


@settings(deadline=None)
@given(st.lists(SHAPES, min_size=1, max_size=3), st.data())
def test_code_tables_lists_and_scripts_in_both_layouts(several: list[str], data: st.DataObject) -> None:
    """Code, tables, lists and all scripts are read exactly, in both layouts and within the limits."""
    made = []
    for text in several:
        start = data.draw(st.integers(0, len(text)))
        marked = Span(start, data.draw(st.integers(start, len(text))))
        made.append(replace(quote_of(text, title=data.draw(SHAPES)), highlights=(marked,), confidence=0.9))
    card = render(Answer("q", 0.9, tuple(made), 1.0), second_quote_confidence=0.5, show_question=True)
    embed = message_body(card, plain=True).embed

    assert embed is not None
    assert utf16_length(embed.description or "") <= 4096
    assert sum(map(utf16_length, card.texts)) <= 4000
    for said in ("\n".join(card.texts), embed.description or ""):
        seen = read_quotes(said)
        assert len(seen) == len(several)
        for one, text in zip(seen, several, strict=True):
            assert "⟦" not in one.text  # nothing is formatted: a fence that is cut opens nothing
            at = text.find(one.text)
            assert at >= 0
            while splits(text, at) or splits(text, at + len(one.text)):
                at = text.find(one.text, at + 1)
                assert at >= 0


def test_a_title_from_right_to_left() -> None:
    """A right-to-left title does not reorder the text beside it."""
    told = quote_caption(quote_of("Lit.", title="מגדלור 12"))
    assert told.startswith("-# **[\u2068מגדלור 12\u2069](<https://example.org/light>)** · paragraph 4 of 14")
    assert quote_caption(quote_of("Lit.", title="Tower 12")).startswith(
        "-# **[Tower 12](<https://example.org/light>)** ·"
    )


@given(quotes())
def test_nothing_is_cut_without_need(quote: Quote) -> None:
    """A single quote of up to 1,500 characters is shown whole."""
    text = quote.text[:1500]
    whole = replace(quote, text=text, end=len(text), highlights=())
    if not text.strip():
        return

    card = render(Answer("q", 0.9, (whole,), 1.0), second_quote_confidence=0.5, show_question=False)

    assert read_quotes(card.quotes[0])[0].text == text


def test_cut_falls_between_sentences() -> None:
    """A quote that is too long ends with a whole sentence, and a mark outside it says that it is cut."""
    text = SENTENCE * 100
    card = render(Answer("q", 0.9, (quote_of(text),), 1.0), second_quote_confidence=0.5, show_question=False)

    (seen,) = read_quotes(card.quotes[0])
    assert seen.text.endswith("paid for it herself.")
    assert len(seen.text) > 3000
    assert f"\n-# {texts.CUT_AFTER}\n-# **" in card.quotes[0]


def test_cut_keeps_the_answering_words() -> None:
    """If the highlight is late in a long passage, the excerpt is taken around it."""
    text = SENTENCE * 100 + "The keeper was Tom Reed. " + SENTENCE * 100
    at = text.index("Tom Reed")
    quote = replace(quote_of(text), highlights=(Span(at, at + 8),))

    card = render(Closest("q", 0.2, (quote,), 1.0), second_quote_confidence=0.5, show_question=False)

    (seen,) = read_quotes(card.quotes[0])
    assert seen.bold == ("Tom Reed",)
    assert seen.text.startswith("The lighthouse was built")
    assert card.quotes[0].startswith(f"-# {texts.CUT_BEFORE}\n> ")


def test_cut_without_sentences_or_spaces() -> None:
    """An excerpt around late words starts at a word if there is no sentence, else between characters."""
    words, letters = "word " * 1000, "x" * 5000
    for text in (words + "here", letters + "here"):
        at = len(text) - 4
        part = excerpt(text, [Span(at, at + 4)], 1000)
        assert part.end == len(text)
        assert 400 < at - part.start < 1000
        assert text[part.start] in "wx"


def test_offsets_are_those_of_the_article() -> None:
    """Highlights are offsets into the article, not into the quote."""
    quote = replace(quote_of("built in 1871"), start=100, end=113, highlights=(Span(109, 113),))

    card = render(Answer("q", 0.9, (quote,), 1.0), second_quote_confidence=0.5, show_question=False)

    assert card.quotes[0].startswith("> built in **1871**")


def test_no_character_is_split() -> None:
    """Without a space to cut at, the cut falls between grapheme clusters."""
    family, flag, letter = "👩‍👩‍👧‍👦", "🇩🇪", "e\u0301"
    for character in (family, flag, letter, "👍🏽", "각"):
        text = character * 3000
        for room in range(200, 240):
            part = excerpt(text, [], room)
            assert part.start == 0
            assert part.end % len(character) == 0
            assert part.end > 0


def test_further_quotes_keep_their_share() -> None:
    """A very long first quote does not displace the others."""
    several = (quote_of(SENTENCE * 200), quote_of("Second."), quote_of(SENTENCE * 200, title="Third"))
    card = render(Answer("q", 0.9, several, 1.0), second_quote_confidence=0.5, show_question=True)

    assert len(card.quotes) == 3
    assert "Second." in card.quotes[1]
    assert len(read_quotes(card.quotes[2])[0].text) > 500
    assert sum(utf16_length(text) for text in card.texts) > 3500


def test_what_was_understood_is_told() -> None:
    """If a follow-up was understood to be about something it does not name, a small line says so, escaped."""
    outcome = Answer("and when?", 0.9, (quote_of("Words."),), 1.0, understood="Ada *Brook*")

    card = render(outcome, second_quote_confidence=0.5, show_question=False)

    assert card.question == "-# " + texts.UNDERSTOOD.format(about="Ada \\*Brook\\*")
    again = render(outcome, second_quote_confidence=0.5, show_question=True)
    assert again.question == f"**and when?**\n{card.question}"


def test_twins_and_contradictions_are_named() -> None:
    """The caption names near duplicates; a differing quote is shown with its day, whatever its confidence."""
    near_duplicates = (AlsoIn(9, "Har*bours*", "https://a.b/c", 5, 60), AlsoIn(10, "Boats", "boats.txt", 0, 5))
    first = replace(quote_of("Forty crowns."), also_in=near_duplicates, published="2023-02-01")
    other = replace(quote_of("Fifty-five crowns."), confidence=0.1, differs=True)

    card = render(Answer("q", 0.9, (first, other), 1.0), second_quote_confidence=0.5, show_question=False)

    assert card.statement == ""
    assert card.footer.startswith(f"{texts.DIFFERENT}\n-# Answer")
    assert card.quotes[0].endswith("· also in [Har\\*bours\\*](<https://a.b/c>), Boats")
    assert "· 1 February 2023 ·" in card.quotes[0]
    assert read_quotes(card.quotes[1])[0].text == "Fifty-five crowns."


def test_outcomes_are_told_apart_in_words() -> None:
    """Each outcome is named in words, and only `answer` is called an answer."""
    quote = quote_of("Words.", confidence=0.1)
    cards = [
        render(outcome, second_quote_confidence=0.5, show_question=False)
        for outcome in (Answer("q", 0.95, (quote,), 1.0), Closest("q", 0.1, (quote,), 1.0), NotCovered("q", 0.0, 1.0))
    ]

    assert (cards[0].statement, cards[0].footer) == ("", "-# Answer, quoted word for word · very high confidence")
    assert cards[1].statement == "**No clear answer.**"
    assert cards[1].footer == (
        f"-# {texts.CLOSEST_WARNING}\n-# Closest passages, quoted word for word · very low confidence"
    )
    assert cards[2].texts == (f"**Not covered.** {texts.NOT_COVERED_HINT}",)


@pytest.mark.parametrize("confidence", [0.0, 0.1, 0.3, 0.5, 0.8, 1.0])
def test_colours_and_words_agree(confidence: float) -> None:
    """Wherever the thresholds are set, nothing green is called low, and nothing yellow anything else."""
    quote = quote_of("Words.", confidence=confidence)
    for language in LANGUAGES:
        with speaking(language):
            sure = [word for _, word in texts.ANSWER_CONFIDENCE]
            unsure = [word for _, word in texts.CLOSEST_CONFIDENCE]
            green, yellow = (
                render(kind("q", confidence, (quote,), 1.0), second_quote_confidence=0.5, show_question=False)
                for kind in (Answer, Closest)
            )
            assert set(sure).isdisjoint(unsure)
            assert green.footer in {f"-# {texts.ANSWER_FOOTER.format(confidence=word)}" for word in sure}
            assert yellow.footer.split("\n")[1] in {f"-# {texts.CLOSEST_FOOTER.format(confidence=w)}" for w in unsure}


def test_words_of_a_floor() -> None:
    """What a server's lowest confidence is called is what the outcomes are called that reach it."""
    assert [(floor, min_confidence_in_words(floor)) for floor in min_confidences()[1:]] == [
        (0.25, "low"),
        (0.5, "good"),
        (0.75, "high"),
        (0.9, "very high"),
    ]
    assert reaches(0.0, 0.0, answers=False)
    assert [reaches(0.25, sure, answers=False) for sure in (0.2, 0.25, 0.6)] == [False, True, True]
    assert reaches(0.25, 0.1, answers=True)  # called "fair", which is more than "low"
    assert [reaches(0.5, sure, answers=True) for sure in (0.49, 0.5)] == [False, True]
    assert not reaches(0.5, 0.6, answers=False)  # called "low", however probable, as the threshold is higher


def test_question_without_words() -> None:
    """A question of spaces and invisible characters leaves no empty bold."""
    card = render(NotCovered(" \n\u200b ", 0.0, 1.0), second_quote_confidence=0.5, show_question=True)

    assert card.question == ""


CONTEXT = (
    Context("heading", 0, 9, "# 5.1.0 *beta* @everyone"),
    Context("introduction", 10, 19, "- Do\nthis <@1>:"),
    Context("table_head", 20, 30, "| Day | Opens |"),
)


def test_context_is_above_the_quote_in_small_type() -> None:
    """Each line of the context's slices is a line of its own that shows its words unchanged, in both layouts."""
    quote = replace(quote_of("1. Turn it."), context=CONTEXT, more_steps=2)
    card = render(Answer("q", 0.9, (quote,), 1.0), second_quote_confidence=0.5, show_question=False)

    lines = card.quotes[0].split("\n")
    assert [line.startswith("-# ") for line in lines] == [True, True, True, True, False, True, True]
    assert [read(line.removeprefix("-# ")).text for line in lines[:4]] == [
        "# 5.1.0 *beta* @everyone",
        "- Do",
        "this <@1>:",
        "| Day | Opens |",
    ]
    assert [seen.text for seen in read_quotes(card.quotes[0])] == ["1. Turn it."]
    assert lines[5] == f"-# {texts.MORE_STEPS.format(count=2)}"
    embed = message_body(card, plain=True).embed
    assert embed is not None
    assert card.quotes[0] in (embed.description or "")


def test_context_leaves_room_for_the_quote() -> None:
    """If a quote is too long for one message, context takes at most a third of it; the outermost headings go first."""
    context = tuple(Context("heading", 0, 1, f"{number}" + "*" * 74) for number in range(4))
    several = tuple(replace(quote_of(SENTENCE * 60), context=context, confidence=0.9) for _ in range(3))
    card = render(Answer("q", 0.9, several, 1.0), second_quote_confidence=0.5, show_question=False)

    assert sum(map(utf16_length, card.texts)) <= 4000
    for shown in card.quotes:
        above = [line for line in shown.split("\n") if line.startswith("-# ") and "\\*" in line]
        assert [line[3] for line in above] == list("0123")[4 - len(above) :]
        assert sum(map(len, above)) <= 1100 // 3 or shown is card.quotes[0]
        (seen,) = read_quotes(shown)
        assert len(seen.text) > 300


def test_one_more_step() -> None:
    """A single further step is announced in the singular; none is announced if the quote has them all."""
    one = render(
        Answer("q", 0.9, (replace(quote_of("1. Go."), more_steps=1),), 1.0),
        second_quote_confidence=0.5,
        show_question=False,
    )
    none = render(Answer("q", 0.9, (quote_of("1. Go."),), 1.0), second_quote_confidence=0.5, show_question=False)

    assert f"\n-# {texts.ONE_MORE_STEP}\n" in one.quotes[0]
    assert texts.ONE_MORE_STEP not in none.quotes[0]


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "it", "pt-BR"])
def test_question_that_the_models_do_not_read_is_told(language: str) -> None:
    """If the models in use do not read the question's language, a small line says so in every outcome."""
    with speaking(language):
        for outcome in (
            Answer("Wann?", 0.9, (quote_of("Words."),), 1.0, unread_language="de"),
            Closest("Wann?", 0.2, (quote_of("Words."),), 1.0, unread_language="de"),
            NotCovered("Wann?", 0.0, 1.0, unread_language="de"),
        ):
            card = render(outcome, second_quote_confidence=0.5, show_question=False)

            assert card.footer.startswith(f"-# {texts.ONLY_ENGLISH}")
            assert texts.ONLY_ENGLISH not in "".join(
                render(replace(outcome, unread_language=None), second_quote_confidence=0.5, show_question=False).texts
            )
