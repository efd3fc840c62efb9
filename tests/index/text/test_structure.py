"""Headings, tables, lists and code of an article are found in its text and sections."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Draft, Span, UserError
from index.parsers.document import Document, to_draft
from index.parsers.html.to_text import rows_of_fragment
from index.parsers.rst import rst_draft
from index.sources.loader import draft_from_text
from index.text.structure import Structure, structure_of
from tests.index.texts import TEXTS

PROSE = "The harbour was quiet that evening, and only a few boats were still out at sea."
CHANGELOG = """# Changelog

What has changed.

## 5.1.0 - 2024-05-21

### Added

- Dark mode.

## 5.0.1

## 5.0.0 *beta*

### Added

- Webhooks.

### Nothing here
"""
STEPS = """To start, do the following:

1. Open the valve.
   Wait for the hiss.

   ```
   valve --open
   ```
2. Choose one of:
   - the red lever
   - the blue lever
3. Leave.

The command is this:

```
leave now
```

- Bring a coat.
- Bring a hat.
"""


def markdown(text: str) -> tuple[str, Structure]:
    """Return the stored text and the structure of a Markdown file."""
    return structure(draft_from_text(text, key="a.md", source="a.md", markdown=True))


def structure(draft: Draft) -> tuple[str, Structure]:
    return draft.text, structure_of(draft.text, draft.sections)


def of(span: Span | None, text: str) -> str | None:
    return span.of(text) if span else None


def names_above(text: str, found: Structure, words: str) -> list[str]:
    """Return the headings above the first place of some words."""
    return [heading.words.of(text) for heading in found.headings_above(text.index(words))]


def test_headings_are_whole_lines_with_their_words() -> None:
    """Each heading has its line, its words without markup of headings, and its level; the title is one, too."""
    text, found = markdown(CHANGELOG)
    assert [(one.line.of(text), one.words.of(text), one.level) for one in found.headings] == [
        ("# Changelog", "Changelog", 1),
        ("## 5.1.0 - 2024-05-21", "5.1.0 - 2024-05-21", 2),
        ("### Added", "Added", 3),
        ("## 5.0.1", "5.0.1", 2),
        ("## 5.0.0 *beta*", "5.0.0 *beta*", 2),
        ("### Added", "Added", 3),
        ("### Nothing here", "Nothing here", 3),
    ]


def test_headings_above_a_place_are_those_of_its_path() -> None:
    """They are outermost first, without the title; a heading directly under another one has that above it."""
    text, found = markdown(CHANGELOG)
    assert names_above(text, found, "What has") == []
    assert names_above(text, found, "Dark mode") == ["5.1.0 - 2024-05-21", "Added"]
    assert names_above(text, found, "Webhooks") == ["5.0.0 *beta*", "Added"]
    assert names_above(text, found, "### Added") == ["5.1.0 - 2024-05-21"]
    assert names_above(text, found, "### Nothing") == ["5.0.0 *beta*"]
    assert found.headings_above(text.index("Webhooks"))[-1].line.start == text.rindex("### Added")
    heading = found.heading_at(text.index("5.0.1"))
    assert heading is not None
    assert heading.words.of(text) == "5.0.1"
    assert found.heading_at(text.index("Dark mode")) is None


RST = f"""=====
Guide
=====

.. contents:: Here

{PROSE}

Install
=======

Options
-------

Upgrade
-------

