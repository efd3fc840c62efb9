"""Make `1a82e27.zip` or `2da520c.zip`: a folder of files, and a data folder into which that commit read them.

git worktree add ../old 2da520c && cd ../old && PYTHONPATH=. python .../make.py .../2da520c.zip

The commit's own code is run, from its root. `ROOT.txt` in the archive is the path at which the files lay.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

GUILD = 42
LIBRARY = f"guild-{GUILD}"
ASKED_AT = 4_000_000_000.0  # a date so far ahead that the answers are never forgotten for their age

NOTES = "# The ferry\n\nThe ferry leaves the north pier at {time} every morning. A crossing takes forty minutes.\n"
BAKERY = "# The bakery\n\nThe bakery of Skarholm bakes rye bread on Fridays. It is closed in January.\n"
PASTED = "# Pasted\n\nThe museum of Skarholm opens at ten. It shows the wreck of the Northern Star.\n"
PAGE = """<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>Die Fähre nach Holm</title></head><body>
<article><h1>Die Fähre nach Holm</h1><p>Diesen Artikel teilen</p>
<p>Die Fähre nach Holm legt um sieben Uhr ab und wartet nicht auf Nachzügler. Im Winter braucht sie fünfzig Minuten,
weil der Kapitän dem Treibeis ausweicht.</p>
<p>Fahrräder fahren umsonst mit, ein Anhänger kostet vier Kronen und muss einen Tag vorher bestellt werden.</p>
<p>Zurück zur Übersicht</p><p>Seite drucken</p></article></body></html>"""
PDF_LINES = (
    "The harbour office sells tickets from six in the morning until the last",
    "ferry has left, and whoever comes later pays the mate on board. A ticket",
    "that was bought on board costs two crowns more than one from the",
    "office, and it is valid for a single crossing on the same day only.",
)
RULES = ("Buy a ticket before boarding.", "Keep the gangway free.", "", "Stay behind the yellow line.")
QUOTES = (  # of which file, and what was quoted from it
    ("notes.md", "The ferry leaves the north pier at seven every morning."),
    ("page.html", "Die Fähre nach Holm legt um sieben Uhr ab und wartet nicht auf Nachzügler."),
    ("tickets.pdf", ""),  # its second passage: the commits divide the text differently
    ("rules.docx", "1. Stay behind the yellow line."),
)

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels"
ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"
ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType=
"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override
PartName="/word/numbering.xml" ContentType=
"application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/></Types>"""
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="{kind}" Target="{target}"/></Relationships>'
)
_NUMBERING = f"""<w:numbering {_W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>
<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1">
<w:abstractNumId w:val="0"/></w:num></w:numbering>"""


def docx() -> bytes:
    """Return a Word file whose numbered list goes on after a paragraph."""
    numbered = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    rows = [
        f"<w:p>{numbered if row else ''}<w:r><w:t>{row or 'This holds for all.'}</w:t></w:r></w:p>" for row in RULES
    ]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("[Content_Types].xml", _TYPES)
        relations = _RELATIONS.format(kind=f"{_RELATION}officeDocument", target="word/document.xml")
        package.writestr("_rels/.rels", relations)
        relations = _RELATIONS.format(kind=f"{_RELATION}numbering", target="numbering.xml")
        package.writestr("word/_rels/document.xml.rels", relations)
        package.writestr("word/document.xml", f"<w:document {_W}><w:body>{''.join(rows)}</w:body></w:document>")
        package.writestr("word/numbering.xml", _NUMBERING)
    return stream.getvalue()


def pdf() -> bytes:
    """Return a PDF file in which the size of the letters is in the text matrix."""
    shown = [f"11 0 0 11 72 {720 - 14 * n} Tm ({line}) Tj" for n, line in enumerate(PDF_LINES)]
    stream = "BT /F1 1 Tf\n" + "\n".join(shown) + "\nET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources 6 0 R >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Font << /F1 4 0 R >> >>",
    )
    written, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return (written + head + table + end).encode()


