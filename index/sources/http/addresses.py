"""Parse web addresses and resolve their hosts, refusing this machine and private networks."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from index.messages.addresses import ADDRESS_WITH_PASSWORD, HOST_NOT_FOUND, HOST_PRIVATE, NOT_AN_ADDRESS
from index.models import UserError

_GLOBAL = ipaddress.IPv6Network("2000::/3")  # the only range of global unicast that is assigned (RFC 4291, 2.4)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; the last 32 bits are an IPv4 address
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: the 32 bits before the last 32, which are an IPv4 address

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Address:
    """A normalised web address. `url` has no fragment; `target` is the request target: path and query."""

    url: str
    scheme: str
    host: str
    port: int
    target: str

    @property
    def site(self) -> str:
        """The origin (RFC 6454): scheme, host and port."""
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}"


def is_address(source: str) -> bool:
    """Return whether a source is written as an http or https address."""
    return re.match(r"(?i)\s*https?://", source) is not None


def parse_address(url: str) -> Address:
    """Parse an http or https address. Raises `UserError` for any other, and for one with a user name or password."""
    try:
        parts = parse_url(url.strip())
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except (LocationParseError, ValueError):
        parts = None
    host = (parts.host or "").strip("[]").lower().rstrip(".") if parts else ""
    if parts is None or parts.scheme not in {"http", "https"} or not host or re.search(r"\s", url.strip()):
        raise UserError(NOT_AN_ADDRESS)
    if parts.auth is not None:
        raise UserError(ADDRESS_WITH_PASSWORD)
    shown_port = f":{parts.port}" if parts.port and parts.port != {"http": 80, "https": 443}[parts.scheme] else ""
    target = parts.request_uri
    return Address(f"{parts.scheme}://{_bracketed(host)}{shown_port}{target}", parts.scheme, host, port, target)


def folder_of(url: str) -> str:
    """Return the part of an address up to the last slash of its path, without query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/"


def resolve(address: Address, *, private: bool) -> list[str]:
    """Return the IP addresses of a host. Connect to these only: a second lookup could return a private one.

    Raises `UserError` if the host is unknown, or if one of its addresses is not public and `private` is false.
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UserError(HOST_NOT_FOUND, host=address.host) from error
    ips = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not private and not all(is_public(ip) for ip in ips):
        raise UserError(HOST_PRIVATE, host=address.host)
    return ips


def is_public(ip: str) -> bool:
    """Return whether an IP address, and every IPv4 address embedded in it, is globally reachable unicast."""
    return all(map(_is_global_unicast, _with_embedded_ipv4(ipaddress.ip_address(ip.partition("%")[0]))))


def _is_global_unicast(ip: Ip) -> bool:
    """Return whether an address is global; an IPv6 address outside the assigned range, such as RFC 8215's, is not."""
    return ip.is_global and not ip.is_multicast and (ip.version == 4 or ip in _GLOBAL)


def _with_embedded_ipv4(ip: Ip) -> list[Ip]:
    """Return an address and the IPv4 addresses embedded in it (mapped, NAT64 by RFC 6052, 6to4, Teredo, ISATAP)."""
    if isinstance(ip, ipaddress.IPv4Address):
        return [ip]
    if ip.ipv4_mapped is not None:
        return [ip.ipv4_mapped]
    last = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip in _NAT64:
        return [last]
    isatap = [last] if int(ip) >> 32 & 0xFFFFFFFF in _ISATAP else []
    return [ip, *([ip.sixtofour] if ip.sixtofour else []), *(ip.teredo or ()), *isatap]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
