"""Checks of this installation: packages, SQLite, models, their calibration, and the sandbox of the parsers."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from index.models import SettingsError, UserError
from index.parsers.sandbox_pool import SANDBOX
from index.passages.embedder import BUNDLED, bundled_model
from qa.reading import calibration
from terminal.doctor.findings import ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from settings import Settings
    from terminal.doctor.findings import Finding

_PACKAGES: Final = ("torch", "sentence_transformers", "faiss", "discord", "lxml", "pypdfium2")
_INSTALL: Final = "Install Verbatim again, as README describes."
_SHIPPED: Final = "verbatim"
_NONE: Final = "none"
_WEIGHTS_BYTES: Final = 1_000_000  # with fewer, a file is a pointer to weights, not weights


def check_packages() -> Iterator[Finding]:
    """Yield whether the large packages are installed; they are not imported."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        yield problem("packages", f"Not installed: {', '.join(missing)}.", _INSTALL)
    else:
        yield ok("packages", "All that is needed is installed.")


def check_sqlite() -> Iterator[Finding]:
    """Yield whether Python's SQLite has what the catalogue and the lexical index need: upserts and JSON functions."""
    version = sqlite3.sqlite_version
    try:
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute("CREATE TABLE words(id INTEGER PRIMARY KEY, body BLOB)")
            db.execute("INSERT INTO words VALUES (1, x'00') ON CONFLICT(id) DO UPDATE SET body = excluded.body")
            db.execute("SELECT count(*) FROM json_each('[1]') CROSS JOIN words ON words.id = value").fetchone()
    except sqlite3.Error as error:
        remedy = "Use a Python with SQLite 3.38 or later, such as that of python.org or of your distribution."
        yield problem("SQLite", f"Version {version} lacks what is needed ({error}).", remedy)
    else:
        yield ok("SQLite", f"Version {version} has what is needed.")


def check_models(settings: Settings) -> Iterator[Finding]:
    """Yield whether the models that the settings name are on this machine; nothing is loaded or downloaded."""
    wanted = {
        "EMBEDDING_MODEL": settings.embedding_model,
        "READER_MODEL": settings.reader_model,
        "RERANKER_MODEL": settings.reranker_model,
    }
    found: list[Finding] = []
    for setting, name in wanted.items():
        if name == (BUNDLED if setting == "EMBEDDING_MODEL" else _SHIPPED):
            found += _shipped(setting)
        elif name != _NONE or setting == "EMBEDDING_MODEL":
            found += _named(setting, name)
    yield from found or [ok("models", "All are on this machine.")]


def _shipped(setting: str) -> Iterator[Finding]:
    if setting == "EMBEDDING_MODEL":
        try:
            weights = bundled_model()
        except ModuleNotFoundError:
            yield problem("models", "The package of the bundled embedding model is not installed.", _INSTALL)
            return
        sizes = [path.stat().st_size for path in weights.rglob("*") if path.is_file()]
    else:
        path = Path(str(files("qa.reading"))) / "weights/reader.safetensors"
        sizes = [path.stat().st_size] if path.is_file() else []
    if max(sizes, default=0) < _WEIGHTS_BYTES:
        yield problem("models", f"The weights of the shipped model of {setting} are missing.", _INSTALL)


def _named(setting: str, name: str) -> Iterator[Finding]:
    """Yield what is wrong with a model given by its folder, or by its name on the Hugging Face hub."""
    if Path(name).is_dir() or _is_cached(name):
        return
    if name.startswith((".", "/", "~")) or name.count("/") > 1:
        yield problem("models", f"{setting} names {name}, which is no folder.", "Name a folder that exists.")
    elif os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}:
        remedy = "Unset HF_HUB_OFFLINE for one start, or name a folder."
        yield problem("models", f"{setting} names {name}, which was not downloaded, and HF_HUB_OFFLINE is set.", remedy)
    else:
        remedy = "The next start downloads it, which needs a network."
        yield warning("models", f"{setting} names {name}, which is not on this machine yet.", remedy)


def _is_cached(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    names = (name,) if "/" in name else (name, f"sentence-transformers/{name}")
    try:
        return any(isinstance(try_to_load_from_cache(one, "config.json"), str) for one in names)
    except HFValidationError:
        return False


def check_calibration(settings: Settings) -> Iterator[Finding]:
    """Yield whether the operator's calibration can be read, and whether one is needed."""
    path = settings.data_dir / calibration.LOCAL
    try:
        calibration.check(path)
    except SettingsError as error:
        yield problem("calibration", str(error), "Until then the bot does not start.")
        return
    shipped = (settings.embedding_model, settings.reader_model, settings.reranker_model) == (
        BUNDLED, _SHIPPED, _SHIPPED,
    )  # fmt: skip
    if shipped or path.exists():
        yield ok(
            "calibration", "Fitted on this machine." if path.exists() else "The shipped one, for the shipped models."
        )
    else:
        yield warning(
            "calibration", "The models are not those that ship, so that the best outcome is `closest`.",
            "Run `python bot.py calibrate`.",
        )  # fmt: skip


def check_sandbox() -> Iterator[Finding]:
    """Yield which rights the process that reads files has although no parser needs them."""
    try:
        missing = SANDBOX.missing_protections()
    except UserError as error:
        yield problem("sandbox", str(error), _INSTALL)
        return
    finally:
        SANDBOX.close()
    for right, reason in missing.items():
        remedy = "A Linux kernel of 5.13 or later with Landlock and seccomp offers it; a container may forbid it."
        yield warning("sandbox", f"Files are read without the protection {right!r} ({reason}).", remedy)
    if not missing:
        yield ok("sandbox", "Files are read by a process without network, other files, or the token.")
