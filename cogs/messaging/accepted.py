"""Stores each question before work on it begins, so that another process can answer it if this one ends."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from cogs.messaging.claims import Asked, Claim
from index.models import UserError
from storage.accepted_questions import LIFETIME, AcceptedQuestion, Hold, TakenOverError
from storage.sealing import Sealer

_log = logging.getLogger(__name__)

# Seconds for which an answer waits until its question is stored. An acknowledgement comes after that, and has three.
_PATIENCE: Final = 0.5
_MOST_WAITING: Final = 1000  # questions for the next transaction, if the disk hangs; further ones are not stored
_FINISHING: Final = 10.0  # seconds for which an answered question waits until it is deleted
_NONCES: Final = 2**62
_EXPIRY_SECONDS: Final = 20.0


Resume: TypeAlias = Callable[[AcceptedQuestion, Mapping[str, Any]], Awaitable[None]]
"""Answers a stored question again, by `AcceptedQuestions.answer_once`."""


@dataclass(slots=True)
class _Batch:
    """What the next transaction writes: questions with the futures of their rows, and what was answered."""

    accepted: list[tuple[AcceptedQuestion, asyncio.Future[AcceptedQuestion | None]]] = field(default_factory=list)
    finished: list[int] = field(default_factory=list)
    done: list[asyncio.Future[None]] = field(default_factory=list)


class AcceptedQuestions:
    """The questions that this process answers. Lives on the event loop.

    If they cannot be stored, they are answered all the same.
    """

    def __init__(
        self,
        store: AsyncStore,
        token: str,
        process_id: str,
        living: Callable[[], Awaitable[Collection[str]]] | None = None,
        application_id: Callable[[], int] = lambda: 0,
    ) -> None:
        """Take the secret from which the key is derived, and which processes run: by default this one alone."""
        self._store = store
        self._rows = store.database.accepted_questions
        self._sealer = Sealer(token)
        self._process_id = process_id
        self._find_living = living
        self._living: frozenset[str] = frozenset({process_id})  # as it was when questions of others were looked for
        self._application_id = application_id
        self._active: dict[int, asyncio.Task[object]] = {}
        self._resume: dict[str, Resume] = {}
        self._resuming: dict[int, bool] = {}  # questions of others, and whether the database could be asked about them
        self._batch = _Batch()
        self._writing: asyncio.Task[None] | None = None
        self._leaving = False
        self._troubled = False

    @property
    def is_leaving(self) -> bool:
        """Whether this process leaves its questions to others."""
        return self._leaving

    def resume_with(self, kind: str, resume: Resume) -> None:
        """Register how questions of a kind are answered again."""
        self._resume[kind] = resume

    async def answer_once(self, asked: Asked, answer: Callable[[Claim], Awaitable[None]]) -> None:
        """Store a question, answer it, and delete it; do nothing if it is or was answered elsewhere.

        `answer` reports its own errors. If this process is to leave its questions to others, the task is cancelled.
        """
        task = asyncio.current_task()
        if task is None or asked.question_id in self._active:
            return
        self._active[asked.question_id] = task
        try:
            claim = await self.accept(asked)
            if claim is not None:
                await self._answer(claim, answer)
        finally:
            del self._active[asked.question_id]

    async def _answer(self, claim: Claim, answer: Callable[[Claim], Awaitable[None]]) -> None:
        ids = [claim.stored.question_id]
        try:
            await answer(claim)
        except TakenOverError:
            _log.info("A question in channel %s is answered by another process", claim.stored.channel_id)
        except asyncio.CancelledError:
            if self._leaving:
                await self._quietly(lambda: self._rows.release(ids, self._process_id))
            raise
        except BaseException:
            await self.finish(*ids)
            raise
        else:
            if not claim.is_over:
                await self.finish(*ids)

    async def accept(self, asked: Asked) -> Claim | None:
        """Store a question that the caller answers, and deletes with `finish`; None if it is or was answered elsewhere.

        Use `answer_once` where one task does both. A question of a gone process is not answered before the database
        says that it is still open: its process may have been frozen, and have answered it meanwhile.
        """
        question, is_resumed = self._question(asked), asked.question_id in self._resuming
        stored = await self._write_question(question, is_resumed=is_resumed)
        if is_resumed and stored is question:
            self._resuming[asked.question_id] = False
            return None
        if stored is None:
            return None
        details = asked.details
        if stored.tries:
            details = self.details_of(stored) or details
        return Claim(stored, details, lambda: self._begin(Hold(stored.question_id, stored.holder)))

    async def _write_question(self, question: AcceptedQuestion, *, is_resumed: bool) -> AcceptedQuestion | None:
        """Return a question as it was stored, or itself if that failed or takes long; None if others answer it."""
        if len(self._batch.accepted) >= _MOST_WAITING:
            return question
        future: asyncio.Future[AcceptedQuestion | None] = asyncio.get_running_loop().create_future()
        self._batch.accepted.append((question, future))
        self._write_soon()
        done, _ = await asyncio.wait({future}, timeout=None if is_resumed else _PATIENCE)
        return future.result() if done else question  # one that is still waiting is stored before its deletion

    def _question(self, asked: Asked) -> AcceptedQuestion:
        digest = hashlib.sha256(f"{asked.question_id} {asked.version}".encode()).digest()
        return AcceptedQuestion(
            question_id=asked.question_id,
            kind=asked.kind,
            application_id=self._application_id(),
            guild_id=asked.guild_id,
            channel_id=asked.channel_id,
            member_id=asked.member_id,
            accepted_at=time.time(),
            nonce=int.from_bytes(digest[:8]) % _NONCES,
            sealed=self._sealer.seal(asked.details, _label(asked.kind, asked.question_id)),
            holder=self._process_id,
        )

    async def _begin(self, hold: Hold) -> None:
        try:
            await self._store.note(lambda: self._rows.begin(hold))
        except (UserError, SQLAlchemyError):
            self._report()

    async def finish(self, *question_ids: int) -> None:
        """Delete questions, once they are stored. Failures are logged: they are deleted when their time is over.

        If it takes longer than ten seconds, the caller goes on.
        """
        done = asyncio.get_running_loop().create_future()
        self._batch.finished += question_ids
        self._batch.done.append(done)
        self._write_soon()
        await asyncio.wait({done}, timeout=_FINISHING)

    def _write_soon(self) -> None:
        """Write what is there in one transaction, unless one is under way: it is then in the next one."""
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._batch.accepted or self._batch.finished:
                batch, self._batch = self._batch, _Batch()
                await self._write_batch(batch)
        finally:
            self._writing = None

    async def _write_batch(self, batch: _Batch) -> None:
        questions, resumed = [question for question, _ in batch.accepted], frozenset(self._resuming)
        found: list[AcceptedQuestion | None] = [*questions]
        try:
            found = await self._store.run(
                lambda: self._rows.write(questions, batch.finished, self._process_id, self._living, resumed)
            )
            self._troubled = False
        except (UserError, SQLAlchemyError):
            self._report()
        finally:  # whatever failed, those who wait go on
            for (_, future), stored in zip(batch.accepted, found, strict=True):
                if not future.done():
                    future.set_result(stored)
            for done in batch.done:
                if not done.done():
                    done.set_result(None)

    def _report(self) -> None:
        """Log the exception in progress, once until something could be stored again."""
        if not self._troubled:
            self._troubled = True
            _log.exception("Questions cannot be stored; they are answered, but if the process ends they are lost")

    async def _quietly(self, change: Callable[[], object]) -> None:
        with suppress(UserError, SQLAlchemyError):
            await self._store.run(change)

    def details_of(self, question: AcceptedQuestion) -> dict[str, Any] | None:
        """Return the details of a stored question; None if they were encrypted with another token."""
        return self._sealer.open(question.sealed, _label(question.kind, question.question_id))

    async def left(self, holds: Callable[[int | None], bool]) -> list[tuple[AcceptedQuestion, dict[str, Any]]]:
        """Return the questions of gone processes in the servers that `holds` names, with their details.

        Those that cannot be read any more are deleted, and so is what is too old, but for what seems to be from the
        future: the clock of this machine may not be set yet (see `expire_always`).
        """
        rows, application = self._rows, self._application_id()
        living = self._living = await self._living_now()

        def find() -> list[AcceptedQuestion]:
            rows.expire(time.time(), future=False)
            return rows.left_by_others(application, living)

        found = [one for one in await self._store.run(find) if holds(one.guild_id)]
        readable = [(one, details) for one in found if (details := self.details_of(one)) is not None]
        if gone := {one.question_id for one in found} - {one.question_id for one, _ in readable}:
            _log.warning("%s accepted questions were dropped: the bot's token has changed", len(gone))
            await self._store.run(lambda: rows.drop(gone))
        return readable

    async def expire_always(self) -> None:
        """Delete what is too old, every few seconds until cancelled: also while Discord cannot be reached.

        What seems to be from the future is kept for as long as other questions: before the network is there, the clock
        of a machine that lost its power may be hours behind, and the questions are answered once it is set.
        """
        begun = time.monotonic()
        while True:
            future = time.monotonic() - begun > LIFETIME
            await self._quietly(partial(self._rows.expire, time.time(), future=future))
            await asyncio.sleep(_EXPIRY_SECONDS)

    async def resume(self, question: AcceptedQuestion, details: Mapping[str, Any]) -> None:
        """Answer a question of a gone process again."""
        resume, key = self._resume.get(question.kind), question.question_id
        if key in self._active:
            return
        self._resuming[key] = True
        try:
            if resume is not None:
                await resume(question, details)
        finally:
            was_asked = self._resuming.pop(key)
        # What was not taken over needs no answer any more, for instance because its message was deleted.
        if was_asked:
            await self._quietly(lambda: self._rows.write([], [key], question.holder, ()))

    async def drop(self, question: AcceptedQuestion) -> None:
        """Delete a question that nobody can answer any more."""
        await self._quietly(lambda: self._rows.drop([question.question_id]))

    async def others_live(self) -> bool:
        """Whether another process may take over the questions of this one."""
        try:
            return len(await self._living_now()) > 1
        except (UserError, SQLAlchemyError):
            return False

    async def _living_now(self) -> frozenset[str]:
        return frozenset({self._process_id, *(await self._find_living() if self._find_living else ())})

    def leave(self) -> None:
        """Stop answering; another process goes on."""
        self._leaving = True
        for task in self._active.values():
            task.cancel()


def _label(kind: str, question_id: int) -> str:
    """Return what binds encrypted details to their row."""
    return f"{kind} {question_id}"
