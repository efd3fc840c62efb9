"""The process that parses untrusted files. `index/parsers/sandbox.py` starts it, sends it files and ends it.

Each request on standard input is a line of JSON followed by the bytes of the file; each answer on standard output is
a line of JSON, followed by the bytes of the members if the file is an archive.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from index.models import NoArticleError, UserError
from index.parsers.archive import Unpacker
from index.parsers.document import to_draft
from index.parsers.faq_tables import read_questions
from index.parsers.file_types import KIND_NAMES, TABLES
from index.parsers.html.extract import PageContext, read_page
from index.parsers.sitemaps import page_links, parse_listing

if TYPE_CHECKING:
    from index.parsers.document import Document

MAX_MEMORY: Final = 2 << 30  # bytes of address space, on systems that can limit it
_READERS: Final = {  # imported on first use
    "pdf": "index.parsers.pdf.pdf_parser:read_pdf",
    "docx": "index.parsers.docx:read_docx",
    "pptx": "index.parsers.pptx:read_pptx",
    "odt": "index.parsers.odt:read_odt",
    "epub": "index.parsers.epub:read_epub",
    "rtf": "index.parsers.rtf.rtf_parser:read_rtf",
    "subtitles": "index.parsers.subtitles:read_subtitles",
}


def main() -> None:
    """Answer requests until standard input ends."""
    _limit_memory()
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever parsers print goes to standard error, not among the answers
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
        return {"refused": str(error), "no_article": isinstance(error, NoArticleError)}
    except MemoryError:
        return {"refused": "Reading the file takes too much memory; split it, or save its text as a .txt file."}
    except Exception as error:  # noqa: BLE001 - parsers raise errors of many kinds for broken files
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        what = KIND_NAMES.get(kind, f"{kind.upper()} file")
        return {"refused": f"The file is damaged or not a valid {what} ({reason}); open it and save it again."}


def _read(kind: str, data: bytes, request: dict[str, Any]) -> dict[str, Any]:
    page = request.pop("address"), request.pop("charset")
    if kind == "links":
        return {"links": page_links(data, *page)}
    if kind == "listing":
        pages, maps = parse_listing(data, page[0])
        return {"pages": pages, "maps": maps}
    return {"draft": asdict(to_draft(_parse(kind, data, *page), cleaned=kind == "html", **request))}


def _members(data: bytes, members: list[bytes]) -> dict[str, Any]:
    """Unpack an archive: return name, size and reason of each member, and append the bytes to `members`."""
    unpacker = Unpacker(len(data))
    found = list(unpacker.members(data))
    members += (member.data for member in found)
    rows = [(member.name, len(member.data), member.reason) for member in found]
    return {"members": rows, "skipped": unpacker.skipped}


def _parse(kind: str, data: bytes, address: str, charset: str | None) -> Document:
    if kind == "html":
        return read_page(data, PageContext(address, charset))
    if kind in TABLES:
        return read_questions(data, kind)
    module, _, name = _READERS[kind].partition(":")
    document: Document = getattr(import_module(module), name)(data)
    return document


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; there only the time is limited
        return
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


if __name__ == "__main__":
    sys.setrecursionlimit(5000)  # HTML elements nest up to 256 deep, with a few calls each
    main()
