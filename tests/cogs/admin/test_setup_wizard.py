"""`/config setup`: the wizard for a server's settings."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import discord
import pytest
import simcord

from cogs.admin.setup_channel_selects import OffSelect
from cogs.admin.setup_selects import (
    HelpersChannelSelect,
    HelpersRoleSelect,
    LanguageSelect,
    LayoutSelect,
    LimitsSelect,
)
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from cogs.ui.components import PersistentItem
from i18n import texts
from settings import Settings
from storage.models import Mode, ServerSettings
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


def key(kind: type[PersistentItem], member: simcord.MemberActor) -> str:
    return kind.custom_id_of(member.id)


async def begun(boss: simcord.MemberActor, channel: simcord.ChannelHandle, page: int) -> Any:
    """Start the wizard, turn to a page and return the message."""
    result = await boss.slash(channel, "config setup")
    assert result.response.ephemeral
    for _ in range(page):
        result = await boss.click(result.response, label=texts.NEXT_BUTTON)
    assert texts.SETUP_PAGES[page] in shown(result.response)
    return result.response


@pytest.mark.parametrize("plain", [False, True])
async def test_walk(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    plain: bool,
) -> None:
    """The four pages can be turned forwards and back in one message; the last one shows the settings."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(plain=plain))
    message = await begun(boss, channel, 3)
    last, offered = shown(message), buttons_of(message)

    back = await boss.click(message, label=texts.BACK_BUTTON)

    assert bool(message.embeds) is plain
    assert texts.CHECK_FINE in last
    assert offered == [texts.SETUP_TRY, texts.BACK_BUTTON]
    assert back.response.id == message.id
    assert texts.SETUP_PAGES[2] in shown(back.response)
    assert replies_in(channel, simcord_env) == []


async def test_choices_hold_at_once(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """Helpers, language, layout and limits are stored when they are chosen, and can be unset."""
    role = simcord_env.guild.create_role("Helpers")
    message = await begun(boss, channel, 0)
    await boss.select(message, [channel], custom_id=key(HelpersChannelSelect, boss))
    await boss.select(message, [role], custom_id=key(HelpersRoleSelect, boss))
    looks = (await boss.click(message, label=texts.NEXT_BUTTON)).response
    await boss.select(looks, ["de"], custom_id=key(LanguageSelect, boss))
    await boss.select(looks, ["plain"], custom_id=key(LayoutSelect, boss))
    changed = await boss.select(looks, ["5-20-60"], custom_id=key(LimitsSelect, boss))
    held = await store.settings(simcord_env.guild.id)
    again = await begun(boss, channel, 0)
    await boss.select(again, [], custom_id=key(HelpersChannelSelect, boss))

    limits = {"member_limit": 5, "channel_limit": 20, "server_limit": 60}
    assert held == ServerSettings(plain=True, language="de", helpers_channel=channel.id, helpers_role=role.id, **limits)
    assert texts.SETUP_PAGES[1] in shown(changed.response)
    assert not changed.response.embeds
    assert (await store.settings(simcord_env.guild.id)).helpers_channel is None


async def test_places(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """Channels that are never answered can be chosen and unset; other channels keep their modes."""
    everything = ServerSettings().with_mode(1, Mode.EVERYTHING)
    await store.change_settings(simcord_env.guild.id, lambda _: everything)
    message = await begun(boss, channel, 2)

    await boss.select(message, [channel], custom_id=key(OffSelect, boss))
    chosen = await store.settings(simcord_env.guild.id)
    await boss.select(message, [], custom_id=key(OffSelect, boss))

    assert chosen == everything.with_mode(channel.id, Mode.OFF)
    assert await store.settings(simcord_env.guild.id) == everything
    assert texts.NEEDS_CONTENT in shown(message)


async def test_check(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """The last page lists missing permissions."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(helpers_channel=1))

    last = shown(await begun(boss, channel, 3))

    assert texts.CHECK_HEADING in last
    assert texts.CHECK_HELPERS_GONE in last
    assert texts.CHECK_FINE not in last


async def test_preview(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, answers: FakeAnswers, simcord_env: simcord.Env
) -> None:
    """A trial question is answered privately; the page stays."""
    message = await begun(boss, channel, 3)

    form = await boss.click(message, label=texts.SETUP_TRY)
    answered = await boss.submit_modal(form, {"question": "who built it?"})

    assert answered.response.ephemeral
    assert answered.response.id != message.id
    assert "> **The** lighthouse" in shown(answered.response)
    assert answers.asked[0][0] == "who built it?"
    assert replies_in(channel, simcord_env) == []


async def test_after_a_restart(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    settings: Settings,
    simcord_env: simcord.Env,
    resources: Resources,
) -> None:
    """A wizard continues after a restart with what was chosen before."""
    message = await begun(boss, channel, 0)
    await boss.select(message, [channel], custom_id=key(HelpersChannelSelect, boss))
    with AsyncStore(settings.data_dir) as reopened:
        await simcord_env.restart_bot(VerbatimBot(replace(resources, store=reopened)))

        turned = await boss.click(message, label=texts.NEXT_BUTTON)
        await boss.select(turned.response, ["0-0-0"], custom_id=key(LimitsSelect, boss))

        held = await reopened.settings(simcord_env.guild.id)
        assert (held.helpers_channel, held.member_limit) == (channel.id, 0)
        await simcord_env.shutdown()


async def test_only_who_began(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env, store: AsyncStore
) -> None:
    """A press by another manager changes nothing, nor does one by its member without the permission."""
    role = simcord_env.guild.create_role("More bosses", permissions=discord.Permissions(manage_guild=True))
    other = simcord_env.guild.add_member(simcord_env.create_user("other"), roles=[role])
    message = await begun(boss, channel, 0)

    for member, manages, said in ((other, True, texts.SETUP_NOT_YOURS), (boss, False, texts.NOT_ALLOWED)):
        interaction: Any = SimpleNamespace(client=simcord_env.bot, guild=None, response=AsyncMock())
        interaction.guild_id, interaction.user = simcord_env.guild.id, member
        interaction.type = discord.InteractionType.component
        interaction.permissions = discord.Permissions(manage_guild=manages)
        with pytest.raises(Exception, match=said.split("`", maxsplit=1)[0].strip()):
            await OffSelect(boss.id).pressed(interaction)

    assert message.ephemeral
    assert await store.settings(simcord_env.guild.id) == ServerSettings()


@pytest.mark.parametrize("kind", [HelpersChannelSelect, HelpersRoleSelect, OffSelect])
async def test_nothing_of_another_server_is_stored(simcord_env: simcord.Env, kind: type[Any]) -> None:
    """The id of another server's channel or role is no choice."""
    here, there = simcord_env.create_guild(), simcord_env.create_guild()
    place, role = there.create_text_channel("general"), there.create_role("Staff")
    await simcord_env.settle()
    guild = simcord_env.bot.get_guild(here.id)

    with pytest.raises(ValueError, match=r".+"):
        kind(1).changed(ServerSettings(), [str((role if kind is HelpersRoleSelect else place).id)], guild)
