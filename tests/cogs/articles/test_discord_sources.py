"""Discord messages as articles: threads and forum posts as a whole, and channels as sources."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord

from cogs.articles import thread_source
from cogs.articles.article_service import ArticleService
from cogs.articles.channels.channel_listener import ChannelListener
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from i18n import texts
from settings import Settings
from storage.channel_sources import ChannelSource
from tests.cogs.articles.test_cog import stored_articles
from tests.cogs.visible_text import PUBLIC, buttons_of, shown

HEARING = PUBLIC | discord.Intents(message_content=True)

pytestmark = pytest.mark.simcord(approved_intents=HEARING)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings with message content."""
    return settings.model_copy(update={"message_content": True})


@pytest.fixture
def writer(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> simcord.MemberActor:
    """Return a member who may manage messages."""
    role = simcord_env.guild.create_role("Writers", permissions=discord.Permissions(manage_messages=True))
    return simcord_env.guild.add_member(simcord_env.create_user("writer"), roles=[role])


async def start_thread(env: simcord.Env, channel: simcord.ChannelHandle, name: str) -> simcord.ChannelHandle:
    """Create a thread in a channel."""
    place: Any = env.bot.get_channel(channel.id)
    await place.create_thread(name=name, type=discord.ChannelType.public_thread)
    return channel.threads[-1]


async def texts_of(store: AsyncStore, env: simcord.Env) -> list[str]:
    """Return the texts of the server's own articles."""
    return [article.text for article in await stored_articles(store, env.guild.id)]


async def follow_channel(boss: simcord.MemberActor, channel: simcord.ChannelHandle, **more: Any) -> Any:
    """Make a channel a source; return the response to the command."""
    seen = await boss.slash(channel, "article follow channel", channel=channel, **more)
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    return seen


async def test_a_thread_is_shown_and_then_added(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """A thread becomes one article: messages verbatim under their authors' names, with the thread's link as source."""
    thread = await start_thread(simcord_env, channel, "The ferry")
    await alice.send(thread, "When does it *leave*?")
    await boss.send(thread, "At seven.")
    await boss.send(thread, " ", attachments=[("map.png", b"no text")])

    seen = await boss.slash(thread, "article follow thread")
    text = shown(seen.response)
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

    (article,) = await stored_articles(store, simcord_env.guild.id)
    assert seen.response.ephemeral
    assert "**The ferry**" in text
    assert texts.THREAD_EMPTY.format(count=1) in text
    assert article.title == "The ferry"
    assert article.text == "alice\n\nWhen does it *leave*?\n\nboss\n\nAt seven.\n"
    assert [section.heading for section in article.sections] == ["alice", "boss"]
    assert article.source == f"https://discord.com/channels/{simcord_env.guild.id}/{thread.id}"


async def test_a_long_thread_is_bounded(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The preview says that messages beyond the limit are missing; the thread can be chosen from another channel."""
    monkeypatch.setattr(thread_source, "_MAX_MESSAGES", 2)
    thread = await start_thread(simcord_env, channel, "The ferry")
    for text in ("First words.", "Second words.", "Third words."):
        await alice.send(thread, text)

    seen = await boss.slash(channel, "article follow thread", thread=thread)

    assert texts.THREAD_MORE.format(most=2) in shown(seen.response)
    assert "Second words" in shown(seen.response)
    assert "Third words" not in shown(seen.response)


async def test_what_is_no_thread(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor
) -> None:
    """Outside a thread the command says what to do, and an empty thread is refused."""
    thread = await start_thread(simcord_env, channel, "Nothing")

    refused = await boss.slash(channel, "article follow thread")
    empty = await boss.slash(thread, "article follow thread")

    assert refused.response.content == texts.THREAD_WANTED
    assert "It has no text" in empty.response.content


async def test_a_channel_becomes_a_source(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Messages of members who may manage messages are stored, old and new ones, each with its link as the source."""
    first = await writer.send(channel, "The ferry leaves at seven.")
    await alice.send(channel, "Nobody may quote me on this.")

    seen = await boss.slash(channel, "article follow channel", channel=channel)
    offered, before = shown(seen.response), await texts_of(store, simcord_env)
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    after = shown(seen.response)
    await writer.send(channel, "Dogs travel free.")
    await alice.send(channel, "Cats do not travel at all.")

    articles = await stored_articles(store, simcord_env.guild.id)
    assert "of the last 2, 1 would become articles" in offered
    assert "The ferry leaves at seven." in offered
    assert before == []
    assert "Stored: 1" in after
    assert [article.text for article in articles] == ["The ferry leaves at seven.", "Dogs travel free."]
    assert articles[0].source == f"https://discord.com/channels/{simcord_env.guild.id}/{channel.id}/{first.id}"


async def test_only_a_role(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """With a role, only messages of its members are stored, whatever permissions others have."""
    role = simcord_env.guild.create_role("Reporters")
    reporter = simcord_env.guild.add_member(simcord_env.create_user("reporter"), roles=[role])
    await follow_channel(boss, channel, role=role)

    await writer.send(channel, "The ferry leaves at seven.")
    await reporter.send(channel, "Dogs travel free.")

    assert await texts_of(store, simcord_env) == ["Dogs travel free."]


async def test_messages_are_followed(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Editing a message changes its article, deleting it removes the article."""
    await follow_channel(boss, channel)
    first = await writer.send(channel, "The ferry leaves at seven.")
    second = await writer.send(channel, "Dogs travel free.")

    await writer.edit(first, "The ferry leaves at eight.")
    edited = await texts_of(store, simcord_env)
    await writer.delete(second)

    assert sorted(edited) == ["Dogs travel free.", "The ferry leaves at eight."]
    assert await texts_of(store, simcord_env) == ["The ferry leaves at eight."]


async def test_what_happened_while_the_bot_was_away(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
) -> None:
    """After a restart the bot stores and removes what was written and deleted while it was offline."""
    await follow_channel(boss, channel)
    first = await writer.send(channel, "The ferry leaves at seven.")
    await writer.send(channel, "Dogs travel free.")
    await simcord_env.bot.remove_cog("ChannelListener")  # it hears nothing for a while
    await writer.delete(first)
    await writer.send(channel, "Cats pay half.")
    await alice.send(channel, "Nobody may quote me on this.")
    await simcord_env.restart_bot(VerbatimBot(resources))
    await simcord_env.settle()

    assert await texts_of(store, simcord_env) == ["Dogs travel free.", "Cats pay half."]


@pytest.mark.parametrize(
    ("label", "left", "told"),
    [
        (texts.WATCH_KEEP_BUTTON, ["The ferry leaves at seven."], texts.WATCH_KEPT),
        (texts.WATCH_REMOVE_BUTTON, [], texts.WATCH_REMOVED),
    ],
)
async def test_switched_off(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
    label: str,
    left: list[str],
    told: str,
) -> None:
    """On a source the command shows its status and offers to stop it, keeping or removing its articles."""
    await follow_channel(boss, channel)
    await writer.send(channel, "The ferry leaves at seven.")

    seen = await boss.slash(channel, "article follow channel", channel=channel)
    state, labels = shown(seen.response), buttons_of(seen.response)
    await boss.click(seen.response, label=label)
    await writer.send(channel, "Dogs travel free.")

    assert "Stored: 1" in state
    assert labels == [texts.WATCH_KEEP_BUTTON, texts.WATCH_REMOVE_BUTTON, texts.CANCEL_BUTTON]
    assert told.format(channel=f"<#{channel.id}>", count=1) in shown(seen.response)
    assert await texts_of(store, simcord_env) == left


async def test_a_private_source_is_warned_of(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, writer: simcord.MemberActor
) -> None:
    """A channel, thread or message that not everyone can read may be quoted to everyone, which is said before."""
    everyone = simcord_env.guild.default_role
    hidden = discord.PermissionOverwrite(view_channel=False)
    shown_to = discord.PermissionOverwrite(view_channel=True, read_message_history=True, send_messages=True)
    staff = simcord_env.guild.create_text_channel(
        "staff",
        overwrites={everyone: hidden, simcord_env.bot.user: shown_to, boss.user: shown_to, writer.user: shown_to},
    )
    thread = await start_thread(simcord_env, staff, "The ferry")
    await writer.send(thread, "It leaves at seven.")
    await writer.send(channel, "Dogs travel free.")

    private = [
        await boss.slash(staff, "article follow channel", channel=staff),
        await boss.slash(thread, "article follow thread", thread=thread),
    ]
    public = await boss.slash(channel, "article follow channel", channel=channel)

    assert texts.SOURCE_PRIVATE.format(channel=f"<#{staff.id}>") in shown(private[0].response)
    assert texts.SOURCE_PRIVATE.format(channel=f"<#{thread.id}>") in shown(private[1].response)
    assert "**Careful:**" not in shown(public.response)


async def test_without_read_message_history(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    """Without permission to read the history both commands are refused, naming the permission."""
    silent = discord.PermissionOverwrite(read_message_history=False)
    hidden = simcord_env.guild.create_text_channel("hidden", overwrites={simcord_env.bot.user: silent})
    thread = await start_thread(simcord_env, hidden, "The ferry")
    await alice.send(thread, "When does it leave?")

    told = [
        await boss.slash(channel, "article follow channel", channel=hidden),
        await boss.slash(channel, "article follow thread", thread=thread),
    ]

    assert told[0].response.content == texts.CHANNEL_FORBIDDEN.format(channel=f"<#{hidden.id}>")
    assert told[1].response.content == texts.CHANNEL_FORBIDDEN.format(channel=f"<#{thread.id}>")


class TestFull:
    """A server that may store one article."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Allow one article."""
        return settings.model_copy(update={"server_articles": 1})

    async def test_trouble_is_kept_with_the_channel(
        self,
        simcord_env: simcord.Env,
        channel: simcord.ChannelHandle,
        boss: simcord.MemberActor,
        writer: simcord.MemberActor,
        store: AsyncStore,
    ) -> None:
        """If there is no room for a message no member is notified, and the command shows the reason."""
        await follow_channel(boss, channel)
        await writer.send(channel, "The ferry leaves at seven.")
        await writer.send(channel, "Dogs travel free.")

        seen = await boss.slash(channel, "article follow channel", channel=channel)

        assert texts.ARTICLES_FULL.format(count=1, limit=1) in shown(seen.response)
        assert await texts_of(store, simcord_env) == ["The ferry leaves at seven."]


@pytest.mark.simcord(approved_intents=PUBLIC)
class TestWithoutMessageContent:
    """The bot with its default settings, without the privileged intent."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Return settings without message content."""
        return settings.model_copy(update={"message_content": False})

    async def test_it_is_refused_with_the_reason(
        self, simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor
    ) -> None:
        """Neither a thread nor a channel can be read, and the message says what is needed."""
        thread = await start_thread(simcord_env, channel, "The ferry")

        told = [
            await boss.slash(thread, "article follow thread"),
            await boss.slash(channel, "article follow channel", channel=channel),
        ]

        assert [seen.response.content for seen in told] == [
            f"{texts.NEEDS_CONTENT} {texts.THREAD_SAVE_ONE}",
            texts.NEEDS_CONTENT,
        ]

    async def test_a_source_of_before_can_be_switched_off(
        self, simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor
    ) -> None:
        """A channel that became a source earlier can be stopped without message content too."""
        listener = simcord_env.bot.get_cog("ChannelListener")
        assert isinstance(listener, ChannelListener)
        await listener.save(ChannelSource(channel.id, simcord_env.guild.id, None, running=True))

        seen = await boss.slash(channel, "article follow channel", channel=channel)
        await boss.click(seen.response, label=texts.WATCH_KEEP_BUTTON)

        assert listener.get(channel.id) is None


async def test_a_button_means_what_it_stood_under(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """If a channel was offered again with another role, the first preview's button is refused."""
    role = simcord_env.guild.create_role("Reporters")
    first = await boss.slash(channel, "article follow channel", channel=channel)
    second = await boss.slash(channel, "article follow channel", channel=channel, role=role)

    refused = await boss.click(first.response, label=texts.ARTICLE_ADD_BUTTON)
    await boss.click(second.response, label=texts.ARTICLE_ADD_BUTTON)
    await writer.send(channel, "The ferry leaves at seven.")

    assert [told.content for told in refused.followups] == [texts.WATCH_FORGOTTEN]
    assert await texts_of(store, simcord_env) == []


async def test_what_was_removed_by_hand_stays_away(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """A message whose article was removed with a command is not stored again when it is edited."""
    await follow_channel(boss, channel)
    message = await writer.send(channel, "The ferry leaves at seven.")
    asked = await boss.slash(channel, "article remove", article="The ferry leaves at seven.")
    await boss.click(asked.response, label=texts.ARTICLE_REMOVE_BUTTON)

    await writer.edit(message, "The ferry leaves at eight.")

    assert await texts_of(store, simcord_env) == []


async def test_what_was_deleted_is_not_kept(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    writer: simcord.MemberActor,
    article_service: ArticleService,
) -> None:
    """Articles of deleted messages cannot be restored from the history, even after a bulk deletion."""
    await follow_channel(boss, channel)
    sent = [await writer.send(channel, f"The ferry leaves at {hour}.") for hour in ("six", "seven", "eight")]
    place: Any = simcord_env.bot.get_channel(channel.id)
    await place.delete_messages([discord.Object(message.id) for message in sent])
    await simcord_env.settle()

    entries = await article_service.run(simcord_env.guild.id, lambda library: library.history())
    assert {entry.what for entry in entries} == {"erased"}
    assert not any(entry.kept for entry in entries)
