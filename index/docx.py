"""Word files to a document: mammoth turns their styles into headings, lists and tables."""

from __future__ import annotations

import io
import zipfile

import mammoth
from lxml.etree import XMLParser, fromstring

from index.document import Document
from index.frontmatter import iso_date
from index.htmltext import rows_of
from index.values import UserError
from index.webpage import parse_html

_MAX_UNPACKED = 300_000_000  # bytes; a book with its pictures has less
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
comment-reference =>
"""


def read_docx(data: bytes) -> Document:
    """Return the text of a Word file. Raises `UserError` for one that is damaged, protected or far too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MAX_UNPACKED:
                raise UserError("The Word file unpacks to more than 300 MB; split it into several files.")
            told = _core(parts)
    except (zipfile.BadZipFile, NotImplementedError, EOFError):
        problem = "The file is damaged, protected by a password, or no Word file (.docx); "
        raise UserError(problem + "open it in Word, save it anew and add that.") from None
    html = mammoth.convert_to_html(
        io.BytesIO(data), style_map=_STYLES, convert_image=mammoth.images.img_element(lambda _image: {"src": ""})
    ).value
    rows = rows_of(parse_html(f"<body>{html}</body>"))
    title = told.get("title") or next((row.text for row in rows if row.level == 1), None)
    return Document(rows, title, None, iso_date(told.get("created", "")), told.get("creator"), told.get("language"))


def _core(parts: zipfile.ZipFile) -> dict[str, str]:
    """Return what the file's properties say: title, creator, created and language, where they are filled in."""
    if "docProps/core.xml" not in parts.namelist():
        return {}
    root = fromstring(parts.read("docProps/core.xml"), XMLParser(resolve_entities=False, no_network=True))
    values = {str(child.tag).rpartition("}")[2]: (child.text or "").strip() for child in root}
    return {name: value for name, value in values.items() if value}
