"""Question-answering sets for the benchmarks: `NAME.docs.jsonl[.gz]` and `NAME.qa.jsonl[.gz]` in one folder.

A document is `{doc_id, title, text}`; a question is `{id, title, doc_id, question, answers: [{text, start}],
is_impossible}`. The public originals are named in README.md beside this file.
"""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.sources.loader import draft_from_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from index.libraries.library import Library


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its article's title; several documents may be parts of one article."""

    doc_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the article it was asked of, and the strings that answer it: none where it has no answer there."""

    id: str
    title: str
    doc_id: str
    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QASet:
    """One set of documents with questions on them."""

    name: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]

    def part(self, keep: Callable[[str], bool], limit: int | None = None, seed: int = 0) -> QASet:
        """Keep the articles whose title passes, and at most `limit` questions of each kind, drawn with `seed`."""
        documents = tuple(doc for doc in self.documents if keep(doc.title))
        asked = [question for question in self.questions if keep(question.title)]
        random.Random(seed).shuffle(asked)
        kinds = ([q for q in asked if q.answers], [q for q in asked if not q.answers])
        return QASet(self.name, documents, tuple(q for kind in kinds for q in kind[:limit]))


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def names(folder: Path) -> list[str]:
    """Name the sets of a folder that have both documents and questions."""
    kinds: dict[str, set[str]] = {path.name.split(".")[0]: set() for path in folder.glob("*.jsonl*")}
    for path in folder.glob("*.jsonl*"):
        kinds[path.name.split(".")[0]].add(path.name.split(".")[1])
    return sorted(name for name, kind in kinds.items() if {"docs", "qa"} <= kind)


def read(folder: Path, name: str) -> QASet:
    """Read one set, without the questions that follow others. Raises FileNotFoundError where a file is missing."""
    # Titles as a library keeps them: some sets have white space around them, and another spelling beside a question.
    documents = tuple(
        Document(row["doc_id"], row["title"].strip(), row["text"]) for row in rows(path_of(folder, name, "docs"))
    )
    titles = {doc.doc_id: doc.title for doc in documents}
    asked = (row for row in rows(path_of(folder, name, "qa")) if not row.get("history"))
    return QASet(name, documents, tuple(_question(row, titles.get(row["doc_id"], row["title"])) for row in asked))


def fill(library: Library, documents: Iterable[Document]) -> int:
    """Add documents to a library as articles of their own; return how many were stored."""
    stored = 0
    for doc in documents:
        draft = draft_from_text(doc.text, key=doc.doc_id, source=doc.doc_id, markdown=False, title=doc.title)
        stored += library.add(draft).status == "added"
    return stored


def _question(row: dict[str, Any], title: str) -> Question:
    given = () if row.get("is_impossible") else tuple(answer["text"] for answer in row["answers"])
    return Question(row["id"], title, row["doc_id"], row["question"], tuple(dict.fromkeys(given)))


def path_of(folder: Path, name: str, kind: str) -> Path:
    """Return the file of a set, gzipped or not. Raises FileNotFoundError with what is missing."""
    for ending in (".jsonl.gz", ".jsonl"):
        path = folder / f"{name}.{kind}{ending}"
        if path.exists():
            return path
    raise FileNotFoundError(f"{folder} has no {name}.{kind}.jsonl or .jsonl.gz")
