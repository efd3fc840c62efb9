"""Connect to checked IP addresses under the names of their hosts, with a deadline for the whole response."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from threading import Timer

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from index.sources.http.addresses import Address


@contextmanager
def connect(address: Address, ips: Sequence[str], timeout: float) -> Iterator[HTTPConnection]:
    """Connect to the first of `ips` that answers within `timeout` seconds; close the connection on exit."""
    for place, ip in enumerate(ips, 1):
        connection = _connection(address, ip, timeout)
        try:
            connection.connect()
        except (HTTPError, OSError):
            connection.close()
            if place == len(ips):
                raise
            continue
        with closing(connection):
            yield connection
        return


@contextmanager
def deadline(connection: HTTPConnection, timeout: float, expired: list[bool]) -> Iterator[None]:
    """Shut a connection down after `timeout` seconds, even if data still arrives, and append True to `expired`."""
    sock = connection.sock  # the connection passes it on to the response

    def expire() -> None:
        expired.append(True)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(timeout, expire)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _connection(address: Address, ip: str, timeout: float) -> HTTPConnection:
    """Return a connection to an IP address that verifies the certificate for the name of the host."""
    if address.scheme == "http":
        return HTTPConnection(ip, address.port, timeout=timeout)
    return HTTPSConnection(
        ip,
        address.port,
        timeout=timeout,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        server_hostname=address.host,
        assert_hostname=address.host,
    )
