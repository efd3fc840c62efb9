"""`/config setup`: the wizard for a server's settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import discord
import pytest
import simcord

from cogs.admin.setup_channel_selects import OffSelect
from cogs.admin.setup_selects import (
    EditorRoleSelect,
    HelpersChannelSelect,
    HelpersRoleSelect,
    LanguageSelect,
    LayoutSelect,
    LimitsSelect,
    RoleSelect,
)
from cogs.articles.article_service import ArticleService
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from cogs.ui.components import PersistentItem
from cogs.ui.escape import utf16_length
from i18n import texts
from index.models import UserError
from index.sources.loader import draft_from_text
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
    assert texts.WIZARD_PAGES[page] in shown(result.response)
    return result.response


@pytest.mark.parametrize("plain", [False, True])
async def test_walk(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    plain: bool,
) -> None:
    """The five pages can be turned forwards and back in one message; the last but one shows the settings."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(plain=plain))
    message = await begun(boss, channel, 3)
    checked = shown(message)
    last = (await boss.click(message, label=texts.NEXT_BUTTON)).response
    offered = buttons_of(last)

    back = await boss.click(last, label=texts.BACK_BUTTON)

    assert len(texts.WIZARD_PAGES) == 5
    assert bool(message.embeds) is plain
    assert texts.CHECK_FINE in checked
    assert texts.LAYOUTS["plain" if plain else "rich"] in checked
    assert offered == [texts.WELCOME_ADD, texts.BACK_BUTTON]
    assert back.response.id == message.id
    assert texts.WIZARD_PAGES[3] in shown(back.response)
    assert replies_in(channel, simcord_env) == []


