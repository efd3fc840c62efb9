"""What people wrote becomes an article: previewed, with the author's consent, and it follows the message."""

from __future__ import annotations

import time
from typing import Any

import discord
import pytest
import simcord

from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from i18n import texts
from index.libraries.library_names import own_library
from index.models import Article
from storage.gaps import gaps
from tests.cogs.articles.test_cog import stored_articles
from tests.cogs.helpers.conftest import posts_in, stored_calls
from tests.cogs.visible_text import PUBLIC, buttons_of, shown

HEARING = PUBLIC | discord.Intents(message_content=True)
WORDS = "The ferry leaves at seven, and *dogs* travel free."

pytestmark = pytest.mark.simcord(approved_intents=HEARING)


async def articles_of(store: AsyncStore, env: simcord.Env) -> list[Article]:
    """Return the server's own articles."""
    return list(await stored_articles(store, env.guild.id))


async def called(
    env: simcord.Env, channel: simcord.ChannelHandle, helpers: simcord.ChannelHandle, asker: Any, question: str
) -> tuple[Any, simcord.ChannelHandle]:
    """Ask a question and call a human; return the message in the helpers' channel and its thread."""
    asked = await asker.slash(channel, "ask", question=question)
    await asker.click(asked.response, label=texts.HUMAN_BUTTON)
    return posts_in(helpers, env)[-1], helpers.threads[-1]


