"""The type of the text columns: it refuses what PostgreSQL cannot store, on every engine."""

from __future__ import annotations

import re
from typing import Final

import sqlalchemy as sa

from index.messages.library import TEXT_NOT_STORABLE
from index.models import UserError

_REFUSED: Final = re.compile("[\0\ud800-\udfff]")
_SHOWN: Final = 80  # characters of a refused text in the message


class CleanText(sa.types.TypeDecorator[str]):
    """Text without NUL and without surrogate code points, which neither UTF-8 nor PostgreSQL can represent.

    A statement with such a value raises UserError before it is sent, whatever the engine.
    """

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """Return the value. Raises UserError if it cannot be stored."""
        if value is not None:
            require_storable(value)
        return value


def require_storable(text: str) -> None:
    """Raise UserError if a text has NUL or surrogate code points."""
    try:
        if "\0" not in text:
            text.encode()  # five times as fast as to search for surrogates
            return
    except UnicodeEncodeError:
        pass
    shown = _REFUSED.sub("\N{REPLACEMENT CHARACTER}", text[:_SHOWN])
    raise UserError(TEXT_NOT_STORABLE, text=shown if len(text) <= _SHOWN else f"{shown}…")
