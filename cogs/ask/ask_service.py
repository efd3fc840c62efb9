"""Answers every question, whichever way it was asked: rate limits, the answer, its buttons and its record."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from math import ceil
from typing import Final

import discord
from sqlalchemy.exc import SQLAlchemyError

from cogs.ask.conversation_context import ConversationContext, ConversationContexts
from cogs.ask.message_menu import PostButton
from cogs.core.fair_queue import Turn
from cogs.core.worker import Priority
from cogs.messaging.question_locks import QuestionDeletedError
from cogs.messaging.replies import SILENT, Reply
from cogs.messaging.retry import with_retries
from cogs.services import AnswerControls, Inquiry, Resources
from cogs.ui.answer_card import Card, render, render_sources
from cogs.ui.components import Rows
from cogs.ui.layout import message_body
from i18n import texts
from i18n.languages import in_force, speaking
from index.libraries.library_names import libraries_of
from index.models import UserError
from qa.ask import QuotesChangedError, ask_checked
from qa.outcome import Answer, Closest, NotCovered, Outcome, worth_showing
from storage.models import QuestionPolicy, QuestionText, ServerSettings, StoredAnswer, StoredQuote
from storage.rate_limits import RateLimiter
from storage.stale_answers import with_source_keys

_log = logging.getLogger(__name__)

_MOST_QUOTES: Final = 9  # more than are shown at first, for the pages of further quotes


class AskService:
    """Answers inquiries. Lives on the event loop; retrieval and rendering run on the worker's thread."""

    def __init__(self, resources: Resources, controls: AnswerControls) -> None:
        """Take the resources, and the function that returns an answer's buttons."""
        self._worker = resources.worker
        self._libraries = resources.libraries
        self._answers = resources.answers
        self._store = resources.store
        self._controls = controls
        self._second_quote_confidence = resources.settings.second_quote_confidence
        self._conversations = ConversationContexts(resources.store, resources.settings.conversation_minutes)
        self._question_policy = QuestionPolicy.of_operator(resources.settings.question_days)
        self._busy_seconds = resources.settings.busy_seconds
        self._limits = RateLimiter()

    async def answer(self, inquiry: Inquiry, reply: Reply) -> None:
        """Answer `inquiry` through `reply`.

        Raises UserError if the server is paused, a rate limit is reached or the question has been deleted.
        """
        settings = await self._store.settings(inquiry.guild_id)
        self._check_limits(inquiry, settings)
        context = await self._conversations.for_question(
            inquiry.channel_id, inquiry.replied_to, one_conversation=inquiry.one_conversation
        )
        private = inquiry.private or inquiry.preview
        language = in_force() if private else settings.language or in_force()
        card, answer = await self._compute(inquiry, context, plain=settings.plain, language=language)
        if (inquiry.only_answers and answer.outcome != Answer.name) or answer.confidence < inquiry.min_confidence:
            return
        answer = await self._save(answer, settings)
        with speaking(answer.language):
            rows = self._preview_controls(answer) if inquiry.preview else self._controls(answer, settings)
        try:
            message_id = await reply.show(message_body(card, rows, plain=answer.plain))
        except QuestionDeletedError:
            await self._store.run(lambda: self._store.database.forget(answer.id))
            raise
        await self._save_message(answer, message_id, reply.channel_id)

    def busy_notice(self, guild_id: int | None, member_id: int) -> str | None:
        """Return how long a member's question will take if that is longer than `BUSY_SECONDS`, else None."""
        seconds = self._worker.expected_wait(_turn(guild_id, member_id))
        return texts.BUSY_FOR.format(seconds=5 * ceil(seconds / 5)) if seconds > self._busy_seconds else None

    async def sources(self, inquiry: Inquiry, reply: Reply) -> None:
        """Show the sentences nearest to a statement. Raises UserError if paused or rate limited."""
        settings = await self._store.settings(inquiry.guild_id)
        self._check_limits(inquiry, settings)

        def find() -> Card:
            found = self._answers.sources(inquiry.question, libraries_of(inquiry.guild_id))
            verified = tuple(quote for quote in found.quotes if self._answers.verify(quote))
            return render_sources(replace(found, quotes=verified))

        card = await self._worker.run(find, priority=Priority.ANSWER, turn=_turn(inquiry.guild_id, inquiry.member_id))
        await reply.show(message_body(card, plain=settings.plain))

    async def post(self, answer: StoredAnswer, reply: Reply) -> int:
        """Post a private answer publicly, once, and return the id of the new message.

        Raises UserError if it was posted before or a source has changed since.
        """
        settings = await self._store.settings(answer.guild_id)
        database = self._store.database
        answer = replace(answer, private=False, language=settings.language or in_force())
        with speaking(answer.language):
            card = await self._store.read(lambda: self._render_stored(answer))
            rows = self._controls(answer, settings)
        if not await self._store.run(lambda: database.compare_and_set(answer.id, private=False)):
            raise UserError(texts.POSTED_BEFORE)
        try:
            message_id = await reply.show(message_body(card, rows, plain=answer.plain))
        except BaseException:
            await self._store.run(lambda: database.compare_and_set(answer.id, private=True))
            raise
        await self._save_message(answer, message_id, reply.channel_id)
        return message_id

    async def update_answer(self, answer: StoredAnswer, question: str, message: discord.PartialMessage) -> None:
        """Edit `message`, which shows `answer`, to answer the edited question.

        Raises UserError if the server is paused or a rate limit is reached.
        """
        settings = await self._store.settings(answer.guild_id)
        inquiry = Inquiry(question, answer.asker_id, answer.channel_id, answer.guild_id, answer.question_id)
        self._check_limits(inquiry, settings)
        context = await self._conversations.for_answer(answer)
        card, new = await self._compute(inquiry, context, plain=answer.plain, language=answer.language)
        stored = self._as_stored(new, settings)
        await self._store.run(lambda: self._store.database.replace(answer.id, stored))
        self._remember(replace(new, id=answer.id), stored)
        body = message_body(card, self._controls(replace(new, id=answer.id), settings), plain=answer.plain)
        await with_retries(lambda: message.edit(**body.send_kwargs, allowed_mentions=SILENT))

    def _render_stored(self, answer: StoredAnswer) -> Card:
        """Render a stored answer again. Raises UserError if an article no longer contains a shown quote."""
        read_only = self._store.read_only
        shown = answer.quotes[: answer.shown]
        quotes = tuple(filter(None, (one.quote(read_only.article(one.library, one.article_id)) for one in shown)))
        if len(quotes) < len(shown):
            raise UserError(texts.CHANGED_MEANWHILE)
        outcome: Outcome = NotCovered(answer.question, answer.confidence, answer.elapsed_ms)
        if quotes:
            kind = Answer if answer.outcome == Answer.name else Closest
            outcome = kind(answer.question, answer.confidence, quotes, answer.elapsed_ms)
        return render(outcome, second_quote_confidence=0.0, show_question=False)

    def _preview_controls(self, answer: StoredAnswer) -> Rows:
        """Return the buttons of a private preview that can be posted; none if it could not be stored."""
        if not answer.id:
            return []
        # Without the last row, which is for feedback: nobody else has seen the answer yet.
        reading = self._controls(answer, ServerSettings())[:-1] if answer.quotes else []
        return [*reading, [PostButton(answer.id)]]

    def _check_limits(self, inquiry: Inquiry, settings: ServerSettings) -> None:
        """Count the question. Raises UserError if the server is paused or, with the time left, over a rate limit."""
        if settings.paused:
            raise UserError(texts.PAUSED)
        member, channel, server = settings.quotas
        limits = [(("member", inquiry.member_id), member)]
        if inquiry.guild_id is not None:
            limits += [(("channel", inquiry.channel_id), channel), (("server", inquiry.guild_id), server)]
        waits = [self._limits.wait(*limit) for limit in limits]
        longest = max(waits)
        if longest > 0:
            messages = (texts.MEMBER_LIMIT, texts.CHANNEL_LIMIT, texts.SERVER_LIMIT)
            raise UserError(messages[waits.index(longest)].format(when=relative_time(longest)))
        self._limits.count(*limits)

    async def _compute(
        self, inquiry: Inquiry, context: ConversationContext, *, plain: bool, language: str
    ) -> tuple[Card, StoredAnswer]:
        """Find the answer and render it on the worker's thread; return its card and its record, not stored yet."""
        libraries, article_id = libraries_of(inquiry.guild_id), None
        if inquiry.article:
            libraries, article_id = (inquiry.article[0],), inquiry.article[1]
        threshold, pins = self._second_quote_confidence, await self._store.pins(inquiry.guild_id)

        def compute() -> tuple[Card, StoredAnswer]:
            outcome = ask_checked(
                self._answers,
                inquiry.question,
                libraries,
                context.turns,
                article_id=article_id,
                most=_MOST_QUOTES,
                pins=pins,
            )
            # Rendered here too: a very long passage must not block the event loop.
            with speaking(language):
                card = render(outcome, second_quote_confidence=threshold, show_question=inquiry.show_question)
            answer = stored_answer(inquiry, outcome, len(worth_showing(outcome, threshold)), plain=plain)
            # With the keys of the sources, which are known here: noting the answer must not wait for a catalogue.
            answer = with_source_keys(answer, self._key_of)
            return card, replace(answer, follows=context.follows, language=language)

        try:
            return await self._worker.run(
                compute, priority=Priority.ANSWER, turn=_turn(inquiry.guild_id, inquiry.member_id)
            )
        except QuotesChangedError as error:
            raise UserError(texts.CHANGED_MEANWHILE) from error

    def _key_of(self, library: str, article_id: int) -> str | None:
        """Return the key of an article's first source; runs on the worker's thread."""
        catalog = self._libraries().open(library).catalog
        return next(iter(catalog.sources.keys_of_article(article_id)), None) if catalog else None

    async def _save(self, answer: StoredAnswer, settings: ServerSettings) -> StoredAnswer:
        """Store an answer and return it with its id; without one, hence without buttons, if that fails."""
        stored = self._as_stored(answer, settings)
        try:
            saved = replace(answer, id=await self._store.run(lambda: self._store.database.keep(stored)))
        except (UserError, SQLAlchemyError):
            _log.exception("An answer could not be stored, so it has no buttons")
            return answer
        self._remember(saved, stored)
        return saved

    def _as_stored(self, answer: StoredAnswer, settings: ServerSettings) -> StoredAnswer:
        """Return an answer without the text of its question unless the server keeps texts."""
        keeps = settings.question_policy(self._question_policy).kind is QuestionText.KEPT
        return answer if keeps else replace(answer, question="")

    def _remember(self, answer: StoredAnswer, stored: StoredAnswer) -> None:
        """Keep a text that is not stored in memory for a while, for follow-up questions and edits."""
        if not stored.question:
            self._store.recent_questions.put(answer.id, answer.asker_id, answer.question)

    async def _save_message(self, answer: StoredAnswer, message_id: int, channel_id: int) -> None:
        """Store which message shows an answer; a failure is only logged."""
        if not answer.id:
            return
        values = {"message_id": message_id, "channel_id": channel_id, "language": answer.language}
        try:
            await self._store.run(lambda: self._store.database.update(answer.id, **values))
        except (UserError, SQLAlchemyError):
            _log.exception("The message of answer %s could not be stored", answer.id)


def _turn(guild_id: int | None, member_id: int) -> Turn:
    """Return whose turn a question takes; all direct messages together take turns like a server."""
    return Turn("direct messages" if guild_id is None else str(guild_id), member_id)


def relative_time(seconds: float) -> str:
    """Return a Discord time stamp some seconds from now, shown in the reader's language as "in 30 seconds"."""
    return f"<t:{int(time.time() + seconds) + 1}:R>"


def stored_answer(inquiry: Inquiry, outcome: Outcome, shown: int, *, plain: bool) -> StoredAnswer:
    """Return the record of an outcome, of which `shown` quotes are shown, before it is stored and sent."""
    return StoredAnswer(
        guild_id=inquiry.guild_id,
        channel_id=inquiry.channel_id,
        asker_id=inquiry.member_id,
        asked_at=time.time(),
        question=inquiry.question,
        outcome=outcome.name,
        confidence=outcome.confidence,
        elapsed_ms=outcome.elapsed_ms,
        quotes=tuple(StoredQuote.of(quote) for quote in outcome.quotes),
        shown=shown,
        plain=plain,
        private=inquiry.private or inquiry.preview,
        question_id=inquiry.question_id,
        whole=inquiry.whole,
    )
