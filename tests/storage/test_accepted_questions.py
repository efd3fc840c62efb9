"""Promises of the stored questions: one process answers each, and what is stored of it is readable by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from storage.accepted_questions import LIFETIME, MOST_TRIES, AcceptedQuestion, Hold, TakenOverError, note_answer
from storage.database import Database
from storage.sealing import Sealer
from storage.stored_answers import StoredAnswer

NOW = 1_000_000.0
QUESTION = AcceptedQuestion(2**62 + 1, "message", 5, 7, 8, 9, NOW, 77, b"sealed", holder="first")
ANSWER = StoredAnswer(7, 8, 9, NOW, "Who?", "answer", 0.9, 1.0, (), 0, question_id=QUESTION.question_id)


def rows(store: Database) -> int:
    """Return how many rows there are."""
    return store.accepted_questions.expire(NOW + LIFETIME)


def test_stored_until_answered(store: Database) -> None:
    """A question is stored as it was accepted, and gone with the note that its last answer was sent."""
    stored = store.accepted_questions.write([QUESTION], [], "first", {"first"})
    key = store.keep(ANSWER, Hold(QUESTION.question_id, "first"))
    left = store.accepted_questions.left_by_others(5, {"second"})
    store.note_sent(key, Hold(QUESTION.question_id, "first"), last=True, message_id=3)

    assert stored == [QUESTION]
    assert left == [replace(QUESTION, answer_ids=(key,))]
    assert store.accepted_questions.left_by_others(4, {"second"}) == []  # of another application
    assert store.answer(key) == replace(ANSWER, id=key, message_id=3)
    assert rows(store) == 0


def test_kept_for_its_other_answers(store: Database) -> None:
    """The first of several answers leaves the question stored, with both."""
    store.accepted_questions.write([QUESTION], [], "first", {"first"})
    hold = Hold(QUESTION.question_id, "first")
    keys = [store.keep(ANSWER, hold), store.keep(ANSWER, hold)]
    store.accepted_questions.begin(hold)
    (begun,) = store.accepted_questions.left_by_others(5, set())
    store.note_sent(keys[0], hold, last=False, message_id=3)
    (left,) = store.accepted_questions.left_by_others(5, set())

    assert (begun.begun, left.begun) == (True, False)
    assert left.answer_ids == tuple(keys)
    assert [one.message_id for one in store.answers_with(keys)] == [3, None]


def test_of_two_processes_one_takes_over(open_store: Callable[[], Database]) -> None:
    """A question of a gone process is taken over once; that process can then neither answer nor delete it."""
    first, second, third = (open_store() for _ in range(3))
    first.accepted_questions.write([QUESTION], [], "first", {"first"})
    refused = second.accepted_questions.write([QUESTION], [], "second", {"first", "second"})
    taken = second.accepted_questions.write([QUESTION], [], "second", {"second", "third"})
    late = third.accepted_questions.write([QUESTION], [], "third", {"second", "third"})
    hold = Hold(QUESTION.question_id, "first")
    with pytest.raises(TakenOverError):
        first.keep(ANSWER, hold)
    with pytest.raises(TakenOverError):
        first.accepted_questions.begin(hold)
    first.accepted_questions.write([], [QUESTION.question_id], "first", {"first"})

    assert refused == late == [None]
    assert taken == [replace(QUESTION, holder="second", tries=1)]
    assert first.answers_with([1]) == []
    assert second.accepted_questions.left_by_others(5, {"third"}) == taken


def test_a_process_that_wakes_up_late(store: Database) -> None:
    """It cannot answer a question that another one has answered meanwhile; of that, ids of nobody remain."""
    questions, hold = store.accepted_questions, Hold(QUESTION.question_id, "first")
    questions.write([QUESTION], [], "first", {"first"})
    questions.write([QUESTION], [], "second", {"second"})
    key = store.keep(ANSWER, Hold(QUESTION.question_id, "second"))
    store.note_sent(key, Hold(QUESTION.question_id, "second"), last=True, message_id=3)
    with pytest.raises(TakenOverError):
        store.keep(ANSWER, hold)

    assert questions.left_by_others(5, set()) == []
    assert questions.write([QUESTION], [], "third", {"third"}) == [None]  # nor can a late event
    edited = replace(QUESTION, nonce=78)
    assert questions.write([edited], [], "third", {"third"}) == [replace(edited, holder="third")]


def test_answered_while_another_process_was_about_to_take_it_over(store: Database) -> None:
    """What is gone since it was found is not stored anew; other questions of the same transaction are."""
    questions, other = store.accepted_questions, replace(QUESTION, question_id=1)
    questions.write([QUESTION], [], "first", {"first"})
    (found,) = questions.left_by_others(5, {"second"})
    questions.write([], [QUESTION.question_id], "first", {"first"})

    stored = questions.write([found, other], [], "second", {"second"}, {QUESTION.question_id})
    assert stored == [None, replace(other, holder="second")]
    assert questions.write([found], [], "second", {"second"}, {QUESTION.question_id}) == [None]


def test_given_up_after_two_tries(store: Database) -> None:
    """A question that ends each process that answers it is not tried for ever."""
    questions = store.accepted_questions
    tries = [questions.write([QUESTION], [], f"{number}", {f"{number}"}) for number in range(MOST_TRIES + 2)]

    assert [found != [None] for found in tries] == [True] * (MOST_TRIES + 1) + [False]


def test_left_to_others(store: Database) -> None:
    """What a process that ends has released is taken over although it still lives."""
    store.accepted_questions.write([QUESTION], [], "first", {"first"})
    store.accepted_questions.release([QUESTION.question_id], "first")
    (left,) = store.accepted_questions.left_by_others(5, {"first", "second"})

    assert store.accepted_questions.write([left], [], "second", {"first", "second"}) != [None]


def test_forgotten(store: Database) -> None:
    """A member's questions, those of a server and old ones are deleted; their process may still answer them."""
    questions = store.accepted_questions
    others = [replace(QUESTION, question_id=1, member_id=1), replace(QUESTION, question_id=2, guild_id=None)]
    questions.write([QUESTION, *others], [], "first", {"first"})
    for _ in store.forget_member_in_steps(1):
        pass
    assert [one.question_id for one in questions.left_by_others(5, set())] == [2, QUESTION.question_id]
    for _ in store.forget_server_in_steps(7):
        pass
    (left,) = questions.left_by_others(5, set())

    assert left.guild_id is None
    assert store.keep(ANSWER, Hold(QUESTION.question_id, "first"))
    assert questions.expire(NOW + LIFETIME - 1) == 0
    assert questions.expire(NOW + LIFETIME) == 1


