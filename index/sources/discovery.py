"""Find the files of a source: a file, the contents of a folder, or a member of an archive."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass
from pathlib import Path

from index.parsers.file_types import kind_from_name, unknown_type_error
from index.text.file_names import printable_path

_SCHEME = re.compile(r"(?i)([a-z][a-z0-9+.-]+)://")


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be loaded, under the name that members see, and the reason in one sentence.

    `key` and `origin` are as in `Draft`, with "" for no key. `gone` means that the source no longer exists.
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
    """A file to load and the name that members see; `member` restricts an archive to one of its members."""

    path: Path
    name: str
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Discovered:
    """The readable files of a source, in order, its failures so far, and the number of skipped files.

    `folder` is the absolute path of the source if it is a folder.
    """

    files: tuple[SourceFile, ...]
    failures: tuple[Failure, ...] = ()
    skipped: int = 0
    folder: str | None = None


def discover(source: str) -> Discovered:
    """Return the files of a source without reading them. Folders are walked in sorted order, without hidden files."""
    if problem := _problem_of_name(source):
        return Discovered((), (problem,))
    try:
        path = Path(source).expanduser()
        if path.is_dir():
            return _find_in_folder(path)
        if not path.exists():
            return _find_in_archive(path, source)
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, no home folder, a NUL in the name
        return Discovered((), (Failure(source, f"This is not a usable file name: {error}."),))
    reason = _reason_against(path)
    if reason:
        return Discovered((), (Failure(printable_path(path.name), reason),))
    return Discovered((SourceFile(path, printable_path(path.name)),))


def _reason_against(path: Path) -> str:
    """Return why something that is no folder cannot be read; "" for a file of a type that may be known."""
    if not path.is_file():
        return "A pipe or device cannot be read; save its text to a file and add that."
    is_unknown = kind_from_name(path.name) is None and path.suffix and not _has_known_signature(path)
    return str(unknown_type_error()) if is_unknown else ""


def _problem_of_name(source: str) -> Failure | None:
    if not source.strip():
        return Failure('""', "An empty name is no file, folder or address.")
    if scheme := _SCHEME.match(source):
        problem = f"Addresses that begin with {scheme[1]}:// are not fetched, only http:// and https://; "
        return Failure(source, problem + "download the file and add that.")
    return None


def _has_known_signature(path: Path) -> bool:
    """Return whether a file with an unknown suffix starts like one of a supported binary type."""
    with path.open("rb") as file:
        start = file.read(1024)
    return (
        start.startswith((b"PK", b"{\\rtf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\xd0\xcf\x11\xe0")) or b"%PDF-" in start
    )


def _find_in_archive(path: Path, source: str) -> Discovered:
    """Find a member of an archive by a path that continues into the archive: the path itself does not exist."""
    key = printable_path(str(path.absolute()))
    for above in path.parents:
        if above.is_file() and kind_from_name(above.name) == "archive":
            member = printable_path(path.relative_to(above).as_posix())
            return Discovered((SourceFile(above, printable_path(above.name), member),))
    return Discovered((), (Failure(source, "There is no such file or folder.", key, gone=True),))


def _find_in_folder(folder: Path) -> Discovered:
    """Walk a folder. Symbolic links are followed, but no file or folder is visited twice, so loops end."""
    files: list[SourceFile] = []
    failures: list[Failure] = []
    skipped = 0
    seen: set[Path] = set()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = [entry for entry in sorted(here.iterdir()) if not entry.name.startswith(".")]
        except OSError as error:
            failures.append(Failure(_relative(here, folder), f"This folder cannot be opened: {error.strerror}."))
            continue
        folders = []
        for entry in entries:
            try:
                if not _is_new(entry, seen):
                    continue
                if entry.is_dir():
                    folders.append(entry)
                elif kind_from_name(entry.name) is not None and entry.is_file():
                    files.append(SourceFile(entry, _relative(entry, folder)))
                else:
                    skipped += 1
            except (OSError, RuntimeError) as error:  # RuntimeError: before Python 3.13, for a link to itself
                reason = getattr(error, "strerror", None) or "it is a link that leads to itself"
                failures.append(Failure(_relative(entry, folder), f"This cannot be opened: {reason}."))
        waiting += reversed(folders)
    return Discovered(
        tuple(sorted(files, key=lambda file: file.path.parts)),
        tuple(failures),
        skipped,
        printable_path(str(folder.resolve())),
    )


def _is_new(entry: Path, seen: set[Path]) -> bool:
    """Return whether an entry, with links resolved, is not in `seen` yet, and add it."""
    real = entry.resolve()
    if entry.is_symlink() and real.is_symlink():  # Python 3.13 and later return a link to itself unresolved
        raise OSError(errno.ELOOP, "it is a link that leads to itself")
    is_new = real not in seen
    seen.add(real)
    return is_new


def _relative(path: Path, folder: Path) -> str:
    """Return a path as members see it, relative to the folder that was added."""
    return printable_path(path.relative_to(folder).as_posix())
