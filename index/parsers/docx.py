"""Word files to a document: mammoth turns their styles into headings, lists and tables."""

from __future__ import annotations

import io

import mammoth

from index.parsers.document import Document
from index.parsers.file_types import NAMES
from index.parsers.html.to_text import rows_of_fragment
from index.parsers.zip_package import core_properties, opened
from index.text.metadata_values import iso_date

_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
comment-reference =>
"""


def read_docx(data: bytes) -> Document:
    """Return the text of a Word file. Raises `UserError` for one that is damaged, protected or far too large."""
    with opened(data, NAMES["docx"]) as parts:
        told = core_properties(parts)
    html = mammoth.convert_to_html(
        io.BytesIO(data), style_map=_STYLES, convert_image=mammoth.images.img_element(lambda _image: {"src": ""})
    ).value
    rows = rows_of_fragment(html)
    title = told.get("title") or next((row.text for row in rows if row.level == 1), None)
    return Document(rows, title, None, iso_date(told.get("created", "")), told.get("creator"), told.get("language"))
