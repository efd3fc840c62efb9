"""Adding articles in Discord: the preview, the confirmation, and who may do it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
import simcord

from cogs.articles.article_service import ArticleService
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.worker import Worker
from cogs.services import Resources
from i18n import texts
from index.libraries.library import Library
from index.models import Article, Receipt
from index.sources.http.client import Fetcher
from settings import Settings
from storage.models import ServerSettings
from tests.cogs.reader import read_quotes
from tests.cogs.visible_text import PUBLIC, buttons_of, shown
from tests.index.sample_files import GOOD, archive, zipped
from tests.index.site import Reply, Site

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

RULES = (
    "# House rules\n\nBe *kind* to everyone. Dogs may stay until nine.\n\n## Kitchen\n\nThe kitchen closes at ten.\n"
)
MENU = [texts.ARTICLE_ADD_BUTTON, texts.CANCEL_BUTTON]


async def stored_articles(store: AsyncStore, guild_id: int) -> list[Article]:
    """Return the articles of a server's own library, oldest first."""
    name, read_only = f"guild-{guild_id}", store.read_only

    def read() -> list[Article]:
        found = [read_only.article(name, title.article_id) for title in read_only.titles([name])]
        return [article for article in reversed(found) if article]

    return await store.run(read)


async def paste(boss: simcord.MemberActor, channel: simcord.ChannelHandle, title: str, text: str) -> Any:
    """Submit a text with the form, and return the response."""
    form = await boss.slash(channel, "article add")
    return await boss.submit_modal(form, {"title": title, "text": text})


