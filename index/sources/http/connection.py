"""Connect to checked IP addresses under the names of their hosts, with a deadline for the whole response."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from threading import Timer

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from index.sources.http.addresses import Address


class Deadline:
    """The time at which a fetch has to end, whatever it still waits for."""

    def __init__(self, seconds: float) -> None:
        """End `seconds` from now."""
        self._end = time.monotonic() + seconds

    def extend(self, seconds: float) -> None:
        """Move the end, as for a pause that the fetch did not cause."""
        self._end += seconds

    def remaining(self) -> float:
        """Return the seconds that are left. Raises TimeoutError if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


@contextmanager
def connect(address: Address, ips: Sequence[str], deadline: Deadline) -> Iterator[HTTPConnection]:
    """Connect to the first of `ips` that answers; close the connection on exit.

    Each address is waited for during an equal share of the time that is left.
    """
    for place, ip in enumerate(ips):
        connection = _connection(address, ip, deadline.remaining() / (len(ips) - place))
        try:
            connection.connect()
        except (HTTPError, OSError):
            connection.close()
            if place == len(ips) - 1:
                raise
            continue
        with closing(connection):
            connection.timeout = deadline.remaining()  # for the response
            yield connection
        return


@contextmanager
def ended_at(deadline: Deadline, connection: HTTPConnection, expired: list[bool]) -> Iterator[None]:
    """Shut a connection down at the deadline, even if data still arrives, and append True to `expired`."""
    sock = connection.sock  # the connection passes it on to the response

    def expire() -> None:
        expired.append(True)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(deadline.remaining(), expire)
    timer.daemon = True  # do not keep the program alive
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
