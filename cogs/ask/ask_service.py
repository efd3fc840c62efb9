"""Answers every question, whichever way it was asked: rate limits, the answer, its buttons and its record."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil

import discord
from sqlalchemy.exc import SQLAlchemyError

from cogs.ask.answer_finder import AnswerFinder, asking_turn, shows
from cogs.ask.answer_records import AnswerRecords
from cogs.ask.conversation_context import ConversationContexts
from cogs.ask.message_menu import PostButton
from cogs.ask.question_cog import cut_question
from cogs.ask.question_limits import QuestionLimits
from cogs.ask.question_metrics import counting_question
from cogs.ask.which import which_rows, without_buttons
from cogs.core.visibility import Visibility
from cogs.messaging.question_locks import QuestionDeletedError, QuestionLocks
from cogs.messaging.replies import SILENT, Reply
from cogs.messaging.retry import with_retries
from cogs.services import AnswerControls, Inquiry, Resources
from cogs.ui.answer_card import Card, render
from cogs.ui.components import Rows
from cogs.ui.layout import message_body
from i18n import texts
from i18n.languages import in_force, speaking
from i18n.phrases import reaches
from index.models import UserError
from observability.metrics import STAGE_SECONDS
from observability.request_ids import conceal
from qa.outcome import Answer, Closest, NotCovered, Outcome
from storage.accepted_questions import TakenOverError
from storage.models import QuestionPolicy, ServerSettings
from storage.stored_answers import StoredAnswer

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An answer that is stored and not shown yet."""

    inquiry: Inquiry
    card: Card
    answer: StoredAnswer
    settings: ServerSettings


