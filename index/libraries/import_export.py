"""A library's articles as one plain file, and back into any library. docs/export.md describes the file.

Keys that are paths of a machine, or name a server, stay behind; a file that comes in can never bring one, for
what a key names is read at the next refresh.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeVar

from index.models import Draft, Section, UserError
from index.sources.http.addresses import is_address, parse_address
from index.text.metadata_values import clean_title

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from index.catalog.article_sources import Source
    from index.catalog.store import Catalog
    from index.libraries.library import Library
    from index.models import Receipt

T = TypeVar("T")

FORMAT: Final = "verbatim-library"
VERSION: Final = 1
_IMPORTED: Final = "import:"  # begins the key of a source that nothing can be fetched from
_NUMBERS: Final = range(1, 2**31)  # of pages and links
_SECONDS: Final = range(2**31)  # of a recording


@dataclass(frozen=True, slots=True)
class ExportedSite:
    """A site that led to articles, how many pages of it may be taken, and how many links away from the first."""

    key: str
    pages: int | None
    depth: int | None


@dataclass(frozen=True, slots=True)
class ImportedArticle:
    """An article of a file: a draft for each of its sources, and whether its title was given by hand.

    The key of a draft is an address, or empty: `keyed` finds it.
    """

    drafts: tuple[Draft, ...]
    titled: bool


def outgoing(catalog: Catalog | None) -> Iterator[bytes]:
    """Yield the lines of a file with all articles of a catalogue: a header, one for each article, and an end."""
    rows = catalog.articles() if catalog else []
    sites = catalog.sources.origins() if catalog else []
    listed = [{"address": site.key, "pages": site.pages, "depth": site.depth} for site in sites if is_address(site.key)]
    yield _line({"format": FORMAT, "version": VERSION, "articles": len(rows), "sites": listed})
    count = 0
    sources: defaultdict[int, list[Source]] = defaultdict(list)
    for source in catalog.sources.all() if catalog else ():
        sources[source.article_id].append(source)
    for row in rows:
        article = catalog.article(row.id) if catalog else None
        if article is not None and (own := sources[row.id]):
            count += 1
            yield _line(
                {"title": article.title, "titled": any(source.titled for source in own), "published": row.published}
                | {"author": row.author, "language": row.language, "sources": [_told(source) for source in own]}
                | {"pages": article.pages, "times": article.times}
                | {"sections": [[s.start, s.end, s.heading] for s in article.sections]}
                | {"sha256": sha256(article.text.encode()).hexdigest(), "text": article.text}
            )
    yield _line({"end": count})


def incoming(name: str, stream: BinaryIO) -> tuple[list[ExportedSite], Iterator[ImportedArticle]]:
    """Read a file that `outgoing` wrote: all of it is checked first, then the articles are read once more.

    `stream` must be able to go back to its beginning. Raises UserError, with nothing yielded, for any other file, or
    one that was cut short or damaged.
    """
    sites, count, ended = [], 0, False
    for number, line in enumerate(stream, 1):
        try:
            values = json.loads(line)
            if number == 1:
                sites = _header(name, values)
            elif ended:
                raise ValueError("something follows the end")
            elif isinstance(values, dict) and "end" in values:
                ended = values["end"] == count
            else:
                _article(values)
                count += 1
        except (ValueError, RecursionError) as error:
            raise _refused(name, number, str(error)) from error
    if not ended:
        message = f"{name} was cut short: it ends after article {count}, without its last line. Nothing was imported; "
        raise UserError(message + "copy or export it again." if count else _foreign(name))
    stream.seek(0)
    lines = iter(stream)
    next(lines)
    return sites, (_article(json.loads(line)) for _, line in zip(range(count), lines, strict=False))


def keyed(found: ImportedArticle, catalog: Catalog | None, taken: set[str]) -> list[Draft]:
    """Give each draft its key: a source that the library knows by the same name is this one again.

    `taken` are the keys that other articles of the file have had; those of this one are added.
    """
    drafts = []
    for draft in found.drafts:
        key = draft.key or _known(draft, catalog, taken) or _IMPORTED + draft.source
        again = 1
        while key in taken and not draft.key:
            again += 1
            key = f"{_IMPORTED}{draft.source}#{again}"
        taken.add(key)
        drafts.append(replace(draft, key=key))
    return drafts


def importing(
    library: Library, sites: Iterable[ExportedSite], found: Iterable[ImportedArticle], who: str, at_once: int
) -> Generator[Receipt | None, None, Counter[str]]:
    """Store what `incoming` has read, in pieces; yield a receipt for each source, and return how many of each status.

    What is there already is left as it is, so that a work that was broken off can be begun again.
    """
    counts: Counter[str] = Counter()
    taken: set[str] = set()
    for item in found:
        for draft in keyed(item, library.catalog, taken):
            receipt = yield from library.adding(draft, who, at_once)
            counts[receipt.status] += 1
            catalog = library.catalog
            if item.titled and catalog and receipt.status != "same_text":
                catalog.sources.entitle(draft.key, draft.title)
            yield receipt
    known = {origin.key for origin in library.catalog.sources.origins()} if library.catalog else set()
    for site in sites:
        if site.key not in known:
            library.remember_origin(site.key, site.pages, site.depth)
    return counts


def _known(draft: Draft, catalog: Catalog | None, taken: set[str]) -> str | None:
    """Find the key of the only source that is shown under a draft's name and has no address."""
    alike = catalog.sources.shown_as(draft.source) if catalog else []
    keys = [source.key for source in alike if not is_address(source.key) and source.key not in taken]
    return keys[0] if len(keys) == 1 else None


