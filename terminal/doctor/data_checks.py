"""Checks of the data folder: permissions, other processes, databases, disk space and backups."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from index.catalog.snapshots import connect_reading
from index.sqlite_errors import error_code, is_damage
from storage.backups.archive import DISCORD_DB, known_schema
from storage.backups.rotation import newest_backup, scheduled_backups
from storage.backups.soundness import find_loss
from storage.backups.staging import is_half_restored
from storage.backups.writing import names_to_back_up
from storage.process_lock import running_process
from terminal.article_reports import count
from terminal.doctor.findings import not_checked, ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from settings import Settings
    from terminal.doctor.findings import Finding

_SECONDS: Final = 10.0  # for the databases, all together
_FULL: Final = 200_000_000  # bytes
_LOW: Final = 1_000_000_000
_OPCODES: Final = 100_000  # of SQLite, between two looks at the time


def check_folder(data_dir: Path) -> Iterator[Finding]:
    """Yield whether the data folder is whole and can be written, and who else can read it."""
    name = "data folder"
    existing = next(one for one in (data_dir, *data_dir.parents) if one.exists())
    if not existing.is_dir():
        yield problem(name, f"{existing} is a file.", "Name another folder with DATA_DIR or --data-dir.")
    elif existing != data_dir:
        if os.access(existing, os.W_OK | os.X_OK):
            yield ok(name, f"{data_dir} does not exist yet; it is created when something is stored.")
        else:
            yield problem(name, f"{data_dir} cannot be created.", f"Make {existing} writable, or set DATA_DIR.")
    elif is_half_restored(data_dir):
        remedy = "Run `python bot.py restore-backup FILE` again."
        yield problem(name, f"{data_dir} is not whole: restoring a backup was interrupted.", remedy)
    else:
        yield from _permissions(data_dir)


def _permissions(data_dir: Path) -> Iterator[Finding]:
    name, remedy = "data folder", f"Make {data_dir} and all in it belong to the user who runs the bot (chown -R)."
    try:
        with tempfile.NamedTemporaryFile(dir=data_dir, prefix=".doctor-"):
            pass
    except OSError as error:
        yield problem(name, f"{data_dir} cannot be written ({error.strerror or error}).", remedy)
        return
    files = [one for one in names_to_back_up(data_dir) if (data_dir / one).exists()]
    locked = [one for one in files if not os.access(data_dir / one, os.R_OK | os.W_OK)]
    mode = stat.S_IMODE(data_dir.stat().st_mode)
    if locked:
        yield problem(name, f"{locked[0]} cannot be read and written ({len(locked)} such files).", remedy)
    elif os.name != "nt" and mode & 0o002:
        yield problem(name, f"Every user of this machine can change {data_dir}.", f"Run `chmod 700 {data_dir}`.")
    elif os.name != "nt" and mode & 0o004:
        yield warning(
            name, f"Other users of this machine can read {data_dir}, which has members' questions.",
            f"Run `chmod 700 {data_dir}`.",
        )  # fmt: skip
    else:
        yield ok(name, f"{data_dir} can be written.")


def check_processes(data_dir: Path) -> Iterator[Finding]:
    """Yield whether a bot runs with the data folder."""
    holder = running_process(data_dir)
    text = f"A bot is running with this data folder: {holder}." if holder else "No bot runs with this data folder."
    yield ok("other processes", text)


def check_databases(settings: Settings, seconds: float = _SECONDS) -> Iterator[Finding]:
    """Yield which databases are damaged or of a newer version, as far as that is found out within `seconds`.

    PostgreSQL checks its own files; what the bot needs of it is another check.
    """
    if settings.database_url is not None:
        return
    data_dir = settings.data_dir
    names = [name for name in names_to_back_up(data_dir) if known_schema(name) is not None]
    deadline = time.monotonic() + seconds
    sound = 0
    for name in names:
        found = _check_loss(data_dir, name)
        if found is None and time.monotonic() < deadline:
            found = _check_database(data_dir / name, name, deadline)
        if found is not None:
            yield found
        elif time.monotonic() >= deadline:
            rest = count(len(names) - sound, "database")
            yield not_checked("databases", f"{rest} of {len(names):,}: it takes long; use `python bot.py check`.")
            return
        else:
            sound += 1
    if sound:
        yield ok("databases", f"{count(sound, 'database')} checked quickly; `python bot.py check` compares everything.")
    elif not names:
        yield ok("databases", "There are none yet.")


def _remedy(name: str) -> str:
    lost = "old buttons and server settings are lost." if name == DISCORD_DB else "its articles must be added again."
    return (
        "Stop the bot, and put back the copy of it from a backup (`python bot.py restore-backup`), or move it away: "
        f"{lost}"
    )


def _check_loss(data_dir: Path, name: str) -> Finding | None:
    lost = find_loss(data_dir, name)
    return problem("databases", f"{name} was lost: {lost}.", _remedy(name)) if lost else None


def _check_database(path: Path, name: str, deadline: float) -> Finding | None:
    """Return what is wrong with a database; None if it is sound, or if the time is over."""
    remedy = _remedy(name)
    try:
        with closing(connect_reading(path)) as db:
            db.set_progress_handler(lambda: time.monotonic() > deadline, _OPCODES)
            found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
            row = db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() if found == "ok" else None
    except sqlite3.Error as error:
        if error_code(error) == sqlite3.SQLITE_INTERRUPT or "no such table: meta" in str(error):
            return None
        if is_damage(error):
            return problem("databases", f"{name} is damaged ({error}).", remedy)
        return warning("databases", f"{name} cannot be read now ({error}).", "Try again when no other process uses it.")
    if found != "ok":
        return problem("databases", f"{name} is damaged ({' '.join(found.split())}).", remedy)
    known = known_schema(name) or 0
    if row and str(row[0]).isdigit() and int(row[0]) > known:
        newer = f"{name} was written by a newer version of Verbatim (schema {row[0]}; this version knows {known})."
        return problem("databases", newer, f"Install that version, or put back {path.name}.schema-{known} beside it.")
    return None


def check_disk(data_dir: Path) -> Iterator[Finding]:
    """Yield whether the disk has room, also for a copy of the databases, as a migration or a backup makes one."""
    existing = next(one for one in (data_dir, *data_dir.parents) if one.exists())
    free = shutil.disk_usage(existing).free
    files = [data_dir / name for name in names_to_back_up(data_dir)]
    size = sum(path.stat().st_size for path in files if path.exists())
    text = f"{free / 1e9:,.1f} GB are free at {existing}, the databases have {size / 1e9:,.1f} GB."
    if free < _FULL:
        yield problem("disk", text, "Free some space: the bot cannot store anything without it.")
    elif free < max(_LOW, size):
        yield warning("disk", text, "Free some space: updates and backups make copies of the databases.")
    else:
        yield ok("disk", text)


def check_backups(settings: Settings) -> Iterator[Finding]:
    """Yield whether the running bot makes backups, and how old the newest is."""
    folder, days = settings.backup_folder, settings.backup_days
    if folder is None:
        yield warning("backups", "None are scheduled.", "Set BACKUP_FOLDER, on another disk if there is one.")
        return
    made = newest_backup(folder) if folder.is_dir() else None
    if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
        yield problem("backups", f"{folder} cannot be written.", "Make it writable for the user who runs the bot.")
    elif made is None:
        yield ok("backups", f"The running bot writes them to {folder} every {days:g} days; there is none yet.")
    elif datetime.now(UTC) - made > timedelta(days=2 * days, hours=1):
        late = f"The newest in {folder} is of {made:%Y-%m-%d}, although one is made every {days:g} days."
        yield warning("backups", late, "Start the bot, or see in its log why it made none.")
    else:
        number = len(scheduled_backups(folder))
        yield ok("backups", f"{number} in {folder}, the newest of {made:%Y-%m-%d %H:%M} UTC.")
