"""Answers follow edits and deletions of their questions."""

from __future__ import annotations

import asyncio
import threading

import discord
import pytest
import simcord
from simcord.backend.serializers import message_payload
from sqlalchemy.exc import OperationalError

from cogs.ask.edit_sync import EditSync
from cogs.core.async_store import AsyncStore
from i18n import texts
from storage.models import ServerSettings
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown
from tests.storage.test_database import recent

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


def call(env: simcord.Env, text: str) -> str:
    """Return a message that mentions the bot."""
    return f"<@{env.bot.user.id}> {text}"


@pytest.mark.parametrize("plain", [False, True])
async def test_an_edited_question_changes_its_answer(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    plain: bool,
) -> None:
    """If the text of a question changes, its answer and buttons are replaced in the same message."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(plain=plain))
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    (before,) = replies_in(channel, simcord_env)

    await alice.edit(question, call(simcord_env, "unknown thing?"))

    (after,) = replies_in(channel, simcord_env)
    assert after.id == before.id
    assert texts.NOT_COVERED_HINT in shown(after)
    assert "> " not in shown(after)
    assert texts.MORE_BUTTON in buttons_of(before)
    assert buttons_of(after) == [texts.WANTED_BUTTON]
    assert [text for text, _ in answers.asked] == ["who built it?", "unknown thing?"]
    stored = await store.run(lambda: store.database.answer_in(after.id))
    assert (stored.question, stored.outcome, stored.quotes) == ("unknown thing?", "not_covered", ())


async def test_an_edit_that_discord_refuses(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is stored stays what everybody sees, and the next connection brings both in line with the question."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    (before,) = replies_in(channel, simcord_env)

    async def refuse(*_: object, **__: object) -> None:
        raise OSError("the connection was cut")

    with monkeypatch.context() as patch:
        patch.setattr("cogs.ask.ask_service.with_retries", refuse)
        await alice.edit(question, call(simcord_env, "unknown thing?"))
    stored = await store.run(lambda: store.database.answer_in(before.id))
    left = shown(replies_in(channel, simcord_env)[0])
    following = simcord_env.bot.get_cog("EditSync")
    assert isinstance(following, EditSync)
    await following.on_shard_ready(0)

    assert (stored.question, stored.outcome) == ("who built it?", "answer")
    assert left == shown(before)
    assert texts.NOT_COVERED_HINT in shown(replies_in(channel, simcord_env)[0])
    stored = await store.run(lambda: store.database.answer_in(before.id))
    assert (stored.question, stored.outcome) == ("unknown thing?", "not_covered")


@pytest.mark.parametrize("text", ["who  built it?", ""])
async def test_an_edit_that_changes_no_word(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    text: str,
) -> None:
    """If no word has changed, or the text is empty, the answer stays."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))

    await alice.edit(question, call(simcord_env, text))

    assert len(answers.asked) == 1
    assert "> **The** lighthouse" in shown(replies_in(channel, simcord_env)[0])


