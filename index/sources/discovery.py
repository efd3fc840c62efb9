"""What a source holds: the files of a folder, and the archive in which a member lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from index.parsers.file_types import kind_from_name, unknown_type_error
from index.text.file_names import printable_path

_SCHEME = re.compile(r"(?i)([a-z][a-z0-9+.-]+)://")


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be loaded, as people know it, and the reason in one sentence.

    `key` and `origin` are as in `Draft`, `key` empty where none is known; `gone` says that there is no such source now.
    """

    source: str
    reason: str
    key: str = ""
    gone: bool = False
    origin: str | None = None

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to load and the name that members see for it; of an archive perhaps only one `member`."""

    path: Path
    name: str
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a source holds: the files that can be read, in order, what failed already, and how many were skipped.

    `folder` is the absolute path of the source where it is one.
    """

    files: tuple[SourceFile, ...]
    failures: tuple[Failure, ...] = ()
    skipped: int = 0
    folder: str | None = None


def discover(source: str) -> Discovered:
    """Find the files of a source without reading them. Folders are walked in sorted order, hidden files left out."""
    if scheme := _SCHEME.match(source):
        problem = f"Addresses that begin with {scheme[1]}:// are not fetched, only http:// and https://; "
        return Discovered((), (Failure(source, problem + "download the file and add that."),))
    try:
        path = Path(source).expanduser()
        if path.is_dir():
            return _find_in_folder(path)
        if not path.exists():
            return _find_in_archive(path, source)
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, no home folder, a NUL in the name
        return Discovered((), (Failure(source, f"This is not a usable file name: {error}."),))
    if not path.is_file() or (kind_from_name(path.name) is None and path.suffix and not _has_known_signature(path)):
        return Discovered((), (Failure(printable_path(path.name), str(unknown_type_error())),))
    return Discovered((SourceFile(path, printable_path(path.name)),))


def _has_known_signature(path: Path) -> bool:
    """Tell whether a file of an unknown type may turn out to be of a known one; a text does not."""
    with path.open("rb") as file:
        start = file.read(1024)
    return (
        start.startswith((b"PK", b"{\\rtf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\xd0\xcf\x11\xe0")) or b"%PDF-" in start
    )


def _find_in_archive(path: Path, source: str) -> Discovered:
    """Find the archive above a path that is none of the machine's, as the members of an archive are known."""
    key = printable_path(str(path.absolute()))
    for above in path.parents:
        if above.is_file() and kind_from_name(above.name) == "archive":
            member = printable_path(path.relative_to(above).as_posix())
            return Discovered((SourceFile(above, printable_path(above.name), member),))
    return Discovered((), (Failure(source, "There is no such file or folder.", key, gone=True),))


def _find_in_folder(folder: Path) -> Discovered:
    """Walk a folder. Links are followed, but no file or folder is visited twice, so loops end."""
    files: list[SourceFile] = []
    failures: list[Failure] = []
    skipped = 0
    seen: set[Path] = set()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(here.iterdir())
        except OSError as error:
            failures.append(Failure(_relative(here, folder), f"This folder cannot be opened: {error.strerror}."))
            continue
        folders = []
        for entry in entries:
            if entry.name.startswith(".") or (real := entry.resolve()) in seen:
                continue
            seen.add(real)
            if entry.is_dir():
                folders.append(entry)
            elif kind_from_name(entry.name) is not None and entry.is_file():
                files.append(SourceFile(entry, _relative(entry, folder)))
            else:
                skipped += 1
        waiting += reversed(folders)
    return Discovered(
        tuple(sorted(files, key=lambda file: file.path.parts)),
        tuple(failures),
        skipped,
        printable_path(str(folder.resolve())),
    )


def _relative(path: Path, folder: Path) -> str:
    """Return a path as members may see it: relative to the folder that was added."""
    return printable_path(path.relative_to(folder).as_posix())
