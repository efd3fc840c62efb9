"""Find the other pages of a site: in sitemaps (sitemaps.org), RSS and Atom feeds (RFC 4287), and links."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urldefrag, urljoin

from lxml.etree import LxmlError, XMLParser, _Element, fromstring

from index.messages.addresses import NO_SITEMAP
from index.models import UserError
from index.parsers.html.dom import parse_html
from index.text.page_encoding import decode_page

_MAX_UNPACKED = 50_000_000  # bytes; the limit of the sitemaps protocol


def parse_listing(data: bytes, address: str) -> tuple[list[str], list[str]]:
    """Return the pages that a sitemap or feed lists, and the further sitemaps that a sitemap index lists.

    `address` is the address of the file, for resolving relative links. Raises `UserError` for any other file.
    """
    if data.startswith(b"\x1f\x8b"):
        with suppress(zlib.error):
            data = zlib.decompressobj(wbits=31).decompress(data, _MAX_UNPACKED)
    try:
        root = fromstring(data, XMLParser(resolve_entities=False, no_network=True, recover=True))
    except LxmlError:
        root = None
    kind = _name(root) if root is not None else ""
    if kind == "sitemapindex":
        return [], _absolute(_texts(root, "sitemap", "loc"), address)
    if kind == "urlset":
        return _absolute(_texts(root, "url", "loc"), address), []
    if kind in {"rss", "RDF"}:
        return _absolute(_items(root), address), []
    if kind == "feed":
        return _absolute(_alternates(root), address), []
    raise UserError(NO_SITEMAP)


def page_links(data: bytes, address: str, charset: str | None) -> list[str]:
    """Return the addresses that a page links to, in order, except links marked nofollow."""
    root = parse_html(decode_page(data, charset))
    base = next(iter(root.xpath("//base/@href")), "")
    links = [a.get("href") for a in root.iter("a") if a.get("href") and "nofollow" not in a.get("rel", "").lower()]
    return _absolute(links, urljoin(address, base))


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _texts(root: _Element, outer: str, inner: str) -> list[str]:
    """Return the texts of the `inner` elements that are children of `outer` ones, in any namespace."""
    children = [child for element in root.iter("{*}" + outer) for child in element.iterchildren("{*}" + inner)]
    return [child.text for child in children if child.text]


def _items(root: _Element) -> list[str]:
    """Return the address of each item of an RSS feed: its link, else its permanent guid."""
    found: list[str] = []
    for item in root.iter("{*}item"):
        links = [link.text for link in item.iterchildren("{*}link") if link.text and link.text.strip()]
        guids = [g.text for g in item.iterchildren("{*}guid") if g.text and g.get("isPermaLink", "true") == "true"]
        found += links or guids[:1]
    return found


def _alternates(root: _Element) -> list[str]:
    """Return the alternate links of the Atom entries, which are their pages."""
    links = [link for entry in root.iter("{*}entry") for link in entry.iterchildren("{*}link")]
    return [link.get("href") for link in links if link.get("href") and link.get("rel", "alternate") == "alternate"]


def _absolute(links: Iterable[str], base: str) -> list[str]:
    """Return absolute web addresses without fragments, each once."""
    found: list[str] = []
    for link in links:
        try:
            whole = urldefrag(urljoin(base, link.strip())).url
        except ValueError:
            continue
        if re.match(r"(?i)https?://[^\s/]", whole):
            found.append(whole)
    return list(dict.fromkeys(found))
