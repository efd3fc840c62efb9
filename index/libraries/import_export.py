"""Exports a library's articles to one file and imports them into any library.

`index.libraries.export_file` has the format.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from index.libraries.batch_ingestion import Outcome, is_full
from index.libraries.export_file import ExportedSite, ImportedArticle, article_line, end_line, header_line
from index.models import Receipt, UserError
from index.sources.http.addresses import is_address
from index.text.tag_names import distinct_tags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from index.catalog.article_sources import Source
    from index.catalog.store import Catalog
    from index.libraries.library import Library
    from index.models import Draft

_IMPORT_PREFIX: Final = "import:"  # prefix of the key of a source that cannot be read again


def export_lines(catalog: Catalog | None, left_out: AbstractSet[int] = frozenset()) -> Iterator[bytes]:
    """Yield the lines of an export of a catalogue: a header, one line per article not `left_out`, and an end line."""
    rows = [row for row in catalog.articles() if row.id not in left_out] if catalog else []
    sites = catalog.sources.origins() if catalog else []
    yield header_line(len(rows), sites, catalog.tags.by_origin() if catalog else {})
    count = 0
    tags = _tags_of_sources(catalog) if catalog else {}
    sources: defaultdict[int, list[Source]] = defaultdict(list)
    for source in catalog.sources.all() if catalog else ():
        sources[source.article_id].append(source)
    for row in rows:
        article = catalog.article(row.id) if catalog else None
        if article is not None and (own := sources[row.id]):
            count += 1
            yield article_line(article, row, own, tags)
    yield end_line(count)


def _tags_of_sources(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return the collections of each source by its key, with those of an origin that is not in the file."""
    own, inherited = catalog.tags.by_source(), catalog.tags.by_origin()
    found = dict(own)
    for source in catalog.sources.all() if inherited else ():
        if source.origin in inherited and not (is_address(source.key) and is_address(source.origin)):
            found[source.key] = distinct_tags([*own.get(source.key, ()), *inherited[source.origin]])
    return found


def assign_keys(found: ImportedArticle, catalog: Catalog | None, taken: set[str]) -> list[Draft]:
    """Return an article's drafts with their keys filled in; a source that the library shows by the same name is reused.

    `taken` are the keys of the file's articles so far; those of this one are added.
    """
    drafts = []
    for draft in found.drafts:
        key = draft.key or _known_key(draft, catalog, taken) or _IMPORT_PREFIX + draft.source
        again = 1
        while key in taken and not draft.key:
            again += 1
            key = f"{_IMPORT_PREFIX}{draft.source}#{again}"
        taken.add(key)
        drafts.append(replace(draft, key=key))
    return drafts


def import_in_steps(
    library: Library, sites: Iterable[ExportedSite], found: Iterable[ImportedArticle | None], who: str, batch_size: int
) -> Generator[Receipt | None, None, Counter[str]]:
    """Store what `read_export` returned, in steps; yield a receipt per source, and return how many had each status.

    Several articles are stored together; None in `found` asks that those before it be stored first. A source that the
    library has already keeps its article: its status is `unchanged`, or `kept` if its article in the file is another
    version. So an interrupted import can be repeated.
    """
    with library.in_use():
        return (yield from _import(library, sites, found, who, batch_size))


def _import(
    library: Library, sites: Iterable[ExportedSite], found: Iterable[ImportedArticle | None], who: str, batch_size: int
) -> Generator[Receipt | None, None, Counter[str]]:
    counts: Counter[str] = Counter()
    taken: set[str] = set()
    batch = _Batch(library, who, batch_size, counts)
    articles = iter(found)
    while True:
        try:
            item = next(articles)
        except StopIteration:
            break
        except UserError:
            yield from batch.store()  # what comes before what cannot be read
            raise
        if item is None:
            yield from batch.store()
            continue
        for draft in assign_keys(item, library.catalog, taken):
            yield from batch.add(draft, titled=item.titled)
    yield from batch.store()
    known = {origin.key for origin in library.catalog.sources.origins()} if library.catalog else set()
    for site in sites:
        if site.key not in known:
            library.remember_origin(site.key, site.pages, site.depth)
            if site.tags:
                library.tag_origin(site.key, site.tags)
    return counts


class _Batch:
    """Articles of an import that are stored together. `counts` has how many receipts had each status."""

    def __init__(self, library: Library, who: str, batch_size: int, counts: Counter[str]) -> None:
        self._library = library
        self._who = who
        self._batch_size = batch_size
        self._counts = counts
        self._waiting: list[tuple[Draft, bool, Receipt | None]] = []

    def add(self, draft: Draft, *, titled: bool) -> Generator[Receipt | None, None, None]:
        """Take an article, and store all that wait if they are enough."""
        if any(draft.key == other.key for other, _, _ in self._waiting):
            yield from self.store()
        self._waiting.append((draft, titled, _kept(self._library.catalog, draft)))
        if is_full([waiting for waiting, _, _ in self._waiting]):
            yield from self.store()

    def store(self) -> Generator[Receipt | None, None, None]:
        """Store what waits; yield the receipts in order, then raise the first error of an article."""
        waiting, self._waiting = self._waiting, []
        drafts = [draft for draft, _, kept in waiting if kept is None]
        steps = self._library.add_all_in_steps(drafts, self._who, self._batch_size) if drafts else iter(())
        refusal: UserError | None = None
        for draft, titled, kept in waiting:
            outcome: Outcome | None = kept
            while outcome is None:
                outcome = next(steps)
                if outcome is None:
                    yield None
            if isinstance(outcome, UserError):
                refusal = refusal or outcome
                continue  # those after it are stored already, and must be counted
            self._counts[outcome.status] += 1
            catalog = self._library.catalog
            if titled and catalog and outcome.status not in {"same_text", "kept"}:
                catalog.sources.set_title(draft.key, draft.title)
            yield outcome
        if refusal is not None:
            raise refusal


def _kept(catalog: Catalog | None, draft: Draft) -> Receipt | None:
    """Return the receipt of a source whose article differs from that of the file, and stays; else None."""
    source = catalog.sources.get(draft.key) if catalog else None
    if catalog is None or source is None or (catalog.match(draft) or (0, False))[1]:
        return None
    article = catalog.article(source.article_id)
    title = article.title if article else draft.title
    return Receipt(source.article_id, title, draft.source, "kept", catalog.count_passages(source.article_id))


def _known_key(draft: Draft, catalog: Catalog | None, taken: set[str]) -> str | None:
    """Return the key of the only source with a draft's displayed name and no address, or None."""
    alike = catalog.sources.with_name(draft.source) if catalog else []
    keys = [source.key for source in alike if not is_address(source.key) and source.key not in taken]
    return keys[0] if len(keys) == 1 else None
