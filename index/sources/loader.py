"""Load files, folders and archives as drafts. Whatever cannot be loaded yields a `Failure` with its reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from index.messages.archives import ARCHIVE_EMPTY
from index.models import Draft, NoArticleError, UserError
from index.parsers.file_types import Kind, kind_from_name, kind_from_start
from index.parsers.sandbox_pool import SANDBOX
from index.sources.discovery import Failure, SourceFile, discover
from index.sources.read_ahead import results_ahead
from index.text.file_names import UNTITLED, printable_path, title_from_name
from index.text.metadata_values import clean_title

LOADER_VERSION: Final = (
    5  # increase it when the same file would give a different text, so that known files are read again
)
MAX_BYTES: Final = 50_000_000  # a book has about one million bytes of text; the rest are pictures

PIPED: Final = "standard-input:"  # prefix of the keys of articles from standard input
STANDARD_INPUT: Final = "standard input"


@dataclass(frozen=True, slots=True)
class Skipped:
    """The number of files skipped because of their type, or of pages skipped because of the limit."""

    count: int
    what: Literal["files", "pages"] = "files"


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A source that has not changed since its known version; `key` is as in `Draft`."""

    key: str


@dataclass(frozen=True, slots=True)
class EmptyFolder:
    """A folder in which no file was found that can be read; `key` is that of an origin."""

    key: str


Item = Draft | Failure | Skipped | Unchanged | EmptyFolder
Versions = Callable[[str], str | None]  # returns the known version of a source by its key, or None


def drafts(source: str, versions: Versions = lambda _key: None) -> Iterator[Item]:
    """Yield a draft or a failure for each file of a source (a file, folder or archive), in order.

    A file whose version is the known one yields `Unchanged`. Files of unsupported types in a folder are skipped; if
    there were any, the last item is their number. An archive is treated as a folder of its members. Files of a folder
    are read ahead in other threads; `versions` is called in the caller's.
    """
    found = discover(source)
    yield from found.failures
    skipped = found.skipped
    for item in _load_files(found.files, versions, alone=found.folder is None):
        if isinstance(item, Skipped):
            skipped += item.count
        else:
            yield replace(item, origin=found.folder or item.origin) if isinstance(item, Draft) else item
    if skipped:
        yield Skipped(skipped)
    if found.folder is not None and not found.files and not found.failures:
        yield EmptyFolder(found.folder)


def _load_files(files: Sequence[SourceFile], versions: Versions, *, alone: bool) -> Iterator[Item]:
    """Load files in order; several are read ahead, but for archives, whose members have versions of their own."""
    if len(files) < 2:
        for file in files:
            yield from _load_file(file, versions, alone=alone)
        return
    loaded = results_ahead(_ahead(file, versions, alone=alone) for file in files)
    for file, items in zip(files, loaded, strict=True):
        yield from _load_file(file, versions, alone=alone) if items is None else items


def _ahead(file: SourceFile, versions: Versions, *, alone: bool) -> tuple[int, Callable[[], list[Item] | None]]:
    """Return the size of a file and a function that loads it in another thread; it returns None for an archive."""
    try:
        size, key = file.path.stat().st_size, printable_path(str(file.path.resolve()))
    except (OSError, RuntimeError):
        size, key = 0, ""  # reading it fails too
    known = versions(key) if size <= MAX_BYTES else None

    def version(asked: str) -> str | None:
        if asked != key:
            raise _ArchiveError
        return known

    def load() -> list[Item] | None:
        if kind_from_name(file.name) == "archive":
            return None
        try:
            return list(_load_file(file, version, alone=alone))
        except _ArchiveError:
            return None

    return min(size, MAX_BYTES), load


class _ArchiveError(Exception):
    """A file turned out to be an archive."""


def _load_file(file: SourceFile, versions: Versions, *, alone: bool) -> Iterator[Item]:
    """Load one file, or the files in an archive. A file without an article is a failure only if added `alone`."""
    key = ""
    try:
        key = printable_path(str(file.path.resolve()))
        if file.path.stat().st_size > MAX_BYTES:
            raise UserError(f"The file is larger than {MAX_BYTES // 1_000_000} MB; split it into several articles.")
        data = file.path.read_bytes()
        if _kind(file.name, data) == "archive":
            yield from _load_members(file, data, key, versions)
        else:
            yield _load_bytes(file.name, data, key, versions)
    except NoArticleError as error:
        yield Failure(file.name, error.sentence, key) if alone else Skipped(1)
    except UserError as error:
        yield Failure(file.name, error.sentence, key)
    except OSError as error:
        yield Failure(file.name, f"The file cannot be read: {error.strerror}.", key)


def _kind(name: str, data: bytes) -> Kind:
    """Return the kind of a file, by its last path component and its content.

    Raises `UserError` for an unsupported type, and for text whose encoding is uncertain.
    """
    return kind_from_start(name.rpartition("/")[2], data) or SANDBOX.kind(data)


