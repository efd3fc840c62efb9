"""What the bot remembers, for how long, and what it forgets."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.models import Article, Span, UserError
from qa.outcome import AlsoIn, Quote
from storage.database import Database, quotes_to_json
from storage.models import ServerSettings, StoredAnswer, StoredPlace, StoredQuote

TEXT = "Intro. The lamp 💡 was lit in 1871. End."
START, END = TEXT.index("The"), TEXT.index(" End")
QUOTE = Quote(
    "shared", 7, "Light", "light.md", START, END, TEXT[START:END], (Span(START, START + 3),), paragraph=1,
    paragraphs=1, confidence=0.75,
)  # fmt: skip
ARTICLE = Article(7, "light.md", "Light", TEXT, None, ())
GIVEN = StoredAnswer(
    guild_id=1, channel_id=2**62, asker_id=3, asked_at=1e9, question="Who 💡?", outcome="answer", confidence=0.75,
    elapsed_ms=12.5, quotes=(StoredQuote.of(QUOTE),), shown=1, plain=True, question_id=4, message_id=5,
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """Return an empty store, closed after the test."""
    made = Database(tmp_path / "data" / "discord.db")
    yield made
    made.close()


def recent(**values: object) -> StoredAnswer:
    """Return an answer given just now."""
    return replace(GIVEN, asked_at=time.time(), **values)


def test_answers_survive_closing(tmp_path: Path) -> None:
    """What was kept is read back whole by the next process, found by its id, its message and its question."""
    first = Database(tmp_path / "discord.db")
    given = recent()
    key = first.keep(given)
    first.close()

    second = Database(tmp_path / "discord.db")
    found = [second.answer(key), second.answer_in(5), second.answer_to(4), second.last_answer(2**62)]
    second.close()

    assert found == [replace(given, id=key)] * 4


def test_a_kept_quote_is_proved_against_its_article() -> None:
    """The quote comes back as long as the article says it letter for letter, and not otherwise."""
    kept = StoredQuote.of(QUOTE)

    assert kept.quote(ARTICLE) == QUOTE
    assert kept.quote(None) is None
    assert kept.quote(replace(ARTICLE, id=8)) is None
    assert kept.quote(replace(ARTICLE, text=TEXT.replace("1871", "1872"))) is None
    assert kept.quote(replace(ARTICLE, title="New title")).title == "New title"


def test_a_preview_hides_no_public_answer(store: Database) -> None:
    """What somebody looked at privately is not taken for the answer that all can see."""
    public = store.keep(recent())
    store.keep(recent(private=True, message_id=6))

    assert store.answer_to(4).id == public
    assert (
        [given.id for given in store.answers_for_message(4)]
        == [given.id for given in store.answers_for_message(5)]
        == [public]
    )
    assert store.answers_for_message(6) == []


def test_an_answer_on_its_way_is_not_taken_away(store: Database) -> None:
    """A question that is deleted before its answer is sent takes nothing along that could be missed later."""
    key = store.keep(recent(message_id=None))

    assert store.answers_for_message(4) == []
    store.update(key, message_id=5)
    assert [given.id for given in store.answers_for_message(4)] == [key]


def test_ids_are_never_used_again(store: Database) -> None:
    """A button of a forgotten answer finds nothing, never another answer."""
    first = store.keep(recent(message_id=10))
    store.forget(first)

    assert store.keep(recent(message_id=11)) > first
    assert store.answer(first) is None


def test_old_answers_are_forgotten(store: Database) -> None:
    """Answers older than 90 days go, and what was thought of them with them; younger ones stay."""
    old = store.keep(replace(GIVEN, asked_at=time.time() - 91 * 86400))
    store.vote(old, 1, helpful=True)
    young = store.keep(replace(GIVEN, asked_at=time.time() - 89 * 86400))
    for _ in range(200):
        store.keep(recent())

    assert store.answer(old) is None
    assert store.answer(young) is not None
    assert not store.set_vote_reason(old, 1, "late")


def test_one_of_two_callers_wins(store: Database) -> None:
    """A claim is granted once, and again after it was taken back; there is none on what is forgotten."""
    key = store.keep(recent())

    assert [store.compare_and_set(key, human_asked=True), store.compare_and_set(key, human_asked=True)] == [True, False]
    assert store.compare_and_set(key, human_asked=False)
    assert store.compare_and_set(key, human_asked=True)
    assert not store.compare_and_set(key + 1, human_asked=True)


def test_a_changed_question_takes_its_votes_along(store: Database) -> None:
    """When an answer is replaced its outcome changes, its place does not, and old votes do not count for the new."""
    key = store.keep(recent())
    store.vote(key, 1, helpful=True)

    store.replace(key, replace(GIVEN, question="When?", outcome="not_covered", quotes=(), shown=0, channel_id=99))

    found = store.answer(key)
    assert (found.question, found.outcome, found.quotes) == ("When?", "not_covered", ())
    assert (found.channel_id, found.message_id) == (2**62, 5)
    assert not store.set_vote_reason(key, 1, "late")


def test_settings(store: Database) -> None:
    """A server without settings has the defaults; what is set is kept for that server alone."""
    changed = ServerSettings().changed(plain=True, helpers_channel=2**62)
    store.change_settings(1, ServerSettings(paused=True))
    store.change_settings(1, changed)

    assert store.settings(1) == changed
    assert store.settings(2) == ServerSettings()


def test_a_server_is_forgotten_whole(store: Database) -> None:
    """When the bot leaves a server nothing of it is kept, and nothing of others is lost."""
    keys = [store.keep(recent(guild_id=guild)) for guild in (1, 2)]
    store.change_settings(1, ServerSettings(paused=True))

    store.forget_server(1)

    assert [store.answer(key) is None for key in keys] == [True, False]
    assert store.settings(1) == ServerSettings()


def test_no_database(tmp_path: Path) -> None:
    """A file that is none is refused in one sentence that says what to do."""
    (tmp_path / "discord.db").write_bytes(b"these bytes are no database, however long they go on" * 40)

    with pytest.raises(UserError, match=r"discord\.db cannot be read .* move it away"):
        Database(tmp_path / "discord.db")


def test_a_conversation_is_read_back_from_its_last_answer(store: Database) -> None:
    """Oldest first, no longer than asked for, and never beyond a gap in time or into another channel."""
    keys: list[int] = []
    for minutes in (90, 20, 10, 1):
        given = replace(GIVEN, asked_at=time.time() - 60 * minutes, follows=keys[-1] if keys else None)
        keys.append(store.keep(given))
    last = store.answer(keys[-1])
    assert last is not None
    elsewhere = store.keep(replace(last, id=0, channel_id=9))

    def ids(since_minutes: float, most: int = 9) -> list[int]:
        return [given.id for given in store.conversation(last, time.time() - 60 * since_minutes, most)]

    assert ids(120) == keys
    assert ids(30) == keys[1:]
    assert ids(120, most=2) == keys[2:]
    moved = store.answer(elsewhere)
    assert moved is not None
    assert [given.id for given in store.conversation(moved, 0, 9)] == [elsewhere]


def test_a_member_is_forgotten_alone(store: Database) -> None:
    """A member's answers and votes go; the answers of others stay, and so do conversations after theirs."""
    own = store.keep(recent())
    other = store.keep(recent(asker_id=8, follows=own))
    store.vote(other, 3, helpful=True)

    assert store.forget_member(3) == 1
    assert store.answer(own) is None
    left = store.answer(other)
    assert left is not None
    assert left.follows is None
    assert not store.set_vote_reason(other, 3, "because")