async def test_a_preview_of_a_link_is_no_edit(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """A link preview that Discord adds to a question is not an edit."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    stored = simcord_env.backend.get_message(channel.id, question.id)
    stored.content = call(simcord_env, "another question?")

    backend = simcord_env.backend
    backend.emit("MESSAGE_UPDATE", dict(message_payload(backend, stored)))
    await simcord_env.settle()

    assert len(answers.asked) == 1


async def test_an_edit_that_comes_late(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Edits later than five minutes after the question do not change the answer."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    monkeypatch.setattr("cogs.ask.edit_sync._EDIT_SECONDS", -1.0)

    await alice.edit(question, call(simcord_env, "and when?"))

    assert len(answers.asked) == 1


async def test_an_edit_that_cannot_be_answered(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """If the edited question is refused, a reply says so and the old answer stays."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))

    await alice.edit(question, call(simcord_env, "refuse this"))

    answer, notice = replies_in(channel, simcord_env)
    assert "> **The** lighthouse" in shown(answer)
    assert notice.content == "This question cannot be read."


async def test_other_messages_are_left_alone(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """Edits and deletions of messages without an answer do nothing."""
    message = await alice.send(channel, "hello")
    await alice.edit(message, "hello there")
    await alice.delete(message)

    assert answers.asked == []
    assert replies_in(channel, simcord_env) == []


async def test_a_deleted_question_takes_its_answer_along(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """Deleting a question deletes its answer, on Discord and in discord.db; other answers stay."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    await alice.send(channel, call(simcord_env, "and when?"))
    first, second = replies_in(channel, simcord_env)

    await alice.delete(question)

    assert [message.id for message in replies_in(channel, simcord_env)] == [second.id]
    assert await store.run(lambda: store.database.answer_in(first.id)) is None
    assert await store.run(lambda: store.database.answer_in(second.id)) is not None


async def test_a_deleted_question_leaves_no_record(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore
) -> None:
    """Nor one whose message is not known, because storing it was given up and was done later."""
    question = await alice.send(channel, "hello")
    key = await store.run(lambda: store.database.keep(recent(question_id=question.id, message_id=None)))

    await alice.delete(question)

    assert await store.run(lambda: store.database.answer(key)) is None


async def test_a_deleted_answer_is_forgotten(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """Deleting the answer's message deletes it from discord.db."""
    role = simcord_env.guild.create_role("Mods", permissions=discord.Permissions(manage_messages=True))
    mod = simcord_env.guild.add_member(simcord_env.create_user("mod"), roles=[role])
    asked = await alice.slash(channel, "ask", question="Who?")
    message_id = asked.response.id

    await mod.delete(asked.response.message)

    assert await store.run(lambda: store.database.answer_in(message_id)) is None


@pytest.mark.parametrize(("status", "code", "logged"), [(404, 10008, False), (403, 50013, True)])
async def test_an_answer_that_cannot_be_taken_away(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    caplog: pytest.LogCaptureFixture,
    status: int,
    code: int,
    logged: bool,
) -> None:
    """A missing answer is ignored when it is to be deleted; other errors of Discord are logged."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    simcord_env.inject_error("DELETE", "/channels/*/messages/*", status=status, code=code)

    await alice.delete(question)

    assert ("could not be deleted" in caplog.text) is logged


async def test_one_answer_that_stays_keeps_no_other_back(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """An answer that Discord refuses to delete does not keep the others from being deleted."""
    questions = [await alice.send(channel, call(simcord_env, f"who built number {number}?")) for number in range(3)]
    simcord_env.inject_error("DELETE", "/channels/*/messages/*", status=403, code=50013)

    await simcord_env.bot.get_channel(channel.id).delete_messages([discord.Object(found.id) for found in questions])
    await simcord_env.settle()

    assert len(replies_in(channel, simcord_env)) == 1


async def test_many_deleted_at_once(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """Bulk deletion of questions deletes their answers."""
    questions = [await alice.send(channel, call(simcord_env, f"who built number {number}?")) for number in range(3)]
    answers = replies_in(channel, simcord_env)

    await simcord_env.bot.get_channel(channel.id).delete_messages([discord.Object(found.id) for found in questions[:2]])
    await simcord_env.settle()

    assert [message.id for message in replies_in(channel, simcord_env)] == [answers[2].id]


async def test_a_memory_that_fails_stops_nothing(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If discord.db cannot be read, edits and deletions are logged and ignored; the answer stays."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))

    def broken(_: int, **__: bool) -> None:
        raise OperationalError("select", {}, Exception("disk I/O error"))

    monkeypatch.setattr(store.database, "answer_to", broken)
    monkeypatch.setattr(store.database, "records_of", broken)
    await alice.edit(question, call(simcord_env, "and when?"))
    await alice.delete(question)

    assert "could not be looked up" in caplog.text
    assert "could not be deleted" in caplog.text
    assert len(replies_in(channel, simcord_env)) == 1


@pytest.mark.parametrize("edited", [True, False])
async def test_quicker_than_the_answer(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    edited: bool,
) -> None:
    """A question deleted while it is being answered gets no answer; an edited one gets the answer to the new text."""
    started, going_on = threading.Event(), threading.Event()
    answers.during = lambda: (started.set(), going_on.wait(20))[0]
    backend = simcord_env.backend
    question = backend.create_message(channel.id, alice.id, call(simcord_env, "who built it?"))
    assert await asyncio.to_thread(started.wait, 20)

    if edited:
        backend.edit_message(channel.id, question.id, {"content": call(simcord_env, "unknown thing?")})
    else:
        backend.delete_message(channel.id, question.id)
    await asyncio.sleep(0)
    going_on.set()
    await simcord_env.settle()

    left = [shown(message) for message in replies_in(channel, simcord_env)]
    assert len(left) == edited
    assert all(texts.NOT_COVERED_HINT in text for text in left)
    kept = await store.run(lambda: store.database.answer_to(question.id))
    assert (kept is not None) is edited


async def test_edited_again_while_the_edit_is_answered(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """After two edits in quick succession the answer is that to the last one."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    started, going_on = threading.Event(), threading.Event()
    answers.during = lambda: (started.set(), going_on.wait(20))[0]
    backend = simcord_env.backend
    backend.edit_message(channel.id, question.id, {"content": call(simcord_env, "closest thing?")})
    assert await asyncio.to_thread(started.wait, 20)
    backend.edit_message(channel.id, question.id, {"content": call(simcord_env, "unknown thing?")})
    going_on.set()
    await simcord_env.settle()

    assert [asked for asked, _ in answers.asked] == ["who built it?", "closest thing?", "unknown thing?"]
    assert texts.NOT_COVERED_HINT in shown(replies_in(channel, simcord_env)[0])


async def test_a_notice_goes_with_its_message(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """Deleting a question deletes the notice that it got instead of an answer."""
    question = await alice.send(channel, call(simcord_env, "refuse this"))
    assert len(replies_in(channel, simcord_env)) == 1

    await alice.delete(question)

    assert replies_in(channel, simcord_env) == []


@pytest.mark.parametrize("change", ["deleted", "edited", "hidden", "none"])
async def test_what_no_connection_told_of(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    change: str,
) -> None:
    """After a new connection the latest questions are checked, and edits and deletions are followed."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    (before,) = replies_in(channel, simcord_env)
    messages = simcord_env.backend.messages[channel.id]
    if change == "deleted":
        del messages[question.id]
    if change == "edited":
        stored = messages[question.id]
        stored.content, stored.edited_timestamp = call(simcord_env, "unknown thing?"), "2026-01-01T00:00:00+00:00"
    if change == "hidden":
        simcord_env.inject_error("GET", "/channels/*/messages/*", status=403, code=50001)

    following = simcord_env.bot.get_cog("EditSync")
    assert isinstance(following, EditSync)
    await following.on_shard_ready(0)

    left = [shown(message) for message in replies_in(channel, simcord_env)]
    if change == "deleted":
        assert left == []
    elif change == "edited":
        assert texts.NOT_COVERED_HINT in left[0]
    else:
        assert left == [shown(before)]
    assert len(answers.asked) == 1 + (change == "edited")
