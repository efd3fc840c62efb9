"""Sample files of every kind, written by libraries or by hand."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime

import pptx
from pptx.util import Inches

from benchmarks.page_layouts import LAYOUTS
from tests.index.parsers.pdf.test_pdf_parser import book
from tests.index.parsers.test_docx import written

PROSE = "The harbour was quiet that evening, and only a few boats were still out at sea."

_CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
_OPF = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Skarholm</dc:title><dc:creator>Jon Vik</dc:creator>
<dc:creator>Mira Holt</dc:creator><dc:language>en-GB</dc:language><dc:date>2024-05-06</dc:date></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one%201.xhtml" media-type="application/xhtml+xml"/>
<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/><item id="p" href="p.png" media-type="image/png"/>
</manifest><spine toc="ncx"><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/><itemref idref="no"/>
</spine></package>"""
_NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/">
<navMap><navPoint><navLabel><text>The gauge</text></navLabel>
<content src="text/two.xhtml#top"/></navPoint></navMap></ncx>"""
_NAV = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="toc"><ol><li><a href="text/one%201.xhtml">Chapter one</a></li></ol></nav></body></html>"""
_ONE = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body>
<h1>Tides</h1><p>The tide&nbsp;rises <em>twice</em><a epub:type="noteref" href="#n">1</a>.
<span epub:type="pagebreak" title="12">12</span>It covers 10<sup>6</sup> square metres.</p><ol><li>Call.</li></ol>
<p id="n">1. In May. <a role="doc-backlink" href="#x">back</a></p></body></html>"""
_TWO = "<html><body><p>The level is 0.3 m.<br>Read it at noon.</p><table><tr><th>Hour</th><th>Level</th></tr>"
_TWO += "<tr><td>06:00</td><td>0.3 m</td></tr></table></body></html>"


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP file of these parts; the first one is stored uncompressed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(parts.items()):
            archive.writestr(name, data, zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED)
    return stream.getvalue()


def tarred(parts: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    """Return a tar archive of these parts."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def epub(**changes: str) -> bytes:
    """Return an e-book of two chapters; `changes` replace parts, with two underscores for each slash in a name."""
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "OPS/book.opf": _OPF,
        "OPS/nav.xhtml": _NAV,
        "OPS/toc.ncx": _NCX,
        "OPS/text/one 1.xhtml": _ONE,
        "OPS/text/two.xhtml": _TWO,
    }
    return zipped(parts | {name.replace("__", "/") + ".xml": data for name, data in changes.items()})


_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{place}:1.0"'
    for name, place in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("meta", "meta"),
    )
)
_SPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
ODT_START = f"<office:document-content {_SPACES}><office:body><office:text>"
ODT_END = "</office:text></office:body></office:document-content>"
_ODT = f"""<office:document-content {_SPACES}><office:automatic-styles>
<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="P1" style:parent-style-name="Preformatted_20_Text"/>
<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/>
<text:list-level-style-bullet text:level="2"/></text:list-style></office:automatic-styles><office:body><office:text>
<text:table-of-content><text:index-body><text:p>Tides 1</text:p></text:index-body></text:table-of-content>
<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:p text:style-name="Title">Skarholm</text:p>
<text:h text:outline-level="1">Tides</text:h>
<text:p>The<text:s text:c="3"/>tide rises
<text:span>twice</text:span><text:note><text:note-citation>1</text:note-citation>
<text:note-body><text:p>Except in June.</text:p></text:note-body></text:note>, over 10<text:span
text:style-name="T1">6</text:span>
square metres.<office:annotation><text:p>Check!</text:p></office:annotation></text:p>
<text:list text:style-name="L1"><text:list-item><text:p>Call channel 12.</text:p><text:list><text:list-item>
<text:p>Loudly.</text:p></text:list-item></text:list></text:list-item><text:list-item><text:p>Anchor.</text:p>
</text:list-item></text:list><text:list>
<text:list-item><text:h text:outline-level="2">The gauge</text:h></text:list-item>
</text:list><table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Hour</text:p></table:table-cell>
<table:table-cell><text:p>Level</text:p></table:table-cell></table:table-row></table:table-header-rows><table:table-row>
<table:table-cell><text:p>06:00</text:p></table:table-cell><table:table-cell><text:p>0.3 m</text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="1000"/></table:table-row></table:table>
<text:p text:style-name="P1">if tide:</text:p><text:p text:style-name="P1"><text:s/>wait()</text:p>
</office:text></office:body></office:document-content>"""
_META = f"""<office:document-meta {_SPACES}><office:meta><dc:title>Skarholm</dc:title>
<meta:initial-creator>Jon Vik</meta:initial-creator><meta:creation-date>2024-05-06T10:00:00.123</meta:creation-date>
<dc:language>en-GB</dc:language></office:meta></office:document-meta>"""


def odt(**changes: str) -> bytes:
    """Return an OpenDocument text; `changes` replace parts, as for an e-book."""
    parts = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": _ODT, "meta.xml": _META}
    return zipped(parts | {name.replace("__", "/") + ".xml": data for name, data in changes.items()})


