"""Runs the checks of `doctor` and prints what they find."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import settings as settings_module
from terminal.doctor import data_checks, discord_checks, settings_checks, store_checks, system_checks
from terminal.doctor.findings import guarded
from terminal.output import as_started, json_line, printable, result
from terminal.settings_file import load_usable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from terminal.doctor.findings import Finding


def doctor(data_dir: Path | None, *, as_json: bool) -> int:
    """Check everything and print a line for each finding; exit status 1 if there is a problem.

    `data_dir` is that of the command line. Settings that cannot be used are reported, and their defaults used.
    """
    status = 0
    for finding in _findings(data_dir):
        status = 1 if finding.status == "problem" else status
        if as_json:
            names = ("check", "status", "message", "remedy")
            json_line({name: getattr(finding, name) for name in names})
        else:
            sentence = as_started(" ".join(filter(None, (finding.message, finding.remedy))))
            result(printable(f"{finding.status:<11}  {finding.check}: {sentence}"))
    return status


def _findings(data_dir: Path | None) -> Iterator[Finding]:
    logging.getLogger("dotenv").setLevel(logging.ERROR)  # lines that it cannot read are findings
    try:
        # Named by the module, so that it is the file of this installation, or that of a test.
        settings, problems = load_usable(settings_module.ENV_FILE, data_dir=data_dir)
    except OSError as error:
        settings, problems = load_usable(settings_module.ENV_FILE.with_name("no settings"), data_dir=data_dir)
        problems = [f"{settings_module.ENV_FILE} cannot be used: {error.strerror or error}."]
    checks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("settings", lambda: settings_checks.check_settings(settings_module.ENV_FILE, problems)),
        ("token", lambda: settings_checks.check_token(settings)),
        ("Discord", lambda: discord_checks.check_discord(settings)),
        ("packages", system_checks.check_packages),
        ("SQLite", system_checks.check_sqlite),
        ("models", lambda: system_checks.check_models(settings)),
        ("calibration", lambda: system_checks.check_calibration(settings)),
        ("sandbox", system_checks.check_sandbox),
        ("stores", lambda: store_checks.check_stores(settings)),
        ("PostgreSQL", lambda: store_checks.check_postgresql(settings)),
        ("Milvus", lambda: store_checks.check_milvus(settings)),
        ("data folder", lambda: data_checks.check_folder(settings.data_dir)),
        ("other processes", lambda: data_checks.check_processes(settings.data_dir)),
        ("databases", lambda: data_checks.check_databases(settings)),
        ("disk", lambda: data_checks.check_disk(settings.data_dir)),
        ("backups", lambda: data_checks.check_backups(settings)),
    ]
    for name, find in checks:
        yield from guarded(name, find)
