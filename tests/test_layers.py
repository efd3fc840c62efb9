"""The directions of imports that docs/architecture.md states are enforced: a forbidden import is found and named."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("index", "qa", "storage", "i18n", "observability", "cogs", "terminal", "benchmarks", "training")
_LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# Contract, module that gets the import, what it imports, and how the report names it.
FORBIDDEN = [
    ("top level", "qa/outcome.py", "cogs.core.worker", "qa.outcome -> cogs.core.worker"),
    ("top level", "terminal/output.py", "cogs.services", "terminal.output -> cogs.services"),
    ("top level", "i18n/languages.py", "storage.models", "i18n.languages -> storage.models"),
    ("index", "index/text/sentences.py", "index.catalog.store", "index.text.sentences -> index.catalog.store"),
    (
        "index",
        "index/cleaning/boilerplate.py",
        "index.passages.chunker",
        "index.cleaning.boilerplate -> index.passages",
    ),
    ("qa", "qa/reading/spans.py", "qa.answerer", "qa.reading.spans -> qa.answerer"),
    ("qa", "qa/pins/pinned.py", "qa.claims.claim_search", "qa.pins.pinned -> qa.claims.claim_search"),
    ("cogs", "cogs/core/worker.py", "cogs.bot", "cogs.core.worker -> cogs.bot"),
    ("cogs", "cogs/pins/cog.py", "cogs.answers.feedback", "cogs.pins.cog -> cogs.answers.feedback"),
    ("only cogs knows Discord", "qa/ask.py", "discord", "qa.ask -> discord"),
    ("only cogs knows Discord", "terminal/output.py", "discord", "terminal.output -> discord"),
    ("only cogs knows Discord", "benchmarks/data.py", "discord", "benchmarks.data -> discord"),
    ("only cogs knows Discord", "training/reader_data.py", "discord", "training.reader_data -> discord"),
    ("the core is synchronous", "storage/pins.py", "asyncio", "storage.pins -> asyncio"),
    ("settings are read by bot.py, cogs and terminal", "index/models.py", "settings", "index.models -> settings"),
]


def lint(folder: Path) -> tuple[int, str]:
    """Return import-linter's exit status and its report, as one line, for a folder."""
    command = [sys.executable, "-c", _LINT, "--no-cache", "--no-logo"]
    # Wide enough that no line of the report is broken.
    environment = os.environ | {"COLUMNS": "500", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, " ".join(done.stdout.split()) + done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the sources, to be spoilt."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=_sources_only)
    for name in ("pyproject.toml", "bot.py", "settings.py"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def _sources_only(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if not (Path(folder) / name).is_dir() and not name.endswith(".py")}


def test_every_contract_fails_for_a_forbidden_import(checkout: Path) -> None:
    """The sources as they are pass; each import that goes up, or to a neighbour, fails its contract and is named."""
    assert lint(checkout)[0] == 0

    for _, module, imported, _ in FORBIDDEN:
        with (checkout / module).open("a", encoding="utf-8") as file:
            file.write(f"\nimport {imported}\n")
    status, report = lint(checkout)

    assert status == 1
    for contract, _, _, named in FORBIDDEN:
        assert f"{contract} BROKEN" in report
        assert named in report
    assert "0 kept" in report


@pytest.mark.parametrize("package", ["index", "qa", "cogs"])
def test_a_package_without_a_layer_is_found(checkout: Path, package: str) -> None:
    """A new package that no layer names fails the contract, so that somebody decides where it belongs."""
    (checkout / package / "novelty").mkdir()
    (checkout / package / "novelty" / "__init__.py").write_text('"""New."""\n', encoding="utf-8")
    status, report = lint(checkout)

    assert status == 1
    assert f"{package} BROKEN" in report
    assert re.search(r"\bnovelty\b", report)


def test_nothing_imports_bot(checkout: Path) -> None:
    """Ruff refuses an import of `bot`, which puts the parts together."""
    spoilt = checkout / "cogs" / "services.py"
    with spoilt.open("a", encoding="utf-8") as file:
        file.write("\nimport bot\n")
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", "."]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if "services.py" in line]

    assert done.returncode == 1
    assert "TID251" in done.stdout
    assert "nothing imports it" in done.stdout
    assert len(lines) == 1
