"""Decode web pages, as forgivingly as browsers where no letter of a quote can become wrong by it."""

from __future__ import annotations

import codecs
import re
from typing import Final

from index.models import UserError
from index.text.encoding import decode_web, wide_encoding

DAMAGED: Final = "\ufffd"  # the place of bytes that are not part of any character; such a row is not quoted
_BOMS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_XML: Final = re.compile(rb"""\s*<\?xml[^>]{0,200}\sencoding\s*=\s*["']([\w.:-]{1,40})["']""")
_META: Final = re.compile(rb"(?i)<meta[^>]{1,1000}charset\s*+=\s*+[\"']?\s*+utf-?8\b")
_FEW_ERRORS: Final = 20  # in a page that is UTF-8 apart from them
_VALID: Final = 5  # characters beyond ASCII for each error, by which a page is surely UTF-8


def decode_page(data: bytes, charset: str | None = None) -> str:
    """Return the text of a web page; `charset` is the one of the HTTP header.

    NUL is dropped, as browsers do. A page that declares UTF-8 may have a few wrong bytes, which become U+FFFD. Raises
    `UserError` as `decode_web` does.
    """
    if not data.startswith(_BOMS) and b"\0" in data and wide_encoding(data) is None:
        data = data.replace(b"\0", b"")
    declared = _XML.match(data[:400])
    charset = charset or (declared[1].decode("ascii") if declared else None)
    if (charset or "").lower() not in {"utf-8", "utf8"} and not _META.search(data[:4096]):
        return decode_web(data, charset)
    text = data.decode("utf-8", "replace")
    errors = text.count(DAMAGED)
    if errors and _VALID * errors <= sum(map(str.isalpha, re.findall(r"[^\x00-\x7f\ufffd]", text))):
        return text
    try:
        return decode_web(data, charset)
    except UserError:
        if 0 < errors <= _FEW_ERRORS and b"\0" not in data:
            return text
        raise
