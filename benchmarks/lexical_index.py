"""Speed and size of lexical search, by the number of passages.

    python -m benchmarks.lexical_index FOLDER --work DIR --sizes 10000 100000 1000000 --with fts5

Passages are the sentences of `load-en.jsonl` and every two neighbours, without the rows that are used for judging;
beyond what it has, they come again with every tenth word exchanged. The questions are those of the sets in FOLDER. Each
is searched with its key terms, and one of them, with a typo, is looked up. An index that is complete in DIR is not
built again. Run it alone: times are of the wall clock, except that of building, which is processor time.
"""

from __future__ import annotations

import argparse
import random
import time
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import data
from benchmarks.lexical_baselines import Blocks, Fts5, Subject, Tantivy
from index.indexes.lexical import LexicalRow
from index.memory import size_of
from index.text.analyzer import index_terms, key_terms
from index.text.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_JUDGED = "squad1.1-dev"
_AT_ONCE = 1000  # rows that are stored together
_ARTICLE = 12  # passages of the article that is added and removed
_POOL = 40  # passages that a question asks for
_KINDS: dict[str, Callable[[Path], Subject]] = {"blocks": Blocks, "fts5": Fts5, "tantivy": Tantivy}


def passages(folder: Path) -> Iterator[LexicalRow]:
    """Yield rows without end."""
    path = next(path for path in (folder / "load-en.jsonl.gz", folder / "load-en.jsonl") if path.exists())
    texts = [(row["title"], row["text"]) for row in data.rows(path) if not row["_id"].startswith(_JUDGED)]
    random.Random(0).shuffle(texts)
    key, turn = 0, 0
    while True:
        chance = random.Random(turn)
        for heading, text in texts:
            title, spans = " ".join(index_terms(heading)), sentence_spans(text)
            said = [" ".join(index_terms(span.of(text))) for span in spans]
            for body in [*said, *(f"{one} {other}" for one, other in pairwise(said))]:
                words = body.split()
                for at in range(chance.randrange(10), len(words), 10) if turn else ():
                    words[at] = chance.choice(words)
                key += 1
                yield LexicalRow(key, title, " ".join(words), key)
        turn += 1


def questions(folder: Path, most: int) -> list[list[str]]:
    """Return the key terms of `most` questions, as many of each set."""
    names = [name for name in data.names(folder) if not name.startswith("community-")]
    found = []
    for name in names:
        asked = list(data.read(folder, name).questions)
        random.Random(0).shuffle(asked)
        found += [terms for one in asked[: most // len(names) + 1] if (terms := key_terms(one.text))]
    return found[:most]


def typos(asked: Sequence[Sequence[str]]) -> list[str]:
    """Return the longest term of each question with two letters exchanged, or one left out."""
    chance, found = random.Random(0), []
    for terms in asked:
        term = max(terms, key=len)
        at = chance.randrange(max(1, len(term) - 1))
        swapped = term[:at] + term[at : at + 2][::-1] + term[at + 2 :]
        found.append(swapped if chance.random() < 0.5 else term[:at] + term[at + 1 :])
    return [one for one in found if len(one) >= 4]


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def figures(values: Sequence[float]) -> str:
    """Return median and 95th percentile."""
    return f"{np.median(values):.1f} / {np.percentile(values, 95):.1f} ms"


def build(kind: str, folder: Path, rows: Iterator[LexicalRow], size: int) -> float:
    """Store `size` rows in a new index, and return the seconds of processor time that took; 0 if they are there."""
    complete = folder / "complete"
    if complete.exists():
        return 0.0
    folder.mkdir(parents=True, exist_ok=True)
    subject, seconds = _KINDS[kind](folder), 0.0
    while batch := list(islice(rows, min(_AT_ONCE, size))):
        size -= len(batch)
        started = time.process_time()
        subject.put(batch)
        seconds += time.process_time() - started
    subject.close()
    complete.touch()
    return seconds


def measure(kind: str, folder: Path, asked: Sequence[list[str]], size: int) -> None:
    """Print the figures of one index."""
    started = time.perf_counter()
    subject = _KINDS[kind](folder)
    subject.search(asked[0], _POOL)
    cold = 1000 * (time.perf_counter() - started)
    words = typos(asked)
    searched = [milliseconds(partial(subject.search, terms, _POOL)) for terms in asked]
    counted = [milliseconds(partial(subject.count, terms)) for terms in asked]
    first = milliseconds(partial(subject.similar, words[0], 20))
    looked_up = [milliseconds(partial(subject.similar, word, 20)) for word in words]
    print(f"  opened and first question: {cold:.0f} ms")
    print("  search:", figures(searched))
    print("  count:", figures(counted))
    print(f"  typo: the first one {first:.1f} ms, all {figures(looked_up)}")
    own = [
        LexicalRow(size + at, "harbour", f"lanternword{at} {' '.join(asked[at % len(asked)])}", at)
        for at in range(1, _ARTICLE)
    ]
    added = milliseconds(lambda: subject.put(own))
    after = milliseconds(lambda: subject.search(asked[-1], _POOL))
    typo = milliseconds(lambda: subject.similar("lanternwrod1", 20))
    print(f"  one article added: {added:.0f} ms; the next question {after:.1f} ms, the next typo {typo:.1f} ms")
    removed = milliseconds(lambda: subject.remove(own))
    after = milliseconds(lambda: subject.search(asked[-1], _POOL))
    print(f"  removed: {removed:.0f} ms; the next question {after:.1f} ms")
    held = subject._index.memory if isinstance(subject, Blocks) else size_of(getattr(subject, "_terms", []))  # noqa: SLF001
    subject.close()
    stored = sum(path.stat().st_size for path in folder.iterdir())
    print(f"  files: {stored / 1e6:.0f} MB; held in memory: {held / 1e6:.1f} MB", flush=True)


def main() -> None:
    """Build and measure indexes of each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with load-en.jsonl and question-answering sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for the indexes")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--with", dest="others", nargs="*", default=[], choices=["fts5", "tantivy"])
    parser.add_argument("--questions", type=int, default=200)
    options = parser.parse_args()
    asked = questions(options.folder, options.questions)
    for size in options.sizes:
        for kind in ("blocks", *options.others):
            folder = options.work / f"{kind}-{size}"
            seconds = build(kind, folder, passages(options.folder), size)
            print(f"{kind}, {size:,} passages" + (f": built in {seconds:.1f} s of processor time" if seconds else ""))
            measure(kind, folder, asked, size)


if __name__ == "__main__":
    main()
