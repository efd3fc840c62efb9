"""A library: articles in, passages found. One per Discord server, and the operator's shared one.

The catalogue is the truth. The dense and the lexical index are caches that follow it: they are brought
level whenever the catalogue's generation has moved, also by another process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.catalog.history import ChangeDetails, HistoryEntry, Retention
from index.catalog.store import Catalog
from index.incremental import finish
from index.indexes.open_indexes import IndexVersion, OpenIndexes, require
from index.libraries.ingestion import AT_ONCE, Pieces, adding, renaming, restoring
from index.libraries.integrity import findings
from index.models import Article, Draft, Receipt, Span, UserError
from index.passages import batch_embedding

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from pathlib import Path

    import numpy as np

    from index.catalog.article_sources import FailedSource
    from index.catalog.queries import ArticleRow
    from index.models import StoredPassage
    from index.passages.embedder import Embedder


class Library:
    """One library in one folder. Owned by one thread; other processes may change the same folder.

    `embedder` is called when a model is first needed: adding, asking and reindexing need it, reading and
    removing do not.
    """

    def __init__(self, folder: Path, name: str, embedder: Callable[[], Embedder], keep: Retention) -> None:
        self.name = name
        self._keep = keep
        self._folder = folder
        self._embedder = embedder
        self._opened: Catalog | None = None
        self._indexes: OpenIndexes | None = None
        self._changed = False

    def add(self, draft: Draft, who: str = "") -> Receipt:
        """Store an article, or recognise that it is there already; what its source held before is replaced.

        Raises UserError where the library was built with another model or chunking, or the text holds NUL.
        """
        return finish(self.adding(draft, who, at_once=len(draft.text) + 1))

    def adding(self, draft: Draft, who: str = "", at_once: int = AT_ONCE) -> Pieces:
        """Do as `add` does in pieces, between which others may use the library; the generator's value is the receipt.

        At most `at_once` passages are embedded in one piece. Nothing is stored before all are; the indexes follow then.
        """
        catalog = self._writable()
        return (yield from self._noting(adding(catalog, draft, self._usable, who, at_once, self._follow)))

    def renaming(self, article_id: int, title: str, who: str = "", at_once: int = AT_ONCE) -> Pieces:
        """Give an article a title that stays, in pieces. Raises UserError for an impossible one, or no such article."""
        return (yield from self._noting(renaming(self._known(), article_id, title, self._usable, who, at_once)))

    def restoring(self, number: int, who: str = "", at_once: int = AT_ONCE) -> Pieces:
        """Bring back what was before an entry of the history, in pieces. Raises UserError where nothing is kept."""
        return (yield from self._noting(restoring(self._known(), number, self._usable, who, at_once)))

    def _noting(self, pieces: Pieces) -> Pieces:
        receipt = yield from pieces
        self._changed = self._changed or receipt.status != "unchanged"
        return receipt

    def remove(self, article_id: int, who: str = "", *, purge: bool = False) -> bool:
        """Remove an article with all its sources; tell whether it was there. Needs no model.

        It can be brought back for a while. With `purge` it cannot, and what is kept of an article that was removed
        before, or of its earlier versions, goes too.
        """
        catalog = self._readable()
        gone = catalog.remove(article_id, ChangeDetails(who), purge=purge) if catalog else None
        self._changed = self._changed or gone is not None
        if catalog and purge and gone is not None and catalog.meta("epoch"):
            self._level(catalog).lexical.compact()
            self._close_indexes()  # which empties their logs
        return gone is not None

    def detach(self, key: str, who: str = "") -> None:
        """Remove a source, and its article where no other source names it. Needs no model."""
        catalog = self._readable()
        if catalog is not None:
            catalog.detach(key, ChangeDetails(who))
            self._changed = True

    def version(self, key: str) -> str | None:
        """Return the version at which a source was last read, None for one that is not known."""
        catalog = self._readable()
        source = catalog.sources.get(key) if catalog else None
        return source.version if source else None

    def unchanged(self, key: str) -> Receipt | None:
        """Return the receipt of a source that is as it was, None for one that is not known."""
        catalog = self._readable()
        source = catalog.sources.get(key) if catalog else None
        article = catalog.article(source.article_id) if catalog and source else None
        if catalog is None or source is None or article is None:
            return None
        catalog.sources.back(key)
        return Receipt(article.id, article.title, source.shown, "unchanged", catalog.count_passages(article.id))

    def remember_origin(self, key: str, pages: int | None, depth: int | None = None) -> None:
        """Note that a folder, or a site with its limits, was added: a refresh looks for what is new there."""
        self._writable().sources.remember_origin(key, pages, depth)

    def failed(self) -> list[FailedSource]:
        """Return what could not be read at the last look, the newest first."""
        catalog = self._readable()
        return catalog.sources.failed() if catalog else []

    def articles(self) -> list[ArticleRow]:
        """Return a line for every article, by id."""
        catalog = self._readable()
        return catalog.articles() if catalog else []

    def article(self, article_id: int) -> Article | None:
        """Return a stored article, or None."""
        catalog = self._readable()
        return catalog.article(article_id) if catalog else None

    def article_of(self, key: str) -> Article | None:
        """Return the article that a source holds now, or None."""
        catalog = self._readable()
        source = catalog.sources.get(key) if catalog else None
        return catalog.article(source.article_id) if catalog and source else None

    def history(self, article_id: int | None = None, limit: int = 100) -> list[HistoryEntry]:
        """Return what has happened, newest first: to all articles, or to one and those whose place it has taken."""
        catalog = self._readable()
        return catalog.history.entries(article_id, limit) if catalog else []

    def has_ever_held(self) -> bool:
        """Whether an article was ever stored here, even if it is gone."""
        catalog = self._readable()
        return catalog is not None and catalog.generation > 0

    def passage_ids(self, article_id: int) -> list[int]:
        """Return the ids of an article's passages in order; none where it is gone."""
        catalog = self._readable()
        return [int(key) for key in catalog.passage_ids(article_id)] if catalog else []

    def near_duplicates(self, article_id: int) -> list[int]:
        """Return the ids of the articles that are the same as one but for small differences, oldest first."""
        catalog = self._readable()
        return catalog.near_duplicates(article_id) if catalog else []

    def passages(self, ids: Iterable[int]) -> Iterator[StoredPassage]:
        """Yield passages by id, in that order; those that are gone are left out."""
        catalog = self._readable()
        return catalog.passages(ids) if catalog else iter(())

    def indexes(self) -> OpenIndexes | None:
        """Return both indexes, level with the catalogue, or None where there is nothing to search.

        Raises UserError where the library was built with another model or chunking.
        """
        catalog = self._readable()
        if catalog is None or catalog.meta("epoch") is None:
            return None
        self._usable()
        return self._level(catalog)

    def check(self) -> list[str]:
        """Prove the library sound: return a sentence for each thing that is not. Needs no model."""
        catalog = self._readable()
        if catalog is None:
            return []
        indexes = self._level(catalog) if catalog.meta("epoch") else None
        return list(findings(catalog, indexes))

    def reindex(self, progress: Callable[[int, int], None]) -> int:
        """Cut and embed every article anew; `progress` hears (articles done, articles in all). Returns how many.

        Broken off, it leaves the library as it was.
        """
        catalog = self._readable()
        if catalog is None:
            return 0
        embedder = self._embedder()
        listed = catalog.articles()

        def rebuilt() -> Iterator[tuple[int, str, list[tuple[Span, str]], np.ndarray]]:
            for done, row in enumerate(listed):
                progress(done, len(listed))
                article = catalog.article(row.id)
                if article:
                    spans = batch_embedding.split(article.text, article.sections, embedder)
                    yield (
                        row.id,
                        article.text,
                        spans,
                        batch_embedding.embed(article.title, article.text, spans, embedder),
                    )

        catalog.replace_passages(rebuilt(), str(IndexVersion.of(embedder)))
        progress(len(listed), len(listed))
        self._close_indexes()
        self._changed = True
        return len(listed)

    def close(self) -> None:
        """Bring the indexes level with what was changed, save them and let go of the files."""
        if self._opened and (self._changed or self._indexes) and self._opened.meta("epoch"):
            self._level(self._opened)
        self._close_indexes()
        if self._opened:
            self._opened.close()
        self._opened, self._changed = None, False

    @property
    def catalog(self) -> Catalog | None:
        """The catalogue, or None where nothing was ever stored."""
        return self._readable()

    def _path(self) -> Path:
        return self._folder / "catalog.db"

    def _readable(self) -> Catalog | None:
        if self._opened is None and self._path().exists():
            self._opened = Catalog(self._path(), self._keep)
        return self._opened

    def _writable(self) -> Catalog:
        if self._opened is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._opened = Catalog(self._path(), self._keep)
        return self._opened

    def _known(self) -> Catalog:
        catalog = self._readable()
        if catalog is None:
            raise UserError(f"The library {self.name!r} is empty. Add articles with `python bot.py add SOURCE...`.")
        return catalog

    def _usable(self) -> Embedder:
        """Return the embedder. Raises UserError where the library was built with another."""
        embedder = self._embedder()
        require(self._writable(), IndexVersion.of(embedder), self.name)
        return embedder

    def _level(self, catalog: Catalog) -> OpenIndexes:
        """Open the caches if need be, and let them follow the catalogue."""
        epoch = IndexVersion.read(catalog.meta("epoch") or "")
        if self._indexes is None or self._indexes.epoch != epoch:
            self._close_indexes()
            self._indexes = OpenIndexes.open(self._folder, epoch)
        self._indexes.level(catalog)
        return self._indexes

    def _follow(self, article_id: int, gone: np.ndarray) -> Generator[None, None, None]:
        """Let open indexes take in a new article in pieces; `gone` are the passages that it replaced."""
        catalog = self._writable()
        if self._indexes is not None and str(self._indexes.epoch) == catalog.meta("epoch"):
            yield from self._indexes.following(catalog, catalog.passage_ids(article_id), gone)

    def _close_indexes(self) -> None:
        if self._indexes:
            self._indexes.close()
        self._indexes = None
