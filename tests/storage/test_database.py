"""Tests of what discord.db stores, for how long, and what is deleted."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index.catalog.store import Catalog
from index.incremental import finish
from index.models import Article, Span, UserError
from qa.outcome import AlsoIn, Quote
from storage.answer_rows import quotes_to_json
from storage.database import Database
from storage.models import ServerSettings
from storage.stored_answers import StoredAnswer, StoredPlace, StoredQuote

TEXT = "Intro. The lamp 💡 was lit in 1871. End."
START, END = TEXT.index("The"), TEXT.index(" End")
QUOTE = Quote(
    "shared", 7, "Light", "light.md", START, END, TEXT[START:END], (Span(START, START + 3),), paragraph=1,
    paragraphs=1, confidence=0.75,
)  # fmt: skip
ARTICLE = Article(7, "light.md", "Light", TEXT, None, ())
ANSWER = StoredAnswer(
    guild_id=1, channel_id=2**62, asker_id=3, asked_at=1e9, question="Who 💡?", outcome="answer", confidence=0.75,
    elapsed_ms=12.5, quotes=(StoredQuote.of(QUOTE),), shown=1, plain=True, question_id=4, message_id=5,
)  # fmt: skip


def recent(**values: object) -> StoredAnswer:
    """Return an answer of this moment."""
    return replace(ANSWER, asked_at=time.time(), **values)


def test_answers_survive_closing(open_store: Callable[[], Database]) -> None:
    """A stored answer is read back unchanged by the next process, by id, message and question."""
    first = open_store()
    answer = recent()
    key = first.keep(answer)
    first.close()

    second = open_store()
    found = [second.answer(key), second.answer_in(5), second.answer_to(4), second.last_answer(2**62)]

    assert found == [replace(answer, id=key)] * 4


def test_a_stored_quote_is_checked_against_its_article() -> None:
    """A quote is only returned if the article still has its exact text."""
    stored = StoredQuote.of(QUOTE)

    assert stored.quote(ARTICLE) == QUOTE
    assert stored.quote(None) is None
    assert stored.quote(replace(ARTICLE, id=8)) is None
    assert stored.quote(replace(ARTICLE, text=TEXT.replace("1871", "1872"))) is None
    assert stored.quote(replace(ARTICLE, title="New title")).title == "New title"


def test_a_preview_hides_no_public_answer(store: Database) -> None:
    """A private answer is not mistaken for the public one."""
    public = store.keep(recent())
    store.keep(recent(private=True, message_id=6))

    assert store.answer_to(4).id == public
    assert (
        [answer.id for answer in store.answers_for_message(4)]
        == [answer.id for answer in store.answers_for_message(5)]
        == [public]
    )
    assert store.answers_for_message(6) == []
    assert len(store.answers_for_message(4, with_private=True)) == 2


def test_an_answer_on_its_way_is_not_taken_away(store: Database) -> None:
    """An answer that is not sent yet is not found by its question, so that deleting the question does not lose it."""
    key = store.keep(recent(message_id=None))

    assert store.answers_for_message(4) == []
    store.update(key, message_id=5)
    assert [answer.id for answer in store.answers_for_message(4)] == [key]


def test_ids_are_never_used_again(store: Database) -> None:
    """The button of a deleted answer finds nothing, never another answer."""
    first = store.keep(recent(message_id=10))
    store.forget(first)

    assert store.keep(recent(message_id=11)) > first
    assert store.answer(first) is None


def test_old_answers_are_forgotten(store: Database) -> None:
    """Answers older than 90 days are deleted with their votes; newer ones stay."""
    old = store.keep(replace(ANSWER, asked_at=time.time() - 91 * 86400))
    store.votes.put(old, 1, helpful=True)
    young = store.keep(replace(ANSWER, asked_at=time.time() - 89 * 86400))

    deleted = finish(store.expire_in_steps())

    assert deleted == 1
    assert store.answer(old) is None
    assert store.answer(young) is not None
    assert not store.votes.set_reason(old, 1, "late")


def test_one_of_two_callers_wins(store: Database) -> None:
    """A flag is set once, and again after it was reset; it cannot be set on a missing answer."""
    key = store.keep(recent())

    assert [store.compare_and_set(key, human_asked=True), store.compare_and_set(key, human_asked=True)] == [True, False]
    assert store.compare_and_set(key, human_asked=False)
    assert store.compare_and_set(key, human_asked=True)
    assert not store.compare_and_set(key + 1, human_asked=True)


def test_replacing_an_answer_deletes_its_votes(store: Database) -> None:
    """Replacing an answer changes its outcome but not its message, and deletes its votes."""
    key = store.keep(recent())
    store.votes.put(key, 1, helpful=True)

    store.replace(key, replace(ANSWER, question="When?", outcome="not_covered", quotes=(), shown=0, channel_id=99))

    found = store.answer(key)
    assert (found.question, found.outcome, found.quotes) == ("When?", "not_covered", ())
    assert (found.channel_id, found.message_id) == (2**62, 5)
    assert not store.votes.set_reason(key, 1, "late")


def test_settings(store: Database) -> None:
    """A server without settings has the defaults; settings of one server do not affect others."""
    changed = ServerSettings().changed(plain=True, helpers_channel=2**62)
    store.server_settings.change(1, lambda _: ServerSettings(paused=True))
    store.server_settings.change(1, lambda _: changed)

    assert store.server_settings.get(1) == changed
    assert store.server_settings.get(2) == ServerSettings()


def test_deleting_a_server(store: Database) -> None:
    """When the bot leaves a server all its data is deleted, and none of other servers."""
    keys = [store.keep(recent(guild_id=guild)) for guild in (1, 2)]
    store.server_settings.change(1, lambda _: ServerSettings(paused=True))

    finish(store.forget_server_in_steps(1))

    assert [store.answer(key) is None for key in keys] == [True, False]
    assert store.server_settings.get(1) == ServerSettings()


def test_no_database(tmp_path: Path) -> None:
    """A file that is not a database is refused in one sentence with advice on what to do."""
    (tmp_path / "discord.db").write_bytes(b"these bytes are no database, however long they go on" * 40)

    with pytest.raises(UserError, match=r"discord\.db cannot be read .* move it away"):
        Database(tmp_path / "discord.db")


@pytest.mark.skipif(os.name == "nt", reason="needs limits")
def test_a_sound_database_that_cannot_be_written(tmp_path: Path) -> None:
    """Nobody is told to move a file away that is not damaged: servers would lose their settings and pins."""
    import resource  # not on Windows

    path = tmp_path / "discord.db"
    Database(path).close()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with pytest.raises(UserError, match=r"disk .* discord\.db") as raised:
            Database(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert "move it away" not in str(raised.value)


@pytest.mark.parametrize("kind", ["empty", "less than a page", "a catalogue"])
def test_a_lost_database(tmp_path: Path, kind: str) -> None:
    """A file that was emptied or exchanged is refused, unchanged: default settings would answer in paused servers."""
    path, own = tmp_path / "discord.db", tmp_path / "libraries" / "guild-1"
    own.mkdir(parents=True)
    Catalog(own / "catalog.db").close()
    content = {"empty": b"", "less than a page": b"\0" * 100, "a catalogue": (own / "catalog.db").read_bytes()}[kind]
    path.write_bytes(content)

    with pytest.raises(UserError, match=r"discord\.db cannot be read: it is .* Restore a copy of it, or move it away"):
        Database(path)

    assert path.read_bytes() == content


def test_a_database_that_was_never_written(tmp_path: Path) -> None:
    """A process that was killed at the very first start leaves an empty file, which is no damage."""
    path = tmp_path / "discord.db"
    path.touch()

    Database(path).close()

    assert path.stat().st_size


def test_a_conversation_is_read_back_from_its_last_answer(store: Database) -> None:
    """A conversation is returned oldest first, limited in length, time and to one channel."""
    keys: list[int] = []
    for minutes in (90, 20, 10, 1):
        answer = replace(ANSWER, asked_at=time.time() - 60 * minutes, follows=keys[-1] if keys else None)
        keys.append(store.keep(answer))
    last = store.answer(keys[-1])
    assert last is not None
    elsewhere = store.keep(replace(last, id=0, channel_id=9))

    def ids(since_minutes: float, most: int = 9) -> list[int]:
        return [answer.id for answer in store.conversation(last, time.time() - 60 * since_minutes, most)]

    assert ids(120) == keys
    assert ids(30) == keys[1:]
    assert ids(120, most=2) == keys[2:]
    moved = store.answer(elsewhere)
    assert moved is not None
    assert [answer.id for answer in store.conversation(moved, 0, 9)] == [elsewhere]


def test_deleting_a_member(store: Database) -> None:
    """A member's answers and votes are deleted; answers of others stay, even if they follow deleted ones."""
    own = store.keep(recent())
    other = store.keep(recent(asker_id=8, follows=own))
    store.votes.put(other, 3, helpful=True)

    assert finish(store.forget_member_in_steps(3)) == 1
    assert store.answer(own) is None
    left = store.answer(other)
    assert left is not None
    assert left.follows is None
    assert not store.votes.set_reason(other, 3, "because")


def test_an_answer_of_an_earlier_version(store: Database) -> None:
    """A quote stored by an earlier version with fewer fields can be read."""
    key = store.keep(recent())
    (fields,) = json.loads(quotes_to_json(ANSWER.quotes))
    store.update(key, quotes=json.dumps([fields[:9]]))

    assert store.answer(key).quotes == ANSWER.quotes


def test_places_of_the_same(store: Database) -> None:
    """Places in other articles that say the same are stored with a quote."""
    quote = replace(QUOTE, also_in=(AlsoIn(9, "Harbours", "h.txt", 5, 60, "guild-1"),))
    key = store.keep(recent(quotes=(StoredQuote.of(quote),)))

    assert store.answer(key).quotes[0].also_in == (StoredPlace("guild-1", 9, 5, 60),)
