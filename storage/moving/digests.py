"""Counts and digests of what tables hold, which are the same for the same rows in any database."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from storage.moving.rows import batches, key_columns, value_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

_BYTES: Final = 16
_MODULUS: Final = 1 << (8 * _BYTES)


class TableDigest(NamedTuple):
    """The number of rows of a table, and the sum of their digests (128-bit BLAKE2b), which no order changes."""

    rows: int
    digest: int


def digest_tables(
    db: sa.Connection, tables: Sequence[sa.Table], on_step: Callable[[], object] = lambda: None
) -> dict[str, TableDigest]:
    """Return the digest of each table by its name; every row is read. `on_step` is called after each table."""
    found = {}
    for table in tables:
        columns = [*key_columns(table), *value_columns(table)]
        rows, digest = 0, 0
        for some in batches(db, table, columns):
            rows += len(some)
            digest += sum(map(_digest, some))
        found[table.name] = TableDigest(rows, digest % _MODULUS)
        on_step()
    return found


def _digest(row: tuple[Any, ...]) -> int:
    content = b"".join(map(_encode, row))
    return int.from_bytes(hashlib.blake2b(content, digest_size=_BYTES).digest(), "little")


def _encode(value: Any) -> bytes:
    """Return the bytes of a value with its kind and length, so that no two rows have the same."""
    if isinstance(value, bytes):
        return b"b%d:%b" % (len(value), value)
    if isinstance(value, str):
        encoded = value.encode("utf-8", "surrogatepass")
        return b"s%d:%b" % (len(encoded), encoded)
    return f"{type(value).__name__}:{value!r};".encode()
