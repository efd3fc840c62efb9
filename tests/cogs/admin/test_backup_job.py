"""The running bot makes backups, keeps some, and goes on when one fails."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cogs.admin.backup_job import BackupJob
from cogs.services import Resources
from storage.backups.restoring import restore_backup
from storage.backups.rotation import scheduled_backups


def job_with(resources: Resources, **settings: Any) -> BackupJob:
    """Return the job of a bot with these settings."""
    changed = replace(resources, settings=resources.settings.model_copy(update=settings))
    services: Any = SimpleNamespace(settings=changed.settings)
    return BackupJob(services)


async def test_a_backup_is_made_when_it_is_due(resources: Resources, tmp_path: Path) -> None:
    """The first run writes one, the next does not, and it can be restored."""
    folder = tmp_path.with_name(f"{tmp_path.name}-backups")
    job = job_with(resources, backup_folder=folder)
    await job.run_once()
    await job.run_once()

    assert len(scheduled_backups(folder)) == 1
    assert restore_backup(scheduled_backups(folder)[0][1], folder / "new").findings == {}


def test_without_a_folder_none_is_made(resources: Resources, tmp_path: Path) -> None:
    """The default makes no backups."""
    before = sorted(tmp_path.rglob("*"))
    asyncio.run(job_with(resources).run_once())
    assert sorted(tmp_path.rglob("*")) == before


async def test_a_failure_is_logged_and_tried_again_later(
    resources: Resources, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says why, once, and the job goes on."""
    (tmp_path / "file").touch()
    job = job_with(resources, backup_folder=tmp_path / "file" / "backups")
    with caplog.at_level(logging.ERROR):
        await job.run_once()
        await job.run_once()

    assert len(caplog.records) == 1
    assert "BACKUP_FOLDER" in caplog.text
    assert "Traceback" not in caplog.text


async def test_stopping_gives_a_backup_up(resources: Resources, tmp_path: Path) -> None:
    """When the cog is unloaded, the backup that is being written ends, and leaves nothing."""
    folder = tmp_path.with_name(f"{tmp_path.name}-backups")
    job = job_with(resources, backup_folder=folder)
    await job.cog_unload()
    await asyncio.wait_for(job.run_once(), 30)

    assert list(folder.iterdir()) == []
