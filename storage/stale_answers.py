"""Finds answers whose quotes are no longer in their articles, and records which were marked."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from storage.answer_rows import answer_from_row
from storage.concurrency import insert_missing, upsert
from storage.models import RETENTION_DAYS
from storage.schema import answers, library_states, marks, sweeps
from storage.stored_answers import StoredAnswer, StoredQuote

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from index.libraries.read_only import ReadOnlyLibraries
    from storage.database import Database

_DAY: Final = 86400


class StaleAnswers:
    """Compares stored answers with the current articles. Use it in the thread that owns `store` and `read_only`."""

    def __init__(self, store: Database, read_only: ReadOnlyLibraries) -> None:
        self._store = store
        self._read_only = read_only

    def unchecked(self) -> list[tuple[str, int]]:
        """Return the libraries whose recorded generation is not the one that was checked, and that generation."""
        state = library_states.c
        query = select(state.library, state.generation).join_from(
            library_states, sweeps, state.library == sweeps.c.library, isouter=True
        )
        changed = sweeps.c.generation.is_distinct_from(state.generation) & (state.generation > 0)
        with self._store.reading() as db:
            return [(row.library, row.generation) for row in db.execute(query.where(changed).order_by(state.library))]

    def have_answers(self, guild_ids: Iterable[int]) -> set[int]:
        """Return those of these servers that have stored answers."""
        with self._store.reading() as db:
            return {
                guild_id
                for guild_id in guild_ids
                if db.execute(select(answers.c.id).where(answers.c.guild_id == guild_id).limit(1)).first()
            }

    def mark_checked(self, generations: Mapping[str, int]) -> None:
        """Record that answers were compared with these generations of libraries."""
        with self._store.writing() as db:
            rows = ({"library": library, "generation": number} for library, number in sorted(generations.items()))
            upsert(db, sweeps, *rows)

    def unmarked_before(self, answer_id: int | None, guild_id: int | None, limit: int) -> list[StoredAnswer]:
        """Return at most `limit` answers that can be marked, newest first.

        With `answer_id` only those with a smaller id, and with `guild_id` only those of one server.
        """
        conditions = [
            answers.c.private.is_(False),
            answers.c.message_id.is_not(None),
            answers.c.shown > 0,
            answers.c.asked_at >= time.time() - RETENTION_DAYS * _DAY,
            answers.c.id.not_in(select(marks.c.answer_id)),
        ]
        if answer_id is not None:
            conditions.append(answers.c.id < answer_id)
        if guild_id is not None:
            conditions.append(answers.c.guild_id == guild_id)
        with self._store.reading() as db:
            query = select(answers).where(*conditions).order_by(answers.c.id.desc()).limit(limit)
            return [answer_from_row(row) for row in db.execute(query)]

    def quoting_missing_articles(self, several: Sequence[StoredAnswer], library: str) -> list[StoredAnswer]:
        """Return the answers that quote an article whose id the library no longer has."""
        ids = self._read_only.ids(library)
        return [answer for answer in several if any(_is_missing(quote, library, ids) for quote in answer.quotes)]

    def relocate_quotes(self, answer: StoredAnswer, library: str) -> int:
        """Move quotes of replaced articles to the same text in the new versions, and store their new places.

        Return how many of the quotes that the message shows are in no version any more.
        """
        ids = self._read_only.ids(library)
        found = [self._relocated(quote) if _is_missing(quote, library, ids) else quote for quote in answer.quotes]
        quotes = tuple(new or old for new, old in zip(found, answer.quotes, strict=True))
        if quotes != answer.quotes:
            self._store.replace_quotes(answer.id, answer.quotes, quotes)
        return sum(quote is None for quote in found[: answer.shown])

    def mark(self, answer_id: int) -> None:
        """Record that the message of an answer says that a source has changed, or cannot be edited to say so."""
        stored = select(answers.c.id).where(answers.c.id == answer_id).with_for_update(key_share=True, read=True)
        with self._store.writing() as db:
            if db.execute(stored).first():
                insert_missing(db, marks, [{"answer_id": answer_id}])

    def _relocated(self, quote: StoredQuote) -> StoredQuote | None:
        article = self._read_only.article_of_source(quote.library, quote.key) if quote.key else None
        return quote.relocated(article) if article else None


def _is_missing(quote: StoredQuote, library: str, ids: Collection[int]) -> bool:
    return quote.library == library and quote.article_id not in ids


def with_source_keys(answer: StoredAnswer, key_of: Callable[[str, int], str | None]) -> StoredAnswer:
    """Return the answer with `key`, the key of the article's source, set in each of its quotes.

    `key_of` returns it for a library and an article id, or None.
    """
    articles = {(quote.library, quote.article_id) for quote in answer.quotes}
    keys = {article: key_of(*article) or "" for article in articles}
    quotes = (replace(quote, key=keys[quote.library, quote.article_id]) for quote in answer.quotes)
    return replace(answer, quotes=tuple(quotes))
