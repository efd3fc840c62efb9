"""Where every question ends up, however it was asked: limits, the answer, its buttons, and the memory of it."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import Final

import discord
from sqlalchemy.exc import SQLAlchemyError

from cogs.ask.conversation_context import ConversationContext, ConversationContexts
from cogs.ask.message_menu import PostButton
from cogs.core.worker import Priority
from cogs.messaging.question_locks import QuestionGoneError
from cogs.messaging.replies import SILENT, Reply
from cogs.messaging.retry import persistently
from cogs.services import AnswerControls, Inquiry, Resources
from cogs.ui.answer_card import Card, render, render_sources
from cogs.ui.components import Rows
from cogs.ui.layout import message_body
from i18n import texts
from i18n.languages import in_force, speaking
from index.models import UserError
from qa.ask import QuotesChangedError, ask_checked, libraries_of
from qa.outcome import Answer, Closest, NotCovered, Outcome, worth_showing
from storage.models import ServerSettings, StoredAnswer, StoredQuote
from storage.rate_limits import RateLimiter
from storage.stale_answers import with_source_keys

_log = logging.getLogger(__name__)

_MOST_QUOTES: Final = 9  # more than are shown at first, for those who want to read on


class AskService:
    """Answers inquiries. Lives on the event loop and does no work there."""

    def __init__(self, resources: Resources, controls: AnswerControls) -> None:
        """Take what answers and stores, and what gives an answer its buttons."""
        self._worker = resources.worker
        self._answers = resources.answers
        self._store = resources.store
        self._controls = controls
        self._second_quote_confidence = resources.settings.second_quote_confidence
        self._conversations = ConversationContexts(resources.store, resources.settings.conversation_minutes)
        self._limits = RateLimiter()

    async def answer(self, inquiry: Inquiry, reply: Reply) -> None:
        """Answer `inquiry` where `reply` says. Raises UserError where limits or a pause forbid it, or it is gone."""
        settings = await self._store.settings(inquiry.guild_id)
        self._admit(inquiry, settings)
        talk = await self._conversations.before(
            inquiry.channel_id, inquiry.replied_to, one_conversation=inquiry.one_conversation
        )
        private = inquiry.private or inquiry.preview
        language = in_force() if private else settings.language or in_force()
        card, given = await self._answered(inquiry, talk, plain=settings.plain, language=language)
        if (inquiry.only_answers and given.outcome != Answer.name) or given.confidence < inquiry.floor:
            return
        given = await self._kept(given)
        with speaking(given.language):
            rows = self._under_preview(given) if inquiry.preview else self._controls(given, settings)
        try:
            message_id = await reply.show(message_body(card, rows, plain=given.plain))
        except QuestionGoneError:
            await self._store.run(lambda: self._store.database.forget(given.id))
            raise
        await self.sent(given, message_id, reply.channel_id)

    async def sources(self, inquiry: Inquiry, reply: Reply) -> None:
        """Show the sentences nearest to what was said. Raises UserError where limits or a pause forbid it."""
        settings = await self._store.settings(inquiry.guild_id)
        self._admit(inquiry, settings)

        def look() -> Card:
            found = self._answers.sources(inquiry.question, libraries_of(inquiry.guild_id))
            sound = tuple(quote for quote in found.quotes if self._answers.verify(quote))
            return render_sources(replace(found, quotes=sound))

        card = await self._worker.run(look, priority=Priority.ANSWER)
        await reply.show(message_body(card, plain=settings.plain))

    async def post(self, given: StoredAnswer, reply: Reply) -> int:
        """Show an answer that was given privately to all, once, and return the id of its message.

        Raises UserError where it was posted before, or where a source has changed since.
        """
        settings = await self._store.settings(given.guild_id)
        database = self._store.database
        given = replace(given, private=False, language=settings.language or in_force())
        with speaking(given.language):
            card = await self._store.run(lambda: self._rendered(given))
            rows = self._controls(given, settings)
        if not await self._store.run(lambda: database.compare_and_set(given.id, private=False)):
            raise UserError(texts.POSTED_BEFORE)
        try:
            message_id = await reply.show(message_body(card, rows, plain=given.plain))
        except BaseException:
            await self._store.run(lambda: database.compare_and_set(given.id, private=True))
            raise
        await self.sent(given, message_id, reply.channel_id)
        return message_id

    def _rendered(self, given: StoredAnswer) -> Card:
        """Return the card of an answer once more, with every quote checked against the articles of now."""
        read_only = self._store.read_only
        found = [kept.quote(read_only.article(kept.library, kept.article_id)) for kept in given.quotes[: given.shown]]
        quotes = tuple(quote for quote in found if quote)
        if len(quotes) < len(found):
            raise UserError(texts.CHANGED_MEANWHILE)
        outcome: Outcome = NotCovered(given.question, given.confidence, given.elapsed_ms)
        if quotes:
            kind = Answer if given.outcome == Answer.name else Closest
            outcome = kind(given.question, given.confidence, quotes, given.elapsed_ms)
        return render(outcome, second_quote_confidence=0.0, show_question=False)

    async def answer_again(self, given: StoredAnswer, question: str, message: discord.PartialMessage) -> None:
        """Put the answer to an edited question in the place of the one that was given in `message`.

        Raises UserError where limits or a pause forbid it.
        """
        settings = await self._store.settings(given.guild_id)
        inquiry = Inquiry(question, given.asker_id, given.channel_id, given.guild_id, given.question_id)
        self._admit(inquiry, settings)
        card, fresh = await self._answered(
            inquiry, await self._conversations.again(given), plain=given.plain, language=given.language
        )
        database, read_only = self._store.database, self._store.read_only
        await self._store.run(lambda: database.replace(given.id, with_source_keys(fresh, read_only)))
        shown = message_body(card, self._controls(replace(fresh, id=given.id), settings), plain=given.plain)
        await persistently(lambda: message.edit(**shown.sending, allowed_mentions=SILENT))

    def _under_preview(self, given: StoredAnswer) -> Rows:
        """Return the buttons of a private preview that may be posted; none if it could not be stored."""
        if not given.id:
            return []
        # The last row judges the answer, which nobody else has seen yet.
        reading = self._controls(given, ServerSettings())[:-1] if given.quotes else []
        return [*reading, [PostButton(given.id)]]

    async def sent(self, given: StoredAnswer, message_id: int, channel_id: int) -> None:
        """Note which message shows an answer; that it cannot be noted is no reason to complain to the member."""
        if not given.id:
            return
        place = {"message_id": message_id, "channel_id": channel_id, "language": given.language}
        try:
            await self._store.run(lambda: self._store.database.update(given.id, **place))
        except (UserError, SQLAlchemyError):
            _log.exception("Where answer %s stands could not be noted", given.id)

    def _admit(self, inquiry: Inquiry, settings: ServerSettings) -> None:
        """Count the question. Raises UserError, with the time left, where there are too many of them."""
        if settings.paused:
            raise UserError(texts.PAUSED)
        member, channel, server = settings.quotas
        own = ("member", inquiry.member_id), member
        place = [(("channel", inquiry.channel_id), channel), (("server", inquiry.guild_id), server)]
        said = (texts.MEMBER_LIMIT, texts.CHANNEL_LIMIT, texts.SERVER_LIMIT)
        asked = [own, *place] if inquiry.guild_id is not None else [own]
        waits = [self._limits.wait(*each) for each in asked]
        longest = max(waits)
        if longest > 0:
            raise UserError(said[waits.index(longest)].format(when=relative_time(longest)))
        self._limits.count(*asked)

    async def _answered(
        self, inquiry: Inquiry, talk: ConversationContext, *, plain: bool, language: str
    ) -> tuple[Card, StoredAnswer]:
        libraries, article_id = libraries_of(inquiry.guild_id), None
        if inquiry.article:
            libraries, article_id = (inquiry.article[0],), inquiry.article[1]
        threshold, pins = self._second_quote_confidence, await self._store.pins(inquiry.guild_id)

        def answer() -> tuple[Card, StoredAnswer]:
            # Rendered in the worker's thread too: a passage without end must not hold up the event loop.
            outcome = ask_checked(
                self._answers,
                inquiry.question,
                libraries,
                talk.turns,
                article_id=article_id,
                most=_MOST_QUOTES,
                pins=pins,
            )
            with speaking(language):
                card = render(outcome, second_quote_confidence=threshold, show_question=inquiry.show_question)
            given = stored_answer(inquiry, outcome, len(worth_showing(outcome, threshold)), plain=plain)
            return card, replace(given, follows=talk.follows, language=language)

        try:
            return await self._worker.run(answer, priority=Priority.ANSWER)
        except QuotesChangedError as error:
            raise UserError(texts.CHANGED_MEANWHILE) from error

    async def _kept(self, given: StoredAnswer) -> StoredAnswer:
        """Remember an answer. Where that fails it is given all the same, without buttons."""
        try:
            database, read_only = self._store.database, self._store.read_only
            return replace(given, id=await self._store.run(lambda: database.keep(with_source_keys(given, read_only))))
        except (UserError, SQLAlchemyError):
            _log.exception("An answer could not be remembered, so it has no buttons")
            return given


def relative_time(seconds: float) -> str:
    """Return a moment some seconds from now, as Discord shows it in the reader's own words: "in 30 seconds"."""
    return f"<t:{int(time.time() + seconds) + 1}:R>"


def stored_answer(inquiry: Inquiry, outcome: Outcome, shown: int, *, plain: bool) -> StoredAnswer:
    """Return what is remembered of an outcome, before it is stored and sent."""
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
