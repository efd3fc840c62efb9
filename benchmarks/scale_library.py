"""Libraries of a given size around the same real questions: each has the articles of the next smaller one, and more."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from itertools import chain, count, islice
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import data, off_topic, scale_units
from benchmarks.harness import in_split, say
from index.catalog.transaction import stored_already, transaction
from index.indexes.faiss_store import FaissStore
from index.indexes.index_version import IndexVersion
from index.libraries.registry import Libraries
from index.passages import batch_embedding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.data import Document, Question
    from benchmarks.scale_units import Unit
    from index.catalog.store import Catalog
    from index.indexes.open_indexes import OpenIndexes
    from index.libraries.library import Library
    from index.passages.embedder import Embedder

SETS = ("squad-train", "squad2-calibration", "afriqa-en")
LIBRARY = "shared"
_AT_ONCE = 50  # articles stored in one transaction
_STEP = 10_000  # passages between two progress messages


class Asked(NamedTuple):
    """Real questions and the documents that answer them."""

    questions: list[Question]
    documents: list[Document]

    @property
    def titles(self) -> frozenset[str]:
        """The titles of the documents, in lower case."""
        return frozenset(doc.title.casefold() for doc in self.documents)


def asked(folder: Path, most: int = 400) -> Asked:
    """Return at most so many answerable questions of articles that only serve reported figures, in equal parts."""
    questions: list[Question] = []
    documents: dict[str, Document] = {}
    for name in SETS:
        part = data.read(folder, name).part(in_split(name, "report"), most // len(SETS))
        chosen = [question for question in part.questions if question.answers]
        needed = {question.doc_id for question in chosen}
        questions += chosen
        documents |= {doc.doc_id: doc for doc in part.documents if doc.doc_id in needed}
    return Asked(questions, list(documents.values()))


def surroundings(folder: Path, without: frozenset[str]) -> Iterator[Unit]:
    """Yield articles of one- and two-sentence passages without end: those of the file, then altered copies of them.

    Left out are articles with these titles, in lower case, and with names that are invented for questions.
    """
    rows = scale_units.rows(folder)
    names = tuple(off_topic.invented_names())
    texts = chain(rows, chain.from_iterable(scale_units.copies(rows, number) for number in count(1)))
    seen: set[bytes] = set()
    for unit in scale_units.units(texts, without):
        text = f"{unit.draft.title}\n{unit.draft.text}".casefold()
        digest = hashlib.blake2b(unit.draft.text.encode(), digest_size=16).digest()
        if digest not in seen and not any(name in text for name in names):  # a text is stored once
            seen.add(digest)
            yield unit


def finish_building(indexes: OpenIndexes) -> None:
    """Wait until the vectors that are indexed on another thread are in use."""
    if isinstance(indexes.dense, FaissStore):
        indexes.dense.finish_building()


class Built(NamedTuple):
    """A built library: how many articles and passages are around the questions' documents, and what building took.

    `storing` is the seconds for the articles beyond those of the next smaller library, `indexing` for the indexes.
    """

    articles: int
    passages: int
    storing: float
    indexing: float


class Builder:
    """Builds data folders `work/SIZE` in ascending order; a stopped run goes on where it was.

    `fill` adds the articles that answer questions to the first one; `around` yields those around them.
    """

    def __init__(self, work: Path, fill: Callable[[Library], object], around: Iterator[Unit], model: Embedder) -> None:
        self._work, self._fill, self._around, self._model = work, fill, around, model
        self._last: Path | None = None
        self._articles = self._passages = 0

    def build(self, size: int) -> Built:
        """Build the folder of a size. Its indexes are built last, as they are whenever their files are missing."""
        folder = self._work / str(size)
        note = folder / "built.json"
        if note.exists():
            built = Built(**json.loads(note.read_text(encoding="utf-8")))
            for _ in islice(self._around, built.articles - self._articles):
                pass
        else:
            built = self._build(folder, size)
            note.write_text(json.dumps(built._asdict()), encoding="utf-8")
        self._last, self._articles, self._passages = folder, built.articles, built.passages
        return built

    def _build(self, folder: Path, size: int) -> Built:
        if self._last is not None and not folder.exists():
            copy = folder.with_name(f"{size}-part")
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(self._last, copy, ignore=shutil.ignore_patterns("vectors-*", "lexical*", "*.json"))
            copy.rename(folder)
        libraries = Libraries(folder, lambda: self._model)
        if self._last is None:
            self._fill(libraries.open(LIBRARY))
        started = time.perf_counter()
        articles, passages = self._store(libraries, size)
        storing = time.perf_counter() - started
        libraries.close()
        for path in (folder / "libraries" / LIBRARY).glob("*"):
            if path.name.startswith(("vectors-", "lexical")):
                path.unlink()
        say(f"{size:,}: building the indexes")
        libraries = Libraries(folder, lambda: self._model)
        started = time.perf_counter()
        if indexes := libraries.open(LIBRARY).indexes():
            finish_building(indexes)
        libraries.close()
        return Built(articles, passages, storing, time.perf_counter() - started)

    def _store(self, libraries: Libraries, size: int) -> tuple[int, int]:
        """Store articles until there are `size` passages; return how many articles and passages there are."""
        libraries.open(LIBRARY).close(sync=False)  # the indexes are built at once, not with each article
        catalog = libraries.open(LIBRARY).catalog
        assert catalog is not None
        articles, passages, shown = self._articles, self._passages, 0
        while passages < size:
            batch: list[Unit] = []
            while len(batch) < _AT_ONCE and passages < size:
                batch.append(next(self._around))
                articles, passages = articles + 1, passages + len(batch[-1].chunks)
            self._store_batch(catalog, batch)
            if passages >= shown + _STEP:
                shown = passages
                say(f"{passages:,} of {size:,} passages stored")
        return articles, passages

    def _store_batch(self, catalog: Catalog, batch: list[Unit]) -> None:
        stored = stored_already(catalog, [unit.draft for unit in batch])  # by a run that was stopped
        batch = [unit for unit in batch if stored.has_nothing_of(unit.draft)]
        version = str(IndexVersion.of(self._model))
        vectors = [batch_embedding.embed(draft.title, draft.text, chunks, self._model) for draft, chunks in batch]
        with transaction(catalog, [unit.draft for unit in batch]) as inside:
            for (draft, chunks), rows in zip(batch, vectors, strict=True):
                inside.add_new(draft, (chunks, rows), version, "scale")
