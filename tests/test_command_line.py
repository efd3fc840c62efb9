"""What `bot.py` puts together, in this process, where coverage is measured and the models are loaded already.

The promises of the command line themselves are kept in processes of their own: see `test_contract.py`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from discord.http import Route

import bot
from i18n import texts
from observability import logs
from qa.answerer import Answerer
from settings import Settings
from tests.conftest import ROOT, Run
from tests.discord_server import discord
from tests.index.site import running
from tests.postgres_server import PostgresDatabase
from tests.processes import environment

QUESTION = "When does the ferry leave?"
Command = Callable[..., Run]


@pytest.fixture
def data(tmp_path: Path, command_line: Command) -> Path:
    """Return a data folder with one article."""
    return with_article(tmp_path, command_line)


def with_article(tmp_path: Path, command_line: Command) -> Path:
    """Add an article, and return the data folder."""
    (tmp_path / "ferry.txt").write_text("The ferry leaves at seven.", encoding="utf-8")
    assert command_line("add", tmp_path / "ferry.txt", "--data-dir", tmp_path / "data").status == 0
    return tmp_path / "data"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def on_both(request: pytest.FixtureRequest, command_line: Command) -> Command:
    """Return the command line on each engine in turn."""
    if request.param == "SQLite":
        return command_line
    database: PostgresDatabase = request.getfixturevalue("postgres")
    return partial(command_line, DATABASE_URL=database.bot_url)


@pytest.fixture
def handler() -> Iterator[None]:
    """Put back what SIGTERM does."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_start_and_chat_answer(tmp_path: Path, on_both: Command) -> None:
    """`start` without a token loads the sample and asks its question; `chat` answers what is typed."""
    settings = {"ARTICLES_DIR": str(ROOT / "articles")}
    started = on_both("start", "--data-dir", tmp_path, **settings)
    chatted = on_both("chat", "--data-dir", tmp_path, stdin="who is Han Song-il?\n", **settings)

    assert started.out.startswith("? who is Han Song-il?\n")
    assert "https://discord.com/developers/applications" in started.err
    for run in (started, chatted):
        assert run.status == 0
        assert "> Han Song-il, who runs the second account" in run.out


def test_one_question_and_many(tmp_path: Path, on_both: Command) -> None:
    """`ask` answers one question in words, or each line of a batch as JSON; a malformed line gives status 1."""
    data = with_article(tmp_path, on_both)
    one = on_both("ask", QUESTION, "--data-dir", data)
    many = on_both("ask", "--batch", "-", "--data-dir", data, stdin=json.dumps({"question": QUESTION}) + "\n{broken")

    assert one.status == 0
    assert "> The ferry leaves at seven." in one.out
    assert many.status == 1
    assert [json.loads(line).get("outcome") for line in many.out.splitlines()] == ["answer", None]


def test_pages_are_refreshed(tmp_path: Path, on_both: Command) -> None:
    """`refresh` takes over what has changed on the web."""
    allowed = {"FETCH_PRIVATE_ADDRESSES": "true", "FETCH_DELAY": "0"}
    with running() as site:
        site.page("/a", "The ferry leaves at seven.")
        added = on_both("add", f"{site.url}/a", "--data-dir", tmp_path, **allowed)
        site.page("/a", "The ferry leaves at eight.")
        refreshed = on_both("refresh", "--data-dir", tmp_path, **allowed)

    assert [added.status, refreshed.status] == [0, 0]
    assert refreshed.out.startswith("Replaced by the new version: 2 /a (")


LIGHT_COMMANDS = (
    ["articles", "--json"],
    ["show", "1"],
    ["tag", "1", "boats"],
    ["rename", "1", "Ferries"],
    ["remove", "1"],
    ["restore", "3"],
    ["history"],
    ["export", "-"],
    ["check"],
    ["reindex"],
    ["schedule"],
    ["feedback"],
)


