"""The wheel holds all that the program needs, and nothing else: it answers far from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.processes import environment

PACKAGES = ("cogs", "i18n", "index", "observability", "qa", "storage", "terminal")
OTHERS = ("benchmarks", "docs", "tests", "training")
DATA = (
    "articles",
    "qa/conversation/small_talk.toml",
    "qa/reading/calibration.json",
    "qa/reading/weights",
    "qa/retrieval/words",
    "i18n/translations",
)
# Where each module was found, then the answer.
_ASK = "import bot, sys, settings, {0}; print(*(sys.modules[m].__file__ for m in {1})); sys.exit(bot.main())"


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Run a process and return its output."""
    given = environment() | variables
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=given, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def files_of(place: Path) -> set[str]:
    """Return the files under a place of the checkout by their paths from its root, without what Python compiles."""
    found = [place] if place.is_file() else place.rglob("*")
    return {path.relative_to(ROOT).as_posix() for path in found if path.is_file() and path.suffix != ".pyc"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built without a network and from a copy of the checkout, which stays as it is."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in (*PACKAGES, *OTHERS, "articles"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("bot.py", "settings.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", *offline, "--wheel-dir", made, source, cwd=made)
    (found,) = made.glob("*.whl")
    return found


def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    """Every module, the weights, the translations, the sample and the command are in it; training and tests are not."""
    with zipfile.ZipFile(wheel) as archive:
        (commands,) = (archive.read(name) for name in archive.namelist() if name.endswith("entry_points.txt"))
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    modules = {name for package in PACKAGES for name in files_of(ROOT / package) if name.endswith(".py")}
    data = {name for place in DATA for name in files_of(ROOT / place)}

    assert held == modules | data | {"bot.py", "settings.py"}
    assert "qa/reading/weights/reader.safetensors" in held
    assert commands.decode().split("\n")[:2] == ["[console_scripts]", "verbatim = bot:main"]


def test_the_installed_program_answers_elsewhere(wheel: Path, tmp_path: Path) -> None:
    """Far from the checkout, the sample question is answered; the data is in the user's own folder."""
    home, elsewhere, user = tmp_path / "environment", tmp_path / "elsewhere", tmp_path / "user"
    elsewhere.mkdir()
    venv.create(home, symlinks=os.name != "nt")
    names = {"base": str(home), "platbase": str(home)}
    site = Path(sysconfig.get_path("purelib", "venv", names))
    python = Path(sysconfig.get_path("scripts", "venv", names)) / Path(sys.executable).name
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # The dependencies are those of this environment; its own .pth files, one of which names the checkout, are not read.
    shared = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    (site / "dependencies.pth").write_text("\n".join(shared), encoding="utf-8")

    modules = ["bot", "settings", *(f"{package}" for package in PACKAGES)]
    ask = _ASK.format(", ".join(PACKAGES), modules)
    own = {"VERBATIM_HOME": "", "XDG_DATA_HOME": "", "HOME": str(user), "LOCALAPPDATA": str(user)}
    out = run(python, "-c", ask, "start", cwd=elsewhere, **own)
    places, _, answer = out.partition("\n")

    assert [Path(place).is_relative_to(site) for place in places.split(" ")] == [True] * len(modules)
    assert list(user.rglob("verbatim/data/libraries/shared/catalog.db"))
    assert list(elsewhere.iterdir()) == []
    assert answer.startswith("? who is Han Song-il?\n")
    assert "> Han Song-il, who runs the second account" in answer
