"""Messages whose words became articles with the consent of their authors, and offers that wait for it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from index.catalog.engine import write_transaction
from storage.batches import change_in_steps, delete_in_steps
from storage.concurrency import one_transaction_each, serialised, upsert
from storage.schema import answers, covered_questions, human_calls, saved_words, word_offers

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Sequence

    import sqlalchemy as sa

OFFER_DAYS: Final = 14
"""How long an offer waits for the consent of the author."""


@dataclass(frozen=True, slots=True)
class OfferedMessage:
    """A message that may become an article; only `chosen` ones do."""

    channel_id: int
    message_id: int
    chosen: bool = True


@dataclass(frozen=True, slots=True)
class WordOffer:
    """Messages of one author that become articles titled `title` if the author agrees. Their words are not stored.

    `maker_id` is the member who made the offer, often the author. `call_id` is the call for a human that the messages
    answer, if any. `request_id` is the message that asks the author.
    """

    guild_id: int
    maker_id: int
    author_id: int
    title: str
    messages: tuple[OfferedMessage, ...]
    made_at: float
    call_id: int | None = None
    request_channel_id: int | None = None
    request_id: int | None = None
    id: int = 0

    @property
    def chosen(self) -> list[OfferedMessage]:
        """The messages that become articles."""
        return [one for one in self.messages if one.chosen]

    def choosing(self, message_ids: Collection[int]) -> WordOffer:
        """Return this offer with these messages chosen."""
        return replace(
            self, messages=tuple(replace(one, chosen=one.message_id in message_ids) for one in self.messages)
        )


@dataclass(frozen=True, slots=True)
class SavedWords:
    """A message whose words are an article titled `title`.

    Attributes:
        author_id: The member who wrote it and agreed; 0 if unknown or forgotten.
        for_all: Whether everybody may read the words, wherever they were written.
        edited_at: When the version that the article has was edited, by Discord's clock; None if it never was.
        call_id: The call for a human that it answers, if any.
        unread: Whether it was edited since, and the bot may not read the new words.
        due: Whether an edit or a deletion is not in the article yet.
        compared: Whether it is known which questions it covers.
    """

    guild_id: int
    channel_id: int
    message_id: int
    author_id: int
    title: str
    for_all: bool
    saved_at: float
    edited_at: float | None = None
    call_id: int | None = None
    unread: bool = False
    due: bool = False
    compared: bool = False
    id: int = 0

    @property
    def link(self) -> str:
        """The address of the message."""
        return f"https://discord.com/channels/{self.guild_id}/{self.channel_id}/{self.message_id}"


@one_transaction_each
class SavedWordsStore:
    """Saved words and offers in discord.db. Each change is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def put_offer(self, offer: WordOffer) -> WordOffer:
        """Store an offer, in place of that with its id if it has one; return it with its id."""
        values: dict[str, Any] = {one.name: getattr(offer, one.name) for one in fields(WordOffer) if one.name != "id"}
        values["messages"] = json.dumps([[one.channel_id, one.message_id, one.chosen] for one in offer.messages])
        with write_transaction(self._engine) as db:
            if offer.id:
                db.execute(word_offers.update().where(word_offers.c.id == offer.id).values(values))
                return offer
            key = db.execute(word_offers.insert().values(values).returning(word_offers.c.id)).scalar_one()
            return replace(offer, id=int(key))

    def offer(self, offer_id: int) -> WordOffer | None:
        """Return an offer, or None."""
        with self._engine.connect() as db:
            row = db.execute(select(word_offers).where(word_offers.c.id == offer_id)).first()
        return _offer(row) if row else None

    def requests_for(self, message_id: int, guild_id: int) -> list[WordOffer]:
        """Return the offers of a server that ask the author of a message."""
        asked = (word_offers.c.guild_id == guild_id) & word_offers.c.request_id.is_not(None)
        with self._engine.connect() as db:
            found = [_offer(row) for row in db.execute(select(word_offers).where(asked))]
        return [one for one in found if any(each.message_id == message_id for each in one.messages)]

    def is_request(self, message_id: int) -> bool:
        """Whether a message asks an author for their words."""
        query = select(word_offers.c.id).where(word_offers.c.request_id == message_id).limit(1)
        with self._engine.connect() as db:
            return db.execute(query).first() is not None

    def drop_offer(self, offer_id: int) -> bool:
        """Delete an offer; return whether it existed."""
        with write_transaction(self._engine) as db:
            return db.execute(word_offers.delete().where(word_offers.c.id == offer_id)).rowcount > 0

    def add(self, words: SavedWords) -> int:
        """Store that a message is an article, in place of what was stored about it; return its number.

        The call for a human that it answers is no longer without an article.
        """
        values = {one.name: getattr(words, one.name) for one in fields(SavedWords) if one.name != "id"}
        with write_transaction(self._engine) as db:
            serialised(db, "saved words", words.message_id)
            db.execute(saved_words.delete().where(saved_words.c.message_id == words.message_id))
            if words.call_id is not None:
                db.execute(human_calls.update().where(human_calls.c.id == words.call_id).values(saved=True))
            return int(db.execute(saved_words.insert().values(values).returning(saved_words.c.id)).scalar_one())

    def get(self, saved_id: int) -> SavedWords | None:
        """Return what is stored under a number, or None."""
        return next(iter(self._select(saved_words.c.id == saved_id)), None)

    def of_messages(self, message_ids: Collection[int]) -> list[SavedWords]:
        """Return those of these messages that are saved."""
        return self._select(saved_words.c.message_id.in_(message_ids))

    def of_server(self, guild_id: int, most: int | None = None) -> list[SavedWords]:
        """Return the saved messages of a server, newest first, all or at most so many."""
        return self._select(saved_words.c.guild_id == guild_id, most)

    def servers(self) -> list[int]:
        """Return the ids of the servers with saved messages."""
        with self._engine.connect() as db:
            return list(db.execute(select(saved_words.c.guild_id).distinct()).scalars())

    def due(self) -> list[SavedWords]:
        """Return the messages whose edit or deletion is not in their article yet."""
        return self._select(saved_words.c.due.is_(True))

    def not_compared(self) -> list[SavedWords]:
        """Return the messages of which it is not known which questions they cover."""
        return self._select(saved_words.c.compared.is_(False))

    def set(self, saved_id: int, **values: object) -> None:
        """Set columns of a saved message."""
        with write_transaction(self._engine) as db:
            db.execute(saved_words.update().where(saved_words.c.id == saved_id).values(**values))

    def drop(self, saved_id: int) -> None:
        """Delete the record of a saved message; the questions that it covered are gaps again."""
        with write_transaction(self._engine) as db:
            found = db.execute(select(saved_words.c.call_id).where(saved_words.c.id == saved_id)).scalar()
            if found is not None:  # `add` changes the call too, before it adds to what is counted here
                db.execute(select(human_calls.c.id).where(human_calls.c.id == found).with_for_update())
            db.execute(saved_words.delete().where(saved_words.c.id == saved_id))
            if found is not None:
                others = db.execute(select(func.count()).where(saved_words.c.call_id == found)).scalar_one()
                db.execute(human_calls.update().where(human_calls.c.id == found).values(saved=others > 0))

    def cover(self, saved_id: int, answer_ids: Iterable[int]) -> None:
        """Store that a saved message answers the questions of these answers, and no others; unknown ids are ignored."""
        with write_transaction(self._engine) as db:
            db.execute(covered_questions.delete().where(covered_questions.c.saved_id == saved_id))
            # Locked, in order, so that nobody deletes them meanwhile.
            query = select(answers.c.id).where(answers.c.id.in_(list(answer_ids))).order_by(answers.c.id)
            stored = db.execute(query.with_for_update(key_share=True, read=True)).scalars().all()
            found = db.execute(saved_words.update().where(saved_words.c.id == saved_id).values(compared=True))
            if found.rowcount:
                rows = ({"answer_id": answer_id, "saved_id": saved_id} for answer_id in stored)
                upsert(db, covered_questions, *rows)

    def uncover(self, saved_ids: Sequence[int]) -> None:
        """Store that saved messages answer nothing any more, because their articles were removed."""
        with write_transaction(self._engine) as db:
            db.execute(covered_questions.delete().where(covered_questions.c.saved_id.in_(saved_ids)))

    def count_of_member(self, member_id: int) -> int:
        """Return how many saved messages a member wrote, and how many offers name them."""
        named = (word_offers.c.author_id == member_id) | (word_offers.c.maker_id == member_id)
        with self._engine.connect() as db:
            counts = (
                db.execute(select(func.count()).select_from(table).where(condition)).scalar_one()
                for table, condition in ((saved_words, saved_words.c.author_id == member_id), (word_offers, named))
            )
            return sum(counts)

    def forget_member_in_steps(self, member_id: int) -> Generator[None, None, None]:
        """Delete the offers that name a member or their question, and their id from saved messages, which stay.

        The calls of the member must still be known.
        """
        named = (word_offers.c.author_id == member_id) | (word_offers.c.maker_id == member_id)
        named |= word_offers.c.call_id.in_(select(human_calls.c.id).where(human_calls.c.asker_id == member_id))
        yield from delete_in_steps(self._engine, word_offers, named)
        own = saved_words.c.author_id == member_id
        yield from change_in_steps(self._engine, saved_words, own, saved_words.update().values(author_id=0))

    def expire_in_steps(self, now: float) -> Generator[None, None, int]:
        """Delete the offers that are older than OFFER_DAYS at `now` (Unix time); return their number."""
        old = word_offers.c.made_at < now - OFFER_DAYS * 86400
        return (yield from delete_in_steps(self._engine, word_offers, old))

    def forget_server_in_steps(self, guild_id: int) -> Generator[None, None, None]:
        """Delete the saved messages and offers of a server, in steps that are short; the articles stay."""
        for table in (word_offers, saved_words):
            yield from delete_in_steps(self._engine, table, table.c.guild_id == guild_id)

    def _select(self, condition: sa.ColumnElement[bool], most: int | None = None) -> list[SavedWords]:
        with self._engine.connect() as db:
            rows = db.execute(select(saved_words).where(condition).order_by(saved_words.c.id.desc()).limit(most))
            return [SavedWords(**{one.name: getattr(row, one.name) for one in fields(SavedWords)}) for row in rows]


def new_offer(
    guild_id: int, maker_id: int, author_id: int, title: str, messages: Iterable[OfferedMessage], call_id: int | None
) -> WordOffer:
    """Return an offer made now, which is not stored yet."""
    return WordOffer(guild_id, maker_id, author_id, title, tuple(messages), time.time(), call_id)


def _offer(row: sa.Row[Any]) -> WordOffer:
    values = {one.name: getattr(row, one.name) for one in fields(WordOffer)}
    values["messages"] = tuple(OfferedMessage(*one) for one in json.loads(row.messages))
    return WordOffer(**values)