{PROSE}
"""
PLAIN = f"The Harbour Guide\n\n{PROSE}\n\nOpening hours\n\n{PROSE}\n\nFees\n----\n\nTen for each boat.\n"
PAGE = f"<h1>Guide</h1><p>{PROSE}</p><h2>Install &gt; it</h2><h3>Empty</h3><h3>Sub</h3><p>{PROSE}</p>"


@pytest.mark.parametrize(
    ("draft", "headings", "above"),
    [
        (
            rst_draft(RST, key="k", source="a.rst", title="a"),
            [("Guide", 1), ("Install", 2), ("Options", 3), ("Upgrade", 3)],
            ["Install", "Upgrade"],
        ),
        (
            draft_from_text(PLAIN, key="k", source="a.txt"),
            [("The Harbour Guide", 1), ("Opening hours", 2), ("Fees", 2)],
            ["Fees"],
        ),
        (
            to_draft(Document(rows_of_fragment(PAGE)), key="k", source="a.html", title="Guide", cleaned=False),
            [("Guide", 1), ("Install > it", 2), ("Empty", 3), ("Sub", 3)],
            ["Install > it", "Sub"],
        ),
    ],
    ids=["rst", "text", "html"],
)
def test_headings_of_every_format(draft: Draft, headings: list[tuple[str, int]], above: list[str]) -> None:
    """No mark in the text is needed: the path of the sections and the lines between them are enough."""
    text, found = structure(draft)
    assert [(one.words.of(text), one.level) for one in found.headings] == headings
    assert [one.words.of(text) for one in found.headings_above(draft.sections[-1].start)] == above


def test_tables_have_head_rows_and_introduction() -> None:
    """The delimiter row belongs to neither; the sentence directly above introduces the table."""
    text, found = markdown(f"{PROSE} These are the hours.\n\n| Day | Open |\n|---|---|\n| Mon | 9-12 |\n| Tue | - |\n")
    (table,) = found.tables
    assert of(table.head, text) == "| Day | Open |"
    assert [row.of(text) for row in table.rows] == ["| Mon | 9-12 |", "| Tue | - |"]
    assert of(table.introduction, text) == "These are the hours."
    assert found.table_at(text.index("Tue")) == table
    assert found.table_at(text.index("quiet")) is None


@pytest.mark.parametrize(
    ("rows", "head"),
    [
        ("| Hour | Level |\n| 06:00 | 0.3 m |\n| 07:00 | 0.4 m |", "| Hour | Level |"),
        ("| Name | Desk | Room |\n| Ida | Taxes | upstairs |\n| Per | Parks | cellar |", "| Name | Desk | Room |"),
        ("| Opens | at nine |\n| Closes | at noon |\n| Phone | none |", None),
        ("| 2023 | 4 |\n| 2024 | 5 |\n| 2025 | 6 |", None),
        ("|  |  |\n|---|---|\n| a | 1 |", None),
    ],
)
def test_a_head_without_a_mark_is_recognized(rows: str, head: str | None) -> None:
    """Without a delimiter row, a first row of labels is the head; pairs of name and value have none."""
    text, found = markdown(f"{PROSE}\n\n{rows}\n")
    assert of(found.tables[0].head, text) == head


def test_lists_keep_their_items_whole() -> None:
    """An item has its continuation, code and inner list; inner lists are lists of their own, introduced by the item."""
    text, found = markdown(STEPS)
    steps, levers, things = found.lists
    assert [item.of(text).split("\n")[0] for item in steps.items] == [
        "1. Open the valve.",
        "2. Choose one of:",
        "3. Leave.",
    ]
    assert (steps.ordered, of(steps.introduction, text)) == (True, "To start, do the following:")
    assert "valve --open" in steps.items[0].of(text)
    assert [item.of(text) for item in levers.items] == ["- the red lever", "- the blue lever"]
    assert (levers.ordered, of(levers.introduction, text)) == (False, "2. Choose one of:")
    assert len(things.items) == 2
    assert things.introduction is None
    assert found.list_at(text.index("blue")) == levers
    assert found.list_at(text.index("Leave")) == steps
    assert found.list_at(text.index("The command")) is None
    assert found.list_at(text.index("Bring a hat")) == things


def test_code_has_the_sentence_that_announces_it() -> None:
    """The last sentence of the prose above, or of the list item that the code belongs to."""
    text, found = markdown(STEPS)
    inner, last = found.code
    assert of(last.introduction, text) == "The command is this:"
    assert (of(inner.introduction, text) or "").endswith("Wait for the hiss.")
    assert found.code_at(text.index("leave now")) == last


@given(TEXTS, st.booleans())
def test_any_text_has_a_structure(text: str, is_markdown: bool) -> None:
    """Headings lie in order outside of sections; tables, lists and code inside of one, items inside lists."""
    try:
        draft = draft_from_text(text, key="k", source="s", markdown=is_markdown)
    except UserError:  # it has nothing to quote
        return
    found = structure_of(draft.text, draft.sections)
    starts = [heading.line.start for heading in found.headings]
    assert starts == sorted(starts)
    for heading in found.headings:
        assert heading.line.start <= heading.words.start <= heading.words.end <= heading.line.end
        assert not any(s.start < heading.line.end and heading.line.start < s.end for s in draft.sections)
    spans = [table.span for table in found.tables] + [one.span for one in found.lists]
    for span in spans + [code.span for code in found.code]:
        assert any(s.start <= span.start < span.end <= s.end for s in draft.sections)
    for one in found.lists:
        assert all(one.span.start <= item.start < item.end <= one.span.end for item in one.items)
