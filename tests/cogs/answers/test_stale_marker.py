"""Answers are marked when their quotes are no longer in their articles."""

from __future__ import annotations

import discord
import pytest
import simcord

from cogs.answers.stale_marker import StaleMarker, marked_card
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.ui.answer_card import Card, Colour
from cogs.ui.limits import MAX_TEXT
from i18n import texts
from index.libraries.library_names import own_library
from settings import Settings
from storage.models import ServerSettings
from tests.cogs.stored_articles import FIRST, SECOND, TEXT, StockedAnswers, remove, stock
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.fixture
def answers(settings: Settings) -> StockedAnswers:
    """Return fake answers that quote an article of the shared library."""
    return StockedAnswers(stock(settings.data_dir))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the pause between edits, and run the job only when the test does."""
    monkeypatch.setattr("cogs.answers.stale_marker._PAUSE", 0.0)
    monkeypatch.setattr("cogs.core.background_job.INTERVAL_SECONDS", 3600.0)


def call(env: simcord.Env, text: str) -> str:
    """Return a message that mentions the bot."""
    return f"<@{env.bot.user.id}> {text}"


async def look(env: simcord.Env) -> None:
    """Run the job once."""
    feature = env.bot.get_cog("StaleMarker")
    assert isinstance(feature, StaleMarker)
    await feature.run_once()
    await env.settle()


def is_marked(message: discord.Message) -> bool:
    """Whether an answer is marked as outdated."""
    return "source has changed.**" in shown(message)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("change", ["changed", "removed"])
async def test_an_answer_whose_article_changes(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    settings: Settings,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
    plain: bool,
    change: str,
) -> None:
    """The mark is put above the answer, in grey, and quotes and buttons stay; it is put only once."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(plain=plain))
    await alice.send(channel, call(simcord_env, "who built it?"))
    (before,) = replies_in(channel, simcord_env)
    said, had = shown(before), buttons_of(before)
    await look(simcord_env)
    assert not is_marked(replies_in(channel, simcord_env)[0])

    if change == "removed":
        remove(settings.data_dir, answers.article_id)
    else:
        stock(settings.data_dir, "Nobody knows who built it.")
    await look(simcord_env)
    (after,) = replies_in(channel, simcord_env)
    calls = len(simcord_env.backend.transcript)
    stock(settings.data_dir, "Another version.")
    await look(simcord_env)

    assert shown(after) == ("\n\n" if plain else "\n").join([texts.AGED_SOME.format(count=3, shown=3), said])
    assert buttons_of(after) == had
    colour = after.embeds[0].colour if plain else after.components[0].accent_colour
    assert colour == discord.Colour(Colour.NOT_COVERED)
    assert len(simcord_env.backend.transcript) == calls


async def test_answers_to_commands_are_marked_and_private_ones_are_not(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    settings: Settings,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
) -> None:
    """Public answers to commands are marked; private ones cannot be edited and are not."""
    public = await alice.slash(channel, "ask", question="Who?")
    private = await alice.slash(channel, "ask", question="Who?", private=True)

    remove(settings.data_dir, answers.article_id)
    await look(simcord_env)

    (seen,) = [message for message in channel.history() if message.id == public.response.id]
    assert is_marked(seen)
    assert "source has changed.**" not in shown(private.response)


async def test_what_still_stands_is_quoted_from_the_new_version(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    settings: Settings,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
) -> None:
    """If the new version still contains all quotes, the answer is not marked, and its buttons read the new version."""
    asked = await alice.slash(channel, "ask", question="Who?")
    stock(settings.data_dir, f"A new beginning.\n\n{TEXT}")

    await look(simcord_env)
    opened = await alice.click(asked.response, label=texts.MORE_BUTTON)

    (seen,) = [message for message in channel.history() if message.id == asked.response.id]
    assert not is_marked(seen)
    assert "A new beginning." in shown(opened.response)
    assert texts.CONTEXT_HEADING in shown(opened.response)


