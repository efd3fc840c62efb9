"""Parse Word files (.docx) by way of mammoth's HTML, in which styles are headings, lists and tables."""

from __future__ import annotations

import io

import mammoth

from index.parsers.document import Document
from index.parsers.file_types import KIND_NAMES
from index.parsers.html.to_text import rows_of_fragment
from index.parsers.zip_package import core_properties, open_package
from index.text.metadata_values import iso_date

_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
comment-reference =>
"""


def read_docx(data: bytes) -> Document:
    """Return the text of a Word file. Raises `UserError` if it is damaged, protected by a password or too large."""
    with open_package(data, KIND_NAMES["docx"]) as parts:
        properties = core_properties(parts)
    html = mammoth.convert_to_html(
        io.BytesIO(data), style_map=_STYLES, convert_image=mammoth.images.img_element(lambda _image: {"src": ""})
    ).value
    rows = rows_of_fragment(html)
    title = properties.get("title") or next((row.text for row in rows if row.level == 1), None)
    return Document(
        rows,
        title,
        published=iso_date(properties.get("created", "")),
        author=properties.get("creator"),
        language=properties.get("language"),
    )
