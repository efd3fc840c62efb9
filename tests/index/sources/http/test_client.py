"""Pages are fetched politely, within limits, and never from forbidden addresses."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from protego import Protego

from index.models import UserError
from index.sources.http import client, connection
from index.sources.http.addresses import parse_address
from index.sources.http.client import AGENT, Fetched, Fetcher
from index.sources.http.errors import FetchError
from tests.index.site import Reply, Site, running

HTML = {"Content-Type": "text/html"}


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(private=True, delay=0, timeout=120)


def got(page: Fetched | None) -> Fetched:
    assert page is not None
    return page


def redirect(to: str, status: int = 302) -> Reply:
    return Reply(b"", status, {"Location": to})


def test_a_page_comes_with_what_the_server_says(site: Site, fetcher: Fetcher) -> None:
    """Data, type and charset are those of the response; the request names its user agent."""
    site.pages["/a"] = Reply("größe".encode("latin-1"), headers={"Content-Type": 'text/html; Charset="ISO-8859-1"'})
    page = got(fetcher.get(f"{site.url}/a#part"))
    assert (page.url, page.kind, page.charset) == (f"{site.url}/a", "html", "ISO-8859-1")
    assert page.data.decode("latin-1") == "größe"
    sent = site.headers[-1]
    assert (sent["User-Agent"], sent["Host"]) == (AGENT, f"127.0.0.1:{site.port}")


@pytest.mark.parametrize(
    ("told", "path", "body", "kind"),
    [
        ("application/pdf", "/a", b"%PDF", "pdf"),
        ("text/plain; charset=utf-8", "/a.txt", b"a", "text"),
        ("text/plain", "/README.md", b"a", "markdown"),
        ("text/markdown", "/a", b"a", "markdown"),
        ("application/octet-stream", "/a.docx?x=1", b"PK", "docx"),
        ("application/octet-stream", "/a.docx", b"{\\rtf1}", "rtf"),
        ("application/epub+zip", "/a", b"PK", "epub"),
        ("text/plain", "/a.srt", b"1", "subtitles"),
        ("text/csv", "/a", b"q,a", "csv"),
        ("application/rss+xml", "/feed", b"<rss/>", None),
        ("text/html", "/feed", b"<?xml version='1.0'?><feed xmlns='x'/>", None),
        ("application/xhtml+xml", "/a", b"<?xml version='1.0'?><html/>", "html"),
    ],
)
def test_the_kind_is_told(site: Site, fetcher: Fetcher, told: str, path: str, body: bytes, kind: str | None) -> None:
    """The content type decides, then the file name; feeds and sitemaps are recognised by their root element."""
    site.pages[path] = Reply(body, headers={"Content-Type": told})
    assert got(fetcher.get(site.url + path)).kind == kind


def test_a_picture_is_refused(site: Site, fetcher: Fetcher) -> None:
    """An unsupported content type is refused."""
    site.pages["/a.png"] = Reply(b"x", headers={"Content-Type": "image/png"})
    with pytest.raises(FetchError, match="image/png"):
        fetcher.get(f"{site.url}/a.png")


def test_an_unchanged_page_costs_one_conditional_request(site: Site, fetcher: Fetcher) -> None:
    """An unchanged page is answered with 304; a changed one is returned."""
    site.page("/a", "One.")
    first = got(fetcher.get(f"{site.url}/a"))
    site.take()
    assert fetcher.get(f"{site.url}/a", first.version) is None
    assert site.take() == [("/a", 304)]
    site.page("/a", "Two.")
    assert b"Two." in got(fetcher.get(f"{site.url}/a", first.version)).data
    assert site.take() == [("/a", 200)]


def test_a_server_without_tags_is_compared_by_content(site: Site, fetcher: Fetcher) -> None:
    """Equal bytes are unchanged, unless another loader version read them."""
    site.page("/a", "One.", drip=1e-4)
    first = got(fetcher.get(f"{site.url}/a"))
    assert "etag" not in json.loads(first.version)
    assert fetcher.get(f"{site.url}/a", first.version) is None
    older = json.dumps(json.loads(first.version) | {"loader": 0})
    assert fetcher.get(f"{site.url}/a", older) is not None
    assert fetcher.get(f"{site.url}/a", "no json") is not None


def test_redirects_are_followed_so_far(site: Site, fetcher: Fetcher) -> None:
    """The address of a page is that after redirects; a redirect loop is an error."""
    site.page("/c/d", "Here.")
    site.pages["/a"] = redirect("/b", 301)
    site.pages["/b"] = redirect("c/d", 307)
    site.pages["/circle"] = redirect("/circle")
    assert got(fetcher.get(f"{site.url}/a")).url == f"{site.url}/c/d"
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetcher.get(f"{site.url}/circle")


@pytest.mark.parametrize(
    ("status", "told", "gone"),
    [(404, "no such page", True), (410, "gone for good", True), (403, "refuses", False), (503, "error (503)", False)],
)
def test_refusals_are_told(site: Site, fetcher: Fetcher, status: int, told: str, gone: bool) -> None:
    """Each error status has its own message; only 404 and 410 mean that the page is gone."""
    site.pages["/a"] = Reply(b"no", status)
    with pytest.raises(FetchError) as refused:
        fetcher.get(f"{site.url}/a")
    assert told in str(refused.value)
    assert refused.value.gone is gone


def test_a_private_address_is_refused_by_default(site: Site) -> None:
    """This machine is requested only if the operator allows it."""
    site.page("/a", "Secret.")
    with pytest.raises(UserError, match="FETCH_PRIVATE_ADDRESSES"):
        Fetcher(delay=0).get(f"{site.url}/a")
    assert site.asked == []


def pretend(monkeypatch: pytest.MonkeyPatch, site: Site, answers: list[str]) -> list[str]:
    """Make lookups return these addresses in turn, and connections to public ones reach the test site."""
    looked: list[str] = []

    def getaddrinfo(host: str, port: int, *_args: object, **_kinds: object) -> list[tuple[object, ...]]:
        if host == "127.0.0.1":  # the connection's own
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        looked.append(host)
        number = answers[min(len(looked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

    def made(address: object, number: str, timeout: float) -> object:
        connected.append(number)
        return connection.HTTPConnection("127.0.0.1", site.port, timeout=timeout)

    connected: list[str] = []
    monkeypatch.setattr("index.sources.http.addresses.socket.getaddrinfo", getaddrinfo)
    monkeypatch.setattr(connection, "_connection", made)
    return connected


def test_a_redirect_to_a_private_address_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect of a public page to a private address is refused."""
    site.pages["/a"] = redirect("http://169.254.169.254/latest/meta-data/")
    connected = pretend(monkeypatch, site, ["93.184.216.34", "93.184.216.34", "169.254.169.254"])
    with pytest.raises(UserError, match="private network"):
        Fetcher(delay=0).get("http://public.example/a")
    assert set(connected) == {"93.184.216.34"}


