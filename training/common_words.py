"""Makes the list of ordinary English words, `qa/retrieval/words/common.txt`, from articles written by many people.

    python -m training.common_words FOLDER

FOLDER is that of the benchmarks. Only articles of the `train` split are used. A stem is listed if it is written in
lower case at least three times, in two collections or five times in prose, and not almost always with a capital inside
a sentence. It has a capital in the list if it is written with one more often than not.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.data import path_of, rows
from benchmarks.splits import repository_split_of, split_of
from index.text.analyzer import index_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIST = Path(__file__).resolve().parent.parent / "qa" / "retrieval" / "words" / "common.txt"
_WORD = re.compile(r"[^\W\d_]{3,24}")
_INSIDE_SENTENCE = re.compile(r"[\w,;)’'-] *\Z")
_MANUALS = ("linux6.1", "python3.11", "postgresql15", "django3.2", "debian-handbook")
_PROSE = frozenset({"encyclopedia", "doc2dial", "medquad", "conditionalqa"})
_MIN_COUNT, _MIN_PROSE, _MIN_LOWER_SHARE = 3, 5, 0.1
_LONGEST = 18  # letters of a stem


def common_words(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Return the list for (collection, text) pairs, sorted by stem."""
    lower: dict[str, Counter[str]] = defaultdict(Counter)  # collections of a stem
    capital: Counter[str] = Counter()
    for collection, text in texts:
        for match in _WORD.finditer(text):
            word = match[0]
            if word.islower():
                lower[word][collection] += 1
            elif word[0].isupper() and not word.isupper():
                inside = _INSIDE_SENTENCE.search(text, max(0, match.start() - 9), match.start())
                capital[word.lower()] += inside is not None
    by_stem: dict[str, Counter[str]] = defaultdict(Counter)
    names: Counter[str] = Counter()
    for word, counts in lower.items():
        for stem in index_terms(word)[:1]:
            by_stem[stem].update(counts)
    for word, count in capital.items():
        for stem in index_terms(word)[:1]:
            names[stem] += count
    listed = (stem for stem, counts in by_stem.items() if _is_listed(stem, counts, names[stem]))
    return [stem.capitalize() if names[stem] > by_stem[stem].total() else stem for stem in sorted(listed)]


def _is_listed(stem: str, counts: Counter[str], capital: int) -> bool:
    total = counts.total()
    prose = sum(counts[collection] for collection in _PROSE)
    return (
        stem.isascii()
        and 3 <= len(stem) <= _LONGEST
        and re.search("[aeiouy]", stem) is not None
        and total >= max(_MIN_COUNT, _MIN_LOWER_SHARE * (total + capital))
        and (len(counts) > 1 or prose >= _MIN_PROSE)
    )


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts that may be used, with the name of their collection."""
    held_out = set((folder / "heldout.sha256").read_text("utf-8").split())
    for row in rows(folder / "load-en.jsonl.gz"):
        source = re.split("[/#]", row["_id"])[0]
        hashes = {hashlib.sha256(name.lower().encode()).hexdigest() for name in (source, source.rstrip("0123456789."))}
        if not source.startswith("squad1.1-dev") and hashes.isdisjoint(held_out):
            yield (source if source in _MANUALS else "encyclopedia"), row["text"]
    for name in ("squad-train", "afriqa-en"):
        for row in rows(path_of(folder, name, "docs")):
            if split_of(name, row["title"]) == "train":
                yield "encyclopedia", row["text"]
    for row in rows(path_of(folder, "community-headings", "docs")):
        if repository_split_of(row["repo"]) == "train":
            yield row["repo"], row["text"]
    for name in ("doc2dial", "medquad", "conditionalqa"):
        for row in rows(path_of(folder, name, "docs")):
            yield name, row["text"]


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the data sets")
    parser.add_argument("--output", type=Path, default=LIST)
    options = parser.parse_args()
    options.output.write_text("\n".join(common_words(_texts(options.folder))) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
