"""A crash, hang or lack of memory of a parser is an error of that file only."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.models import UserError
from index.parsers.sandbox import Sandbox, SandboxUsage
from index.parsers.sandbox_pool import SandboxPool
from tests.index.sample_files import epub, zipped

PAGE = b"<html><body><main><h1>Ferry</h1><p>It leaves at seven.</p></main></body></html>"
ABOUT = {"kind": "html", "key": "k", "source": "s", "title": "t", "address": "", "charset": None}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox(timeout=120)
    yield box
    box.close()


def pid(sandbox: Sandbox) -> int:
    assert sandbox._process is not None
    return sandbox._process.pid


def test_a_draft_comes_back_whole(sandbox: Sandbox) -> None:
    """Text, title and sections are the same in both processes."""
    draft = sandbox.draft(PAGE, **ABOUT)
    assert (draft.key, draft.title, draft.pages) == ("k", "Ferry", ())
    assert [draft.text[s.start : s.end] for s in draft.sections] == ["It leaves at seven."]


def test_web_pages_are_judged_there(sandbox: Sandbox) -> None:
    """The process may read the data files of the libraries that find the article of a page."""
    sentence = "The ferry leaves the harbour every morning at seven, and it returns before {} boats have left. "
    menu = "".join(f"<li><a href='/{n}'>Menu entry {n}</a></li>" for n in range(40))
    prose = "".join(f"<p>{sentence.format(n) * 2}</p>" for n in range(30))
    page = f"<html lang='de'><body><ul>{menu}</ul><div><h1>Ferry</h1>{prose}</div></body></html>".encode()
    draft = sandbox.draft(page, **ABOUT)
    assert sentence.format(29).strip() in draft.text
    assert "Menu entry" not in draft.text
    assert draft.characters > len(draft.text)


def test_missing_pages_and_mdx_come_back(sandbox: Sandbox) -> None:
    """What could not be read is named in the draft, and MDX is read without its components."""
    mdx = sandbox.draft(b"import A from 'b';\n\n# Ferry\n\n<A>It leaves at seven.</A>\n", **(ABOUT | {"kind": "mdx"}))
    assert (mdx.title, mdx.text.split("\n\n")[1].strip()) == ("Ferry", "It leaves at seven.")
    whole = zipfile.ZipFile(io.BytesIO(epub()))
    parts = {name: whole.read(name) for name in whole.namelist() if name != "OPS/text/two.xhtml"}
    book = sandbox.draft(zipped(parts), **(ABOUT | {"kind": "epub"}))
    assert book.missing_pages == ("The gauge",)


def test_one_process_reads_many_files(sandbox: Sandbox) -> None:
    """The process survives files that it refuses."""
    sandbox.draft(PAGE, **ABOUT)
    first = pid(sandbox)
    with pytest.raises(UserError, match="empty"):
        sandbox.draft(b"", **ABOUT)
    sandbox.draft(PAGE, **ABOUT)
    assert pid(sandbox) == first


def test_a_slow_file_delays_no_other() -> None:
    """While one process reads, another request has a process of its own; one process is enough for requests in turn."""
    pool = SandboxPool(2)
    try:
        pool.draft(PAGE, **ABOUT)
        pool.draft(PAGE, **ABOUT)
        first, second = pool._all
        assert (first._process is None, second._process is None) == (False, True)
        os.kill(pid(first), signal.SIGSTOP)
        with ThreadPoolExecutor() as threads:
            stuck = threads.submit(pool.draft, PAGE, **ABOUT)
            while pool._free.qsize() != 1:
                time.sleep(0.01)
            assert pool.draft(PAGE, **ABOUT).title == "Ferry"
            assert pool.usage() == SandboxUsage(running=2, started=2)
            pool.close()  # also ends the process that hangs
            with pytest.raises(UserError, match="crash"):
                stuck.result()
    finally:
        pool.close()


def test_an_idle_process_ends(sandbox: Sandbox) -> None:
    """The process ends after the idle time; the next file starts it again."""
    sandbox._idle = 0.2
    sandbox.draft(PAGE, **ABOUT)
    process = sandbox._process
    assert process is not None
    assert process.wait(120) is not None
    assert sandbox.draft(PAGE, **ABOUT).title == "Ferry"


def test_links_and_listings_are_parsed_there_too(sandbox: Sandbox) -> None:
    """Links and listings are returned as addresses; any other file is refused."""
    assert sandbox.links(b"<a href=b>1</a>", "https://a.example/", None) == ["https://a.example/b"]
    feed = b"<rss><item><link>https://a.example/b</link></item></rss>"
    assert sandbox.listing(feed, "https://a.example/") == (["https://a.example/b"], [])
    with pytest.raises(UserError, match="neither a sitemap nor a feed"):
        sandbox.listing(b"nothing", "https://a.example/")


def test_a_crash_is_one_file_s_error(sandbox: Sandbox) -> None:
    """If the process dies, the file is refused, and a new process reads the next one."""
    sandbox.draft(PAGE, **ABOUT)
    os.kill(pid(sandbox), signal.SIGSTOP)
    dead = pid(sandbox)
    box_killer = subprocess.Popen([sys.executable, "-c", f"import os, time; time.sleep(.3); os.kill({dead}, 9)"])
    with pytest.raises(UserError, match="crash"):
        sandbox.draft(PAGE, **ABOUT)
    box_killer.wait()
    assert sandbox.draft(PAGE, **ABOUT).title == "Ferry"
    assert sandbox.usage() == SandboxUsage(running=1, started=2, crashed=1)


def test_a_hang_is_ended(sandbox: Sandbox) -> None:
    """A parser that exceeds the time limit is ended, and the next file is read."""
    sandbox.draft(PAGE, **ABOUT)
    sandbox._timeout = 0.3
    os.kill(pid(sandbox), signal.SIGSTOP)
    with pytest.raises(UserError, match="took longer than"):
        sandbox.draft(PAGE, **ABOUT)
    sandbox._timeout = 120
    assert sandbox.draft(PAGE, **ABOUT).title == "Ferry"
    assert sandbox.usage() == SandboxUsage(running=1, started=2, timed_out=1)


def test_memory_is_limited() -> None:
    """The process cannot allocate more memory than the limit."""
    code = "from index.parsers.confinement import limit_memory, MAX_MEMORY; limit_memory(); bytearray(MAX_MEMORY)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert b"MemoryError" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_process_inherits_no_secrets(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser process has none of the bot's environment: neither the token nor anything else."""
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    sandbox.draft(PAGE, **ABOUT)
    assert Path(f"/proc/{pid(sandbox)}/environ").read_bytes() == b""