def _load_bytes(name: str, data: bytes, key: str, versions: Versions) -> Draft | Unchanged:
    """Load a file from its bytes, unless it is unchanged. Raises `UserError` if no text can be quoted."""
    version = f"{LOADER_VERSION}:{hashlib.sha256(data).hexdigest()}"
    if version == versions(key):
        return Unchanged(key)
    return replace(draft_from_bytes(data, _kind(name, data), key=key, source=name), version=version)


def parse_version(version: str) -> tuple[str, str]:
    """Return what a version mark says: which loader version read the source, and the SHA-256 digest of its bytes."""
    try:
        state = json.loads(version)
    except ValueError:
        state = None
    if isinstance(state, dict):  # that of a web page
        return str(state.get("loader", "")), str(state.get("digest", ""))
    loader, _, digest = version.partition(":")
    return loader, digest


def _load_members(file: SourceFile, data: bytes, archive: str, versions: Versions) -> Iterator[Item]:
    """Load the files in an archive, or only the member that `file` names. Raises `NoArticleError` if it is empty."""
    members, skipped = SANDBOX.members(data)
    if not members and not skipped:
        raise NoArticleError(ARCHIVE_EMPTY)
    newest = {member.name: member for member in members}  # a later member replaces an earlier one of the same name
    wanted = [member for member in newest.values() if file.member in {None, member.name}]
    if not wanted and file.member is not None:
        key = f"{archive}/{file.member}"
        yield Failure(f"{file.name}/{file.member}", "There is no such file in the archive.", key, gone=True)
        return
    for member in wanted:
        name, key = (f"{place}/{member.name}".rstrip("/") for place in (file.name, archive))
        try:
            if member.reason:
                raise UserError(member.reason)
            item = _load_bytes(name, member.data, key, versions)
            yield replace(item, origin=archive) if isinstance(item, Draft) else item
        except NoArticleError:
            skipped += 1
        except UserError as error:
            yield Failure(name, error.sentence, key)
    if skipped and file.member is None:
        yield Skipped(skipped)


def drafts_from_pipe(data: bytes, title: str | None = None) -> Iterator[Item]:
    """Yield the draft of data from standard input, its type detected by content, or the drafts in an archive.

    The key of the draft is its title, which is `title`, else the article's own, else its first words: the same title
    replaces the same article. Raises `UserError` if no text can be quoted.
    """
    if len(data) > MAX_BYTES:
        raise UserError(f"Standard input has more than {MAX_BYTES // 1_000_000} MB; split it into several articles.")
    kind = _kind("", data)
    if kind == "archive":
        for item in _load_members(SourceFile(Path(), ""), data, "", lambda _key: None):
            yield _from_pipe(item) if isinstance(item, Draft) else item
        return
    draft = draft_from_bytes(data, kind, key="", source="")
    title = clean_title(title or "") or (draft.title if draft.title != UNTITLED else _first_words(draft))
    yield replace(draft, key=f"{PIPED}{title}", title=title, source=draft.source or STANDARD_INPUT)


def _from_pipe(member: Draft) -> Draft:
    name = member.source.removeprefix("/")
    return replace(member, key=f"{PIPED}{name}", source=name, origin=None)


def _first_words(draft: Draft) -> str:
    words = draft.text[draft.sections[0].start :][:60].split()
    return " ".join(words[:8])


def drafts_from_upload(name: str, data: bytes, *, key: str) -> Draft | list[Draft | Failure]:
    """Return the draft of an uploaded file, or those of the files in an archive. `name` is never used as a path.

    Raises `UserError` if the type is unsupported or no text can be quoted.
    """
    kind = _kind(name, data)
    if kind != "archive":
        return draft_from_bytes(data, kind, key=key, source=name)
    items = _load_members(SourceFile(Path(), name), data, key, lambda _key: None)
    found = (replace(item, origin=None) if isinstance(item, Draft) else item for item in items)
    return [item for item in found if isinstance(item, Draft | Failure)]


def draft_from_bytes(
    data: bytes, kind: Kind, *, key: str, source: str, address: str = "", charset: str | None = None
) -> Draft:
    """Return the draft of a file. `address` and `charset` are those of the HTTP response, if there was one.

    Raises `UserError` if no text can be quoted.
    """
    title = title_from_name(source)
    return SANDBOX.draft(data, kind=kind, key=key, source=source, title=title, address=address, charset=charset)


def draft_from_text(text: str, *, key: str, source: str, markdown: bool = False, title: str | None = None) -> Draft:
    """Return the draft of a text: cleaned, with its title and sections.

    The title is the first available of `title`, the title in the front matter, the first Markdown heading of level 1
    or the title line of a plain text, and the name in `source`. An address in the front matter replaces `source`,
    unless `source` is an address on another host. Raises `UserError` if no text can be quoted.
    """
    return SANDBOX.text(text, key=key, source=source, markdown=markdown, title=title)
