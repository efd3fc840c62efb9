"""Several questions in one message, questions that are cut, and forum posts whose title is the question."""

from __future__ import annotations

import discord
import pytest
import simcord
from pydantic import SecretStr

from cogs.ask.question_cog import MAX_QUESTION, cut_question
from cogs.core.async_store import AsyncStore
from i18n import texts
from settings import Settings
from storage.models import Mode, ServerSettings
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown, unlinked

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC | discord.Intents(message_content=True))

TWO = "who built it? unknown thing, is it?"


@pytest.fixture
def settings(tmp_path: object) -> Settings:
    """Return settings with message content."""
    return Settings(
        data_dir=tmp_path, discord_token=SecretStr("not.a.token"), second_quote_confidence=0.5, message_content=True
    )


def call(env: simcord.Env, text: str) -> str:
    """Return a message that mentions the bot."""
    return f"<@{env.bot.user.id}> {text}"


async def test_each_is_answered(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """Each question gets a reply of its own, in order, with its own buttons; the second follows the first."""
    question = await alice.send(channel, call(simcord_env, TWO))

    first, second = replies_in(channel, simcord_env)
    assert "> **The** lighthouse" in shown(first)
    assert texts.NOT_COVERED_HINT in shown(second)
    assert [message.reference.message_id for message in (first, second)] == [question.id] * 2
    one = await store.run(lambda: store.database.answer_in(first.id))
    other = await store.run(lambda: store.database.answer_in(second.id))
    assert (one.question, other.question) == ("who built it?", "unknown thing, is it?")
    assert other.follows == one.id
    assert buttons_of(first)


async def test_deleted_together(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """The answers to a deleted message are deleted."""
    question = await alice.send(channel, call(simcord_env, TWO))
    await alice.delete(question)

    assert replies_in(channel, simcord_env) == []


async def test_edited(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """After an edit there is one answer for each question that is there now."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    await alice.edit(question, call(simcord_env, TWO))
    two = [shown(message) for message in replies_in(channel, simcord_env)]
    await alice.edit(question, call(simcord_env, "closest thing is what?"))
    (one,) = replies_in(channel, simcord_env)

    assert len(two) == 2
    assert texts.NOT_COVERED_HINT in two[1]
    assert texts.CLOSEST_WARNING in shown(one)
    assert len(answers.asked) == 3  # the first question was not asked again


async def test_too_many(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """At most three questions are answered, and a notice says so."""
    await alice.send(channel, call(simcord_env, " ".join(f"who built number {at}?" for at in range(5))))

    *found, notice = replies_in(channel, simcord_env)
    assert len(found) == len(answers.asked) == 3
    assert notice.content == texts.QUESTIONS_LEFT_OUT.format(most=3)
    nonces = [one.json["nonce"] for one in simcord_env.http_requests if one.path == f"/channels/{channel.id}/messages"]
    assert len(set(nonces)) == 4  # Discord shows one message of several with the same nonce


async def test_over_the_limit_between_them(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """If a limit is reached between the questions, those before it are answered."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(member_limit=1))
    await alice.send(channel, call(simcord_env, TWO))

    answer, notice = replies_in(channel, simcord_env)
    assert "> **The** lighthouse" in shown(answer)
    assert notice.content.startswith(texts.MEMBER_LIMIT.split("{", maxsplit=1)[0])


@pytest.mark.parametrize("private", [False, True])
async def test_in_a_command(channel: simcord.ChannelHandle, alice: simcord.MemberActor, private: bool) -> None:
    """`/ask` answers each question, the second in a further message."""
    result = await alice.slash(channel, "ask", question=TWO, private=private)

    assert "> **The** lighthouse" in shown(result.response)
    (further,) = result.followups
    assert texts.NOT_COVERED_HINT in shown(further)
    assert further.ephemeral is private


async def test_overheard_in_a_thread(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Questions that the bot overhears are answered in one thread; a thread is opened only for quotes."""
    monkeypatch.setattr("cogs.ask.debounce.QUIET_SECONDS", 0.05)
    await store.change_settings(
        simcord_env.guild.id, lambda _: ServerSettings(threads=True).with_mode(channel.id, Mode.EVERYTHING)
    )
    simcord_env.backend.create_message(channel.id, alice.id, "unknown thing here")
    await simcord_env.settle()
    assert channel.threads == []
    assert texts.NOT_COVERED_HINT in shown(replies_in(channel, simcord_env)[0])

    simcord_env.backend.create_message(channel.id, alice.id, TWO)
    await simcord_env.settle()
    (thread,) = channel.threads
    assert len(replies_in(thread, simcord_env)) == 2
    assert len([one for one in replies_in(channel, simcord_env) if not one.is_system()]) == 1


async def test_a_long_question_is_cut(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """A mention's question is cut like any other, and the answer says so."""
    await alice.send(channel, call(simcord_env, "who built it " + "and so on " * 80))

    (question, _), (answer,) = answers.asked[0], replies_in(channel, simcord_env)
    assert MAX_QUESTION - 60 < len(question) <= MAX_QUESTION
    assert texts.QUESTION_CUT.format(count=len(question)) in shown(answer)


@pytest.mark.parametrize(
    ("text", "cut"),
    [("a" * 500, ("a" * 500, False)), ("a" * 600, ("a" * 500, True)), ("a" * 490 + " " + "b" * 50, ("a" * 490, True))],
)
def test_cut_question(text: str, cut: tuple[str, bool]) -> None:
    """A question is cut between words, unless a word is too long."""
    assert cut_question(text) == cut


async def test_a_posts_title(
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A post's title is the question where the mention only calls for help; once answered, such a call gets help."""
    monkeypatch.setattr("cogs.ask.debounce.QUIET_SECONDS", 0.05)
    forum = simcord_env.guild.create_forum_channel("forum")
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings().with_mode(forum.id, Mode.EVERYTHING))
    simcord_env.backend.create_thread(forum.id, "Who built the lighthouse", alice.id, type=11)
    await simcord_env.settle()
    (post,) = forum.threads
    with monkeypatch.context() as patch:
        patch.setattr(simcord_env.backend, "snowflake", lambda: post.id)
        simcord_env.backend.create_message(post.id, alice.id, call(simcord_env, "please help"))
    await simcord_env.settle()
    assert [question for question, _ in answers.asked] == ["Who built the lighthouse"]

    simcord_env.backend.create_message(post.id, alice.id, "it is so tall, who was it?")
    await simcord_env.settle()
    assert len(answers.asked) == 1  # no post is answered twice

    await bob.send(post, call(simcord_env, "help!"))
    assert unlinked(texts.SHORT_HELP).split("\n", maxsplit=1)[0] in shown(replies_in(post, simcord_env)[-1])
    assert len(answers.asked) == 1
