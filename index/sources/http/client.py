"""Pages from the web: one polite, bounded request at a time, to hosts that may be asked."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from protego import Protego
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as TimeoutHTTPError
from urllib3.response import BaseHTTPResponse

from index.parsers.file_types import Kind
from index.sources.http.addresses import Address, parse_address, resolve
from index.sources.http.connection import connect, deadline
from index.sources.http.content_types import response_kind
from index.sources.http.errors import FetchError
from index.sources.loader import LOADER_VERSION, MAX_BYTES

AGENT: Final = "Verbatim/0.1 (quotes articles on Discord, for a server's administrator)"
_ROBOT_NAME: Final = "Verbatim"
_REDIRECTS: Final = 5
_MAX_ROBOTS: Final = 500_000  # bytes of a robots.txt that are read
_MAX_DELAY: Final = 30.0  # seconds: what a robots.txt may ask for between two pages
_CHUNK: Final = 65_536
_REFUSALS: Final = {
    401: "needs a login; save the page as a file and add that",
    403: "refuses to give the page out; save it as a file and add that",
    404: "has no such page; check the address",
    410: "says that the page is gone for good; remove the article, or add its new address",
    429: "asks for fewer requests; try again later",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a host gave: `url` is where it was in the end, `kind` is None for a sitemap or feed."""

    url: str
    kind: Kind | None
    data: bytes
    charset: str | None
    version: str


@dataclass(slots=True)
class _Host:
    """What is remembered of one site: its rules, and when it was last asked, in seconds of the monotonic clock."""

    rules: Protego
    delay: float
    last_request: float = field(default=float("-inf"))


