"""Installing PyTorch: the CPU index first, then pip's own, never CUDA's libraries. Both indexes are stand-ins."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.install_torch import pinned_version
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no CUDA build")
PINNED = pinned_version()
CUDA = "nvidia-cudnn-cu13>=9"


def put_wheel(index: Path, version: str, *requirements: str) -> None:
    """Write a wheel of a package `torch` without code into a folder that is served as an index."""
    (index / "torch").mkdir(parents=True, exist_ok=True)
    needs = "".join(f"Requires-Dist: {one}\n" for one in requirements)
    about = f"torch-{version}.dist-info"
    files = {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n{needs}",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(index / "torch" / f"torch-{version}-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{about}/RECORD", "".join(f"{name},,\n" for name in (*files, f"{about}/RECORD")))


@dataclass
class Indexes:
    """Two folders that are served as package indexes, and what was asked of them."""

    cpu: Path
    own: Path
    requests: list[str] = field(default_factory=list)


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder, and writes down what it is asked for."""

    def __init__(self, *arguments: object, requests: list[str], **named: object) -> None:
        self.requests = requests
        super().__init__(*arguments, **named)  # type: ignore[arg-type]

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the name in the base class
        self.requests.append(f"{Path(self.directory).name}{self.path}")


@contextmanager
def served(folder: Path, requests: list[str]) -> Iterator[str]:
    """Serve a folder on loopback; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder), requests=requests))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """Yield the address of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def refusing() -> Iterator[str]:
    """Yield an address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of a new environment that has pip and nothing else."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    return home / "bin" / "python"


@pytest.fixture
def indexes(tmp_path: Path) -> Indexes:
    """Return the CPU index with the CPU build, and pip's own index with a CPU build of the same version."""
    made = Indexes(tmp_path / "cpu", tmp_path / "own")
    put_wheel(made.cpu, f"{PINNED}+cpu")
    put_wheel(made.own, PINNED)
    return made


def install(python: Path, own: str, torch: str) -> subprocess.CompletedProcess[str]:
    """Run the script with pip's own index and the variable TORCH; no other index is configured."""
    given = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": own, "TORCH": torch, "PIP_RETRIES": "0"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    command = [python, ROOT / "deploy" / "install_torch.py"]
    return subprocess.run(command, env=inherited | given, capture_output=True, text=True, check=False)


def take_away(python: Path) -> str | None:
    """Uninstall PyTorch and return the version that was installed."""
    show = "from importlib.metadata import distributions as d; print(*(x.version for x in d() if x.name == 'torch'))"
    version = subprocess.run([python, "-c", show], capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "torch"], capture_output=True, check=True)
    return version or None


def test_the_cpu_index_is_used_alone(python: Path, indexes: Indexes) -> None:
    """If the CPU index answers, PyTorch is from there, pip's own index is not asked, and the second time nothing is."""
    with served(indexes.cpu, indexes.requests) as cpu, served(indexes.own, indexes.requests) as own:
        done = install(python, own, cpu)
        asked = list(indexes.requests)
        again = install(python, own, cpu)

    assert (done.returncode, done.stderr) == (0, "")
    assert {one.partition("/")[0] for one in asked} == {"cpu"}
    assert (again.returncode, again.stderr, indexes.requests) == (0, "", asked)
    assert take_away(python) == f"{PINNED}+cpu"


@pytest.mark.parametrize("cpu_index", [refusing, silent])
def test_without_the_cpu_index_pips_own_is_used(python: Path, indexes: Indexes, cpu_index: type[Iterator[str]]) -> None:
    """If the CPU index refuses or does not answer, one sentence says so, and a CPU build is taken from pip's index."""
    with cpu_index() as cpu, served(indexes.own, indexes.requests) as own:
        done = install(python, own, cpu)

    assert done.returncode == 0
    assert done.stderr == f"PyTorch's CPU builds at {cpu} cannot be reached; trying pip's own index ...\n"
    assert take_away(python) == PINNED


def test_an_index_without_the_version_is_passed_over(python: Path, indexes: Indexes) -> None:
    """If the CPU index has only another version, pip's own index is used."""
    (wheel,) = (indexes.cpu / "torch").iterdir()
    wheel.unlink()
    put_wheel(indexes.cpu, "1.0.0+cpu")
    with served(indexes.cpu, indexes.requests) as cpu, served(indexes.own, indexes.requests) as own:
        done = install(python, own, cpu)

    assert done.returncode == 0
    assert take_away(python) == PINNED


def test_cuda_is_never_installed(python: Path, indexes: Indexes) -> None:
    """If only a build with CUDA is to be had, the script fails with advice; TORCH=default leaves the choice to pip."""
    put_wheel(indexes.own, PINNED, CUDA)
    with refusing() as cpu, served(indexes.own, indexes.requests) as own:
        done = install(python, own, cpu)
        left = install(python, own, "default")

    assert done.returncode == 1
    assert "pip's own index has no CPU build of PyTorch." in done.stderr
    assert "TORCH=default" in done.stderr
    assert not [one for one in indexes.requests if "nvidia" in one and one.endswith(".whl")]
    assert take_away(python) is None
    assert (left.returncode, left.stderr) == (0, "")


def test_a_broken_download_does_not_end_with_cuda(python: Path, indexes: Indexes) -> None:
    """If the CPU index offers the build and the download fails, the script fails; pip's own index is not asked."""
    (wheel,) = (indexes.cpu / "torch").iterdir()
    wheel.write_bytes(wheel.read_bytes()[:100])
    with served(indexes.cpu, indexes.requests) as cpu, served(indexes.own, indexes.requests) as own:
        done = install(python, own, cpu)

    assert done.returncode == 1
    assert "Run the same command again." in done.stderr
    assert {one.partition("/")[0] for one in indexes.requests} == {"cpu"}
