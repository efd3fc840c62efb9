"""Articles that are renamed, brought back, exported and imported inside Discord, and who did it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import discord
import pytest
import simcord

from cogs.articles import export_files
from cogs.articles.article_service import ArticleService
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.worker import Worker
from cogs.services import Resources
from i18n import texts
from index.catalog.history import HistoryEntry
from index.libraries.registry import Libraries
from index.passages.embedder import Embedder
from settings import Settings
from tests.cogs.articles.test_group import kept, paste
from tests.cogs.seeing import PUBLIC, buttons_of, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.fixture
def libraries(settings: Settings, worker: Worker, embedder: Embedder) -> Iterator[Libraries]:
    """Return libraries with the real model, loaded before anybody waits for it."""
    libraries = Libraries(settings.data_dir, lambda: embedder)
    yield libraries
    worker.submit(libraries.close).result()


async def added(boss: simcord.MemberActor, channel: simcord.ChannelHandle, title: str, text: str) -> None:
    """Add a pasted text."""
    seen = await paste(boss, channel, title, text)
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)


async def history(article_service: ArticleService, guild_id: int) -> list[HistoryEntry]:
    """Return what has happened in a server's own library."""
    return await article_service.run(guild_id, lambda library: library.history())


def lines_of(count: int) -> bytes:
    """Return a file with so many articles, as `export` writes it."""
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
    """An article gets another title, which a new version of it keeps; the history says who did it."""
    await added(boss, channel, "The ferry", "The ferry leaves at seven.")
    seen = await boss.slash(channel, "article rename", article="The ferry", title="Times of the ferry")
    await added(boss, channel, "The ferry", "The ferry leaves at eight.")

    (article,) = await kept(store, simcord_env.guild.id)
    entries = await history(article_service, simcord_env.guild.id)
    assert "**The ferry** is called **Times of the ferry** now" in shown(seen.response)
    assert (article.title, article.text) == ("Times of the ferry", "The ferry leaves at eight.")
    assert [(one.what, one.by) for one in entries] == [
        ("replaced", str(boss.id)),
        ("renamed", str(boss.id)),
        ("added", str(boss.id)),
    ]


