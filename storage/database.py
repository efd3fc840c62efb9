"""The bot's memory: answers, server settings and silenced threads, in discord.db or a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import select

from index.catalog.engine import write_transaction
from index.trusted_clock import ClockReading, system_clock
from storage.accepted_questions import AcceptedQuestions, ForgottenError, Hold, note_answer, note_sent
from storage.answer_queries import AnswerReader
from storage.answer_rows import quotes_from_json, quotes_to_json, row_from_answer
from storage.batches import delete_in_steps
from storage.channel_sources import ChannelSources
from storage.concurrency import insert_missing, one_transaction_each
from storage.contributors import Contributors
from storage.digest_weeks import DigestWeeks
from storage.engine import open_memory
from storage.human_calls import HumanCalls, withdraw_calls_about
from storage.import_counters import ImportCounters
from storage.library_states import LibraryStates
from storage.memberships import Memberships
from storage.models import RETENTION_DAYS
from storage.pins import Pins
from storage.presence import Presence
from storage.question_texts import QuestionTexts
from storage.saved_words import SavedWordsStore
from storage.schema import answers, feedback, human_calls, loads, marks, meta, quiet_threads, word_offers
from storage.server_settings import ServerSettingsStore
from storage.site_imports import SiteImportStore
from storage.staff_messages import StaffMessages, withdraw_member
from storage.stored_answers import StoredAnswer, StoredQuote
from storage.votes import Votes

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Mapping
    from contextlib import AbstractContextManager

_OUTCOME_COLUMNS = frozenset({"question", "outcome", "confidence", "elapsed_ms", "quotes", "shown"})
_DAY = 86400  # seconds


@one_transaction_each
class Database(AnswerReader):
    """Stores answers and silenced threads.

    `server_settings`, `votes`, `pins`, `site_imports`, `import_counters`, `channel_sources`, `contributors` and others
    store the rest.

    Each change is one transaction. Times are those of the process: the clocks of several processes may differ by
    seconds, which matters to none of what is stored here.
    """

    def __init__(self, source: Path | sa.Engine) -> None:
        """Open the file discord.db, or the memory in a PostgreSQL database whose engine this is.

        Raises UserError if the file cannot be read, or if the database is not prepared or cannot be reached.
        """
        self._owned = isinstance(source, Path)
        super().__init__(open_memory(source))
        self.server_settings = ServerSettingsStore(self._engine)
        self.site_imports = SiteImportStore(self._engine)
        self.import_counters = ImportCounters(self._engine)
        self.votes = Votes(self._engine)
        self.pins = Pins(self._engine)
        self.question_texts = QuestionTexts(self._engine)
        self.memberships = Memberships(self._engine)
        self.contributors = Contributors(self._engine)
        self.library_states = LibraryStates(self._engine)
        self.channel_sources = ChannelSources(self._engine)
        self.human_calls = HumanCalls(self._engine)
        self.saved_words = SavedWordsStore(self._engine)
        self.staff_messages = StaffMessages(self._engine)
        self.digest_weeks = DigestWeeks(self._engine)
        self.presence = Presence(self._engine)
        self.accepted_questions = AcceptedQuestions(self._engine)

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Return a context manager of a connection whose changes are one transaction."""
        return write_transaction(self._engine)

    def require_readable(self) -> None:
        """Read from the database. Raises StorageError or sqlalchemy.exc.DatabaseError if that fails."""
        with self.reading() as db:
            db.execute(select(meta.c.key).limit(1)).first()

    def keep(self, answer: StoredAnswer, hold: Hold | None = None) -> int:
        """Store an answer and return its id; it follows none if the one that it follows was deleted.

        Raises TakenOverError, and stores nothing, if another process answers the question, which `hold` names. Stores
        nothing and returns 0 if the member who asked was forgotten meanwhile.
        """
        earlier = select(answers.c.id).where(answers.c.id == answer.follows)
        row = row_from_answer(answer) | {
            "follows": earlier.with_for_update(key_share=True, read=True).scalar_subquery()
        }
        try:
            with self.writing() as db:
                key = int(db.execute(answers.insert().values(row).returning(answers.c.id)).scalar_one())
                if hold:
                    note_answer(db, hold, key)
        except ForgottenError:
            return 0
        return key

    def note_sent(
        self, answer_id: int, hold: Hold | None, *, last: bool, together: Collection[int] = (), **values: object
    ) -> None:
        """Set columns of an answer that was sent, and delete the question that `hold` names if it was the last one.

        The stored questions that were answered `together` with it are deleted too.
        """
        with self.writing() as db:
            db.execute(answers.update().where(answers.c.id == answer_id).values(**values))
            if hold:
                note_sent(db, hold, last=last, together=together)

    def update(self, answer_id: int, **values: object) -> bool:
        """Set columns of an answer, such as its message; return whether the answer exists."""
        with self.writing() as db:
            return db.execute(answers.update().where(answers.c.id == answer_id).values(**values)).rowcount > 0

    def replace_quotes(self, answer_id: int, before: Iterable[StoredQuote], after: Iterable[StoredQuote]) -> bool:
        """Store other quotes of an answer unless it has changed meanwhile; return whether they were stored."""
        own = answers.c.id == answer_id
        with self.writing() as db:
            stored = db.execute(select(answers.c.quotes).where(own).with_for_update()).scalar()
            if stored is None or quotes_from_json(stored) != tuple(before):  # earlier versions wrote it otherwise
                return False
            db.execute(answers.update().where(own).values(quotes=quotes_to_json(after)))
            return True

    def replace(self, answer_id: int, answer: StoredAnswer) -> bool:
        """Replace the outcome of an answer after its question was edited, and delete its votes and marks.

        Returns whether it is stored still: its member may have been forgotten meanwhile.
        """
        row = {name: value for name, value in row_from_answer(answer).items() if name in _OUTCOME_COLUMNS}
        with self.writing() as db:
            for table in (feedback, marks):
                db.execute(table.delete().where(table.c.answer_id == answer_id))
            return db.execute(answers.update().where(answers.c.id == answer_id).values(row)).rowcount > 0

    def settle(self, found: Mapping[int, tuple[int, int]], unsent: Collection[int]) -> None:
        """Store the channels and messages in which answers were `found`, by their ids, and forget those `unsent`."""
        for answer_id, (channel_id, message_id) in found.items():
            self.update(answer_id, channel_id=channel_id, message_id=message_id)
        if unsent:
            self.forget(*unsent)

    def forget_member_in_steps(self, member_id: int) -> Generator[None, None, int]:
        """Delete a member's questions with their answers, votes, calls and site imports, in steps that are short.

        Return the number of answers deleted. What was posted about them for staff is marked to be deleted.
        """
        self.accepted_questions.forget_member(member_id)
        with self.writing() as db:
            withdraw_member(db, member_id)
        yield
        yield from delete_in_steps(self._engine, feedback, feedback.c.member_id == member_id)
        yield from self.site_imports.forget_member_in_steps(member_id)
        yield from self.saved_words.forget_member_in_steps(member_id)
        yield from self.human_calls.forget_member_in_steps(member_id)
        return (yield from delete_in_steps(self._engine, answers, answers.c.asker_id == member_id))

    def expire_in_steps(self, clock: ClockReading | None = None) -> Generator[None, None, int]:
        """Delete the answers and calls older than RETENTION_DAYS, in steps that are short; return their number.

        Their age is judged by `clock`, by default the system's.
        """
        now = (clock or system_clock()).trusted
        before = now - RETENTION_DAYS * _DAY
        yield from self.human_calls.expire_in_steps(before)
        yield from self.saved_words.expire_in_steps(now)
        yield from self.staff_messages.expire_in_steps(before)
        return (yield from delete_in_steps(self._engine, answers, answers.c.asked_at < before))

    def correct_future(self, clock: ClockReading) -> None:
        """Let what was stored while the clock was ahead count as stored now: it would be kept for years."""
        if clock.future is not None:
            with self.writing() as db:
                for column in (answers.c.asked_at, loads.c.begun_at, human_calls.c.opened_at, word_offers.c.made_at):
                    late = column.table.update().where(column > clock.future)
                    db.execute(late.values({column.name: clock.trusted}))

    def forget(self, *answer_ids: int) -> None:
        """Delete answers and the votes on them, and withdraw the calls for a human about them."""
        with self.writing() as db:
            # Locked, so that nobody opens a call about them meanwhile.
            own = select(answers.c.id).where(answers.c.id.in_(answer_ids)).order_by(answers.c.id)
            db.execute(own.with_for_update())
            withdraw_calls_about(db, answer_ids)
            db.execute(answers.delete().where(answers.c.id.in_(answer_ids)))

    def compare_and_set(self, answer_id: int, **values: bool) -> bool:
        """Set boolean columns of an answer that have other values; return whether they were changed.

        Of two callers that set the same values, only the first gets True.
        """
        other = [answers.c[name].is_not(value) for name, value in values.items()]
        with self.writing() as db:
            change = answers.update().where(answers.c.id == answer_id, *other).values(**values)
            return db.execute(change).rowcount > 0

    def silence_threads(self, threads: Mapping[int, int]) -> None:
        """Stop answering messages in threads that do not address the bot; takes their servers by the threads' ids."""
        with self.writing() as db:
            rows = [{"thread_id": thread_id, "guild_id": guild_id} for thread_id, guild_id in threads.items()]
            insert_missing(db, quiet_threads, rows)

    def is_silenced(self, thread_id: int) -> bool:
        """Whether `silence_threads` was called for a thread."""
        with self.reading() as db:
            return db.execute(select(quiet_threads).where(quiet_threads.c.thread_id == thread_id)).first() is not None

    def forget_server_in_steps(self, guild_id: int) -> Generator[None, None, None]:
        """Delete everything about a server, in steps that are short."""
        yield from delete_in_steps(self._engine, answers, answers.c.guild_id == guild_id)
        with self.writing() as db:
            db.execute(quiet_threads.delete().where(quiet_threads.c.guild_id == guild_id))
        for steps in (self.site_imports, self.human_calls, self.saved_words):
            yield from steps.forget_server_in_steps(guild_id)
        parts = (
            self.accepted_questions,
            self.server_settings,
            self.import_counters,
            self.pins,
            self.channel_sources,
            self.memberships,
            self.staff_messages,
            self.digest_weeks,
        )
        for part in parts:
            part.forget_server(guild_id)
            yield

    def close(self) -> None:
        """Close the file; an engine that was given stays open."""
        if self._owned:
            self._engine.dispose()
