"""What members see of a question that has to wait long."""

from __future__ import annotations

from unittest.mock import Mock

import aiohttp
import discord
import pytest
import simcord

from cogs.core.worker import Worker
from i18n import texts
from tests.cogs.visible_text import PUBLIC, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.fixture(autouse=True)
def _busy(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker expect that each question waits 17 seconds."""
    monkeypatch.setattr(worker, "expected_wait", lambda _turn: 17.0)


@pytest.mark.parametrize("private", [False, True])
async def test_the_wait_is_told_privately(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, simcord_env: simcord.Env, private: bool
) -> None:
    """The acknowledgement says privately how long the answer takes; the answer is a message of its own, once."""
    result = await alice.slash(channel, "ask", question="Who?", private=private)

    first, *_ = [request for request in simcord_env.http_requests if "callback" in request.path]
    assert first.json["type"] == discord.InteractionResponseType.channel_message.value
    assert first.json["data"]["content"] == texts.BUSY_FOR.format(seconds=20)
    assert first.json["data"]["flags"] & discord.MessageFlags.ephemeral.flag
    (answer,) = result.followups
    assert "> **The** lighthouse" in shown(answer)
    assert answer.flags.ephemeral is private


async def test_an_error_is_private_too(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """If the question cannot be answered after all, only the member is told."""
    result = await alice.slash(channel, "ask", question="refuse this")

    (notice,) = result.followups
    assert notice.content == "This question cannot be read."
    assert notice.flags.ephemeral


async def test_a_lost_acknowledgement_does_not_double_the_answer(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If nobody knows whether the answer was sent, it replaces the private notice and is not sent again."""
    sent: list[object] = []

    async def send(*_arguments: object, **values: object) -> None:
        sent.append(values)
        raise aiohttp.ServerDisconnectedError

    monkeypatch.setattr(discord.Webhook, "send", send)
    result = await alice.slash(channel, "ask", question="Who?")

    assert len(sent) == 1
    assert "> **The** lighthouse" in shown(result.response)


async def test_a_rate_limit_does_not_lose_the_answer(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If Discord's edge refuses the answer, it is sent again, and everybody sees it."""
    send, refused = discord.Webhook.send, []

    async def refuse_once(webhook: discord.Webhook, *arguments: object, **values: object) -> object:
        if not refused:
            refused.append(values)
            raise discord.HTTPException(Mock(status=429, reason="Too Many Requests", headers={}), "error code: 1015")
        return await send(webhook, *arguments, **values)  # type: ignore[call-overload]

    monkeypatch.setattr(discord.Webhook, "send", refuse_once)
    result = await alice.slash(channel, "ask", question="Who?")

    (answer,) = result.followups
    assert len(refused) == 1
    assert "> **The** lighthouse" in shown(answer)
    assert not answer.flags.ephemeral
