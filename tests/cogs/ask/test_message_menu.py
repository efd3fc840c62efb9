"""The context menu of messages: answer a message, post the answer, find the source of a claim."""

from __future__ import annotations

import pytest
import simcord

from cogs.core.async_store import AsyncStore
from i18n import texts
from settings import Settings
from storage.models import ServerSettings
from tests.cogs.reader import read_quotes
from tests.cogs.stored_articles import SENTENCES, TEXT, StockedAnswers, remove, stock
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.fixture
def answers(settings: Settings) -> StockedAnswers:
    """Return fake answers that quote an article of the shared library."""
    return StockedAnswers(stock(settings.data_dir))


@pytest.fixture
def helper(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> simcord.MemberActor:
    """Return a member with the helpers' role who may not manage messages."""
    role = simcord_env.guild.create_role("Helpers")
    return simcord_env.guild.add_member(simcord_env.create_user("helper"), roles=[role])


async def test_a_preview_is_private_and_can_be_posted(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    answers: StockedAnswers,
) -> None:
    """The menu shows the answer privately; *Post* replies to the message with it, once and without a ping."""
    question = await alice.send(channel, "who built the lighthouse?")

    preview = await mod.context_menu(channel, texts.ANSWER_THIS, question)
    before = replies_in(channel, simcord_env)
    labels = buttons_of(preview.response)
    await mod.click(preview.response, label=texts.POST_BUTTON)

    (posted,) = replies_in(channel, simcord_env)
    assert preview.response.ephemeral
    assert before == []
    assert labels == [texts.MORE_BUTTON, texts.POST_BUTTON]
    assert answers.asked[0][0] == "who built the lighthouse?"
    assert posted.reference.message_id == question.id
    assert posted.mentions == []
    assert [quote.text for quote in read_quotes(shown(posted))] == [span.of(TEXT) for span in SENTENCES[:3]]
    assert buttons_of(posted)[-1] == texts.UNHELPFUL_BUTTON
    assert f"/{channel.id}/{posted.id}" in shown(preview.response)
    assert buttons_of(preview.response) == []
    await mod.context_menu(channel, texts.DELETE_MENU, posted)
    assert replies_in(channel, simcord_env) == []


@pytest.mark.parametrize("set_up", [True, False])
async def test_posting_is_for_helpers(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    helper: simcord.MemberActor,
    store: AsyncStore,
    set_up: bool,
) -> None:
    """Members with the helpers' role may post; others get a private refusal and keep their preview."""
    if set_up:
        role = next(role for name, role in simcord_env.guild.roles.items() if name == "Helpers")
        await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(helpers_role=role.id))
    question = await helper.send(channel, "who built it?")
    preview = await helper.context_menu(channel, texts.ANSWER_THIS, question)

    pressed = await helper.click(preview.response, label=texts.POST_BUTTON)

    assert len(replies_in(channel, simcord_env)) == set_up
    assert [told.content for told in pressed.followups] == ([] if set_up else [texts.POST_NOT_ALLOWED])
    assert (texts.POST_BUTTON in buttons_of(preview.response)) is not set_up


async def test_posted_twice(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, mod: simcord.MemberActor, store: AsyncStore
) -> None:
    """An answer is posted only once, even if the button is pressed again before it disappears."""
    question = await mod.send(channel, "who built it?")
    preview = await mod.context_menu(channel, texts.ANSWER_THIS, question)
    await store.run(lambda: store.database.compare_and_set(1, private=False))

    pressed = await mod.click(preview.response, label=texts.POST_BUTTON)

    assert [told.content for told in pressed.followups] == [texts.POSTED_BEFORE]
    assert replies_in(channel, simcord_env) == []


async def test_not_posted_after_a_change(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    mod: simcord.MemberActor,
    answers: StockedAnswers,
    settings: Settings,
) -> None:
    """A preview is not posted if its article was removed meanwhile."""
    question = await mod.send(channel, "who built it?")
    preview = await mod.context_menu(channel, texts.ANSWER_THIS, question)
    remove(settings.data_dir, answers.article_id)

    pressed = await mod.click(preview.response, label=texts.POST_BUTTON)

    assert [told.content for told in pressed.followups] == [texts.CHANGED_MEANWHILE]
    assert replies_in(channel, simcord_env) == []


async def test_posting_where_the_bot_may_not_write(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, mod: simcord.MemberActor
) -> None:
    """If the bot may not write in the channel, the member is told privately and can post later."""
    question = await mod.send(channel, "who built it?")
    preview = await mod.context_menu(channel, texts.ANSWER_THIS, question)
    simcord_env.inject_error("POST", "/channels/*/messages", status=403, code=50013)

    refused = await mod.click(preview.response, label=texts.POST_BUTTON)
    await mod.click(preview.response, label=texts.POST_BUTTON)

    assert [told.content for told in refused.followups] == [texts.NOT_HERE]
    assert len(replies_in(channel, simcord_env)) == 1


@pytest.mark.parametrize("menu", [texts.ANSWER_THIS, texts.FIND_SOURCE])
async def test_message_without_words(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: StockedAnswers, menu: str
) -> None:
    """A message without text, such as mentions alone, gets a private notice."""
    message = await alice.send(channel, f"<@{alice.id}>")

    told = await alice.context_menu(channel, menu, message)

    assert told.response.ephemeral
    assert told.response.content == texts.NOTHING_TO_READ
    assert answers.asked == []


@pytest.mark.parametrize(
    ("claim", "heading"),
    [
        ("The lighthouse was built in 1871", texts.SOURCE_VERBATIM),
        ("Somebody built a lighthouse", texts.SOURCE_NEAREST),
        ("I like trains", texts.SOURCE_NONE),
    ],
)
async def test_find_the_source(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, claim: str, heading: str
) -> None:
    """The menu says privately whether the articles contain a claim, and quotes the nearest sentence."""
    message = await alice.send(channel, claim)

    found = await alice.context_menu(channel, texts.FIND_SOURCE, message)

    assert found.response.ephemeral
    assert heading in shown(found.response)
    quotes = [quote.text for quote in read_quotes(shown(found.response))]
    assert quotes == ([SENTENCES[0].of(TEXT)] if "lighthouse" in claim else [])
