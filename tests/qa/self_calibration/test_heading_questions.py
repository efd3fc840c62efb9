"""Promises of headings and FAQ lines as questions."""

from __future__ import annotations

from index.models import Span
from index.sources.loader import draft_from_text
from qa.self_calibration.heading_questions import Shortened, heading_questions, lies_in

HALL = """# Hall rules

The hall belongs to the village.

## 1. Payment

You can pay at the desk in the hall.

### By *card*

Cards are not taken there, only cash is.

## Opening hours

The hall is open from nine to five.

Dogs
====

Can I bring my dog?

Yes, dogs are welcome in the yard at all times.

They must not be alone there.

**Is there water for dogs?**

There is a bowl beside the pump.

Is it clean?
"""
DRAFT = draft_from_text(HALL, key="hall", source="hall.md", markdown=True, title="Hall rules")
QUESTIONS = heading_questions(DRAFT.title, DRAFT.text, DRAFT.sections)


def _asked(text: str, title: str = "Hall rules", *, markdown: bool = True) -> list[str]:
    draft = draft_from_text(text, key="x", source="x", markdown=markdown, title=title)
    return [one.text for one in heading_questions(draft.title, draft.text, draft.sections)]


def test_headings_and_lines_are_asked_with_the_text_below_them() -> None:
    """Each heading, and each paragraph of one line that asks, has the text up to the next one as its answer."""
    found = {one.text: one.answer.of(DRAFT.text) for one in QUESTIONS}

    assert list(found) == [
        "Payment",
        "By card",
        "Opening hours",
        "Can I bring my dog?",
        "Is there water for dogs?",
    ]
    assert found["Opening hours"] == "The hall is open from nine to five."
    assert found["By card"] == "Cards are not taken there, only cash is."
    assert found["Payment"].endswith("only cash is.")  # with the heading below it
    assert found["Can I bring my dog?"].endswith("They must not be alone there.")
    assert found["Is there water for dogs?"] == "There is a bowl beside the pump."


def test_a_question_is_a_whole_line_of_the_article() -> None:
    """The line to leave out has the heading's marks, but not its line feed."""
    lines = [one.line.of(DRAFT.text) for one in QUESTIONS]

    assert lines == [
        "## 1. Payment",
        "### By *card*",
        "## Opening hours",
        "Can I bring my dog?",
        "**Is there water for dogs?**",
    ]


def test_what_asks_for_nothing_is_left_out() -> None:
    """The title, a heading above several questions, one without text or words, and a question in prose do not ask."""
    assert not {"Hall rules", "Dogs", "Is it clean?"} & {one.text for one in QUESTIONS}
    built = "The hall was built of stone that year."

    assert _asked(f"# Hall rules\n\n## 2.1.0 (4 May 2030)\n\n{built}\n") == ["2.1.0 (4 May 2030)"]
    assert _asked(f"# Hall rules\n\n## Empty\n\n## Name\n\nShort.\n\n## 2024\n\n{built}\n\n## The\n\n{built}\n") == []
    assert (
        _asked("Why so? Nobody knows what it is for.\n\nAnd who\nbuilt it?\n\nThe village did so in that year.\n") == []
    )


def test_a_long_section_ends_at_the_next_heading() -> None:
    """Of a heading with much text below other headings only its own text counts."""
    long = "The village keeps this hall open for everybody who lives there. " * 30
    text = f"# Hall rules\n\n## Renting\n\nAsk the keeper for the key.\n\n### Prices\n\n{long}\n"
    draft = draft_from_text(text, key="x", source="x", markdown=True, title="Hall rules")
    found = {one.text: one.answer for one in heading_questions(draft.title, draft.text, draft.sections)}

    assert found["Renting"].of(text) == "Ask the keeper for the key."
    assert found["Prices"].of(text) == long.strip()


def test_plain_text_asks_too() -> None:
    """Underlined headings, and questions in another language, are found without Markdown."""
    text = (
        "Opening hours\n-------------\n\nThe hall is open from nine to five.\n\n"
        "Les chiens sont-ils admis ?\n\nOui, mais seulement dans la cour.\n"
    )

    assert _asked(text, markdown=False) == ["Opening hours", "Les chiens sont-ils admis ?"]


def test_lines_that_ask_are_gone_from_text_and_headings() -> None:
    """The shortened article has everything but these lines, and its sections do not name them."""
    shown = Shortened(DRAFT.text, DRAFT.sections, [one.line for one in QUESTIONS])
    gone = {one.line.of(DRAFT.text) for one in QUESTIONS}

    assert not any(line in shown.text for line in gone)
    assert [row for row in shown.text.split("\n") if row] == [
        row for row in DRAFT.text.split("\n") if row and row not in gone
    ]
    assert {section.heading for section in shown.sections} == {"", "Dogs"}
    assert all(section.start < section.end for section in shown.sections)


def test_answers_are_found_in_the_shortened_text() -> None:
    """A place of the article has the same words there, without the lines that are gone; an empty one is None."""
    shown = Shortened(DRAFT.text, DRAFT.sections, [one.line for one in QUESTIONS])

    for one in QUESTIONS:
        span = shown.moved(one.answer)
        assert span is not None
        if one.text != "Payment":
            assert span.of(shown.text) == one.answer.of(DRAFT.text)
        assert shown.moved(one.line) is None


def test_nothing_left_out_changes_nothing() -> None:
    """Without lines the article is as it was."""
    shown = Shortened(DRAFT.text, DRAFT.sections, [])

    assert (shown.text, shown.sections) == (DRAFT.text, DRAFT.sections)


def test_right_quote_is_short_and_at_least_half_in_the_answer() -> None:
    """A quote that lies mostly outside the answer, beside it, or is longer than 500 characters, is wrong."""
    answer = Span(100, 200)

    assert lies_in(Span(150, 180), answer)
    assert lies_in(Span(50, 150), answer)
    assert not lies_in(Span(49, 150), answer)
    assert not lies_in(Span(200, 220), answer)
    assert not lies_in(Span(0, 501), Span(0, 1000))
