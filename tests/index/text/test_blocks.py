"""Blocks and paragraphs are those that a reader sees."""

from __future__ import annotations

from index.text.blocks import paragraphs
from index.text.sections import sections

PROSE = "The harbour was quiet that evening, and only a few boats were still out at sea."


def test_paragraphs_are_counted_as_a_reader_counts() -> None:
    """A list item, table or code block counts as one paragraph; headings do not count."""
    text = "# T\n\nOne\nwrapped.\n\n- a\n  more\n- b\n1) c\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```\nm\n\nn\n```\nEnd."
    found = [span.of(text) for span in paragraphs(text, sections(text, (), markdown=True))]
    assert found == [
        "One\nwrapped.",
        "- a\n  more",
        "- b",
        "1) c",
        "| x | y |\n|---|---|\n| 1 | 2 |",
        "```\nm\n\nn\n```",
        "End.",
    ]


def test_a_paragraph_may_be_one_long_line() -> None:
    """Long lines that end sentences are paragraphs without blank lines between them."""
    long = PROSE + " " + PROSE
    text = f"{long}\n{long}\n{long}"
    assert [span.of(text) for span in paragraphs(text, sections(text, (), markdown=False))] == [long] * 3