def _told(source: Source) -> dict[str, Any]:
    public = is_address(source.key)
    site = source.origin if source.origin and is_address(source.origin) else None
    address = {"address": source.key, "site": site, "version": source.version}
    return {"shown": source.shown} | (address if public else {})


def _line(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _header(name: str, values: Any) -> list[ExportedSite]:
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise UserError(_foreign(name))
    if values.get("version") != VERSION:
        raise UserError(f"{name} was exported by another version of Verbatim; update this one. Nothing was imported.")
    sites = _list(values.get("sites", []), dict)
    return [
        ExportedSite(_address(one.get("address")), _limit(one.get("pages")), _limit(one.get("depth"))) for one in sites
    ]


def _limit(value: Any) -> int | None:
    if (limit := _maybe(value, int)) is not None and limit not in _NUMBERS:
        raise ValueError(f"{str(limit)[:30]} cannot be a number of pages")
    return limit


def _article(values: Any) -> ImportedArticle:
    """Read an article's line. Raises ValueError with what is wrong."""
    try:
        text, sources = _is(values["text"], str), _list(values["sources"], dict)
        title = clean_title(_is(values["title"], str))
        told = {name: _maybe(values.get(name), str) for name in ("published", "author", "language")}
        sections = tuple(_section(item, text) for item in _list(values["sections"], list))
        pages, times = (tuple(_list(values.get(name, []), int)) for name in ("pages", "times"))
        named = [(_is(source["shown"], str), _where(source)) for source in sources]
    except KeyError as error:
        raise ValueError(f"{error} is missing") from None
    if not text.strip() or not title or "\0" in text or not sections or not sources:
        raise ValueError("an article has a title, a text, a section and a source")
    if values.get("sha256", digest := sha256(text.encode()).hexdigest()) != digest:
        raise ValueError("the text is not the one that was exported")
    if list(pages) != sorted(pages) or any(not 0 <= page <= len(text) for page in pages):
        raise ValueError("the pages are not in order")
    if times and (len(times) != len(pages) or any(second not in _SECONDS for second in times)):
        raise ValueError("pages and times do not belong together")
    draft = Draft("", "", title, text, told["published"], sections, told["author"], told["language"], pages)
    drafts = tuple(replace(draft, source=shown, times=times, **where) for shown, where in named)
    return ImportedArticle(drafts, values.get("titled") is True)


def _where(source: dict[str, Any]) -> dict[str, Any]:
    if source.get("address") is None:
        return {"key": ""}
    site = _maybe(source.get("site"), str)
    version = _maybe(source.get("version"), str)
    return {"key": _address(source["address"]), "origin": site and _address(site), "version": version}


def _address(value: Any) -> str:
    try:
        return parse_address(_is(value, str)).url
    except UserError as error:
        raise ValueError(str(error)) from error


def _section(item: list[Any], text: str) -> Section:
    if len(item) != 3:
        raise ValueError("a section has a start, an end and a heading")
    start, end, heading = _is(item[0], int), _is(item[1], int), _is(item[2], str)
    if not 0 <= start < end <= len(text):
        raise ValueError("a section is not inside the text")
    return Section(start, end, heading)


def _is(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{str(value)[:30]!r} is not what should stand there")  # noqa: TRY004 - of a file, not of code
    if isinstance(value, str):
        value.encode()  # halves of characters cannot be stored
    return value


def _maybe(value: Any, kind: type[T]) -> T | None:
    return None if value is None else _is(value, kind)


def _list(value: Any, kind: type[T]) -> list[T]:
    return [_is(item, kind) for item in _is(value, list)]


def _foreign(name: str) -> str:
    return f"{name} is not a library written by `export`, so nothing was imported; use `add` for articles."


def _refused(name: str, number: int, reason: str) -> UserError:
    if number == 1:
        return UserError(_foreign(name))
    return UserError(f"{name} is damaged in line {number} ({reason[:100]}). Nothing was imported; export it again.")
