"""Connections of psycopg that never wait for ever. Imported late: psycopg is an extra, and takes a while to load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors

if TYPE_CHECKING:
    from psycopg.abc import RV, PQGen


class NoAnswerError(psycopg.OperationalError):
    """The server has said nothing for too long; the connection was closed."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed if the server says nothing for `longest` seconds.

    The timeouts of the server and of TCP do not end a wait for a server that is frozen but still acknowledges packets.
    """

    longest: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Run a generator of psycopg. Raises NoAnswerError if that takes too long."""
        try:
            return super().wait(gen, interval, timeout if timeout is not None else self.longest)
        except errors._WaitTimeout:  # noqa: SLF001 - there is no public one
            if timeout is not None:
                raise
            self.pgconn.finish()
            message = "it does not answer"
            raise NoAnswerError(message) from None


def connect(parameters: dict[str, Any], longest: float) -> BoundedConnection:
    """Return a new connection that leaves transactions to its caller."""
    made = BoundedConnection.connect(autocommit=True, **parameters)
    made.longest = longest
    return made


def closed_by_server(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server has closed a connection that nobody is using, without a round trip."""
    try:
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()  # the first may read only what the server said before it closed
    except psycopg.Error:
        return True
    return False
