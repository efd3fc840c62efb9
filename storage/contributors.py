"""Which members are named in the history of which libraries, so that `/forget` need not open all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from index.catalog.engine import write_transaction
from storage.concurrency import one_transaction_each
from storage.schema import contributors

if TYPE_CHECKING:
    import sqlalchemy as sa


@one_transaction_each
class Contributors:
    """An index of the libraries' histories in discord.db, filled by `LibraryStates`. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

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