def test_an_answer_of_an_earlier_version(store: Database) -> None:
    """What an earlier version kept of a quote is read, without what it did not keep."""
    key = store.keep(recent())
    (kept,) = json.loads(quotes_to_json(GIVEN.quotes))
    store.update(key, quotes=json.dumps([kept[:9]]))

    assert store.answer(key).quotes == GIVEN.quotes


def test_places_of_the_same(store: Database) -> None:
    """Where else the same stands is kept with a quote."""
    quote = replace(QUOTE, also_in=(AlsoIn(9, "Harbours", "h.txt", 5, 60, "guild-1"),))
    key = store.keep(recent(quotes=(StoredQuote.of(quote),)))

    assert store.answer(key).quotes[0].also_in == (StoredPlace("guild-1", 9, 5, 60),)


def test_a_file_of_an_earlier_version(tmp_path: Path) -> None:
    """A file that lacks a column is completed, and what stands in it gets the column's default."""
    first = Database(tmp_path / "discord.db")
    key = first.keep(recent(language="de"))
    with first.reading() as db:
        db.exec_driver_sql("ALTER TABLE answers DROP COLUMN language")
        db.commit()
    first.close()

    later = Database(tmp_path / "discord.db")
    found = later.answer(key)
    later.close()

    assert found == replace(recent(), id=key, asked_at=found.asked_at if found else 0.0, language="en")
