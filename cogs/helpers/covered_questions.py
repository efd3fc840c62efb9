"""Finds out which questions that were not covered are answered by words that were saved."""

from __future__ import annotations

import logging
import time
from typing import Final

from cogs.articles.source_reader import turn_of
from cogs.core.job_queue import Priority
from cogs.core.visibility import Visibility
from cogs.core.visible_articles import is_hidden
from cogs.helpers.saved_articles import SavedArticles
from cogs.services import Services
from index.libraries.library_names import own_library
from index.models import Article, UserError
from index.text.analyzer import key_terms
from qa.ask import QuotesChangedError, ask_checked
from qa.outcome import Answer
from storage.gaps import unanswered_questions
from storage.models import RETENTION_DAYS
from storage.saved_words import SavedWords

_log = logging.getLogger(__name__)

_MOST_ASKED: Final = 100  # questions that are put to a new article, the newest
_DAY: Final = 86400


class CoveredQuestions:
    """Puts the unanswered questions of a server to an article, after whatever else waits for the models."""

    def __init__(self, services: Services, articles: SavedArticles) -> None:
        """Use the models and what may be shown to whom."""
        self._resources = services.resources
        self._store = services.store
        self._visibility: Visibility = services.visibility
        self._articles = articles

    async def compare(self, words: SavedWords) -> None:
        """Store which unanswered questions a saved message answers, where those who asked may read it.

        The question of the call that it was written for is one of them.
        """
        article = await self._articles.article(words)
        covered: list[int] = []
        if article is not None:
            for answer_id, question, channel_id in await self._candidates(words, article):
                own = answer_id == await self._called_for(words)
                if (own or await self._answers(words, article, question)) and await self._is_shown(
                    words, article, channel_id
                ):
                    covered.append(answer_id)
        await self._store.run(lambda: self._store.database.saved_words.cover(words.id, covered))

    async def _candidates(self, words: SavedWords, article: Article) -> list[tuple[int, str, int]]:
        """Return (answer id, question, channel id) of the questions that share a word with an article."""

        def read() -> list[tuple[int, str, int]]:
            with self._store.database.reading() as db:
                found = unanswered_questions(db, words.guild_id, time.time() - RETENTION_DAYS * _DAY)
            terms = frozenset(key_terms(f"{article.title}\n{article.text}"))
            return [one for one in found if terms & frozenset(key_terms(one[1]))][:_MOST_ASKED]

        return await self._store.report(read)

    async def _called_for(self, words: SavedWords) -> int | None:
        """Return the answer that the call was about for which a message was written."""
        key = words.call_id
        call = await self._store.run(lambda: self._store.database.human_calls.get(key)) if key else None
        return call.answer_id if call else None

    async def _answers(self, words: SavedWords, article: Article, question: str) -> bool:
        """Whether an article alone answers a question."""
        library, answers = own_library(words.guild_id), self._resources.answers

        def ask() -> bool:
            try:
                found = ask_checked(answers, question, (library,), article_id=article.id, most=1)
            except (QuotesChangedError, UserError):
                return False
            return isinstance(found, Answer)

        return await self._resources.worker.run(ask, priority=Priority.LOADING, turn=turn_of(words.guild_id))

    async def _is_shown(self, words: SavedWords, article: Article, channel_id: int) -> bool:
        """Whether an article may be quoted where a question was asked."""
        hidden = await self._visibility.hidden_in(words.guild_id, channel_id)
        return not is_hidden(hidden, own_library(words.guild_id), article.id)
