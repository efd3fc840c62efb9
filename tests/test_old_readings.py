"""Libraries that earlier versions of the bot filled are brought up to date, with what refers to their articles."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.libraries.read_only import ReadOnlyLibraries
from qa.pins.pinned import current_quote
from storage.database import Database
from storage.stale_answers import StaleAnswers
from tests.conftest import ROOT, Run

GUILD = 42
LIBRARY = f"guild-{GUILD}"
FOLDER = ROOT / "tests" / "data" / "old-readings"
FILES = ("notes.md", "page.html", "tickets.pdf", "rules.docx")  # in the order of answers and pins
FERRY = "The ferry leaves the north pier at seven every morning."
CROSSING = "Die Fähre nach Holm legt um sieben Uhr ab und wartet nicht auf Nachzügler."
LATE = "ferry has left, and whoever comes later pays the mate on board."

Command = Callable[..., str]


@pytest.fixture(params=["1a82e27", "2da520c"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with files and the data folder into which a commit read them; see `make.py`.

    Files have another path now than when they were read, which is corrected in the databases.
    """
    shutil.unpack_archive(FOLDER / f"{request.param}.zip", tmp_path)
    before = (tmp_path / "ROOT.txt").read_text("utf-8")
    for path in (tmp_path / "data" / "discord.db", tmp_path / "data" / "libraries" / LIBRARY / "catalog.db"):
        with closing(sqlite3.connect(path)) as db:
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for _, column, kind, *_ in db.execute(f"PRAGMA table_info({table})").fetchall():
                    if kind in {"VARCHAR", "TEXT"}:
                        update = f'UPDATE {table} SET "{column}" = replace("{column}", ?, ?)'
                        db.execute(update, (before, str(tmp_path)))
            db.commit()
    for module in ("index.sources.loader", "index.sources.http.client", "index.indexes.index_version"):
        monkeypatch.setattr(f"{module}.LOADER_VERSION", 1_000_000)  # as if this were a later one in any case
    return tmp_path


@pytest.fixture
def command(root: Path, command_line: Callable[..., Run]) -> Command:
    """Return a function that runs a command on the library, successfully, and returns its output."""

    def run(*arguments: str) -> str:
        done = command_line("--data-dir", root / "data", *arguments, "--library", LIBRARY)
        assert done.status == 0, done.err
        return done.out

    return run


@pytest.fixture
def read_only(root: Path) -> Iterator[ReadOnlyLibraries]:
    """Return the libraries for reading."""
    libraries = ReadOnlyLibraries(root / "data")
    yield libraries
    libraries.close()


def texts(command: Command) -> dict[str, str]:
    """Return the text of each article by its source."""
    rows = [json.loads(line) for line in command("articles", "--json").splitlines()]
    return {row["source"]: command("show", str(row["id"])) for row in rows}


def test_a_refresh_reads_unchanged_files_again(command: Command) -> None:
    """Each file has the text that is read from it now, however many change; what was removed stays away."""
    before = texts(command)
    command("refresh")
    after = texts(command)

    assert set(before) == set(after) == {*FILES, "standard input"}
    assert {name for name in before if before[name] != after[name]} == {"page.html", "tickets.pdf", "rules.docx"}
    assert "Diesen Artikel teilen" not in after["page.html"]
    assert f"until the last {LATE}" in after["tickets.pdf"]
    assert "3. Stay behind the yellow line." in after["rules.docx"]
    command("check")
    command("refresh")
    assert texts(command) == after


def test_what_is_stored_answers_before_and_after(command: Command) -> None:
    """The library is sound when it is opened, after `refresh` and after `reindex`, and quotes what it stores."""
    for step in ("check", "refresh", "check", "reindex", "check"):
        command(step)
        answer = json.loads(command("ask", "--json", "When does the ferry leave the north pier?"))
        quote = answer["quotes"][0]
        text = command("show", str(quote["article_id"]))
        assert answer["outcome"] == "answer"
        assert quote["text"].startswith(FERRY)
        assert text[quote["start"] : quote["end"]] == quote["text"]


def test_a_reindex_alone_changes_no_text(command: Command) -> None:
    """It makes all passages anew, with the current version of everything that they depend on."""
    before = texts(command)
    command("reindex")

    assert texts(command) == before
    command("check")


def test_history_goes_on(command: Command) -> None:
    """What was replaced by reading it again can be restored, as can what was replaced or removed before."""
    read_before = texts(command)["page.html"]
    entries = len(command("history", "--json").splitlines())
    command("refresh")
    history = [json.loads(line) for line in command("history", "--json").splitlines()]
    kept = {(line["what"], line["title"]): line["number"] for line in history}

    assert len(history) == entries + 3
    command("restore", str(kept["replaced", "Die Fähre nach Holm"]))
    command("restore", str(kept["removed", "The bakery"]))
    assert texts(command)["page.html"] == read_before
    assert "bakes rye bread on Fridays" in texts(command)["bakery.md"]
    command("refresh")
    assert texts(command)["page.html"] == read_before  # until the file changes
    command("check")


def test_pins_are_shown_where_their_words_are(root: Path, command: Command, read_only: ReadOnlyLibraries) -> None:
    """A pin follows its words into the new text, also into the middle of a sentence; without them it is not shown."""
    with closing(Database(root / "data" / "discord.db")) as database:
        pins = database.pins.of(GUILD)

    def shown() -> list[str | None]:
        found = [current_quote(pin, read_only) for pin in pins]
        return [quote.text if quote else None for quote in found]

    assert shown() == [FERRY, CROSSING, LATE, "1. Stay behind the yellow line."]
    command("refresh")
    assert shown() == [FERRY, CROSSING, LATE, None]
    command("reindex")
    assert shown() == [FERRY, CROSSING, LATE, None]


def test_old_answers_are_marked_only_if_their_words_are_gone(
    root: Path, command: Command, read_only: ReadOnlyLibraries
) -> None:
    """An answer's quotes follow their words into the new text; votes are kept."""
    command("refresh")
    with closing(Database(root / "data" / "discord.db")) as database:
        stale = StaleAnswers(database, read_only)
        touched = stale.quoting_missing_articles(stale.unmarked_before(None, GUILD, 100), LIBRARY)
        lost = {answer.question: stale.relocate_quotes(answer, LIBRARY) for answer in touched}
        found = {}
        for message in range(201, 205):
            answer = database.answer_in(message)
            assert answer
            (quote,) = answer.quotes
            shown = quote.quote(read_only.article(LIBRARY, quote.article_id))
            found[answer.question] = shown and shown.text
        with database.reading() as db:
            votes = db.exec_driver_sql("SELECT count(*) FROM feedback WHERE NOT helpful").scalar()

    asked = [f"What does {name} say?" for name in FILES]
    assert lost == {asked[1]: 0, asked[2]: 0, asked[3]: 1}
    assert found == dict(zip(asked, [FERRY, CROSSING, LATE, None], strict=True))
    assert votes == 4
