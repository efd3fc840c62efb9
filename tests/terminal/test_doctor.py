"""The command doctor: one line for each check, what to do, and exit status 1 if something needs it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from storage.database import Database
from storage.process_lock import sole_process
from terminal.doctor import data_checks, discord_checks
from terminal.doctor.settings_checks import is_token
from terminal.settings_file import load
from tests.conftest import ROOT, Run
from tests.discord_server import discord
from tests.small_embedder import SmallEmbedder

TOKEN = f"{base64.urlsafe_b64encode(b'123456789012345678').decode().rstrip('=')}.GxYzAb.aGVsbG8td29ybGQ_c2VjcmV0LXBhcnQ"

Findings = dict[str, dict[str, Any]]


@pytest.fixture
def doctor(
    tmp_path: Path, command_line: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, Findings]]:
    """Return a function that runs `doctor --json` on `tmp_path/data`; it returns the status and the worst findings.

    Discord cannot be reached, unless `api` is given; `.env` is that of `tmp_path`.
    """
    monkeypatch.setattr("settings.ENV_FILE", tmp_path / ".env")
    severity = ["ok", "not checked", "warning", "problem"]

    def run(*, api: str = "http://127.0.0.1:1", **settings: str) -> tuple[int, Findings]:
        monkeypatch.setattr(discord_checks, "_API", api)
        done = command_line("doctor", "--json", "--data-dir", tmp_path / "data", **settings)
        assert "Traceback" not in done.err
        found: Findings = {}
        for line in map(json.loads, done.out.splitlines()):
            assert list(line) == ["check", "status", "message", "remedy"]
            assert (line["remedy"] is None) == (line["status"] in {"ok", "not checked"})
            known = found.get(line["check"])
            if known is None or severity.index(line["status"]) > severity.index(known["status"]):
                found[line["check"]] = line
        assert done.status == int(any(one["status"] == "problem" for one in found.values()))
        return done.status, found

    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder with two libraries and discord.db."""
    folder = tmp_path / "data"
    libraries = Libraries(folder, SmallEmbedder)
    for name in ("shared", "guild-7"):
        draft = draft_from_text("The ferry leaves at seven.", key="h", source="h", markdown=False, title="Harbour")
        libraries.open(name).add(draft)
    libraries.close()
    Database(folder / "discord.db").close()
    folder.chmod(0o700)
    return folder


def test_all_is_well(data: Path, tmp_path: Path, doctor: Any) -> None:
    """With a token that Discord accepts and a folder for backups, every line is ok and the status 0."""
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={TOKEN}\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0o600)
    with discord(body={"flags": 1 << 19}) as (api, seen):
        status, found = doctor(api=api, DISCORD_TOKEN=TOKEN, BACKUP_FOLDER=str(tmp_path / "b"), MESSAGE_CONTENT="1")

    assert status == 0
    wrong = {one["check"]: one["message"] for one in found.values() if one["status"] != "ok"}
    wrong.pop("sandbox", None)  # depends on the system
    wrong.pop("disk", None)
    assert wrong == {}
    assert seen == [("/applications/@me", f"Bot {TOKEN}")]


def test_text_has_a_line_for_each_check(data: Path, tmp_path: Path, command_line: Callable[..., Run]) -> None:
    """Without `--json` each line begins with its status; the token is never printed."""
    done = command_line("doctor", "--data-dir", data, DISCORD_TOKEN="secret")

    assert done.status == 1
    assert all(line.startswith(("ok ", "warning ", "problem ", "not checked ")) for line in done.out.splitlines())
    assert "problem      token: DISCORD_TOKEN does not have the form" in done.out
    assert "secret." not in done.out + done.err
    assert f"data folder: {data} can be written." in done.out


