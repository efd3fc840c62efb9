"""Promises while Discord fails, on a simulated Discord without a network: each accepted question is answered once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
import simcord

from tests.cogs.visible_text import PUBLIC, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

STATUSES = [429, 500, 502, 503, 504]
LONG = 40  # refusals, which take twenty minutes


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pauses between attempts end at once."""
    pause = asyncio.sleep

    async def sleep(_seconds: float) -> None:
        await pause(0)

    monkeypatch.setattr("cogs.messaging.retry.asyncio", SimpleNamespace(sleep=sleep))


@pytest.mark.parametrize("status", STATUSES)
async def test_a_command_is_answered_once(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env, status: int
) -> None:
    """The acknowledgement and the answer are sent again."""
    simcord_env.inject_error("POST", "/interactions/*/callback", status=status)
    simcord_env.inject_error("PATCH", "/webhooks/*/messages/@original", status=status, times=2)
    result = await alice.slash(channel, "ask", question="Who?")

    assert "> **The** lighthouse" in shown(result.response)
    assert result.followups == []
    assert simcord_env.errors == []


@pytest.mark.parametrize("status", STATUSES)
async def test_a_mention_is_answered_once(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env, status: int
) -> None:
    """Neither a failed "typing" nor a failed answer leaves the question without one, or with two."""
    simcord_env.inject_error("POST", "/channels/*/typing", status=status)
    simcord_env.inject_error("POST", "/channels/*/messages", status=status, times=2)
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> Who?")

    (answer,) = replies_in(channel, simcord_env)
    assert "> **The** lighthouse" in shown(answer)
    assert simcord_env.errors == []


@pytest.mark.parametrize("how", ["command", "mention"])
async def test_an_answer_outlasts_an_outage(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env, how: str
) -> None:
    """However often Discord refuses it, the answer arrives once."""
    if how == "command":
        simcord_env.inject_error("PATCH", "/webhooks/*/messages/@original", status=503, times=LONG)
        result = await alice.slash(channel, "ask", question="Who?")
        answers = [result.response, *result.followups]
    else:
        simcord_env.inject_error("POST", "/channels/*/messages", status=503, times=LONG)
        await alice.send(channel, f"<@{simcord_env.bot.user.id}> Who?")
        answers = replies_in(channel, simcord_env)
    assert ["> **The** lighthouse" in shown(one) for one in answers] == [True]
