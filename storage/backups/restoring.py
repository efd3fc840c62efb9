"""Restores a backup into an empty data folder, which is either as before or whole, whatever happens."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Never

from index.catalog.history import Retention
from index.durable_files import sync_file
from index.libraries.registry import Libraries
from index.models import UserError
from storage.backups.archive import DISCORD_DB, Backup, Manifest, known_schema
from storage.backups.staging import Staging
from storage.backups.writing import read_schema
from storage.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_GAPS: Final = {DISCORD_DB: 1_000_000}  # by which the next ids of a database are raised
_GAP_OF_CATALOGUE: Final = 10_000


@dataclass(frozen=True, slots=True)
class RestoredBackup:
    """What was restored: the manifest, the number of articles, and what `check` finds, by library or file."""

    manifest: Manifest
    articles: int
    findings: dict[str, list[str]]


def restore_backup(path: Path, data_dir: Path, on_step: Callable[[], object] = lambda: None) -> RestoredBackup:
    """Restore a backup into a data folder that is empty or missing, and compare everything as `check` does.

    The files are written to another folder, which takes the place of the data folder when they are complete, correct by
    their digests, and flushed to the disk. What `check` finds was so when the backup was made, and does not prevent it.
    The next ids are raised: those given since the backup was made are not given to anything else.

    Raises UserError, with nothing changed, if the data folder is not empty, if the file is no backup or damaged, if it
    was made by a newer version, or if the disk is full.
    """
    with Staging(data_dir) as staging, Backup(path) as backup:
        refuse_newer(path, backup.manifest)
        require_space(staging.folder, backup.manifest)
        try:
            extract_all(backup, staging.folder, on_step)
            _flush(staging.folder, backup.manifest)
            articles, findings = _check(staging.folder, backup.manifest)
            staging.put_in_place()
        except OSError as error:
            raise UserError(
                f"{data_dir} cannot be written: {error.strerror or error}. Nothing was restored."
            ) from error
    return RestoredBackup(backup.manifest, articles, findings)


def refuse_newer(path: Path, manifest: Manifest) -> None:
    """Raise UserError if a newer version of the program made a backup."""
    for one in manifest.members:
        if one.schema is not None and one.schema > (known_schema(one.name) or 0):
            known = known_schema(one.name)
            raise UserError(
                f"{path.name} was made by a newer version of Verbatim ({manifest.verbatim}): {one.name} has schema "
                f"{one.schema}, this version knows {known}. Install that version; nothing was restored."
            )


def require_space(folder: Path, manifest: Manifest) -> None:
    """Raise UserError if the disk of a folder has no room for a backup."""
    needed, free = sum(one.size for one in manifest.members), shutil.disk_usage(folder).free
    if needed > free:
        raise UserError(
            f"The disk is full: the backup needs {needed / 1e6:,.0f} MB and as much again for its indexes, but "
            f"{free / 1e6:,.0f} MB are free. Nothing was restored."
        )


def extract_all(backup: Backup, folder: Path, on_step: Callable[[], object]) -> None:
    """Write all files, not flushed to the disk yet: together, that takes a small part of the time of one by one.

    The next ids of the databases are raised. Raises UserError if a database is not what the manifest says.
    """
    for member in backup.manifest.members:
        path = folder / member.name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        backup.extract(member, path, on_step)
        if member.schema is None:
            continue
        try:
            with closing(sqlite3.connect(path)) as db:
                db.execute("PRAGMA synchronous = OFF")
                if read_schema(db) != member.schema:
                    raise UserError(
                        f"{member.name} of the backup has another schema than its manifest says; nothing was restored."
                    )
                _leave_gap(db, _GAPS.get(member.name, _GAP_OF_CATALOGUE))
        except sqlite3.DatabaseError as error:
            raise UserError(
                f"{member.name} of the backup cannot be used as a database ({error}); nothing was restored."
            ) from error


def _leave_gap(db: sqlite3.Connection, gap: int) -> None:
    """Raise the next ids of a database.

    Messages in Discord that were sent after the backup name ids in their buttons, and no id may mean two things.
    """
    with suppress(sqlite3.OperationalError), db:
        db.execute("UPDATE sqlite_sequence SET seq = seq + ?", (gap,))


def _check(folder: Path, manifest: Manifest) -> tuple[int, dict[str, list[str]]]:
    """Fill the indexes, and return how many articles there are and what is wrong, by library or file."""
    findings: dict[str, list[str]] = {}
    articles = 0
    libraries = Libraries(folder, _no_model, Retention())
    try:
        for name in manifest.libraries:
            try:
                library = libraries.open(name)
                findings[name] = library.check()
                articles += library.count_articles()
            except UserError as error:
                findings[name] = [str(error)]
    finally:
        libraries.close()
    if (folder / DISCORD_DB).exists():
        findings[DISCORD_DB] = _check_discord(folder / DISCORD_DB)
    return articles, {name: found for name, found in findings.items() if found}


def _check_discord(path: Path) -> list[str]:
    try:
        with closing(Database(path)) as database, database.reading() as db:
            return [str(row[0]) for row in db.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
    except UserError as error:
        return [str(error)]


def _no_model() -> Never:
    raise UserError("a model is needed")


def _flush(folder: Path, manifest: Manifest) -> None:
    """Flush the restored files to the disk; `Staging.put_in_place` does so with their folders."""
    for member in manifest.members:
        sync_file(folder / member.name)
