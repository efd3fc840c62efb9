"""A forum post is tagged as solved once its author says that the answer helped, if the server wants that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from pydantic import SecretStr

from cogs.answers.solved_tag import solved_tag, solved_tag_findings
from cogs.core.async_store import AsyncStore
from i18n import texts
from settings import Settings
from storage.models import ServerSettings
from tests.cogs.visible_text import PUBLIC

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC | discord.Intents(message_content=True))

WANTED = ServerSettings(solved_tag=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with message content."""
    return Settings(data_dir=tmp_path, discord_token=SecretStr("not.a.token"), message_content=True)


def forum_of(names: list[str], **allowed: bool) -> Any:
    """Return a forum with tags, as far as it is read."""
    tags = [discord.ForumTag(name=name) for name in names]
    permissions = discord.Permissions(**{"view_channel": True, "manage_threads": True, **allowed})
    return type("", (), {
        "available_tags": tags, "permissions_for": lambda _, __: permissions, "mention": "<#8>", "id": 8
    })()  # fmt: skip


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["Bug", "✅ Solved"], "✅ Solved"),
        (["answered", "Gelöst!"], "Gelöst!"),
        (["RÉSOLU"], "RÉSOLU"),
        (["resuelto", "respondido"], "resuelto"),
        (["risolto"], "risolto"),
        (["resolvido"], "resolvido"),
        (["Beantwortet"], "Beantwortet"),
        (["unsolved", "not solved", "closed", "done"], None),
        ([], None),
    ],
)
def test_the_tag_is_found_by_its_name(names: list[str], found: str | None) -> None:
    """In six languages, with emoji or without, the best name first."""
    tag = solved_tag(forum_of(names))

    assert (tag.name if tag else None) == found


def test_what_is_missing_is_said() -> None:
    """The check names forums without a tag and those in which the bot may not set it; nothing if it is switched off."""
    forums = [forum_of(["Solved"], manage_threads=False), forum_of([]), forum_of([], view_channel=False)]
    guild: Any = type("", (), {"forums": [forum_of(["Solved"]), *forums], "me": None})()

    assert solved_tag_findings(guild, ServerSettings()) == []
    assert solved_tag_findings(guild, WANTED) == [
        texts.CHECK_FINDING.format(channels="<#8>", finding=text)
        for text in (texts.CHECK_SOLVED, texts.CHECK_SOLVED_NO_TAG)
    ]


@pytest.mark.parametrize(
    ("wanted", "author", "tags", "already", "tagged"),
    [
        (True, True, ["Bug", "Solved"], 0, True),
        (False, True, ["Solved"], 0, False),
        (True, False, ["Solved"], 0, False),
        (True, True, ["Bug"], 0, False),
        (True, True, ["a", "b", "c", "d", "Solved"], 4, True),
        (True, True, ["a", "b", "c", "d", "e", "Solved"], 5, False),
    ],
)
async def test_a_helpful_vote_of_the_author_tags_the_post(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
    *,
    wanted: bool,
    author: bool,
    tags: list[str],
    already: int,
    tagged: bool,
) -> None:
    """Only the author's vote counts, a sixth tag is not set, and without the setting nothing happens."""
    assert channel.id
    forum = simcord_env.guild.create_forum_channel("help")
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(solved_tag=wanted))
    simcord_env.backend.create_thread(forum.id, "Lighthouse", alice.id, type=11)
    (thread,) = forum.threads
    asked = await alice.slash(thread, "ask", question="Who built it?")
    post = simcord_env.bot.guilds[0].get_thread(thread.id)
    assert post is not None
    available = [discord.ForumTag(name=name, moderated=name == "Solved") for name in tags]
    for number, tag in enumerate(available, 1):
        tag.id = number
    assert isinstance(post.parent, discord.ForumChannel)
    post.parent._available_tags = {tag.id: tag for tag in available}
    post._applied_tags = list(range(1, already + 1))  # type: ignore[assignment]
    set_tags: list[str] = []

    async def add_tags(_: Any, *added: discord.ForumTag, reason: str) -> None:
        set_tags.extend(tag.name for tag in added)
        assert reason == texts.SOLVED_REASON

    monkeypatch.setattr(discord.Thread, "add_tags", add_tags)
    await (alice if author else bob).click(asked.response, label=texts.HELPFUL_BUTTON)
    await simcord_env.settle()

    assert set_tags == (["Solved"] if tagged else [])


async def test_without_permission_nothing_is_tried(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the bot may not manage threads, Discord is not asked."""
    assert channel.id
    forum = simcord_env.guild.create_forum_channel("help")
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(solved_tag=True))
    simcord_env.backend.create_thread(forum.id, "Lighthouse", alice.id, type=11)
    (thread,) = forum.threads
    asked = await alice.slash(thread, "ask", question="Who built it?")
    monkeypatch.setattr(discord.ForumChannel, "permissions_for", lambda *_: discord.Permissions(view_channel=True))
    monkeypatch.setattr("cogs.answers.solved_tag.solved_tag", lambda _: discord.ForumTag(name="Solved"))
    requests = len(simcord_env.http_requests)
    await alice.click(asked.response, label=texts.HELPFUL_BUTTON)
    await simcord_env.settle()

    assert not [one for one in simcord_env.http_requests[requests:] if one.path == f"/channels/{thread.id}"]


@pytest.mark.parametrize(("said", "tags"), [("thanks a lot!", 1), ("thanks, and when does it open?", 0), ("hm", 0)])
async def test_thanks_of_the_author_tag_the_post(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    tags: int,
) -> None:
    """Thanks of the author count, once the bot has answered; those of others do not."""
    assert channel.id
    forum = simcord_env.guild.create_forum_channel("help")
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(solved_tag=True))
    simcord_env.backend.create_thread(forum.id, "Lighthouse", alice.id, type=11)
    (thread,) = forum.threads
    monkeypatch.setattr("cogs.answers.solved_tag.solved_tag", lambda _: discord.ForumTag(name="Solved"))
    added: list[discord.ForumTag] = []

    async def add_tags(_: Any, *new: discord.ForumTag, **__: object) -> None:
        added.extend(new)

    monkeypatch.setattr(discord.Thread, "add_tags", add_tags)
    await alice.send(thread, said)
    await simcord_env.settle()
    before = len(added)
    await alice.slash(thread, "ask", question="Who built it?")
    await bob.send(thread, said)
    await alice.send(thread, said)
    await simcord_env.settle()

    assert [before, len(added)] == [0, tags]
