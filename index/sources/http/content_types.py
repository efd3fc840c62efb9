"""Detect the kind of a response, by its content type, the file name in its address, and its first bytes."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from index.messages.addresses import ARCHIVE_AT_ADDRESS, TYPE_UNNAMED, TYPE_UNREADABLE
from index.parsers.file_types import TABLES, TEXTS, Kind, detect_kind, kind_from_name
from index.sources.http.addresses import Address
from index.sources.http.errors import FetchError

_KINDS: Final[dict[str, Kind]] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/epub+zip": "epub",
    "application/rtf": "rtf",
    "text/rtf": "rtf",
    "text/vtt": "subtitles",
    "application/x-subrip": "subtitles",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/jsonl": "jsonl",
    "application/yaml": "yaml",
    "text/plain": "text",
    "text/markdown": "markdown",
    "text/x-rst": "rst",
}
_SENT_AS_PLAIN_TEXT: Final = (
    TEXTS | TABLES | {"subtitles"}
)  # kinds that servers send as text/plain, known by the file name alone
_XML: Final = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?xml|application/(?:x-)?gzip")
_ROOT: Final = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF|urlset|sitemapindex)\b")


def response_kind(content_type: str, address: Address, data: bytes) -> Kind | None:
    """Return the kind of a response, or None for a sitemap or feed. Raises `FetchError` for an unsupported type."""
    if (_XML.fullmatch(content_type) or content_type in {"text/html", "text/plain"}) and _ROOT.search(data[:2000]):
        return None
    name = PurePosixPath(unquote(address.target.partition("?")[0])).name
    named = kind_from_name(name)
    if content_type == "text/plain" and named in _SENT_AS_PLAIN_TEXT:
        return named
    if content_type in _KINDS:
        return _KINDS[content_type]
    if named == "archive":
        raise FetchError(ARCHIVE_AT_ADDRESS)
    if _XML.fullmatch(content_type):
        return None
    if content_type in {"", "application/octet-stream"} and named is not None:
        return detect_kind(name, data)
    raise FetchError(TYPE_UNREADABLE, host=address.host, type=content_type or TYPE_UNNAMED.format())
