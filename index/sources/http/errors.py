"""The error of a page that cannot be fetched."""

from __future__ import annotations

from index.models import UserError


class FetchError(UserError):
    """A page that cannot be had; `gone` where its host says that there is no such page."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone
