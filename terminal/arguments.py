"""The argument parser of the command line. Imports nothing heavy, so that help and usage errors appear at once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from storage import store_urls
from terminal.output import COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _AddCommand = Callable[[str, str], argparse.ArgumentParser]  # takes the name and the help text

_DESCRIPTION = """\
Verbatim answers questions by quoting articles, letter for letter. Without a command it runs on Discord,
which needs DISCORD_TOKEN in the environment or in .env; every command works without it."""

_EPILOG = """\
--data-dir and --library are accepted anywhere. Exit status: 0 success, 1 something failed or was not found,
2 invalid usage or settings. Results go to standard output, messages to standard error."""

_CLUSTER_HELP = "run the shards of process I of N, numbered from 0; without it processes share them by themselves"


class _Parser(argparse.ArgumentParser):
    """Reports a usage error in one sentence, with a pointer to --help, and exits with status 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[:1].upper()}{message[1:]}. Run `{self.prog} --help` for usage.\n")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line. Exits with status 0 after --help and with status 2 after a usage error.

    The namespace has `command` (None if none was given), `data_dir` (None to use the setting), `library`, `cluster`
    (a process's number, from 0, and how many there are; None to lease shards) and the arguments of the command.
    """
    # Global options are parsed first, so that they are accepted anywhere, even between two sources or ids.
    options, rest = _global_options(defaults=True).parse_known_args(arguments)
    parser = _parser()
    parsed = parser.parse_args(rest, options)
    if parsed.cluster is not None and parsed.command not in {None, "start"}:
        parser.error("--cluster is for running on Discord, without a command")
    if parsed.command == "ask" and (parsed.question is None) == (parsed.batch is None):
        parser.error("ask takes either a question or --batch FILE")
    if parsed.command == "add" and parsed.title is not None and (parsed.sources != ["-"] or not parsed.title.strip()):
        parser.error("--title is only for the article from standard input: add - --title TITLE")
    if parsed.command == "schedule" and parsed.every is not None and not parsed.ids:
        parser.error("--every needs at least one article ID")
    return parsed


def _global_options(*, defaults: bool) -> _Parser:
    """Return a parser of the options that are accepted anywhere; without `defaults` it serves the help text only."""
    parser = _Parser(prog=COMMAND, add_help=False, allow_abbrev=False)
    missing = None if defaults else argparse.SUPPRESS
    library = "shared" if defaults else argparse.SUPPRESS
    parser.add_argument(
        "--data-dir",
        type=_folder,
        metavar="DIR",
        default=missing,
        help="folder of the libraries (default: the setting DATA_DIR)",
    )
    parser.add_argument("--library", metavar="NAME", default=library, help="library to use (default: shared)")
    return parser


def _folder(value: str) -> Path:
    if not value:
        raise argparse.ArgumentTypeError("must name a folder")
    return _absolute(value)


def _file(value: str) -> Path:
    if value in {"", "-"}:
        raise argparse.ArgumentTypeError("must name a file")
    return _absolute(value)


def _absolute(value: str) -> Path:
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError as error:
        raise argparse.ArgumentTypeError(f"there is no home folder for {Path(value).parts[0]}") from error


def _positive(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise argparse.ArgumentTypeError("must be a number, 1 or more")
    return int(value)


def _cluster(value: str) -> tuple[int, int]:
    index, _, count = value.partition("/")
    if not all(part.isascii() and part.isdigit() and len(part) < 6 for part in (index, count)):
        raise argparse.ArgumentTypeError("must be I/N, such as 0/2 for the first of two processes")
    if int(index) >= int(count):
        last = max(int(count) - 1, 0)
        raise argparse.ArgumentTypeError(f"numbers N processes from 0, so I/N must be from 0/{count} to {last}/{count}")
    return int(index), int(count)


def _database(value: str) -> str:
    try:
        return store_urls.check_database_url(value)
    except ValueError as error:  # its text would be replaced by one that quotes the value
        reason = str(error)
        raise argparse.ArgumentTypeError(f"cannot be used: {reason[:1].lower()}{reason[1:]}") from None


def _hours(value: str) -> float | str:
    try:
        hours = 0.0 if value == "default" else float(value)
    except ValueError:
        hours = -1
    if not 0 <= hours <= 24 * 366:
        raise argparse.ArgumentTypeError("must be a number of hours, 0 or more, or `default`")
    return value if value == "default" else hours


def _parser() -> _Parser:
    common = _global_options(defaults=False)
    parser = _Parser(
        prog=COMMAND,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        parents=[common],
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cluster", type=_cluster, metavar="I/N", help=_CLUSTER_HELP)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser, title="commands")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[common], allow_abbrev=False)

    # The help text lists the commands in the order in which they are added.
    _add_question_commands(command)
    _add_source_commands(command)
    _add_article_commands(command)
    _add_version_commands(command)
    _add_library_commands(command)
    _add_operating_commands(command)
    return parser


def _add_question_commands(command: _AddCommand) -> None:
    start = command("start", "run on Discord if a token is set, else open the chat")
    start.add_argument("--cluster", type=_cluster, metavar="I/N", default=argparse.SUPPRESS, help=_CLUSTER_HELP)
    command("chat", "ask questions in the terminal; also reads them from a pipe, one per line")
    ask = command("ask", "answer one question, or a file of them")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--batch", metavar="FILE", help='JSON Lines file, a "question" per line; - is standard input')
    ask.add_argument("--json", action="store_true", help="print one JSON object (always with --batch)")
    ask.add_argument("--tag", metavar="NAME", help="search the articles of this collection only")


def _add_source_commands(command: _AddCommand) -> None:
    add = command("add", "add files, folders and web addresses; sources added before are updated")
    source_help = "file, folder, archive or address; - is standard input"
    add.add_argument("sources", nargs="+", metavar="SOURCE", help=source_help)
    add.add_argument("--title", metavar="TITLE", help="title of the article from standard input")
    pages_help = "follow a page's links, a sitemap or a feed, and add up to N pages"
    add.add_argument("--pages", type=_positive, metavar="N", help=pages_help)
    add.add_argument(
        "--depth", type=_positive, metavar="N", help="follow links at most N steps away from the first page"
    )
    tag_help = "put what is added into this collection; may be given several times"
    add.add_argument("--tag", dest="tags", action="append", default=[], metavar="NAME", help=tag_help)
    refresh = command("refresh", "check sources again and apply changes")
    refresh.add_argument("ids", type=int, nargs="*", metavar="ID", help="only these articles")
    refresh.add_argument("--force", action="store_true", help="apply unusually large changes too")
    schedule = command("schedule", "show when each source is checked next, or set the interval")
    schedule.add_argument("ids", type=int, nargs="*", metavar="ID", help="only the sources of these articles")
    every_help = "set the interval; 0 is never, `default` is the setting REFRESH_HOURS"
    schedule.add_argument("--every", type=_hours, metavar="HOURS", help=every_help)


def _add_article_commands(command: _AddCommand) -> None:
    articles = command("articles", "list the articles, and the sources that could not be read")
    articles.add_argument("--json", action="store_true", help="print one JSON object per line")
    articles.add_argument("--tag", metavar="NAME", help="list the articles of this collection only")
    tag = command("tag", "put an article into collections, or list the collections")
    tag.add_argument("id", type=int, nargs="?", metavar="ID")
    tag.add_argument("names", nargs="*", metavar="NAME", help="its collections from now on; without any it is in none")
    everything_help = "apply it to everything from the article's folder or site, also to what is added later"
    tag.add_argument("--everything", action="store_true", help=everything_help)
    show = command("show", "print the stored text of one article, exactly")
    show.add_argument("id", type=int, metavar="ID")
    rename = command("rename", "give an article another title, which is kept when its source changes")
    rename.add_argument("id", type=int, metavar="ID")
    rename.add_argument("title", metavar="TITLE")
    remove = command("remove", "remove articles; they can be restored for a while")
    remove.add_argument("ids", type=int, nargs="+", metavar="ID")
    remove.add_argument("--purge", action="store_true", help="remove permanently, with earlier versions and history")


def _add_version_commands(command: _AddCommand) -> None:
    history = command("history", "show the history of all articles or of one, newest first")
    history.add_argument("id", type=int, nargs="?", metavar="ID", help="only this article and those it has replaced")
    history.add_argument("--json", action="store_true", help="print one JSON object per line")
    restore = command("restore", "restore an article as it was before a history entry")
    restore.add_argument("number", type=int, metavar="NUMBER", help="number of the history entry")


def _add_library_commands(command: _AddCommand) -> None:
    export = command("export", "write all articles to one file, which any library can import")
    export.add_argument("file", metavar="FILE", help="- is standard output")
    import_ = command("import", "add the articles of a file that `export` wrote")
    import_.add_argument("file", metavar="FILE", help="- is standard input")
    feedback = command("feedback", "export members' votes on answers, without their names")
    feedback.add_argument("--json", action="store_true", help="print one benchmark case per line, as a JSON object")
    command("calibrate", "fit the confidence of the models in use on the library's headings and questions")
    command("check", "verify the library: every slice, every vector, every index")
    command("reindex", "rebuild every index from the stored text, after a change of model")


def _add_operating_commands(command: _AddCommand) -> None:
    backup = command("backup", "write one file with all libraries and the bot's database, while the bot runs")
    backup.add_argument("file", type=_file, metavar="FILE")
    backup.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
    restore = command("restore-backup", "restore a file that `backup` wrote into an empty data folder")
    restore.add_argument("file", type=_file, metavar="FILE")
    prepare = command("prepare-database", "create or update the tables in PostgreSQL, and the rights of the bot's role")
    owner_help = "the database as its owner (default: the setting DATABASE_OWNER_URL, which `ps` does not show)"
    prepare.add_argument("--owner", type=_database, metavar="URL", help=owner_help)
    migrate = command("migrate", "move all libraries and the bot's memory to other databases; run it again when asked")
    database_help = "PostgreSQL's address for the bot's role, `sqlite` for the data folder, or `sqlite:FOLDER`"
    migrate.add_argument("--database", metavar="URL", help=database_help)
    migrate.add_argument("--vectors", metavar="URL", help="Milvus' address, or `faiss`")
    doctor = command("doctor", "check settings, token, disk, models and data, and say what to do")
    doctor.add_argument("--json", action="store_true", help="print one JSON object per line")
