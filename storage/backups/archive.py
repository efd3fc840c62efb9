"""The format of a backup: a ZIP file with databases and small files, and a manifest with the SHA-256 of each."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, Self

from index.catalog.migrations import LATEST as CATALOG_SCHEMA
from index.models import UserError
from storage.migrations import LATEST as DISCORD_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MANIFEST: Final = "manifest.json"
DISCORD_DB: Final = "discord.db"
SMALL_FILES: Final = ("calibration.json", "loading-articles")
"""Files of the data folder that nothing can make again: a fit, and the mark of samples that are not all loaded."""
_FORMAT: Final = "verbatim-backup"
_VERSION: Final = 1  # of the format
_CATALOG: Final = re.compile(r"libraries/[a-z0-9][a-z0-9_-]{0,63}/catalog\.db")
_MANIFEST_BYTES: Final = 64 << 20
_BLOCK: Final = 1 << 20
_COMPRESSIONS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # others raise errors of their own
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    RuntimeError,
    OverflowError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a backup: its path in the data folder, its bytes, and the schema version of a database."""

    name: str
    size: int
    sha256: str
    schema: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, when it was made (ISO 8601, UTC), and by which version of Verbatim.

    `left_out` are the paths of databases that were damaged when the backup was made.
    """

    created: str
    verbatim: str
    members: tuple[Member, ...]
    left_out: tuple[str, ...] = ()

    @property
    def libraries(self) -> list[str]:
        """The names of the libraries in the backup."""
        return [one.name.split("/")[1] for one in self.members if _CATALOG.fullmatch(one.name)]


def own_version() -> str:
    """Return the version of this program, "unknown" if it runs without having been installed."""
    try:
        return version("verbatim")
    except PackageNotFoundError:
        return "unknown"


def known_schema(name: str) -> int | None:
    """Return the schema version that this program writes to a member; None for a file that is no database."""
    if name == DISCORD_DB:
        return DISCORD_SCHEMA
    return CATALOG_SCHEMA if _CATALOG.fullmatch(name) else None


def add_member(
    archive: zipfile.ZipFile, name: str, source: BinaryIO, schema: int | None, on_step: Callable[[], object]
) -> Member:
    """Add the rest of a file to an archive and return its entry for the manifest.

    `on_step` is called for every megabyte.
    """
    with archive.open(name, "w", force_zip64=True) as target:
        size, digest = _copy(source, target, on_step)
    return Member(name, size, digest, schema)


def add_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Add the manifest, the last entry."""
    found = {"format": _FORMAT, "format_version": _VERSION, **asdict(manifest)}
    archive.writestr(MANIFEST, json.dumps(found, indent=2) + "\n")


class Backup:
    """An open backup file. Use it as a context manager.

    Raises UserError if the file cannot be read, is no backup, or was made by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        try:
            self._archive = zipfile.ZipFile(path)
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
        except _DAMAGED as error:
            raise self._damaged(error) from error
        try:
            self.manifest = self._read_manifest()
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def extract(self, member: Member, path: Path, on_step: Callable[[], object]) -> None:
        """Write a member to a new file. Raises UserError if it is not what the manifest says."""
        try:
            with self._archive.open(member.name) as source, path.open("xb") as target:
                size, digest = _copy(source, target, on_step, at_most=member.size)
        except _DAMAGED as error:
            raise self._damaged(error) from error
        if (size, digest) != (member.size, member.sha256):
            raise self._damaged(f"{member.name} is not what was backed up")

    def _read_manifest(self) -> Manifest:
        try:
            if any(entry.compress_type not in _COMPRESSIONS for entry in self._archive.infolist()):
                raise ValueError("its files are compressed otherwise")
            if self._archive.getinfo(MANIFEST).file_size > _MANIFEST_BYTES:
                raise ValueError("its manifest is too long")
            found = json.loads(self._archive.read(MANIFEST))
            if found["format"] != _FORMAT:
                raise ValueError("it has another format")
            newer = found["format_version"] > _VERSION
            manifest = None if newer else _manifest_from(found)
            if manifest and {one.name for one in manifest.members} != set(self._archive.namelist()) - {MANIFEST}:
                raise ValueError("its files are not those of its manifest")
        except OSError as error:
            raise UserError(f"{self._name} cannot be read: {error.strerror or error}.") from error
        except _DAMAGED as error:
            raise self._damaged(error) from error
        if manifest is None:
            made = str(found.get("verbatim"))[:40]
            raise UserError(f"{self._name} was made by a newer version of Verbatim ({made}). Install that version.")
        return manifest

    def _damaged(self, reason: object) -> UserError:
        detail = "it lacks a file or a value" if isinstance(reason, KeyError) else str(reason).strip(".")
        return UserError(f"{self._name} is damaged, or is no backup that `python bot.py backup` made: {detail}.")


def _manifest_from(found: dict[str, Any]) -> Manifest:
    """Return the manifest in a JSON object. Raises ValueError, KeyError or TypeError if it is malformed."""
    members = tuple(
        Member(str(one["name"]), int(one["size"]), str(one["sha256"]), one["schema"]) for one in found["members"]
    )
    for one in members:
        # Names are paths in the data folder: nothing else is ever written.
        if known_schema(one.name) is None and one.name not in SMALL_FILES:
            raise ValueError(f"it holds {one.name[:80]!r}")
        if (known_schema(one.name) is None) != (one.schema is None) or not isinstance(one.schema, int | None):
            raise ValueError(f"it gives no schema for {one.name}")
    if len({one.name for one in members}) != len(members):
        raise ValueError("it names a file twice")
    return Manifest(str(found["created"]), str(found["verbatim"]), members, tuple(map(str, found["left_out"])))


def _copy(
    source: IO[bytes], target: IO[bytes], on_step: Callable[[], object], at_most: int | None = None
) -> tuple[int, str]:
    """Copy a stream; return how many bytes it has and their SHA-256. Raises ValueError beyond `at_most` bytes."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(_BLOCK):
        size += len(block)
        if at_most is not None and size > at_most:
            raise ValueError("a file is longer than its manifest says")
        digest.update(block)
        target.write(block)
        on_step()
    return size, digest.hexdigest()
