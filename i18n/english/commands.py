"""English names of commands."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated

_WORDS: Final = (
    "ask help about privacy forget library list search show "
    "article add remove refresh rename tag history schedule export import "
    "progress follow channel thread config setup settings check pause "
    "resume reset insights stats gaps why pin answers"
)


class CommandTexts:
    """The words that commands are called by, each a group or a command of one, and what they were called before."""

    __slots__ = ()

    COMMANDS_MOVED = Translated(
        "-# New names: `/verbatim` is now `/config`, `/insights` and `/pin`; members look at articles with `/library`."
    )

    COMMAND_WORDS = Translated({word: word for word in _WORDS.split()})
