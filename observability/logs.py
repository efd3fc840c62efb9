"""The log on standard error: lines for people in a terminal, JSON Lines for programs, neither with secrets.

Python's own `logging` is enough for both: code and libraries write plain records, and the formatters here add the id of
the request in progress and remove the bot's token, Discord's other tokens, and what `conceal` was given.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from observability.outages import OUTAGES
from observability.request_ids import concealed, known_request_id

# The loggers of the bot's own packages and of discord.py. Of other packages only errors are logged: their warnings
# address programmers.
LOGGERS: Final = ("bot", "cogs", "discord", "i18n", "index", "observability", "qa", "storage", "terminal")
_REDACTED: Final = "[redacted]"
_CONCEALED: Final = "[text of a member]"
_SHORTEST_SECRET: Final = 8  # characters; a shorter one is no token, and would be found in any message
_TOKENS: Final = (
    # A bot's token, whoever's it is.
    (re.compile(r"(?<![\w-])[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,45}(?![\w-])"), _REDACTED),
    # Whoever has the token of an interaction or webhook can send messages in the bot's name.
    (re.compile(r"(/(?:webhooks|interactions)/\d{1,20}/)[\w-]{1,500}"), rf"\1{_REDACTED}"),
    (re.compile(r"""(["']token["']: ?["'])[^"']{1,500}"""), rf"\1{_REDACTED}"),
)
_UNSAFE: Final = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160)) if chr(number) not in "\n\t"}


class _SafeFormatter(logging.Formatter):
    """Base of both formatters: removes secrets from messages and tracebacks."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Remove each of `secrets` wherever it occurs."""
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if len(secret) >= _SHORTEST_SECRET)

    def message_of(self, record: logging.LogRecord) -> str:
        """Return a record's message without secrets."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):  # `logging` would print the arguments as they are
            text = f"{record.msg} (its arguments do not fit)"
        return self._safe(text, record.levelno)

    def traceback_of(self, record: logging.LogRecord) -> str | None:
        """Return a record's traceback without secrets, or None."""
        parts = [self.formatException(record.exc_info)] if record.exc_info and record.exc_info[0] else []
        parts += [self.formatStack(record.stack_info)] if record.stack_info else []
        return self._safe("\n".join(parts), record.levelno) if parts else None

    def _safe(self, text: str, level: int) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _REDACTED)
        for pattern, replacement in _TOKENS:
            text = pattern.sub(replacement, text)
        if level >= logging.INFO:
            for quoted in sorted(concealed(), key=len, reverse=True):
                text = text.replace(quoted, _CONCEALED)
        return text


class HumanFormatter(_SafeFormatter):
    """Formats a record as a line, followed by its traceback; control characters are escaped.

    Further lines of a message are indented, so that none of them can be taken for a record.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        found = known_request_id()
        name = f"{record.name} [{found}]" if found else record.name
        message = self.message_of(record).replace("\n", "\n    ")
        lines = [f"{self.formatTime(record)} {record.levelname} {name}: {message}"]
        traceback = self.traceback_of(record)
        return "\n".join([*lines, traceback] if traceback else lines).translate(_UNSAFE)


class JsonFormatter(_SafeFormatter):
    """Formats a record as one line of JSON: time (UTC), level, logger, request, message and exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        values = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": known_request_id(),
            "message": self.message_of(record),
            "exception": self.traceback_of(record),
        }
        return json.dumps({name: value for name, value in values.items() if value is not None}, ensure_ascii=False)


def configure(level: str, *, as_json: bool, secrets: Sequence[str] = ()) -> None:
    """Write records to standard error: those of the bot and discord.py from `level` up, errors of other packages.

    No record contains any of `secrets`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter((JsonFormatter if as_json else HumanFormatter)(secrets))
    handler.addFilter(OUTAGES)
    logging.basicConfig(level=logging.ERROR, handlers=[handler])
    for name in LOGGERS:
        logging.getLogger(name).setLevel(level)


def writes_json() -> bool:
    """Whether each line of standard error is to be a JSON object."""
    return any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers)


def log_uncaught_exceptions() -> None:
    """Make records of exceptions that end the process or a thread; Python would print them with any secret in them."""
    sys.excepthook = lambda _, error, __: _log_uncaught(error)
    threading.excepthook = lambda caught: _log_uncaught(caught.exc_value)


def _log_uncaught(error: BaseException | None) -> None:
    logging.getLogger("bot").critical("An exception was not caught", exc_info=error)
