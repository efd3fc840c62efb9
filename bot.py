"""Verbatim answers questions by quoting articles, letter for letter: on Discord, or in the terminal.

`python bot.py --help` lists the commands. This is the only place where the parts are put together; what is
heavy is imported where it is needed, so that help and mistakes are told at once.
"""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import os
import signal
import sys
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING

from i18n import texts
from index.models import SettingsError, UserError
from settings import load
from terminal.arguments import parse
from terminal.output import say

if TYPE_CHECKING:
    import argparse

    from index.libraries.library import Library
    from index.libraries.registry import Libraries
    from index.passages.embedder import Embedder
    from index.sources.http.client import Fetcher
    from qa.answerer import Answerer
    from qa.reading.protocol import Reader
    from settings import Settings
    from terminal.ask import Asker

# Before torch is imported: threads that wait for each other soon sleep, instead of spinning on a core that others need.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

_OWN_LOGS = ("cogs", "discord", "index", "qa")
_LOADING = "Loading the models ..."
_LAST_PAGE_SECONDS = 1.0  # for a page that is being fetched when the bot ends


class Parts:
    """What answers questions, each part made when it is first needed. One thread uses it, and closes it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def embedder(self) -> Embedder:
        """The model that finds passages. Raises SettingsError where it cannot be loaded."""
        from index.passages.embedder import load_embedder
        from terminal.progress import note

        with note(_LOADING):
            return load_embedder(self.settings.embedding_model)

    @cached_property
    def reader(self) -> Reader:
        """The model that reads passages. Raises SettingsError where it cannot be loaded."""
        from qa.reading.span_reader import load_reader
        from terminal.progress import note

        embedder = self.embedder
        with note(_LOADING):
            return load_reader(self.settings.reader_model, embedder)

    @cached_property
    def libraries(self) -> Libraries:
        """Every library of the data folder."""
        from index.catalog.history import Retention
        from index.libraries.registry import Libraries

        keep = Retention(self.settings.history_versions, self.settings.history_days)
        return Libraries(self.settings.data_dir, lambda: self.embedder, keep)

    @cached_property
    def answerer(self) -> Answerer:
        """What puts a question to libraries."""
        from qa.answerer import Answerer, Thresholds

        thresholds = Thresholds(self.settings.answer_confidence, self.settings.closest_confidence)
        return Answerer(self.libraries, lambda: self.embedder, lambda: self.reader, thresholds, self.settings.data_dir)

    @cached_property
    def fetcher(self) -> Fetcher:
        """What gets pages from the web."""
        from index.sources.http.client import Fetcher

        return Fetcher(private=self.settings.fetch_private_addresses, delay=self.settings.fetch_delay)

    def library(self, name: str) -> Library:
        """Return a library. Raises SettingsError for an impossible name."""
        return self.libraries.open(name)

    def ready(self) -> Answerer:
        """Load the sample, if it is time for it, and the models; return what answers."""
        from index.libraries.registry import SHARED
        from terminal.sample import load_once

        unfinished = self.settings.data_dir / "loading-articles"
        load_once(self.library(SHARED), self.settings.articles_dir, unfinished)
        self.answerer.warm()
        # What is there for good need not be looked through for rubbish: a round over it takes 0.3 s, and holds up all.
        gc.collect()
        gc.freeze()
        return self.answerer

    def close(self) -> None:
        """Save what has changed and let go of the files."""
        if "libraries" in vars(self):
            self.libraries.close()


def main() -> int:
    """Run what the command line asks for and return the exit status; nothing but a bug gives a traceback."""
    options = parse(sys.argv[1:])
    _speak_utf8()
    try:
        return _run(options)
    except SettingsError as error:
        say(str(error))
        return 2
    except UserError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    except BrokenPipeError:
        # Whoever read the output has left; without this, Python would complain once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        say(f"The system says: {error.strerror or error}{where}.")
        return 1


def _speak_utf8() -> None:
    """Use UTF-8 whatever the system's default is, and never fail on a character."""
    streams = [sys.stdout, sys.stderr] if sys.stdin.isatty() else [sys.stdin, sys.stdout, sys.stderr]
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace" if stream is sys.stdin else "backslashreplace")


def _run(options: argparse.Namespace) -> int:
    settings = load(data_dir=options.data_dir)
    # Other packages' warnings are written for programmers; what people need to know, an error sentence says.
    logging.basicConfig(level=logging.ERROR, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _OWN_LOGS:
        logging.getLogger(name).setLevel(settings.log_level)
    if options.command is None or (options.command == "start" and settings.discord_token):
        return _on_discord(settings)
    with closing(Parts(settings)) as parts:
        return _in_terminal(parts, options)


def _on_discord(settings: Settings) -> int:
    if settings.discord_token is None:
        message = f"{texts.TOKEN_MISSING} Without a token, `python bot.py chat` is the same bot in the terminal."
        raise SettingsError(message)
    from cogs.bot import run_bot
    from cogs.core.async_store import AsyncStore
    from cogs.core.worker import Worker
    from cogs.services import Resources

    # While models load; run_bot listens for it afterwards, and lets the last answers be given.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    parts = Parts(settings)
    with (
        Worker() as worker,
        AsyncStore(settings.data_dir) as store,
        Worker(name="verbatim-fetching", close_timeout=_LAST_PAGE_SECONDS) as fetch_worker,
    ):
        try:
            answerer = worker.submit(parts.ready).result()
            resources = Resources(
                settings, worker, fetch_worker, lambda: parts.libraries, parts.fetcher, answerer, store
            )
            return asyncio.run(run_bot(resources))
        finally:
            worker.submit(parts.close).result()


def _in_terminal(parts: Parts, options: argparse.Namespace) -> int:
    match options.command:
        case "start" | "chat":
            return _chat(parts, options)
        case "ask":
            from terminal import ask

            if options.batch is not None:
                return ask.batch(lambda: _asker(parts, options.library), options.batch)
            return ask.one(_asker(parts, options.library), options.question, as_json=options.json)
        case "feedback":
            from terminal.feedback import feedback

            return feedback(parts.settings.data_dir, as_json=options.json)
        case _:
            return _keep(parts, options)


def _keep(parts: Parts, options: argparse.Namespace) -> int:
    from terminal.dispatch import run

    return (
        _fetch(parts, options) if options.command in {"add", "refresh"} else run(parts.library, options, parts.settings)
    )


def _fetch(parts: Parts, options: argparse.Namespace) -> int:
    from terminal import article_commands as commands

    if options.command == "add":
        wanted = commands.Wanted(options.pages, options.depth, options.title)
        return commands.add(lambda: parts.library(options.library), options.sources, parts.fetcher, wanted)
    from index.refreshing.refresh import Refresh, RefreshRules

    library = parts.library(options.library)
    rules = RefreshRules(parts.settings.refresh_change_limit, parts.settings.refresh_grace_days)
    return commands.refresh(library, options.ids, Refresh(library, parts.fetcher, rules, force=options.force))


def _asker(parts: Parts, name: str) -> Asker:
    from terminal.ask import Asker

    return Asker(parts.answerer, parts.library(name).name, parts.settings.second_quote_confidence)


def _chat(parts: Parts, options: argparse.Namespace) -> int:
    from terminal import chat, sample

    asker = _asker(parts, options.library)
    parts.ready()
    if options.command == "chat":
        return chat.chat(asker)
    say(chat.HOW_TO_RUN_ON_DISCORD)
    first = [sample.QUESTION] if sample.is_there(parts.library(options.library)) else []
    return chat.chat(asker, first)


if __name__ == "__main__":
    sys.exit(main())
