"""What the benchmarks of reading share: PDF files as drafts, and the words and letters by which texts are compared."""

from __future__ import annotations

import re
import unicodedata

from index.models import Draft
from index.parsers.document import to_draft
from index.parsers.pdf.pdf_parser import read_pdf


def pdf_draft(data: bytes) -> Draft:
    """Return a PDF file as it would be stored. Raises UserError if it is refused."""
    return to_draft(read_pdf(data), key="", source="", title="", cleaned=False)


def words_of(text: str) -> list[str]:
    """Return the runs of letters and digits of a text in order, with superscript digits as ordinary ones."""
    return re.findall(r"[^\W_]+", text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))


def letters_of(text: str) -> str:
    """Return the letters and digits of a text, without differences of case and width."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
