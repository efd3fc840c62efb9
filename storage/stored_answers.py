"""Answers as they are stored, with the places of their quotes instead of texts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from index.models import Article, Span
from index.text.blocks import paragraphs
from qa.outcome import Quote
from qa.quoting.anchoring import digest_of, find_again, matches_at
from qa.quoting.quotes import quote_span
from qa.quoting.steps import steps_after


@dataclass(frozen=True, slots=True)
class StoredPlace:
    """A place in another article that says the same: `start:end` of its text."""

    library: str
    article_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StoredQuote:
    """The place of a quote. Its text is not stored: `digest` (SHA-256) proves that the article still has it.

    `chosen` is as in `Quote`. `key` is the private key of the article's source, used to find a new version of the
    article. `also_in` are places in other articles that say the same. `more_steps` is as in `Quote`. A quote's context
    and links follow from its place.
    """

    library: str
    article_id: int
    start: int
    end: int
    digest: str
    highlights: tuple[Span, ...]
    paragraph: int
    paragraphs: int
    confidence: float
    chosen: bool = False
    key: str = ""
    also_in: tuple[StoredPlace, ...] = ()
    more_steps: int = 0

    @classmethod
    def of(cls, quote: Quote) -> StoredQuote:
        """Return the place of a quote, without the key of its source."""
        return cls(
            quote.library,
            quote.article_id,
            quote.start,
            quote.end,
            digest_of(quote.text),
            quote.highlights,
            quote.paragraph,
            quote.paragraphs,
            quote.confidence,
            quote.chosen,
            also_in=tuple(StoredPlace(each.library, each.article_id, each.start, each.end) for each in quote.also_in),
            more_steps=quote.more_steps,
        )

    def relocated(self, article: Article) -> StoredQuote | None:
        """Return the place of the same text in another version of the article, or None if it is not there."""
        start = find_again(article, self.start, self.end, self.digest)
        if start is None:
            return None
        places, moved = paragraphs(article.text, article.sections), start - self.start
        return replace(
            self,
            article_id=article.id,
            start=start,
            end=start + self.end - self.start,
            highlights=tuple(Span(span.start + moved, span.end + moved) for span in self.highlights),
            paragraph=min(sum(place.end <= start for place in places) + 1, max(len(places), 1)),
            paragraphs=max(len(places), 1),
        )

    def quote(self, article: Article | None) -> Quote | None:
        """Return the quote from its article, or None if the article is missing or no longer has the exact text."""
        if article is None or article.id != self.article_id:
            return None
        if not matches_at(article, self.start, self.end, self.digest):
            return None
        made = quote_span(self.library, article, Span(self.start, self.end), self.highlights, self.confidence)
        return replace(
            made,
            paragraph=self.paragraph,
            paragraphs=self.paragraphs,
            chosen=self.chosen,
            more_steps=self.more_steps,
        )

    def further_steps(self, article: Article | None) -> list[Quote]:
        """Return quotes of the steps that follow those in the quote; none if the quote is not there any more."""
        made = self.quote(article) if self.more_steps else None
        if made is None or article is None:
            return []
        return [quote_span(self.library, article, span, (), self.confidence) for span in steps_after(article, self.end)]


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer of the bot. `id` is 0 until it is stored; ids are never reused.

    `guild_id` is None in a direct message. `question_id` is the message that asked, None for a command. `message_id`
    is the message with the answer, None until it is sent. `asked_at` is Unix time in seconds. `quotes` are best first;
    the message shows the first `shown` of them. `plain` answers have embeds instead of layout components; `private`
    ones are visible to the asker only. `whole` says that the message of the question has no other text. `follows` is
    the id of the previous answer in the conversation, `language` that of the bot's own texts.
    """

    guild_id: int | None
    channel_id: int
    asker_id: int
    asked_at: float
    question: str
    outcome: str
    confidence: float
    elapsed_ms: float
    quotes: tuple[StoredQuote, ...]
    shown: int
    plain: bool = False
    private: bool = False
    question_id: int | None = None
    message_id: int | None = None
    follows: int | None = None
    whole: bool = True
    human_asked: bool = False
    language: str = "en"
    id: int = 0
