"""Which command keeps a library in which way: those that need nothing but the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal import article_commands as commands
from terminal import import_export, version_commands
from terminal.schedule_command import schedule

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from index.libraries.library import Library
    from settings import Settings


def run(opened: Callable[[str], Library], options: argparse.Namespace, settings: Settings) -> int:
    """Do what the command line asks for and return the exit status; `opened` opens a library by its name."""
    library = opened(options.library)
    ways: dict[str, Callable[[], int]] = {
        "articles": lambda: commands.articles(library, as_json=options.json),
        "show": lambda: commands.show(library, options.id),
        "rename": lambda: version_commands.rename(library, options.id, options.title),
        "remove": lambda: version_commands.remove(library, options.ids, purge=options.purge),
        "history": lambda: version_commands.history(library, options.id, as_json=options.json),
        "restore": lambda: version_commands.restore(library, options.number),
        "export": lambda: import_export.export(library, options.file),
        "import": lambda: import_export.import_(library, options.file),
        "schedule": lambda: schedule(
            library,
            options.ids,
            None if options.every == "default" else options.every,
            change=options.every is not None,
            hours=settings.refresh_hours,
        ),
        "check": lambda: commands.check(library),
        "reindex": lambda: commands.reindex(library),
    }
    return ways[options.command]()
