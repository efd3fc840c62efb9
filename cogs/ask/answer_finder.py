"""Finds and renders answers, on the worker's thread, from the articles that those who will see them may read."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from cogs.ask.conversation_context import ConversationContext
from cogs.ask.which import which_card
from cogs.core.channel_collections import hidden_by_either
from cogs.core.fair_queue import Turn
from cogs.core.job_queue import Priority
from cogs.core.visibility import Visibility
from cogs.core.visible_articles import Hidden, is_hidden
from cogs.services import Inquiry, Resources
from cogs.ui.answer_card import Card, render, render_sources
from i18n import texts
from i18n.languages import in_force, speaking
from index.libraries.library_names import libraries_of
from index.models import OperatorError, UserError
from index.sqlite_errors import SearchUnreachableError
from index.stage_times import recording, stage
from observability.metrics import observe_stages
from observability.outages import OUTAGES
from qa.ask import QuotesChangedError, ask_checked, ask_readable
from qa.outcome import NotCovered, Outcome, Quote, worth_showing
from storage.models import ServerSettings
from storage.stale_answers import with_source_keys
from storage.stored_answers import StoredAnswer, StoredQuote

_log = logging.getLogger(__name__)

_MOST_ATTEMPTS: Final = 3  # if articles or permissions change while a question is answered
_MOST_QUOTES: Final = 9  # more than are shown at first, for the pages of further quotes


class AnswerFinder:
    """Returns cards and records of answers, which are not stored yet. For use on the event loop."""

    def __init__(self, resources: Resources, visibility: Visibility) -> None:
        """Take the resources, and what may be shown to whom."""
        self._worker = resources.worker
        self._libraries = resources.libraries
        self._answers = resources.answers
        self._store = resources.store
        self._visibility = visibility
        self._second_quote_confidence = resources.settings.second_quote_confidence

    async def find(
        self, inquiry: Inquiry, context: ConversationContext, settings: ServerSettings
    ) -> tuple[Card, StoredAnswer]:
        """Return the answer and its record; a private one if it quotes what not everyone may read who could see it.

        If the server's own library cannot be read, the shared one alone is asked. Raises UserError if the articles or
        permissions keep changing meanwhile, and OperatorError if no library can be read that may answer.
        """
        try:
            return await self._find_visible(inquiry, context, settings)
        except OperatorError as error:
            if inquiry.guild_id is None or inquiry.article:
                raise
            trouble = error
        # What of its own articles is hidden cannot be found out, so that neither these nor earlier turns are used.
        private = inquiry.private or inquiry.preview
        language = in_force() if private else settings.language or in_force()
        nothing, shared = ConversationContext(follows=context.follows), libraries_of(None)
        outside = await self._visibility.limits.hidden(inquiry.guild_id, inquiry.channel_id, inquiry.collection, shared)
        hidden = hidden_by_either(await self._visibility.sample(), outside)
        card, answer = await self._compute(
            inquiry, nothing, hidden, plain=settings.plain, language=language, libraries=shared
        )
        if answer.outcome == NotCovered.name:
            raise trouble
        _log.error("A question was answered without the library of server %s: %s", inquiry.guild_id, trouble)
        return card, answer

    async def _find_visible(
        self, inquiry: Inquiry, context: ConversationContext, settings: ServerSettings
    ) -> tuple[Card, StoredAnswer]:
        private = inquiry.private or inquiry.preview
        language = in_force() if private else settings.language or in_force()
        for _ in range(_MOST_ATTEMPTS):
            mine = here = await self._hidden(inquiry)
            if here and not private:
                mine = _both(here, await self._hidden(replace(inquiry, private=True)))
            if mine != here:
                own = replace(inquiry, private=True)
                found = await self._compute(own, context, mine, plain=settings.plain, language=in_force())
                if _quotes_first(found[1], here) and not shows(found[1], await self._hidden(own)):
                    return found
            found = await self._compute(inquiry, context, here, plain=settings.plain, language=language)
            # A message may have become an article, or a channel private, since it was asked what is hidden.
            if not shows(found[1], await self._hidden(inquiry)):
                return found
        raise UserError(texts.CHANGED_MEANWHILE)

    async def _hidden(self, inquiry: Inquiry) -> Hidden:
        """Return what those who will see the answer may not read."""
        if inquiry.private or inquiry.preview:
            asker = inquiry.asker or inquiry.member_id
            return await self._visibility.hidden_from(inquiry.guild_id, asker, inquiry.channel_id, inquiry.collection)
        return await self._visibility.hidden_in(inquiry.guild_id, inquiry.channel_id, inquiry.collection)

    async def find_again(
        self, inquiry: Inquiry, context: ConversationContext, answer: StoredAnswer
    ) -> tuple[Card, StoredAnswer]:
        """Return the answer to an edited question, and its record, in the layout and language of the one shown.

        Raises UserError if the articles or permissions change meanwhile.
        """
        hidden = await self._hidden(inquiry)
        found = await self._compute(inquiry, context, hidden, plain=answer.plain, language=answer.language)
        if shows(found[1], await self._hidden(inquiry)):
            raise UserError(texts.CHANGED_MEANWHILE)
        return found

    async def sources(self, inquiry: Inquiry) -> Card:
        """Return the sentences nearest to a statement, of those that the asker may read.

        Raises UserError if the articles or permissions keep changing meanwhile.
        """
        own = replace(inquiry, private=True)
        for _ in range(_MOST_ATTEMPTS):
            card, quotes = await self._sources(inquiry, await self._hidden(own))
            if not _name(quotes, await self._hidden(own)):
                return card
        raise UserError(texts.CHANGED_MEANWHILE)

    async def _sources(self, inquiry: Inquiry, hidden: Hidden) -> tuple[Card, Sequence[Quote]]:
        def find() -> tuple[Card, Sequence[Quote]]:
            answers = self._answers.without(hidden) if hidden else self._answers
            found = ask_readable(lambda names: answers.sources(inquiry.question, names), libraries_of(inquiry.guild_id))
            verified = tuple(quote for quote in found.quotes if answers.verify(quote))
            return render_sources(replace(found, quotes=verified)), verified

        return await self._worker.run(
            find, priority=Priority.ANSWER, turn=asking_turn(inquiry.guild_id, inquiry.member_id)
        )

    async def _compute(
        self,
        inquiry: Inquiry,
        context: ConversationContext,
        hidden: Hidden,
        *,
        plain: bool,
        language: str,
        libraries: Sequence[str] = (),
    ) -> tuple[Card, StoredAnswer]:
        """Find the answer and render it on the worker's thread; return its card and its record, not stored yet.

        `hidden` articles are neither quoted nor named. `libraries` are by default those of the inquiry's server.
        """
        libraries, article_id = libraries or libraries_of(inquiry.guild_id), None
        if inquiry.article:
            libraries, article_id = (inquiry.article[0],), inquiry.article[1]
        pins = await self._store.pins(inquiry.guild_id)

        def compute() -> tuple[Card, StoredAnswer]:
            outcome = ask_checked(
                self._answers.without(hidden) if hidden else self._answers,
                inquiry.question,
                libraries,
                context.turns_without(hidden),
                article_id=article_id,
                most=_MOST_QUOTES,
                pins=pins,
            )
            card, answer = self._rendered(inquiry, outcome, plain=plain, language=language)
            return card, replace(answer, follows=context.follows)

        try:
            found = await self._measured(compute, asking_turn(inquiry.guild_id, inquiry.member_id))
        except QuotesChangedError as error:
            raise UserError(texts.CHANGED_MEANWHILE) from error
        OUTAGES.over(SearchUnreachableError)
        return found

    def _rendered(self, inquiry: Inquiry, outcome: Outcome, *, plain: bool, language: str) -> tuple[Card, StoredAnswer]:
        """Return the card of an outcome and its record; runs on the worker's thread.

        A very long passage must not block the event loop, and noting the answer must not wait for a catalogue: the keys
        of the sources are known here.
        """
        threshold = self._second_quote_confidence
        with stage("render"), speaking(language):
            card = render(outcome, second_quote_confidence=threshold, show_question=inquiry.show_question)
            card = which_card(outcome, card)
        shown = 0 if outcome.alternatives else len(worth_showing(outcome, threshold))
        answer = stored_answer(inquiry, outcome, shown, plain=plain)
        return card, replace(with_source_keys(answer, self._key_of), language=language)

    async def _measured(
        self, compute: Callable[[], tuple[Card, StoredAnswer]], turn: Turn
    ) -> tuple[Card, StoredAnswer]:
        """Run `compute` on the worker's thread, and note how long its stages and the wait for it took."""
        queued = time.perf_counter()

        def measure() -> tuple[Card, StoredAnswer]:
            waited = time.perf_counter() - queued
            with recording() as times:
                found = compute()
            observe_stages({"wait": waited, **times})
            return found

        return await self._worker.run(measure, priority=Priority.ANSWER, turn=turn)

    def _key_of(self, library: str, article_id: int) -> str | None:
        """Return the key of an article's first source; runs on the worker's thread."""
        catalog = self._libraries().open(library).catalog
        return next(iter(catalog.sources.keys_of_article(article_id)), None) if catalog else None


def asking_turn(guild_id: int | None, member_id: int) -> Turn:
    """Return whose turn a question takes; all direct messages together take turns like a server."""
    return Turn("direct messages" if guild_id is None else str(guild_id), member_id)


def shows(answer: StoredAnswer, hidden: Hidden) -> bool:
    """Whether an answer quotes or names a hidden article."""
    return _name(answer.quotes, hidden)


def _name(quotes: Iterable[Quote | StoredQuote], hidden: Hidden) -> bool:
    """Whether quotes are from hidden articles, or name one that says the same."""
    places = {(place.library, place.article_id) for quote in quotes for place in (quote, *quote.also_in)}
    return any(is_hidden(hidden, *place) for place in places)


def _quotes_first(answer: StoredAnswer, hidden: Hidden) -> bool:
    """Whether the best quote of an answer is from one of these articles."""
    return any(is_hidden(hidden, quote.library, quote.article_id) for quote in answer.quotes[:1])


def _both(one: Hidden, other: Hidden) -> Hidden:
    """Return what is hidden from both audiences."""
    return {library: ids for library in one if (ids := one[library] & other.get(library, frozenset()))}


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