def test_a_name_is_looked_up_once_for_each_request(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checked address is the one connected to; a name that later resolves to a private one is refused."""
    site.page("/a", "Here.")
    connected = pretend(monkeypatch, site, ["93.184.216.34", "93.184.216.34", "127.0.0.1"])
    fetcher = Fetcher(delay=0)
    assert fetcher.get("http://public.example/a") is not None
    assert connected == ["93.184.216.34"] * 2  # robots.txt and the page
    assert site.headers[-1]["Host"] == "public.example"
    with pytest.raises(UserError, match="private network"):
        fetcher.get("http://public.example/a")


def test_https_keeps_the_name() -> None:
    """A connection to an IP address verifies the certificate for the name of the host."""
    address = parse_address("https://public.example/")
    made = connection._connection(address, "93.184.216.34", 5)
    assert isinstance(made, connection.HTTPSConnection)
    assert (made.host, made.server_hostname, made.assert_hostname) == ("93.184.216.34", *["public.example"] * 2)
    assert made.cert_reqs == "CERT_REQUIRED"


def test_size_is_limited_packed_and_unpacked(site: Site, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body over the limit is not read to its end, compressed or not."""
    monkeypatch.setattr(client, "MAX_BYTES", 100_000)
    site.pages["/long"] = Reply(b"x" * 200_000, headers=HTML)
    site.pages["/bomb"] = Reply(gzip.compress(b"x" * 50_000_000), headers=HTML | {"Content-Encoding": "gzip"})
    site.pages["/fine"] = Reply(gzip.compress(b"x" * 50_000), headers=HTML | {"Content-Encoding": "gzip"})
    for path in ("/long", "/bomb"):
        with pytest.raises(FetchError, match=r"more than 0\.1 MB"):
            fetcher.get(site.url + path)
    assert len(got(fetcher.get(f"{site.url}/fine")).data) == 50_000


def test_a_broken_body_is_told(site: Site, fetcher: Fetcher) -> None:
    """A wrongly compressed or truncated body is a FetchError."""
    site.pages["/a"] = Reply(b"no gzip", headers=HTML | {"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match="cannot be reached"):
        fetcher.get(f"{site.url}/a")


@pytest.mark.parametrize("drip", [0, 0.05])
def test_time_is_limited(site: Site, drip: float) -> None:
    """A silent host and one that sends slowly are abandoned after the timeout."""
    end = threading.Event()
    site.pages["/a"] = Reply(b"x", headers=HTML, drip=drip, held=end)
    try:
        with pytest.raises(FetchError, match=r"longer than 0\.5 seconds"):
            Fetcher(private=True, delay=0, timeout=0.5).get(f"{site.url}/a")
        assert not end.is_set()  # so the host would have gone on
    finally:
        end.set()


def test_one_deadline_for_all_addresses_and_redirects(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time limit is that of the whole fetch, however many addresses are dead and whatever redirects."""
    waits: list[float] = []

    class Dead:
        def connect(self) -> None:
            clock[0] += waits[-1]
            raise TimeoutError

        def close(self) -> None:
            pass

    def dead(_address: object, _ip: str, timeout: float) -> Dead:
        waits.append(timeout)
        return Dead()

    clock = [0.0]
    monkeypatch.setattr("index.sources.http.connection.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(client, "resolve", lambda *_args, **_kinds: [f"127.0.0.{number}" for number in range(10)])
    monkeypatch.setattr(connection, "_connection", dead)
    with pytest.raises(FetchError, match="longer than 5 seconds"):
        Fetcher(private=True, delay=0, timeout=5).get(f"{site.url}/a")
    assert sum(waits) == pytest.approx(5)
    assert len(waits) == 10


def test_nobody_there_is_told(fetcher: Fetcher) -> None:
    """A closed port and an unknown host are reported."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FetchError, match="cannot be reached"):
        fetcher.get(f"http://127.0.0.1:{port}/")
    with pytest.raises(UserError, match="was not found"):
        fetcher.get("http://no-such-host.invalid/")


def test_robots_txt_is_honoured(site: Site, fetcher: Fetcher) -> None:
    """Disallowed pages are not requested, also after a redirect; robots.txt is fetched once."""
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /private/*.html$\n", headers={})
    site.page("/a", "Open.")
    site.page("/private/b.html", "Kept.")
    site.pages["/to"] = redirect("/private/b.html")
    fetcher.get(f"{site.url}/a")
    for path in ("/private/b.html", "/to"):
        with pytest.raises(FetchError, match=r"robots\.txt"):
            fetcher.get(site.url + path)
    assert [path for path, _ in site.asked] == ["/robots.txt", "/a", "/to"]


def test_rules_that_cannot_be_had_forbid(site: Site, fetcher: Fetcher) -> None:
    """If robots.txt cannot be fetched, no page is requested."""
    site.pages["/robots.txt"] = Reply(b"", 503)
    site.page("/a", "Open.")
    with pytest.raises(FetchError, match="try again later"):
        fetcher.get(f"{site.url}/a")
    assert site.take() == []


def test_a_host_is_given_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two requests to one host the fetcher waits for its delay, or for a longer crawl delay."""
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr("index.sources.http.client.time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    site.page("/a", "Here.")
    fetcher = Fetcher(private=True, delay=0.3)
    for _ in range(3):
        fetcher.get(f"{site.url}/a")
    assert slept == pytest.approx([0, 0.3, 0.3])
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 0.4\n", headers={})
    slower = Fetcher(private=True, delay=0)
    for _ in range(2):
        slower.get(f"{site.url}/a")
    assert slept[3:] == pytest.approx([0, 0.4])


def test_robots_txt_is_fetched_again_after_a_day(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules expire, so a site that asks programs to stay away is heard the next day."""
    monkeypatch.setattr(client, "_RULES_LAST", -1.0)
    fetcher = Fetcher(private=True, delay=0, timeout=120)
    site.pages["/a"] = Reply(b"<p>The ferry leaves at seven.</p>", headers=HTML)
    assert fetcher.get(f"{site.url}/a") is not None
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\n", headers={})
    with pytest.raises(FetchError, match=r"robots\.txt"):
        fetcher.get(f"{site.url}/a")


def test_the_rules_of_few_sites_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site that was not asked for longest is forgotten, so that memory does not grow with the sites."""
    monkeypatch.setattr(client, "_MAX_HOSTS", 2)
    fetcher = Fetcher(private=True, delay=0)
    monkeypatch.setattr(fetcher, "_robots", lambda _address, _deadline: Protego.parse(""))
    for host in ("a", "b", "a", "c"):
        fetcher._wait(parse_address(f"https://{host}.example/"), connection.Deadline(120))
    assert list(fetcher._hosts) == ["https://a.example:443", "https://c.example:443"]
