"""Words of Office files and e-books against an independent reading, and Word files a minute.

`python -m benchmarks.office_text FOLDER` - FOLDER has files of the formats below, at any depth, for example the test
files of python-docx, odfpy, pandoc, python-pptx and calibre. They are compared with the plain text of pandoc, which
must be installed; presentations, which pandoc cannot read, with the text of their shapes according to python-pptx.

Words are compared as sets for each file: repeats and words without letters, such as the numbers of lists, do not count.

pandoc 2.17 misreads some constructs, for which it is given an equivalent file, or words are left out on both sides:

- OpenDocument: it leaves out all text in `text:section` and `text:bookmark-ref`; the tags are removed, not the text
- RTF: it skips the first letter after a Unicode escape whose substitute is not preceded by a space, which is optional
  (RTF 1.9.1, "Unicode RTF"); the space is added. It decodes bytes as Windows-1252 whatever code page a file or font
  names; in files that name another one, words with letters outside ASCII are left out
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.sample_files import article
from index.parsers.document import Document
from index.parsers.docx.docx_parser import read_docx
from index.parsers.epub import read_epub
from index.parsers.opendocument.odf_parser import read_odt
from index.parsers.pptx import read_pptx
from index.parsers.rtf.rtf_parser import read_rtf

_READERS: Final[dict[str, Callable[[bytes], Document]]] = {
    "docx": read_docx,
    "odt": read_odt,
    "epub": read_epub,
    "rtf": read_rtf,
    "pptx": read_pptx,
}
_WORD: Final = re.compile(r"[^\W\d_]+")
_SUPERSCRIPTS: Final = re.compile("[\u00ad\u00b2\u00b3\u00b9\u2070-\u209f]")  # and soft hyphens
_SKIPPED_BY_PANDOC: Final = re.compile(rb"</?text:(?:section|bookmark-ref)\b[^>]*>")
_ESCAPE: Final = re.compile(rb"\\u-?\d+(?=[^\s\d\\{}])")
_CODE_PAGE: Final = re.compile(rb"\\ansicpg(\d+)")
_OTHER_CHARSET: Final = re.compile(rb"\\fcharset(?!(?:0|1|2)\b)\d+")
_PANDOC_LIMIT: Final = 60  # seconds for one file


@dataclass(frozen=True, slots=True)
class Comparison:
    """The distinct words of a file according to Verbatim and to the other reader."""

    path: Path
    found: frozenset[str]
    gold: frozenset[str]

    @property
    def common(self) -> int:
        """The number of words that both have."""
        return len(self.found & self.gold)


def main() -> None:
    """Compare the files of each format and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--worst", type=int, default=0, help="print so many of the worst files of each format")
    parser.add_argument("--formats", nargs="*", default=list(_READERS), choices=list(_READERS))
    options = parser.parse_args()
    print("| format | files | refused | words of Verbatim that the other has | words of the other that Verbatim has |")
    print("|---|---|---|---|---|")
    for suffix in options.formats:
        compared, refused = _compare(options.folder, suffix)
        common = sum(one.common for one in compared)
        precision = common / max(1, sum(len(one.found) for one in compared))
        recall = common / max(1, sum(len(one.gold) for one in compared))
        print(f"| {suffix} | {len(compared)} | {refused} | {precision:.3f} | {recall:.3f} |", flush=True)
        for one in sorted(compared, key=_difference)[: options.worst]:
            _print_words(one)
    print(f"\nWord files a minute: {_speed():,.0f}")


