"""Scheduled backups: when one is due, and which are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.catalog.snapshots import keep_before_migration
from index.libraries.registry import Libraries
from index.models import UserError
from index.sources.loader import draft_from_text
from storage.backups import rotation
from storage.backups.restoring import restore_backup
from storage.backups.rotation import delete_old_copies, is_due, scheduled_backups, write_scheduled
from tests.small_embedder import SmallEmbedder

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    libraries = Libraries(tmp_path / "data", SmallEmbedder)
    draft = draft_from_text("The ferry leaves.", key="h", source="h", markdown=False, title="Harbour")
    libraries.open("shared").add(draft)
    libraries.close()
    return tmp_path / "data"


def older(folder: Path, *days: float, after: datetime = NOW) -> list[Path]:
    """Create empty backups of some days ago."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"verbatim-{(after - timedelta(days=age)):%Y%m%dT%H%M%S}Z.zip" for age in days]
    for path in paths:
        path.touch()
    return paths


@pytest.mark.parametrize(
    ("ages", "due"), [([], True), ([0.9], False), ([1.1], True), ([3, 0.5, 2], False), ([-2], True), ([-2, 0.5], False)]
)
def test_when_one_is_due(ages: list[float], due: bool, tmp_path: Path) -> None:
    """The newest one counts; one from the future, written while the clock was wrong, does not."""
    older(tmp_path / "b", *ages)
    (tmp_path / "b/verbatim-today.zip").touch()
    (tmp_path / "b/verbatim-20269999T999999Z.zip").touch()

    assert is_due(tmp_path / "b", 1.0, NOW) is due


def test_the_newest_are_kept_and_nothing_else_is_deleted(data: Path, tmp_path: Path) -> None:
    """Of the scheduled ones `keep` are kept, the new one among them; other files stay."""
    folder = tmp_path / "b"
    first, second, third = older(folder, 3, 2, 1, after=datetime.now(UTC))
    mine = folder / "verbatim-mine.zip"
    mine.touch()
    write_scheduled(data, folder, 2)

    kept = scheduled_backups(folder)
    assert len(kept) == 2
    assert kept[1][1] == third
    assert mine.exists()
    assert not first.exists()
    assert not second.exists()
    assert restore_backup(kept[0][1], tmp_path / "new").articles == 1


def test_those_from_the_future_are_deleted_first(data: Path, tmp_path: Path) -> None:
    """Backups that were written while the clock was wrong never displace the new one."""
    folder = tmp_path / "b"
    older(folder, -400, -300, 1, after=datetime.now(UTC))
    written = write_scheduled(data, folder, 1)

    (kept,) = scheduled_backups(folder)
    assert kept[1].stat().st_size == written.size
    assert not is_due(folder, 1.0)


def test_none_is_deleted_while_a_database_is_damaged(data: Path, tmp_path: Path) -> None:
    """An older backup may be the last one with the damaged library."""
    old = older(tmp_path / "b", 3, 2, 1, after=datetime.now(UTC))
    (data / "libraries/broken").mkdir()
    (data / "libraries/broken/catalog.db").write_bytes(b"no database" * 1000)
    written = write_scheduled(data, tmp_path / "b", 1)

    assert list(written.damaged) == ["libraries/broken/catalog.db"]
    assert all(path.exists() for path in old)


def test_a_folder_that_cannot_be_made(data: Path, tmp_path: Path) -> None:
    """It is one sentence that names the setting."""
    (tmp_path / "b").touch()
    with pytest.raises(UserError, match="BACKUP_FOLDER"):
        write_scheduled(data, tmp_path / "b" / "c", 1)


def test_old_copies_from_before_migrations_are_deleted(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies are kept for 30 days."""
    path = data / "libraries/shared/catalog.db"
    keep_before_migration(path, 5)
    delete_old_copies(data)
    assert (data / "libraries/shared/catalog.db.schema-5").exists()

    monkeypatch.setattr(rotation, "KEPT_DAYS", 0.0)
    delete_old_copies(data)
    assert not (data / "libraries/shared/catalog.db.schema-5").exists()
