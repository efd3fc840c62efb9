"""What is stored of questions is the server's choice; `/privacy` shows it, and `/forget` deletes it."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
import simcord

from cogs.admin.retention_job import RetentionJob
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from i18n import texts
from storage.models import QuestionText
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


async def set_questions(store: AsyncStore, env: simcord.Env, kind: QuestionText) -> None:
    """Set what the server stores of questions."""
    await store.change_settings(env.guild.id, lambda now: now.changed(questions=kind.value))


def stored_questions(store: AsyncStore) -> list[tuple[str, str]]:
    """Return the stored questions and outcomes."""
    with store.database.reading() as db:
        return [tuple(row) for row in db.exec_driver_sql("SELECT question, outcome FROM answers ORDER BY id")]


@pytest.mark.parametrize("kind", list(QuestionText))
async def test_edits_and_follow_ups_are_understood_for_a_while(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    kind: QuestionText,
) -> None:
    """The text is stored only where texts are kept; in memory it serves edits and replies all the same."""
    await set_questions(store, simcord_env, kind)
    me = f"<@{simcord_env.bot.user.id}>"
    question = await alice.send(channel, f"{me} who built it?")
    noted = stored_questions(store)
    await alice.edit(question, f"{me} who paid for it?")
    await alice.send(channel, f"{me} and when?", reply_to=question)

    assert noted == [("who built it?" if kind is QuestionText.KEPT else "", "answer")]
    assert [asked[0] for asked in answers.asked] == ["who built it?", "who paid for it?", "and when?"]
    assert [turn.text for turn in answers.histories[-1] if turn.role == "user"] == ["who paid for it?"]


async def test_what_stops_is_said(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """The command shows the setting with what stops working because of it."""
    seen = await boss.slash(channel, "config settings", questions="off")

    assert texts.QUESTION_POLICIES["off"] in shown(seen.response)
    assert (await store.settings(simcord_env.guild.id)).questions == "off"


async def test_texts_go_when_their_time_is_over(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_bot: VerbatimBot,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that keeps nothing loses what was stored before, too."""
    await alice.slash(channel, "ask", question="Who built it?")
    await set_questions(store, simcord_env, QuestionText.COUNTED)
    job = simcord_bot.get_cog("RetentionJob")
    assert isinstance(job, RetentionJob)

    later = time.time() + 3600
    monkeypatch.setattr("storage.question_texts.time", SimpleNamespace(time=lambda: later))
    await job.delete_texts()
    counted = stored_questions(store)
    await set_questions(store, simcord_env, QuestionText.OFF)
    await job.delete_texts()

    assert counted == [("", "answer")]
    assert stored_questions(store) == []


async def test_privacy_shows_what_forget_deletes(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore
) -> None:
    """Before and after `/forget`, privately."""
    await alice.slash(channel, "ask", question="Who built it?")
    before = await alice.slash(channel, "privacy")
    await alice.slash(channel, "forget")
    after = await alice.slash(channel, "privacy")

    assert before.response.ephemeral
    assert "Questions with your id: 1 (the oldest: <t:" in before.response.content
    assert texts.QUESTION_POLICIES["kept"].format(days=90) in before.response.content
    assert "Questions with your id: 0 (the oldest: not set)" in after.response.content
    assert stored_questions(store) == []
