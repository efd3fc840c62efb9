"""Fetch web pages: one request at a time, respecting robots.txt (RFC 9309) and limits of size, time and rate."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Final
from urllib.parse import urljoin

from protego import Protego
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as TimeoutHTTPError
from urllib3.response import BaseHTTPResponse

from index.messages import addresses
from index.parsers.file_types import Kind
from index.sources.http.addresses import Address, parse_address, resolve
from index.sources.http.connection import Deadline, connect, ended_at
from index.sources.http.content_types import response_kind
from index.sources.http.errors import FetchError
from index.sources.http.meta_refresh import refresh_target
from index.sources.loader import LOADER_VERSION, MAX_BYTES

AGENT: Final = "Verbatim/0.1 (quotes articles on Discord, for a server's administrator)"
_ROBOT_NAME: Final = "Verbatim"
_MAX_REDIRECTS: Final = 5
_MAX_ROBOTS: Final = 500_000  # bytes; more of a robots.txt is an error
_RULES_LAST: Final = 86_400.0  # seconds; RFC 9309, 2.4 recommends no longer use of a stored robots.txt
_MAX_HOSTS: Final = 1000  # sites whose rules are stored; the one that was not asked for longest is forgotten
_MAX_DELAY: Final = 30.0  # seconds; the longest crawl delay of a robots.txt that is respected
_CHUNK: Final = 65_536
_REFUSALS: Final = {
    401: addresses.LOGIN_NEEDED,
    403: addresses.ACCESS_REFUSED,
    404: addresses.PAGE_NOT_FOUND,
    410: addresses.PAGE_GONE,
    429: addresses.TOO_MANY_REQUESTS,
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched page. `url` is its address after redirects; `kind` is None for a sitemap or feed.

    `version` identifies the state of the page, for `Fetcher.get`.
    """

    url: str
    kind: Kind | None
    data: bytes
    charset: str | None
    version: str


@dataclass(slots=True)
class _Host:
    """The rules of a site, and the times of their and of the last request on the monotonic clock, in seconds."""

    rules: Protego
    delay: float
    fetched: float
    last_request: float = field(default=float("-inf"))


