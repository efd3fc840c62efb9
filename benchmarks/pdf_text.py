"""Compare the text of PDF files with that of `pdftotext` (poppler): which share of the words is there, in order.

`python -m benchmarks.pdf_text FOLDER` - FOLDER has PDF files at any depth, also compressed ones (`.pdf.gz`), and
`pdftotext` is installed; without it only generated pages of columns and tables are read. Running heads and feet, page
numbers and the dotted lines of tables of contents, which Verbatim leaves out, are removed from the reference. A file
counts as one of one column if few of its lines have wide gaps.

`--gold FOLDER` scores the pages of `pdf_gold.txt` instead. FOLDER has their repositories, checked out as owner+name.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from statistics import mean, median
from typing import Final

from benchmarks.pdf_gold import scored
from benchmarks.pdf_layouts import layouts
from benchmarks.readings import pdf_draft, words_of
from index.models import UserError

_MIN_WORDS: Final = 100  # of a file that is compared
_SECONDS: Final = 30  # for pdftotext and a file
_EDGE: Final = 3  # lines of a page that may be running ones
_REPEATED: Final = 3  # pages
_WIDE_GAP: Final = re.compile(r"\S {4,}\S")
_ONE_COLUMN: Final = 0.15  # share of the lines with a wide gap
_LEADER: Final = re.compile(r"(?:\s?[.…·_]){5,}\s*(?:\d+|[ivxlc]+)?\s*$")
_PAGE_NUMBER: Final = re.compile(r"(?i)\W*(?:page )?(?:\d{1,4}|[ivxlc]{1,7})(?: (?:/|of) \d{1,4})?\W*")


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the words of one file compare with the reference: shares from 0 to 1, and seconds per page."""

    name: str
    one_column: bool
    precision: float
    recall: float
    seconds: float


def main() -> None:
    """Measure and print the tables, and the worst files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--files", type=int, default=100, help="files, drawn at random")
    parser.add_argument("--pages", type=int, default=30, help="first pages of each file")
    parser.add_argument("--worst", type=int, default=10, help="files whose figures are printed")
    parser.add_argument("--gold", type=Path, help="folder with the repositories of the pages read by hand")
    options = parser.parse_args()
    if options.gold is not None:
        _print_gold(options.gold)
        return
    _print_layouts()
    if options.folder is not None:
        _print_files(options)


def _print_layouts() -> None:
    """Print how many parts of the generated pages are whole and in order."""
    print("| generated pages | parts whole and in order |\n|---|---|")
    kept, total = 0, 0
    for layout in layouts():
        text = pdf_draft(layout.data).text
        at, found = 0, 0
        for part in layout.expected:
            place = text.find(part, at)
            found += place >= 0
            at = place + len(part) if place >= 0 else at
        kept, total = kept + found, total + len(layout.expected)
        print(f"| {layout.name} | {found} of {len(layout.expected)} |")
    print(f"| all | {kept} of {total} |\n")


def _print_gold(folder: Path) -> None:
    """Print how many parts of the pages read by hand are right, by kind, and what is wrong on pages not held out."""
    tables = {held_out: (Counter[str](), Counter[str]()) for held_out in (False, True)}
    for page, score in scored(folder):
        if score is None:
            print(f"not read: {page.repository} {page.path}")
            continue
        right, total = tables[page.held_out]
        right.update(score.right)
        total.update(score.total)
        if score.wrong and not page.held_out:
            print(f"{page.path}, page {page.number}:", *score.wrong, sep="\n  ")
    print("| parts of pages | open pages | held out |\n|---|---|---|")
    for kind in tables[False][1] | tables[True][1]:
        print(f"| {kind} | {' | '.join(f'{right[kind]} of {total[kind]}' for right, total in tables.values())} |")
    shares = (f"{right.total()} of {total.total()}" for right, total in tables.values())
    print(f"| all | {' | '.join(shares)} |")


def _print_files(options: argparse.Namespace) -> None:
    files = sorted(path for path in options.folder.rglob("*") if re.search(r"(?i)\.pdf(\.gz)?$", path.name))
    random.Random(1).shuffle(files)
    found = [each for path in files[: options.files] if (each := _compare(path, options.pages)) is not None]
    print("| files | number | precision | recall | at least 0.95 both ways | ms a page, median |")
    print("|---|---|---|---|---|---|")
    for name, one_column in (("one column", True), ("others", False)):
        group = [each for each in found if each.one_column == one_column]
        if group:
            good = sum(min(each.precision, each.recall) >= 0.95 for each in group)
            figures = f"{mean(e.precision for e in group):.3f} | {mean(e.recall for e in group):.3f} | {good}"
            print(f"| {name} | {len(group)} | {figures} | {1000 * median(e.seconds for e in group):.0f} |")
    for each in sorted(found, key=lambda each: min(each.precision, each.recall))[: options.worst]:
        kind = "one column" if each.one_column else "others"
        print(f"{each.precision:.3f} {each.recall:.3f} {kind}: {each.name}")


def _compare(path: Path, pages: int) -> Comparison | None:
    """Return the comparison of a file, or None if it cannot be read or has little text."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    with tempfile.NamedTemporaryFile(suffix=".pdf") as copy:
        copy.write(data)
        copy.flush()
        reference, layout = (_pdftotext(copy.name, pages, *option) for option in ((), ("-layout",)))
    gold = words_of(_without_running_lines(reference))
    if len(gold) < _MIN_WORDS:
        return None
    began = time.perf_counter()
    try:
        draft = pdf_draft(data)
    except UserError as error:
        print(f"refused: {path} ({error})")
        return None
    seconds = (time.perf_counter() - began) / max(1, len(draft.pages))
    text = draft.text[: draft.pages[pages]] if len(draft.pages) > pages else draft.text
    words = words_of(text.replace("```", "").replace("| --- ", ""))
    matcher = SequenceMatcher(None, words, gold, autojunk=False)
    common = sum(block.size for block in matcher.get_matching_blocks())
    lines = [line for line in layout.splitlines() if line.strip()]
    one_column = sum(_WIDE_GAP.search(line.strip()) is not None for line in lines) <= _ONE_COLUMN * len(lines)
    return Comparison(str(path), one_column, common / max(1, len(words)), common / len(gold), seconds)


def _pdftotext(path: str, pages: int, *options: str) -> str:
    command = ["pdftotext", "-enc", "UTF-8", "-l", str(pages), *options, path, "-"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8", "replace")


def _without_running_lines(text: str) -> str:
    """Return pages, separated by form feeds, without running lines, page numbers and tables of contents."""
    pages = [
        [line for line in page.splitlines() if line.strip() and not _LEADER.search(line)] for page in text.split("\f")
    ]
    for place in (0, -1):
        for _ in range(_EDGE):
            counts = Counter(re.sub(r"\d+", "#", page[place]) for page in pages if page)
            for page in pages:
                repeated = page and counts[re.sub(r"\d+", "#", page[place])] >= _REPEATED
                if len(page) > 1 and (repeated or _PAGE_NUMBER.fullmatch(page[place])):
                    del page[place]
    return "\n".join(line for page in pages for line in page)


if __name__ == "__main__":
    main()
