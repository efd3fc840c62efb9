"""Fixtures: a helpers' channel, and members with and without the helpers' role."""

from __future__ import annotations

from typing import Any

import pytest
import simcord
from sqlalchemy import select

from cogs.articles.channels.authors import USER_MESSAGES
from cogs.core.async_store import AsyncStore
from i18n import texts
from settings import Settings
from storage.human_calls import HumanCall
from storage.models import ServerSettings
from storage.schema import human_calls
from tests.cogs.stored_articles import StockedAnswers, stock
from tests.cogs.visible_text import replies_in, shown


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings with message content, so that the words of helpers can be read."""
    return settings.model_copy(update={"message_content": True})


@pytest.fixture
def answers(settings: Settings) -> StockedAnswers:
    """Return answers that quote a stored article."""
    return StockedAnswers(stock(settings.data_dir))


@pytest.fixture
def role(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> Any:
    """Return the helpers' role."""
    return simcord_env.guild.create_role("Helpers")


@pytest.fixture
async def helpers(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, role: Any, store: AsyncStore
) -> simcord.ChannelHandle:
    """Return the helpers' channel, set for the server with their role."""
    made = simcord_env.guild.create_text_channel("helpers")
    await store.change_settings(
        simcord_env.guild.id, lambda _: ServerSettings(helpers_channel=made.id, helpers_role=role.id)
    )
    return made


@pytest.fixture
def helper(simcord_env: simcord.Env, role: Any) -> simcord.MemberActor:
    """Return a helper."""
    return simcord_env.guild.add_member(simcord_env.create_user("hanna"), roles=[role])


@pytest.fixture
def other_helper(simcord_env: simcord.Env, role: Any) -> simcord.MemberActor:
    """Return another helper."""
    return simcord_env.guild.add_member(simcord_env.create_user("otto"), roles=[role])


async def stored_calls(store: AsyncStore) -> list[HumanCall]:
    """Return all stored calls, oldest first."""

    def read() -> list[HumanCall]:
        with store.database.reading() as db:
            keys = list(db.execute(select(human_calls.c.id).order_by(human_calls.c.id)).scalars())
        return [call for key in keys if (call := store.database.human_calls.get(key))]

    return await store.run(read)


async def call_human(
    member: simcord.MemberActor, channel: simcord.ChannelHandle, helpers: simcord.ChannelHandle, env: simcord.Env
) -> Any:
    """Call for a human about the answer to a question, and return the only post about it."""
    asked = await member.slash(channel, "ask", question="Who?")
    await member.click(asked.response, label=texts.HUMAN_BUTTON)
    (post,) = posts_in(helpers, env)
    return post


def posts_in(channel: simcord.ChannelHandle, env: simcord.Env) -> list[Any]:
    """Return what the bot has written in a channel, without the notices that threads were made."""
    return [message for message in replies_in(channel, env) if message.type in USER_MESSAGES]


def said(result: simcord.InteractionResult) -> list[str]:
    """Return the texts of the private messages that followed a press."""
    return [shown(message) for message in result.followups]
