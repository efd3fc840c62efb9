"""The commands backup and restore-backup. Each returns the exit status."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from storage.backups.into_database import restore_into_database
from storage.backups.restoring import restore_backup
from storage.backups.writing import write_backup
from storage.moving.postgres_side import PATIENT
from storage.store_urls import shown
from terminal.article_reports import count
from terminal.output import printable, result, say
from terminal.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from storage.backups.archive import Manifest
    from storage.stores import Stores


def backup(stores: Stores, path: Path, *, overwrite: bool) -> int:
    """Write a backup of these stores and say what it holds; exit status 1 if a damaged database was left out."""
    with Progress("Backing up", "parts") as progress, closing(replace(stores, timeouts=PATIENT)) as patient:
        written = write_backup(patient, path, overwrite=overwrite, on_step=progress.step)
    for name, reason in written.damaged.items():
        say(f"{name} is damaged and was left out ({reason}); keep the last backup that has it.")
    result(printable(f"Backed up: {_contents(written.manifest)}, {written.size / 1e6:,.1f} MB, in {path}."))
    return 1 if written.damaged else 0


def restore(path: Path, stores: Stores) -> int:
    """Restore a backup into empty stores; exit status 1 if it was made without a database, or `check` fails."""
    with Progress("Restoring", "parts") as progress:
        if stores.database_url is None:
            restored = restore_backup(path, stores.data_dir, progress.step)
        else:
            with closing(replace(stores, timeouts=PATIENT)) as patient:
                restored = restore_into_database(path, patient, progress.step)
    for name, findings in restored.findings.items():
        for finding in findings:
            say(f"{name}: {finding}")
    for name in restored.manifest.left_out:
        say(f"{name} was damaged when the backup was made, and is not in it; an earlier backup may have it.")
    about = f"{_contents(restored.manifest)}, of {restored.manifest.created}, in {_place(stores)}"
    if restored.findings:
        result(printable(f"Restored with what was wrong when it was backed up: {about}."))
    else:
        articles = count(restored.articles, "article")
        proved = "every slice, vector and index" if stores.database_url is None else "every slice and vector"
        result(printable(f"Restored: {about}. Consistent: {proved} of {articles}."))
    return 1 if restored.findings or restored.manifest.left_out else 0


def _place(stores: Stores) -> str:
    return str(stores.data_dir) if stores.database_url is None else shown(stores.database_url)


def _contents(manifest: Manifest) -> str:
    """Return what a backup holds, in words."""
    libraries = len(manifest.libraries)
    others = [one.name for one in manifest.members if "/" not in one.name]
    return ", ".join([f"{libraries:,} {'library' if libraries == 1 else 'libraries'}", *others])
