"""Check the page of each sentence of PDF files: whether its words stand on the page that a quote of it would cite.

`python -m benchmarks.pdf_pages FOLDER` - FOLDER has PDF files at any depth, and `pdftotext` (poppler) is installed. A
sentence is right if its first letters are on the page where it begins according to Verbatim, and its last letters on
the one where it ends. Sentences whose letters `pdftotext` has on no page of the file, such as those in columns that
it mixes, are counted apart.
"""

from __future__ import annotations

import argparse
import random
import subprocess
from bisect import bisect_right
from collections import Counter
from pathlib import Path
from typing import Final

from benchmarks.readings import letters_of, pdf_draft
from index.models import Draft, UserError
from index.text.sentences import sentence_spans

_COMPARED: Final = 24  # letters of the beginning and end of a sentence
_SECONDS: Final = 60  # for pdftotext and a file


def main() -> None:
    """Check the files and print the counts, and the sentences with a wrong page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=100, help="files, drawn at random")
    options = parser.parse_args()
    files = sorted({path.name: path for path in options.folder.rglob("*.pdf")}.values())
    random.Random(1).shuffle(files)
    counts = Counter[str]()
    for path in files[: options.files]:
        counts += _check(path)
    print(f"{counts['files']} files of several pages, {counts['sentences']} ends of sentences")
    print(f"{counts['right']} on the page cited, {counts['wrong']} on another page alone, {counts['unknown']} on none")


def _check(path: Path) -> Counter[str]:
    """Return how many beginnings and ends of sentences are right, wrong and on no page; empty for files of one page."""
    try:
        draft = pdf_draft(path.read_bytes())
        modes = [_pages(path, *option) for option in ((), ("-raw",), ("-layout",))]
    except (UserError, subprocess.TimeoutExpired):
        return Counter()
    if len(draft.pages) < 2:
        return Counter()
    counts = Counter(files=1)
    for start, end in _sentences(draft):
        letters = letters_of(draft.text[start:end])
        if len(letters) < _COMPARED:
            continue
        for place, part in ((start, letters[:_COMPARED]), (end - 1, letters[-_COMPARED:])):
            page = bisect_right(draft.pages, place)
            verdict = _verdict(part, page, modes)
            counts += Counter({"sentences": 1, verdict: 1})
            if verdict == "wrong":
                print(f"{path.name}, page {page}: {draft.text[start:end][:90]!r}")
    return counts


def _verdict(part: str, page: int, modes: list[list[str]]) -> str:
    if any(part in pages[page - 1] for pages in modes if page <= len(pages)):
        return "right"
    return "wrong" if any(part in text for pages in modes for text in pages) else "unknown"


def _sentences(draft: Draft) -> list[tuple[int, int]]:
    """Return the spans of the sentences of all lines that are no rows of tables."""
    found, at = [], 0
    for line in draft.text.split("\n"):
        if not line.startswith("|"):
            found += [(at + span.start, at + span.end) for span in sentence_spans(line)]
        at += len(line) + 1
    return found


def _pages(path: Path, *options: str) -> list[str]:
    command = ["pdftotext", "-enc", "UTF-8", *options, str(path), "-"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603
    return [letters_of(page) for page in done.stdout.decode("utf-8", "replace").split("\f")]


if __name__ == "__main__":
    main()
