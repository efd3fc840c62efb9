"""Files and folders to drafts. What cannot be loaded is a `Failure` with its reason; nothing is dropped silently."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from index.clean import clean
from index.decode import decode_web, plain_newlines
from index.frontmatter import split_front_matter
from index.sandbox import Sandbox
from index.structure import markdown_headings, sections, title_line
from index.values import Draft, UserError

Kind = Literal["text", "markdown", "html", "pdf", "docx"]

KINDS: Final[dict[str, Kind]] = {
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}
LOADER_VERSION: Final = 1  # raise it whenever the same file would give another text: known files are read again then
MAX_BYTES: Final = 50_000_000  # a book has about one million of text; the rest are pictures

SANDBOX: Final = Sandbox()


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be loaded, as people know it, and the reason in one sentence.

    `key` is as in `Draft`, empty where none is known; `gone` says that the source is no longer there.
    """

    source: str
    reason: str
    key: str = ""
    gone: bool = False

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """How many files were passed over because their type is not known, or pages because there are too many."""

    count: int
    what: Literal["files", "pages"] = "files"


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A source that is what it was at the version that is known of it; `key` is as in `Draft`."""

    key: str


Item = Draft | Failure | Skipped | Unchanged
Versions = Callable[[str], str | None]  # the version of a source that is known, by its key


@dataclass(frozen=True, slots=True)
class File:
    """A file to load and the name that members see for it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a source holds: the files that can be read, in order, what failed already, and how many were skipped.

    `folder` is the absolute path of the source where it is one.
    """

    files: tuple[File, ...]
    failures: tuple[Failure, ...] = ()
    skipped: int = 0
    folder: str | None = None


def drafts(source: str, versions: Versions = lambda _key: None) -> Iterator[Item]:
    """Yield a draft or a failure for each file of a source (a file or a folder), read one at a time.

    A file that is as it was at its known version is `Unchanged`. Files of unknown type in a folder are skipped; if
    there were any, the last item says how many.
    """
    found = find(source)
    yield from found.failures
    for file in found.files:
        item = read(file, versions)
        yield replace(item, origin=found.folder) if isinstance(item, Draft) else item
    if found.skipped:
        yield Skipped(found.skipped)


def find(source: str) -> Found:
    """Find the files of a source without reading them. Folders are walked in sorted order, hidden files left out."""
    try:
        path = Path(source).expanduser()
        if path.is_dir():
            return _find_in_folder(path)
        if not path.exists():
            key = _printable(str(path.absolute()))
            return Found((), (Failure(source, "There is no such file or folder.", key, gone=True),))
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, no home folder, a NUL in the name
        return Found((), (Failure(source, f"This is not a usable file name: {error}."),))
    if path.suffix.lower() not in KINDS or not path.is_file():
        known = ", ".join(sorted(KINDS))
        return Found((), (Failure(_printable(path.name), f"Files of this type cannot be read; known are {known}."),))
    return Found((File(path, _printable(path.name)),))


def _find_in_folder(folder: Path) -> Found:
    """Walk a folder. Links are followed, but no file or folder is visited twice, so loops end."""
    files: list[File] = []
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
            elif entry.suffix.lower() in KINDS and entry.is_file():
                files.append(File(entry, _relative(entry, folder)))
            else:
                skipped += 1
        waiting += reversed(folders)
    return Found(
        tuple(sorted(files, key=lambda file: file.path.parts)),
        tuple(failures),
        skipped,
        _printable(str(folder.resolve())),
    )


def _relative(path: Path, folder: Path) -> str:
    """Return a path as members may see it: relative to the folder that was added."""
    return _printable(path.relative_to(folder).as_posix())


def _printable(name: str) -> str:
    """Return a file name in which bytes that are no UTF-8 are written out, so that it can be stored and sent."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def read(file: File, versions: Versions = lambda _key: None) -> Draft | Failure | Unchanged:
    """Load one file. A file that cannot be read, decoded or quoted from is a failure that says why."""
    key = ""
    try:
        key = _printable(str(file.path.resolve()))
        if file.path.stat().st_size > MAX_BYTES:
            raise UserError(f"The file is larger than {MAX_BYTES // 1_000_000} MB; split it into several articles.")
        data = file.path.read_bytes()
        version = f"{LOADER_VERSION}:{hashlib.sha256(data).hexdigest()}"
        if version == versions(key):
            return Unchanged(key)
        draft = draft_from_bytes(data, KINDS[file.path.suffix.lower()], key=key, source=file.name)
        return replace(draft, version=version)
    except UserError as error:
        return Failure(file.name, str(error), key)
    except OSError as error:
        return Failure(file.name, f"The file cannot be read: {error.strerror}.", key)


def draft_from_upload(name: str, data: bytes, *, key: str) -> Draft:
    """Make a draft of a file that was sent under a name, which is never used as a path.

    Raises `UserError` where its type is not known or nothing can be quoted.
    """
    kind = KINDS.get(Path(name).suffix.lower())
    if kind is None:
        raise UserError(f"Files of this type cannot be read; known are {', '.join(sorted(KINDS))}.")
    return draft_from_bytes(data, kind, key=key, source=name)


def draft_from_bytes(
    data: bytes, kind: Kind, *, key: str, source: str, address: str = "", charset: str | None = None
) -> Draft:
    """Make a draft of a file's bytes. `address` and `charset` are those that a web server gave.

    Raises `UserError` where nothing can be quoted.
    """
    if kind in {"text", "markdown"}:
        return draft_from_text(decode_web(data, charset), key=key, source=source, markdown=kind == "markdown")
    title = _title_from_name(source)
    return SANDBOX.draft(data, kind=kind, key=key, source=source, title=title, address=address, charset=charset)


def draft_from_text(text: str, *, key: str, source: str, markdown: bool = False, title: str | None = None) -> Draft:
    """Clean a text and find its title and sections.

    The title is `title`, else the front matter's, the first Markdown heading of level one, the first line of a plain
    text that looks like a title, or what the file's name says. An address in the front matter takes the place of
    `source`. Raises `UserError` where nothing can be quoted.
    """
    matter, body = split_front_matter(plain_newlines(text))
    cleaned = clean(body, markdown)
    title = title or matter.title or _own_title(cleaned.text, markdown) or _title_from_name(source)
    title = " ".join(title.split())
    found = sections(cleaned.text, cleaned.cuts, markdown, title)
    if not found:
        raise UserError("The file holds no text that could be quoted.")
    shown = matter.address or source
    return Draft(key, shown, title, cleaned.text, matter.published, found, removed=len(cleaned.deleted))


def _own_title(text: str, markdown: bool) -> str | None:
    """Return the title that the article itself carries."""
    if not markdown:
        return title_line(text)
    return next((h.title for h in markdown_headings(text) if h.level == 1 and h.title), None)


def _title_from_name(source: str) -> str:
    """Return a readable title from a file name or address: `server-rules.md` is "Server rules"."""
    stem = Path(source.rstrip("/")).stem or source
    words = " ".join(re.sub(r"[-_\s]+", " ", stem).split())
    return (words[:1].upper() + words[1:]) or "Untitled"
