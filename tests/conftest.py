"""Fixtures for all tests: the real models, loaded once, and a library of the sample articles."""

from __future__ import annotations

import gc
import io
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

# Set before any model library is imported: tests must pass without a network, and must not wait for one.
os.environ["HF_HUB_OFFLINE"] = "1"
# As bot.py does: on a busy machine, threads that spin while they wait for each other take several times as long.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
if "PYTEST_XDIST_WORKER" in os.environ:
    # The workers share the cores already. Processes that tests start inherit it.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

import bot
from index.libraries.library_names import SHARED
from index.libraries.registry import Libraries
from index.models import Draft
from index.passages.embedder import Embedder, load_embedder
from index.sources.loader import drafts
from observability.logs import LOGGERS
from qa.reading.loading import load_reader
from qa.reading.protocol import ReadingModels
from settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

    from qa.reading.protocol import Reader

# No deadline, as the duration of an example depends on the machine; derandomized, so that results are reproducible.
settings.register_profile("verbatim", deadline=None, derandomize=True)
settings.load_profile("verbatim")

ROOT = Path(__file__).resolve().parent.parent

pytest_plugins = ["tests.postgres_server", "tests.two_engines", "tests.milvus_server", "tests.cluster_world"]


def pytest_configure() -> None:
    """Let nothing that a test started end the run with status 0 before its last test: that would pass for success."""
    exit_now, process = os._exit, os.getpid()

    def guarded(status: int) -> NoReturn:
        exit_now(status or 70 if os.getpid() == process else status)

    os._exit = guarded


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Keep the tests of a file together with `pytest -n auto`, for they share what its fixtures make."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            # One worker runs all acceptance tests, without a break in which the simulated Discord would not reply.
            acceptance = "tests/acceptance"
            return acceptance if nodeid.startswith(acceptance) else str(super()._split_scope(nodeid))

    return Scheduling(config, log) if config.getoption("dist") == "load" else None


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported: it would look through all of it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """Return the embedding model that ships with Verbatim."""
    return load_embedder("bundled")


@pytest.fixture(scope="session")
def reader(embedder: Embedder) -> Reader:
    """Return the reader that ships with Verbatim."""
    return load_reader("verbatim", embedder)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Libraries]:
    """Return libraries whose shared library has the sample articles. Do not change them."""
    libraries = Libraries(tmp_path_factory.mktemp("sample"), lambda: embedder)
    for item in drafts(str(ROOT / "articles")):
        assert isinstance(item, Draft)
        libraries.open(SHARED).add(item)
    yield libraries
    libraries.close()


class _Kept(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture(autouse=True)
def shortened_messages() -> Iterator[list[str]]:
    """Return what the test's messages lost to Discord's limits; a test fails unless it clears the list.

    Features keep their messages within the limits themselves, so that nothing is lost where they can say what is.
    """
    kept, logger = _Kept(), logging.getLogger("cogs.ui.limits")
    logger.addHandler(kept)
    yield kept.messages
    logger.removeHandler(kept)
    assert kept.messages == []


@dataclass(frozen=True, slots=True)
class Run:
    """What a command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def command_line(embedder: Embedder, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Run]]:
    """Return a function that runs `bot.py` here, with the session's models: seconds faster than in its own process.

    It takes the arguments, `stdin` and settings by their names in the environment; no others are in force.
    """
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    monkeypatch.setattr("index.passages.embedder.load_embedder", lambda _: embedder)
    monkeypatch.setattr("qa.reading.loading.load_models", lambda *_: ReadingModels(reader, reader))

    def run(*arguments: str | Path, stdin: str = "", **settings: str) -> Run:
        streams = [io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8") for text in (stdin, "", "")]
        with monkeypatch.context() as patch:
            for name in Settings.model_fields:
                patch.setenv(name.upper(), settings.get(name.upper(), ""))
            patch.setattr(sys, "argv", ["bot.py", *map(str, arguments)])
            for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
                patch.setattr(sys, name, stream)
            status = bot.main()
        out, err = (stream.detach().getvalue().decode() for stream in streams[1:])
        return Run(status, out, err)

    yield run
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