async def test_a_part_that_is_gone(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    settings: Settings,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
) -> None:
    """If some of the quotes are gone, the mark says how many."""
    await alice.send(channel, call(simcord_env, "who built it?"))
    stock(settings.data_dir, f"{FIRST}\n\n{SECOND.replace('twice', 'once')}\n")

    await look(simcord_env)

    assert texts.AGED_SOME.format(count=1, shown=3) in shown(replies_in(channel, simcord_env)[0])


async def test_changes_while_the_bot_was_away(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    settings: Settings,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
) -> None:
    """After a restart, changes by other processes are noticed."""
    await alice.send(channel, call(simcord_env, "who built it?"))
    await look(simcord_env)
    remove(settings.data_dir, answers.article_id)

    bot = simcord_env.bot
    assert isinstance(bot, VerbatimBot)
    await bot.remove_cog("StaleMarker")
    await bot.add_cog(StaleMarker(bot, store, bot.get_cog("EditSync")._replies))
    await look(simcord_env)

    assert is_marked(replies_in(channel, simcord_env)[0])


async def test_only_the_newest_are_marked(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    settings: Settings,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One change of a library marks at most a fixed number of answers, the newest."""
    monkeypatch.setattr("cogs.answers.stale_marker._MOST", 2)
    monkeypatch.setattr("cogs.answers.stale_marker._BATCH", 2)
    for number in range(3):
        await alice.send(channel, call(simcord_env, f"who built number {number}?"))
    remove(settings.data_dir, answers.article_id)

    await look(simcord_env)

    assert [is_marked(message) for message in replies_in(channel, simcord_env)] == [False, True, True]


async def test_another_servers_change(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    settings: Settings,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
) -> None:
    """Changes in another library, or a missing library, mark nothing."""
    await alice.send(channel, call(simcord_env, "who built it?"))
    own = stock(settings.data_dir, library=own_library(simcord_env.guild.id))
    remove(settings.data_dir, own, own_library(simcord_env.guild.id))
    (settings.data_dir / "libraries" / "shared").rename(settings.data_dir / "moved")

    await look(simcord_env)

    assert not is_marked(replies_in(channel, simcord_env)[0])


@pytest.mark.parametrize(("status", "code", "known"), [(404, 10008, False), (403, 50001, True)])
async def test_what_can_not_be_marked(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    settings: Settings,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
    status: int,
    code: int,
    known: bool,
) -> None:
    """A deleted answer is deleted from discord.db, one that the bot cannot see is kept; neither is tried again."""
    await alice.send(channel, call(simcord_env, "who built it?"))
    (answer,) = replies_in(channel, simcord_env)
    simcord_env.inject_error("GET", "/channels/*/messages/*", status=status, code=code)
    remove(settings.data_dir, answers.article_id)

    await look(simcord_env)
    tried = len(simcord_env.backend.transcript)
    stock(settings.data_dir)
    await look(simcord_env)

    assert len(simcord_env.backend.transcript) == tried
    assert (await store.run(lambda: store.database.answer_in(answer.id)) is not None) is known


async def test_a_question_that_is_edited_afterwards(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    settings: Settings,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
) -> None:
    """The answer to an edited question is not marked until its own source changes."""
    question = await alice.send(channel, call(simcord_env, "who built it?"))
    answers.article_id = stock(settings.data_dir, f"Changed.\n\n{SECOND}")
    await look(simcord_env)
    assert is_marked(replies_in(channel, simcord_env)[0])

    answers.article_id = stock(settings.data_dir)
    await alice.edit(question, call(simcord_env, "and when?"))
    assert not is_marked(replies_in(channel, simcord_env)[0])
    remove(settings.data_dir, answers.article_id)
    await look(simcord_env)

    assert is_marked(replies_in(channel, simcord_env)[0])


def test_a_full_message_makes_room() -> None:
    """If the mark does not fit, the footer is left out; no quote is cut."""
    quotes = ["> " + "a" * 1900, "> " + "b" * 1900]
    card = marked_card(["about", *quotes, "-# " + "c" * 100], texts.AGED_ONE)

    assert card == Card(Colour.NOT_COVERED, texts.AGED_ONE, "about", tuple(quotes), "")
    assert sum(map(len, card.texts)) <= MAX_TEXT
