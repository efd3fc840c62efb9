"""What a pin is made from: an answer, or words of an article, and the wordings of its question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cogs.articles.article_cards import bold_title
from cogs.articles.autocomplete import resolve_article
from cogs.ask.cog import MAX_QUESTION
from cogs.core.async_store import AsyncStore
from cogs.core.visible_articles import VisibleArticles
from cogs.pins.views import MAX_WORDINGS, PinDraft
from i18n import texts
from index.libraries.library_names import libraries_of
from index.models import UserError
from qa.outcome import Quote
from qa.pins.pinned import sentences_with
from qa.pins.question_equivalence import has_content_words
from qa.quoting.quotes import quote_span

_MAX_CHARACTERS: Final = 1000  # of a quote that is pinned by its words


def draft_from_answer(store: AsyncStore, articles: VisibleArticles, guild_id: int | None, message_id: int) -> PinDraft:
    """Return the draft that pins the quotes of an answer to its question. Raises UserError if there is no quote."""
    answer = store.database.answer_in(message_id)
    # Private answers and answers of other servers are treated as unknown.
    if answer is None or answer.private or answer.guild_id != guild_id:
        raise UserError(texts.PIN_NO_QUOTE)
    pairs = [
        (replace(quote, chosen=True, confidence=1.0), key)
        for stored in answer.quotes
        if (quote := stored.quote(articles.article(stored.library, stored.article_id)))
        and (key := articles.key_of(stored.library, stored.article_id))
    ]
    if not pairs:
        raise UserError(texts.PIN_NO_QUOTE)
    quotes, keys = zip(*pairs, strict=True)
    questions = parse_wordings([store.recent_questions.text_of(answer)])
    return PinDraft(quotes, keys, questions, is_follow_up=answer.follows is not None)


def draft_from_words(
    articles: VisibleArticles, guild_id: int | None, question: str, value: str, words: str
) -> PinDraft:
    """Return the draft that pins the sentence of an article with these words. Raises UserError unless there is one."""
    quote, key = _find_sentence(articles, guild_id, value, words)
    return PinDraft((quote,), (key,), parse_wordings([question]))


def _find_sentence(articles: VisibleArticles, guild_id: int | None, value: str, words: str) -> tuple[Quote, str]:
    """Return the sentence of an article that contains these words, and the key of the article's source."""
    library, article_id = resolve_article(articles.titles(libraries_of(guild_id)), value)
    article, key = articles.article(library, article_id), articles.key_of(library, article_id)
    if article is None or key is None:
        raise UserError(texts.NO_SUCH_ARTICLE)
    sentences = sentences_with(article, words)
    if not sentences:
        raise UserError(texts.PIN_WORDS_MISSING.format(article=bold_title(article.title)))
    if len(sentences) > 1:
        raise UserError(texts.PIN_WORDS_SEVERAL.format(count=len(sentences), article=bold_title(article.title)))
    if sentences[0].end - sentences[0].start > _MAX_CHARACTERS:
        raise UserError(texts.PIN_WORDS_LONG.format(limit=_MAX_CHARACTERS))
    return replace(quote_span(library, article, sentences[0], (), 1.0), chosen=True), key


def parse_wordings(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the distinct wordings in these lines.

    Raises UserError if there are none or too many, or one of them has no content words.
    """
    wordings = tuple(dict.fromkeys(" ".join(line.split())[:MAX_QUESTION] for line in lines if line.strip()))
    if not wordings or not all(has_content_words(question) for question in wordings):
        raise UserError(texts.PIN_NO_QUESTION)
    if len(wordings) > MAX_WORDINGS:
        raise UserError(texts.PIN_MANY_WORDINGS.format(limit=MAX_WORDINGS))
    return wordings
