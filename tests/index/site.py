"""A local web site for tests, whose pages can redirect, fail, respond slowly and change."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep


@dataclass
class Reply:
    """The response to one path. `drip` is the pause in seconds before each byte.

    With `held`, the response does not end before that event is set: nothing is sent, or with `drip` ever more bytes.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    delay: float = 0.0
    drip: float = 0.0
    held: threading.Event | None = None


@dataclass
class Site:
    """The pages by path, and the log of requests: (path, status), and the headers of each."""

    port: int = 0
    pages: dict[str, Reply] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def page(self, path: str, text: str, links: str = "", **reply: object) -> None:
        """Set the page at a path to one with a paragraph."""
        head = f"<title>{path}</title>"
        html = f"<html lang=en>{head}<body><nav>{links}</nav><main><p>{text}</p></main></body></html>"
        self.pages[path] = Reply(html.encode(), **reply)  # type: ignore[arg-type]

    def take(self) -> list[tuple[str, int]]:
        """Return the requests since the last call, without those for robots.txt."""
        asked = [entry for entry in self.asked if entry[0] != "/robots.txt"]
        self.asked.clear()
        return asked


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        reply = self.site.pages.get(self.path, Reply(b"nothing here", 404))
        tag = f'"{sha256(reply.body).hexdigest()[:8]}"'
        known = reply.status == 200 and self.headers.get("If-None-Match") == tag
        self.site.asked.append((self.path, 304 if known else reply.status))
        self.site.headers.append(dict(self.headers))
        sleep(reply.delay)
        if reply.held and not reply.drip:
            reply.held.wait()
        try:
            self._answer(reply, tag, known)
        except OSError:
            self.close_connection = True  # the client has left, as it may

    def _answer(self, reply: Reply, tag: str, known: bool) -> None:
        self.send_response(304 if known else reply.status)
        if reply.status == 200 and not reply.drip:
            self.send_header("ETag", tag)
            if not known:
                self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        step = 1 if reply.drip else max(1, len(reply.body))
        for at in range(0, 0 if known else len(reply.body), step):
            self.wfile.write(reply.body[at : at + step])
            sleep(reply.drip)
        while reply.held and reply.drip and not reply.held.wait(reply.drip):
            self.wfile.write(b"x")

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def running() -> Iterator[Site]:
    """Run a site until the block ends."""
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        site.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield site
        server.shutdown()
        thread.join()