def test_settings_that_cannot_be(tmp_path: Path, doctor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown names, impossible values and misspelt variables are named, and all other checks still run."""
    (tmp_path / ".env").write_text("ANSWER_CONFIDENC=0.2\nnonsense\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0o600)
    monkeypatch.setenv("DISCORD_TOKENS", "x")
    status, found = doctor(FETCH_DELAY="soon")

    assert status == 1
    assert found["settings"]["status"] == "problem"
    assert {"data folder", "databases", "models"} <= set(found)
    (tmp_path / ".env").unlink()
    status, found = doctor()
    assert status == 0
    assert "DISCORD_TOKENS" in found["settings"]["message"]
    assert found["settings"]["remedy"] == "Did you mean DISCORD_TOKEN?"


def test_every_settings_problem_is_a_line(
    tmp_path: Path, command_line: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several mistakes at once are several lines, with the near spelling."""
    monkeypatch.setattr("settings.ENV_FILE", tmp_path / ".env")
    (tmp_path / ".env").write_text("ANSWER_CONFIDENC=0.2\nnonsense\n", encoding="utf-8")
    done = command_line("doctor", "--data-dir", tmp_path, FETCH_DELAY="soon", CLOSEST_CONFIDENCE="0.9")
    lines = [line for line in done.out.splitlines() if line.startswith("problem      settings")]

    assert len(lines) == 4
    assert any("did you mean ANSWER_CONFIDENCE?" in line for line in lines)
    assert any("FETCH_DELAY cannot be used" in line for line in lines)
    assert any("do not fit together" in line for line in lines)
    assert any("sets nonsense, which is not a setting" in line for line in lines)
    assert done.err == ""


def test_settings_that_can_be_used_are_kept(data: Path, doctor: Any) -> None:
    """Beside values that cannot be, values that do not fit, and a folder of nobody, the token is still checked."""
    wrong = {"FETCH_DELAY": "soon", "CLOSEST_CONFIDENCE": "0.9", "BACKUP_FOLDER": "~no-such-user-here/b"}
    _, found = doctor(DISCORD_TOKEN=TOKEN, **wrong)

    assert found["settings"]["status"] == "problem"
    assert found["token"]["status"] == "ok"
    assert str(data) in found["data folder"]["message"]


@pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")
def test_files_that_others_can_read_or_change(data: Path, tmp_path: Path, doctor: Any) -> None:
    """A readable `.env` or data folder is a warning, a folder that all can change a problem."""
    (tmp_path / ".env").write_text("LOG_LEVEL=INFO\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0o644)
    data.chmod(0o755)
    status, found = doctor()
    assert status == 0
    assert found["settings"]["remedy"] == f"Run `chmod 600 {tmp_path / '.env'}`."
    assert found["data folder"]["remedy"] == f"Run `chmod 700 {data}`."

    data.chmod(0o777)
    status, found = doctor()
    assert (status, found["data folder"]["status"]) == (1, "problem")


@pytest.mark.parametrize(
    ("token", "right"),
    [
        (TOKEN, True),
        ("MTE4.Gx.secret-part_of", True),
        ("", False),
        ("a.b", False),
        ("a.b.c", False),
        (TOKEN + ".x", False),
        ("MTE4..secret", False),
        ("aGVsbG8.Gx.secret", False),  # "hello" is no number
        ("MTE4.G x.secret", False),
        ("MTE4.Gxä.secret", False),
        ("Bot MTE4.Gx.secret", False),
    ],
)
def test_form_of_a_token(token: str, right: bool) -> None:
    """Three parts in base64, of which the first is a number."""
    assert is_token(token) is right


@pytest.mark.parametrize(
    ("status", "body", "message_content", "expected"),
    [
        (401, {}, "", ("problem", "not checked", "refused the token")),
        (403, {}, "", ("problem", "not checked", "403")),
        (429, "<html>banned</html>", "", ("warning", "not checked", "429")),
        (503, None, "", ("warning", "not checked", "503")),
        (200, {"flags": 0}, "true", ("ok", "problem", "accepts")),
        (200, {"flags": 1 << 18}, "true", ("ok", "ok", "accepts")),
        (200, ["nonsense"], "true", ("ok", "not checked", "accepts")),
        (401, {}, "true", ("problem", "not checked", "refused the token")),
    ],
)
def test_what_discord_says(
    status: int, body: object, message_content: str, expected: tuple[str, str, str], data: Path, doctor: Any
) -> None:
    """A refused token, a refused address, an outage and a missing intent are told apart."""
    with discord(status, body) as (api, _):
        found = doctor(api=api, DISCORD_TOKEN=TOKEN, MESSAGE_CONTENT=message_content)[1]

    of_discord, of_intents, words = expected
    assert found["Discord"]["status"] == of_discord
    assert words in f"{found['Discord']['message']} {found['Discord']['remedy']}"
    assert found["intents"]["status"] == (of_intents if message_content else "ok")


def test_discord_that_cannot_be_reached(data: Path, doctor: Any) -> None:
    """Nothing that needs Discord is a problem then, and it is said that it was not checked."""
    status, found = doctor(DISCORD_TOKEN=TOKEN, MESSAGE_CONTENT="true")

    assert status == 0
    assert [found[name]["status"] for name in ("Discord", "intents")] == ["not checked"] * 2


def test_a_malformed_token_is_not_sent(data: Path, doctor: Any) -> None:
    """It may be another secret."""
    with discord() as (api, seen):
        status, found = doctor(api=api, DISCORD_TOKEN="my.bank.password")

    assert status == 1
    assert found["token"]["status"] == "problem"
    assert seen == [("/gateway", None)]


@pytest.mark.parametrize(("seconds", "expected"), [(20, "ok"), (-20, "ok"), (3600, "warning"), (-3600, "warning")])
def test_a_clock_that_is_wrong(seconds: int, expected: str, data: Path, doctor: Any) -> None:
    """The clock is compared with the date of Discord's response."""
    with discord(date=datetime.now(UTC) + timedelta(seconds=seconds)) as (api, _):
        assert doctor(api=api)[1]["clock"]["status"] == expected


def test_damaged_and_newer_databases(data: Path, doctor: Any) -> None:
    """A file that is no database, one with damaged pages and one of a newer version are each a problem."""
    shutil.copytree(data / "libraries/guild-7", data / "libraries/pages")
    path = data / "libraries/pages/catalog.db"
    content = bytearray(path.read_bytes())
    content[8192:] = b"\x55" * (len(content) - 8192)
    path.write_bytes(content)
    assert "pages/catalog.db is damaged" in doctor()[1]["databases"]["message"]

    shutil.rmtree(data / "libraries/pages")
    with closing(sqlite3.connect(data / "discord.db")) as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
        db.commit()
    status, found = doctor()
    assert status == 1
    assert "discord.db was written by a newer version of Verbatim (schema 99" in found["databases"]["message"]

    (data / "discord.db").write_bytes(b"no database" * 1000)
    status, found = doctor()
    assert (status, found["databases"]["status"]) == (1, "problem")
    assert "restore-backup" in found["databases"]["remedy"]


def test_a_lost_catalogue(data: Path, doctor: Any) -> None:
    """A catalogue that is empty although there were articles is a problem."""
    folder = data / "libraries/guild-7"
    for path in folder.glob("catalog.db*"):
        path.unlink()
    status, found = doctor()
    assert status == 1
    assert "libraries/guild-7/catalog.db was lost" in found["databases"]["message"]


def test_nothing_is_changed(data: Path, doctor: Any) -> None:
    """Looking changes no file: no database is migrated, and no lock is left."""
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    doctor()
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_what_takes_long_is_not_checked(data: Path) -> None:
    """When the time is over, the rest is named as not checked."""
    found = list(data_checks.check_databases(load(data / "no such file", data_dir=data), seconds=0.0))
    assert [one.status for one in found] == ["not checked"]
    assert "3 databases of 3" in found[0].message


def test_a_running_bot_is_named(data: Path, doctor: Any) -> None:
    """The process that holds the lock is named; that is no problem."""
    with sole_process(data):
        status, found = doctor()
    assert status == 0
    assert f"process {os.getpid()}" in found["other processes"]["message"]
    assert "No bot runs" in doctor()[1]["other processes"]["message"]


def test_a_damaged_calibration(data: Path, doctor: Any) -> None:
    """It is one line that names the file."""
    (data / "calibration.json").write_text('{"x": [', encoding="utf-8")
    status, found = doctor()
    assert (status, found["calibration"]["status"]) == (1, "problem")
    assert str(data / "calibration.json") in found["calibration"]["message"]


def test_models_that_are_not_here(data: Path, tmp_path: Path, doctor: Any) -> None:
    """A missing folder is a problem, a model of the hub that was not downloaded too while HF_HUB_OFFLINE is set."""
    status, found = doctor(EMBEDDING_MODEL="/no/such/folder")
    assert (status, found["models"]["status"]) == (1, "problem")
    assert found["calibration"]["status"] == "warning"
    status, found = doctor(READER_MODEL="deepset/no-such-model")
    assert "HF_HUB_OFFLINE" in found["models"]["message"]
    assert doctor(EMBEDDING_MODEL=str(tmp_path))[1]["models"]["status"] == "ok"


def test_data_folder_in_the_way_missing_or_half_restored(tmp_path: Path, doctor: Any) -> None:
    """A file in its place and a half restored folder are problems; a folder that does not exist yet is none."""
    assert doctor()[0] == 0
    assert not (tmp_path / "data").exists()
    (tmp_path / "data").touch()
    assert doctor()[1]["data folder"]["status"] == "problem"
    (tmp_path / "data").unlink()
    (tmp_path / "data/.restoring").mkdir(parents=True)
    assert "restore-backup" in doctor()[1]["data folder"]["remedy"]


def test_a_full_disk(data: Path, doctor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little space is a warning, hardly any a problem."""
    usage = shutil.disk_usage(data)
    for free, expected in ((10_000_000, "problem"), (500_000_000, "warning"), (9_000_000_000, "ok")):
        monkeypatch.setattr("shutil.disk_usage", lambda _, free=free: usage._replace(free=free))
        assert doctor()[1]["disk"]["status"] == expected


def test_late_backups(data: Path, tmp_path: Path, doctor: Any) -> None:
    """No folder, an old newest backup and a current one are told apart; one from the future does not count."""
    folder = tmp_path / "backups"
    assert doctor()[1]["backups"]["status"] == "warning"
    assert doctor(BACKUP_FOLDER=str(folder))[1]["backups"]["status"] == "ok"
    folder.mkdir()
    (folder / "verbatim-20260101T000000Z.zip").touch()
    (folder / "verbatim-29990101T000000Z.zip").touch()  # of a clock that was wrong
    assert "is of 2026-01-01" in doctor(BACKUP_FOLDER=str(folder))[1]["backups"]["message"]
    (folder / f"verbatim-{datetime.now(UTC):%Y%m%dT%H%M%S}Z.zip").touch()
    assert doctor(BACKUP_FOLDER=str(folder))[1]["backups"]["status"] == "ok"


def test_a_check_that_fails_is_a_line(data: Path, doctor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error ends neither the command nor the other checks."""

    def broken(_: object) -> Iterator[Any]:
        raise LookupError("odd")
        yield

    monkeypatch.setattr(data_checks, "check_disk", broken)
    status, found = doctor()
    assert status == 1
    assert "LookupError: odd" in found["disk"]["message"]
    assert found["backups"]["status"] == "warning"


def test_as_a_process_without_models(tmp_path: Path) -> None:
    """`python bot.py doctor` imports no model library: it works, and at once, where these are broken."""
    for name in ("torch", "transformers", "sentence_transformers", "faiss", "discord"):
        (tmp_path / f"{name}.py").write_text("raise SystemError('imported')", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "DISCORD_TOKEN": "x.y.z", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "bot.py", "doctor", "--data-dir", str(tmp_path / "data")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "imported" not in done.stdout + done.stderr
    assert "problem      token" in done.stdout
    assert "ok           databases" in done.stdout
