"""Detect the kind of a file, by its content if that is conclusive, else by its name."""

from __future__ import annotations

import json
import re
from typing import Final, Literal

from index.messages import files
from index.messages.sentence import Sentence
from index.models import UserError
from index.text.encoding import decode_web

Kind = Literal[
    "text",
    "markdown",
    "mdx",
    "rst",
    "html",
    "pdf",
    "docx",
    "pptx",
    "xlsx",
    "odt",
    "odp",
    "ods",
    "epub",
    "rtf",
    "subtitles",
    "csv",
    "tsv",
    "json",
    "jsonl",
    "yaml",
    "archive",
]

KINDS: Final[dict[str, Kind]] = {
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "mdx",
    ".rst": "rst",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".pptx": "pptx",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".odt": "odt",
    ".odp": "odp",
    ".ods": "ods",
    ".epub": "epub",
    ".rtf": "rtf",
    ".srt": "subtitles",
    ".vtt": "subtitles",
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".zip": "archive",
    ".tar": "archive",
    ".tgz": "archive",
    ".tar.gz": "archive",
    ".tar.bz2": "archive",
    ".tar.xz": "archive",
}
KIND_NAMES: Final[dict[Kind, Sentence]] = {
    "docx": files.WORD_FILE.format(),
    "pptx": files.POWERPOINT_FILE.format(),
    "xlsx": files.EXCEL_FILE.format(),
    "odt": files.OPENDOCUMENT_TEXT.format(),
    "odp": files.OPENDOCUMENT_PRESENTATION.format(),
    "ods": files.OPENDOCUMENT_SPREADSHEET.format(),
    "epub": files.E_BOOK.format(),
    "rtf": files.RTF_FILE.format(),
    "pdf": files.PDF_FILE.format(),
    "archive": files.ARCHIVE_FILE.format(),
}
TEXTS: Final[frozenset[Kind]] = frozenset({"text", "markdown", "mdx", "rst"})
TABLES: Final[frozenset[Kind]] = frozenset({"csv", "tsv", "json", "jsonl", "yaml"})

_ZIP_BASED: Final[frozenset[Kind]] = frozenset({"docx", "pptx", "xlsx", "odt", "odp", "ods", "epub"})
_OFFICE: Final = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"ppt/", b"xl/", b"customXml/")
_ZIP_MIME_TYPES: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"application/epub+zip", "epub"),
    (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument.presentation", "odp"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
)
_COMPRESSED: Final = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0")
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PAGE: Final = re.compile(
    rb"(?is)\s*+(?:<\?xml[^>]*+>\s*+)?+(?:<!--(?:[^-]|-(?!->))*+-->\s*+)*+<(?:!doctype\s++html|html)\b"
)
_CUES: Final = re.compile(r"\s*\d+[ \t]*\n\s*(?:\d+:)?\d{1,2}:\d{2}[,.]\d{3}[ \t]*-->")
_MARKDOWN: Final = re.compile(r"(?m)^#{1,6} \S|^```|\]\([^)\]\s]+\)")
_RST: Final = re.compile(r"(?m)^\.\. (?:[\w-]+::|_[^:]+:)|^([=~*#^-])\1{2,}\n.+\n\1{3,}$")
_PAIRS: Final = re.compile(r"(?mi)^[ \t]*+(?:-[ \t]*+)?(?:question|q)[ \t]*+:\s*+\S.*\n\s*+(?:answer|a)[ \t]*+:")


def kind_from_name(name: str) -> Kind | None:
    """Return the kind that a file name implies, or None."""
    lower = name.lower()
    return next((kind for suffix, kind in KINDS.items() if lower.endswith(suffix)), None)


def office_format(name: str) -> str:
    """Return the Office or e-book format that a file name implies, such as "OpenDocument presentation", else ""."""
    kind = kind_from_name(name)
    return KIND_NAMES[kind].partition(" (")[0] if kind in _ZIP_BASED else ""


def unknown_type_error() -> UserError:
    """Return the error for a file of an unsupported type."""
    return UserError(files.TYPE_UNKNOWN, types=", ".join(sorted(KINDS)))


def detect_kind(name: str, data: bytes) -> Kind:
    """Return the kind of a file. If name and content contradict each other, the content decides.

    Raises `UserError` for an unsupported type, and for text whose encoding is uncertain.
    """
    return kind_from_start(name, data) or guess_text_kind(data)


def kind_from_start(name: str, data: bytes) -> Kind | None:
    """Return the kind of a file, or None for a text whose name tells nothing: that one must be read as a whole.

    Raises `UserError` for an unsupported type.
    """
    named, detected = kind_from_name(name), _kind_from_signature(data)
    if detected == "archive" and named in _ZIP_BASED:
        return named  # its parser reports what is missing
    if detected == "html" and named in TEXTS and b"</html>" not in data[-1000:].lower():
        return named  # a text may begin with a fragment of HTML
    if detected is not None or named is not None:
        return detected or named or "text"
    if re.search(r"\.\w{1,5}$", name):
        raise unknown_type_error()  # plain text perhaps, but source code or a log
    return None


def _kind_from_signature(data: bytes) -> Kind | None:
    """Return the kind that the first bytes of a file identify, or None. Raises `UserError` for old Office formats."""
    if data.startswith(_OLD_OFFICE):
        raise UserError(files.OLD_OFFICE)
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return _zip_kind(data)
    if data.startswith(_COMPRESSED) or data[257:262] == b"ustar":
        return "archive"
    if b"%PDF-" in data[:1024]:  # after archives, whose first file may be a PDF
        return "pdf"
    start = data.removeprefix(b"\xef\xbb\xbf")[:4096]
    if start.lstrip().startswith(b"{\\rtf"):
        return "rtf"
    if re.match(rb"WEBVTT(?:[ \t\r\n]|$)", start):
        return "subtitles"
    return "html" if _PAGE.match(start) else None


def _zip_kind(data: bytes) -> Kind:
    """Return the kind of a ZIP file, by the name of its first member: a document, or else an archive."""
    first = data[30:400]
    for mime, kind in _ZIP_MIME_TYPES:
        if first.startswith(b"mimetype" + mime):
            return kind
    if first.startswith(_OFFICE):
        if b"word/document" in data:
            return "docx"
        if b"ppt/presentation" in data:
            return "pptx"
        if b"xl/workbook" in data:
            return "xlsx"
    return "archive"


def guess_text_kind(data: bytes) -> Kind:
    """Return the kind of a text without a suffix.

    Raises `UserError` if it is not text, or its encoding is uncertain.
    """
    text = decode_web(data).replace("\r\n", "\n").removeprefix("\ufeff")
    if _CUES.match(text):
        return "subtitles"
    if text.lstrip()[:1] in {"{", "["} and (found := _json(text)):
        return found
    if table := _table(text.partition("\n")[0]):
        return table
    if _PAIRS.search(text[:2000]):
        return "yaml"
    if _RST.search(text):
        return "rst"
    return "markdown" if _MARKDOWN.search(text) else "text"


def _table(head: str) -> Kind | None:
    """Return the kind of a table whose first row names a question and an answer."""
    for delimiter in ",;\t":
        cells = {cell.strip(' "').casefold() for cell in head.split(delimiter)}
        if cells & {"question", "q"} and cells & {"answer", "a"}:
            return "tsv" if delimiter == "\t" else "csv"
    return None


def _json(text: str) -> Kind | None:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        first = text.lstrip().partition("\n")[0]
        try:
            json.loads(first)
        except (ValueError, RecursionError):
            return None
        return "jsonl"
    return "json"