def test_texts_and_messages_are_parsed_there_too(sandbox: Sandbox) -> None:
    """Plain text, Markdown, reStructuredText and chat messages give drafts from the same process."""
    for kind in ("text", "markdown", "rst"):
        draft = sandbox.draft(b"Ferry\n=====\n\nIt leaves at seven.\n", **ABOUT | {"kind": kind})
        assert [draft.text[s.start : s.end] for s in draft.sections] == ["It leaves at seven."]
    typed = sandbox.text("It leaves \U0001f6a2 at seven.", key="k", source="s", markdown=True, title="Ferry")
    assert (typed.title, typed.text) == ("Ferry", "It leaves \U0001f6a2 at seven.")
    said = [("Ann", "When?"), ("Bo", "At *seven*.")]
    chat = sandbox.chat(said, key="k", source="s", title="Ferry", published=None)
    assert chat.text == "Ann\n\nWhen?\n\nBo\n\nAt *seven*.\n"
    with pytest.raises(UserError, match="lone surrogates"):
        sandbox.text("half \ud800 a character", key="k", source="s", markdown=True, title=None)


def test_a_process_that_does_not_start_is_named(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is not blamed on the file."""
    monkeypatch.setattr(sys, "executable", "/bin/false" if Path("/bin/false").exists() else "/usr/bin/false")
    with pytest.raises(UserError, match="does not start"):
        sandbox.draft(PAGE, **ABOUT)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_starts_its_own(sandbox: Sandbox) -> None:
    """Two processes never share one parser process, and the child's end does not end the parent's."""
    sandbox.draft(PAGE, **ABOUT)
    first = pid(sandbox)
    child = os.fork()
    if child == 0:
        draft = sandbox.draft(PAGE, **ABOUT)
        fine = draft.title == "Ferry" and pid(sandbox) != first
        sandbox.close()
        os._exit(0 if fine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    sandbox.draft(PAGE, **ABOUT)
    assert pid(sandbox) == first
