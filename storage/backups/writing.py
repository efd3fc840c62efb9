"""Writes a backup while the bot runs."""

from __future__ import annotations

import sqlite3
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, Final

from index.durable_files import delete_abandoned, write_durably
from index.models import UserError
from index.sqlite_errors import DamagedError
from storage.backups.archive import DISCORD_DB, SMALL_FILES, Manifest, add_manifest, add_member, own_version
from storage.backups.soundness import find_problem
from storage.backups.sources import source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from storage.backups.sources import Source
    from storage.stores import Stores

_FASTEST: Final = 1  # of zlib: vectors hardly become smaller with more effort


@dataclass(frozen=True, slots=True)
class WrittenBackup:
    """A backup that was written: what it holds, its size in bytes, and why databases were left out, by path."""

    manifest: Manifest
    size: int
    damaged: dict[str, str]


def write_backup(
    stores: Stores | Path, path: Path, *, overwrite: bool = False, on_step: Callable[[], object] = lambda: None
) -> WrittenBackup:
    """Write a backup of some stores, or of a data folder, which others may use meanwhile.

    Only the file's owner may read it. It has the same form whatever the stores are: the bot's memory and each library
    are an SQLite database, as it is at one moment. Indexes are left out: they are filled again from the catalogues.
    Damaged databases are left out too, and named. The file appears when it is complete and flushed to the disk. What
    `on_step` raises, which is called every few megabytes, stops the backup.

    Raises UserError, with nothing written, if the file exists (unless `overwrite`) or cannot be written, or if there is
    nothing to back up.
    """
    _require_writable(path, overwrite=overwrite)
    source = source_of(stores)
    names = _names(source)
    if not names:
        raise UserError(f"{source.shown} holds nothing to back up.")
    delete_abandoned(path.parent)
    written: list[tuple[Manifest, dict[str, str]]] = []

    def write(stream: BinaryIO) -> None:
        written.append(_write(stream, source, names, path.parent, on_step))
        if not overwrite:
            _require_writable(path)

    try:
        write_durably(path, write, private=True)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror or error}. Name a file in another folder."
        ) from error
    manifest, damaged = written[0]
    return WrittenBackup(manifest, path.stat().st_size, damaged)


def names_to_back_up(stores: Stores | Path) -> list[str]:
    """Return the paths, in a data folder, of what a backup holds, with databases that were lost.

    discord.db comes first. It refers to articles, whose ids are never reused; copies of the catalogues that are made
    after it know all of these.
    """
    return _names(source_of(stores))


def _names(source: Source) -> list[str]:
    small = (name for name in SMALL_FILES if (source.data_dir / name).is_file())
    return [*source.databases(), *small]


def _in_order(source: Source, names: list[str]) -> Iterator[str]:
    """Yield `names`, with the libraries that were created while the memory, which comes first, was copied."""
    memory = [name for name in names if name == DISCORD_DB]
    yield from memory
    yield from (name for name in _names(source) if name not in memory)


def _require_writable(path: Path, *, overwrite: bool = False) -> None:
    if path.is_dir():
        raise UserError(f"{path} is a folder. Name the file to write, such as {path / 'verbatim.zip'}.")
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent}. Name a file in an existing folder.")
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is a device or a pipe. Name a file.")
    if path.exists() and not overwrite:
        raise UserError(f"{path} exists already. Name another file, or use --overwrite to replace it.")


def _write(
    stream: BinaryIO, source: Source, names: list[str], folder: Path, on_step: Callable[[], object]
) -> tuple[Manifest, dict[str, str]]:
    """Write the archive; return its manifest, and what is wrong with the databases that it lacks."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    members, damaged = [], {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_FASTEST) as archive:
        for name in _in_order(source, names):
            if name in SMALL_FILES:
                with (source.data_dir / name).open("rb") as content:
                    members.append(add_member(archive, name, content, None, on_step))
                continue
            damage = source.find_loss(name)
            try:
                if damage is None:
                    with source.copy(name, folder, on_step) as (copy, content):
                        damage = find_problem(copy)
                        if damage is None:
                            members.append(add_member(archive, name, content, read_schema(copy), on_step))
            except DamagedError as error:
                damage = str(error.__cause__ or error)
            if damage is not None:
                damaged[name] = damage
        if damaged and not members:
            raise UserError(
                f"Nothing was backed up: {next(iter(damaged))} is damaged ({next(iter(damaged.values()))})."
            )
        manifest = Manifest(created, own_version(), tuple(members), tuple(damaged))
        add_manifest(archive, manifest)
    return manifest, damaged


def read_schema(db: sqlite3.Connection) -> int:
    """Return the number of migrations that were applied to a database; 0 if it has none."""
    try:
        row = db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    except sqlite3.OperationalError:  # from before schemas were numbered
        return 0
    return int(row[0]) if row and str(row[0]).isdigit() else 0
