"""The error raised for pages that cannot be fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.models import UserError

if TYPE_CHECKING:
    from index.messages.sentence import Message, Value


class FetchError(UserError):
    """A page could not be fetched. `gone` means that its host says that it does not exist (404 or 410)."""

    def __init__(self, message: str | Message, /, *, gone: bool = False, **values: Value) -> None:
        super().__init__(message, **values)
        self.gone = gone
