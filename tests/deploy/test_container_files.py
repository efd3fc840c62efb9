"""The container and the service: what they need is there, and what they promise is written in their files."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml

from deploy import healthcheck
from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICE = (ROOT / "deploy" / "verbatim.service").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def settings_of_the_service() -> dict[str, list[str]]:
    """Return the unit's lines by name."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", SERVICE, flags=re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def test_the_build_context_has_all_of_the_wheel() -> None:
    """`.dockerignore` lets through each package and module of the wheel, and what the Dockerfile copies."""
    names = set(re.findall(r"^!(\S+?)/?$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), flags=re.MULTILINE))
    tools = PROJECT["tool"]["setuptools"]
    packages = {one.rstrip("*") for one in tools["packages"]["find"]["include"]}

    assert names == packages | {f"{one}.py" for one in tools["py-modules"]} | {
        "pyproject.toml",
        PROJECT["project"]["readme"],
        "LICENSE",
        "deploy/*.py",
    }


@pytest.mark.parametrize("extras", [[], ["cluster"]])
def test_requirements_are_those_of_the_project(extras: list[str]) -> None:
    """The layer of libraries has what the program and the named extra require, and nothing of the development tools."""
    command = [sys.executable, ROOT / "deploy" / "requirements.py", *extras]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    project = PROJECT["project"]
    named = [one for extra in extras for one in project["optional-dependencies"][extra]]

    assert done.stdout.splitlines() == project["dependencies"] + named


def test_the_tests_use_the_clients_that_are_shipped() -> None:
    """The development tools hold the extra `cluster` in the same versions."""
    extras = PROJECT["project"]["optional-dependencies"]

    assert set(extras["cluster"]) <= set(extras["dev"])


def test_the_container_can_write_its_data_alone() -> None:
    """The file system is read-only but for the data and /tmp, there are no rights, and metrics are for this machine."""
    bot = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["bot"]
    home = settings_of_the_service()["Environment"][0].removeprefix("VERBATIM_HOME=")

    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["security_opt"] == ["no-new-privileges:true"]
    assert bot["volumes"] == [f"data:{home}"]
    assert [one.partition(":")[0] for one in bot["tmpfs"]] == ["/tmp"]
    assert all(port.startswith("127.0.0.1:") for port in bot["ports"])
    assert f"VOLUME {home}\n" in DOCKERFILE
    assert f"VERBATIM_HOME={home} " in DOCKERFILE
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, flags=re.MULTILINE)


def test_the_service_leaves_the_parser_its_sandbox() -> None:
    """The parser may give up its rights (Landlock), and the models may compile code while they run."""
    found = settings_of_the_service()

    landlock = {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}
    assert landlock <= set(found["SystemCallFilter"][0].split())
    assert "MemoryDenyWriteExecute" not in found
    assert found["NoNewPrivileges"] == ["yes"]
    assert found["ProtectSystem"] == ["strict"]
    assert found["StateDirectory"] == ["verbatim"]


class Health(BaseHTTPRequestHandler):
    """Answers with the status of the class."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()
        self.wfile.write(b"so it is\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """Serve `/healthz` and return the port."""
    server = HTTPServer(("127.0.0.1", 0), Health)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "expected"), [(200, 0), (503, 1)])
def test_health_is_the_exit_status(
    port: int, status: int, expected: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status is 0 if the bot says that it is well, and what it says is printed."""
    monkeypatch.setenv("METRICS_PORT", str(port))
    monkeypatch.setattr(Health, "status", status)

    assert healthcheck.main() == expected
    assert capsys.readouterr().out == "so it is\n"


def test_no_bot_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing answers, the exit status is 1; if health is switched off, there is nothing to ask."""
    monkeypatch.setenv("METRICS_PORT", "1")
    assert healthcheck.main() == 1
    monkeypatch.setenv("METRICS_PORT", "0")
    assert healthcheck.main() == 0
