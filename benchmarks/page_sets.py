"""Quality of extraction on public sets of real pages, beside the installed extraction libraries.

`python -m benchmarks.page_sets FOLDER` - FOLDER is one of these; the pages are never committed:

- the `tests` folder of github.com/adbar/trafilatura: `evaldata.json` gives phrases that an article has, and phrases
  that are boilerplate;
- github.com/scrapinghub/article-extraction-benchmark: `ground-truth.json` gives the bodies of articles;
- the `test/test-pages` folder of github.com/mozilla/readability: `expected.html` is Firefox's reader view of a page.

The rules of Verbatim were written with the pages of half of the hosts: those whose name has an even SHA-256 (in the
third set, which has no addresses, the name of a page's folder). Figures of the other half are of pages that nobody
looked at.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lxml.html import document_fromstring

from benchmarks.extractors import Extract, extractors, text_of

_RUN = 4  # words


@dataclass(frozen=True, slots=True)
class Page:
    """A page with what is known of its article: phrases that it has and has not, or its text."""

    host: str
    data: bytes
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    article: str = ""

    @property
    def seen(self) -> bool:
        """Whether the page belongs to the half with which the rules were written."""
        return hashlib.sha256(self.host.encode()).digest()[-1] % 2 == 0

    def compare(self, text: str) -> tuple[int, int, int]:
        """Return how many phrases, or runs of four words, an extracted text has, has wrongly, and lacks."""
        if self.article:
            own, found = _runs(self.article), _runs(text)
            right = (own & found).total()
            return right, found.total() - right, own.total() - right
        text = _squeezed(text)
        right = sum(_squeezed(phrase) in text for phrase in self.wanted)
        return right, sum(_squeezed(phrase) in text for phrase in self.unwanted), len(self.wanted) - right


@dataclass(slots=True)
class Score:
    """What one extractor found on each page (right, wrong, missed), and its CPU times in seconds."""

    found: list[tuple[int, int, int]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def add(self, page: Page, extract: Extract) -> None:
        """Run an extractor on a page. A failure finds nothing."""
        began = time.process_time()
        try:
            text = extract(page.data)
        except Exception:  # noqa: BLE001 - a library that fails has not found the article
            text = ""
        self.times.append(time.process_time() - began)
        self.found.append(page.compare(text))

    def row(self, *, by_page: bool) -> str:
        """Return precision, recall, F1, pages that lose most of their article, and milliseconds, as cells of a table.

        `by_page` averages over pages, whose articles differ in length; otherwise the phrases of all pages are counted.
        """
        if by_page:
            precision = statistics.mean(right / max(1, right + wrong) for right, wrong, _ in self.found)
            recall = statistics.mean(right / max(1, right + missed) for right, _, missed in self.found)
        else:
            right, wrong, missed = map(sum, zip(*self.found, strict=True))
            precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        lost = sum(2 * right < missed for right, _, missed in self.found)
        return f"{precision:.3f} | {recall:.3f} | {f1:.3f} | {lost} | {1000 * statistics.median(self.times):.1f}"


def _runs(text: str) -> Counter[tuple[str, ...]]:
    """Return the runs of four words of a text, as article-extraction-benchmark counts them."""
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[n : n + _RUN]) for n in range(max(1, len(words) - _RUN + 1)))


def _squeezed(text: str) -> str:
    """Return a text with one space for each run of white space, as trafilatura's evaluation compares texts."""
    return " ".join(text.split())


def load(folder: Path) -> Iterator[Page]:
    """Yield the pages of one of the three sets."""
    if (folder / "evaldata.json").is_file():
        for address, item in json.loads((folder / "evaldata.json").read_text("utf-8")).items():
            path = next(path for part in ("cache", "eval") if (path := folder / part / item["file"]).is_file())
            yield Page(_host(address), path.read_bytes(), tuple(item["with"]), tuple(item["without"]))
    elif (folder / "ground-truth.json").is_file():
        for name, item in json.loads((folder / "ground-truth.json").read_text("utf-8")).items():
            data = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
            yield Page(_host(item["url"]), data, article=item["articleBody"])
    else:
        for path in sorted(folder.glob("*/expected.html")):
            gold = text_of(document_fromstring(path.read_text("utf-8")))
            yield Page(path.parent.name, path.with_name("source.html").read_bytes(), article=gold)


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def measure(name: str, pages: Sequence[Page], only: str) -> None:
    """Print a table of the extractors for one half of the pages."""
    print(f"\n{name}: {len(pages)} pages\n\n| | precision | recall | F1 | mostly lost | ms, median |")
    print("|---|---|---|---|---|---|")
    for extractor, extract in extractors():
        if only and extractor != only:
            continue
        score = Score()
        for page in pages:
            score.add(page, extract)
        print(f"| {extractor} | {score.row(by_page=bool(pages[0].article))} |", flush=True)


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
