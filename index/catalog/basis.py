"""What a change is prepared from before its transaction, and the errors if that has changed in the meantime."""

from __future__ import annotations

from dataclasses import dataclass

from index.models import UserError


class ChangedMeanwhileError(Exception):
    """What a change was prepared from has changed since, so that the change has to be prepared again."""


class SourceChangedError(UserError):
    """A source was removed, or its article replaced, while a new version of it was prepared."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a change is prepared from, before its transaction: compared again once the database is locked.

    `epoch` is the index version that the catalogue had, `article_id` the article of the source. With `unless_changed`
    the change is given up if the source has another article by then, or none.
    """

    epoch: str | None
    article_id: int | None = None
    unless_changed: bool = False
