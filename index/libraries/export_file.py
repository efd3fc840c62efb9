"""The file format of exported libraries: writes its lines, and reads and checks files; docs/export.md describes it.

Only keys that are web addresses are exported: others are local paths or name a server. Nor can an imported file
contain other keys, because a refresh reads whatever a key names.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeVar

from index.incremental import finish
from index.messages.library import EXPORT_CUT_SHORT, EXPORT_DAMAGED, EXPORT_OF_OTHER_VERSION, NOT_AN_EXPORT
from index.models import Draft, Link, Section, UserError
from index.sources.http.addresses import is_address, parse_address
from index.text.link_addresses import bounded, link_address
from index.text.metadata_values import clean_title, iso_date
from index.text.tag_names import MAX_TAGS, distinct_tags, tag_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    from index.catalog.article_sources import Origin, Source
    from index.catalog.queries import ArticleRow
    from index.models import Article

    Tags = Mapping[str, Sequence[str]]  # names of collections by the key of a source or a site

T = TypeVar("T")

FORMAT: Final = "verbatim-library"
VERSION: Final = 1
_STEP_BYTES: Final = 1_000_000  # parsed and checked in some 20 ms
_VALID_LIMITS: Final = range(1, 2**31)  # of pages and links
_VALID_SECONDS: Final = range(2**31)  # of a recording


@dataclass(frozen=True, slots=True)
class ExportedSite:
    """A site that articles came from; `pages` and `depth` are as in `Origin`, `tags` the names of its collections."""

    key: str
    pages: int | None
    depth: int | None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedArticle:
    """An article read from a file: one draft per source, and whether its title was given by hand.

    The key of a draft is an address or empty; `import_export.assign_keys` fills in the empty ones.
    """

    drafts: tuple[Draft, ...]
    titled: bool


def header_line(articles: int, origins: Sequence[Origin], tags: Tags) -> bytes:
    """Return the first line of a file; of the origins it lists those that are web addresses. `tags` are theirs."""
    sites = [
        {"address": one.key, "pages": one.pages, "depth": one.depth, "tags": tags.get(one.key, ())}
        for one in origins
        if is_address(one.key)
    ]
    return _json_line({"format": FORMAT, "version": VERSION, "articles": articles, "sites": sites})


def article_line(article: Article, row: ArticleRow, sources: Sequence[Source], tags: Tags) -> bytes:
    """Return an article's line; `row` is its line in the list of articles, `tags` are those of its sources."""
    return _json_line(
        {"title": article.title, "titled": any(source.titled for source in sources), "published": row.published}
        | {"author": row.author, "language": row.language, "sources": [_source_values(one, tags) for one in sources]}
        | {"pages": article.pages, "times": article.times, "links": article.links}
        | {"sections": [[section.start, section.end, section.heading] for section in article.sections]}
        | {"sha256": sha256(article.text.encode()).hexdigest(), "text": article.text}
    )


def end_line(articles: int) -> bytes:
    """Return the last line, which shows that a file is complete."""
    return _json_line({"end": articles})


Export = tuple[list[ExportedSite], Iterator[ImportedArticle]]


def read_export(name: str, stream: BinaryIO) -> Export:
    """Read an export: return its sites, and an iterator over its articles that reads the file a second time.

    The whole file is checked first. `stream` must be seekable. Raises UserError for a file that is no export, or that
    is truncated or damaged.
    """
    return finish(read_export_in_steps(name, stream))


def read_export_in_steps(name: str, stream: BinaryIO) -> Generator[None, None, Export]:
    """Do the same as `read_export` in steps, each of at least one line and a little over `_STEP_BYTES`."""
    sites, count, ended, unread = [], 0, False, 0
    for number, line in enumerate(stream, 1):
        unread += len(line)
        if unread > _STEP_BYTES:
            unread = 0
            yield
        try:
            values = json.loads(line)
            if number == 1:
                sites = _read_header(name, values)
            elif ended:
                raise ValueError("something follows the end")
            elif isinstance(values, dict) and "end" in values:
                ended = values["end"] == count
            else:
                _read_article(values)
                count += 1
        except (ValueError, RecursionError) as error:
            raise _damaged(name, number, str(error)) from error
    if not ended:
        raise UserError(EXPORT_CUT_SHORT, name=name, count=count) if count else UserError(NOT_AN_EXPORT, name=name)
    stream.seek(0)
    lines = iter(stream)
    next(lines)
    return sites, (_read_article(json.loads(line)) for _, line in zip(range(count), lines, strict=False))


def _source_values(source: Source, tags: Tags) -> dict[str, Any]:
    public = is_address(source.key)
    site = source.origin if source.origin and is_address(source.origin) else None
    address = {"address": source.key, "site": site, "version": source.version}
    return {"shown": source.shown, "tags": tags.get(source.key, ())} | (address if public else {})


