"""Saving words without the message content intent: only a message's menu shows its text to the bot."""

from __future__ import annotations

import pytest
import simcord

from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from i18n import texts
from settings import Settings
from tests.cogs.articles.test_cog import stored_articles
from tests.cogs.helpers.conftest import posts_in, said
from tests.cogs.visible_text import PUBLIC, buttons_of, shown

WORDS = "The ferry leaves at seven, and dogs travel free."

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings without message content."""
    return settings.model_copy(update={"message_content": False})


async def texts_of(store: AsyncStore, env: simcord.Env) -> list[str]:
    """Return the texts of the server's own articles."""
    return [article.text.strip() for article in await stored_articles(store, env.guild.id)]


async def test_a_solved_call_leads_to_the_menu(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """What was written is counted though it cannot be read; the thread says which menu saves it, with the question."""
    asked = await alice.slash(channel, "ask", question="unknown ferry?")
    await alice.click(asked.response, label=texts.HUMAN_BUTTON)
    (post,) = posts_in(helpers, simcord_env)
    thread = helpers.threads[-1]
    message = await helper.send(thread, WORDS)
    await helper.click(post, label=texts.CLAIM_BUTTON)
    await helper.click(posts_in(helpers, simcord_env)[-1], label=texts.RESOLVE_BUTTON)
    waiting = await store.run(lambda: store.database.human_calls.human_answers_not_saved(simcord_env.guild.id, 0.0))

    seen = await helper.context_menu(thread, texts.SAVE_AS_ARTICLE, message)
    preview = shown(seen.response)
    await helper.click(seen.response, label=texts.YES_BUTTON)

    (hint,) = posts_in(thread, simcord_env)
    assert shown(hint) == texts.CALL_SAVE_HINT
    assert buttons_of(hint) == []
    assert [call.replies for call in waiting] == [1]
    assert "**unknown ferry?**" in preview
    assert await texts_of(store, simcord_env) == [WORDS]


async def test_an_edit_that_cannot_be_read(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    boss: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """After an edit the article stays, the list says so, and its author brings the new words with the menu."""
    message = await helper.send(channel, WORDS)
    seen = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    await helper.click(seen.response, label=texts.YES_BUTTON)

    await helper.edit(message, "The ferry leaves at eight.")
    kept = await texts_of(store, simcord_env)
    listed = await boss.slash(channel, "article answers")
    updated = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    after = await boss.slash(channel, "article answers")

    assert kept == [WORDS]
    assert texts.ANSWERS_UNREAD in shown(listed.response)
    assert shown(updated.response).startswith(texts.WORDS_UPDATED.split("{", maxsplit=1)[0])
    assert texts.ANSWERS_UNREAD not in shown(after.response)
    assert await texts_of(store, simcord_env) == ["The ferry leaves at eight."]


async def test_an_author_agrees_after_a_restart(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
) -> None:
    """What only memory knew is gone after a restart: the author, no helper, is told to use the menu, and may."""
    message = await alice.send(channel, WORDS)
    seen = await mod.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    await mod.click(seen.response, label=texts.ASK_AUTHOR_BUTTON)
    (request,) = posts_in(channel, simcord_env)
    await simcord_env.restart_bot(VerbatimBot(resources))

    unread = await alice.click(request, label=texts.YES_BUTTON)
    own = await alice.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    await alice.click(own.response, label=texts.YES_BUTTON)

    assert said(unread) == [texts.WORDS_UNREADABLE]
    assert await texts_of(store, simcord_env) == [WORDS]
