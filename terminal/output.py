"""Standard output carries results and nothing else; all the rest is said on standard error."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# JSON allows these line separators inside a string, but programs that read line by line may stop at them.
_SEPARATORS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}


def result(line: str) -> None:
    """Print one line of a result, at once, in UTF-8. What UTF-8 cannot hold is written as an escape."""
    exact(f"{line}\n")


def exact(text: str) -> None:
    """Write a text in UTF-8 with the line ends that it has, nothing added."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def json_line(values: Mapping[str, Any]) -> None:
    """Print one JSON object on one line."""
    # A lone surrogate, which UTF-8 cannot hold, becomes \udxxx in `exact`: just what JSON writes for it.
    result(json.dumps(values, ensure_ascii=False, allow_nan=False).translate(_SEPARATORS))


def say(sentence: str) -> None:
    """Tell the person something that is not the result."""
    print(printable(sentence), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """Return `text` with control characters made visible, so that no article or file name can steer the terminal."""
    return "".join(_picture(char) for char in text)


def _picture(char: str) -> str:
    code = ord(char)
    if char in "\n\t" or not (code < 0x20 or 0x7F <= code < 0xA0):
        return char
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"
