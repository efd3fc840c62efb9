"""Renaming, history, restoring, export and import in Discord, with the author of each change."""

from __future__ import annotations

import gzip
import json

import discord
import pytest
import simcord

from cogs.articles import export_files
from cogs.articles.article_service import ArticleService
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from i18n import texts
from index.catalog.history import HistoryEntry
from settings import Settings
from tests.cogs.articles.test_cog import paste, stored_articles
from tests.cogs.visible_text import PUBLIC, buttons_of, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


async def add_text(boss: simcord.MemberActor, channel: simcord.ChannelHandle, title: str, text: str) -> None:
    """Add a pasted text."""
    seen = await paste(boss, channel, title, text)
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)


async def history(article_service: ArticleService, guild_id: int) -> list[HistoryEntry]:
    """Return the history of a server's own library."""
    return await article_service.run(guild_id, lambda library: library.history())


def lines_of(count: int) -> bytes:
    """Return an export file with that many articles."""
    articles = [
        {"title": f"Room {n}", "text": f"Room {n} is blue.", "sections": [[0, 15, ""]], "sources": [{"shown": f"r{n}"}]}
        for n in range(count)
    ]
    header = {"format": "verbatim-library", "version": 1, "articles": count, "sites": []}
    return b"".join(json.dumps(line).encode() + b"\n" for line in [header, *articles, {"end": count}])


async def test_rename(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    article_service: ArticleService,
) -> None:
    """A renamed article keeps its title when a new version is stored; the history names the author."""
    await add_text(boss, channel, "The ferry", "The ferry leaves at seven.")
    seen = await boss.slash(channel, "article rename", article="The ferry", title="Times of the ferry")
    await add_text(boss, channel, "The ferry", "The ferry leaves at eight.")

    (article,) = await stored_articles(store, simcord_env.guild.id)
    entries = await history(article_service, simcord_env.guild.id)
    assert "**The ferry** is now called **Times of the ferry**" in shown(seen.response)
    assert (article.title, article.text) == ("Times of the ferry", "The ferry leaves at eight.")
    assert [(one.what, one.by) for one in entries] == [
        ("replaced", str(boss.id)),
        ("renamed", str(boss.id)),
        ("added", str(boss.id)),
    ]


