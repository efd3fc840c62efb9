"""The process that parses what others have made: `index/sandbox.py` starts it, feeds it and ends it.

Each request on standard input is a line of JSON followed by the file's bytes; each answer is a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from index.document import to_draft
from index.listing import links_of, listing_of
from index.values import UserError
from index.webpage import Page, read_page

if TYPE_CHECKING:
    from index.document import Document

MAX_MEMORY: Final = 2 << 30  # bytes of address space, where the system can limit it


def main() -> None:
    """Answer until standard input ends."""
    _limit_memory()
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints must not get among the answers
    while line := requests.readline():
        about = json.loads(line)
        answers.write(json.dumps(_answer(about, requests)).encode() + b"\n")
        answers.flush()


def _answer(about: dict[str, Any], requests: BinaryIO) -> dict[str, Any]:
    kind = about.pop("kind")
    data = requests.read(about.pop("size"))
    page = about.pop("address"), about.pop("charset")
    try:
        if kind == "links":
            return {"links": links_of(data, *page)}
        if kind == "listing":
            pages, maps = listing_of(data, page[0])
            return {"pages": pages, "maps": maps}
        draft = to_draft(_parse(kind, data, *page), cleaned=kind == "html", **about)
    except UserError as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": "Reading the file takes too much memory; split it, or save its text as a .txt file."}
    except Exception as error:  # noqa: BLE001 - parsers meet broken files in ways of their own; each is that file's error
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        return {"refused": f"The file is damaged or no {kind.upper()} file ({reason}); open it and save it anew."}
    return {"draft": asdict(draft)}


def _parse(kind: str, data: bytes, address: str, charset: str | None) -> Document:
    match kind:
        case "html":
            return read_page(data, Page(address, charset))
        case "pdf":
            from index.pdf import read_pdf

            return read_pdf(data)
        case _:
            from index.docx import read_docx

            return read_docx(data)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the time limit holds there too
        return
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


if __name__ == "__main__":
    sys.setrecursionlimit(5000)  # elements nest up to 256 deep, each a few calls
    main()
