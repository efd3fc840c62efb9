"""Questions that no library answers, and libraries of a given size to ask them of.

`off_topic.jsonl` in this folder has one `{question, kind, subject, invented}` a line: about games, clubs, products,
persons and places that do not exist, and everyday questions of a community about itself. The libraries have pages of
`load-en`, without the articles that are used for judging.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import data
from benchmarks.data import Document, Question
from benchmarks.harness import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.harness import Bench
    from benchmarks.pipeline_trial import Trial
    from index.libraries.library import Library

FILE = Path(__file__).parent / "off_topic.jsonl"
PAGES = "load-en"
_JUDGED = "squad1.1-dev"  # ids of paragraphs of articles that are used for judging begin so
_PARTS = 30  # of a page at most, so that a few long manuals do not fill a small library
_STEP = 1000  # passages between two progress messages


def read(path: Path = FILE) -> list[Question]:
    """Return the questions; the title of each is its subject."""
    return [
        Question(f"off-topic-{number}", row["subject"], "", row["question"], ())
        for number, row in enumerate(data.rows(path))
    ]


def invented_names(path: Path = FILE) -> list[str]:
    """Return the invented names, in lower case."""
    return list(dict.fromkeys(row["subject"].casefold() for row in data.rows(path) if row["invented"]))


def pages(folder: Path, seed: int = 0) -> list[Document]:
    """Return the pages of `load-en` in random order. Raises FileNotFoundError if the folder does not have the file."""
    parts: dict[str, list[tuple[str, str]]] = {}
    for row in data.rows(_path(folder)):
        if not row["_id"].startswith(_JUDGED):
            parts.setdefault(row["_id"].rsplit("#", 1)[0], []).append((row["title"], row["text"]))
    found = [
        Document(key, own[0][0].strip() or key, "\n\n".join(text for _, text in own[:_PARTS]))
        for key, own in parts.items()
    ]
    random.Random(seed).shuffle(found)
    return found


def _path(folder: Path) -> Path:
    for name in (f"{PAGES}.jsonl.gz", f"{PAGES}.jsonl"):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"{folder} has no {PAGES}.jsonl or {PAGES}.jsonl.gz")


def fill_to(library: Library, documents: Iterable[Document], size: int, names: Iterable[str] = ()) -> int:
    """Add documents until a library has at least `size` passages; return how many it has.

    Documents that it has are not embedded again, so that a stopped run goes on where it was. Raises ValueError if a
    document has one of the `names`, in lower case, or if there are too few documents.
    """
    forbidden = tuple(names)
    counted: set[int] = set()  # two sources of the same text share an article
    passages = shown = 0
    for doc in documents:
        text = f"{doc.title}\n{doc.text}".casefold()
        if known := [name for name in forbidden if name in text]:
            raise ValueError(f"{doc.doc_id} has the name {known[0]!r}, which ought to be invented")
        article = library.article_of_source(doc.doc_id)
        if article is None:
            data.fill(library, [doc])
            article = library.article_of_source(doc.doc_id)
        if article is None or article.id in counted:
            continue
        counted.add(article.id)
        passages += len(library.passage_ids(article.id))
        if passages >= size:
            return passages
        if passages >= shown + _STEP:
            shown = passages
            say(f"{library.name}: {passages:,} of {size:,} passages")
    raise ValueError(f"there are only {passages:,} passages, not {size:,}")


def trials_by_size(bench: Bench, folder: Path, sizes: Iterable[int]) -> dict[str, list[Trial]]:
    """Ask libraries of these numbers of passages every question; return the trials by a name of the library."""
    documents = pages(folder) if sizes else []
    found = {}
    for size in sizes:
        library = bench.libraries.open(f"{PAGES}-{size}")
        passages = fill_to(library, documents, size, invented_names())
        say(f"{library.name}: {len(library.articles()):,} pages, {passages:,} passages; asking")
        found[f"{PAGES}, {size:,} passages"] = bench.ask(library.name, read())
    return found
