"""Asking a human and learning from one, end to end: with the message content intent, and without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from i18n import texts
from tests.acceptance.conftest import quicken, start, until
from tests.acceptance.test_discord import unexpected
from tests.acceptance.test_features import MANAGE_GUILD, SEND
from tests.cogs.reader import read_quotes

QUESTION = "When does the ferry to Gull Island leave?"
WORDS = "The ferry to Gull Island leaves at seven, and dogs travel free of charge."

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


class World:
    """A server with a helpers' channel and a helper."""

    def __init__(self, harness: Any) -> None:
        self.harness, self.server = harness, harness.server
        guild = self.server.guilds[int(harness.channel["guild_id"])]
        self.role = self.server.add_role(guild, "Helpers")
        self.helpers = harness.text_channel("helpers")
        self.boss = harness.user("Boss", permissions=SEND | MANAGE_GUILD)
        self.helper = harness.user("Hanna", guild=None)
        self.server.add_member(guild, self.helper, [self.role["_id"]])

    async def set_up(self) -> None:
        """Set the helpers' channel and role."""
        options = {"helpers_channel": self.helpers, "helpers_role": self.role}
        assert not (await self.harness.slash(self.boss, "config settings", options)).failed

    @property
    def post(self) -> Any:
        """The newest call in the helpers' channel."""
        return self.public_in(self.helpers)[-1]

    def public_in(self, channel: Any) -> list[Any]:
        """Return the bot's messages in a channel that everybody there sees."""
        return [message for message in self.harness.messages_in(channel) if not message.ephemeral]

    @property
    def thread(self) -> Any:
        """The newest thread in the helpers' channel."""
        return next(
            one for one in reversed(self.server.channels.values()) if one.get("parent_id") == self.helpers["id"]
        )

    async def press(self, member: Any, message: Any, label: str) -> Any:
        """Press a button, which must not fail."""
        seen = await self.harness.click(member, message, label)
        assert not seen.failed, (label, seen.failed)
        return seen


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["true", "false"], ids=["content", "no-content"])
async def world(request: Any, fakecord: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Return the simulated Discord with a bot that may, or may not, read all messages."""
    privileged = request.param == "true"
    async with fakecord.Harness(ratelimits="realistic", latency=(0.03, 0.12), privileged_intents=privileged) as harness:
        quicken(harness)
        harness.data_dir = tmp_path_factory.mktemp("data")
        harness.log = str(tmp_path_factory.mktemp("log") / "bot.log")
        harness.default_timeout = 60.0
        harness.bot = await start(harness, synced=True, MESSAGE_CONTENT=request.param)
        harness.reads = privileged
        made = World(harness)
        await made.set_up()
        yield made
        assert unexpected(harness) == []


async def test_a_call_from_the_question_to_the_article(world: World) -> None:
    """A question nobody wrote about is answered by a helper, saved with their consent, and answered the next time."""
    discord = world.harness
    asked = await discord.slash(discord.alice, "ask", {"question": QUESTION})
    called = await world.press(discord.alice, asked.response, texts.HUMAN_BUTTON)
    stranger = await discord.click(discord.bob, world.post, texts.CLAIM_BUTTON)
    await world.press(world.helper, world.post, texts.CLAIM_BUTTON)
    message = discord.post(world.helper, WORDS, world.thread)
    await discord.bot.stop()  # all that follows uses buttons of an earlier run
    discord.bot = await start(discord, MESSAGE_CONTENT="true" if discord.reads else "false")
    await world.press(world.helper, world.post, texts.RESOLVE_BUTTON)
    await until(lambda: world.public_in(world.thread))
    offer = world.public_in(world.thread)[-1]
    if discord.reads:
        seen = await world.press(world.helper, offer, texts.SAVE_MINE_BUTTON)
    else:
        seen = await discord.context_menu(world.helper, texts.SAVE_AS_ARTICLE, message)
    await world.press(world.helper, seen.response, texts.YES_BUTTON)
    again = await discord.slash(discord.bob, "ask", {"question": QUESTION})

    assert called.ephemeral
    assert texts.HUMAN_CALLED in called.text
    assert texts.CALL_NOT_A_HELPER in stranger.text
    assert texts.CALL_RESOLVED in world.post.text
    assert (texts.CALL_SAVE_OFFER if discord.reads else texts.CALL_SAVE_HINT) in offer.text
    assert "Added: " in seen.response.text
    assert read_quotes(again.response.text)[0].text.startswith("The ferry to Gull Island leaves at seven")
    direct = discord.messages_in(discord.server.make_dm(discord.alice))
    told = [one.content.split(":", maxsplit=1)[0] for one in direct]
    assert told == [
        f"<@{world.helper['id']}> is looking at your question",
        "Your question has been answered by a person",
    ]
    world.message = message


async def test_edits_and_deletions(world: World) -> None:
    """The article has the new words after an edit that can be read, and is gone when the message is deleted."""
    discord, message = world.harness, world.message
    discord.server.edit_message(message, {"content": "The ferry to Gull Island leaves at eight."})

    async def answered(text: str, *, wanted: bool) -> bool:
        """Ask a few times, as a member may ask 20 questions in a minute; return whether the answer had the text."""
        for _ in range(5):
            seen = await discord.slash(discord.bob, "ask", {"question": QUESTION, "private": True})
            found = any(text in quote.text for quote in read_quotes(seen.response.text))
            if found == wanted:
                break
            await asyncio.sleep(2)
        return found

    if discord.reads:
        assert await answered("leaves at eight", wanted=True)
    else:
        listed = await discord.slash(world.boss, "article answers")
        assert texts.ANSWERS_UNREAD in listed.text
        seen = await discord.context_menu(world.helper, texts.SAVE_AS_ARTICLE, message)
        # Already, if a new session has compared it: the simulated Discord returns a single message with its words.
        said = tuple(text.split("{", maxsplit=1)[0] for text in (texts.WORDS_UPDATED, texts.WORDS_ALREADY))
        assert seen.text.startswith(said)
        assert await answered("leaves at eight", wanted=True)
    discord.server.delete_message(message)
    assert not await answered("leaves at eight", wanted=False)
    assert (await discord.slash(world.boss, "article answers")).text.startswith(texts.ANSWERS_NOTHING)


async def test_an_author_is_asked(world: World) -> None:
    """A manager asks a member for their words; after they agree these are quoted; a second member refuses."""
    discord = world.harness
    talk = discord.text_channel("talk")
    first = discord.post(discord.alice, "The bakery of Gull Island opens at half past five.", talk)
    second = discord.post(discord.bob, "The museum of Gull Island closes at six.", talk)
    for message in (first, second):
        seen = await discord.context_menu(world.boss, texts.SAVE_AS_ARTICLE, message)
        await world.press(world.boss, seen.response, texts.ASK_AUTHOR_BUTTON)
    requests = world.public_in(talk)
    asking = [request.text for request in requests]
    wrong = await discord.click(discord.bob, requests[0], texts.YES_BUTTON)
    await world.press(discord.alice, requests[0], texts.YES_BUTTON)
    await world.press(discord.bob, requests[1], texts.NO_BUTTON)
    asked = await discord.slash(discord.bob, "ask", {"question": "When does the bakery of Gull Island open?"})

    assert [f"<@{who['id']}>" in text for who, text in zip((discord.alice, discord.bob), asking, strict=True)] == [
        True,
        True,
    ]
    assert texts.WORDS_NOT_YOURS in wrong.text
    assert read_quotes(asked.response.text)[0].text.startswith("The bakery of Gull Island opens")
    await until(lambda: texts.WORDS_REFUSED in requests[1].text)
