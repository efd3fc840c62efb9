"""How errors, missing permissions and failures of Discord are reported."""

from __future__ import annotations

import logging
from unittest.mock import Mock

import aiohttp
import discord
import pytest
import simcord
from discord import app_commands

from cogs.core.errors import error_message
from cogs.messaging.message_reply import NoticeLimit
from i18n import texts
from index.models import UserError
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


async def test_no_permission_to_answer(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, answers: FakeAnswers, caplog: pytest.LogCaptureFixture
) -> None:
    """If the bot may not write in a channel, no model runs, nothing is sent, and the log names the channel."""
    caplog.set_level(logging.INFO)
    silent = discord.PermissionOverwrite(send_messages=False)
    closed = simcord_env.guild.create_text_channel("closed", overwrites={simcord_env.bot.user: silent})
    admins = simcord_env.guild.create_role("Admins", permissions=discord.Permissions.all())
    boss = simcord_env.guild.add_member(simcord_env.create_user("boss"), roles=[admins])

    await boss.send(closed, f"<@{simcord_env.bot.user.id}> who?")

    assert answers.asked == []
    assert replies_in(closed, simcord_env) == []
    assert f"Asked in channel {closed.id}" in caplog.text


async def test_commands_need_no_permission_to_write(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> None:
    """`/ask` works even where the bot may not send messages."""
    silent = discord.PermissionOverwrite(send_messages=False)
    closed = simcord_env.guild.create_text_channel("closed", overwrites={simcord_env.bot.user: silent})
    alice = simcord_env.guild.add_member(simcord_env.create_user("alice"))

    result = await alice.slash(closed, "ask", question="Who?")

    assert "> **The** lighthouse" in shown(result.response)


@pytest.mark.parametrize("code", [50035, 160002, 10008])
async def test_reply_that_cannot_refer(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, code: int
) -> None:
    """If the question cannot be referred to, the answer is sent without a reference."""
    simcord_env.inject_error("POST", "/channels/*/messages", status=400, code=code)

    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")

    (answer,) = replies_in(channel, simcord_env)
    assert answer.reference is None


async def test_reply_without_the_history(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    """Where the bot may not read the history, it does not try to refer to the question."""
    assert channel.id
    blind = discord.PermissionOverwrite(read_message_history=False)
    place = simcord_env.guild.create_text_channel("blind", overwrites={simcord_env.bot.user: blind})

    await alice.send(place, f"<@{simcord_env.bot.user.id}> who?")

    (answer,) = replies_in(place, simcord_env)
    sent = [one for one in simcord_env.http_requests if one.method == "POST" and one.path.endswith("/messages")]
    assert answer.reference is None
    assert len(sent) == 1


async def test_answer_that_cannot_be_sent(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If Discord refuses both answer and notice, that is logged, and later answers work."""
    simcord_env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=2)
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    assert "A notice could not be sent" in caplog.text

    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    assert len(replies_in(channel, simcord_env)) == 1


async def test_interaction_that_is_over(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: FakeAnswers
) -> None:
    """An expired interaction runs no model and reports no error."""
    simcord_env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)

    result = await alice.slash(channel, "ask", question="Who?")

    assert not result.acknowledged
    assert answers.asked == []


async def test_private_even_when_the_place_cannot_be_filled(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    """If the public "thinking" cannot be replaced, the member still gets the notice."""
    simcord_env.inject_error("PATCH", "/webhooks/*/messages/@original", status=404, code=10008)

    result = await alice.slash(channel, "ask", question="refuse this")

    assert result.response is not None
    assert result.response.content == "This question cannot be read."


async def test_private_refusal(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """An error of a private answer replaces "thinking"; nothing is public."""
    asked = await alice.slash(channel, "ask", question="refuse this", private=True)

    assert asked.response.ephemeral
    assert asked.response.content == "This question cannot be read."
    assert asked.followups == []


async def test_command_that_is_gone(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    """A removed command that a client still shows gets a private notice with the remedy."""
    simcord_env.bot.tree.remove_command("ask")

    result = await alice.slash(channel, "ask", question="Who?")

    assert result.response.ephemeral
    assert result.response.content == texts.COMMAND_CHANGED
    simcord.assert_error(simcord_env, app_commands.CommandNotFound)


def http_error(kind: type[discord.HTTPException], status: int) -> discord.HTTPException:
    """Return an HTTP error of discord.py."""
    return kind(Mock(spec=aiohttp.ClientResponse, status=status, reason=""), "")


def invoke_error(error: Exception) -> app_commands.CommandInvokeError:
    """Return an error that escaped from a command."""
    command = Mock(spec=app_commands.Command)
    command.name = "ask"
    return app_commands.CommandInvokeError(command, error)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("Say it."), "Say it."),
        (app_commands.CommandNotFound("ask", []), texts.COMMAND_CHANGED),
        (app_commands.MissingPermissions(["manage_messages"]), texts.NOT_ALLOWED),
        (app_commands.BotMissingPermissions(["send_messages"]), texts.NOT_HERE),
        (http_error(discord.Forbidden, 403), texts.NOT_HERE),
        (invoke_error(UserError("Say it.")), "Say it."),
    ],
)
def test_sentences(error: Exception, said: str) -> None:
    """Each expected error has its own sentence."""
    assert error_message(error) == said


def test_notices_are_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each member gets one notice a minute."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    limit = NoticeLimit()

    assert [limit.allows(1), limit.allows(1), limit.allows(2)] == [True, False, True]
    now[0] = 59.0
    assert not limit.allows(1)
    now[0] = 61.0
    assert limit.allows(1)
