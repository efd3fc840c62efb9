"""Tests of gaps."""

from __future__ import annotations

from storage.database import Database
from storage.gaps import Gap, channels_of_gaps, gaps
from tests.storage.test_analytics import asked


def test_gaps_are_grouped_and_need_members(store: Database) -> None:
    """Similar questions form one gap, with the newest wording; each member counts once."""
    for asker, question in (
        (1, "How do I install the texture pack?"),
        (1, "texture pack install"),
        (2, "installing a texture pack???"),
        (3, "How much is a server boost?"),
        (3, "price of a server boost, how much"),
        (4, "???"),
        (5, "???"),
    ):
        asked(store, question, asker)
    asked(store, "How do I install the texture pack?", 6, guild_id=2)
    asked(store, "How much is a server boost?", 7, "answer")

    with store.reading() as db:
        found = [gaps(db, 1, 0, members=least) for least in (1, 2, 3)]

    assert found[1] == [Gap("installing a texture pack???", 2, 3)]
    assert [gap.times for gap in found[0]] == [3, 2]
    assert found[2] == []


def test_gaps_of_some_channels(store: Database) -> None:
    """Questions of other channels, and those that were asked privately, are neither shown nor counted."""
    question = "Where is the map?"
    keys = [asked(store, question, asker) for asker in (1, 2, 3, 4)]
    store.update(keys[2], channel_id=88)
    store.update(keys[3], private=True)

    with store.reading() as db:
        channels = channels_of_gaps(db, 1, 0)
        found = [gaps(db, 1, 0, members=1, channels=some) for some in (channels, channels - {88}, {88}, ())]
        everywhere = gaps(db, 1, 0, members=1)

    assert 88 in channels
    assert everywhere == found[0]
    assert found == [[Gap(question, 3, 3)], [Gap(question, 2, 2)], [Gap(question, 1, 1)], []]


def test_an_answer_that_did_not_help_is_a_gap(store: Database) -> None:
    """A question whose answer was voted not helpful is a gap; one with a helpful answer is not."""
    keys = [asked(store, "Where is the map?", asker, "answer") for asker in (1, 2)]
    for key in keys:
        store.votes.put(key, 9, helpful=True)
    with store.reading() as db:
        before = gaps(db, 1, 0, members=2)
    for key in keys:
        store.votes.put(key, 9, helpful=False)
    with store.reading() as db:
        after = gaps(db, 1, 0, members=2)

    assert before == []
    assert after == [Gap("Where is the map?", 2, 2)]
