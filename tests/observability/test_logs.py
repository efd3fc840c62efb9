"""The log: human or JSON, with the id of the request, and never with a token or a member's text."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest

from observability.logs import HumanFormatter, JsonFormatter
from observability.request_ids import conceal, request
from tests.conftest import ROOT

TOKEN = "MTE4NzY1NDMyMTA5ODc2NTQzMg.Gx7yQa.secret-part_of-the-token-1234567890"
QUESTION = "Does anybody know what's wrong with Ann's knee?"


@pytest.fixture(params=[HumanFormatter, JsonFormatter])
def written(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Return a function that returns what was logged to "third.party", in both formats."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param([TOKEN]))
    logger = logging.getLogger("third.party")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream.getvalue
    logger.removeHandler(handler)


def third_party() -> logging.Logger:
    """Return the logger of `written`."""
    return logging.getLogger("third.party")


def test_the_token_is_never_written(written: Callable[[], str]) -> None:
    """The token is removed from messages, arguments, exceptions, their causes and stacks, at every level."""
    third_party().debug("connecting with %s", {"Authorization": f"Bot {TOKEN}"})
    third_party().info("connecting with " + TOKEN)
    try:
        try:
            raise OSError(f"refused: {TOKEN}")
        except OSError as error:
            raise RuntimeError("cannot log in") from error
    except RuntimeError:
        third_party().exception("failed", stack_info=True)

    assert "cannot log in" in written()
    assert "secret-part" not in written()
    assert written().count("[redacted]") == 3


@pytest.mark.parametrize(
    "text",
    [
        f"Bot {TOKEN[:-4]}abcd",
        "POST https://discord.com/api/v10/webhooks/118765432109876543/aW50ZXJhY3Rpb246MTE4Nz-secret-part",
        "POST https://discord.com/api/v10/interactions/118765432109876543/aW50ZXJhY3-secret-part/callback",
        "WebSocket Event: {'token': 'aW50ZXJhY3Rpb24-secret-part', 'type': 2}",
        'identify {"token": "aW50ZXJhY3Rpb24-secret-part"}',
    ],
)
def test_other_tokens_of_discord_are_not_written(written: Callable[[], str], text: str) -> None:
    """Tokens of other bots, interactions and webhooks are removed too."""
    third_party().debug(text)

    assert "[redacted]" in written()
    assert "secret-part" not in written()


@pytest.mark.parametrize("text", ["index.parsers.html.to_text", "discord.py 2.7.1", "https://example.org/webhooks/a/b"])
def test_what_is_no_token_stays(written: Callable[[], str], text: str) -> None:
    """Names of modules, versions and addresses are written as they are."""
    third_party().debug(text)

    assert text in written()


def test_a_question_is_not_written(written: Callable[[], str]) -> None:
    """The text of a question is removed from INFO up, also where an exception quotes it; after it, it is not."""
    with request():
        conceal(QUESTION)
        third_party().info("asked: %s", QUESTION)
        try:
            raise ValueError(f"no terms in {QUESTION!r}")
        except ValueError:
            third_party().exception("failed")
    assert "knee" not in written()
    assert written().count("[text of a member]") == 2


@pytest.mark.parametrize("kind", [HumanFormatter, JsonFormatter])
def test_arguments_that_do_not_fit(kind: type[logging.Formatter]) -> None:
    """A record whose arguments do not fit is written without them; Python would print them, with the token."""
    record = logging.LogRecord("cogs.ask", logging.ERROR, __file__, 1, "%d", (TOKEN,), None)

    assert "%d (its arguments do not fit)" in kind().format(record)


def test_human_lines() -> None:
    """A line has level, logger, id and message; control characters cannot change the terminal."""
    with request() as name:
        line = formatted(HumanFormatter(), "red: \x1b[31m")

    assert line.endswith(f" WARNING cogs.ask [{name}]: red: \\x1b[31m")
    assert formatted(HumanFormatter(), "plain").endswith(" WARNING cogs.ask: plain")
    assert formatted(HumanFormatter(), "two\nlines").endswith(": two\n    lines")


def test_json_lines() -> None:
    """Each record is one line, whatever its message; what is missing is left out."""
    with request() as name:
        values = json.loads(formatted(JsonFormatter(), "two\nlines, “quoted”"))

    assert values.pop("time").endswith("+00:00")
    assert values == {
        "level": "WARNING",
        "logger": "cogs.ask",
        "request": name,
        "message": "two\nlines, “quoted”",
    }
    assert "\n" not in formatted(JsonFormatter(), "two\nlines")
    assert "request" not in json.loads(formatted(JsonFormatter(), "plain"))


def formatted(formatter: logging.Formatter, message: str) -> str:
    """Return a warning of `cogs.ask`, formatted."""
    return formatter.format(logging.LogRecord("cogs.ask", logging.WARNING, __file__, 1, message, (), None))


_PROGRAM = """
import logging, threading, sys
from observability import logs
logs.configure("INFO", as_json=True, secrets=[sys.argv[1]])
logs.log_uncaught_exceptions()
logging.getLogger("discord.client").info("one")
logging.getLogger("aiohttp.server").error("two")
logging.getLogger("aiohttp.access").info("not written")
def fail(): raise RuntimeError("in a thread: " + sys.argv[1])
thread = threading.Thread(target=fail); thread.start(); thread.join()
fail()
"""


def test_all_records_of_a_process_are_alike() -> None:
    """Records of libraries, and exceptions that nothing catches, have the same form and no token."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, TOKEN], cwd=ROOT, capture_output=True, text=True, check=False
    )
    records: list[dict[str, Any]] = [json.loads(line) for line in done.stderr.splitlines()]

    assert done.returncode == 1
    assert [record["logger"] for record in records] == ["discord.client", "aiohttp.server", "bot", "bot"]
    assert all("RuntimeError: in a thread: [redacted]" in record["exception"] for record in records[2:])
    assert TOKEN not in done.stderr
