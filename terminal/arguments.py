"""The argument parser of the command line. Imports nothing heavy, so that help and usage errors appear at once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

_DESCRIPTION = """\
Verbatim answers questions by quoting articles, letter for letter. Without a command it runs on Discord,
which needs DISCORD_TOKEN in the environment or in .env; every command works without."""

_EPILOG = """\
--data-dir and --library may stand anywhere. Exit status: 0 done, 1 something asked for failed or was not
found, 2 wrong usage or settings. Answers go to standard output, everything else to standard error."""


class _Parser(argparse.ArgumentParser):
    """Reports a usage error in one sentence, with a pointer to --help, and exits with status 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(
            2, f"{message[:1].upper()}{message[1:]}. Run `python {self.prog} --help` for what can be typed here.\n"
        )


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line. Exits with status 0 after --help and with status 2 after a usage error.

    The namespace has `command` (None if none was given), `data_dir` (None to use the setting), `library` and the
    arguments of the command.
    """
    # Global options are parsed first, so that they are accepted anywhere, even between two sources or ids.
    options, rest = _global_options(defaults=True).parse_known_args(arguments)
    parser = _parser()
    parsed = parser.parse_args(rest, options)
    if parsed.command == "ask" and (parsed.question is None) == (parsed.batch is None):
        parser.error("ask takes either a question or --batch FILE")
    if parsed.command == "add" and parsed.title is not None and (parsed.sources != ["-"] or not parsed.title.strip()):
        parser.error("--title names the article from standard input: add - --title TITLE")
    if parsed.command == "schedule" and parsed.every is not None and not parsed.ids:
        parser.error("--every needs the ID of an article whose source is meant")
    return parsed


def _global_options(*, defaults: bool) -> _Parser:
    """Return a parser of the options that are accepted anywhere; without `defaults` it serves the help text only."""
    parser = _Parser(prog="bot.py", add_help=False, allow_abbrev=False)
    missing = None if defaults else argparse.SUPPRESS
    library = "shared" if defaults else argparse.SUPPRESS
    parser.add_argument("--data-dir", type=_folder, metavar="DIR", default=missing, help="where the libraries are kept")
    parser.add_argument("--library", metavar="NAME", default=library, help="which library (default: shared)")
    return parser


def _folder(value: str) -> Path:
    if not value:
        raise argparse.ArgumentTypeError("a folder is needed")
    return Path(value).expanduser().absolute()


def _positive(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise argparse.ArgumentTypeError("a number from 1 on is needed")
    return int(value)


def _hours(value: str) -> float | str:
    try:
        hours = 0.0 if value == "default" else float(value)
    except ValueError:
        hours = -1
    if not 0 <= hours <= 24 * 366:
        raise argparse.ArgumentTypeError("a number of hours from 0 on is needed, or `default`")
    return value if value == "default" else hours


def _parser() -> _Parser:
    common = _global_options(defaults=False)
    parser = _Parser(
        prog="bot.py",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        parents=[common],
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser, title="commands")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[common], allow_abbrev=False)

    command("start", "run on Discord where a token is set; open the chat, with a sample question, where none is")
    command("chat", "the same bot in the terminal; reads questions from a pipe too")
    ask = command("ask", "answer one question, or a file of them")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--batch", metavar="FILE", help='JSON Lines with a "question" each; - is standard input')
    ask.add_argument("--json", action="store_true", help="print one JSON object (always with --batch)")
    add = command("add", "add files, folders and web addresses, or bring them up to date")
    add.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="file, folder, archive or address; - is standard input"
    )
    add.add_argument("--title", metavar="TITLE", help="what the article from standard input is called")
    pages_help = "follow a page's links, a sitemap or a feed, and add up to N pages"
    add.add_argument("--pages", type=_positive, metavar="N", help=pages_help)
    add.add_argument("--depth", type=_positive, metavar="N", help="follow links no further than N from the first page")
    refresh = command("refresh", "fetch again what was added, and take over what has changed")
    refresh.add_argument("ids", type=int, nargs="*", metavar="ID", help="these articles only")
    schedule = command("schedule", "tell when each source is looked at again while the bot runs, or set how often")
    schedule.add_argument("ids", type=int, nargs="*", metavar="ID", help="the sources of these articles only")
    schedule.add_argument("--every", type=_hours, metavar="HOURS", help="0 is never, `default` is REFRESH_HOURS again")
    refresh.add_argument("--force", action="store_true", help="even where more changes than is usual")
    articles = command("articles", "list what is in the library")
    articles.add_argument("--json", action="store_true", help="print one JSON object a line")
    show = command("show", "print the stored text of one article, exactly")
    show.add_argument("id", type=int, metavar="ID")
    rename = command("rename", "give an article another title, which stays when its source changes")
    rename.add_argument("id", type=int, metavar="ID")
    rename.add_argument("title", metavar="TITLE")
    remove = command("remove", "remove articles; for a while they can be brought back")
    remove.add_argument("ids", type=int, nargs="+", metavar="ID")
    remove.add_argument("--purge", action="store_true", help="for good: earlier versions and history go too")
    history = command("history", "tell what has happened to the articles, newest first")
    history.add_argument("id", type=int, nargs="?", metavar="ID", help="this article only, and those it has replaced")
    history.add_argument("--json", action="store_true", help="print one JSON object a line")
    restore = command("restore", "bring back what an article was before an entry of the history")
    restore.add_argument("number", type=int, metavar="NUMBER", help="of the entry")
    export = command("export", "write all articles to one file, for any other library")
    export.add_argument("file", metavar="FILE", help="- is standard output")
    import_ = command("import", "add the articles of a file that `export` wrote")
    import_.add_argument("file", metavar="FILE", help="- is standard input")
    feedback = command("feedback", "list what members of Discord thought of answers, without their names")
    feedback.add_argument("--json", action="store_true", help="print one JSON object a line, as cases for a benchmark")
    command("check", "prove the library sound: every slice, every vector, every index")
    command("reindex", "rebuild every index from the stored text, after a change of model")
    return parser
