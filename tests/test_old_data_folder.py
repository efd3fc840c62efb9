"""A data folder that an earlier version wrote is opened, read and answered from."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from qa.pins.pinned import Pin
from storage.channel_sources import ChannelSource
from storage.database import Database
from storage.import_models import ImportStage
from storage.models import Mode
from tests.conftest import ROOT, Run

GUILD = 42
SENTENCE = "The ferry leaves the north pier at seven every morning."

Command = Callable[..., str]


@pytest.fixture(scope="module", params=["e46dcd6", "6316316", "1a82e27"])
def unpacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that a commit wrote, unpacked; see `README.md` beside its archive in `tests/data`."""
    folder = tmp_path_factory.mktemp("old")
    shutil.unpack_archive(ROOT / f"tests/data/data-folder-{request.param}/data.zip", folder)
    return folder


@pytest.fixture
def data(unpacked: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder of the test's own."""
    return Path(shutil.copytree(unpacked, tmp_path / "data"))


@pytest.fixture
def command(data: Path, command_line: Callable[..., Run]) -> Command:
    """Return a function that runs a command on the folder, successfully, and returns its output."""

    def run(*arguments: str) -> str:
        done = command_line("--data-dir", data, *arguments)
        assert done.status == 0, done.err
        return done.out

    return run


def test_questions_are_answered(command: Command) -> None:
    """The newest version of the article is quoted, with the place that `show` gives it."""
    answer = json.loads(command("ask", "--json", "When does the ferry leave the north pier?"))
    text = command("show", "3")
    quote = answer["quotes"][0]

    assert answer["outcome"] == "answer"
    assert quote["text"].startswith(SENTENCE)
    assert (quote["article_id"], quote["source"]) == (3, "ferry.md")
    assert text[quote["start"] : quote["end"]] == quote["text"]


def test_passages_are_updated_by_a_question(data: Path, command: Command) -> None:
    """The passages that an earlier chunker made are made anew, and the library stays sound."""
    path = data / "libraries" / "shared" / "catalog.db"

    def passages() -> set[int]:
        with closing(sqlite3.connect(path)) as db:
            return {key for (key,) in db.execute("SELECT id FROM passages")}

    before = passages()
    command("ask", "When does the ferry leave the north pier?")
    after = passages()
    command("ask", "When does the ferry leave the north pier?")

    assert after
    assert not after & before
    assert passages() == after
    command("check")


def test_articles_and_history_are_listed(command: Command) -> None:
    """Each library lists its articles, and what was replaced or removed can be brought back."""
    rows = [json.loads(line) for line in command("articles", "--json").splitlines()]
    guild = [json.loads(line) for line in command("articles", "--json", "--library", f"guild-{GUILD}").splitlines()]
    history = [json.loads(line) for line in command("history", "--json").splitlines()]

    assert [(row["id"], row["title"]) for row in rows] == [(3, "The ferry of Skarholm")]
    assert [(row["id"], row["title"]) for row in guild] == [(1, "Rules of the server")]
    assert [line["what"] for line in history] == ["removed", "replaced", "added", "added"]
    command("restore", str(history[0]["number"]))
    assert "bakes rye bread on Fridays" in command("show", "4")


def test_the_folder_is_sound(command: Command) -> None:
    """`check` finds nothing wrong in either library, also after each has been written to."""
    for library in ("shared", f"guild-{GUILD}"):
        command("check", "--library", library)
        command("rename", "3" if library == "shared" else "1", "Another title", "--library", library)
        command("check", "--library", library)


def test_what_discord_knows_is_read(data: Path) -> None:
    """Settings, an answer with its vote, a pin, a channel that is a source and a site import are what they were."""
    with closing(Database(data / "discord.db")) as database:
        settings = database.server_settings.get(GUILD)
        answer = database.answer_in(11)
        (pin,) = database.pins.of(GUILD)
        (imported,) = database.site_imports.take_over("another process", lambda _: True)
        tally = database.site_imports.pages.tally(imported.id)
        failed = database.site_imports.pages.failed(imported.id)
        following = database.site_imports.pages.next_page(imported.id)
        channels = database.channel_sources.all()
        with database.reading() as db:
            votes = db.exec_driver_sql("SELECT member_id, helpful, reason FROM feedback").all()
        quiet = database.is_silenced(16)

    assert (settings.language, settings.helpers_channel, settings.member_limit, settings.floor) == ("de", 7, 5, 0.5)
    assert (settings.mode_of(8), settings.floor_of(8), settings.threads_in(8)) == (Mode.QUESTIONS, 0.25, True)
    assert answer
    assert (answer.guild_id, answer.question, answer.question_id) == (GUILD, "When does the ferry leave?", 10)
    assert [tuple(vote) for vote in votes] == [(12, 0, "wrong: another year")]
    assert pin == Pin(
        "shared", pin.key, 3, pin.start, pin.end, answer.quotes[0].digest, answer.quotes[0].highlights,
        ("When is the first ferry?", "When does it leave?"), pin.id,
    )  # fmt: skip
    assert channels == [ChannelSource(13, GUILD, 14, running=True, read_to=15)]
    assert (imported.state, imported.origin, imported.inside) == (
        ImportStage.RUNNING, "https://example.org/", "https://example.org/docs",
    )  # fmt: skip
    assert (tally.total, tally.done, tally.stored) == (3, 2, 1)
    assert failed == [("https://example.org/docs/b", "The page is empty")]
    assert following == "https://example.org/docs/c"
    assert quiet


def test_quotes_of_old_answers_still_stand(data: Path, command: Command) -> None:
    """What the database holds of a quotation is found, letter for letter, in the article."""
    text = command("show", "3")
    with closing(Database(data / "discord.db")) as database:
        answer = database.answer_in(11)

    assert answer
    (quote,) = answer.quotes
    assert text[quote.start : quote.end] == SENTENCE
    assert [span.of(text) for span in quote.highlights] == ["seven"]


def test_a_backup_of_an_earlier_version_is_restored(
    data: Path, tmp_path: Path, command_line: Callable[..., Run]
) -> None:
    """It is made without changing the folder, restored with its schemas updated, and answers."""
    before = (data / "discord.db").read_bytes()
    made = command_line("backup", tmp_path / "b.zip", "--data-dir", data)
    restored = command_line("restore-backup", tmp_path / "b.zip", "--data-dir", tmp_path / "new")
    asked = command_line("ask", "When does the ferry leave the north pier?", "--data-dir", tmp_path / "new")

    assert [made.status, restored.status] == [0, 0], made.err + restored.err
    assert (data / "discord.db").read_bytes() == before
    assert SENTENCE in asked.out.replace("**", "")
    with closing(Database(tmp_path / "new/discord.db")) as database:
        assert database.answer(1)
