"""The error raised for pages that cannot be fetched."""

from __future__ import annotations

from index.models import UserError


class FetchError(UserError):
    """A page could not be fetched. `gone` means that its host says that it does not exist (404 or 410)."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone
