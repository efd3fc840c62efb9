"""Question-answering sets for the benchmarks: `NAME.docs.jsonl[.gz]` and `NAME.qa.jsonl[.gz]` in one folder.

A document is `{doc_id, title, text}`; a question is `{id, title, doc_id, question, answers: [{text, start}],
is_impossible}`. README.md in this folder names the public originals.
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

_LEFT_OUT = frozenset({"community", "doc2dial", "conditionalqa", "medquad", "or-sharc", "pubmedqa", "qed"})


@dataclass(frozen=True, slots=True)
class Document:
    """A text with the title of its article. Several documents may be parts of one article."""

    doc_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question about an article, and the strings that answer it; none if the article does not answer it.

    `repo` is the repository of the article, if the set is split by repositories.
    """

    id: str
    title: str
    doc_id: str
    text: str
    answers: tuple[str, ...]
    repo: str = ""

    @property
    def group(self) -> str:
        """What must not be divided between fitting and judging: the repository, or else the article."""
        return self.repo or self.title


@dataclass(frozen=True, slots=True)
class QASet:
    """A data set: documents and questions about them."""

    name: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]

    def part(self, keep: Callable[[str], bool], limit: int | None = None, seed: int = 0) -> QASet:
        """Return the articles whose title passes `keep`, and their questions.

        At most `limit` answerable and `limit` unanswerable questions are drawn, with `seed`.
        """
        documents = tuple(doc for doc in self.documents if keep(doc.title))
        asked = [question for question in self.questions if keep(question.title)]
        random.Random(seed).shuffle(asked)
        kinds = ([q for q in asked if q.answers], [q for q in asked if not q.answers])
        return QASet(self.name, documents, tuple(q for kind in kinds for q in kind[:limit]))


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file, decompressed if its name ends in .gz."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def names(folder: Path) -> list[str]:
    """Return the names of the sets in a folder that have both documents and questions.

    Left out are the community set, whose questions are answered by sections (`benchmarks.community`), the turns of
    conversations (`benchmarks.conversation`), and sets that are only for training: their documents or answers are of
    another kind.
    """
    kinds: dict[str, set[str]] = {path.name.split(".")[0]: set() for path in folder.glob("*.jsonl*")}
    for path in folder.glob("*.jsonl*"):
        kinds[path.name.split(".")[0]].add(path.name.split(".")[1])
    return sorted(name for name, kind in kinds.items() if {"docs", "qa"} <= kind and name not in _LEFT_OUT)


def read(folder: Path, name: str) -> QASet:
    """Read one set, without its follow-up questions. Raises FileNotFoundError if a file is missing."""
    # Titles as a library stores them: in some sets they have white space around them, or differ beside a question.
    documents = tuple(
        Document(row["doc_id"], row["title"].strip(), row["text"]) for row in rows(path_of(folder, name, "docs"))
    )
    titles = {doc.doc_id: doc.title for doc in documents}
    asked = (row for row in rows(path_of(folder, name, "qa")) if not row.get("history"))
    return QASet(name, documents, tuple(_question(row, titles.get(row["doc_id"], row["title"])) for row in asked))


def fill(library: Library, documents: Iterable[Document], *, markdown: bool = False) -> int:
    """Add each document to a library as an article, of Markdown or plain text; return how many were added."""
    stored = 0
    for doc in documents:
        draft = draft_from_text(doc.text, key=doc.doc_id, source=doc.doc_id, markdown=markdown, title=doc.title)
        stored += library.add(draft).status == "added"
    return stored


def _question(row: dict[str, Any], title: str) -> Question:
    answers = () if row.get("is_impossible") else tuple(answer["text"] for answer in row["answers"])
    return Question(row["id"], title, row["doc_id"], row["question"], tuple(dict.fromkeys(answers)))


def path_of(folder: Path, name: str, kind: str) -> Path:
    """Return the path of a file of a set, with or without .gz. Raises FileNotFoundError if there is neither."""
    for ending in (".jsonl.gz", ".jsonl"):
        path = folder / f"{name}.{kind}{ending}"
        if path.exists():
            return path
    raise FileNotFoundError(f"{folder} has no {name}.{kind}.jsonl or .jsonl.gz")
