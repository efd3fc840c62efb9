"""Which addresses of links are kept: absolute ones of web pages and of mail, bounded in number and length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from index.models import Link

MAX_LINKS: Final = 10_000  # of an article
MAX_ADDRESS: Final = 2_000  # code points
_MAX_ADDRESSES: Final = 1_000_000  # code points of all addresses of an article
_IGNORED: Final = re.compile(r"[\t\r\n]")  # browsers ignore these inside an address (URL Standard, 4.4)
_UNSAFE: Final = re.compile(r"[\s<>\"`{}|\\^]")
_HOST: Final = re.compile(r"([\w.-]++|\[[0-9A-Fa-f:.]++\])(:\d{1,5})?")
_MAIL: Final = re.compile(r"[^\s@]++@[\w.-]++(?:,[^\s@]++@[\w.-]++)*+")


def link_address(href: str, base: str = "") -> str | None:
    """Return the absolute address of a link, or None if links of its kind are not kept.

    Kept are http, https and mailto. A relative `href` is resolved against `base`, the address of its page; without a
    base it is dropped, as are links to a place on the same page, addresses longer than `MAX_ADDRESS`, and those with a
    user name, which can look like the address of another host. A host in another script is written in ASCII (RFC
    3492); characters that cannot be seen, such as spaces and marks of text direction, are percent-encoded.
    """
    href = _IGNORED.sub("", href).strip("\0 \x1f\f\v")
    if not href or href.startswith("#") or len(href) > MAX_ADDRESS:
        return None
    try:
        address = urljoin(base, href) if base else href
        if base and "#" in href and urldefrag(address).url == urldefrag(base).url:
            return None
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises ValueError if it is out of range
    except ValueError:
        return None
    host = _HOST.fullmatch(parts.netloc) if parts.scheme in {"http", "https"} else None
    if host:
        parts = parts._replace(netloc=f"{_ascii(host[1])}{host[2] or ''}")
    elif parts.scheme != "mailto" or not _MAIL.fullmatch(parts.path):
        return None
    address = _encoded(parts.geturl())
    return address if len(address) <= MAX_ADDRESS else None


def bounded(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return the links of an article in order, without those that are empty, overlap an earlier one, or are too many.

    The first `MAX_LINKS` are kept, as long as their addresses have at most a million code points together.
    """
    found: list[Link] = []
    end = size = 0
    for link in sorted(links):
        if end <= link.start < link.end:
            size += len(link.address)
            if size > _MAX_ADDRESSES or len(found) == MAX_LINKS:
                break
            found.append(link)
            end = link.end
    return tuple(found)


def _ascii(host: str) -> str:
    """Return a host name in lower case, with the labels in other scripts as Punycode."""
    labels = unicodedata.normalize("NFKC", host).lower().split(".")
    return ".".join(one if one.isascii() else f"xn--{one.encode('punycode').decode()}" for one in labels)


def _encoded(address: str) -> str:
    """Return an address with its invisible and unsafe characters percent-encoded."""
    if address.isascii() and address.isprintable() and not _UNSAFE.search(address):
        return address
    return "".join(_encoded_character(char) for char in address)


def _encoded_character(char: str) -> str:
    unsafe = _UNSAFE.match(char) is not None or unicodedata.category(char)[0] in "CZ"
    return quote(char, safe="", errors="replace") if unsafe else char