def test_every_light_command_runs(tmp_path: Path, on_both: Command) -> None:
    """What keeps a library, and what shows feedback, works on each engine, and none of it loads a model."""
    data = with_article(tmp_path, on_both)
    done = {" ".join(command): on_both(*command, "--data-dir", data) for command in LIGHT_COMMANDS}

    assert [f"{name}: {one.err}" for name, one in done.items() if one.status or "Traceback" in one.err] == []
    assert done["show 1"].out.startswith("The ferry leaves at seven.")
    assert [json.loads(line)["id"] for line in done["articles --json"].out.splitlines()] == [1]
    assert "Consistent: every slice, vector and index of 1 article" in done["check"].out
    assert "VACUUM" not in done["remove 1"].err  # it can be restored
    on_postgresql = "DATABASE_URL" in getattr(on_both, "keywords", ())
    assert ("Checked are the rows in PostgreSQL" in done["check"].err) == on_postgresql
    (restored,) = (
        json.loads(line)["id"] for line in on_both("articles", "--json", "--data-dir", data).out.splitlines()
    )
    purged = on_both("remove", str(restored), "--purge", "--data-dir", data)
    assert (purged.status, "VACUUM" in purged.err) == (0, on_postgresql)


def test_engines_say_the_same(tmp_path: Path, command_line: Command, postgres: PostgresDatabase) -> None:
    """The JSON of an answer, of the list and of an export is the same on SQLite and PostgreSQL, but for the time."""
    said = []
    for folder, settings in (("one", {}), ("other", {"DATABASE_URL": postgres.bot_url})):
        on_engine = partial(command_line, **settings)
        arguments = ("--data-dir", tmp_path / folder)
        assert on_engine("add", ROOT / "articles", *arguments).status == 0
        answer = json.loads(on_engine("ask", "--json", "who is Han Song-il?", *arguments).out)
        answer.pop("elapsed_ms")
        listed = on_engine("articles", "--json", *arguments).out
        text = on_engine("show", "3", *arguments).out
        missing = on_engine("show", "99", *arguments)
        said.append((answer, listed, text, missing))

    assert said[0] == said[1]
    assert said[0][0]["outcome"] == "answer"