def bot(data: Path, *arguments: str, stdin: str = "") -> None:
    """Run the command line on the library in the data folder."""
    command = [sys.executable, "bot.py", "--data-dir", str(data), *arguments, "--library", LIBRARY]
    subprocess.run(command, check=True, input=stdin, text=True)


def fill_library(data: Path, folder: Path) -> None:
    """Add a folder and a pasted text, replace one article and remove one."""
    folder.mkdir()
    (folder / "notes.md").write_text(NOTES.format(time="six"), encoding="utf-8")
    (folder / "bakery.md").write_text(BAKERY, encoding="utf-8")
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    (folder / "tickets.pdf").write_bytes(pdf())
    (folder / "rules.docx").write_bytes(docx())
    bot(data, "add", str(folder))
    bot(data, "add", "-", stdin=PASTED)
    (folder / "notes.md").write_text(NOTES.format(time="seven"), encoding="utf-8")
    bot(data, "add", str(folder))
    with closing(sqlite3.connect(data / "libraries" / LIBRARY / "catalog.db")) as db:
        (bakery,) = db.execute("SELECT article_id FROM sources WHERE shown LIKE '%bakery.md'").fetchone()
    bot(data, "remove", str(bakery))


def code() -> tuple[Any, Any, Any, Any, Any]:
    """Return the classes of the commit: of the database, its answers and quotes, pins, and spans."""
    if find_spec("community"):
        values = import_module("community.values")
        classes = import_module("community.store").Store, values.Given, values.KeptQuote, import_module("qa.pins").Pin
        return *classes, import_module("index.values").Span
    name = "storage.stored_answers" if find_spec("storage.stored_answers") else "storage.models"
    values = import_module(name)
    classes = import_module("storage.database").Database, values.StoredAnswer, values.StoredQuote
    return *classes, import_module("qa.pins.pinned").Pin, import_module("index.models").Span


def fill_database(data: Path) -> None:
    """Store an answer with a vote, and a pin, of each quote."""
    database, answer, stored_quote, pin, span = code()
    store = database(data / "discord.db")
    with closing(sqlite3.connect(data / "libraries" / LIBRARY / "catalog.db")) as db:
        for number, (file, sentence) in enumerate(QUOTES, 1):
            query = "SELECT a.id, a.text, s.key FROM articles a JOIN sources s ON s.article_id = a.id"
            key, text, source = db.execute(f"{query} WHERE s.shown LIKE ?", (f"%{file}",)).fetchone()
            wanted = sentence or re.search(r"(?s)ferry has left.*?board\.", text)[0]
            start = text.index(wanted)
            place = start, start + len(wanted)
            digest = hashlib.sha256(wanted.encode()).hexdigest()
            marked = (span(start, start + len(wanted.split()[0])),)
            quote = stored_quote(LIBRARY, key, *place, digest, marked, 1, 5, 0.9, key=source)
            outcome = ASKED_AT, f"What does {file} say?", "answer", 0.9, 12.5, (quote,), 1
            sent = {"question_id": 100 + number, "message_id": 200 + number}
            vote = store.vote if hasattr(store, "vote") else store.votes.put
            vote(store.keep(answer(GUILD, 8, 9, *outcome, **sent)), 12, helpful=False)
            questions = (f"What is pinned from {file}?",)
            store.pins.add(GUILD, pin(LIBRARY, source, key, *place, digest, marked, questions))
    store.close()


def main(target: Path) -> None:
    """Make the folder and pack it."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        (root / "ROOT.txt").write_text(made, encoding="utf-8")
        fill_library(root / "data", root / "files")
        fill_database(root / "data")
        for cache in (*root.rglob("*.faiss"), *root.rglob("lexical.db")):
            cache.unlink()  # they are filled again from the catalogue
        shutil.make_archive(str(target.with_suffix("")), "zip", root)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
