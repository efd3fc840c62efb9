"""The links that tags and components of MDX make, as Markdown."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(r"(?<![\w-])(?:href|to)\s*=\s*(?:\{\s*)?([\"'`])([^\"'`\s<>]{1,2000})\1")
_TITLE: Final = re.compile(r"(?<![\w-])(?:title|label)\s*=\s*(?:\{\s*)?([\"'`])([^\n]{1,200}?)\1")
_TAG: Final = re.compile(r"<[^<>]*+>")
_LONGEST_WORDS: Final = 2000  # code points
_LINKS: Final = {"a", "link"}


class TagLinks:
    """Turns the tags of links into the brackets of Markdown links. Nested links do not exist in HTML."""

    def __init__(self) -> None:
        self._address = ""  # of the link that is open

    def begin(self, tag: str, attributes: str, text: str, end: int, found: list[str]) -> int:
        """Begin the link of an opening tag, whose words start at `end` of `text`; return where the text goes on.

        Nothing is written for another tag, and for words that a Markdown link cannot have: none, brackets, and several
        paragraphs.
        """
        address = _address(attributes) if tag.lower() in _LINKS else ""
        close = text.find(f"</{tag}", end, end + _LONGEST_WORDS) if address else -1
        words = text[end:close].strip() if close >= 0 else ""
        if not any(map(str.isalnum, _TAG.sub("", words))) or re.search(r"[\[\]]|\n\s*\n", words):
            return end
        self._address = address
        found.append("[")
        return text.index(words, end)

    def end(self, tag: str, found: list[str]) -> None:
        """End the open link, if a closing tag is that of a link."""
        if self._address and tag in _LINKS:
            while found and found[-1].isspace():
                found.pop()
            found[-1:] = [found[-1].rstrip(), f"]({self._address})"] if found else []
            self._address = ""


def card(name: str, attributes: str) -> str:
    """Return the title of a component that leads to an address as a paragraph with a link, "" for another tag.

    The title of an HTML element is not shown; the names of components begin with a capital.
    """
    title = _TITLE.search(attributes) if name[:1].isupper() else None
    address = _address(attributes) if title else ""
    words = " ".join(title[2].split()) if title else ""
    return f"\n\n[{words}]({address})\n\n" if address and words and not re.search(r"[\[\]{}]", words) else ""


def _address(attributes: str) -> str:
    """Return the address in the attributes of a tag as it stands in a Markdown link, "" if there is none."""
    found = _ADDRESS.search(attributes)
    if found is None or "${" in found[2]:
        return ""
    return f"<{found[2]}>" if re.search("[()]", found[2]) else found[2]