async def test_a_file_is_shown_and_then_added(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """An attachment is previewed privately and verbatim, and stored under its name only when *Add* is pressed."""
    seen = await boss.slash(channel, "article add", file=("rules.md", RULES.encode()))
    before = await stored_articles(store, simcord_env.guild.id)
    text, labels = shown(seen.response), buttons_of(seen.response)
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    (article,) = await stored_articles(store, simcord_env.guild.id)

    assert seen.response.ephemeral
    assert labels == MENU
    assert "**House rules**" in text
    assert "rules.md" in text
    assert f"{len(RULES)} characters" in text
    assert read_quotes(text)[0].text == RULES.strip()
    assert before == []
    assert (article.title, article.source, article.text) == ("House rules", "rules.md", RULES)
    assert "Added: **House rules** (rules.md)" in shown(seen.response)
    assert buttons_of(seen.response) == [texts.TRIAL_BUTTON]


async def test_article_that_the_models_do_not_read_is_told(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor
) -> None:
    """What was done with an article in another language than the models read ends with a sentence that says so."""
    text = "Der Hafen ist von neun bis fünf Uhr geöffnet. Hunde sind hier nicht erlaubt."
    seen = await boss.slash(channel, "article add", file=("hafen.txt", text.encode()))
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

    assert f"(hafen.txt)\n-# {texts.ARTICLE_ONLY_ENGLISH}" in shown(seen.response)


@pytest.mark.parametrize("name", GOOD)
async def test_every_kind_of_file_is_shown(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, name: str
) -> None:
    """Every file type that the terminal accepts can be attached."""
    seen = await boss.slash(channel, "article add", file=(name, GOOD[name]()))

    assert texts.ARTICLE_PREVIEW in shown(seen.response)
    assert buttons_of(seen.response) == MENU


async def test_an_archive_brings_its_articles(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """The articles of an archive are previewed together, with its unreadable files, and added with one press."""
    seen = await boss.slash(channel, "article add", file=("../docs.zip", archive()))
    told = shown(seen.response)
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    stored = await stored_articles(store, simcord_env.guild.id)

    assert "store these articles: 2, with" in told
    assert "docs.zip/c.docx: The file is damaged" in told
    assert [(article.title, article.source) for article in stored] == [
        ("A", "docs.zip/a.txt"),
        ("Ferry", "docs.zip/sub/b.md"),
    ]
    assert "added: 2" in shown(seen.response)


async def test_an_archive_without_articles_says_so(channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """An archive whose files are all damaged or of unknown types is refused."""
    for parts, told in (({"a.docx": "x"}, "docs.zip/a.docx: "), ({"a.png": "x"}, texts.ARTICLE_IMPORT_EMPTY)):
        seen = await boss.slash(channel, "article add", file=("docs.zip", zipped(parts)))

        assert seen.response.content.startswith(told)


async def test_the_same_name_again_replaces(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """A file replaces the article of an earlier file with the same name; a path in the name is ignored."""
    for name, text in (("rules.md", RULES), ("rules.md", RULES + "\nMore to come.\n")):
        seen = await boss.slash(channel, "article add", file=(name, text.encode()))
        await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

    (article,) = await stored_articles(store, simcord_env.guild.id)
    assert article.text.endswith("More to come.\n")
    assert "Replaced" in shown(seen.response)


async def test_clutter_is_counted(channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """The preview says how much boilerplate was removed."""
    page = "The ferry leaves at seven.\n\nDogs travel free.\n\nShare on Facebook\n"

    seen = await boss.slash(channel, "article add", file=("ferry.txt", page.encode()))

    assert texts.ARTICLE_CLUTTER.format(count=1) in shown(seen.response)
    assert "Facebook" not in shown(seen.response)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("run.exe", b"MZ", "run.exe: Files of this type cannot be read; known are .csv"),
        ("empty.txt", b" \n", "empty.txt: The file has no text"),
        ("broken.pdf", b"%PDF-1.4 nothing", "broken.pdf: The file is damaged or not a PDF; open it"),
        ("large.txt", b"x" * 10_000_001, "large.txt: The file is larger than 10 MB. Please split it"),
        ("long.txt", b"A word. " * 260_000, "long.txt: The text is longer than 2,000,000 characters. Please split it"),
    ],
)
async def test_files_that_cannot_be_read(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, name: str, data: bytes, told: str
) -> None:
    """A file that cannot be read gets one private sentence that names it and says what to do."""
    seen = await boss.slash(channel, "article add", file=(name, data))

    assert seen.response.ephemeral
    assert seen.response.content.startswith(told)


async def test_a_page_is_fetched_off_the_event_loop(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A web page is fetched on the fetch thread, stored on the worker thread, and keeps its address."""
    threads: list[str] = []
    get, adding = Fetcher.get, Library.add_in_steps

    def watched_get(self: Fetcher, *args: Any) -> Any:
        threads.append(threading.current_thread().name)
        return get(self, *args)

    def watched_adding(self: Library, *args: Any) -> Any:
        threads.append(threading.current_thread().name)
        return adding(self, *args)

    monkeypatch.setattr(Fetcher, "get", watched_get)
    monkeypatch.setattr(Library, "add_in_steps", watched_adding)
    site.page("/news", "The harbour opens in May. Mira Holt keeps the light and counts the gulls every morning.")
    seen = await boss.slash(channel, "article add", address=f" {site.url}/news ")
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

    (article,) = await stored_articles(store, simcord_env.guild.id)
    assert article.source == f"{site.url}/news"
    assert "Mira Holt" in article.text
    assert threads == ["verbatim-fetching", "verbatim-worker"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/missing", "has no such page; check the address"),
        ("/empty-feed", "I found no pages there"),
        ("ftp://example.org/", "ftp\\://example.org/: This is not a web address"),
        ("/etc/passwd", "/etc/passwd: This is not a web address"),
    ],
)
async def test_addresses_that_cannot_be_read(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, site: Site, address: str, told: str
) -> None:
    """An address that cannot be read gets one private sentence; a local path is no address."""
    site.pages["/empty-feed"] = Reply(b"<urlset/>", headers={"Content-Type": "application/xml"})
    given = address if address in {"/etc/passwd", "ftp://example.org/"} else f"{site.url}{address}"

    seen = await boss.slash(channel, "article add", address=given)

    assert seen.response.ephemeral
    assert told in seen.response.content


async def test_a_text_is_pasted(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """Without options a form opens; a text replaces an earlier one with the same title."""
    for text in ("The ferry leaves at seven.", "The ferry leaves at eight."):
        seen = await paste(boss, channel, " The  ferry ", text)
        assert seen.response.ephemeral
        await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

    (article,) = await stored_articles(store, simcord_env.guild.id)
    assert (article.title, article.source) == ("The ferry", texts.ARTICLE_PASTED)
    assert article.text == "The ferry leaves at eight."


async def test_address_and_file_at_once(channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """An address and a file together are refused with what to do."""
    seen = await boss.slash(channel, "article add", address="https://example.org", file=("a.txt", b"A."))

    assert seen.response.content == texts.ARTICLE_ONE_SOURCE


async def test_cancelled(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """*Cancel* removes the preview, and nothing is stored."""
    seen = await paste(boss, channel, "The ferry", "The ferry leaves at seven.")

    await boss.click(seen.response, label=texts.CANCEL_BUTTON)

    assert texts.ARTICLE_CANCELLED in shown(seen.response)
    assert buttons_of(seen.response) == []
    assert await stored_articles(store, simcord_env.guild.id) == []


async def test_members_cannot_use_it(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """Discord shows the commands to everyone, for editors have no permission of its own, and the bot refuses others."""
    offered = [name for name in alice.available_commands(channel) if name.startswith(texts.ARTICLE_NAME)]

    refused = await alice.slash(channel, "article add", file=("rules.md", RULES.encode()))

    assert offered
    assert refused.response.ephemeral
    assert refused.response.content == texts.NOT_ALLOWED


async def test_the_permission_is_needed_at_the_press(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """A member who has lost the permission since the preview cannot add the article."""
    seen = await paste(boss, channel, "The ferry", "The ferry leaves at seven.")
    role = simcord_env.guild.roles["Bosses"]
    simcord_env.backend.remove_member_role(simcord_env.guild.id, boss.id, role.id)

    pressed = await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

    assert [told.content for told in pressed.followups] == [texts.NOT_ALLOWED]
    assert await stored_articles(store, simcord_env.guild.id) == []


async def test_a_preview_is_its_members(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Only the member who asked for a preview can use its buttons."""
    seen = await paste(boss, channel, "The ferry", "The ferry leaves at seven.")
    with store.drafts._engine.begin() as db:
        db.exec_driver_sql("UPDATE drafts SET member_id = 1")

    added = await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    cancelled = await boss.click(seen.response, label=texts.CANCEL_BUTTON)

    assert [told.content for told in added.followups] == [texts.PREVIEW_NOT_YOURS]
    assert [told.content for told in cancelled.followups] == [texts.PREVIEW_NOT_YOURS]
    assert await stored_articles(store, simcord_env.guild.id) == []


async def test_a_restart_keeps_previews(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
) -> None:
    """After a restart *Add* and *Cancel* work, once, and so does a form that was open."""
    form = await boss.slash(channel, "article add")
    first = await paste(boss, channel, "The ferry", "The ferry leaves at seven.")
    second = await paste(boss, channel, "The bus", "The bus leaves at eight.")
    await simcord_env.restart_bot(VerbatimBot(resources))

    await boss.click(first.response, label=texts.ARTICLE_ADD_BUTTON)
    await boss.click(second.response, label=texts.CANCEL_BUTTON)
    sent = await boss.submit_modal(form, {"title": "Rules", "text": "Be kind."})
    (article,) = await stored_articles(store, simcord_env.guild.id)

    assert "Added: **The ferry**" in shown(first.response)
    assert shown(second.response) == texts.ARTICLE_CANCELLED
    assert buttons_of(sent.response) == MENU
    assert article.title == "The ferry"
    assert store.drafts.total()[0] == 1


class TestPublicOnly:
    """The bot with its default settings, without FETCH_PRIVATE_ADDRESSES."""

    @pytest.fixture
    def fetcher(self) -> Fetcher:
        """Return a fetcher for public addresses only."""
        return Fetcher(delay=0.0)

    async def test_the_machine_itself_is_not_asked(
        self, channel: simcord.ChannelHandle, boss: simcord.MemberActor, site: Site
    ) -> None:
        """Members cannot make the bot fetch pages of its own machine or network."""
        site.page("/secret", "The password of the router is not for members, and never was.")

        seen = await boss.slash(channel, "article add", address=f"{site.url}/secret")

        assert "leads to this machine or a private network" in seen.response.content
        assert site.asked == []


class TestFullLibrary:
    """A server whose library is full."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Allow one article."""
        return settings.model_copy(update={"server_articles": 1})

    async def test_no_more_are_added(
        self, simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
    ) -> None:
        """Another article is refused with what to do and its preview stays; a stored one can still be replaced."""
        first = await paste(boss, channel, "The ferry", "The ferry leaves at seven.")
        await boss.click(first.response, label=texts.ARTICLE_ADD_BUTTON)
        more = await paste(boss, channel, "Rules", "Be kind.")
        refused = await boss.click(more.response, label=texts.ARTICLE_ADD_BUTTON)
        again = await paste(boss, channel, "The ferry", "The ferry leaves at eight.")
        await boss.click(again.response, label=texts.ARTICLE_ADD_BUTTON)

        assert [told.content for told in refused.followups] == [texts.ARTICLES_FULL.format(count=1, limit=1)]
        assert buttons_of(more.response) == MENU
        assert [article.text for article in await stored_articles(store, simcord_env.guild.id)] == [
            "The ferry leaves at eight."
        ]


async def test_plain_layout(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """A server with the plain layout gets embeds here too; changing the layout before the press is harmless."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(plain=True))
    seen = await paste(boss, channel, "The ferry", "The ferry leaves at seven.")
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings())

    assert "leaves at seven" in seen.response.embeds[0].description
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    assert "Added: **The ferry**" in seen.response.embeds[0].description


async def test_answers_go_first(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    worker: Worker,
    article_service: ArticleService,
) -> None:
    """A long article is embedded in pieces, so that a question waits for one piece only."""
    text = " ".join(f"Room {number} of the house is painted in colour {number * 7}." for number in range(400))
    draft = await article_service.reader.read_text(1, "Rooms", text, "pasted text")
    done: list[str] = []

    async def add() -> Receipt:
        receipt = await article_service.add(1, draft)
        done.append("article")
        return receipt

    async def ask() -> None:
        for _ in range(3):
            await worker.run(lambda: done.append("answer"))

    receipt, _ = await asyncio.gather(add(), ask())

    assert receipt.passages > 16
    assert done == ["answer", "answer", "answer", "article"]
