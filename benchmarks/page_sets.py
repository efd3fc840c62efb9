"""Quality of extraction on public sets of real pages, beside the installed extraction libraries.

`python -m benchmarks.page_sets FOLDER` - FOLDER is the `tests` folder of github.com/adbar/trafilatura (its
`evaldata.json` gives phrases that an article has, and phrases that are boilerplate). The pages are never committed.

The rules of Verbatim were written with the pages of half of the hosts: those whose name has an even SHA-256. Figures
of the other half are of pages that nobody looked at.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.extractors import Extract, extractors


@dataclass(frozen=True, slots=True)
class Page:
    """A page with the phrases that its article has, and phrases that are not part of it."""

    address: str
    data: bytes
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]

    @property
    def seen(self) -> bool:
        """Whether the page belongs to the half with which the rules were written."""
        host = urlsplit(self.address).hostname or ""
        return hashlib.sha256(host.encode()).digest()[-1] % 2 == 0


@dataclass(slots=True)
class Score:
    """The phrases found by one extractor, the pages of which it found nothing wanted, and its CPU times in seconds."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    lost: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def add(self, page: Page, extract: Extract) -> None:
        """Run an extractor on a page, and count its phrases. A failure finds nothing."""
        began = time.process_time()
        try:
            text = squeezed(extract(page.data))
        except Exception:  # noqa: BLE001 - a library that fails has not found the article
            text = ""
        self.times.append(time.process_time() - began)
        found = sum(squeezed(phrase) in text for phrase in page.wanted)
        self.right += found
        self.missed += len(page.wanted) - found
        self.wrong += sum(squeezed(phrase) in text for phrase in page.unwanted)
        if not found:
            self.lost.append(page.address)

    def row(self) -> str:
        """Return precision, recall, F1, pages without any wanted phrase, and milliseconds, as cells of a table."""
        precision = self.right / max(1, self.right + self.wrong)
        recall = self.right / max(1, self.right + self.missed)
        f1 = 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)
        times = f"{1000 * statistics.median(self.times):.0f}"
        return f"{precision:.3f} | {recall:.3f} | {f1:.3f} | {len(self.lost)} | {times}"


def squeezed(text: str) -> str:
    """Return a text with one space for each run of white space, as trafilatura's evaluation compares texts."""
    return " ".join(text.split())


def load(folder: Path) -> Iterator[Page]:
    """Yield the pages of a set."""
    for address, item in json.loads((folder / "evaldata.json").read_text("utf-8")).items():
        path = next(path for part in ("cache", "eval") if (path := folder / part / item["file"]).is_file())
        yield Page(address, path.read_bytes(), tuple(item["with"]), tuple(item["without"]))


def measure(name: str, pages: Sequence[Page], only: str) -> None:
    """Print a table of the extractors for one half of the pages."""
    print(f"\n{name}: {len(pages)} pages\n\n| | precision | recall | F1 | pages lost | ms, median |")
    print("|---|---|---|---|---|---|")
    for extractor, extract in extractors():
        if only and extractor != only:
            continue
        score = Score()
        for page in pages:
            score.add(page, extract)
        print(f"| {extractor} | {score.row()} |", flush=True)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="the name of one extractor")
    options = parser.parse_args()
    pages = list(load(options.folder))
    measure("Seen while writing the rules", [page for page in pages if page.seen], options.only)
    measure("Held out", [page for page in pages if not page.seen], options.only)
    measure("All", pages, options.only)


if __name__ == "__main__":
    main()
