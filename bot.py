"""Verbatim answers questions by quoting articles, letter for letter: on Discord, or in the terminal.

`python bot.py --help` lists the commands. This module is the composition root: only here are the packages put together.
Heavy imports are made where they are needed, so that help and usage errors appear at once.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from contextlib import closing
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from i18n import texts
from index import native_settings  # noqa: F401 - before torch and faiss
from index.models import SettingsError, UserError
from observability import logs
from terminal import dispatch
from terminal.arguments import parse
from terminal.data_folder import refuse_half_restored, require_folder
from terminal.output import report, say, use_utf8
from terminal.settings_file import load

if TYPE_CHECKING:
    import argparse

    from index.libraries.library import Library
    from index.libraries.registry import Libraries
    from index.passages.embedder import Embedder
    from index.sources.http.client import Fetcher
    from qa.answerer import Answerer
    from qa.reading.protocol import ReadingModels
    from settings import Settings
    from storage.stores import Stores

_LOADING_MODELS = "Loading the models ..."
_WAITING = 512  # questions, and pieces of articles, that may wait
_WAITING_OF_SERVER = 64
_EXIT_SECONDS = 8.5  # after a signal to stop, at the latest
_LAST_PAGE_SECONDS = 1.0  # for a page still being fetched at shutdown


class Application:
    """The parts of the process, each created on first use. Use and close it in one thread."""

    def __init__(self, settings: Settings, *, serves_many: bool = False) -> None:
        self.settings = settings
        self.serves_many = serves_many  # the bot on Discord

    @cached_property
    def embedder(self) -> Embedder:
        """The model that embeds passages and questions. Raises SettingsError if it cannot be loaded."""
        from index.passages.embedder import load_embedder
        from terminal.progress import status_line

        with status_line(_LOADING_MODELS):
            return load_embedder(self.settings.embedding_model)

    @cached_property
    def models(self) -> ReadingModels:
        """The models that find answers in passages and score these. Raises SettingsError if they cannot be loaded."""
        from qa.reading.loading import load_models
        from terminal.progress import status_line

        embedder = self.embedder
        with status_line(_LOADING_MODELS):
            return load_models(self.settings.reader_model, self.settings.reranker_model, embedder)

    @cached_property
    def stores(self) -> Stores:
        """Where libraries and the bot's memory are. Raises SettingsError if a package or the role is not as needed."""
        from index.models import OperatorError
        from index.sqlite_errors import StorageError
        from storage.moving.state import refuse_unfinished

        stores = self.settings.stores()
        if self.serves_many:
            from storage.stores import SHORT_WAITS

            stores = replace(stores, timeouts=SHORT_WAITS)
        try:
            stores.require_ready()
            refuse_unfinished(stores)
        except StorageError:  # not prepared, or out of reach: trying again later may do
            stores.close()
            raise
        except OperatorError as error:  # a role that may do too much: only other settings do
            stores.close()
            raise SettingsError(str(error)) from error
        except UserError:  # they are being filled
            stores.close()
            raise
        return stores

    @cached_property
    def libraries(self) -> Libraries:
        """The libraries of the stores."""
        from index.catalog.history import Retention

        retention = Retention(self.settings.history_versions, self.settings.history_days)
        return self.stores.libraries(lambda: self.embedder, retention)

    @cached_property
    def answerer(self) -> Answerer:
        """Answers questions from libraries."""
        from qa.answerer import Answerer, Thresholds

        thresholds = Thresholds(self.settings.answer_confidence, self.settings.closest_confidence)
        return Answerer(self.libraries, lambda: self.embedder, lambda: self.models, thresholds, self.settings.data_dir)

    @cached_property
    def fetcher(self) -> Fetcher:
        """Fetches web pages."""
        from index.sources.http.client import Fetcher

        return Fetcher(private=self.settings.fetch_private_addresses, delay=self.settings.fetch_delay)

    def library(self, name: str) -> Library:
        """Open a library. Raises SettingsError if the name is not allowed."""
        return self.libraries.open(name)

    def warm_up(self, *, needs_shared: bool = True) -> Answerer:
        """Load the sample articles if they are due, and the models; return the answerer.

        Without `needs_shared`, a shared library that cannot be read is only reported: servers have their own ones.
        """
        from index.libraries.library_names import SHARED
        from index.sqlite_errors import StorageError
        from terminal.sample import load_once

        unfinished = self.settings.data_dir / "loading-articles"
        try:
            load_once(self.library(SHARED), self.settings.articles_dir, unfinished)
        except StorageError as error:
            if needs_shared:
                raise
            report(f"{error} Until then, servers are answered from their own articles alone.")
        self.answerer.warm()
        # The models stay for good: without freezing them, each full garbage collection would stop everything for 0.3 s.
        gc.collect()
        gc.freeze()
        return self.answerer

    def close(self) -> None:
        """Save the indexes, and close libraries and connections. Raises UserError with a line for each that fails."""
        try:
            if "libraries" in vars(self):
                self.libraries.close()
        except ExceptionGroup as group:
            raise UserError("\n".join(map(str, group.exceptions))) from group
        finally:
            if "stores" in vars(self):
                self.stores.close()