async def test_what_a_helper_wrote_in_a_thread_becomes_an_article(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    helper: simcord.MemberActor,
    other_helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Once a call is solved the helper sees their own words and agrees; only then are they stored, without a name."""
    post, thread = await called(simcord_env, channel, helpers, alice, "unknown ferry?")
    await helper.click(post, label=texts.CLAIM_BUTTON)
    message = await helper.send(thread, WORDS)
    await bob.send(thread, "I think it leaves at eight.")
    await helper.click(posts_in(helpers, simcord_env)[-1], label=texts.RESOLVE_BUTTON)
    offer = posts_in(thread, simcord_env)[-1]

    not_a_helper = await bob.click(offer, label=texts.SAVE_MINE_BUTTON)
    wrote_nothing = await other_helper.click(offer, label=texts.SAVE_MINE_BUTTON)
    seen = await helper.click(offer, label=texts.SAVE_MINE_BUTTON)
    before = await articles_of(store, simcord_env)
    preview = shown(seen.response)
    await helper.click(seen.response, label=texts.YES_BUTTON)

    (article,) = await articles_of(store, simcord_env)
    (call,) = await stored_calls(store)
    assert texts.CALL_SAVE_OFFER in shown(offer)
    assert not_a_helper.response.content == texts.WORDS_NOT_ALLOWED
    assert wrote_nothing.response.content == texts.WORDS_NONE
    assert seen.response.ephemeral
    assert "**unknown ferry?**" in preview
    assert r"> The ferry leaves at seven, and \*dogs\* travel free." in preview
    assert before == []
    assert (article.title, article.text.strip()) == ("unknown ferry?", WORDS)
    assert article.source == f"https://discord.com/channels/{simcord_env.guild.id}/{thread.id}/{message.id}"
    assert (call.replies, call.saved) == (1, True)


async def test_calls_answered_in_writing_but_not_saved(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Solved calls whose answers are no article can be listed, until one of them is saved, and after it is removed."""
    post, thread = await called(simcord_env, channel, helpers, alice, "unknown ferry?")
    await helper.send(thread, WORDS)
    await helper.click(post, label=texts.CLAIM_BUTTON)
    await helper.click(posts_in(helpers, simcord_env)[-1], label=texts.RESOLVE_BUTTON)

    async def listed() -> int:
        calls = store.database.human_calls
        found = await store.run(lambda: calls.human_answers_not_saved(simcord_env.guild.id, time.time() - 60))
        return len(found)

    before = await listed()
    seen = await helper.click(posts_in(thread, simcord_env)[-1], label=texts.SAVE_MINE_BUTTON)
    await helper.click(seen.response, label=texts.YES_BUTTON)
    saved = await listed()
    await helper.click(seen.response, label=texts.REMOVE_WORDS_BUTTON)

    assert (before, saved, await listed()) == (1, 0, 1)


async def test_words_for_a_limited_channel(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    boss: simcord.MemberActor,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """They are in the collections of the channel where they were asked for, so that they are quoted there."""
    post, thread = await called(simcord_env, channel, helpers, alice, "unknown ferry?")
    limits = ["Ferries", "Travel"]
    await store.change_settings(simcord_env.guild.id, lambda now: now.with_collections(channel.id, limits))
    await helper.send(thread, WORDS)
    await helper.click(post, label=texts.CLAIM_BUTTON)
    await helper.click(posts_in(helpers, simcord_env)[-1], label=texts.RESOLVE_BUTTON)
    seen = await helper.click(posts_in(thread, simcord_env)[-1], label=texts.SAVE_MINE_BUTTON)
    await helper.click(seen.response, label=texts.YES_BUTTON)

    (article,) = await articles_of(store, simcord_env)
    library = own_library(simcord_env.guild.id)
    tags = await store.read(lambda: store.read_only.tags_of(library, article.id))
    assert list(tags) == limits

    title, one = "unknown ferry?", "Ferries"
    tagged = await boss.slash(helpers, "article tag", article=title, collections=one, everything=True)
    assert "so only the article itself was changed" in shown(tagged.response)  # and no other saved words


async def test_several_messages_and_another_heading(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Of several messages the helper chooses some, and can change the heading."""
    post, thread = await called(simcord_env, channel, helpers, alice, "unknown ferry?")
    await helper.send(thread, "Hi, let me see.")
    second = await helper.send(thread, WORDS)
    await helper.click(post, label=texts.CLAIM_BUTTON)
    await helper.click(posts_in(helpers, simcord_env)[-1], label=texts.RESOLVE_BUTTON)
    seen = await helper.click(posts_in(thread, simcord_env)[-1], label=texts.SAVE_MINE_BUTTON)
    both = shown(seen.response)

    await helper.select(seen.response, [str(second.id)])
    form = await helper.click(seen.response, label=texts.HEADING_BUTTON)
    await helper.submit_modal(form, {"title": "When does the ferry leave?"})
    one = shown(seen.response)
    await helper.click(seen.response, label=texts.YES_BUTTON)

    (article,) = await articles_of(store, simcord_env)
    assert "let me see" in both
    assert "let me see" not in one
    assert "**When does the ferry leave?**" in one
    assert (article.title, article.text.strip()) == ("When does the ferry leave?", WORDS)


async def test_a_helper_saves_their_own_message(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """In a message's menu a helper saves their own message, titled with what it replies to; members cannot."""
    question = await alice.send(channel, "When does the ferry leave?")
    message = await helper.send(channel, WORDS, reply_to=question)

    seen = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    await helper.click(seen.response, label=texts.YES_BUTTON)
    refused = await alice.context_menu(channel, texts.SAVE_AS_ARTICLE, question)
    of_others = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, question)
    again = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    state = shown(again.response)
    await helper.click(again.response, label=texts.REMOVE_WORDS_BUTTON)

    assert texts.WORDS_ALREADY.format(article="**When does the ferry leave?**") in state
    assert refused.response.content == of_others.response.content == texts.WORDS_NOT_ALLOWED
    assert await articles_of(store, simcord_env) == []


async def test_edits_and_deletions_are_followed(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """The article has the words of its message after an edit, keeps its heading, and goes with the message."""
    message = await helper.send(channel, WORDS)
    seen = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    await helper.click(seen.response, label=texts.YES_BUTTON)
    (first,) = await articles_of(store, simcord_env)

    await helper.edit(message, "The ferry leaves at eight.")
    (edited,) = await articles_of(store, simcord_env)
    await helper.delete(message)

    assert (edited.title, edited.text.strip()) == (first.title, "The ferry leaves at eight.")
    assert await articles_of(store, simcord_env) == []
    assert await store.run(lambda: store.database.saved_words.of_server(simcord_env.guild.id)) == []


async def test_what_was_deleted_while_the_bot_was_away(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
) -> None:
    """After a restart saved messages are read again, and so are the previews: their buttons go on working."""
    kept, gone = await helper.send(channel, WORDS), await helper.send(channel, "The museum closes at six.")
    for message in (kept, gone):
        seen = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
        await helper.click(seen.response, label=texts.YES_BUTTON)
    later = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, await helper.send(channel, "A third message."))
    saved = await store.run(lambda: store.database.saved_words.of_messages({kept.id}))
    await helper.delete(gone)
    await store.run(lambda: store.database.saved_words.add(saved[0]))

    await simcord_env.restart_bot(VerbatimBot(resources))
    await simcord_env.advance_time(5)
    await helper.click(later.response, label=texts.YES_BUTTON)

    found = {article.text.strip() for article in await articles_of(store, simcord_env)}
    assert found == {WORDS, "A third message."}


async def test_an_article_removed_by_hand_stays_removed(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    boss: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """The list shows what was saved and removes it; an edit of the message does not bring it back."""
    message = await helper.send(channel, WORDS)
    seen = await helper.context_menu(channel, texts.SAVE_AS_ARTICLE, message)
    await helper.click(seen.response, label=texts.YES_BUTTON)

    listed = await boss.slash(channel, "article answers")
    text = shown(listed.response)
    (saved,) = await store.run(lambda: store.database.saved_words.of_server(simcord_env.guild.id))
    await boss.select(listed.response, [str(saved.id)])
    after = shown(listed.response)
    await helper.edit(message, "Other words.")

    assert r"1. **The ferry leaves at seven, and \*dogs\* travel free.**" in text
    assert f"/{channel.id}/{message.id}" in text
    assert texts.ANSWERS_NOTHING in after
    assert await articles_of(store, simcord_env) == []


async def test_covered_questions_leave_the_gaps(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helpers: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """A question that was not covered is a gap until a helper's answer is saved, and again once that is removed."""

    async def uncovered() -> list[str]:
        def read() -> list[str]:
            with store.database.reading() as db:
                return [gap.question for gap in gaps(db, simcord_env.guild.id, 0.0, members=1)]

        return await store.run(read)

    await bob.slash(channel, "ask", question="unknown museum hours?")
    post, thread = await called(simcord_env, channel, helpers, alice, "unknown ferry?")
    await helper.send(thread, WORDS)
    await helper.click(post, label=texts.CLAIM_BUTTON)
    await helper.click(posts_in(helpers, simcord_env)[-1], label=texts.RESOLVE_BUTTON)
    before = await uncovered()
    seen = await helper.click(posts_in(thread, simcord_env)[-1], label=texts.SAVE_MINE_BUTTON)
    await helper.click(seen.response, label=texts.YES_BUTTON)
    await simcord_env.advance_time(61)
    saved = await uncovered()
    await helper.click(seen.response, label=texts.REMOVE_WORDS_BUTTON)

    assert sorted(before) == ["unknown ferry?", "unknown museum hours?"]
    assert saved == ["unknown museum hours?"]
    assert sorted(await uncovered()) == sorted(before)


async def test_private_channels(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    role: Any,
    helpers: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Words of a channel that not everyone can read are warned of, and for everyone only if their author says so."""
    hidden = discord.PermissionOverwrite(view_channel=False)
    seen_by = discord.PermissionOverwrite(view_channel=True, read_message_history=True, send_messages=True)
    staff = simcord_env.guild.create_text_channel(
        "staff",
        overwrites={simcord_env.guild.default_role: hidden, role: seen_by, simcord_env.bot.user: seen_by},
    )
    first, second = await helper.send(staff, WORDS), await helper.send(staff, "The museum closes at six.")

    seen = [await helper.context_menu(staff, texts.SAVE_AS_ARTICLE, message) for message in (first, second)]
    text, labels = shown(seen[0].response), buttons_of(seen[0].response)
    await helper.click(seen[0].response, label=texts.YES_BUTTON)
    await helper.click(seen[1].response, label=texts.YES_ALL_BUTTON)

    visibility = simcord_env.bot.get_cog("SavedList")._visibility
    shown_there = (await visibility.hidden_in(simcord_env.guild.id, channel.id)).values()
    by_text = {article.text.strip(): article.id for article in await articles_of(store, simcord_env)}
    assert texts.SOURCE_PRIVATE.format(channel=f"<#{staff.id}>") in text
    assert labels[:2] == [texts.YES_BUTTON, texts.YES_ALL_BUTTON]
    assert [set(ids) for ids in shown_there] == [{by_text[WORDS]}]


async def test_what_cannot_be_saved(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    """A message without text and the bot's own messages cannot be saved."""
    empty = await alice.send(channel, " ", attachments=[("picture.png", b"no text")])
    asked = await alice.slash(channel, "ask", question="Who?")

    no_text = await boss.context_menu(channel, texts.SAVE_AS_ARTICLE, empty)
    own = await boss.context_menu(channel, texts.SAVE_AS_ARTICLE, asked.response)

    assert no_text.response.content == texts.NOTHING_TO_READ
    assert own.response.content == texts.WORDS_OWN