async def test_an_earlier_version_comes_back(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """The history lists all changes; *Bring back* restores the earlier version, which is recorded too."""
    await add_text(boss, channel, "The ferry", "The ferry leaves at seven.")
    await add_text(boss, channel, "The ferry", "The ferry leaves at eight.")
    seen = await boss.slash(channel, "article history", article="The ferry")
    told, labels = shown(seen.response), buttons_of(seen.response)
    await boss.click(seen.response, label=labels[0])
    again = await boss.slash(channel, "article history")

    (article,) = await stored_articles(store, simcord_env.guild.id)
    assert seen.response.ephemeral
    assert texts.ARTICLE_EVENTS["replaced"] in told
    assert f"<@{boss.id}>" in told
    assert labels == [texts.ARTICLE_RESTORE_BUTTON.format(number=2)]
    assert "Restored: **The ferry**" in shown(seen.response)
    assert article.text == "The ferry leaves at seven."
    assert texts.ARTICLE_EVENTS["restored"] in shown(again.response)


async def test_a_removed_article_comes_back_after_a_restart(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
) -> None:
    """The history of all articles includes removed ones; its buttons work after a restart, but only once."""
    await add_text(boss, channel, "The ferry", "The ferry leaves at seven.")
    asked = await boss.slash(channel, "article remove", article="The ferry")
    await boss.click(asked.response, label=texts.ARTICLE_REMOVE_BUTTON)
    seen = await boss.slash(channel, "article history")
    (label,) = buttons_of(seen.response)
    await simcord_env.restart_bot(VerbatimBot(resources))
    before = await stored_articles(store, simcord_env.guild.id)
    await boss.click(seen.response, label=label)

    assert before == []
    assert [article.text for article in await stored_articles(store, simcord_env.guild.id)] == [
        "The ferry leaves at seven."
    ]


async def test_nothing_has_happened(channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """An empty library has no history and nothing to export."""
    told = await boss.slash(channel, "article history")
    empty = await boss.slash(channel, "article export")

    assert texts.ARTICLE_HISTORY_NOTHING in shown(told.response)
    assert empty.response.content == texts.ARTICLE_LIST_EMPTY


async def test_export_and_import(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """All articles are exported to one private file, which another server can import after a preview."""
    await add_text(boss, channel, "The ferry", "The ferry leaves at seven.")
    await add_text(boss, channel, "Dogs", "Dogs travel free.")
    sent = await boss.slash(channel, "article export")
    (file,) = sent.response.attachments
    data = await file.read() if hasattr(file, "read") else file.data
    other = simcord_env.create_guild()
    room = other.create_text_channel("room")
    role = other.create_role("Bosses", permissions=discord.Permissions(manage_guild=True))
    chief = other.add_member(simcord_env.create_user("chief"), roles=[role])
    seen = await chief.slash(room, "article import", file=("articles.jsonl", data))
    preview, before = shown(seen.response), await stored_articles(store, other.id)
    await chief.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

    assert sent.response.ephemeral
    assert texts.ARTICLE_EXPORTED.format(count=2) in sent.response.content
    assert "these articles: 2, with" in preview
    assert "- **The ferry**" in preview
    assert before == []
    assert [article.title for article in await stored_articles(store, other.id)] == ["The ferry", "Dogs"]
    assert "Imported: added: 2." in shown(seen.response)


async def test_a_large_library_is_packed(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file too large for Discord is compressed; if that is not enough, the message says who can export it."""
    await add_text(boss, channel, "The ferry", "The ferry leaves at seven. " * 140)
    monkeypatch.setattr(discord.Guild, "filesize_limit", property(lambda _: 1500))
    packed = await boss.slash(channel, "article export")
    monkeypatch.setattr(discord.Guild, "filesize_limit", property(lambda _: 100))
    refused = await boss.slash(channel, "article export")

    (file,) = packed.response.attachments
    data = await file.read() if hasattr(file, "read") else file.data
    seen = await boss.slash(channel, "article import", file=("articles.jsonl.gz", data))
    assert file.filename == "articles.jsonl.gz"
    assert gzip.decompress(data).startswith(b'{"format"')
    assert "these articles: 1, with" in shown(seen.response)
    assert refused.response.content == texts.ARTICLE_EXPORT_TOO_LARGE.format(limit=0.0001)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"# House rules\n", "is not a library written by `export`"),
        (lines_of(2)[:-11], "was cut short"),
        (lines_of(0), texts.ARTICLE_IMPORT_EMPTY),
        (b"\x1f\x8b nothing", "is damaged"),
    ],
)
async def test_files_that_cannot_be_imported(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, data: bytes, told: str
) -> None:
    """An invalid file gets one private sentence."""
    seen = await boss.slash(channel, "article import", file=("articles.jsonl", data))

    assert seen.response.ephemeral
    assert told in seen.response.content


async def test_packed_far_too_much(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file that decompresses to a very large one is refused before it is decompressed."""
    monkeypatch.setattr(export_files, "_MAX_DECOMPRESSED", 1_000_000)
    seen = await boss.slash(channel, "article import", file=("a.jsonl.gz", gzip.compress(b" " * 2_000_000)))

    assert seen.response.content == texts.ARTICLE_FILE_TOO_LARGE.format(limit=1)


class TestFull:
    """A server that may store two articles."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Allow two articles."""
        return settings.model_copy(update={"server_articles": 2})

    async def test_an_import_ends_where_there_is_no_room(
        self, simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
    ) -> None:
        """Articles that fit are imported; for the others the message says the limit and what to do."""
        seen = await boss.slash(channel, "article import", file=("articles.jsonl", lines_of(3)))
        await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

        assert texts.ARTICLES_FULL.format(count=2, limit=2) in shown(seen.response)
        assert "Imported: added: 2." in shown(seen.response)
        assert len(await stored_articles(store, simcord_env.guild.id)) == 2

    async def test_a_removed_article_needs_room(
        self, simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
    ) -> None:
        """A removed article is not restored if there is no room for it."""
        await add_text(boss, channel, "The ferry", "The ferry leaves at seven.")
        asked = await boss.slash(channel, "article remove", article="The ferry")
        await boss.click(asked.response, label=texts.ARTICLE_REMOVE_BUTTON)
        seen = await boss.slash(channel, "article history")
        await add_text(boss, channel, "Dogs", "Dogs travel free.")
        await add_text(boss, channel, "Cats", "Cats pay half.")
        refused = await boss.click(seen.response, label=buttons_of(seen.response)[0])

        assert [told.content for told in refused.followups] == [texts.ARTICLES_FULL.format(count=2, limit=2)]
        assert len(await stored_articles(store, simcord_env.guild.id)) == 2


async def test_forget(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, article_service: ArticleService
) -> None:
    """`/forget` removes the member's id from the history."""
    await add_text(boss, channel, "The ferry", "The ferry leaves at seven.")
    await boss.slash(channel, "forget")

    assert [one.by for one in await history(article_service, simcord_env.guild.id)] == [""]
