"""What people do in a server, whichever shard it is on: the steps of `tests.acceptance.test_shards`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from i18n import texts
from tests.acceptance.conftest import until
from tests.acceptance.test_discord import QUESTION, quoted
from tests.acceptance.test_features import MANAGE_GUILD, MANAGE_MESSAGES, SEND
from tests.cogs.reader import read_quotes

OFF_TOPIC = "Who won the 2018 World Cup?"


@dataclass
class Place:
    """A server on one shard, with people and an article of its own."""

    harness: Any
    shard: int
    guild: Any
    channel: Any
    boss: Any
    helper: Any
    role: Any
    helpers: Any

    @classmethod
    def on(cls, harness: Any, shard: int) -> Place:
        """Create the server; call it before the bot starts."""
        guild, channel = harness.new_guild(f"On shard {shard}", shard=shard)
        role = harness.server.add_role(guild, "Helpers")
        helper = harness.user(f"Hanna {shard}", guild=None)
        harness.server.add_member(guild, helper, [role["_id"]])
        boss = harness.user(f"Boss {shard}", guild=guild, permissions=SEND | MANAGE_GUILD | MANAGE_MESSAGES)
        return cls(harness, shard, guild, channel, boss, helper, role, harness.text_channel("helpers", guild))

    @property
    def fact(self) -> str:
        """A sentence that only an article of this server has."""
        return f"The ferry of this server leaves at {self.shard + 1} o'clock."

    @property
    def question(self) -> str:
        """What the sentence answers."""
        return "When does the ferry leave?"

    async def slash(self, who: Any, command: str, options: dict[str, Any] | None = None) -> Any:
        """Use a command in the channel, which must not fail."""
        return self._done(await self.harness.slash(who, command, options or {}, channel=self.channel))

    async def click(self, who: Any, message: Any, label: str) -> Any:
        """Press a button, which must not fail."""
        return self._done(await self.harness.click(who, message, label))

    async def mention(self, who: Any, text: str) -> Any:
        """Mention the bot, which must answer."""
        return self._done(await self.harness.mention(who, text, self.channel))

    def _done(self, seen: Any) -> Any:
        assert not seen.failed, (self.shard, seen.failed, seen.text)
        return seen

    async def quote(self) -> str:
        """Ask the question of the server's article and return the first quote; empty if there is none."""
        asked = await self.slash(self.harness.bob, "ask", {"question": self.question})
        quotes = read_quotes(asked.response.text)
        return quotes[0].text if quotes else ""


async def ask(place: Place) -> None:
    """Ask by command, mention and reply; read on, vote, object, ask why, and delete."""
    alice, bob, discord = place.harness.alice, place.harness.bob, place.harness
    asked = await place.slash(alice, "ask", {"question": QUESTION})
    mentioned = await place.mention(bob, QUESTION)
    followed = await discord.say(bob, "And who runs the first account?", place.channel, reply_to=mentioned.response)
    more = await place.click(bob, asked.response, texts.MORE_BUTTON)
    helpful = await place.click(bob, asked.response, texts.HELPFUL_BUTTON)
    form = await place.click(bob, asked.response, texts.UNHELPFUL_BUTTON)
    reason = {texts.REASON_LABEL: ["wrong"], texts.REASON_DETAILS: "another year"}
    objected = await discord.submit_modal(bob, form, reason)
    why = await place.slash(place.boss, "insights why")
    deleted = await discord.context_menu(alice, texts.DELETE_MENU, asked.response)

    assert quoted(mentioned)
    assert not followed.failed
    assert followed.response.reply_to == followed.trigger["_id"]
    assert quoted(more)
    assert more.ephemeral
    assert texts.THANKS in helpful.text
    assert objected.text == texts.THANKS
    assert why.ephemeral
    assert deleted.text == texts.DELETED


async def keep_articles(place: Place) -> None:
    """Add an article after its preview, quote it, and import an export of it after another preview."""
    file = ("ferry.md", f"# The ferry\n\n{place.fact}\n".encode())
    preview = await place.slash(place.boss, "article add", {"file": file})
    pressed = await place.click(place.boss, preview.response, texts.ARTICLE_ADD_BUTTON)
    await until(lambda: "Added: " in pressed.response.text)
    exported = await place.slash(place.boss, "article export")
    data = exported.response.file()
    offered = await place.slash(place.boss, "article import", {"file": ("articles.jsonl", data)})
    await place.click(place.boss, offered.response, texts.ARTICLE_ADD_BUTTON)
    await until(lambda: "unchanged" in offered.response.text)

    assert "Added: " in pressed.response.text
    assert "unchanged" in offered.response.text
    assert await place.quote() == place.fact


async def call_human(place: Place) -> None:
    """Set the helpers' channel and role; a call is claimed and resolved by a helper."""
    options = {"helpers_channel": place.helpers, "helpers_role": place.role}
    await place.slash(place.boss, "config settings", options)
    caller = place.harness.user(f"Caller {place.shard}", guild=place.guild)  # a member may call once in a while
    asked = await place.slash(caller, "ask", {"question": OFF_TOPIC})
    called = await place.click(caller, asked.response, texts.HUMAN_BUTTON)
    (post,) = place.harness.messages_in(place.helpers)
    await place.click(place.helper, post, texts.CLAIM_BUTTON)
    await place.click(place.helper, post, texts.RESOLVE_BUTTON)
    await until(lambda: texts.CALL_RESOLVED in post.text)

    assert texts.HUMAN_CALLED in called.text
    assert texts.CALL_RESOLVED in post.text


async def limit(place: Place) -> None:
    """Limit each member to one question a minute; the second one is refused, and then the limit is lifted."""
    newcomer = place.harness.user(f"Newcomer {place.shard}", guild=place.guild)
    await place.slash(place.boss, "config settings", {"member_limit": 1})
    first, second = [await place.slash(newcomer, "ask", {"question": place.question}) for _ in range(2)]
    await place.slash(place.boss, "config settings", {"member_limit": 0})
    third = await place.slash(newcomer, "ask", {"question": place.question})

    assert [bool(read_quotes(one.text)) for one in (first, second, third)] == [True, False, True]
