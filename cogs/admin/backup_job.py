"""Background job that makes scheduled backups, and deletes old copies of databases from before migrations."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from contextlib import closing
from dataclasses import replace
from typing import Final

from cogs.core.background_job import BackgroundJob
from cogs.core.work_share import EVERYTHING, WorkShare
from cogs.services import Services
from index.models import UserError
from storage.backups.rotation import delete_old_copies, is_due, write_scheduled
from storage.moving.postgres_side import PATIENT

_log = logging.getLogger(__name__)

_DAY: Final = 86400.0  # seconds
_AFTER_FAILURE: Final = 3600.0


class _StoppedError(Exception):
    """The bot stops, so that the backup is given up."""


class BackupJob(BackgroundJob):
    """Writes a backup to `BACKUP_FOLDER` every `BACKUP_DAYS` and keeps `BACKUP_KEEP` of them.

    A failure is logged, and tried again after an hour.
    """

    def __init__(self, services: Services, share: WorkShare = EVERYTHING) -> None:
        """Use the settings of the bot's shared services; of several processes, the one that leads writes backups."""
        self._share = share
        self._settings = services.settings
        self._stopping = threading.Event()
        self._deleted_at: float | None = None  # monotonic seconds
        self._failed_at: float | None = None

    async def run_once(self) -> None:
        """Do what is due, on a thread of its own: it takes as long as the disk does."""
        now = time.monotonic()
        if self._deleted_at is None or now - self._deleted_at >= _DAY:
            await asyncio.to_thread(delete_old_copies, self._settings.data_dir)
            self._deleted_at = now
        if self._share.leads and (self._failed_at is None or now - self._failed_at >= _AFTER_FAILURE):
            await asyncio.to_thread(self._back_up)

    async def cog_unload(self) -> None:
        """Stop the job; a backup that is being written is given up."""
        self._stopping.set()
        await super().cog_unload()

    def _back_up(self) -> None:
        folder, keep = self._settings.backup_folder, self._settings.backup_keep
        if folder is None or not is_due(folder, self._settings.backup_days):
            return
        try:
            with closing(replace(self._settings.stores(), timeouts=PATIENT)) as stores:
                written = write_scheduled(stores, folder, keep, self._check_stopping)
        except _StoppedError:
            _log.info("The bot stops, so the backup is made after its next start")
        except Exception as error:  # noqa: BLE001 - whatever it is, a whole backup is not to be tried each minute
            self._failed_at = time.monotonic()
            expected = isinstance(error, UserError | OSError)
            _log.error("The scheduled backup failed, and is tried again in an hour: %s", error, exc_info=not expected)
        else:
            self._failed_at = None
            _log.info("Backed up to %s: %.1f MB", folder, written.size / 1e6)
            for name, reason in written.damaged.items():
                _log.error("%s is damaged and not in the backup; older backups are kept: %s", name, reason)

    def _check_stopping(self) -> None:
        if self._stopping.is_set():
            raise _StoppedError
