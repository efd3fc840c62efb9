"""Runs a command with the parts of the application that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from index.libraries.library import Library
    from index.passages.embedder import Embedder
    from index.sources.http.client import Fetcher
    from qa.answerer import Answerer
    from qa.reading.protocol import ReadingModels
    from settings import Settings
    from storage.stores import Stores
    from terminal.ask import Asker


class CommandServices(Protocol):
    """What commands use; bot.py builds each part on first use, so that a command only waits for what it needs."""

    @property
    def settings(self) -> Settings:
        """The settings of the process."""

    @property
    def stores(self) -> Stores:
        """Where libraries and the bot's memory are. Raises SettingsError if packages for that are missing."""

    @property
    def embedder(self) -> Embedder:
        """The model that embeds passages and questions."""

    @property
    def models(self) -> ReadingModels:
        """The models that find answers in passages and score these."""

    @property
    def answerer(self) -> Answerer:
        """Answers questions from libraries."""

    @property
    def fetcher(self) -> Fetcher:
        """Fetches web pages."""

    def library(self, name: str) -> Library:
        """Open a library. Raises SettingsError if the name is not allowed."""

    def warm_up(self) -> Answerer:
        """Load the sample articles if they are due, and the models."""


def run(services: CommandServices, options: argparse.Namespace) -> int:
    """Run the command that `arguments.parse` returned and return the exit status."""
    commands = {
        "start": _chat,
        "chat": _chat,
        "ask": _ask,
        "add": _add,
        "refresh": _refresh,
        "calibrate": _calibrate,
        "feedback": _feedback,
        "backup": _backup,
        "restore-backup": _restore_backup,
        "prepare-database": _prepare_database,
        "migrate": _migrate,
    }
    if options.command in commands:
        return commands[options.command](services, options)
    return _library_command(services.library(options.library), options, services)


def _asker(services: CommandServices, name: str, tag: str | None = None) -> Asker:
    from terminal.ask import Asker
    from terminal.library_update import update_passages
    from terminal.tag_command import within

    library = services.library(name)
    hidden = within(library, tag) if tag is not None else {}
    update_passages(library)
    answers = services.answerer.without(hidden) if hidden else services.answerer
    return Asker(answers, library.name, services.settings.second_quote_confidence, library.finish_indexing)


def _chat(services: CommandServices, options: argparse.Namespace) -> int:
    from terminal import chat, sample
    from terminal.output import say

    asker = _asker(services, options.library)
    services.warm_up()
    if options.command == "chat":
        return chat.chat(asker)
    say(chat.HOW_TO_RUN_ON_DISCORD)
    first = [sample.QUESTION] if sample.is_loaded(services.library(options.library)) else []
    return chat.chat(asker, first)


def _ask(services: CommandServices, options: argparse.Namespace) -> int:
    from terminal import ask

    if options.batch is not None:
        return ask.batch(lambda: _asker(services, options.library, options.tag), options.batch)
    return ask.one(_asker(services, options.library, options.tag), options.question, as_json=options.json)


def _add(services: CommandServices, options: argparse.Namespace) -> int:
    from index.models import SettingsError, UserError
    from index.text.tag_names import distinct_tags, tag_name
    from terminal.add_command import AddOptions, add

    try:
        tags = distinct_tags(map(tag_name, options.tags))
    except UserError as error:
        raise SettingsError(str(error)) from error
    add_options = AddOptions(options.pages, options.depth, options.title, tags)
    return add(lambda: services.library(options.library), options.sources, services.fetcher, add_options)


def _refresh(services: CommandServices, options: argparse.Namespace) -> int:
    from index.refreshing.refresh import Refresh, RefreshRules
    from terminal.article_commands import refresh

    library = services.library(options.library)
    rules = RefreshRules(services.settings.refresh_change_limit, services.settings.refresh_grace_days)
    return refresh(library, options.ids, Refresh(library, services.fetcher, rules, force=options.force))


def _calibrate(services: CommandServices, options: argparse.Namespace) -> int:
    from terminal.calibrate_command import calibrate

    settings = services.settings
    library = services.library(options.library)
    return calibrate(
        library, lambda: (services.embedder, services.models), settings.data_dir, settings.answer_confidence
    )


def _feedback(services: CommandServices, options: argparse.Namespace) -> int:
    from terminal.feedback import feedback

    return feedback(services.stores, as_json=options.json)


def _backup(services: CommandServices, options: argparse.Namespace) -> int:
    from terminal.backup_commands import backup

    return backup(services.stores, options.file, overwrite=options.overwrite)


def _restore_backup(services: CommandServices, options: argparse.Namespace) -> int:
    from terminal.backup_commands import restore

    return restore(options.file, services.settings.stores())


def _prepare_database(services: CommandServices, options: argparse.Namespace) -> int:
    from terminal.prepare_command import prepare_database

    return prepare_database(services.settings, options.owner)


def _migrate(services: CommandServices, options: argparse.Namespace) -> int:
    from terminal.migrate_command import migrate

    return migrate(services.stores, options.database, options.vectors)


def _library_command(library: Library, options: argparse.Namespace, services: CommandServices) -> int:
    """Run a command that needs nothing but a library."""
    from terminal import article_commands, import_export, store_words, tag_command, version_commands
    from terminal.schedule_command import schedule

    commands: dict[str, Callable[[], int]] = {
        "articles": lambda: article_commands.articles(library, as_json=options.json, tag=options.tag),
        "tag": lambda: tag_command.tag(library, options.id, options.names, everything=options.everything),
        "show": lambda: article_commands.show(library, options.id),
        "rename": lambda: version_commands.rename(library, options.id, options.title),
        "remove": lambda: version_commands.remove(
            library, options.ids, purge=options.purge, about_purge=store_words.about_purge(services.stores)
        ),
        "history": lambda: version_commands.history(library, options.id, as_json=options.json),
        "restore": lambda: version_commands.restore(library, options.number),
        "export": lambda: import_export.export(library, options.file),
        "import": lambda: import_export.import_(library, options.file),
        "schedule": lambda: schedule(
            library,
            options.ids,
            None if options.every == "default" else options.every,
            change=options.every is not None,
            hours=services.settings.refresh_hours,
        ),
        "check": lambda: article_commands.check(library, store_words.about_check(services.stores)),
        "reindex": lambda: article_commands.reindex(library),
    }
    return commands[options.command]()