async def test_skip(channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """Whoever is in a hurry gets to the last page from the first one with one press."""
    first = await begun(boss, channel, 0)
    read = shown(first)
    skipped = await boss.click(first, label=texts.WIZARD_SKIP)

    assert texts.COMMANDS_MOVED not in read  # a new server never knew the old names
    assert texts.WIZARD_PAGES[4] in shown(skipped.response)
    assert texts.WIZARD_FIRST in shown(skipped.response)
    assert texts.WIZARD_SKIP not in buttons_of(skipped.response)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("number", range(5))
async def test_labels(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    plain: bool,
    number: int,
) -> None:
    """Above each select is a text that says what it sets; in the plain layout the texts are numbered in their order."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(plain=plain))
    message = await begun(boss, channel, number)
    read = shown(message)

    selects = list(selects_of(message.components))
    labels = [label for key, label in texts.WIZARD_LABELS.items() if label in read and texts.WIZARD_HINTS[key] in read]
    assert len(selects) == len(labels) == (3, 3, 1, 0, 0)[number]
    for at, (_, above) in enumerate(selects, 1):
        assert f"**{at}. " in read if plain else above.startswith("**")
    assert utf16_length(read) <= 4000


def selects_of(components: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the selects of a message, each with the text right above it."""
    above = ""
    for component in components:
        data = component if isinstance(component, dict) else component.to_dict()
        if data["type"] == 10:
            above = data["content"]
        elif data["type"] in {3, 5, 6, 7, 8}:
            yield data, above
        else:
            yield from ((one, text or above) for one, text in selects_of(data.get("components", [])))


async def test_choices_hold_at_once(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """Language, layout, limits, editors and helpers are stored when they are chosen, and can be unset."""
    role, editors = simcord_env.guild.create_role("Helpers"), simcord_env.guild.create_role("Editors")
    looks = await begun(boss, channel, 0)
    await boss.select(looks, ["de"], custom_id=key(LanguageSelect, boss))
    await boss.select(looks, ["plain"], custom_id=key(LayoutSelect, boss))
    changed = await boss.select(looks, ["5-20-60"], custom_id=key(LimitsSelect, boss))
    read, embeds = shown(changed.response), changed.response.embeds
    message = (await boss.click(looks, label=texts.NEXT_BUTTON)).response
    await boss.select(message, [channel], custom_id=key(HelpersChannelSelect, boss))
    await boss.select(message, [role], custom_id=key(HelpersRoleSelect, boss))
    await boss.select(message, [editors], custom_id=key(EditorRoleSelect, boss))
    held = await store.settings(simcord_env.guild.id)
    again = await begun(boss, channel, 1)
    await boss.select(again, [], custom_id=key(HelpersChannelSelect, boss))
    await boss.select(again, [], custom_id=key(EditorRoleSelect, boss))
    now = await store.settings(simcord_env.guild.id)

    limits = {"member_limit": 5, "channel_limit": 20, "server_limit": 60}
    roles = {"helpers_role": role.id, "editor_role": editors.id}
    assert held == ServerSettings(plain=True, language="de", helpers_channel=channel.id, **roles, **limits)
    assert texts.WIZARD_PAGES[0] in read
    assert not embeds
    assert (now.helpers_channel, now.editor_role, now.helpers_role) == (None, None, role.id)


async def test_everyone_is_no_role(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> None:
    """The role of everyone cannot be chosen: everyone would be an editor, or a helper."""
    guild = simcord_env.bot.get_guild(simcord_env.guild.id)
    assert guild is not None

    for kind in (EditorRoleSelect, HelpersRoleSelect):
        with pytest.raises(UserError, match="@everyone"):
            kind(1).changed(ServerSettings(), [str(guild.default_role.id)], guild)


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
    """The last page but one lists missing permissions."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(helpers_channel=1))

    checked = shown(await begun(boss, channel, 3))

    assert texts.CHECK_HEADING in checked
    assert texts.CHECK_HELPERS_GONE in checked
    assert texts.CHECK_FINE not in checked


async def test_where_there_are_articles(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    answers: FakeAnswers,
    simcord_env: simcord.Env,
    article_service: ArticleService,
) -> None:
    """A server with articles is offered a question first; it is answered privately, and the page stays."""
    await article_service.add(
        simcord_env.guild.id, draft_from_text("It opens at nine.", key="a", source="a", title="A")
    )
    message = await begun(boss, channel, 4)

    offered, read = buttons_of(message), shown(message)
    form = await boss.click(message, label=texts.TRIAL_BUTTON)
    answered = await boss.submit_modal(form, {"question": "who built it?"})

    assert offered == [texts.TRIAL_BUTTON, texts.WIZARD_ADD_MORE, texts.BACK_BUTTON]
    assert texts.WIZARD_HAS_ARTICLES.format(count=1) in read
    assert texts.COMMANDS_MOVED in shown(await begun(boss, channel, 0))
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
    """A wizard continues after a restart with what was chosen before, up to the first question."""
    message = await begun(boss, channel, 1)
    await boss.select(message, [channel], custom_id=key(HelpersChannelSelect, boss))
    with AsyncStore(settings.data_dir) as reopened:
        await simcord_env.restart_bot(VerbatimBot(replace(resources, store=reopened)))

        turned = await boss.click(message, label=texts.BACK_BUTTON)
        await boss.select(turned.response, ["0-0-0"], custom_id=key(LimitsSelect, boss))
        last = await boss.click(turned.response, label=texts.WIZARD_SKIP)
        form = await boss.click(last.response, label=texts.WELCOME_ADD)
        preview = await boss.submit_modal(form, {"text": "The gate opens at nine."})

        held = await reopened.settings(simcord_env.guild.id)
        assert (held.helpers_channel, held.member_limit) == (channel.id, 0)
        assert texts.ARTICLE_PREVIEW in shown(preview.response)
        await simcord_env.shutdown()


async def test_only_who_began(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env, store: AsyncStore
) -> None:
    """A press by another manager changes nothing, nor does one by its member without the permission."""
    role = simcord_env.guild.create_role("More bosses", permissions=discord.Permissions(manage_guild=True))
    other = simcord_env.guild.add_member(simcord_env.create_user("other"), roles=[role])
    message = await begun(boss, channel, 1)

    for member, manages, said in ((other, True, texts.WIZARD_NOT_YOURS), (boss, False, texts.NOT_ALLOWED)):
        interaction: Any = SimpleNamespace(client=simcord_env.bot, guild=None)
        interaction.response = SimpleNamespace(defer=AsyncMock(), is_done=lambda: True)
        interaction.guild_id, interaction.user = simcord_env.guild.id, member
        interaction.type = discord.InteractionType.component
        interaction.permissions = discord.Permissions(manage_guild=manages)
        with pytest.raises(Exception, match=said.split("`", maxsplit=1)[0].strip()):
            await OffSelect(boss.id).pressed(interaction)

    assert message.ephemeral
    assert await store.settings(simcord_env.guild.id) == ServerSettings()


@pytest.mark.parametrize("kind", [HelpersChannelSelect, HelpersRoleSelect, EditorRoleSelect, OffSelect])
async def test_nothing_of_another_server_is_stored(simcord_env: simcord.Env, kind: type[Any]) -> None:
    """The id of another server's channel or role is no choice."""
    here, there = simcord_env.create_guild(), simcord_env.create_guild()
    place, role = there.create_text_channel("general"), there.create_role("Staff")
    await simcord_env.settle()
    guild = simcord_env.bot.get_guild(here.id)

    with pytest.raises(ValueError, match=r".+"):
        kind(1).changed(ServerSettings(), [str((role if issubclass(kind, RoleSelect) else place).id)], guild)
