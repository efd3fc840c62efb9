"""The process that parses untrusted files. `index/parsers/sandbox.py` starts it, sends it files and ends it.

It first takes its own rights away, and writes a line of JSON that names the steps. After that, each request on
standard input is a line of JSON followed by the bytes of the file, and each answer on standard output is a line of
JSON, followed by the bytes of the members if the file is an archive.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from index.messages.files import FILE_DAMAGED, FILE_OF_KIND, READING_TOO_LARGE
from index.messages.sentence import to_json
from index.models import NoArticleError, UserError
from index.parsers.confinement import confine
from index.parsers.file_types import KIND_NAMES, TABLES, guess_text_kind
from index.parsers.plain_text import text_draft
from index.text.encoding import decode_web, normalize_newlines

if TYPE_CHECKING:
    from index.models import Draft
    from index.parsers.document import Document

_READERS: Final = {  # imported on first use, so that the process starts quickly for a message
    "pdf": "index.parsers.pdf.pdf_parser:read_pdf",
    "docx": "index.parsers.docx.docx_parser:read_docx",
    "pptx": "index.parsers.pptx:read_pptx",
    "odt": "index.parsers.opendocument.odf_parser:read_odt",
    "odp": "index.parsers.opendocument.odf_parser:read_odp",
    "ods": "index.parsers.opendocument.odf_parser:read_ods",
    "xlsx": "index.parsers.xlsx:read_xlsx",
    "epub": "index.parsers.epub:read_epub",
    "rtf": "index.parsers.rtf.rtf_parser:read_rtf",
    "subtitles": "index.parsers.subtitles:read_subtitles",
}


def main() -> None:
    """Answer requests until standard input ends."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever parsers print goes to standard error, not among the answers
    answers.write(json.dumps(confine()).encode() + b"\n")
    answers.flush()
    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request.pop("size"))
        members: list[bytes] = []
        answers.write(json.dumps(_answer(request, data, members)).encode() + b"\n")
        answers.writelines(members)
        answers.flush()


def _answer(request: dict[str, Any], data: bytes, members: list[bytes]) -> dict[str, Any]:
    """Return the answer to a request. The bytes of archive members are appended to `members`."""
    kind = request.pop("kind")
    try:
        return _members(data, members) if kind == "archive" else _read(kind, data, request)
    except UserError as error:
        return {"refused": to_json(error.sentence), "no_article": isinstance(error, NoArticleError)}
    except MemoryError:
        return {"refused": to_json(READING_TOO_LARGE.format())}
    except Exception as error:  # noqa: BLE001 - parsers raise errors of many kinds for broken files
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        what = KIND_NAMES.get(kind) or FILE_OF_KIND.format(kind=kind.upper())
        return {"refused": to_json(FILE_DAMAGED.format(what=what, reason=reason))}


def _read(kind: str, data: bytes, request: dict[str, Any]) -> dict[str, Any]:
    if kind == "unknown":
        return {"kind": guess_text_kind(data)}
    if kind == "links":
        from index.parsers.sitemaps import page_links

        return {"links": page_links(data, request["address"], request["charset"])}
    if kind == "listing":
        from index.parsers.sitemaps import parse_listing

        pages, maps = parse_listing(data, request["address"])
        return {"pages": pages, "maps": maps}
    return {"draft": asdict(_draft(kind, data, request))}


def _draft(kind: str, data: bytes, request: dict[str, Any]) -> Draft:
    if kind == "chat":
        from index.parsers.chat_messages import chat_draft

        return chat_draft(json.loads(data), **request)
    if kind == "typed":  # a text without a file
        return text_draft(data.decode("utf-8", "surrogatepass"), **request)
    page = request.pop("address"), request.pop("charset")
    if kind == "rst":
        from index.parsers.rst import rst_draft

        return rst_draft(decode_web(data, page[1]), **request, address=page[0])
    if kind in {"text", "markdown", "mdx"}:
        text = decode_web(data, page[1])
        if kind == "mdx":
            from index.parsers.mdx import mdx_to_markdown

            text = mdx_to_markdown(normalize_newlines(text))
        where = {"key": request["key"], "source": request["source"], "address": page[0]}
        return text_draft(text, **where, markdown=kind != "text")
    from index.parsers.document import to_draft

    return to_draft(_parse(kind, data, *page), cleaned=kind == "html", **request)


def _members(data: bytes, members: list[bytes]) -> dict[str, Any]:
    """Unpack an archive: return name, size and reason of each member, and append the bytes to `members`."""
    from index.parsers.archive import Unpacker

    unpacker = Unpacker(len(data))
    found = list(unpacker.members(data))
    members += (member.data for member in found)
    rows = [(member.name, len(member.data), to_json(member.reason)) for member in found]
    return {"members": rows, "skipped": unpacker.skipped}


def _parse(kind: str, data: bytes, address: str, charset: str | None) -> Document:
    if kind == "html":
        from index.parsers.html.extract import PageContext, read_page

        return read_page(data, PageContext(address, charset))
    if kind in TABLES:
        from index.parsers.faq_tables import read_questions

        return read_questions(data, kind)
    module, _, name = _READERS[kind].partition(":")
    document: Document = getattr(import_module(module), name)(data)
    return document


if __name__ == "__main__":
    sys.setrecursionlimit(5000)  # HTML elements nest up to 256 deep, with a few calls each
    main()
