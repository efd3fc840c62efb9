"""The commands backup and restore-backup. Each returns the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.backups.restoring import restore_backup
from storage.backups.writing import write_backup
from terminal.article_reports import count
from terminal.output import printable, result, say
from terminal.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from storage.backups.archive import Manifest


def backup(data_dir: Path, path: Path, *, overwrite: bool) -> int:
    """Write a backup and say what it holds; exit status 1 if a damaged database was left out."""
    with Progress("Backing up", "parts") as progress:
        written = write_backup(data_dir, path, overwrite=overwrite, on_step=progress.step)
    for name, reason in written.damaged.items():
        say(f"{name} is damaged and was left out ({reason}); keep the last backup that has it.")
    result(printable(f"Backed up: {_contents(written.manifest)}, {written.size / 1e6:,.1f} MB, in {path}."))
    return 1 if written.damaged else 0


def restore(path: Path, data_dir: Path) -> int:
    """Restore a backup into an empty data folder; exit status 1 if it was made without a database, or `check` fails."""
    with Progress("Restoring", "parts") as progress:
        restored = restore_backup(path, data_dir, progress.step)
    for name, findings in restored.findings.items():
        for finding in findings:
            say(f"{name}: {finding}")
    for name in restored.manifest.left_out:
        say(f"{name} was damaged when the backup was made, and is not in it; an earlier backup may have it.")
    about = f"{_contents(restored.manifest)}, of {restored.manifest.created}, in {data_dir}"
    if restored.findings:
        result(printable(f"Restored with what was wrong when it was backed up: {about}."))
    else:
        articles = count(restored.articles, "article")
        result(printable(f"Restored: {about}. Consistent: every slice, vector and index of {articles}."))
    return 1 if restored.findings or restored.manifest.left_out else 0


def _contents(manifest: Manifest) -> str:
    """Return what a backup holds, in words."""
    libraries = len(manifest.libraries)
    others = [one.name for one in manifest.members if "/" not in one.name]
    return ", ".join([f"{libraries:,} {'library' if libraries == 1 else 'libraries'}", *others])
