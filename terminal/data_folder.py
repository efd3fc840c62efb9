"""Refuses a data folder that cannot be used, before anything is opened in it."""

from __future__ import annotations

from pathlib import Path

from index.models import SettingsError, UserError


def require_folder(path: Path) -> None:
    """Raise SettingsError if the data folder is, or is inside, something that is no folder."""
    existing = next(one for one in (path, *path.parents) if one.exists())
    if not existing.is_dir():
        raise SettingsError(
            f"DATA_DIR, or --data-dir, is to name a folder, but {existing} is a file. Name another one."
        )


def refuse_half_restored(data_dir: Path) -> None:
    """Raise UserError if a backup was being restored into the data folder when the process ended."""
    from storage.backups.staging import is_half_restored

    if is_half_restored(data_dir):
        raise UserError(
            f"The data folder {data_dir} is not whole: restoring a backup into it was interrupted. "
            "Run `python bot.py restore-backup FILE` again."
        )
