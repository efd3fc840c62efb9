"""Bombs of every container: small files that unpack, expand or nest to far more, each refused in one clear sentence."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.models import Draft
from index.parsers.sandbox import Sandbox
from index.sources import loader
from index.sources.discovery import Failure
from index.sources.loader import drafts
from tests.index.parsers.test_xlsx import book
from tests.index.sample_files import GOOD, odt, tarred, zipped

ZEROS = bytes(60_000_000)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
ENTITIES = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha ha ha ha">{LAUGHS}]>'
QUADRATIC = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "{"ha " * 50_000}">]>'
FILE_ENTITY = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
DEEP = 200_000


def with_part(data: bytes, name: str, part: bytes) -> bytes:
    """Return a package in which one part is another."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        parts = {each: opened.read(each) for each in opened.namelist()}
    return zipped({**parts, name: part})


def pdf(*objects: bytes) -> bytes:
    """Return a PDF file of these objects, the first being its catalogue."""
    body, starts = b"%PDF-1.5\n", []
    for number, each in enumerate(objects, 1):
        starts.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    rows = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\n" % (size, rows, size)
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


def pdf_page(content: bytes, filters: bytes) -> bytes:
    """Return a PDF file of one page with this content stream."""
    stream = b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(content), filters, content)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>"
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream)


def nested(levels: int) -> bytes:
    """Return a ZIP file in a ZIP file and so on, ten to each level."""
    data = zipped({"a.txt": b"The ferry leaves at seven.\n" * 100_000})
    for level in range(levels):
        data = zipped({f"{number}-{level}.zip": data for number in range(10)})
    return data


BOMBS = {
    "zeros.zip": zipped({"a.txt": "a", "b.txt": ZEROS}),
    "nested.zip": nested(4),
    "many.zip": zipped({f"{number}.txt": "" for number in range(30_000)}),
    "zeros.tgz": tarred({"a.txt": ZEROS}),
    "zeros.tar.xz": tarred({"a.txt": ZEROS}, "w:xz"),
    "zeros.txt.gz": gzip.compress(ZEROS),
    "twice.tar.gz": gzip.compress(gzip.compress(ZEROS)),
    "zeros.bz2": bz2.compress(ZEROS),
    "zeros.xz": lzma.compress(ZEROS),
    "zeros.docx": with_part(GOOD["a.docx"](), "word/document.xml", ZEROS),
    "entities.docx": with_part(GOOD["a.docx"](), "word/document.xml", f"{ENTITIES}<r>&l11;</r>".encode()),
    "zeros.odt": with_part(odt(), "content.xml", ZEROS),
    "entities.odt": with_part(odt(), "content.xml", f"{ENTITIES}<r>&l11;</r>".encode()),
    "quadratic.odt": with_part(odt(), "content.xml", f"{QUADRATIC}<r>{'&a;' * 20_000}</r>".encode()),
    "zeros.epub": with_part(GOOD["a.epub"](), "OPS/book.opf", ZEROS),
    "entities.epub": with_part(GOOD["a.epub"](), "OPS/book.opf", f"{ENTITIES}<r>&l11;</r>".encode()),
    "zeros.xlsx": with_part(book(""), "xl/worksheets/sheet1.xml", ZEROS),
    "entities.xlsx": with_part(book(""), "xl/worksheets/sheet1.xml", f"{ENTITIES}<r>&l11;</r>".encode()),
    "deep.docx": with_part(GOOD["a.docx"](), "word/document.xml", b"<a>" * DEEP),
    "zeros.pdf": pdf_page(zlib.compress(ZEROS), b"/FlateDecode"),
    "filters.pdf": pdf_page(zlib.compress(zlib.compress(ZEROS)), b"/FlateDecode/FlateDecode"),
    "pages.pdf": pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99999999>>"),
}
ODD = {  # what may be read, as long as it takes no time, shows no other file and is not expanded
    "aliases.md": "---\na0: &a0 [x, x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    + "title: *a11\n---\nThe ferry leaves at seven.\n",
    "deep.md": "---\na: " + "[" * 9000 + "\n---\nThe ferry leaves at seven.\n",
    "deep.json": "[" * DEEP + "]" * DEEP,
    "numbers.json": f'{{"a": {"9" * 100_000}}}',
    "deep.html": f"<main><p>The ferry leaves at seven.</p>{'<div>' * DEEP}The dogs travel free.",
    "attributes.html": f"<p {' '.join(f'a{n}=b' for n in range(3_000))}>The ferry leaves at seven.</p>",
    "entities.html": f"{ENTITIES}<html><body><p>The ferry leaves at seven. &l11;</p></body></html>",
    "file.html": f"{FILE_ENTITY}<html><body><p>The ferry leaves at seven. &f;</p></body></html>",
    "entities.xml": f"{ENTITIES}<rss><channel><item><title>&l11;</title></item></channel></rss>",
    "deep.rtf": "{\\rtf1 " + "{" * DEEP + "The ferry leaves at seven.",
    "deep-quotes.md": "> " * 20_000 + "The ferry leaves at seven.\n",
    "deep-lists.md": "".join(f"{' ' * 2 * n}- a\n" for n in range(1500)),
    "columns.csv": "a," * 200_000 + "\n" + "b," * 200_000,
    "cues.srt": "1\n99:99:99,999 --> 00:00:00,000\nThe ferry leaves at seven.\n\n" * 20_000,
}


@pytest.fixture(autouse=True)
def _sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read files in a process whose limit of time fits a busy machine; a bomb would take hours."""
    box = Sandbox(timeout=300)
    monkeypatch.setattr(loader, "SANDBOX", box)
    yield
    box.close()


def reasons(path: Path) -> list[str]:
    """Return why a file, or each of its members, is not added."""
    return [item.reason for item in drafts(str(path)) if isinstance(item, Failure)]


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    """No bomb is read or crashes its parser: one short line says why it is refused."""
    (tmp_path / name).write_bytes(BOMBS[name])
    found = reasons(tmp_path / name)
    assert found
    for reason in set(found):
        assert reason.endswith(".")
        assert "\n" not in reason
        assert len(reason) < 300
        assert "crashes its parser" not in reason
        assert "took longer than" not in reason
        assert "Error" not in reason


@pytest.mark.parametrize("name", ODD)
def test_odd_structures_are_read_or_refused(name: str, tmp_path: Path) -> None:
    """What nests or repeats without end is read as far as it goes, or refused; entities are never expanded."""
    (tmp_path / name).write_text(ODD[name], encoding="utf-8")
    for item in drafts(str(tmp_path / name)):
        if isinstance(item, Draft):
            assert len(item.text) <= 4 * len(ODD[name])  # columns are separated by more characters
            assert "root:" not in item.text
        if isinstance(item, Failure):
            assert item.reason.endswith(".")
            assert "crashes its parser" not in item.reason
            assert "took longer than" not in item.reason
