"""The values passed between the stages of indexing, and the errors whose messages are shown to users."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from index.messages.sentence import Message, Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from index.messages.sentence import Value


class UserError(Exception):
    """A request that cannot be fulfilled. The message is shown to the user: one sentence that says what to do.

    `str()` is the sentence in English if it was made from a `Message` and values, which `sentence` keeps so that it can
    be translated. Other texts are in the language in which they are shown.
    """

    def __init__(self, message: str | Message = "", /, **values: Value) -> None:
        """Say this, with these values in the gaps of a message."""
        super().__init__(message.format(**values) if isinstance(message, Message) else message)

    @property
    def sentence(self) -> str:
        """The message: a `Sentence` if it has a key."""
        return str(self) if not self.args or not isinstance(self.args[0], str) else self.args[0]

    @property
    def key(self) -> str | None:
        """The key of the message, or None if it cannot be translated."""
        return self.sentence.key if isinstance(self.sentence, Sentence) else None

    @property
    def values(self) -> Mapping[str, Value]:
        """The values of the message by name; none if it has no key."""
        return self.sentence.values if isinstance(self.sentence, Sentence) else {}


class OperatorError(UserError):
    """A problem of files or settings that only who runs the bot can solve. The message is for them, not for members."""


class NoArticleError(UserError):
    """A file of a supported type that contains no article, such as a settings file. In a folder it is skipped."""


class SettingsError(UserError):
    """Invalid settings or arguments: nothing was attempted, and the process exits with status 2."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of a text, in Unicode code points."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the slice of `text` that this span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an article within which quotes may be taken: the text below one heading, with nothing deleted inside.

    Sections are separated by headings and by the places where cleaning deleted something; a quote never crosses
    the border of its section. `start` and `end` are code points of the article's text. `heading` is the path of
    headings above, outermost first, joined with " > ".
    """

    start: int
    end: int
    heading: str


class Link(NamedTuple):
    """A link in an article: the span of its words in the text, half-open, in code points, and its absolute address.

    The words are what a page shows of the link. In Markdown and reStructuredText, whose markup is part of the text,
    they are the words between the brackets or backquotes, without these and without the address.
    """

    start: int
    end: int
    address: str


_MUCH: Final = 2_000  # code points of a web page that are left out
_MOST: Final = 0.75  # share of a web page that is left out


@dataclass(frozen=True, slots=True)
class Draft:
    """An article that has been loaded and cleaned, but not stored yet.

    Attributes:
        key: Identifies the source when it is added again (an absolute path or an address); never shown to members.
        source: What members see: an address, or a path relative to what was added.
        published: An ISO 8601 date or date-time, if the source gives one.
        language: A BCP 47 language tag such as "en" or "pt-BR", if the source gives one.
        pages: The offsets in `text`, in code points, at which the pages of a paged source or the cues of a recording
            begin; empty for other sources.
        origin: The folder, archive or site through which the source was found, if it was not added by itself.
        version: The state of the source when it was read, in the loader's own format. Compared on the next run to
            see whether the source has changed.
        removed: How many lines and blocks were left out as boilerplate.
        times: The seconds at which the cues of a recording begin, one for each of `pages`; empty for other sources.
        missing_pages: The pages that could not be read: their numbers, counted from 1, or the names of parts of a book.
        characters: How many code points of text the web page has with its boilerplate; 0 for other sources.
        links: The links in `text` in order, without overlaps; None if unknown, because the source does not state them.
        tags: The collections that the source is put into, besides those it is in already.
    """

    key: str
    source: str
    title: str
    text: str
    published: str | None
    sections: tuple[Section, ...]
    author: str | None = None
    language: str | None = None
    pages: tuple[int, ...] = ()
    origin: str | None = None
    version: str | None = None
    removed: int = 0
    times: tuple[int, ...] = ()
    missing_pages: tuple[str, ...] = ()
    characters: int = 0
    links: tuple[Link, ...] | None = None
    tags: tuple[str, ...] = ()

    @property
    def keeps_little(self) -> bool:
        """Whether so much of a web page was taken for boilerplate that its article may be among it."""
        return self.characters - len(self.text) > max(_MUCH, _MOST * self.characters)

    def list_missing_pages(self) -> str:
        """Return the first twenty missing pages as text, such as "2, 5"; the empty string if there are none."""
        more = ["…"] if len(self.missing_pages) > 20 else []
        return ", ".join([*self.missing_pages[:20], *more])


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article. `text` is what quotes are taken from; it never changes for an id. The rest is as in `Draft`.

    `links` is None for an article that was added before links were stored.
    """

    id: int
    source: str
    title: str
    text: str
    published: str | None
    sections: tuple[Section, ...]
    pages: tuple[int, ...] = ()
    times: tuple[int, ...] = ()
    language: str | None = None
    links: tuple[Link, ...] | None = None

    def page(self, offset: int) -> int | None:
        """Return the page that contains an offset, counted from 1, or None if the source has no pages."""
        return None if self.times else bisect_right(self.pages, offset) or None

    def time(self, offset: int) -> int | None:
        """Return the second of the recording at which an offset is spoken, or None if the source is no recording."""
        at = bisect_right(self.pages, offset)
        return self.times[at - 1] if at and self.times else None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage before it is stored: its place, the heading path above it, and what introduces it.

    `introductions` are spans of the article's text before the passage, in text order: the sentence that announces the
    list, table or code in which the passage begins, and the head row of that table.
    """

    span: Span
    heading: str
    introductions: tuple[Span, ...] = ()

    def introduction(self, text: str) -> str:
        """Return the text of the introductions, given the article's text: one line each."""
        return "\n".join(span.of(text) for span in self.introductions)


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one article, the unit of search and reading. Its text is `article.text[start:end]`.

    `introductions` are as in `Chunk`.
    """

    id: int
    article_id: int
    start: int
    end: int
    heading: str
    introductions: tuple[Span, ...] = ()


class StoredPassage(NamedTuple):
    """A passage with what the indexes and the reader need.

    `digest` proves that the text and the passage's vector were stored together. `introduction` is the text of the
    passage's introductions, one line each; `language` is that of the article.
    """

    passage: Passage
    title: str
    text: str
    digest: bytes
    introduction: str = ""
    language: str | None = None


Status = Literal["added", "replaced", "unchanged", "same_text", "renamed", "restored", "kept"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of adding one source, or of renaming or restoring an article.

    `same_text` means that another source already has exactly this text: the article `article_id` now has both
    sources. `kept` means that an import left another version of the article as it is. `near_duplicates` are the ids of
    articles that differ from it only slightly. `unread_language` is the ISO 639 code of a new text's language, if the
    embedding model surely does not read it.
    """

    article_id: int
    title: str
    source: str
    status: Status
    passages: int
    near_duplicates: tuple[int, ...] = ()
    unread_language: str | None = None