class Fetcher:
    """Fetches pages. One thread uses it.

    `private` allows addresses of the machine and its network, `delay` is the time in seconds between two requests
    to one host, `timeout` the longest for one page, its redirects aside.
    """

    def __init__(self, *, private: bool = False, delay: float = 1.0, timeout: float = 30.0) -> None:
        self._private = private
        self._delay = delay
        self._timeout = timeout
        self._hosts: dict[str, _Host] = {}

    def get(self, given: str, version: str | None = None) -> Fetched | None:
        """Return a page, or None where it is still what it was at `version`.

        Raises UserError with what is wrong and what to do; FetchError where the host says it.
        """
        address = parse_address(given)
        for _ in range(_REDIRECTS + 1):
            self._wait(address)
            with self._request(address, _conditions(version)) as response:
                location = response.headers.get("Location") if response.status in {301, 302, 303, 307, 308} else None
                if location is None:
                    return self._result(address, response, version)
            address = parse_address(urljoin(address.url, location))
        raise FetchError(f"{address.host} redirects more than {_REDIRECTS} times; add the address it should end at.")

    def pause(self, given: str) -> float:
        """Return the seconds that `get` would wait now before it asks the host of an address."""
        host = self._hosts.get(parse_address(given).site)
        return self._remaining_delay(host) if host else 0.0

    def _remaining_delay(self, host: _Host) -> float:
        return max(0.0, host.last_request + max(self._delay, host.delay) - time.monotonic())

    def _result(self, address: Address, response: BaseHTTPResponse, version: str | None) -> Fetched | None:
        if response.status == 304 and version is not None:
            return None
        if response.status != 200:
            told = _REFUSALS.get(response.status, f"answers with an error ({response.status}); try again later")
            raise FetchError(f"{address.host} {told}.", gone=response.status in {404, 410})
        data = _read_body(response, address, MAX_BYTES)
        digest = hashlib.sha256(data).hexdigest()
        if version is not None and content_digest(version) == digest:
            return None
        content_type, _, parameters = response.headers.get("Content-Type", "").partition(";")
        charset = re.search(r"charset\s*=\s*\"?([\w.:-]+)", parameters, re.IGNORECASE)
        kind = response_kind(content_type.strip().lower(), address, data)
        headers = {"etag": response.headers.get("ETag"), "modified": response.headers.get("Last-Modified")}
        note = json.dumps({"loader": LOADER_VERSION, "digest": digest} | {k: v for k, v in headers.items() if v})
        return Fetched(address.url, kind, data, charset[1] if charset else None, note)

    def _wait(self, address: Address) -> None:
        """Wait until a host may be asked again. Raises FetchError where its robots.txt forbids the page."""
        host = self._hosts.get(address.site)
        if host is None:
            rules = self._robots(address)
            host = self._hosts[address.site] = _Host(rules, min(_MAX_DELAY, rules.crawl_delay(_ROBOT_NAME) or 0))
        if not host.rules.can_fetch(address.url, _ROBOT_NAME):
            raise FetchError(
                f"The robots.txt of {address.host} asks programs not to read this page; save it as a file."
            )
        time.sleep(self._remaining_delay(host))
        host.last_request = time.monotonic()

    def _robots(self, address: Address) -> Protego:
        """Return a site's rules; one that has none allows all, one whose rules cannot be had allows nothing."""
        place = parse_address(f"{address.site}/robots.txt")
        for _ in range(_REDIRECTS + 1):
            with self._request(place, {}) as response:
                location = response.headers.get("Location") if 300 <= response.status < 400 else None
                if location is None:
                    if response.status >= 500:
                        raise FetchError(f"{address.host} answers with an error ({response.status}); try again later.")
                    body = _read_body(response, place, _MAX_ROBOTS) if response.status == 200 else b""
                    return Protego.parse(body.decode("utf-8", "replace"))
            place = parse_address(urljoin(place.url, location))
        return Protego.parse("")

    @contextmanager
    def _request(self, address: Address, headers: dict[str, str]) -> Iterator[BaseHTTPResponse]:
        """Ask a host and give its answer, whose body is still to be read; all of it within the time limit."""
        numbers = resolve(address, private=self._private)
        expired: list[bool] = []
        try:
            with (
                connect(address, numbers, self._timeout) as connection,
                deadline(connection, self._timeout, expired),
            ):
                shown = address.url.split("/")[2]
                told = {"Host": shown, "User-Agent": AGENT, "Accept-Encoding": "gzip, deflate", "Connection": "close"}
                connection.request("GET", address.target, headers=told | headers, preload_content=False)
                with connection.getresponse() as response:
                    yield response
            if expired:  # a body without a length ends quietly
                raise TimeoutError
        except (HTTPError, OSError, ValueError) as error:
            if expired or (
                isinstance(error, TimeoutError | TimeoutHTTPError) and type(error) is not NewConnectionError
            ):
                slow = f"{address.host} took longer than {self._timeout:g} seconds to answer; try again later."
                raise FetchError(slow) from None
            reason = " ".join(str(error).split())[:150]
            raise FetchError(
                f"{address.host} cannot be reached ({reason}); check the address, or try later."
            ) from error


def _read_body(response: BaseHTTPResponse, address: Address, limit: int) -> bytes:
    """Read a body, unpacked, up to a limit in bytes."""
    data = bytearray()
    for chunk in response.stream(_CHUNK, decode_content=True):
        data += chunk
        if len(data) > limit:
            size = f"{limit / 1_000_000:g} MB"
            raise FetchError(f"{address.host} sends more than {size}; add the parts of the page that matter as files.")
    return bytes(data)


def _conditions(version: str | None) -> dict[str, str]:
    """Return the headers that ask for a page only if it has changed."""
    stored = _read_version(version) if version else {}
    headers = {"If-None-Match": stored.get("etag"), "If-Modified-Since": stored.get("modified")}
    return {name: value for name, value in headers.items() if value}


def content_digest(version: str) -> str | None:
    """Return what tells a page's content, of a note on its state; None where another loader wrote it."""
    return _read_version(version).get("digest")


def _read_version(version: str) -> dict[str, str]:
    """Read a note on a page's state; one that another loader wrote is empty, so that the page is read anew."""
    try:
        found = json.loads(version)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and found.get("loader") == LOADER_VERSION else {}
