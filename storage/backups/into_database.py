"""Restores a backup into an empty PostgreSQL database, which is refused by bots until it is whole."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from index.durable_files import make_folder
from index.models import UserError
from storage.backups.archive import Backup
from storage.backups.restoring import RestoredBackup, extract_all, refuse_newer, require_space
from storage.moving.move import Move
from storage.moving.postgres_side import PostgresSide
from storage.moving.sides import SqliteSide

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.backups.archive import Manifest
    from storage.stores import Stores


def restore_into_database(path: Path, stores: Stores, on_step: Callable[[], object] = lambda: None) -> RestoredBackup:
    """Restore a backup into the database of some stores, and compare everything as `check` does.

    Everything is extracted to a temporary folder in the data folder, and checked, before anything is written to the
    database. If the command is interrupted after that, bots refuse the database until it was run again with the same
    file, which goes on. Next ids are raised as `restore_backup` does. Raises UserError if the database has data, and
    else as that does.
    """
    target = PostgresSide(stores)
    with Backup(path) as backup:
        refuse_newer(path, backup.manifest)
        try:
            make_folder(stores.data_dir)
            folder = Path(tempfile.mkdtemp(prefix=".restoring-backup-", dir=stores.data_dir))
        except OSError as error:
            raise UserError(f"{stores.data_dir} cannot be written: {error.strerror or error}.") from error
        try:
            require_space(folder, backup.manifest)
            extract_all(backup, folder, on_step)
            report = Move(SqliteSide(folder, _identity(backup.manifest)), target, on_step).run()
            SqliteSide(stores.data_dir).take_files(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return RestoredBackup(backup.manifest, report.articles, report.findings)


def _identity(manifest: Manifest) -> str:
    """Return a digest that is the same for the same backup, wherever it is extracted."""
    return hashlib.sha256(json.dumps(asdict(manifest), sort_keys=True).encode()).hexdigest()