async def test_an_earlier_version_comes_back(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """The history lists what has happened; *Bring back* restores what was before, and that is history, too."""
    await added(boss, channel, "The ferry", "The ferry leaves at seven.")
    await added(boss, channel, "The ferry", "The ferry leaves at eight.")
    seen = await boss.slash(channel, "article history", article="The ferry")
    told, labels = shown(seen.response), buttons_of(seen.response)
    await boss.click(seen.response, label=labels[0])
    again = await boss.slash(channel, "article history")

    (article,) = await kept(store, simcord_env.guild.id)
    assert seen.response.ephemeral
    assert texts.ARTICLE_EVENTS["replaced"] in told
    assert f"<@{boss.id}>" in told
    assert labels == [texts.ARTICLE_RESTORE_BUTTON.format(number=2)]
    assert "Brought back: **The ferry**" in shown(seen.response)
    assert article.text == "The ferry leaves at seven."
    assert texts.ARTICLE_EVENTS["restored"] in shown(again.response)


async def test_a_removed_article_comes_back_after_a_restart(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
) -> None:
    """The history of all articles has those that were removed; its buttons work after a restart, once."""
    await added(boss, channel, "The ferry", "The ferry leaves at seven.")
    asked = await boss.slash(channel, "article remove", article="The ferry")
    await boss.click(asked.response, label=texts.ARTICLE_REMOVE_BUTTON)
    seen = await boss.slash(channel, "article history")
    (label,) = buttons_of(seen.response)
    await simcord_env.restart_bot(VerbatimBot(resources))
    before = await kept(store, simcord_env.guild.id)
    await boss.click(seen.response, label=label)

    assert before == []
    assert [article.text for article in await kept(store, simcord_env.guild.id)] == ["The ferry leaves at seven."]


async def test_nothing_has_happened(channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """An empty library has no history, and nothing to export."""
    told = await boss.slash(channel, "article history")
    empty = await boss.slash(channel, "article export")

    assert texts.ARTICLE_HISTORY_NOTHING in shown(told.response)
    assert empty.response.content == texts.ARTICLE_LIST_EMPTY


async def test_export_and_import(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """All articles come as one private file, which brings them to another server after a preview."""
    await added(boss, channel, "The ferry", "The ferry leaves at seven.")
    await added(boss, channel, "Dogs", "Dogs travel free.")
    sent = await boss.slash(channel, "article export")
    (file,) = sent.response.attachments
    data = await file.read() if hasattr(file, "read") else file.data
    other = simcord_env.create_guild()
    room = other.create_text_channel("room")
    role = other.create_role("Bosses", permissions=discord.Permissions(manage_guild=True))
    chief = other.add_member(simcord_env.create_user("chief"), roles=[role])
    seen = await chief.slash(room, "article import", file=("articles.jsonl", data))
    preview, before = shown(seen.response), await kept(store, other.id)
    await chief.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

    assert sent.response.ephemeral
    assert texts.ARTICLE_EXPORTED.format(count=2) in sent.response.content
    assert "press *Add*: 2, with" in preview
    assert "- **The ferry**" in preview
    assert before == []
    assert [article.title for article in await kept(store, other.id)] == ["The ferry", "Dogs"]
    assert "Imported: added: 2." in shown(seen.response)


async def test_a_large_library_is_packed(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too large for Discord is packed, and where that does not help, it is said who can export it."""
    await added(boss, channel, "The ferry", "The ferry leaves at seven. " * 140)
    monkeypatch.setattr(discord.Guild, "filesize_limit", property(lambda _: 1500))
    packed = await boss.slash(channel, "article export")
    monkeypatch.setattr(discord.Guild, "filesize_limit", property(lambda _: 100))
    refused = await boss.slash(channel, "article export")

    (file,) = packed.response.attachments
    data = await file.read() if hasattr(file, "read") else file.data
    seen = await boss.slash(channel, "article import", file=("articles.jsonl.gz", data))
    assert file.filename == "articles.jsonl.gz"
    assert gzip.decompress(data).startswith(b'{"format"')
    assert "press *Add*: 1, with" in shown(seen.response)
    assert refused.response.content == texts.ARTICLE_EXPORT_TOO_LARGE.format(limit=0.0001)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"# House rules\n", "is no library that `export` has written"),
        (lines_of(2)[:-11], "was cut short"),
        (lines_of(0), texts.ARTICLE_IMPORT_EMPTY),
        (b"\x1f\x8b nothing", "is damaged"),
    ],
)
async def test_files_that_cannot_be_imported(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, data: bytes, told: str
) -> None:
    """What is wrong with a file is one private sentence."""
    seen = await boss.slash(channel, "article import", file=("articles.jsonl", data))

    assert seen.response.ephemeral
    assert told in seen.response.content


async def test_packed_far_too_much(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file that unpacks to a very large one is refused before it does."""
    monkeypatch.setattr(export_files, "_MAX_DECOMPRESSED", 1_000_000)
    seen = await boss.slash(channel, "article import", file=("a.jsonl.gz", gzip.compress(b" " * 2_000_000)))

    assert seen.response.content == texts.ARTICLE_FILE_TOO_LARGE.format(limit=1)


class TestFull:
    """A server that may have two articles."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Allow two articles."""
        return settings.model_copy(update={"server_articles": 2})

    async def test_an_import_ends_where_there_is_no_room(
        self, simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
    ) -> None:
        """What fits is imported, and the rest is refused with the number and what to do."""
        seen = await boss.slash(channel, "article import", file=("articles.jsonl", lines_of(3)))
        await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

        assert texts.ARTICLES_FULL.format(count=2, limit=2) in shown(seen.response)
        assert "Imported: added: 2." in shown(seen.response)
        assert len(await kept(store, simcord_env.guild.id)) == 2

    async def test_a_removed_article_needs_room(
        self, simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
    ) -> None:
        """Where there is no room, a removed article is not brought back."""
        await added(boss, channel, "The ferry", "The ferry leaves at seven.")
        asked = await boss.slash(channel, "article remove", article="The ferry")
        await boss.click(asked.response, label=texts.ARTICLE_REMOVE_BUTTON)
        seen = await boss.slash(channel, "article history")
        await added(boss, channel, "Dogs", "Dogs travel free.")
        await added(boss, channel, "Cats", "Cats pay half.")
        refused = await boss.click(seen.response, label=buttons_of(seen.response)[0])

        assert [told.content for told in refused.followups] == [texts.ARTICLES_FULL.format(count=2, limit=2)]
        assert len(await kept(store, simcord_env.guild.id)) == 2


async def test_forget(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, article_service: ArticleService
) -> None:
    """`/forget` deletes from the history that it was this member."""
    await added(boss, channel, "The ferry", "The ferry leaves at seven.")
    await boss.slash(channel, "forget")

    assert [one.by for one in await history(article_service, simcord_env.guild.id)] == [""]
