"""Votes that the articles should cover a question, in gaps and figures."""

from __future__ import annotations

from storage.analytics import stats
from storage.database import Database
from storage.gaps import Gap, gaps
from tests.storage.test_analytics import asked

QUESTION = "When does the ferry to Skarholm leave?"


def found(store: Database, members: int = 2) -> list[Gap]:
    """Return the gaps of at least some members."""
    with store.reading() as db:
        return gaps(db, 1, 0, members=members)


def test_a_vote_counts_like_a_question(store: Database) -> None:
    """Each member who votes counts once, whether they asked or not, and the gap says how many there are."""
    first, second = asked(store, QUESTION, 1, "not_covered"), asked(store, QUESTION, 1, "not_covered")
    alone = found(store)
    for key, member in ((first, 2), (first, 2), (second, 2), (second, 1)):
        assert store.votes.put_wanted(key, member)

    assert alone == []
    assert found(store) == [Gap(QUESTION, 2, 2, wanted=2)]
    assert not store.votes.put_wanted(99, 1)


def test_the_reason_of_the_form_counts_too(store: Database) -> None:
    """The reason "the articles should cover this" of an answer that did not help is the same wish."""
    key = asked(store, QUESTION, 1, "answer")
    for member, reason in ((2, "missing"), (3, "missing: the timetable"), (4, "wrong: missing the point")):
        store.votes.put(key, member, helpful=False)
        store.votes.set_reason(key, member, reason)

    assert found(store) == [Gap(QUESTION, 3, 1, wanted=2)]


def test_a_private_question_is_told_by_its_own_vote_alone(store: Database) -> None:
    """A question that was answered privately is a gap only if the member who asked says that it should be covered."""
    key = asked(store, QUESTION, 1, "not_covered")
    store.update(key, private=True)
    store.votes.put_wanted(key, 2)
    before = found(store, members=1)
    store.votes.put_wanted(key, 1)

    assert before == []
    assert found(store) == [Gap(QUESTION, 2, 1, wanted=2)]


def test_the_wish_is_no_judgement_of_an_answer(store: Database) -> None:
    """The share of helpful votes does not count it, and forgetting a member takes it back."""
    key = asked(store, QUESTION, 1, "not_covered")
    store.votes.put(asked(store, "Who?", 1, "answer"), 2, helpful=True)
    store.votes.put_wanted(key, 2)
    with store.reading() as db:
        figures = stats(db, 1, 0)
    for _ in store.forget_member_in_steps(2):
        pass

    assert (figures.helpful, figures.unhelpful) == (1, 0)
    assert found(store, members=1) == [Gap(QUESTION, 1, 1, wanted=0)]
