"""Files and folders to drafts. What cannot be loaded is a `Failure` with its reason; nothing is dropped silently."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from index.cleaning.boilerplate import clean
from index.models import Draft, NoArticleError, UserError
from index.parsers.file_types import Kind, detect_kind
from index.parsers.rst import rst_draft
from index.parsers.sandbox import Sandbox
from index.sources.discovery import Failure, SourceFile, discover
from index.text.encoding import decode_web, normalize_newlines
from index.text.file_names import UNTITLED, printable_path, title_from_name
from index.text.front_matter import split_front_matter
from index.text.metadata_values import clean_title
from index.text.sections import markdown_headings, sections, title_line

LOADER_VERSION: Final = 1  # raise it whenever the same file would give another text: known files are read again then
MAX_BYTES: Final = 50_000_000  # a book has about one million of text; the rest are pictures

PIPED: Final = "standard-input:"  # begins the keys of what was piped in
STANDARD_INPUT: Final = "standard input"

SANDBOX: Final = Sandbox()


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


def drafts(source: str, versions: Versions = lambda _key: None) -> Iterator[Item]:
    """Yield a draft or a failure for each file of a source (a file, folder or archive), read one at a time.

    A file that is as it was at its known version is `Unchanged`. Files of unknown type in a folder are skipped; if
    there were any, the last item says how many. An archive is a folder of its members.
    """
    found = discover(source)
    yield from found.failures
    skipped = found.skipped
    for file in found.files:
        for item in _load_file(file, versions, alone=found.folder is None):
            if isinstance(item, Skipped):
                skipped += item.count
            else:
                yield replace(item, origin=found.folder or item.origin) if isinstance(item, Draft) else item
    if skipped:
        yield Skipped(skipped)


def _load_file(file: SourceFile, versions: Versions, *, alone: bool) -> Iterator[Item]:
    """Load one file, or the files in an archive. A file that holds no article fails only where it stands `alone`."""
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
        yield Failure(file.name, str(error), key) if alone else Skipped(1)
    except UserError as error:
        yield Failure(file.name, str(error), key)
    except OSError as error:
        yield Failure(file.name, f"The file cannot be read: {error.strerror}.", key)


def _kind(name: str, data: bytes) -> Kind:
    """Return the kind of a file. Raises `UserError` for one that cannot be read."""
    return detect_kind(name.rpartition("/")[2], data)


def _load_bytes(name: str, data: bytes, key: str, versions: Versions) -> Draft | Unchanged:
    """Load a file's bytes. Raises `UserError` where nothing can be quoted."""
    version = f"{LOADER_VERSION}:{hashlib.sha256(data).hexdigest()}"
    if version == versions(key):
        return Unchanged(key)
    return replace(draft_from_bytes(data, _kind(name, data), key=key, source=name), version=version)


def _load_members(file: SourceFile, data: bytes, archive: str, versions: Versions) -> Iterator[Item]:
    """Load the files in an archive; of one that is named alone, nothing else."""
    members, skipped = SANDBOX.members(data)
    newest = {member.name: member for member in members}  # what was packed later takes the place of what was there
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
            yield Failure(name, str(error), key)
    if skipped and file.member is None:
        yield Skipped(skipped)


def drafts_from_pipe(data: bytes, title: str | None = None) -> Iterator[Item]:
    """Yield the draft of what came through a pipe, told by its content; of an archive, those of its members.

    It is known by its title: `title`, else its own, else its first words. Piped in again, it takes the place of what
    was there before. Raises `UserError` where nothing can be quoted.
    """
    if len(data) > MAX_BYTES:
        raise UserError(f"Standard input holds more than {MAX_BYTES // 1_000_000} MB; split it into several articles.")
    kind = detect_kind("", data)
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
    """Make a draft of a file that was sent under a name, which is never used as a path; of an archive, those in it.

    Raises `UserError` where its type is not known or nothing can be quoted.
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
    """Make a draft of a file's bytes. `address` and `charset` are those that a web server gave.

    Raises `UserError` where nothing can be quoted.
    """
    title = title_from_name(source)
    if kind == "rst":
        return rst_draft(decode_web(data, charset), key=key, source=source, title=title)
    if kind in {"text", "markdown"}:
        return draft_from_text(decode_web(data, charset), key=key, source=source, markdown=kind == "markdown")
    return SANDBOX.draft(data, kind=kind, key=key, source=source, title=title, address=address, charset=charset)


def draft_from_text(text: str, *, key: str, source: str, markdown: bool = False, title: str | None = None) -> Draft:
    """Clean a text and find its title and sections.

    The title is `title`, else the front matter's, the first Markdown heading of level one, the first line of a plain
    text that looks like a title, or what the file's name says. An address in the front matter takes the place of
    `source`. Raises `UserError` where nothing can be quoted.
    """
    matter, body = split_front_matter(normalize_newlines(text))
    cleaned = clean(body, markdown)
    title = title or matter.title or _own_title(cleaned.text, markdown) or title_from_name(source)
    title = " ".join(title.split())
    found = sections(cleaned.text, cleaned.cuts, markdown, title)
    if not found:
        raise UserError("The file holds no text that could be quoted.")
    shown = matter.address or source
    title = clean_title(title) or UNTITLED
    return Draft(key, shown, title, cleaned.text, matter.published, found, removed=len(cleaned.deleted))


def _own_title(text: str, markdown: bool) -> str | None:
    """Return the title that the article itself carries."""
    if not markdown:
        return title_line(text)
    return next((h.title for h in markdown_headings(text) if h.level == 1 and h.title), None)
