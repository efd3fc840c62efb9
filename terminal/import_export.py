"""The commands export and import. Each returns the exit status."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from index.catalog.history import TERMINAL
from index.durable_files import write_durably
from index.libraries.export_file import read_export
from index.libraries.import_export import export_lines, import_in_steps
from index.models import UserError
from terminal.article_reports import count
from terminal.output import result, say
from terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from index.libraries.library import Library

STANDARD: Final = "-"  # standard input or output
_BATCH: Final = 64  # passages embedded at once; no question has to be answered in between


def export(library: Library, file: str) -> int:
    """Write all articles to a file, or to standard output for `-`.

    An existing file is only replaced once the new one is complete.
    """
    articles = library.count_articles()
    if not articles:
        say(f"The library {library.name!r} holds no articles, so there is nothing to export.")
        return 1
    if file == STANDARD:
        for line in export_lines(library.catalog):
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        return 0
    try:
        _write(library, Path(file).expanduser())
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{file!r} cannot be written: {reason}. Name a file in an existing folder.") from error
    result(f"Exported: {count(articles, 'article')}.")
    return 0


def _write(library: Library, path: Path) -> None:
    with library.in_use():
        write_durably(path, lambda stream: stream.writelines(export_lines(library.catalog)))


def import_(library: Library, file: str) -> int:
    """Add the articles of a file that `export` wrote, or of standard input for `-`. Known articles stay unchanged."""
    with _open_seekable(file) as stream, Progress("Importing", "articles") as progress:
        sites, found = read_export(Path(file).name if file != STANDARD else "Standard input", stream)
        work = import_in_steps(library, sites, found, TERMINAL, _BATCH)
        while True:
            try:
                if next(work) is not None:
                    progress.step()
            except StopIteration as end:
                counts = end.value
                break
    names = {"added": "added", "unchanged": "unchanged", "same_text": "known by another source"}
    names |= {"kept": "left as they are, since the library has another version"}
    summary = ", ".join(f"{counts[status]:,} {name}" for status, name in names.items() if counts[status])
    result(f"Imported: {summary or 'nothing'}.")
    return 0


@contextmanager
def _open_seekable(file: str) -> Iterator[BinaryIO]:
    """Open a file, or a temporary copy of standard input, that can be read twice."""
    if file == STANDARD:
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
            copy.seek(0)
            yield copy
        return
    try:
        stream = Path(file).expanduser().open("rb")
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{file} cannot be read: {reason}. Nothing was imported.") from error
    with stream:
        yield stream
