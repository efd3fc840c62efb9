"""Values of the table `meta`, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from index.catalog.schema import meta

if TYPE_CHECKING:
    import sqlalchemy as sa


def meta_value(db: sa.Connection, key: str) -> str | None:
    """Return a value, or None."""
    return db.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def set_meta(db: sa.Connection, key: str, value: str) -> None:
    """Store a value."""
    if not db.execute(meta.update().where(meta.c.key == key).values(value=value)).rowcount:
        db.execute(meta.insert().values(key=key, value=value))


def delete_meta(db: sa.Connection, key: str) -> None:
    """Delete a value, if there is one."""
    db.execute(meta.delete().where(meta.c.key == key))
