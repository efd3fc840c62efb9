"""The values of the bot's memory: an answer that was given, what was thought of it, and a server's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from index.models import Article, Span
from index.text.blocks import paragraphs
from qa.outcome import Quote
from qa.quoting.anchoring import digest_of, stands, stands_again
from qa.quoting.links import link_to

KEPT_DAYS: Final = 90  # how long an answer, its question and its feedback are remembered


@dataclass(frozen=True, slots=True)
class StoredPlace:
    """Where another article says the same: `start:end` of its text, which never changes under an id."""

    library: str
    article_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StoredQuote:
    """Where a quotation stands; its letters stay with the article, and `digest` (sha256) proves them.

    `chosen` is as in `Quote`. `key` is that of the article's source, private like it, by which a new version is found;
    `also_in` are the other articles that say the same.
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

    @classmethod
    def of(cls, quote: Quote) -> StoredQuote:
        """Keep the place of a quote."""
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
        )

    def again(self, article: Article) -> StoredQuote | None:
        """Return where the same letters stand in another version of the article, or None where they do not."""
        start = stands_again(article, self.start, self.end, self.digest)
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
        """Return the quote as `article` says it now, or None where it no longer does, letter for letter."""
        if article is None or article.id != self.article_id:
            return None
        if not stands(article, self.start, self.end, self.digest):
            return None
        return Quote(
            library=self.library,
            article_id=self.article_id,
            title=article.title,
            source=article.source,
            start=self.start,
            end=self.end,
            text=article.text[self.start : self.end],
            highlights=self.highlights,
            paragraph=self.paragraph,
            paragraphs=self.paragraphs,
            confidence=self.confidence,
            page=article.page(self.start),
            time=article.time(self.start),
            published=article.published,
            chosen=self.chosen,
            link=link_to(article, self.start, self.end),
        )


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer that was given. `id` is 0 until it is stored; ids are never reused.

    `guild_id` is None in a direct message, `question_id` (the message that asked) for a command, `message_id`
    until the answer is sent. `asked_at` is in seconds since 1970, UTC. `quotes` are best first, and the first
    `shown` of them stand in the message itself. `plain` answers have embeds in place of layout components;
    `private` ones only the asker sees. `whole` says that the question is all that its message says, and nothing else.
    `follows` is the id of the answer before it in a conversation; `language` is the one that the bot's words are in.
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


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `count` questions in any `seconds`; a count of 0 means no limit."""

    count: int
    seconds: int


class Mode(StrEnum):
    """What the bot answers in a channel. Commands work in every mode; the values are stored."""

    OFF = "off"
    MENTIONED = "mentioned"
    QUESTIONS = "questions"
    EVERYTHING = "everything"

    @property
    def listens(self) -> bool:
        """Whether messages are answered that do not speak to the bot."""
        return self in {Mode.QUESTIONS, Mode.EVERYTHING}


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What those who run a server have set. Ids are Discord's; None means not set."""

    paused: bool = False
    plain: bool = False
    language: str = ""  # of what all can read; empty means that of each member, or else of the server on Discord
    helpers_channel: int | None = None
    helpers_role: int | None = None
    member_limit: int = 20  # questions a minute; 0 means no limit
    channel_limit: int = 60
    server_limit: int = 200
    # Where messages are answered that do not speak to the bot: from which confidence on, and whether in a new thread.
    floor: float = 0.0
    threads: bool = False
    # Channel or category id -> what holds there in place of the above; where no mode is set it is `mentioned`.
    modes: Mapping[str, str] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    in_threads: Mapping[str, bool] = field(default_factory=dict)

    @property
    def quotas(self) -> tuple[RateLimit, RateLimit, RateLimit]:
        """The limits of a member, a channel and the server."""
        counts = (self.member_limit, self.channel_limit, self.server_limit)
        member, channel, server = (RateLimit(count, 60) for count in counts)
        return member, channel, server

    def mode_of(self, *places: int | None) -> Mode:
        """Return the mode of a place, given from the innermost outwards: channel, then category."""
        found = (self.modes[str(place)] for place in places if str(place) in self.modes)
        return Mode(next(found, Mode.MENTIONED))

    def floor_of(self, *places: int | None) -> float:
        """Return from which confidence on the bot speaks unasked in a place, given as for `mode_of`."""
        return next((self.floors[str(place)] for place in places if str(place) in self.floors), self.floor)

    def threads_in(self, *places: int | None) -> bool:
        """Whether what was not put to the bot is answered in a new thread, in a place given as for `mode_of`."""
        return next((self.in_threads[str(place)] for place in places if str(place) in self.in_threads), self.threads)

    @property
    def places(self) -> list[int]:
        """The channels and categories for which anything is set, in the order in which that was done."""
        return list(dict.fromkeys(int(place) for held in (self.modes, self.floors, self.in_threads) for place in held))

    def with_mode(self, place: int, mode: Mode) -> ServerSettings:
        """Return these settings with the mode of a channel or category set."""
        return replace(self, modes={**self.modes, str(place): mode.value})

    def with_place(
        self, place: int, *, mode: Mode | None = None, floor: float | None = None, thread: bool | None = None
    ) -> ServerSettings:
        """Return these settings with what is given set for a channel or category."""
        now = self if mode is None else self.with_mode(place, mode)
        if floor is not None:
            now = replace(now, floors={**now.floors, str(place): floor})
        return now if thread is None else replace(now, in_threads={**now.in_threads, str(place): thread})

    def without_place(self, place: int) -> ServerSettings:
        """Return these settings without what was set for a channel or category."""
        held = {name: getattr(self, name) for name in ("modes", "floors", "in_threads")}
        return self.changed(
            **{name: {key: now for key, now in of.items() if key != str(place)} for name, of in held.items()}
        )

    def changed(self, **values: object) -> ServerSettings:
        """Return these settings with some values changed."""
        return replace(self, **values)  # type: ignore[arg-type] # the names are checked by `replace`
