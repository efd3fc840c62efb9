"""Pairs are found under headings and under lines that ask, whatever the format of a FAQ; a section is what answers."""

from __future__ import annotations

import pytest

from index.models import Draft
from index.sources.loader import draft_from_bytes
from training.mined_questions import heading_question, is_english, plain
from training.mined_sections import Pair, pairs_of

LOAN = "A member may keep a drill for seven days, and renew it once if nobody else is waiting for it."
KEY = "The key hangs in the office. Sign the sheet beside it, and bring it back before you leave."
FEE = "The fee is twelve euros for a year. It pays for the rent, the insurance and new blades for the saws."
QUESTIONS = ("How long can I keep a drill?", "Where is the key to the workshop?", "What does membership cost?")

ANSWERS = (LOAN, KEY, FEE)


def listed(form: str, between: str = "\n") -> str:
    """Return the questions and answers, each pair written as `form` says."""
    return between.join(form.format(q, a, n) for n, (q, a) in enumerate(zip(QUESTIONS, ANSWERS, strict=True), 1))


FORMS = {
    "marked.txt": "Tool library\n\n" + listed("Q: {0}\nA: {1}\n"),
    "numbered.txt": "Tool library\n\n" + listed("{2}. {0}\n\n   {1}\n"),
    "bold.md": "# Tool library\n\n" + listed("**{0}**\n\n{1}\n"),
    "bold-above.md": "# Tool library\n\n" + listed("**{0}**\n{1}\n"),
    "paragraphs.txt": "Tool library\n\n" + listed("{0}\n\n{1}\n"),
    "wiki.txt": "Tool library\n\n" + listed("=={0}==\n\n{1}\n"),
    "headings.md": "# Tool library\n\n" + listed("## {0}\n\n{1}\n"),
    "headings.rst": "Tool library\n============\n\n" + listed("{0}\n----------------------------------\n\n{1}\n"),
    "terms.html": f"<html><body><main><h1>Tool library</h1><dl>{listed('<dt>{0}</dt><dd>{1}</dd>', '')}</dl></main>",
}


def draft_of(name: str, text: str) -> Draft:
    kinds = {"txt": "text", "md": "markdown", "rst": "rst", "html": "html"}
    return draft_from_bytes(text.encode(), kinds[name.rpartition(".")[2]], key=name, source=name)  # type: ignore[arg-type]


def found(draft: Draft) -> dict[str, str]:
    return {pair.question: draft.text[pair.start : pair.end] for pair in pairs_of(draft)}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_faq_gives_its_questions_and_answers(name: str) -> None:
    """The span is the answer alone, without the line that asks and without the next question."""
    draft = draft_of(name, FORMS[name])

    assert found(draft) == dict(zip(QUESTIONS, ANSWERS, strict=True))
    assert {pair.kind for pair in pairs_of(draft)} == {"question"}


def test_a_single_question_in_prose_is_rhetoric() -> None:
    """Fewer than three unmarked lines that ask do not make a FAQ."""
    draft = draft_of("essay.txt", f"On tools\n\nWho needs a drill?\n\n{LOAN}\n\n{FEE}\n")

    assert found(draft) == {}


def test_a_table_of_contents_is_no_answer() -> None:
    """Where a list at the top repeats the questions, the place with the answers counts."""
    contents = listed("- {0}", "\n")
    draft = draft_of("faq.txt", FORMS["paragraphs.txt"].replace("library\n", f"library\n\n{contents}\n", 1))

    assert found(draft) == dict(zip(QUESTIONS, ANSWERS, strict=True))


def test_a_question_of_two_sentences_keeps_both() -> None:
    """A numbered question may describe the trouble before it asks."""
    text = FORMS["numbered.txt"].replace(QUESTIONS[1], "The workshop is locked. Where is the key?")

    assert "The workshop is locked. Where is the key?" in found(draft_of("faq.txt", text))


