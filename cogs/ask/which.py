"""Asks which of several articles is meant where they answer alike, with a button for each.

The stored answer has the best quotes of all these articles, and none of them is shown yet (`shown` is 0). A button
holds the position of its article's best quote, so that a press needs no model and survives a restart. The answer then
replaces the question which for everybody if the asker presses; other members get it for themselves.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import discord
from discord.ext import commands

from cogs.core.features import feature
from cogs.core.own_answers import own_answer
from cogs.core.visible_articles import VisibleArticles
from cogs.messaging.interaction_reply import InteractionReply
from cogs.services import Services
from cogs.ui.answer_card import Card, Colour, render
from cogs.ui.components import PersistentItem, Rows, button
from cogs.ui.layout import message_body
from cogs.ui.truncate import shorten_apart
from i18n import texts
from i18n.languages import in_force, speaking
from i18n.phrases import day_of
from index.models import Article, UserError
from index.text.display_names import display_line
from qa.outcome import Answer, Outcome, Quote, worth_showing
from storage.stored_answers import StoredAnswer, StoredQuote

_MOST: Final = 5  # buttons
_MAX_LABEL: Final = 80
_PREVIEW: Final = 1000  # is added to the position in the custom id if the answer can be posted afterwards


@dataclass(frozen=True, slots=True)
class WhichCard(Card):
    """The card of the question which article is meant.

    `choices` are the positions of quotes in the stored answer, with the labels of their buttons. `answer` is the card
    that is shown instead where there can be no buttons.
    """

    choices: tuple[tuple[int, str], ...]
    answer: Card


def which_card(outcome: Outcome, answer: Card) -> Card:
    """Return the question which article is meant if there is one to ask, else `answer`, the card of the outcome."""
    if not outcome.alternatives:
        return answer
    quotes = [outcome.quotes[position] for position in outcome.alternatives]
    names = [display_line(quote.title) or texts.UNTITLED for quote in quotes]
    labels = shorten_apart(names, _MAX_LABEL, _details(quotes))[:_MOST]
    more = f"\n-# {texts.WHICH_MORE}" if len(quotes) > _MOST else ""
    choices = tuple(zip(outcome.alternatives, labels, strict=False))
    return WhichCard(Colour.READING, answer.question, texts.WHICH_HEADING + more, (), "", choices, answer)


def _details(quotes: Sequence[Quote]) -> list[str]:
    """Return what tells articles with the same title apart: their dates if these differ, else their sources."""
    days = [day_of(quote.published) for quote in quotes]
    return days if len(set(days)) == len(days) else [display_line(quote.source) for quote in quotes]


def without_buttons(card: Card) -> Card:
    """Return the card for a message that can have no buttons."""
    return card.answer if isinstance(card, WhichCard) else card


def which_rows(card: Card, answer: StoredAnswer, *, preview: bool = False) -> Rows:
    """Return the buttons of the question which article is meant, one below the other; none for another card."""
    if not isinstance(card, WhichCard):
        return []
    return [
        [WhichButton(answer.id, position + (_PREVIEW if preview else 0), label)] for position, label in card.choices
    ]


class Which(commands.Cog):
    """Answers from the article whose button is pressed."""

    def __init__(self, services: Services) -> None:
        """Take the services."""
        self._ask = services.ask
        self._store = services.store
        self._visibility = services.visibility
        self._threshold = services.settings.second_quote_confidence

    async def choose(self, interaction: discord.Interaction[Any], answer_id: int, position: int) -> None:
        """Show the answer from one article: to everybody if the asker pressed, else to the member alone.

        Raises UserError if the question is answered already, or the article has changed or may not be shown.
        """
        reply = InteractionReply(interaction, private=True)
        await reply.defer_update()
        asked = await own_answer(self._store, interaction, answer_id)
        preview, position = divmod(position, _PREVIEW)
        if asked.shown or position >= len(asked.quotes):
            raise UserError(texts.WHICH_CHOSEN)
        is_asker = interaction.user.id == asked.asker_id
        private = asked.private or not is_asker
        hidden = await (
            self._visibility.hidden_from(interaction.guild_id, interaction.user, interaction.channel_id)
            if private
            else self._visibility.hidden_in(asked.guild_id, asked.channel_id)
        )
        articles = VisibleArticles(self._store.read_only, hidden)
        answer = replace(asked, private=private, language=in_force() if private else asked.language)
        if not is_asker:
            answer = replace(answer, id=0, asker_id=interaction.user.id, asked_at=time.time(), message_id=None)
        question = self._store.recent_questions.text_of(asked)
        with speaking(answer.language):
            card, answer = await self._store.read(
                lambda: _answer_from(articles, replace(answer, question=question), position, self._threshold)
            )
        settings = await self._store.settings(interaction.guild_id)
        answer = await self._ask.keep(answer, settings)
        with speaking(answer.language):
            body = message_body(card, self._ask.controls(answer, settings, preview=bool(preview)), plain=answer.plain)
        if is_asker:
            await reply.show(body)
            return
        message_id = await reply.show_beside(body)
        if answer.id:
            await self._store.run(lambda: self._store.database.update(answer.id, message_id=message_id))


def _answer_from(
    articles: VisibleArticles, asked: StoredAnswer, position: int, second_quote_confidence: float
) -> tuple[Card, StoredAnswer]:
    """Return the answer from the article of one quote, with what else is quoted of it, and its record."""
    first = asked.quotes[position]
    if articles.hides(first.library, first.article_id):
        raise UserError(texts.SOURCE_HIDDEN)
    article = articles.article(first.library, first.article_id) or articles.article_of_source(first.library, first.key)
    others = (one for one in asked.quotes if (one.library, one.article_id) == (first.library, first.article_id))
    found = [_located(one, article) for one in (first, *(one for one in others if one != first))] if article else []
    if not found or found[0] is None:
        raise UserError(texts.CHANGED_MEANWHILE)
    stored, quotes = zip(*filter(None, found), strict=True)
    outcome = Answer(asked.question, first.confidence, quotes, asked.elapsed_ms)
    # A message shows its question above the reply; a command's is known to the asker alone.
    card = render(outcome, second_quote_confidence=second_quote_confidence, show_question=asked.question_id is None)
    shown = len(worth_showing(outcome, second_quote_confidence))
    return card, replace(asked, quotes=stored, shown=shown, confidence=first.confidence)


def _located(stored: StoredQuote, article: Article) -> tuple[StoredQuote, Quote] | None:
    """Return a quote and its place in the present version of its article; None if it is not there any more."""
    place = stored if stored.article_id == article.id else stored.relocated(article)
    quote = place.quote(article) if place else None
    return (place, quote) if place and quote else None


class WhichButton(PersistentItem, action="which", ids=2):
    """Chooses an article; the number in its custom id is the position of the article's best quote."""

    def __init__(self, answer_id: int, number: int, label: str = "…") -> None:
        """Create the button of one article."""
        super().__init__(button(self.custom_id_of(answer_id, number), label, discord.ButtonStyle.primary))
        self.answer_id, self.number = answer_id, number

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the answer from the article."""
        await feature(interaction, Which).choose(interaction, self.answer_id, self.number)