def main() -> int:
    """Run the command and return the exit status. Expected errors are reported in one sentence, without a traceback."""
    options = parse(sys.argv[1:])
    use_utf8()
    try:
        return _run(options)
    except SettingsError as error:
        report(str(error))
        return 2
    except UserError as error:
        report(str(error))
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    except BrokenPipeError:
        # The reader of a pipe has closed it. Without this, Python would report that once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        report(f"The system says: {error.strerror or error}{where}.")
        return 1


def _run(options: argparse.Namespace) -> int:
    if options.command == "doctor":
        from terminal.doctor.command import doctor

        return doctor(options.data_dir, as_json=options.json)  # before the settings are loaded, which may fail
    settings = load(data_dir=options.data_dir)
    if options.cluster is not None and settings.database_url is None:
        raise SettingsError(
            "--cluster needs DATABASE_URL, since several processes share what they store in PostgreSQL."
        )
    on_discord = options.command is None or (options.command == "start" and settings.discord_token is not None)
    _configure_log(settings, on_discord=on_discord)
    require_folder(settings.data_dir)
    if options.command != "restore-backup":
        refuse_half_restored(settings.data_dir)
    if on_discord:
        return _run_discord(settings, options.cluster)
    with closing(Application(settings)) as app:
        return dispatch.run(app, options)


def _configure_log(settings: Settings, *, on_discord: bool) -> None:
    """Configure the log; `auto` means JSON for the bot on Discord without a terminal, as under a service manager."""
    as_json = settings.log_format == "json"
    if settings.log_format == "auto":
        as_json = on_discord and not sys.stderr.isatty()
    logs.configure(settings.log_level, as_json=as_json, secrets=settings.secrets())


def _run_discord(settings: Settings, cluster: tuple[int, int] | None) -> int:
    if settings.discord_token is None:
        message = f"{texts.TOKEN_MISSING} Without a token, `python bot.py chat` is the same bot in the terminal."
        raise SettingsError(message)
    from cogs.bot import run_bot
    from cogs.core.async_store import AsyncStore
    from cogs.core.worker import Worker
    from cogs.services import Resources
    from index.parsers.sandbox_pool import PROCESSES
    from storage.process_lock import sole_process

    logs.log_uncaught_exceptions()

    def stop(*_: object) -> None:
        _exit_soon()
        sys.exit(0)

    # While the models load. Once connected, run_bot handles SIGTERM itself and finishes pending answers first.
    signal.signal(signal.SIGTERM, stop)
    app = Application(settings, serves_many=True)
    with (
        sole_process(settings.data_dir),
        Worker(capacity=_WAITING, server_capacity=_WAITING_OF_SERVER) as worker,
        closing(app.stores),  # after all threads that use it have ended
        AsyncStore(app.stores) as store,
        Worker(threads=PROCESSES, name="verbatim-fetching", close_timeout=_LAST_PAGE_SECONDS) as fetch_worker,
    ):
        try:
            answerer = worker.submit(partial(app.warm_up, needs_shared=False)).result()
            parts = (settings, worker, fetch_worker, lambda: app.libraries, app.fetcher, answerer, store)
            ping = app.stores.ping_indexes if settings.vector_store else None
            resources = Resources(*parts, ping_indexes=ping, cluster=cluster)
            return asyncio.run(run_bot(resources, _exit_soon))
        finally:
            worker.submit(app.close).result()
            gc.freeze()  # else Python would free what is known of each server one by one: seconds if they are many


def _exit_soon() -> None:
    """End the process after 8.5 seconds, whatever its threads still do: what was reported as done is on the disk."""
    timer = threading.Timer(_EXIT_SECONDS, _exit)
    timer.daemon = True
    timer.start()


def _exit() -> None:
    from index.parsers.sandbox_pool import SANDBOX

    SANDBOX.close()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
