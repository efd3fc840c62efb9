"""`deploy/install.sh`: releases are switched, kept and rolled back; one that does not work is never used.

A stand-in for Python makes the releases, because real ones take minutes; docs/operating.md is about these.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("setpriv"), reason="the script is for root"
)

# `PYTHON -m venv FOLDER`: the environment's programs do nothing, Python notes its arguments,
# and `verbatim` fails if the variable BROKEN says so.
PYTHON = """#!/bin/sh
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$*" >>"%s/python-ran"\\n' "$3" >"$3/bin/python"
printf '#!/bin/sh\\necho "$VERBATIM_HOME: $*"\\nexit %s\\n' "${BROKEN:-0}" >"$3/bin/verbatim"
chmod +x "$3/bin/python" "$3/bin/verbatim"
"""


class Machine:
    """A folder that the script takes for the root of the file system."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.releases = root / "opt" / "verbatim"
        self.home = root / "var" / "lib" / "verbatim"
        self._python = root / "python"
        self._python.write_text(PYTHON, encoding="utf-8")
        self._python.chmod(0o755)

    def install(self, *arguments: str, broken: bool = False) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        variables = {"PREFIX": str(self.root), "PYTHON": str(self._python), "VERBATIM_USER": "root"}
        return subprocess.run(
            [ROOT / "deploy" / "install.sh", *arguments],
            env=os.environ | variables | ({"BROKEN": "1"} if broken else {}),
            capture_output=True,
            text=True,
            check=False,
        )

    def release(self, name: str = "current") -> str | None:
        """Return the release that a link names."""
        link = self.releases / name
        return str(link.readlink()) if link.is_symlink() else None

    def rename_release(self, name: str) -> None:
        """Give the current release another name, because releases of the same second would have the same."""
        (self.releases / str(self.release())).rename(self.releases / name)
        link = self.releases / "current"
        link.unlink()
        link.symlink_to(name)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine on which nothing is installed."""
    return Machine(tmp_path)


def test_install(machine: Machine) -> None:
    """The first time, the release, the settings, the sample, the unit and the command are there, for one user alone."""
    done = machine.install()
    command = subprocess.run(
        [machine.root / "usr/local/bin/verbatim", "check"], capture_output=True, text=True, check=True
    )

    assert done.returncode == 0, done.stderr
    assert (machine.releases / "current" / "bin" / "verbatim").is_file()
    assert machine.release("previous") is None
    assert (machine.home.stat().st_mode & 0o777, (machine.home / ".env").stat().st_mode & 0o777) == (0o700, 0o600)
    assert (machine.home / "backups").is_dir()
    cache = machine.root / "var/cache/verbatim"  # as in the unit, so that command and service share downloaded models
    assert cache.is_dir()
    assert f" HF_HOME={cache} " in (machine.root / "usr/local/bin/verbatim").read_text(encoding="utf-8")
    assert (machine.home / "articles" / "server-rules.md").is_file()
    assert (machine.root / "etc/systemd/system/verbatim.service").is_file()
    assert command.stdout == f"{machine.home}: check\n"


def test_upgrade_and_roll_back(machine: Machine) -> None:
    """An upgrade keeps settings and the release before; rolling back exchanges the two; older ones are deleted."""
    machine.install()
    (machine.home / ".env").write_text("DISCORD_TOKEN=mine\n", encoding="utf-8")
    machine.rename_release("0.1.0-1")
    machine.install()
    machine.rename_release("0.1.0-2")
    upgraded = (machine.release(), machine.release("previous"))
    back = machine.install("--roll-back")
    rolled_back = (machine.release(), machine.release("previous"))
    machine.install()

    assert upgraded == ("0.1.0-2", "0.1.0-1")
    assert back.returncode == 0
    assert rolled_back == ("0.1.0-1", "0.1.0-2")
    assert machine.release("previous") == "0.1.0-1"
    assert not (machine.releases / "0.1.0-2").exists()
    assert (machine.home / ".env").read_text(encoding="utf-8") == "DISCORD_TOKEN=mine\n"


@pytest.mark.parametrize(
    ("line", "extra"), [("DATABASE_URL=postgresql://a@h/d", "[cluster]"), ("DATABASE_URL=", ""), ("", "")]
)
def test_the_clients_of_databases_are_installed_where_they_are_used(machine: Machine, line: str, extra: str) -> None:
    """A release has the extra `cluster` if the settings name PostgreSQL."""
    machine.install()
    (machine.home / ".env").write_text(f"{line}\n", encoding="utf-8")
    machine.rename_release("0.1.0-1")
    done = machine.install()
    ran = (machine.releases / "current" / "python-ran").read_text(encoding="utf-8").splitlines()
    (installed,) = (one.rpartition(" ")[2] for one in ran if one.startswith("-m pip install"))

    assert done.returncode == 0, done.stderr
    assert installed.partition("[")[2] == extra.partition("[")[2]


def test_a_release_that_does_not_work_is_not_used(machine: Machine) -> None:
    """If the new release cannot read the sample, the script fails, and the one in use stays."""
    machine.install()
    machine.rename_release("0.1.0-1")
    done = machine.install(broken=True)

    assert done.returncode == 1
    assert "the one in use is unchanged" in done.stderr
    assert machine.release() == "0.1.0-1"
    assert [one.name for one in machine.releases.iterdir() if not one.is_symlink()] == ["0.1.0-1"]


def test_nothing_to_roll_back_to(machine: Machine) -> None:
    """Without a release before, rolling back says so and changes nothing."""
    machine.install()
    now = machine.release()
    done = machine.install("--roll-back")

    assert (done.returncode, done.stderr) == (1, "There is no release before this one.\n")
    assert machine.release() == now
