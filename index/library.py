"""A library: articles in, passages found. One per Discord server, and the operator's shared one.

The catalogue is the truth. The dense and the lexical index are caches that follow it: they are brought
level whenever the catalogue's generation has moved, also by another process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index import ingest
from index.caches import Epoch, Indexes
from index.catalog import ArticleRow, Catalog, StoredPassage
from index.soundness import findings
from index.values import Article, Draft, Receipt, Span, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from pathlib import Path

    import numpy as np

    from index.embed import Embedder

_AT_ONCE = 6  # passages; embedding them takes less than 100 ms on one core


class Library:
    """One library in one folder. Owned by one thread; other processes may change the same folder.

    `embedder` is called when a model is first needed: adding, asking and reindexing need it, reading and
    removing do not.
    """

    def __init__(self, folder: Path, name: str, embedder: Callable[[], Embedder]) -> None:
        self.name = name
        self._folder = folder
        self._embedder = embedder
        self._opened: Catalog | None = None
        self._indexes: Indexes | None = None
        self._changed = False

    def add(self, draft: Draft) -> Receipt:
        """Store an article, or recognise that it is there already; what its source held before is replaced.

        Raises UserError where the library was built with another model or chunking, or the text holds NUL.
        """
        adding = self.adding(draft, at_once=len(draft.text) + 1)
        while True:
            try:
                next(adding)
            except StopIteration as end:
                receipt: Receipt = end.value
                return receipt

    def adding(self, draft: Draft, at_once: int = _AT_ONCE) -> Generator[None, None, Receipt]:
        """Do as `add` does in pieces, between which others may use the library; the generator's value is the receipt.

        At most `at_once` passages are embedded in one piece. Nothing is stored before the last one.
        """
        catalog = self._writable()
        found = catalog.match(draft)
        if found and found[1]:
            catalog.sources.seen(draft)
            return self._receipt(draft, found[0], "unchanged")
        if found:
            gone = catalog.share(found[0], draft)
            self._changed = True
            return self._receipt(draft, found[0], "same_text", replaced=bool(len(gone)))
        return (yield from self._storing(catalog, draft, at_once))

    def _storing(self, catalog: Catalog, draft: Draft, at_once: int) -> Generator[None, None, Receipt]:
        if "\0" in draft.text:
            message = (
                f"{draft.source} holds NUL characters, so it is not a text. Save it as plain text and add it again."
            )
            raise UserError(message)
        embedder = self._embedder()
        self._require_epoch(catalog, embedder)
        spans = ingest.split(draft.text, draft.sections, embedder)
        known = ingest.embedded(catalog.vectors(draft.key), embedder)
        texts = ingest.texts_of(draft.title, draft.text, spans, embedder)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        for at in range(0, len(new), at_once):
            yield
            piece = new[at : at + at_once]
            known.update(zip(piece, embedder.passages(piece), strict=True))
        vectors = ingest.embed(draft.title, draft.text, spans, embedder, known)
        article_id, gone = catalog.put(draft, spans, vectors, str(Epoch.of(embedder)))
        self._changed = True
        return self._receipt(draft, article_id, "added", replaced=bool(len(gone)))

    def _receipt(self, draft: Draft, article_id: int, status: str, *, replaced: bool = False) -> Receipt:
        count = self._writable().count_passages(article_id)
        final = "replaced" if replaced and status == "added" else status
        return Receipt(article_id, draft.title, draft.source, final, count)  # type: ignore[arg-type] # a Literal

    def remove(self, article_id: int) -> bool:
        """Remove an article with all its sources; tell whether it was there. Needs no model."""
        catalog = self._readable()
        gone = catalog.remove(article_id) if catalog else None
        self._changed = self._changed or gone is not None
        return gone is not None

    def detach(self, key: str) -> None:
        """Remove a source, and its article where no other source names it. Needs no model."""
        catalog = self._readable()
        if catalog is not None:
            catalog.detach(key)
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
        if source.missing is not None:
            catalog.sources.mark([key], None)
        return Receipt(article.id, article.title, source.shown, "unchanged", catalog.count_passages(article.id))

    def remember_origin(self, key: str, pages: int | None) -> None:
        """Note that a folder, or a site with a limit of pages, was added: a refresh looks for what is new there."""
        self._writable().sources.remember_origin(key, pages)

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

    def has_ever_held(self) -> bool:
        """Whether an article was ever stored here, even if it is gone."""
        catalog = self._readable()
        return catalog is not None and catalog.generation > 0

    def passage_ids(self, article_id: int) -> list[int]:
        """Return the ids of an article's passages in order; none where it is gone."""
        catalog = self._readable()
        return [int(key) for key in catalog.passage_ids(article_id)] if catalog else []

    def passages(self, ids: Iterable[int]) -> Iterator[StoredPassage]:
        """Yield passages by id, in that order; those that are gone are left out."""
        catalog = self._readable()
        return catalog.passages(ids) if catalog else iter(())

    def indexes(self) -> Indexes | None:
        """Return both indexes, level with the catalogue, or None where there is nothing to search.

        Raises UserError where the library was built with another model or chunking.
        """
        catalog = self._readable()
        if catalog is None or catalog.meta("epoch") is None:
            return None
        self._require_epoch(catalog, self._embedder())
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
                    spans = ingest.split(article.text, article.sections, embedder)
                    yield row.id, article.text, spans, ingest.embed(article.title, article.text, spans, embedder)

        catalog.replace_passages(rebuilt(), str(Epoch.of(embedder)))
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
            self._opened = Catalog(self._path())
        return self._opened

    def _writable(self) -> Catalog:
        if self._opened is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._opened = Catalog(self._path())
        return self._opened

    def _require_epoch(self, catalog: Catalog, embedder: Embedder) -> None:
        stored, current = catalog.meta("epoch"), Epoch.of(embedder)
        if stored is None or stored == str(current) or not catalog.has_passages():
            return
        was = Epoch.read(stored)
        difference = (
            f"the embedding model {was.model!r} (revision {was.revision})"
            if (was.model, was.revision) != (current.model, current.revision)
            else f"another way of cutting passages ({was.chunker}, now {current.chunker})"
        )
        message = (
            f"The library {self.name!r} was built with {difference}; EMBEDDING_MODEL is now {current.model!r}. "
            f"Run `python bot.py reindex --library {self.name}` to rebuild it, or set EMBEDDING_MODEL back."
        )
        raise UserError(message)

    def _level(self, catalog: Catalog) -> Indexes:
        """Open the caches if need be, and let them follow the catalogue."""
        epoch = Epoch.read(catalog.meta("epoch") or "")
        if self._indexes is None or self._indexes.epoch != epoch:
            self._close_indexes()
            self._indexes = Indexes.open(self._folder, epoch)
        self._indexes.level(catalog)
        return self._indexes

    def _close_indexes(self) -> None:
        if self._indexes:
            self._indexes.close()
        self._indexes = None