def _json_line(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _read_header(name: str, values: Any) -> list[ExportedSite]:
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise UserError(NOT_AN_EXPORT, name=name)
    if values.get("version") != VERSION:
        raise UserError(EXPORT_OF_OTHER_VERSION, name=name)
    sites = _checked_list(values.get("sites", []), dict)
    return [
        ExportedSite(
            _read_address(one.get("address")),
            _read_limit(one.get("pages")),
            _read_limit(one.get("depth")),
            _read_tags(one.get("tags")),
        )
        for one in sites
    ]


def _read_limit(value: Any) -> int | None:
    if (limit := _optional(value, int)) is not None and limit not in _VALID_LIMITS:
        raise ValueError(f"{str(limit)[:30]} cannot be a number of pages")
    return limit


def _read_article(values: Any) -> ImportedArticle:
    """Parse an article's line. Raises ValueError that says what is wrong."""
    try:
        text, sources = _checked(values["text"], str), _checked_list(values["sources"], dict)
        title = clean_title(_checked(values["title"], str))
        details = {name: _optional(values.get(name), str) for name in ("published", "author", "language")}
        sections = tuple(_read_section(item, text) for item in _checked_list(values["sections"], list))
        pages, times = (tuple(_checked_list(values.get(name, []), int)) for name in ("pages", "times"))
        links = _read_links(values.get("links"), text)
        named = [(_checked(source["shown"], str), _source_fields(source)) for source in sources]
    except KeyError as error:
        raise ValueError(f"{error} is missing") from None
    if details["published"] is not None and iso_date(details["published"]) is None:
        raise ValueError(f"{details['published'][:30]!r} is not a date")
    if any(after.start < before.end for before, after in pairwise(sections)):
        raise ValueError("its sections overlap or are not in order")
    if not text.strip() or not title or "\0" in text or not sections or not sources:
        raise ValueError("an article has a title, a text, a section and a source")
    if values.get("sha256", digest := sha256(text.encode()).hexdigest()) != digest:
        raise ValueError("the text is not the one that was exported")
    if list(pages) != sorted(pages) or any(not 0 <= page <= len(text) for page in pages):
        raise ValueError("the pages are not in order")
    if times and (len(times) != len(pages) or any(second not in _VALID_SECONDS for second in times)):
        raise ValueError("pages and times do not belong together")
    draft = Draft("", "", title, text, details["published"], sections, details["author"], details["language"], pages)
    drafts = tuple(replace(draft, source=shown, times=times, links=links, **where) for shown, where in named)
    return ImportedArticle(drafts, values.get("titled") is True)


def _source_fields(source: dict[str, Any]) -> dict[str, Any]:
    tags = _read_tags(source.get("tags"))
    if source.get("address") is None:
        return {"key": "", "tags": tags}
    site, version = (_optional(source.get(name), str) for name in ("site", "version"))
    address = {"key": _read_address(source["address"]), "origin": site and _read_address(site), "version": version}
    return address | {"tags": tags}


def _read_tags(items: Any) -> tuple[str, ...]:
    """Return the names of collections; none if the file does not state them."""
    try:
        found = distinct_tags(tag_name(name) for name in _checked_list([] if items is None else items, str))
    except UserError as error:
        raise ValueError(str(error)) from error
    if len(found) > MAX_TAGS:
        raise ValueError("a source is in too many collections")
    return found


def _read_address(value: Any) -> str:
    try:
        return parse_address(_checked(value, str)).url
    except UserError as error:
        raise ValueError(str(error)) from error


def _read_section(item: list[Any], text: str) -> Section:
    if len(item) != 3:
        raise ValueError("a section has a start, an end and a heading")
    start, end, heading = _checked(item[0], int), _checked(item[1], int), _checked(item[2], str)
    if not 0 <= start < end <= len(text):
        raise ValueError("a section is not inside the text")
    return Section(start, end, heading)


def _read_links(items: Any, text: str) -> tuple[Link, ...] | None:
    """Return the links of an article, None if the file does not state them. Addresses that may not be shown go."""
    if items is None:
        return None
    found: list[Link] = []
    for item in _checked_list(items, list):
        if len(item) != 3:
            raise ValueError("a link has a start, an end and an address")
        start, end, address = _checked(item[0], int), _checked(item[1], int), link_address(_checked(item[2], str))
        if not (found[-1].end if found else 0) <= start < end <= len(text):
            raise ValueError("the links are not in order inside the text")
        found += [Link(start, end, address)] if address else []
    return bounded(found)


def _checked(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{str(value)[:30]!r} is not a valid value")  # noqa: TRY004 - the file is wrong, not the code
    if isinstance(value, str):
        value.encode()  # raises for lone surrogates, which cannot be stored
    return value


def _optional(value: Any, kind: type[T]) -> T | None:
    return None if value is None else _checked(value, kind)


def _checked_list(value: Any, kind: type[T]) -> list[T]:
    return [_checked(item, kind) for item in _checked(value, list)]


def _damaged(name: str, number: int, reason: str) -> UserError:
    if number == 1:
        return UserError(NOT_AN_EXPORT, name=name)
    return UserError(EXPORT_DAMAGED, name=name, line=number, reason=reason[:100])