def test_many_at_once(store: Database) -> None:
    """Questions that are stored and deleted in one transaction keep their order."""
    many = [replace(QUESTION, question_id=number) for number in range(1, 200)]
    found = store.accepted_questions.write(many, [], "first", {"first"})
    store.accepted_questions.write([], [one.question_id for one in many[1:]], "first", {"first"})

    assert found == many
    assert store.accepted_questions.left_by_others(5, set()) == many[:1]


def test_a_failed_note_stores_nothing(store: Database) -> None:
    """The answer and its place in the row are one change."""
    store.accepted_questions.write([QUESTION], [], "first", {"first"})
    with pytest.raises(TakenOverError), store.writing() as db:
        note_answer(db, Hold(QUESTION.question_id, "other"), 3)

    (left,) = store.accepted_questions.left_by_others(5, set())
    assert left.answer_ids == ()


def test_sealed() -> None:
    """What is sealed can be opened with the same secret and label alone, and shows no word of itself."""
    sealer, values = Sealer("token"), {"question": "Wer wird gewinnen? 🗼", "token": "aW50ZXJhY3Rpb24"}
    sealed = sealer.seal(values, "message 1")

    assert Sealer("token").open(sealed, "message 1") == values
    assert sealer.open(sealed, "message 2") is None
    assert Sealer("other").open(sealed, "message 1") is None
    assert sealer.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "message 1") is None
    assert sealer.open(b"", "message 1") is None
    assert b"gewinnen" not in sealed
    assert sealer.seal(values, "message 1") != sealed


def test_a_forgotten_member_gets_an_answer_that_is_not_stored(store: Database) -> None:
    """`/forget` while a question is being answered leaves neither its words nor its answer."""
    store.accepted_questions.write([QUESTION], [], "first", {"first"})
    hold = Hold(QUESTION.question_id, "first")
    for _ in store.forget_member_in_steps(QUESTION.member_id):
        pass

    assert store.keep(ANSWER, hold) == 0
    assert store.question_texts.of_member(ANSWER.asker_id).questions == 0
    assert store.accepted_questions.left_by_others(5, set()) == []
    store.accepted_questions.write([], [QUESTION.question_id], "first", {"first"})
    assert rows(store) == 0
    assert store.keep(ANSWER) > 0