class Fetcher:
    """Fetches pages. Thread-safe.

    `private` allows addresses of this machine and of private networks. `delay` is the least time between two
    requests to one host, and `timeout` the limit for one page with its robots.txt and redirects, over all addresses
    of their hosts but without the pauses between requests, both in seconds.
    """

    def __init__(self, *, private: bool = False, delay: float = 1.0, timeout: float = 30.0) -> None:
        self._private = private
        self._delay = delay
        self._timeout = timeout
        self._hosts: dict[str, _Host] = {}
        self._lock = Lock()  # for `_hosts` and the times in it; never held during a request

    def get(self, url: str, version: str | None = None) -> Fetched | None:
        """Return a page, or None if it has not changed since `version`. Waits for the rate limit of its host.

        Raises `UserError` for an address that may not be fetched, and `FetchError` if the request fails.
        """
        address, deadline = parse_address(url), Deadline(self._timeout)
        for _ in range(_MAX_REDIRECTS + 1):
            self._wait(address, deadline)
            with self._request(address, _conditions(version), deadline) as response:
                location = response.headers.get("Location") if response.status in {301, 302, 303, 307, 308} else None
                if location is None:
                    found = self._result(address, response, version)
                    target = refresh_target(found.data, found.url) if found and found.kind == "html" else None
                    if target is None:
                        return found
                    location = target
            address = parse_address(urljoin(address.url, location))
        raise FetchError(addresses.REDIRECTED_TOO_OFTEN, host=address.host, limit=_MAX_REDIRECTS)

    def pause(self, url: str) -> float:
        """Return the seconds that `get` would now wait for the rate limit of a host."""
        site = parse_address(url).site
        with self._lock:
            host = self._hosts.get(site)
            return self._remaining_delay(host) if host else 0.0

    def _remaining_delay(self, host: _Host) -> float:
        return max(0.0, host.last_request + max(self._delay, host.delay) - time.monotonic())

    def _result(self, address: Address, response: BaseHTTPResponse, version: str | None) -> Fetched | None:
        if response.status == 304 and version is not None:
            return None
        if response.status != 200:
            raise _refusal(address, response.status)
        data = _read_body(response, address, MAX_BYTES)
        digest = hashlib.sha256(data).hexdigest()
        if version is not None and content_digest(version) == digest:
            return None
        content_type, _, parameters = response.headers.get("Content-Type", "").partition(";")
        charset = re.search(r"charset\s*=\s*\"?([\w.:-]+)", parameters, re.IGNORECASE)
        kind = response_kind(content_type.strip().lower(), address, data)
        headers = {"etag": response.headers.get("ETag"), "modified": response.headers.get("Last-Modified")}
        state = json.dumps({"loader": LOADER_VERSION, "digest": digest} | {k: v for k, v in headers.items() if v})
        return Fetched(address.url, kind, data, charset[1] if charset else None, state)

    def _wait(self, address: Address, deadline: Deadline) -> None:
        """Wait until the next request to a host is due. Raises `FetchError` if its robots.txt disallows the page."""
        host = self._host(address, deadline)
        if not host.rules.can_fetch(address.url, _ROBOT_NAME):
            raise FetchError(addresses.ROBOTS_REFUSE, host=address.host)
        with self._lock:  # the next thread waits for the request after this one
            pause = self._remaining_delay(host)
            host.last_request = time.monotonic() + pause
        deadline.extend(pause)
        time.sleep(pause)

    def _host(self, address: Address, deadline: Deadline) -> _Host:
        """Return the rules of a site, fetched again after a day. Raises `FetchError` if they cannot be fetched."""
        with self._lock:
            known = self._hosts.get(address.site)
        if known is None or time.monotonic() - known.fetched > _RULES_LAST:
            rules = self._robots(address, deadline)
            delay = min(_MAX_DELAY, rules.crawl_delay(_ROBOT_NAME) or 0)
            known = _Host(rules, delay, time.monotonic())
        with self._lock:
            before = self._hosts.pop(address.site, known)  # another thread may have asked meanwhile
            known.last_request = max(known.last_request, before.last_request)
            self._hosts[address.site] = known  # last in the order, as the site asked most recently
            if len(self._hosts) > _MAX_HOSTS:
                del self._hosts[next(iter(self._hosts))]
        return known

    def _robots(self, address: Address, deadline: Deadline) -> Protego:
        """Return the robots.txt rules of a site; without a file everything is allowed.

        Raises `FetchError` if the rules cannot be fetched, in which case nothing is allowed (RFC 9309, 2.3.1).
        """
        robots = parse_address(f"{address.site}/robots.txt")
        for _ in range(_MAX_REDIRECTS + 1):
            with self._request(robots, {}, deadline) as response:
                location = response.headers.get("Location") if 300 <= response.status < 400 else None
                if location is None:
                    if response.status >= 500:
                        raise FetchError(addresses.HOST_ERROR, host=address.host, status=response.status)
                    body = _read_body(response, robots, _MAX_ROBOTS) if response.status == 200 else b""
                    return Protego.parse(body.decode("utf-8", "replace"))
            robots = parse_address(urljoin(robots.url, location))
        return Protego.parse("")

    @contextmanager
    def _request(self, address: Address, headers: dict[str, str], deadline: Deadline) -> Iterator[BaseHTTPResponse]:
        """Send a request and yield the response with its body unread; the block must end before the deadline."""
        ips = resolve(address, private=self._private)
        expired: list[bool] = []
        try:
            with (
                connect(address, ips, deadline) as connection,
                ended_at(deadline, connection, expired),
            ):
                host = address.url.split("/")[2]
                own_headers = {
                    "Host": host,
                    "User-Agent": AGENT,
                    "Accept-Encoding": "gzip, deflate",
                    "Connection": "close",
                }
                connection.request("GET", address.target, headers=own_headers | headers, preload_content=False)
                with connection.getresponse() as response:
                    yield response
            if expired:  # a body without a length ends without an error
                raise TimeoutError
        except (HTTPError, OSError, ValueError) as error:
            if expired or (
                isinstance(error, TimeoutError | TimeoutHTTPError) and type(error) is not NewConnectionError
            ):
                raise FetchError(addresses.HOST_TOO_SLOW, host=address.host, seconds=self._timeout) from None
            reason = " ".join(str(error).split())[:150]
            raise FetchError(addresses.HOST_UNREACHABLE, host=address.host, reason=reason) from error


def _refusal(address: Address, status: int) -> FetchError:
    """Return the error for a response without a page."""
    if status in _REFUSALS:
        return FetchError(_REFUSALS[status], host=address.host, gone=status in {404, 410})
    return FetchError(addresses.HOST_ERROR, host=address.host, status=status)


def _read_body(response: BaseHTTPResponse, address: Address, limit: int) -> bytes:
    """Return the decompressed body. Raises `FetchError` if it is larger than `limit` bytes."""
    data = bytearray()
    for chunk in response.stream(_CHUNK, decode_content=True):
        data += chunk
        if len(data) > limit:
            raise FetchError(addresses.PAGE_TOO_LARGE, host=address.host, size=limit / 1_000_000)
    return bytes(data)


def _conditions(version: str | None) -> dict[str, str]:
    """Return the headers of a conditional request (RFC 9110, 13.1)."""
    stored = _read_version(version) if version else {}
    headers = {"If-None-Match": stored.get("etag"), "If-Modified-Since": stored.get("modified")}
    return {name: value for name, value in headers.items() if value}


def content_digest(version: str) -> str | None:
    """Return the SHA-256 digest of the content from a version, or None if another loader version wrote it."""
    return _read_version(version).get("digest")


def _read_version(version: str) -> dict[str, str]:
    """Parse a version. One written by another loader version is empty, so that the page is read again."""
    try:
        found = json.loads(version)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and found.get("loader") == LOADER_VERSION else {}
