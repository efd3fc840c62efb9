"""Read the metadata of a web page: title, address, date, author and language, each only if it is unambiguous."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from index.parsers.html.dom import is_invisible
from index.parsers.html.to_text import inline_text
from index.text.metadata_values import iso_date

_TITLE_PARTS = re.compile(r"\s[|–—·»]\s|\s-\s")
_MAX_NAME = 120  # code points; a longer author name is a sentence


class PageMetadata:
    """The metadata in the head of a page (HTML, Open Graph, Dublin Core) and in its JSON-LD (schema.org)."""

    def __init__(self, root: HtmlElement, address: str) -> None:
        self._root = root
        self._address = address
        self._meta: dict[str, str] = {}
        for meta in root.iter("meta"):
            name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
            self._meta.setdefault(name.lower(), (meta.get("content") or "").strip())
        self._data = list(_json_ld(root))

    def title(self) -> str | None:
        """Return the title of the page without the name of the site: of its h1, Open Graph, JSON-LD and `title` tag.

        The only h1 counts most, unless it is the name of the site or others agree on a later heading.
        """
        own = self._first("og:title", "twitter:title", "dc.title") or self._root.findtext(".//title") or ""
        own = " ".join(own.split())
        parts = _TITLE_PARTS.split(own)
        named = len(parts) > 1
        without_site = own[: own.rindex(parts[-1])].rstrip(" |–—·»-") if named else own
        headings = {inline_text(h).rstrip("¶#§ ") for h in self._root.iter("h1") if not is_invisible(h)} - {""}
        if len(headings) == 1:
            heading = headings.pop()
            if named and heading.casefold() == parts[-1].casefold():
                return without_site
            return self._instead_of(heading, own) or heading
        site = self._meta.get("og:site_name", "").casefold()
        if named and (parts[-1].casefold() == site or (not site and len(parts[0]) >= 10)):
            return without_site
        return own or None

    def _instead_of(self, heading: str, own: str) -> str | None:
        """Return the title that the page declares, if its only h1 is the name of the site or of a section."""
        declared = {" ".join(str(title).split()) for title in (own, *self._headlines()) if title}
        if not declared or any(heading.casefold() in title.casefold() for title in (own, *self._headlines())):
            return None
        below = [inline_text(h).rstrip("¶#§ ") for h in self._root.iter("h2", "h3") if not is_invisible(h)]
        repeated = next((title for title in below if title in declared), None)
        if repeated is not None:
            return repeated
        site = self._meta.get("og:site_name", "").casefold()
        return own if own and heading.casefold() == site else None

    def _headlines(self) -> list[str]:
        """Return the headlines of the JSON-LD objects."""
        return [data["headline"] for data in self._data if isinstance(data.get("headline"), str)]

    def base(self) -> str:
        """Return the address against which links of the page are resolved; "" if neither source nor page state it."""
        try:
            return urljoin(self._address or self.canonical() or "", self._base_href())
        except ValueError:
            return self._address

    def _base_href(self) -> str:
        return str(next(iter(self._root.xpath("//base/@href")), "")).strip()

    def canonical(self) -> str | None:
        """Return the canonical address of the page (RFC 6596), if it is on the same site or the page is a file."""
        links = self._root.xpath("//link[@rel='canonical']/@href")
        href = next(iter(links), None) or self._meta.get("og:url") or ""
        try:
            found = urlsplit(urljoin(urljoin(self._address, self._base_href()), str(href).strip()))
            site = urlsplit(self._address)
            own = not self._address or _host(found.hostname) == _host(site.hostname)
        except ValueError:
            return None
        whole = found.scheme in {"http", "https"} and bool(found.hostname) and not re.search(r"[\s<>]", found.geturl())
        return found._replace(fragment="").geturl() if href and whole and own else None

    def published(self) -> str | None:
        """Return the declared date of publication as an ISO 8601 date or date-time."""
        names = "article:published_time datepublished date dc.date dc.date.issued dcterms.created pubdate publish-date"
        declared = [self._meta.get(name, "") for name in names.split()]
        declared += [str(data["datePublished"]) for data in self._data if data.get("datePublished")]
        declared += self._root.xpath("//time[@itemprop='datePublished' or @pubdate]/@datetime")
        return next((date for value in declared if (date := iso_date(str(value).strip()))), None)

    def author(self) -> str | None:
        """Return the declared author."""
        declared: list[str] = [self._meta.get(name, "") for name in ("author", "article:author", "dc.creator")]
        declared += [name for data in self._data for name in _names(data.get("author"))]
        declared += [inline_text(e) for e in self._root.xpath("//*[@rel='author' or @itemprop='author']")]
        names = (" ".join(name.split()) for name in declared)
        return next((name for name in names if 0 < len(name) <= _MAX_NAME and "://" not in name), None)

    def language(self) -> str | None:
        """Return the language tag of the page (BCP 47)."""
        declared = self._root.get("lang") or self._root.get("xml:lang") or self._meta.get("og:locale", "")
        tag = declared.strip().replace("_", "-")
        return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", tag) else None

    def _first(self, *names: str) -> str | None:
        return next((self._meta[name] for name in names if self._meta.get(name)), None)


def _json_ld(root: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield the JSON-LD objects of a page."""
    for script in root.xpath("//script[@type='application/ld+json']/text()"):
        try:
            found = json.loads(str(script))
        except (ValueError, RecursionError):
            continue
        yield from _objects(found)


def _objects(found: object) -> Iterator[dict[str, Any]]:
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, dict):
            yield item
            yield from _objects(item.get("@graph", []))


def _names(author: object) -> Iterator[str]:
    for person in author if isinstance(author, list) else [author]:
        name = person.get("name") if isinstance(person, dict) else person
        if isinstance(name, str):
            yield name


def _host(name: str | None) -> str:
    return (name or "").lower().removeprefix("www.")
