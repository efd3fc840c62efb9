"""Finds the links of a quote: those stored with its article, and the addresses that its text contains."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from index.memory import sized_cache
from index.models import Link, Span
from index.text.link_addresses import link_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.models import Article
    from qa.outcome import Quote

_KEPT: Final = 16 * 1024 * 1024  # bytes, with the texts
_MOST: Final = 64  # texts
_ADDRESS: Final = r"(?:https?://|mailto:)[^\s<>\"]+"
_NO_LINKS: Final = (  # code and images
    re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL),
    re.compile(r"!\[[^\[\]]*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s[^()]*)?\)"),
)
# [words](address "title"), with one level of parentheses inside the address; no image.
_INLINE: Final = re.compile(
    r"(?<![!\\])\[(?P<words>(?:\\.|[^\[\]\\]|\[[^\[\]]*\])+)\]\(\s*"
    r"<?(?P<address>(?:https?://|mailto:)(?:[^\s<>()]|\([^\s<>()]*\))+)>?(?:\s[^()]*+)?\)"
)
_REFERENCE: Final = re.compile(r"(?<![!\\])\[(?P<words>[^\[\]]+)\](?:\[(?P<label>[^\[\]]*)\])?(?![(:\[])")
_DEFINITION: Final = re.compile(rf"^ {{0,3}}\[(?P<label>[^\]^][^\]]*)\]:\s*<?(?P<address>{_ADDRESS})>?", re.MULTILINE)
_HTML: Final = re.compile(
    r"<a\s[^<>]*?href\s*+=\s*+[\"']?(?P<address>(?:https?://|mailto:)[^\s<>\"']++)[\"']?[^<>]*+>"
    r"(?P<words>(?:[^<]|<(?!/?a\b))++)</a\s*+>",
    re.IGNORECASE | re.DOTALL,
)
_BARE: Final = re.compile(rf"(?<![\w/])(?P<address>{_ADDRESS})")
_CLOSING: Final = ".,;:!?'\"*_~`)]}|\u2019\u201d\u00bb\u3002\uff0c\u3001"


def links_of(article: Article, span: Span) -> tuple[Link, ...]:
    """Return the links that overlap a span of an article: start and end of the words, and the address, in order.

    These are the links stored with the article, and the bare addresses in its text. For an article whose links are
    unknown, they are read from its text alone.
    """
    written = links_in(article.text, span)
    if article.links is None:
        found = [*written]
    else:
        first = bisect_right(article.links, span.start, key=lambda link: link.end)
        last = bisect_left(article.links, span.end, key=lambda link: link.start)
        found = [*article.links[first:last]]
        known = {link.address for link in found}
        bare = (link for link in written if article.text[link.start : link.end] == link.address)
        found += [link for link in bare if link.address not in known and not any(_overlap(link, one) for one in found)]
    kept = ((link, link_address(link.address)) for link in sorted(found))
    return tuple(link._replace(address=address) for link, address in kept if address)


def addresses_to_show(quote: Quote) -> list[str]:
    """Return the addresses that a quote links to, each once, in order, without those that the quote shows as its words.

    Words never stand for the address that they link to: they may look like another one.
    """
    words = (quote.text[max(0, start - quote.start) : end - quote.start] for start, end, _ in quote.links)
    pairs = zip(words, quote.links, strict=True)
    return list(dict.fromkeys(link[2] for shown, link in pairs if link[2] not in {shown, f"mailto:{shown}"}))


def _overlap(one: Link, other: Link) -> bool:
    return one.start < other.end and other.start < one.end


def links_in(text: str, span: Span) -> tuple[Link, ...]:
    """Return the links inside a span of an article's text: start and end of the words, and the address, in order.

    Addresses are those of web pages and of mail (`mailto:`). The words of a bare address are the address itself.
    Images and what is marked as code are left out. A Markdown reference is looked up in the whole text.
    """
    taken = [match.span() for pattern in _NO_LINKS for match in pattern.finditer(text, span.start, span.end)]
    found: list[Link] = []
    for start, end, link in _written_links(text, span):
        if all(end <= other_start or other_end <= start for other_start, other_end in taken):
            taken.append((start, end))
            found.append(link)
    return tuple(sorted(found))


def _written_links(text: str, span: Span) -> Iterator[tuple[int, int, Link]]:
    """Yield start and end of each link with its markup, and the link; the most specific notation first."""
    for pattern in (_INLINE, _HTML):
        for match in pattern.finditer(text, span.start, span.end):
            yield match.start(), match.end(), Link(*match.span("words"), match["address"])
    definitions = _definitions(text)
    for match in _REFERENCE.finditer(text, span.start, span.end) if definitions else ():
        address = definitions.get(_label(match["label"] or match["words"]))
        if address:
            yield match.start(), match.end(), Link(*match.span("words"), address)
    for match in _BARE.finditer(text, span.start, span.end):
        address = _without_punctuation(match["address"])
        end = match.start() + len(address)
        if address.rstrip("/").count(":"):
            yield match.start(), end, Link(match.start(), end, address)


def _without_punctuation(address: str) -> str:
    """Return a bare address without the punctuation of the sentence after it; a bracket it opens is closed in it."""
    while address and address[-1] in _CLOSING and not (address[-1] == ")" and address.count("(") >= address.count(")")):
        address = address[:-1]
    return address


@sized_cache(_KEPT, _MOST)
def _definitions(text: str) -> dict[str, str]:
    """Return the addresses of the Markdown reference definitions in a text, by label."""
    return {_label(match["label"]): match["address"] for match in reversed(list(_DEFINITION.finditer(text)))}


def _label(words: str) -> str:
    return " ".join(words.casefold().split())
