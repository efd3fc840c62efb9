"""Quality and speed of loading: precision and recall of extraction, clutter that stays, and articles a minute.

`python -m benchmarks.loading FOLDER` - FOLDER has Debian's documentation packages, unpacked with `dpkg -x`; without it
only the generated layouts and the speed of each format are measured. Further options name the folders of other
benchmarks, whose tables are printed too.
These extraction libraries are compared if installed: trafilatura, readability-lxml, resiliparse and jusText.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml.html import document_fromstring

from benchmarks.extractors import Extract, extractors, text_of
from benchmarks.page_layouts import CLUTTER, KEPT, LAYOUTS
from benchmarks.readings import pdf_draft, words_of
from benchmarks.sample_files import FORMATS, article
from index.libraries.registry import Libraries
from index.models import Draft
from index.passages.embedder import load_embedder
from index.sources.loader import drafts

OTHERS = ("page_sets", "pdf_text", "office_text", "sentence_ends", "file_cases")  # benchmarks of one folder each
_SHINGLE = 4  # words; precision and recall compare n-grams of this length
_NO_ARTICLE = re.compile(
    r"genindex|modindex|search|(?:^|[-_])index|annotated|hierarchy|functions_|allclasses|toc\.html"
)


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of a package: a glob, and XPaths of the article and of elements in it that do not belong to it."""

    name: str
    files: str
    article: str
    frame: str = "//a[@class='headerlink']"


SEEN = (  # used while the rules were written
    Site("Python (Sphinx)", "python3.11/html/**/*.html", "//div[@role='main']"),
    Site("SQLAlchemy (Sphinx)", "python-sqlalchemy-doc/html/**/*.html", "//div[@id='docs-body']"),
    Site(
        "Apache",
        "apache2-doc/manual/en/**/*.html",
        "//div[@id='page-content']",
        "//*[@id='quickview' or @class='toplang']",
    ),
    Site("Git (AsciiDoc)", "git-doc/**/*.html", "//div[@id='content']"),
    Site("PostgreSQL (DocBook)", "postgresql-doc-15/html/*.html", "//body", "//div[starts-with(@class, 'nav')]"),
    Site("Debian policy (Sphinx)", "debian-policy/policy.html/*.html", "//div[@role='main']"),
    Site("Node.js", "nodejs/api/*.html", "//div[@id='apicontent']", "//a[@class='mark']"),
    Site("Eigen (Doxygen)", "libeigen3-dev/html/*.html", "//div[@id='doc-content']", "//span[@class='lineno']"),
    Site("SQLite", "sqlite3/*.html", "//body", "//div[@class='nosearch']"),
)
HELD_OUT = (
    Site("Java (javadoc)", "openjdk-17-jre-headless/api/java.base/java/util/**/*.html", "//main"),
    Site("zsh (Texinfo)", "zsh-common/html/*.html", "//body", "//table[@class='header'] | //div[@class='header']"),
    Site("Postfix (plain)", "postfix/html/*.html", "//body"),
    Site("Exim", "exim4-doc-html/spec_html/ch*.html", "//div[@class='chapter']"),
    Site("CMake (Sphinx)", "cmake-data/html/**/*.html", "//div[@role='main']"),
    Site(
        "Django (Sphinx)",
        "python-django-doc/html/**/*.html",
        "//div[@role='main'] | //div[@id='bd']//div[@class='yui-g']",
    ),
    Site("Varnish (Sphinx)", "varnish/html/**/*.html", "//div[@role='main']"),
)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--pages", type=int, default=25, help="pages of each site")
    parser.add_argument("--articles", type=int, default=60, help="files of each format that are timed")
    for name in OTHERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, help=f"folder for benchmarks.{name}")
    options = parser.parse_args()
    _print_layouts()
    if options.folder is not None:
        _print_quality(options)
    for name in OTHERS:
        if folder := getattr(options, name):
            print(f"\n{name}\n", flush=True)
            subprocess.run([sys.executable, "-m", f"benchmarks.{name}", str(folder)], check=False)  # noqa: S603 - own modules
    _print_speed(options.articles)


def _print_quality(options: argparse.Namespace) -> None:
    """Print the quality of extraction from pages and from a PDF."""
    readers = dict(extractors())
    for title, sites in (("Seen while writing the rules", SEEN), ("Held out", HELD_OUT)):
        print(f"\n{title}: precision / recall of {_SHINGLE} words in a row\n")
        _print_sites(options.folder, sites, readers, options.pages)
    _print_pdf(options.folder)


