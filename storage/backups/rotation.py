"""Scheduled backups: their names, when the next one is due, and which ones are kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from index.catalog.snapshots import KEPT_DAYS, delete_copies_before_migrations
from index.durable_files import make_folder
from index.libraries.library_scan import names_in
from index.models import UserError
from storage.backups.archive import DISCORD_DB
from storage.backups.writing import WrittenBackup, write_backup

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storage.stores import Stores

_NAME: Final = re.compile(r"verbatim-(\d{8}T\d{6})Z\.zip")
_TIME: Final = "%Y%m%dT%H%M%S"


def scheduled_backups(folder: Path) -> list[tuple[datetime, Path]]:
    """Return the time, in UTC, and the path of each scheduled backup in a folder, the newest first."""
    found = []
    for path in folder.glob("verbatim-*.zip"):
        match = _NAME.fullmatch(path.name)
        if match:
            try:
                found.append((datetime.strptime(match[1], _TIME).replace(tzinfo=UTC), path))
            except ValueError:
                continue
    return sorted(found, reverse=True)


def newest_backup(folder: Path, now: datetime | None = None) -> datetime | None:
    """Return when the newest scheduled backup in a folder was made, or None; one from the future does not count."""
    now = now or datetime.now(UTC)
    return next((made for made, _ in scheduled_backups(folder) if made <= now), None)


def is_due(folder: Path, days: float, now: datetime | None = None) -> bool:
    """Whether no scheduled backup in a folder is younger than `days`."""
    now = now or datetime.now(UTC)
    newest = newest_backup(folder, now)
    return newest is None or now - newest >= timedelta(days=days)


def write_scheduled(
    stores: Stores | Path, folder: Path, keep: int, on_step: Callable[[], object] = lambda: None
) -> WrittenBackup:
    """Write a backup named by the time, then delete the oldest scheduled ones beyond `keep`.

    Those with a later time than the new one, written while the clock was wrong, count as the oldest. None is deleted
    after a backup in which a damaged database is missing, since an older one may have it. Raises UserError if it cannot
    be written.
    """
    try:
        make_folder(folder)
    except OSError as error:
        raise UserError(f"BACKUP_FOLDER {folder} cannot be created: {error.strerror or error}.") from error
    now = datetime.now(UTC)
    written = write_backup(stores, folder / f"verbatim-{now.strftime(_TIME)}Z.zip", on_step=on_step)
    if not written.damaged:
        found = sorted(scheduled_backups(folder), key=lambda one: (one[0] <= now, one), reverse=True)
        for _, path in found[keep:]:
            path.unlink(missing_ok=True)
    return written


def delete_old_copies(data_dir: Path) -> None:
    """Delete the copies of databases from before migrations that are older than 30 days."""
    catalogues = [data_dir / "libraries" / name / "catalog.db" for name in names_in(data_dir / "libraries")]
    for path in (data_dir / DISCORD_DB, *catalogues):
        delete_copies_before_migrations(path, KEPT_DAYS)
