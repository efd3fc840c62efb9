"""Records answers: without the texts that the server does not keep, and with the message that shows them."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from cogs.messaging.claims import Claim
from index.models import UserError
from storage.models import QuestionPolicy, QuestionText, ServerSettings
from storage.stored_answers import StoredAnswer

_log = logging.getLogger(__name__)


class AnswerRecords:
    """Stores answers, and keeps the texts that are not stored in memory for a while. Lives on the event loop."""

    def __init__(self, store: AsyncStore, bound: QuestionPolicy) -> None:
        """Take the store, and the operator's bound of what is stored of questions."""
        self._store = store
        self._bound = bound

    async def save(self, answer: StoredAnswer, settings: ServerSettings, claim: Claim | None = None) -> StoredAnswer:
        """Store an answer and return it with its id; without one, hence without buttons, if that fails.

        Raises TakenOverError if another process answers the question.
        """
        stored, hold = self._as_stored(answer, settings), claim.hold if claim else None
        try:
            saved = replace(answer, id=await self._store.note(lambda: self._store.database.keep(stored, hold)))
        except (UserError, SQLAlchemyError):
            _log.exception("An answer could not be stored, so it has no buttons")
            return answer
        if saved.id:  # else the member has used `/forget` meanwhile
            self._remember(saved, stored)
        return saved

    async def keep(self, answer: StoredAnswer, settings: ServerSettings) -> StoredAnswer:
        """Store an answer, in place of what was stored under its id, and return it with its id."""
        if not answer.id:
            return await self.save(answer, settings)
        stored = self._as_stored(answer, settings)
        await self._store.run(lambda: self._store.database.replace(answer.id, stored))
        return answer

    async def replace(self, answer: StoredAnswer, settings: ServerSettings) -> None:
        """Store an answer to an edited question in place of what was stored under its id."""
        stored = self._as_stored(answer, settings)
        if await self._store.run(lambda: self._store.database.replace(answer.id, stored)):
            self._remember(answer, stored)

    async def note_message(
        self, answer: StoredAnswer, message_id: int, channel_id: int, claim: Claim | None = None, *, last: bool = True
    ) -> None:
        """Store which message shows an answer, and that its question was answered; a failure is only logged."""
        if not answer.id:
            return
        values = {"message_id": message_id, "channel_id": channel_id, "language": answer.language}
        hold, together = (claim.hold, claim.together) if claim else (None, ())
        note = partial(self._store.database.note_sent, answer.id, hold, last=last, together=together, **values)
        try:
            await self._store.run(note)
            if claim:
                claim.is_over = last
        except (UserError, SQLAlchemyError):
            _log.exception("The message of answer %s could not be stored", answer.id)

    async def forget(self, *answers: StoredAnswer) -> None:
        """Delete answers that are not shown."""
        ids = [one.id for one in answers]
        await self._store.run(lambda: self._store.database.forget(*ids))

    def _as_stored(self, answer: StoredAnswer, settings: ServerSettings) -> StoredAnswer:
        """Return an answer without the text of its question unless the server keeps texts."""
        keeps = settings.question_policy(self._bound).kind is QuestionText.KEPT
        return answer if keeps else replace(answer, question="")

    def _remember(self, answer: StoredAnswer, stored: StoredAnswer) -> None:
        """Keep a text that is not stored in memory for a while, for follow-up questions and edits."""
        if not stored.question:
            self._store.recent_questions.put(answer.id, answer.asker_id, answer.question)