def _compare(folder: Path, suffix: str) -> tuple[list[Comparison], int]:
    """Return the comparisons of all files of a format, and how many files only the other reader can read."""
    compared: list[Comparison] = []
    refused = 0
    for path in sorted(folder.rglob(f"*.{suffix}")):
        gold = _shapes_text(path) if suffix == "pptx" else _pandoc_text(path, suffix)
        if gold is None or not _words(gold):
            continue
        try:
            document = _READERS[suffix](path.read_bytes())
        except Exception:  # noqa: BLE001 - broken files are refused with errors of many kinds
            refused += 1
            continue
        found, expected = _words("\n".join(row.text for row in document.rows)), _words(gold)
        if suffix == "rtf" and _has_other_code_page(path.read_bytes()):
            found, expected = (frozenset(filter(str.isascii, words)) for words in (found, expected))
        compared.append(Comparison(path, found, expected))
    return compared, refused


def _pandoc_text(path: Path, suffix: str) -> str | None:
    """Return a file as pandoc's plain text, or None if it cannot read the file."""
    with tempfile.NamedTemporaryFile(suffix=f".{suffix}") as copy:
        try:
            copy.write(_REWRITERS.get(suffix, bytes)(path.read_bytes()))
            copy.flush()
            command = ["pandoc", "--from", suffix, "--to", "plain", "--wrap=none", copy.name]
            done = subprocess.run(command, capture_output=True, check=True, timeout=_PANDOC_LIMIT)  # noqa: S603
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired, zipfile.BadZipFile):
            return None
    return done.stdout.decode("utf-8", "replace")


def _without_odt_tags(data: bytes) -> bytes:
    """Return an OpenDocument text without the tags whose contents pandoc leaves out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w") as target:
        for entry in source.infolist():
            part = source.read(entry)
            target.writestr(entry, _SKIPPED_BY_PANDOC.sub(b"", part) if entry.filename == "content.xml" else part)
    return stream.getvalue()


_REWRITERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "odt": _without_odt_tags,
    "rtf": lambda data: _ESCAPE.sub(rb"\g<0> ", data),
}


def _shapes_text(path: Path) -> str | None:
    """Return the text of a presentation according to python-pptx, or None if it cannot read the file."""
    import pptx

    with suppress(Exception):
        return "\n".join(
            text
            for slide in pptx.Presentation(str(path)).slides
            if slide._element.get("show") != "0"  # noqa: SLF001 - hidden slides are not read
            for text in (*_texts(slide.shapes), *(_notes(slide)))
        )
    return None


def _texts(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if shape.is_placeholder and shape.placeholder_format.type in {13, 15, 16}:
            continue  # the number, footer and date of a slide
        if shape.shape_type == 6:  # a group
            yield from _texts(shape.shapes)
        elif shape.has_text_frame:
            yield shape.text_frame.text
        elif getattr(shape, "has_table", False):
            yield from (cell.text for row in shape.table.rows for cell in row.cells)


def _notes(slide: Any) -> Iterator[str]:
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield slide.notes_slide.notes_text_frame.text


def _has_other_code_page(data: bytes) -> bool:
    """Return whether RTF has bytes beyond ASCII and names a code page other than Windows-1252, or such a font."""
    page = _CODE_PAGE.search(data)
    named = (page is not None and page[1] != b"1252") or _OTHER_CHARSET.search(data) is not None
    return named and re.search(rb"\\'[89a-fA-F]", data) is not None


def _words(text: str) -> frozenset[str]:
    """Return the distinct runs of letters; digits, such as the marks of notes, part them."""
    return frozenset(_WORD.findall(_SUPERSCRIPTS.sub("", text).casefold()))


def _difference(one: Comparison) -> float:
    return 2 * one.common - len(one.found) - len(one.gold)


def _print_words(one: Comparison) -> None:
    more, less = sorted(one.found - one.gold), sorted(one.gold - one.found)
    if more or less:
        print(f"  {one.path}: more {len(more)} {more[:12]}, less {len(less)} {less[:12]}")


def _speed(count: int = 60) -> float:
    """Return how many Word files of about 5,000 characters are read in a minute, without the worker process."""
    files = [article("docx", number) for number in range(count)]
    began = time.perf_counter()
    for data in files:
        read_docx(data)
    return 60 * count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
