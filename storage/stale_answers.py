"""Which answers quote what their articles no longer say, and what has been done about it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from storage.database import given_in, stored_quotes
from storage.models import KEPT_DAYS, StoredAnswer, StoredQuote
from storage.schema import answers, marks, sweeps

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from index.libraries.read_only import ReadOnlyLibraries
    from storage.database import Database

_DAY: Final = 86400


class StaleAnswers:
    """Compares answers with the articles of now. Owned by the thread that owns `store` and `read_only`."""

    def __init__(self, store: Database, read_only: ReadOnlyLibraries) -> None:
        self._store = store
        self._read_only = read_only

    def servers(self) -> list[int]:
        """Return the servers in which answers were given."""
        with self._store.reading() as db:
            found = db.execute(select(answers.c.guild_id).where(answers.c.guild_id.is_not(None)).distinct())
            return list(found.scalars())

    def changed(self, library: str) -> int | None:
        """Return the state of a library that answers were not compared with yet, else None; None if it is missing."""
        generation = self._read_only.generation(library)
        with self._store.reading() as db:
            known = db.execute(select(sweeps.c.generation).where(sweeps.c.library == library)).scalar()
        return generation if generation and generation != known else None

    def compared(self, library: str, generation: int) -> None:
        """Note that answers were compared with this state of a library."""
        with self._store.writing() as db:
            db.execute(sweeps.delete().where(sweeps.c.library == library))
            db.execute(sweeps.insert().values(library=library, generation=generation))

    def before(self, key: int | None, guild_id: int | None, most: int) -> list[StoredAnswer]:
        """Return answers that can be marked, newest first, from before the one with this id; of a server, or of all."""
        can_be = [
            answers.c.private.is_(False),
            answers.c.message_id.is_not(None),
            answers.c.shown > 0,
            answers.c.asked_at >= time.time() - KEPT_DAYS * _DAY,
            answers.c.id.not_in(select(marks.c.answer_id)),
        ]
        if key is not None:
            can_be.append(answers.c.id < key)
        if guild_id is not None:
            can_be.append(answers.c.guild_id == guild_id)
        with self._store.reading() as db:
            query = select(answers).where(*can_be).order_by(answers.c.id.desc()).limit(most)
            return [given_in(row) for row in db.execute(query)]

    def touched(self, several: Sequence[StoredAnswer], library: str) -> list[StoredAnswer]:
        """Return the answers that quote an article of a library which is no longer there under its id."""
        there = self._read_only.ids(library)
        return [given for given in several if any(_is_gone(quote, library, there) for quote in given.quotes)]

    def lost(self, given: StoredAnswer, library: str) -> int:
        """Return how many of the quotations that an answer shows are in their articles no more.

        What stands letter for letter in a new version of its article is quoted from there from now on.
        """
        there = self._read_only.ids(library)
        found = [self._again(quote) if _is_gone(quote, library, there) else quote for quote in given.quotes]
        quotes = tuple(new or old for new, old in zip(found, given.quotes, strict=True))
        if quotes != given.quotes:
            self._store.update(given.id, quotes=stored_quotes(quotes))
        return sum(quote is None for quote in found[: given.shown])

    def mark(self, answer_id: int) -> None:
        """Note that an answer says so, or never will."""
        with self._store.writing() as db:
            known = select(marks.c.answer_id).where(marks.c.answer_id == answer_id)
            remembered = select(answers.c.id).where(answers.c.id == answer_id)
            if not db.execute(known).first() and db.execute(remembered).first():
                db.execute(marks.insert().values(answer_id=answer_id))

    def _again(self, quote: StoredQuote) -> StoredQuote | None:
        article = self._read_only.article_of(quote.library, quote.key) if quote.key else None
        return quote.again(article) if article else None


def _is_gone(quote: StoredQuote, library: str, there: Collection[int]) -> bool:
    return quote.library == library and quote.article_id not in there


def rooted(given: StoredAnswer, read_only: ReadOnlyLibraries) -> StoredAnswer:
    """Return an answer whose quotes know the sources of their articles."""
    keys = {(quote.library, quote.article_id): "" for quote in given.quotes}
    keys = {place: read_only.key_of(*place) or "" for place in keys}
    quotes = (replace(quote, key=keys[quote.library, quote.article_id]) for quote in given.quotes)
    return replace(given, quotes=tuple(quotes))
