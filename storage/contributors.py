"""Which members are named in the history of which libraries, so that `/forget` need not open all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.schema import contributors, scanned_libraries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import sqlalchemy as sa


class Contributors:
    """An index of the libraries' histories in discord.db. Each change is one transaction.

    It is a cache: a library is read again if its files have changed since.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def outdated(self, stamps: Mapping[str, str]) -> list[str]:
        """Return the libraries to read: those whose stamp, which changes with their files, is not the recorded one."""
        with self._engine.connect() as db:
            known = {row.library: row.stamp for row in db.execute(select(scanned_libraries))}
        return [library for library, stamp in stamps.items() if known.get(library) != stamp]

    def record(self, library: str, stamp: str, names: Iterable[str]) -> None:
        """Store who is named in the history of a library, as it was with this stamp."""
        with write_transaction(self._engine) as db:
            db.execute(contributors.delete().where(contributors.c.library == library))
            db.execute(scanned_libraries.delete().where(scanned_libraries.c.library == library))
            rows = [{"library": library, "name": name} for name in sorted(set(names))]
            if rows:
                db.execute(contributors.insert(), rows)
            db.execute(scanned_libraries.insert().values(library=library, stamp=stamp))

    def libraries_of(self, name: str) -> list[str]:
        """Return the libraries whose history names somebody."""
        query = select(contributors.c.library).where(contributors.c.name == name).order_by(contributors.c.library)
        with self._engine.connect() as db:
            return list(db.execute(query).scalars())

    def forget(self, name: str, library: str) -> None:
        """Store that a library's history no longer names somebody."""
        own = (contributors.c.library == library) & (contributors.c.name == name)
        with write_transaction(self._engine) as db:
            db.execute(contributors.delete().where(own))
