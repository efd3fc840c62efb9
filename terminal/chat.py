"""The bot in the terminal: a question a line, an answer each, until the end of file."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from index.models import UserError
from terminal.conversation_history import after
from terminal.output import result, say
from terminal.render import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qa.conversation.follow_ups import Turn
    from terminal.ask import Asker

_PROMPT: Final = "? "
_LEAVING: Final = frozenset({"exit", "quit"})
_AFRESH: Final = "new"
_TURNS: Final = 24  # that are remembered; no question looks back so far
_HINT: Final = (
    "Ask a question, one a line; follow-up questions are understood, and `new` forgets what was said. `exit` or the "
    "end of file (Ctrl-D; Ctrl-Z and Enter on Windows) ends the chat."
)
HOW_TO_RUN_ON_DISCORD: Final = (
    "This is the chat in the terminal, because no Discord token is set. To run on Discord, create a bot at "
    "https://discord.com/developers/applications, copy its token from the Bot page, and put DISCORD_TOKEN=... "
    "into the file .env; the README shows each step."
)


def chat(asker: Asker, first: Iterable[str] = ()) -> int:
    """Answer the `first` questions, then those that are typed or piped in; return the exit status."""
    history: deque[Turn] = deque(maxlen=_TURNS)
    for question in first:
        _answer(asker, question, history, echo=True)
    by_hand = sys.stdin.isatty()
    if by_hand:
        say(_HINT)
    for line in _typed() if by_hand else sys.stdin:
        question = line.strip()
        if by_hand and question.lower() in _LEAVING:
            break
        if by_hand and question.lower() == _AFRESH:
            history.clear()
        elif question:
            _answer(asker, question, history, echo=not by_hand)
    return 0


def _typed() -> Iterator[str]:
    """Yield what is typed, with a prompt that does not get into a redirected result."""
    if sys.stdout.isatty():
        with suppress(ImportError):  # Windows has no such module and needs none
            import readline  # noqa: F401 - its import gives input() a history and keys to edit with
    while True:
        try:
            if sys.stdout.isatty():
                yield input(_PROMPT)
                continue
            print(_PROMPT, end="", file=sys.stderr, flush=True)
            line = sys.stdin.readline()
            if not line:
                return
            yield line
        except (EOFError, KeyboardInterrupt):
            print(file=sys.stderr)
            return


def _answer(asker: Asker, question: str, history: deque[Turn], *, echo: bool) -> None:
    """Print the answer, under its question where that is not on the screen already, and remember both."""
    if echo:
        result(f"{_PROMPT}{question}")
    try:
        outcome = asker.ask(question, tuple(history))
    except UserError as error:
        say(str(error))
        return
    history.extend(after(outcome))
    show(outcome, asker.second_quote_confidence)
    result("")
