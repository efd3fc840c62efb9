"""The addresses of HYPERLINK fields, in Word and RTF files, and of link elements, as inline HTML."""

from __future__ import annotations

import re
from html import escape
from typing import Final

_INSTRUCTION: Final = re.compile(
    r"\s*+HYPERLINK\s++(?:\"(?P<quoted>[^\"]++)\"|(?P<plain>[^\s\\\"]\S*+))", re.IGNORECASE
)
_PLACE: Final = re.compile(r"\\l\s*+\"([^\"]++)\"", re.IGNORECASE)


def field_address(instruction: str) -> str:
    """Return the address of a HYPERLINK field, "" for other fields and for links inside the file.

    The instruction is as in ECMA-376 part 1, 17.16.5.25; its switch "l" names a place in the other file.
    """
    found = _INSTRUCTION.match(instruction)
    if found is None:
        return ""
    place = _PLACE.search(instruction, found.end())
    return with_place(found["quoted"] or found["plain"], place[1] if place else "")


def with_place(address: str, place: str) -> str:
    """Return an address with the name of a place in its page, if it has none yet."""
    return f"{address}#{place}" if address and place and "#" not in address else address


def link_html(html: str, address: str) -> str:
    """Return inline HTML as a link, if there is an address."""
    return f'<a href="{escape(address)}">{html}</a>' if address and html else html
