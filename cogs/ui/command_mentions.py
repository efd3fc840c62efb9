"""Mentions of commands, which members can click, in place of their names."""

from __future__ import annotations

import re
from typing import Final

from cogs.core.command_ids import COMMAND_IDS

_NAMED: Final = re.compile(r"(?<!\\)`/([a-z]+)((?: [a-z]+){0,2})`")
_FENCE: Final = "```"
_QUOTE: Final = ">"


def with_mentions(text: str, room: int) -> str:
    """Return a text with mentions in place of commands that it names in backticks, such as `/article add`.

    A name stays if the command's id is not known, or if the text would grow by more than `room` characters. Quotes and
    code blocks stay letter for letter; names that members or articles wrote are escaped, and so never match.
    """
    lines, in_code = text.split("\n"), False
    for number, line in enumerate(lines):
        in_code ^= line.count(_FENCE) % 2 == 1
        if in_code or _FENCE in line or line.startswith(_QUOTE):
            continue
        lines[number] = _linked(line, room)
        room -= len(lines[number]) - len(line)
    return "\n".join(lines)


def _linked(line: str, room: int) -> str:
    """Return a line with mentions, as many as there is room for."""
    parts, last = [], 0
    for named in _NAMED.finditer(line):
        number = COMMAND_IDS.get(named[1])
        mention = f"</{named[1]}{named[2]}:{number}>"
        growth = len(mention) - len(named[0])
        if number is None or growth > room:
            continue
        parts += [line[last : named.start()], mention]
        last, room = named.end(), room - growth
    return "".join([*parts, line[last:]])
