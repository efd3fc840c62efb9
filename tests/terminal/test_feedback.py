"""Tests of the command `feedback`: votes are exported as benchmark cases, without the voters."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from storage.database import Database
from storage.stored_answers import StoredQuote
from storage.stores import Stores
from terminal.feedback import feedback
from tests.cogs.stored_articles import FIRST, SENTENCES, TITLE, StockedAnswers, remove, stock
from tests.storage.test_database import ANSWER

ASKER, VOTER = 444555666777888999, 111222333444555666


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Return a data folder with an article and two votes on an answer that quotes it."""
    article_id = stock(tmp_path)
    quotes = tuple(StoredQuote.of(StockedAnswers(article_id).quote(span, 0.9)) for span in SENTENCES[:2])
    store = Database(tmp_path / "discord.db")
    question = f"who built it, <@{VOTER}>?"
    answer = replace(ANSWER, asked_at=time.time(), question=question, asker_id=ASKER, quotes=quotes)
    key = store.keep(answer)
    store.votes.put(key, VOTER, helpful=False)
    store.votes.set_reason(key, VOTER, f"wrong: ask <@!{ASKER}>")
    store.votes.put(key, ASKER, helpful=True)
    store.close()
    return tmp_path


def test_cases(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each vote is a JSON object with question, outcome and quotes, and without the id of a member."""
    assert feedback(Stores(data_dir), as_json=True) == 0

    out = capsys.readouterr().out
    first, second = map(json.loads, out.splitlines())
    shown = {"title": TITLE, "source": "https://example.org/light", "text": SENTENCES[0].of(FIRST), "context": []}
    said = {"question": "who built it, ?", "outcome": "answer", "quotes": [shown]}
    assert first == {**said, "helpful": False, "reason": "wrong: ask"}
    assert second == {**said, "helpful": True, "reason": None}
    assert str(ASKER) not in out
    assert str(VOTER) not in out


def test_a_quote_that_no_longer_stands(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The vote is still exported, but a quote that is no longer in its article is left out."""
    remove(data_dir, 1)

    feedback(Stores(data_dir), as_json=True)

    assert [json.loads(line)["quotes"] for line in capsys.readouterr().out.splitlines()] == [[], []]


def test_lines_for_people(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json each vote is one line of text."""
    feedback(Stores(data_dir), as_json=False)

    assert capsys.readouterr().out.splitlines() == [
        "not helpful\tanswer\twho built it, ?\twrong: ask",
        "helpful\tanswer\twho built it, ?",
    ]


def test_nothing_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without discord.db a message is printed, and no file is created."""
    assert feedback(Stores(tmp_path), as_json=True) == 0

    said = capsys.readouterr()
    assert said.out == ""
    assert "No votes yet." in said.err
    assert not (tmp_path / "discord.db").exists()


def test_a_vote_on_one_quotation(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A vote on one of several quotes is exported with that quote alone."""
    store = Database(data_dir / "discord.db")
    store.update(1, shown=2)
    store.votes.set_quotes(1, VOTER, [2])
    store.close()

    feedback(Stores(data_dir), as_json=True)

    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert [quote["text"] for quote in first["quotes"]] == [SENTENCES[1].of(FIRST)]
    assert len(second["quotes"]) == 2