def slides() -> bytes:
    """Return a presentation of four slides, the third one hidden."""
    show = pptx.Presentation()
    show.core_properties.title = "Skarholm"
    show.core_properties.author = "Jon Vik"
    show.core_properties.created = datetime(2024, 5, 6)  # noqa: DTZ001 - Office keeps no zone
    first = show.slides.add_slide(show.slide_layouts[0])
    first.shapes.title.text = "Skarholm"
    first.placeholders[1].text = "A guide for sailors"
    second = show.slides.add_slide(show.slide_layouts[1])
    second.shapes.title.text = "Tides"
    frame = second.placeholders[1].text_frame
    frame.text = "The tide rises twice."
    item = frame.add_paragraph()
    item.text, item.level = "In May thrice.", 1
    second.notes_slide.notes_text_frame.text = "Mira Holt measured it in 1987."
    hidden = show.slides.add_slide(show.slide_layouts[5])
    hidden.shapes.title.text = "Secret"
    hidden._element.set("show", "0")
    last = show.slides.add_slide(show.slide_layouts[5])
    last.shapes.title.text = "The gauge"
    table = last.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for cell, text in zip(table.iter_cells(), ["Hour", "Level", "06:00", "0.3 m"], strict=True):
        cell.text = text
    group = last.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(5), Inches(4), Inches(1)).text_frame.text = "Read it at noon."
    stream = io.BytesIO()
    show.save(stream)
    return stream.getvalue()


RTF = rb"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fmodern\fcharset0 Courier New;}
{\f2\fswiss\fcharset204 Arial;}}{\colortbl;\red0\green0\blue0;}
{\stylesheet{\ql Normal;}{\s1\outlinelevel0 heading 1;}{\s2\outlinelevel1 heading 2;}{\s9 toc 1;}{\*\cs10 Strong;}}
{\info{\title Skarholm}{\author Jon Vik}{\operator Nobody}{\creatim\yr2024\mo5\dy6\hr10}}{\*\generator Riched20;}
{\header\pard Running head\par}
\pard\s9 Tides 1\par
\pard\s1 Tides\par
\pard The tide rises {\b twice}{\super\chftn}{\footnote\pard{\super\chftn} Except in June.\par},
 \ldblquote sharp\rdblquote\~
at \'e9lan \u8212?and \u-10179?\u-8704?. {\v hidden}{\f2 \'cf\'f0}, 10{\super 6}.\par
{\pict\pngblip 89504e470d0a}{\field{\*\fldinst HYPERLINK "https://x.example"}{\fldrslt Mira Holt}} keeps the light.\par
\pard{\listtext\pard 1.\tab}\ls1 Call channel 12.\par
{\listtext\pard 2.\tab}\ls1 Anchor.\par
\pard{\listtext\pard\'b7\tab}\ls2\ilvl1 Loudly.\par
\pard{\listtext a)\tab}Softly.\par
\pard\s2 The gauge\par
\trowd\trhdr\cellx1000\cellx2000\pard\intbl Hour\cell Level\cell\row
\trowd\cellx1000\cellx2000\pard\intbl 06:00\cell 0.3 m\par low\cell\row
\pard\f1 if tide:\line   wait()\par
\pard\f0 The end.}"""
RST = """\
========
Skarholm
========

:Author: Jon Vik
:Date: 2024-05-06

.. contents::
   :depth: 2

.. a comment
   of two lines

Tides
=====

The tide rises *twice*.

.. note::
   :class: wide

   Mind the rocks.

.. _gauge:

The gauge
---------

=====  =====
Hour   Level
=====  =====
06:00  0.3 m
=====  =====

.. code-block:: python

   if tide:
       wait()

Ferries
=======

It leaves at seven. [1]_

.. [1] Except in June.
"""
SRT = """\
1
00:00:01,000 --> 00:00:03,500
<i>The ferry to Skarholm</i>
leaves at

2
00:00:03,600 --> 00:00:06,000
seven in the morning.

3
00:00:20,000 --> 00:00:22,000
- Who keeps the light?
- Mira Holt.

4
01:02:03,400 --> 01:02:05,000
{\\an8}She has kept it since 1987.
"""
VTT = """\
WEBVTT - Harbour talk
Kind: captions
Language: en

NOTE a comment

STYLE
::cue {}

1
00:01.000 --> 00:03.000 align:start
<v Mira Holt>The tide &amp; the gulls

00:03.000 --> 00:03.010
The tide &amp; the gulls

00:03.010 --> 00:05.000
The tide &amp; the gulls
are <c.yellow>counted</c><00:04.000> every day.
"""
CSV = 'Question;Answer;Category\n"When does the ferry leave?";"At seven; at nine on Sundays.";Ferry\n'
CSV += '"How deep is it?";"Six metres.\nMore at high tide.";Harbour\n"Empty?";;\n'
JSON = """[{"question": "When does the ferry leave?", "answer": "<p>At <b>seven</b>.</p><ul><li>no</li></ul>"},
{"q": "Why?", "a": ["Because of the tide.", "Because of the moon."]}]"""
YAML = "title: Harbour FAQ\nFerry:\n  - question: When?\n    answer: |\n      At seven.\n\n      Not on Sundays.\n"
YAML += "Harbour:\n  How deep is it?: 6.10 metres\n  Is it deep?: no\n"


MD = f"# Ferry\n\n{PROSE} Twice."


def archive() -> bytes:
    """Return a ZIP file of three articles, one of them broken."""
    return zipped({"a.txt": PROSE, "sub/b.md": MD, "c.docx": "no Word file"})


GOOD: dict[str, Callable[[], bytes]] = {
    "a.html": LAYOUTS["news"].encode,
    "a.pdf": book,
    "a.docx": written,
    "a.pptx": slides,
    "a.odt": odt,
    "a.epub": epub,
    "a.rtf": lambda: RTF,
    "a.rst": RST.encode,
    "a.srt": SRT.encode,
    "a.vtt": VTT.encode,
    "a.csv": CSV.encode,
    "a.tsv": CSV.replace(";", "\t").encode,
    "a.json": JSON.encode,
    "a.jsonl": lambda: JSON.strip("[]").replace("},\n", "}\n").encode(),
    "a.yaml": YAML.encode,
}