def _print_layouts() -> None:
    """Print how much of the generated layouts of pages is kept, and how much clutter."""
    print("\nLayouts: parts of the article kept letter for letter / words of clutter\n")
    for name, extract in extractors():
        texts = [extract(page.encode()) for page in LAYOUTS.values()]
        kept = sum(part in text for text in texts for part in KEPT)
        print(f"| {name} | {kept} of {len(KEPT) * len(LAYOUTS)} | {sum(text.count(CLUTTER) for text in texts)} |")


def _print_sites(folder: Path, sites: tuple[Site, ...], extractors: dict[str, Extract], limit: int) -> None:
    print(f"| site | pages | {' | '.join(extractors)} |")
    print(f"|---|---|{'---|' * len(extractors)}")
    for site in sites:
        pages = list(_pages(folder, site, limit))
        cells = []
        for extract in extractors.values():
            scores = [_score(words_of(extract(page.encode())), gold) for page, gold in pages]
            precision, recall = (sum(score[n] for score in scores) / max(1, len(scores)) for n in (0, 1))
            cells.append(f"{precision:.3f} / {recall:.3f}")
        print(f"| {site.name} | {len(pages)} | {' | '.join(cells)} |", flush=True)


def _pages(folder: Path, site: Site, limit: int) -> Iterator[tuple[str, list[str]]]:
    """Yield pages of a site, each with the words of its article according to the site's own markup."""
    files = [path for path in sorted(folder.rglob(f"doc/{site.files}")) if not _NO_ARTICLE.search(path.name)]
    random.Random(1).shuffle(files)
    found = 0
    for path in files:
        page = re.sub(r"^\s*<\?xml[^>]*\?>", "", path.read_text("utf-8", errors="replace"))
        root = document_fromstring(page)
        for element in root.xpath(f"{site.frame} | //script | //style"):
            element.drop_tree()
        gold = words_of(" ".join(text_of(element) for element in root.xpath(site.article)))
        if len(gold) >= 50:
            yield page, gold
            found += 1
        if found == limit:
            return


def _score(found: list[str], gold: list[str]) -> tuple[float, float]:
    """Return precision and recall of word n-grams."""
    one, other = (Counter(zip(*(words[n:] for n in range(_SHINGLE)), strict=False)) for words in (found, gold))
    common = (one & other).total()
    return common / max(1, one.total()), common / max(1, other.total())


def _print_pdf(folder: Path) -> None:
    """Compare a PDF with the plain text published with it."""
    for path in folder.rglob("debian-policy/policy.pdf.gz"):
        gold = words_of(gzip.decompress(path.with_name("policy.txt.gz").read_bytes()).decode())
        data = gzip.decompress(path.read_bytes())
        began = time.perf_counter()
        draft = pdf_draft(data)
        seconds = time.perf_counter() - began
        precision, recall = _score(words_of(draft.text), gold)
        details = f"{len(draft.pages)} pages in {seconds:.1f} s"
        print(f"\nPDF, Debian policy against its text: precision {precision:.3f}, recall {recall:.3f}, {details}")


def _print_speed(count: int) -> None:
    """Print the speed of each format, reading alone and with embedding and storing."""
    print("\n| format | articles a minute, read | read, embedded and stored | characters |\n|---|---|---|---|")
    embedder = load_embedder()
    embedder.passages(["warm"])
    for suffix in FORMATS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name, "articles")
            folder.mkdir()
            for number in range(count):
                (folder / f"{number}.{suffix}").write_bytes(article(suffix, number))
            list(drafts(str(folder / f"0.{suffix}")))  # starts the worker process of the parsers
            began = time.perf_counter()
            found = [item for item in drafts(str(folder)) if isinstance(item, Draft)]
            read = time.perf_counter() - began
            libraries = Libraries(Path(name, "data"), lambda: embedder)
            for draft in found:
                libraries.open().add(draft)
            stored = time.perf_counter() - began
            libraries.close()
        size = sum(len(draft.text) for draft in found) // len(found)
        print(f"| {suffix} | {60 * count / read:,.0f} | {60 * count / stored:,.0f} | {size:,} |", flush=True)


if __name__ == "__main__":
    main()
