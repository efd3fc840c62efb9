"""Rate limits of members, channels and servers."""

from __future__ import annotations

import re

import discord
import pytest
import simcord
from pydantic import SecretStr

from cogs.core.async_store import AsyncStore
from i18n import texts
from settings import Settings
from storage.models import Mode, ServerSettings
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC | discord.Intents(message_content=True))


@pytest.fixture
def settings(tmp_path: object) -> Settings:
    """Return settings with message content."""
    return Settings(
        data_dir=tmp_path, discord_token=SecretStr("not.a.token"), second_quote_confidence=0.5, message_content=True
    )


def opening(text: str) -> str:
    """Return a text up to its first placeholder."""
    return text.split("{", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("settings_of_server", "said"),
    [
        (ServerSettings(member_limit=2), texts.MEMBER_LIMIT),
        (ServerSettings(channel_limit=2), texts.CHANNEL_LIMIT),
        (ServerSettings(server_limit=2), texts.SERVER_LIMIT),
    ],
)
async def test_limits(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    settings_of_server: ServerSettings,
    said: str,
) -> None:
    """A question over the limit is refused privately with the time left, and no model runs."""
    await store.change_settings(simcord_env.guild.id, lambda _: settings_of_server)

    results = [await alice.slash(channel, "ask", question="Who?") for _ in range(3)]

    (notice,) = results[2].followups
    assert notice.ephemeral
    assert notice.content.startswith(opening(said))
    assert re.search(r"<t:\d+:R>", notice.content)
    assert results[2].response is None
    assert len(answers.asked) == 2


async def test_a_member_on_messages_is_told_once(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """On messages the refusal is one short reply; further ones within a minute are not reported."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(member_limit=1))

    for _ in range(4):
        await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")

    answer, notice = replies_in(channel, simcord_env)
    assert "> **The** lighthouse" in shown(answer)
    assert notice.content.startswith(opening(texts.MEMBER_LIMIT))
    assert len(answers.asked) == 1


async def test_everyone_has_limits_of_their_own(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """Members have separate limits; a refused question does not count."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(member_limit=1, channel_limit=2))
    bob = simcord_env.guild.add_member(simcord_env.create_user("bob"))

    for _ in range(3):
        await alice.slash(channel, "ask", question="Who?")
    await bob.slash(channel, "ask", question="Who?")

    assert len(answers.asked) == 2


async def test_menus_count_as_questions(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """Finding a source counts as a question."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(member_limit=1))
    message = await alice.send(channel, "The lighthouse was built in 1871.")

    await alice.slash(channel, "ask", question="Who?")
    found = await alice.context_menu(channel, texts.FIND_SOURCE, message)

    assert found.response.content.startswith(opening(texts.MEMBER_LIMIT))


async def test_paused(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """A paused server gets a private notice instead of answers; direct messages still work."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(paused=True))

    result = await alice.slash(channel, "ask", question="Who?")
    await alice.send_dm("Who?")

    assert [told.content for told in result.followups] == [texts.PAUSED]
    assert [names for _, names in answers.asked] == [("shared",)]


async def test_overheard_chatter_counts_for_nobody(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the bot overhears counts only if it is answered."""
    monkeypatch.setattr("cogs.ask.debounce.QUIET_SECONDS", 0.05)
    limited = ServerSettings(member_limit=2, channel_limit=2, server_limit=2)
    await store.change_settings(simcord_env.guild.id, lambda _: limited.with_mode(channel.id, Mode.QUESTIONS))
    for number in range(5):
        simcord_env.backend.create_message(channel.id, alice.id, f"unknown thing number {number}, is it?")
        await simcord_env.settle()
    for number in range(3):
        simcord_env.backend.create_message(channel.id, alice.id, f"who built lighthouse number {number}?")
        await simcord_env.settle()

    assert len(answers.asked) == 7
    assert len(replies_in(channel, simcord_env)) == 2


async def test_one_servers_questions_do_not_count_in_another(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """A member who has reached the limit of a server can ask in another one."""
    other = simcord_env.create_guild()
    there = other.create_text_channel("there")
    same = other.add_member(alice.user)
    for guild_id in (simcord_env.guild.id, other.id):
        await store.change_settings(guild_id, lambda _: ServerSettings(member_limit=1))

    first = await alice.slash(channel, "ask", question="Who?")
    second = await same.slash(there, "ask", question="Who?")

    assert "> **The** lighthouse" in shown(first.response)
    assert "> **The** lighthouse" in shown(second.response)
