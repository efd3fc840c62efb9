"""The values that pass between the stages of indexing, and the error that a person is meant to read."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np


class UserError(Exception):
    """Something a person asked for cannot be done; the message is one clear sentence that says what to do."""


class NoArticleError(UserError):
    """A file of a known type that was not written to be read, such as settings: a folder's are passed over."""


class SettingsError(UserError):
    """The settings or the way of calling are wrong, so nothing was tried; the process ends with status 2."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of Unicode code points of one text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the slice of `text` that this span names."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of an article that may be quoted freely: one heading's text, with nothing deleted inside.

    Headings lie between sections, and so do the places where cleaning deleted something; a quote
    never leaves its section. `heading` is the path of headings above, outermost first, joined with " > ".
    """

    start: int
    end: int
    heading: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An article that has been loaded and cleaned, but not stored yet.

    `key` identifies the source for replacing it (an absolute path or an address) and stays private;
    `source` is what members see (an address, or a path relative to what was added). `published` is an
    ISO 8601 date or date-time, `language` a tag such as "en" or "pt-BR", where the source names one.
    `pages` are the offsets at which the pages of a paged source begin, the first page's first; else empty.
    Where they are the cues of a recording, `times` are the seconds at which these begin, one for each; else empty.
    `origin` is the folder or site that led to this source, where it was not added itself; `version` is the
    loader's own note on the source's state, by which it tells the next time whether anything has changed.
    `removed` counts the lines and blocks that were left out as clutter.
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


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article. `text` is what is quoted; it never changes under this id. The rest is as in `Draft`."""

    id: int
    source: str
    title: str
    text: str
    published: str | None
    sections: tuple[Section, ...]
    pages: tuple[int, ...] = ()
    times: tuple[int, ...] = ()

    def page(self, offset: int) -> int | None:
        """Return the number of the page that an offset lies on, from 1; None where the source has no pages."""
        return None if self.times else bisect_right(self.pages, offset) or None

    def time(self, offset: int) -> int | None:
        """Return the second of the recording at which an offset is said; None where the source is no recording."""
        at = bisect_right(self.pages, offset)
        return self.times[at - 1] if at and self.times else None


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one article: what is searched and read. Its text is the slice `start:end`."""

    id: int
    article_id: int
    start: int
    end: int
    heading: str


class StoredPassage(NamedTuple):
    """A passage with what indexes and reader need of it.

    `vector` is (d,) float32; `digest` proves that text and vector were stored together.
    """

    passage: Passage
    title: str
    text: str
    vector: np.ndarray
    digest: bytes


Status = Literal["added", "replaced", "unchanged", "same_text", "renamed", "restored"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one source that was added, or of an article that was renamed or brought back.

    `same_text` means that another source had already brought this very text; the article with
    `article_id` now carries both. `near_duplicates` are articles that are the same but for small differences.
    """

    article_id: int
    title: str
    source: str
    status: Status
    passages: int
    near_duplicates: tuple[int, ...] = ()