def test_what_is_refused_is_one_sentence(data: Path, command_line: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing token, an impossible setting, a file in the way and an interruption each have their status."""

    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    (data.parent / "file").touch()
    token = command_line("--data-dir", data)
    setting = command_line("articles", "--data-dir", data, ANSWER_CONFIDENCE="much")
    blocked = command_line("add", data.parent / "ferry.txt", "--data-dir", data.parent / "file")
    monkeypatch.setattr("terminal.dispatch.run", interrupted)
    stopped = command_line("articles", "--data-dir", data)

    assert (token.status, setting.status, blocked.status, stopped.status) == (2, 2, 2, 130)
    assert texts.TOKEN_MISSING in token.err
    assert "ANSWER_CONFIDENCE" in setting.err
    assert "is to name a folder, but" in blocked.err


@pytest.mark.usefixtures("handler")
def test_the_bot_gets_its_parts(tmp_path: Path, on_both: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a token the bot runs with an answerer that is ready, and its status is that of the program."""
    data = with_article(tmp_path, on_both)
    given: list[Any] = []

    async def run_bot(resources: Any, _on_stop: object) -> int:
        given.append(resources)
        return 7

    ends: list[None] = []
    monkeypatch.setattr("bot._exit_soon", lambda: ends.append(None))  # which would end the process of the tests
    monkeypatch.setattr("cogs.bot.run_bot", run_bot)
    done = on_both("--data-dir", data, DISCORD_TOKEN="a.token.of.nobody", ARTICLES_DIR=str(data.parent / "none"))

    assert done.status == 7
    assert isinstance(given[0].answers, Answerer)
    with pytest.raises(SystemExit) as ended:
        signal.raise_signal(signal.SIGTERM)  # what holds until the bot itself listens for it
    assert ended.value.code == 0
    assert ends == [None]


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize(
    ("status", "sentence", "expected"), [(401, texts.TOKEN_REFUSED, 2), (403, texts.LOGIN_FORBIDDEN, 1)]
)
def test_a_login_that_discord_refuses(
    status: int, sentence: str, expected: int, data: Path, command_line: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused token, and a refused machine, are one sentence each."""
    with discord(status, {"message": "no", "code": 0}) as (address, _):
        monkeypatch.setattr(Route, "BASE", address)
        done = command_line("--data-dir", data, DISCORD_TOKEN="a.token.of", LOG_LEVEL="ERROR")

    assert (done.status, done.out) == (expected, "")
    assert done.err == f"{sentence}\n"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 1}', "\0" * 100])
def test_a_damaged_calibration(content: str, data: Path, command_line: Command) -> None:
    """It is one sentence that names the file, in the terminal and when the bot starts."""
    (data / "calibration.json").write_text(content, encoding="utf-8")
    for arguments, settings in ((["ask", QUESTION], {}), ([], {"DISCORD_TOKEN": "a.token.of"})):
        done = command_line(*arguments, "--data-dir", data, ARTICLES_DIR=str(data / "none"), **settings)
        assert (done.status, done.out) == (2, "")
        assert done.err.endswith("is damaged; delete it, and run `python bot.py calibrate` to fit it again.\n")
        assert "Traceback" not in done.err


def test_a_data_folder_that_is_a_file(tmp_path: Path, command_line: Callable[..., Run]) -> None:
    """It is wrong usage, said in one sentence, and not an empty library."""
    path = tmp_path / "file"
    path.write_text("text")
    for data in (path, path / "below"):
        done = command_line("--data-dir", data, "articles")
        assert (done.status, done.out) == (2, "")
        assert done.err == f"DATA_DIR, or --data-dir, is to name a folder, but {path} is a file. Name another one.\n"
    assert path.read_text() == "text"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locale")
def test_letters_that_the_locale_does_not_know(tmp_path: Path) -> None:
    """A data folder with any letters in its name can be used with LC_ALL=C: its indexes are saved and found there."""
    (tmp_path / "a.txt").write_text("The ferry leaves at seven in the morning.")
    data = os.fsencode(tmp_path / "d käse")
    program = [sys.executable, str(ROOT / "tests" / "small_bot.py"), "--data-dir", data]
    variables = environment() | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for arguments in (["add", str(tmp_path / "a.txt")], ["check"]):
        done = subprocess.run([*program, *arguments], capture_output=True, env=variables, cwd=ROOT, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
    assert list((tmp_path / "d käse" / "libraries" / "shared").glob("vectors-*.faiss"))


@pytest.mark.parametrize(
    ("form", "on_discord", "terminal", "as_json"),
    [
        ("auto", True, False, True),
        ("auto", True, True, False),
        ("auto", False, False, False),  # what other commands print is for people in any case
        ("human", True, False, False),
        ("json", False, True, True),
    ],
)
def test_the_form_of_the_log(
    form: str, on_discord: bool, terminal: bool, as_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is JSON if it is set so, and by itself for the bot on Discord without a terminal."""
    configured: dict[str, Any] = {}
    monkeypatch.setattr(logs, "configure", lambda level, **options: configured.update(options, level=level))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    settings = Settings(_env_file=None, log_format=form, log_level="ERROR", discord_token="the.secret.token")

    bot._configure_log(settings, on_discord=on_discord)

    assert configured == {"level": "ERROR", "as_json": as_json, "secrets": ["the.secret.token"]}


def test_final_errors_are_records_of_a_json_log(tmp_path: Path) -> None:
    """What ends the bot is a line of JSON, too, if the log is JSON; a home folder of nobody is a sentence."""
    program = [sys.executable, str(ROOT / "bot.py")]
    bot = subprocess.run(
        program, capture_output=True, env=environment() | {"LOG_FORMAT": "json", "DATA_DIR": str(tmp_path)}, check=False
    )
    homeless = subprocess.run(
        [*program, "articles"],
        capture_output=True,
        env=environment() | {"VERBATIM_HOME": "~no-such-user/x"},
        check=False,
    )

    assert json.loads(bot.stderr)["message"].startswith(texts.TOKEN_MISSING)
    assert (bot.returncode, homeless.returncode) == (2, 2)
    assert homeless.stderr == b"VERBATIM_HOME cannot be used: there is no home folder for ~no-such-user.\n"
