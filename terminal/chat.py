"""The command `chat`: reads one question a line and answers each, until the end of file."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from index.models import UserError
from terminal.conversation_history import turns_of
from terminal.output import result, say
from terminal.render import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qa.conversation.follow_ups import Turn
    from terminal.ask import Asker

_PROMPT: Final = "? "
_EXIT_WORDS: Final = frozenset({"exit", "quit"})
_RESET_WORD: Final = "new"
_MAX_TURNS: Final = 24  # more than follow-up questions ever use
_HINT: Final = (
    "Ask questions, one per line; follow-up questions are understood, and `new` forgets what was said. `exit` or the "
    "end of file (Ctrl-D; Ctrl-Z and Enter on Windows) ends the chat."
)
HOW_TO_RUN_ON_DISCORD: Final = (
    "This is the chat in the terminal, because no Discord token is set. To run on Discord, create a bot at "
    "https://discord.com/developers/applications, copy its token from the Bot page, and put DISCORD_TOKEN=... "
    "into the file .env; the README shows each step."
)


def chat(asker: Asker, first: Iterable[str] = ()) -> int:
    """Answer the `first` questions, then those from standard input, and return the exit status."""
    history: deque[Turn] = deque(maxlen=_MAX_TURNS)
    for question in first:
        _answer(asker, question, history, echo=True)
    interactive = sys.stdin.isatty()
    if interactive:
        say(_HINT)
    for line in _typed_lines() if interactive else sys.stdin:
        question = line.strip()
        if interactive and question.lower() in _EXIT_WORDS:
            break
        if interactive and question.lower() == _RESET_WORD:
            history.clear()
        elif question:
            _answer(asker, question, history, echo=not interactive)
    return 0


def _typed_lines() -> Iterator[str]:
    """Yield typed lines. The prompt goes to standard error if standard output is redirected."""
    if sys.stdout.isatty():
        with suppress(ImportError):  # Windows has no such module and needs none
            import readline  # noqa: F401 - importing it gives input() a history and line editing
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
    """Print the answer, after the question if `echo` is set, and append both to the history."""
    if echo:
        result(f"{_PROMPT}{question}")
    try:
        outcome = asker.ask(question, tuple(history))
    except UserError as error:
        say(str(error))
        return
    history.extend(turns_of(outcome))
    show(outcome, asker.second_quote_confidence)
    result("")
