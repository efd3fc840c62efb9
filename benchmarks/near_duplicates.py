"""Near duplicates: which altered versions of a text are detected, and which different texts are mistaken for one.

    python -m benchmarks.near_duplicates FOLDER

The texts are the pages of `load-en`, the articles of `squad-train` and the documents of `doc2dial`, joined from their
passages. Versions of them are altered as web sites do. Any two texts of one set count as different.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import re
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.passages.near_duplicates import RESEMBLANCE, minhash_bands, resemblance, shingles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LEVELS = (0.5, 0.6, RESEMBLANCE, 0.8, 0.9)
_PAIRS_SHOWN = 12  # pairs of different texts that are most similar, to be inspected
_SITE_FRAME = (
    "Skip to content\nMenu Home News About Contact Search\n",
    "\nPrint this page. Share on social media. Subscribe to our newsletter.\nAll rights reserved. Privacy. Imprint.",
)


def texts(folder: Path, name: str) -> dict[str, str]:
    """Return the texts of a set by document id or title, each joined from its passages."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    path = folder / (f"{name}.jsonl.gz" if name == "load-en" else f"{name}.docs.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            key = row["_id"].rpartition("#")[0] or row["_id"] if "_id" in row else row["title"]
            found[key].append(row["text"])
    return {key: "\n\n".join(parts) for key, parts in found.items() if len(shingles("\n\n".join(parts)))}


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def around(text: str, _random: random.Random) -> str:
    """Add the navigation and footer of a site."""
    return _SITE_FRAME[0] + text + _SITE_FRAME[1]


def without(text: str, dice: random.Random) -> str:
    """Leave out one sentence in ten, as a mobile version does."""
    return " ".join(one for one in _sentences(text) if dice.random() > 0.1)


def corrected(text: str, dice: random.Random) -> str:
    """Replace one word in fifty."""
    return re.sub(r"\w+", lambda word: "corrected" if dice.random() < 0.02 else word[0], text)


def dated(text: str, dice: random.Random) -> str:
    """Replace numbers by others, and apostrophes and hyphens by typographic ones."""
    return re.sub(r"\d+", lambda _: str(dice.randrange(2000)), text).replace("'", "\u2019").replace(" - ", " \u2013 ")


def halved(text: str, _random: random.Random) -> str:
    """Keep the first half: a different text, which quotes this one at length."""
    return text[: len(text) // 2]


VERSIONS: tuple[Callable[[str, random.Random], str], ...] = (around, without, corrected, dated, halved)


def pairs(found: dict[str, str]) -> Iterator[tuple[str, str, float]]:
    """Yield the keys of each two texts that share a band, with their resemblance, 0 to 1."""
    by_band: defaultdict[int, list[str]] = defaultdict(list)
    kept = {key: shingles(text) for key, text in found.items()}
    for key, own in kept.items():
        for band in minhash_bands(own):
            by_band[band].append(key)
    shared = {pair for keys in by_band.values() for pair in itertools.combinations(sorted(keys), 2)}
    for one, other in shared:
        yield one, other, resemblance(kept[one], kept[other])


def report(name: str, found: dict[str, str], most: int) -> None:
    """Print the tables of one set."""
    dice = random.Random(5)
    sample = dice.sample(sorted(found), min(most, len(found)))
    print(
        f"\n{name}: {len(found)} texts, {np.median([len(text) for text in found.values()]):.0f} characters (median)\n"
    )
    print("| version | " + " | ".join(f"from {level}" for level in _LEVELS) + " | median | band shared, of these |")
    print("|---" * (len(_LEVELS) + 3) + "|")
    for make in VERSIONS:
        own = [(shingles(found[key]), shingles(make(found[key], dice))) for key in sample]
        near = np.array([resemblance(*pair) for pair in own])
        shared = np.array([bool(set(minhash_bands(one)) & set(minhash_bands(other))) for one, other in own])
        shares = " | ".join(f"{np.mean(near >= level):.3f}" for level in _LEVELS)
        detected = f"{np.mean(shared[near >= RESEMBLANCE]):.3f}" if (near >= RESEMBLANCE).any() else "-"
        print(f"| {make.__name__} | {shares} | {np.median(near):.2f} | {detected} |")
    different = sorted(pairs(found), key=lambda pair: -pair[2])
    counts = " | ".join(str(sum(near >= level for _, _, near in different)) for level in _LEVELS)
    print(f"| pairs of different texts, of {len(found) * (len(found) - 1) // 2:,} | {counts} | | {len(different)} |")
    for one, other, resembling in different[:_PAIRS_SHOWN]:
        print(f"    {resembling:.2f}  {one}  =  {other}")


def main() -> None:
    """Measure and print the tables and the speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=["squad-train", "doc2dial", "load-en"])
    parser.add_argument("--most", type=int, default=300, help="texts of a set of which versions are made")
    options = parser.parse_args()
    for name in options.sets:
        found = texts(options.folder, name)
        report(name, found, options.most)
        sample = list(found.values())[: options.most]
        started = time.perf_counter()
        for text in sample:
            minhash_bands(shingles(text))
        seconds = time.perf_counter() - started
        print(f"\n{sum(map(len, sample)) / seconds / 1e6:.1f} million characters sketched a second")


if __name__ == "__main__":
    main()