class AskService:
    """Answers inquiries. Lives on the event loop; retrieval and rendering run on the worker's thread."""

    def __init__(
        self, resources: Resources, controls: AnswerControls, visibility: Visibility, locks: QuestionLocks
    ) -> None:
        """Take the resources, the function that returns an answer's buttons, what may be shown to whom, and the locks.

        These remember the answers that could not be stored, so that they go with their questions all the same.
        """
        self._worker = resources.worker
        self._store = resources.store
        self._finder = AnswerFinder(resources, visibility)
        self._controls = controls
        self._visibility = visibility
        self._question_locks = locks
        self._conversations = ConversationContexts(resources.store, resources.settings.conversation_minutes)
        self._records = AnswerRecords(resources.store, QuestionPolicy.of_operator(resources.settings.question_days))
        self._busy_seconds = resources.settings.busy_seconds
        self._limits = QuestionLimits(resources.store)

    async def answer(self, inquiry: Inquiry, reply: Reply) -> int | None:
        """Answer `inquiry` through `reply` and return the id of the stored answer; None if nothing is shown or stored.

        Raises UserError if the server is paused, a rate limit is reached or the question has been deleted.
        """
        with counting_question() as count:
            prepared = await self._prepare(inquiry)
            shown = prepared is not None and await self._deliver(prepared, reply, last=True)
            if prepared and shown:
                count.outcome = prepared.answer.outcome
        return prepared.answer.id or None if prepared and shown else None

    def forget_limits(self, concerns: Callable[[int | None], bool]) -> None:
        """Count the stored questions of some servers again: other processes may have answered there meanwhile."""
        self._limits.forget(concerns)

    async def answer_each(self, inquiry: Inquiry, questions: Sequence[str], reply: Reply) -> None:
        """Answer the questions of one message in order, each as `answer` does, in a message of its own.

        All are found before the first is shown, so that they arrive together. Raises what `answer` raises, for the
        first question that fails, once those before it are shown; those after it are not asked. What a process that is
        gone has answered is left out.
        """
        if inquiry.claim and inquiry.claim.sent:
            questions, inquiry = questions[inquiry.claim.sent :], replace(inquiry, after=inquiry.claim.after)
        if not questions:
            return
        if len(questions) == 1:
            await self.answer(_part(inquiry, questions[0], inquiry.after), reply)
            return
        found: list[_Prepared] = []
        failure: Exception | None = None
        for question in questions:
            part = _part(inquiry, question, found[-1].answer.id if found else inquiry.after)
            try:
                with counting_question() as count:
                    prepared = await self._prepare(part)
                    count.outcome = prepared.answer.outcome if prepared else count.outcome
            except TakenOverError:  # what was found is not shown either
                raise
            except Exception as error:  # noqa: BLE001 - raised again below
                failure = error
                break
            found += [prepared] if prepared else []
        for number, prepared in enumerate(found):
            reply = reply.further() if number else reply
            try:
                await self._deliver(prepared, reply, last=failure is None and prepared is found[-1])
            except QuestionDeletedError:
                await self._records.forget(*(one.answer for one in found[number:]))
                raise
        if failure is not None:
            raise failure

    async def _prepare(self, inquiry: Inquiry) -> _Prepared | None:
        """Find and store the answer; None if it is not worth a message to people who have not asked the bot."""
        conceal(inquiry.question)
        settings = await self._store.settings(inquiry.guild_id)
        await self._limits.check(inquiry, settings, count=not inquiry.overheard)
        context = await self._conversations.for_question(
            inquiry.channel_id, inquiry.replied_to, one_conversation=inquiry.one_conversation, after=inquiry.after
        )
        card, answer = await self._finder.find(inquiry, context, settings)
        answers = answer.outcome == Answer.name
        if (inquiry.only_answers and not answers) or not reaches(
            inquiry.min_confidence, answer.confidence, answers=answers
        ):
            return None
        if inquiry.overheard:  # now that it is answered; others may have been answered meanwhile
            await self._limits.check(inquiry, settings)
        with STAGE_SECONDS.labels("store").time():
            return _Prepared(inquiry, card, await self._records.save(answer, settings, inquiry.claim), settings)

    async def _deliver(self, prepared: _Prepared, reply: Reply, *, last: bool) -> bool:
        """Send a stored answer and return whether anything was sent; what was not is forgotten.

        `last` says that the question needs not be kept any longer.
        """
        inquiry, answer, card = prepared.inquiry, prepared.answer, prepared.card
        with speaking(answer.language):
            rows = self.controls(answer, prepared.settings, preview=inquiry.preview)
            card = _with_cut_note(card, inquiry)
        bare = without_buttons(card)
        if not answer.id:
            card = bare
        body = message_body(card, which_rows(card, answer, preview=inquiry.preview) or rows, plain=answer.plain)
        try:
            with STAGE_SECONDS.labels("send").time():
                if answer.private and not (inquiry.private or inquiry.preview):
                    message_id = await reply.show_privately(body, message_body(bare, plain=answer.plain))
                else:
                    message_id = await reply.show(body, brief=not answer.quotes)
        except QuestionDeletedError:
            await self._records.forget(answer)
            raise
        if message_id is None:
            await self._records.forget(answer)
            return False
        if not answer.id and inquiry.question_id:
            self._question_locks.add_notice(inquiry.question_id, reply.channel_id, message_id)
        await self._records.note_message(answer, message_id, reply.channel_id, inquiry.claim, last=last)
        return True

    def busy_notice(self, guild_id: int | None, member_id: int) -> str | None:
        """Return how long a member's question will take if that is longer than `BUSY_SECONDS`, else None."""
        seconds = self._worker.expected_wait(asking_turn(guild_id, member_id))
        return texts.BUSY_FOR.format(seconds=5 * ceil(seconds / 5)) if seconds > self._busy_seconds else None

    async def sources(self, inquiry: Inquiry, reply: Reply) -> None:
        """Show the sentences nearest to a statement. Raises UserError if paused or rate limited."""
        conceal(inquiry.question)
        settings = await self._store.settings(inquiry.guild_id)
        await self._limits.check(inquiry, settings)
        card = await self._finder.sources(inquiry)
        await reply.show(message_body(card, plain=settings.plain))

    async def post(self, answer: StoredAnswer, reply: Reply) -> int:
        """Post a private answer publicly, once, and return the id of the new message.

        Raises UserError if it was posted before, a source has changed since, or not everyone may read it there.
        """
        settings = await self._store.settings(answer.guild_id)
        hidden = await self._visibility.hidden_in(answer.guild_id, answer.channel_id)
        if shows(replace(answer, quotes=answer.quotes[: answer.shown]), hidden):
            raise UserError(texts.POST_PRIVATE)
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
        await self._records.note_message(answer, message_id, reply.channel_id)
        return message_id

    async def update_answer(
        self, answer: StoredAnswer, question: str, message: discord.PartialMessage, *, cut: bool = False
    ) -> None:
        """Edit `message`, which shows `answer`, to answer the edited question; `cut` is as in `Inquiry`.

        Raises UserError if the server is paused or a rate limit is reached.
        """
        conceal(question)
        with counting_question() as count:
            count.outcome = await self._update_answer(answer, question, message, cut=cut)

    async def _update_answer(
        self, answer: StoredAnswer, question: str, message: discord.PartialMessage, *, cut: bool
    ) -> str:
        """Edit `message`, which shows `answer`, store what it shows now, and return the new outcome.

        In this order: after an edit that fails, or a process that ends between the two, the next connection finds that
        what is stored does not fit the question, and repeats both if that was soon enough. If it cannot be stored, the
        buttons go, since they would act on what is stored.
        """
        settings = await self._store.settings(answer.guild_id)
        inquiry = Inquiry(question, answer.asker_id, answer.channel_id, answer.guild_id, answer.question_id, cut=cut)
        await self._limits.check(inquiry, settings)
        context = await self._conversations.for_answer(answer)
        card, new = await self._finder.find_again(inquiry, context, answer)
        new = replace(new, id=answer.id)
        rows = which_rows(card, new) or self._controls(new, settings)
        body = message_body(_with_cut_note(card, inquiry), rows, plain=answer.plain)
        await with_retries(lambda: message.edit(**body.send_kwargs, allowed_mentions=SILENT))
        try:
            await self._records.replace(new, settings)
        except (UserError, SQLAlchemyError):
            _log.exception("An edited answer could not be stored, so it has no buttons")
            bare = message_body(_with_cut_note(without_buttons(card), inquiry), plain=answer.plain)
            await with_retries(lambda: message.edit(**bare.send_kwargs, allowed_mentions=SILENT))
        return new.outcome

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

    async def keep(self, answer: StoredAnswer, settings: ServerSettings) -> StoredAnswer:
        """Store an answer, in place of what was stored under its id, and return it with its id."""
        return await self._records.keep(answer, settings)

    def controls(self, answer: StoredAnswer, settings: ServerSettings, *, preview: bool) -> Rows:
        """Return the buttons of an answer, or those of a private preview of it."""
        return self._preview_controls(answer) if preview else self._controls(answer, settings)

    def _preview_controls(self, answer: StoredAnswer) -> Rows:
        """Return the buttons of a private preview that can be posted; none if it could not be stored."""
        if not answer.id:
            return []
        # Of its controls the first alone, which reads on: nobody else has seen the answer yet.
        reading = self._controls(answer, ServerSettings())[0][:1] if answer.quotes else []
        return [[*reading, PostButton(answer.id)]]


def _part(inquiry: Inquiry, question: str, after: int | None) -> Inquiry:
    """Return the inquiry about one question of a message, after the answer to the one before it."""
    text, cut = cut_question(question)
    return replace(inquiry, question=text, cut=cut, after=after)


def _with_cut_note(card: Card, inquiry: Inquiry) -> Card:
    """Return the card, which says at its end if only the beginning of the question was asked."""
    if not inquiry.cut:
        return card
    note = texts.QUESTION_CUT.format(count=len(inquiry.question))
    return replace(card, footer="\n".join(filter(None, (card.footer, note))))
