"""The types of the columns of the bot's memory, the same on both engines."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

BigInt: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A whole number of 64 bits, as the ids of Discord are; SQLite's INTEGER has as many."""

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


class Words(sa.types.TypeDecorator[str]):
    """Text that may come from members, compared by its bytes.

    NUL and surrogate code points, which PostgreSQL and UTF-8 do not have, are stored as U+FFFD: a question that has
    some is answered like any other. Columns of JSON lose nothing, as JSON escapes such characters.
    """

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Return the type of an engine; PostgreSQL would sort by the rules of a language."""
        return dialect.type_descriptor(sa.String(collation="C" if dialect.name == "postgresql" else None))

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """Return the text as it is stored."""
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """Return a text with U+FFFD in place of each NUL and each surrogate code point."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join(_REPLACEMENT if "\ud800" <= char <= "\udfff" else char for char in text)
    return text.replace("\0", _REPLACEMENT)
