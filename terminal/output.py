"""Output of the terminal: results go to standard output, everything else to standard error."""

from __future__ import annotations

import io
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from observability import logs

if TYPE_CHECKING:
    from collections.abc import Mapping

# JSON allows these line separators inside strings, but programs that read line by line may split there.
_SEPARATORS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}


_PROGRAM: Final = "python bot.py"  # how messages name the program
COMMAND: Final = "verbatim" if Path(sys.argv[0]).stem == "verbatim" else _PROGRAM
"""How this process was started: an installed wheel has the command `verbatim`."""


def result(line: str) -> None:
    """Write a line to standard output in UTF-8 and flush. Lone surrogates are written as escapes."""
    write_exact(f"{line}\n")


def write_exact(text: str) -> None:
    """Write a text to standard output in UTF-8, its line ends unchanged and nothing added, and flush."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def json_line(values: Mapping[str, Any]) -> None:
    """Print one JSON object on one line."""
    # `write_exact` turns a lone surrogate, which UTF-8 cannot encode, into \udxxx, which is also its JSON escape.
    result(json.dumps(values, ensure_ascii=False, allow_nan=False).translate(_SEPARATORS))


def say(sentence: str) -> None:
    """Print a message to standard error."""
    print(printable(as_started(sentence)), file=sys.stderr, flush=True)


def report(sentence: str) -> None:
    """Print a sentence to standard error; if each line there is to be JSON, as a record of the log."""
    if logs.writes_json():
        logging.getLogger("bot").error("%s", sentence)
    else:
        say(sentence)


def use_utf8() -> None:
    """Use UTF-8 for the standard streams whatever the system's default is, and never fail on a character."""
    streams = [sys.stdout, sys.stderr] if sys.stdin.isatty() else [sys.stdin, sys.stdout, sys.stderr]
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace" if stream is sys.stdin else "backslashreplace")


def as_started(sentence: str) -> str:
    """Return a message that names the program as it was started: `python bot.py` or `verbatim`."""
    return sentence.replace(_PROGRAM, COMMAND)


def printable(text: str) -> str:
    """Replace control characters by visible ones, so that no article or file name can control the terminal."""
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    code = ord(char)
    if char in "\n\t" or not (code < 0x20 or 0x7F <= code < 0xA0):
        return char
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"