def test_a_marked_line_may_state_the_trouble() -> None:
    """What follows "Q:" counts as a question though it ends with a full stop."""
    text = FORMS["marked.txt"].replace(QUESTIONS[1], "I cannot find the key.")

    assert found(draft_of("faq.txt", text)) == dict(
        zip((QUESTIONS[0], "I cannot find the key.", QUESTIONS[2]), ANSWERS, strict=True)
    )


def test_a_short_section_includes_its_subsections() -> None:
    """A long section ends at its first subheading instead."""
    short = draft_of("a.md", f"# Library\n\n## Lending a drill\n\n{LOAN}\n\n### Late return\n\n{FEE}\n")
    long = draft_of("a.md", f"# Library\n\n## Lending a drill\n\n{LOAN}\n\n### Late return\n\n{FEE * 20}\n")

    assert found(short)["Lending a drill"] == f"{LOAN}\n\n### Late return\n\n{FEE}"
    assert found(long)["Lending a drill"] == LOAN


def test_repeated_headings_are_left_out() -> None:
    """No single section answers a heading that the article has twice."""
    draft = draft_of(
        "a.md", f"# Library\n\n## Drills\n\n### Late return\n\n{LOAN}\n\n## Saws\n\n### Late return\n\n{FEE}\n"
    )

    assert "Late return" not in found(draft)


def test_links_between_pages_are_no_answer() -> None:
    """Lines that only lead elsewhere are cut from the edges of a section."""
    draft = draft_of("a.md", f"# Library\n\n## Lending a drill\n\n{LOAN}\n\n---\n\n[ Top | Up | Next ]\n")

    assert found(draft) == {"Lending a drill": LOAN}


@pytest.mark.parametrize(
    ("path", "question"),
    [
        (("2.1. Returning tools",), "Returning tools"),
        (("Chapter 4: Returning tools",), "Returning tools"),
        (("X11 forwarding",), "X11 forwarding"),
        (("Band saws", "Installation"), "Band saws installation"),
        (("Band saws", "Known issues"), "Band saws known issues"),
        (("Safety",), "Workshop safety"),
        (("Q3: Who repairs the saws?",), "Who repairs the saws?"),
        (("How to return a tool",), "How to return a tool"),
        (("Band saws", "Basic example"), "Band saws basic example"),
        (("How do I …", "… return a tool?"), "How do I return a tool?"),
        (("Subject: (1.4) Who repairs the saws?",), "Who repairs the saws?"),
        (("Command Index",), None),
        (("Band saws", "Introduction"), None),
        (("Introduction", "Installation"), None),
        (("saw.sharpen()",), None),
        (("Saw::sharpen",), None),
        (("class Saw",), None),
        (("Version 2.4.1",), None),
        (("Changes in 3.0",), None),
        (("Release notes for spring",), None),
    ],
)
def test_what_a_heading_asks(path: tuple[str, ...], question: str | None) -> None:
    """Numbers are dropped, generic headings get their parent, and code, versions and mere structure ask nothing."""
    asked = heading_question(path, "Tool library: Workshop")

    assert (asked.question if asked else None) == question


def test_markup_is_no_part_of_a_question() -> None:
    """A question reads as a member would type it."""
    assert plain("## **Q: Can I use `sudo` with [the saw](saw.md)?**") == "Can I use sudo with the saw?"
    assert plain("Using the :ref:`band saw <saw>`") == "Using the band saw"


def test_other_languages_are_told_apart() -> None:
    """English manuals have many of the commonest English words."""
    assert is_english(f"{LOAN} {KEY}")
    assert not is_english("Ein Mitglied darf die Bohrmaschine sieben Tage lang behalten und einmal verlängern.")


def test_pairs_are_in_text_order_and_within_the_article() -> None:
    """Spans can be sliced from the text as stored."""
    draft = draft_of("headings.md", FORMS["headings.md"])
    pairs = pairs_of(draft)

    assert pairs == sorted(pairs, key=lambda pair: pair.start)
    assert all(isinstance(pair, Pair) and 0 <= pair.start < pair.end <= len(draft.text) for pair in pairs)
