"""Who may use the buttons of a stored answer: those who can see its message."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from storage.schema import answers


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member, and the channel in which they use a button. `guild_id` is None in direct messages."""

    guild_id: int | None
    channel_id: int
    member_id: int


def is_shown_to(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Return the condition that an answer was sent to the viewer's channel, publicly or to them alone."""
    return sa.and_(
        answers.c.guild_id == viewer.guild_id,  # IS NULL for direct messages
        answers.c.channel_id == viewer.channel_id,
        answers.c.private.is_(False) | (answers.c.asker_id == viewer.member_id),
    )
