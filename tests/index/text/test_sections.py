"""Headings and sections are those that a reader sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.blocks import blocks
from index.text.sections import sections, text_headings, title_line
from tests.index.texts import TEXTS

PROSE = "The harbour was quiet that evening, and only a few boats were still out at sea."


def read(
    text: str, cuts: tuple[int, ...] = (), markdown: bool = True, title: str | None = None
) -> list[tuple[str, str]]:
    """Return the heading path and text of each section."""
    return [(s.heading, text[s.start : s.end]) for s in sections(text, cuts, markdown, title)]


def test_headings_lie_between_sections() -> None:
    """ATX and setext headings end a section, and are the heading path of the next one."""
    text = "Intro.\n\n# Top\n\nOne.\n\nSub *x* `y`\n---\nTwo.\n\n### Deep ###\nThree.\n\n# Next\nFour."
    assert read(text) == [
        ("", "Intro."),
        ("Top", "One."),
        ("Top > Sub x y", "Two."),
        ("Top > Sub x y > Deep", "Three."),
        ("Next", "Four."),
    ]


def test_the_title_is_not_part_of_the_path() -> None:
    """A heading that is the article's title is not part of the heading paths."""
    assert read("# Top\n\nOne.\n\n## Sub\n\nTwo.", title="Top") == [("", "One."), ("Sub", "Two.")]


def test_code_holds_no_headings() -> None:
    """A number sign in a code block does not start a heading."""
    text = "Run:\n\n```\n# not a heading\n\nmake\n```\n\nDone."
    assert read(text) == [("", text)]


def test_sections_end_where_something_was_deleted() -> None:
    """No section crosses a place where something was deleted."""
    assert read("One.\nTwo.\n", (5,), markdown=False) == [("", "One."), ("", "Two.")]
    assert read("One.\nTwo.\n", (0, 10), markdown=False) == [("", "One.\nTwo.")]


def test_what_markdown_hides_is_not_quoted() -> None:
    """Comments and link definitions are outside of sections; footnotes are inside."""
    text = "One [a].\n\n[a]: https://example.org\n<!-- later -->\n\n[^1]: A note.\n"
    assert read(text) == [("", "One [a]."), ("", "[^1]: A note.")]


def test_plain_text_headings() -> None:
    """A short line between blank lines above prose is a heading, and so is an underlined one."""
    text = f"A Quiet Evening\n\n{PROSE}\n\nThe Boats\n\n{PROSE}\n\nThe Crew\n--------\n{PROSE}\n"
    assert read(text, markdown=False, title="A Quiet Evening") == [
        ("", PROSE),
        ("The Boats", PROSE),
        ("The Crew", PROSE),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Admission is free.",
        "Who looks after the boats?",
        "By Jane Doe",
        "Friday, 13 November 2020",
        "Telephone 555 0199",
        "the captain of the ship",
        "- The Boats",
        "Write to harbour@example.org",
        "There is a line here of more than ten words without any full stop",
    ],
)
def test_doubtful_lines_stay_quotable(line: str) -> None:
    """A line that may be content is not a heading, because headings cannot be quoted."""
    assert text_headings(f"{PROSE}\n\n{line}\n\n{PROSE}\n") == []


def test_a_short_line_above_a_list_or_at_the_end_stays() -> None:
    """A short line without prose below is not a heading."""
    assert text_headings(f"{PROSE}\n\nBring Along\n\n- a coat\n") == []
    assert text_headings(f"{PROSE}\n\nThe Captain\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\nA Quiet Evening\n\n" + PROSE, "A Quiet Evening"),
        ("Why Was It Quiet?\n\n" + PROSE, "Why Was It Quiet?"),
        ("A Quiet Evening\n===\n" + PROSE, "A Quiet Evening"),
        ("A Quiet Evening", None),
        ("It was quiet.\n\n" + PROSE, None),
        ("A Quiet Evening\n" + PROSE, None),
        ("- A Quiet Evening\n\n" + PROSE, None),
        ("x" * 121 + "\n\n" + PROSE, None),
        ("", None),
    ],
)
def test_the_first_line_may_be_the_title(text: str, expected: str | None) -> None:
    """The first line is the title if it is short, unpunctuated and set apart."""
    assert title_line(text) == expected


@given(TEXTS, st.booleans(), st.lists(st.integers(0, 200), max_size=4))
def test_sections_leave_out_headings_only(text: str, markdown: bool, places: list[int]) -> None:
    """Sections are in order, trimmed, not empty and without cuts, and blocks contain all of their text."""
    cuts = sorted(place for place in places if place <= len(text))
    found = sections(text, cuts, markdown)
    end = 0
    for section in found:
        piece = text[section.start : section.end]
        assert end <= section.start < section.end
        assert piece == piece.strip()
        assert not any(section.start < cut < section.end for cut in cuts)
        assert "".join("".join(piece[b.start : b.end] for b in blocks(piece)).split()) == "".join(piece.split())
        end = section.end


@given(st.lists(st.sampled_from([PROSE, "One two.", "- item", "1. x", "", "    code", "> said"]), max_size=10))
def test_text_without_headings_is_all_quotable(rows: list[str]) -> None:
    """In a text without headings every word is in a section."""
    text = "\n".join(rows)
    for markdown in (False, True):
        kept = "".join(text[s.start : s.end] for s in sections(text, (), markdown))
        assert "".join(kept.split()) == "".join(text.split())
