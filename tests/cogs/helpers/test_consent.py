"""Words of people become articles only if their authors agree."""

from __future__ import annotations

from dataclasses import replace

import pytest
import simcord

from cogs.core.async_store import AsyncStore
from i18n import texts
from tests.cogs.helpers.conftest import posts_in, said
from tests.cogs.helpers.test_save_words import HEARING, WORDS, articles_of
from tests.cogs.visible_text import buttons_of, shown

pytestmark = pytest.mark.simcord(approved_intents=HEARING)


async def test_the_author_is_asked(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    mod: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """A moderator who saves the words of another asks the author, who alone can agree; nothing is stored before."""
    message = await alice.send(channel, WORDS)

    seen = await mod.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    labels = buttons_of(seen.response)
    await mod.click(seen.response, label=texts.ASK_AUTHOR_BUTTON)
    (request,) = posts_in(channel, simcord_env)
    pinged = [one.json["allowed_mentions"] for one in simcord_env.http_requests if one.path.endswith("/messages")]
    second = await mod.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    twice = await mod.click(second.response, label=texts.ASK_AUTHOR_BUTTON)
    before = await articles_of(store, simcord_env)
    not_theirs = [await one.click(request, label=texts.YES_BUTTON) for one in (bob, mod)]
    await alice.click(request, label=texts.YES_BUTTON)

    (article,) = await articles_of(store, simcord_env)
    assert labels == [texts.ASK_AUTHOR_BUTTON, texts.HEADING_BUTTON, texts.CANCEL_BUTTON]
    assert f"<@{alice.id}>" in shown(request)
    assert pinged[-1] == {"parse": [], "users": [alice.id]}
    assert texts.WORDS_ASKED_BEFORE.split("{", maxsplit=1)[0] in said(twice)[0]
    assert before == []
    assert [said(one) for one in not_theirs] == [[texts.WORDS_NOT_YOURS]] * 2
    assert article.text.strip() == WORDS
    assert buttons_of(posts_in(channel, simcord_env)[0]) == []


async def test_the_author_refuses(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """After *No* nothing is stored, and the request has no buttons any more."""
    message = await alice.send(channel, WORDS)
    seen = await mod.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    await mod.click(seen.response, label=texts.ASK_AUTHOR_BUTTON)

    await alice.click(posts_in(channel, simcord_env)[0], label=texts.NO_BUTTON)

    (request,) = posts_in(channel, simcord_env)
    assert shown(request) == texts.WORDS_REFUSED
    assert await articles_of(store, simcord_env) == []


async def test_words_of_a_bot(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    mod: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """No person can be asked for what a webhook wrote: moderators save it, helpers cannot."""
    message = await simcord_env.guild.create_webhook(channel).send(WORDS)

    refused = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    seen = await mod.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    await mod.click(seen.response, label=texts.YES_BOT_BUTTON)

    assert refused.response.content == texts.WORDS_NOT_ALLOWED
    assert [article.text.strip() for article in await articles_of(store, simcord_env)] == [WORDS]


async def test_an_author_who_has_left(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, mod: simcord.MemberActor
) -> None:
    """Nobody can agree for a member who has left."""
    message = await alice.send(channel, WORDS)
    seen = await mod.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    simcord_env.guild.remove_member(alice)

    asked = await mod.click(seen.response, label=texts.ASK_AUTHOR_BUTTON)

    assert said(asked) == [texts.WORDS_AUTHOR_LEFT]


async def test_buttons_of_others(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """An offer that is over, or was made in another server, cannot be used."""
    message = await helper.send(channel, WORDS)
    seen = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    offer = await store.run(lambda: store.database.saved_words.offer(1))
    assert offer is not None
    await store.run(lambda: store.database.saved_words.put_offer(replace(offer, guild_id=5)))

    pressed = await helper.click(seen.response, label=texts.YES_BUTTON)

    assert said(pressed) == [texts.OFFER_OVER]
    assert await articles_of(store, simcord_env) == []
