"""Conversations become articles with whole messages below their authors."""

from __future__ import annotations

import pytest

from index.models import Draft, UserError
from index.sources.chat_log import ChatMessage, draft_from_chat


def draft(*said: tuple[str, str]) -> Draft:
    """Return the draft of a conversation."""
    return draft_from_chat([ChatMessage(*one) for one in said], key="k", source="s", title=" The  ferry ")


def test_messages_are_kept_letter_for_letter() -> None:
    """Messages are kept unchanged, with their author once above several in a row."""
    found = draft(("Ada", "When does it *leave*?"), ("Tom", "At seven."), ("Tom", "Or eight.\nOn Sundays."))

    assert found.text == "Ada\n\nWhen does it *leave*?\n\nTom\n\nAt seven.\n\nOr eight.\nOn Sundays.\n"
    assert found.title == "The ferry"
    quoted = [(section.heading, found.text[section.start : section.end]) for section in found.sections]
    assert quoted == [("Ada", "When does it *leave*?"), ("Tom", "At seven."), ("Tom", "Or eight.\nOn Sundays.")]


def test_a_message_ends_with_itself() -> None:
    """An unclosed code fence and a heading in a message do not affect the next message."""
    found = draft(("Ada", "# Times\nIt leaves.\n```\ncode"), ("Tom", "At seven."))

    assert [section.heading for section in found.sections] == ["Ada > Times", "Tom"]
    assert found.text[found.sections[1].start : found.sections[1].end] == "At seven."


def test_nothing_said() -> None:
    """A conversation without text is refused."""
    with pytest.raises(UserError, match="no text"):
        draft(("Ada", " \n "))
