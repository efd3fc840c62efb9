"""A TCP proxy before a real server, that can hold back what passes, cut all connections, and refuse new ones."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_PIECE: Final = 65536
_POLL: Final = 0.02


class TcpProxy:
    """Passes what comes to `port` on to a server's port of this machine, and back."""

    def __init__(self, target: int) -> None:
        """Listen on a free port; nothing is connected to yet."""
        self._target = target
        self._passes = threading.Event()
        self._passes.set()
        self._refuses = self._ended = False
        self.connections = 0  # that were made so far, refused ones too
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """Hold back everything from now on, as a server does that is frozen: connections stay open."""
        self._passes.clear()

    def refuse(self) -> None:
        """Cut all connections, and close new ones at once."""
        self._refuses = True
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def restore(self) -> None:
        """Let everything pass again."""
        self._refuses = False
        self._passes.set()

    def close(self) -> None:
        """End all connections and stop to listen."""
        self._ended = True
        self._listener.close()
        self.refuse()
        self._passes.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                if self._refuses:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open |= {client, server}
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_PIECE):
                while not self._passes.wait(_POLL):
                    if self._refuses or self._ended:
                        break
                target.sendall(data)
        for one in (source, target):
            self._open.discard(one)
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def proxy_before(port: int) -> Iterator[TcpProxy]:
    """Run a proxy before a port of this machine inside the block."""
    proxy = TcpProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
