"""Site imports: the preview, progress, stopping, and resuming after a restart."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import simcord

from cogs.articles.article_service import ArticleService
from cogs.articles.sites import progress
from cogs.articles.sites import site_import as site_import_module
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.worker import Worker
from i18n import texts
from index.libraries.registry import Libraries
from index.sources.crawler import PageVisit
from settings import Settings
from tests.cogs.articles.test_cog import stored_articles
from tests.cogs.visible_text import PUBLIC, buttons_of, shown
from tests.index.site import Reply, Site

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

SENTENCE = "Room {number} of the harbour house is painted blue, and keeper number {number} sleeps there in May."
RUNNING = [texts.LOAD_SHOW_BUTTON, texts.LOAD_STOP_BUTTON]


@pytest.fixture(autouse=True)
def _each_page_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edit the progress message after each page, so that no test has to wait."""
    monkeypatch.setattr(progress, "_EDIT_INTERVAL", 0.0)


class Gate:
    """Holds back the pages of an import until they are released."""

    def __init__(self, env: simcord.Env, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held = asyncio.Semaphore(0)
        self.closed = False
        visit = ArticleService.read_page

        async def gated(*args: Any) -> PageVisit:
            if self.closed:
                await env.external_wait(self.held.acquire(), reason="the test holds the page back")
            return await visit(*args)

        monkeypatch.setattr(ArticleService, "read_page", gated)

    def let(self, count: int) -> None:
        """Release that many pages."""
        for _ in range(count):
            self.held.release()

    def open(self) -> None:
        """Release all pages from now on."""
        self.closed = False
        self.let(100)


@pytest.fixture
def gate(simcord_env: simcord.Env, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Return the gate, initially open."""
    return Gate(simcord_env, monkeypatch)


def publish_sitemap(site: Site, count: int) -> str:
    """Add pages and a sitemap of them to the site; return the sitemap's address."""
    for number in range(count):
        site.page(f"/{number}", SENTENCE.format(number=number))
    listed = "".join(f"<url><loc>{site.url}/{number}</loc></url>" for number in range(count))
    site.pages["/map.xml"] = Reply(f"<urlset>{listed}</urlset>".encode(), headers={"Content-Type": "text/xml"})
    return f"{site.url}/map.xml"


async def wait_for_imports(bot: Any) -> None:
    """Wait until no import is running."""
    while tasks := set(bot.get_cog("SitesCog").runner._tasks.values()):
        await asyncio.wait(tasks)


async def add_site(boss: simcord.MemberActor, channel: simcord.ChannelHandle, address: str, **more: Any) -> Any:
    """Preview a site and press *Add*; return the response to the command."""
    seen = await boss.slash(channel, "article add", address=address, **more)
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    return seen


async def test_a_sitemap_is_shown_and_then_added(
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    site: Site,
) -> None:
    """The preview shows the number of pages and the first titles; *Add* imports them all."""
    seen = await boss.slash(channel, "article add", address=publish_sitemap(site, 5))
    text, before = shown(seen.response), await stored_articles(store, simcord_env.guild.id)
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    await wait_for_imports(simcord_bot)

    assert seen.response.ephemeral
    assert "lists 5 pages" in text
    assert [f"- **/{number}**" in text for number in range(4)] == [True, True, True, False]
    assert before == []
    articles = await stored_articles(store, simcord_env.guild.id)
    assert [article.source for article in articles] == [f"{site.url}/{number}" for number in range(5)]
    told = shown(seen.response)
    assert "All pages have been read" in told
    assert texts.LOAD_COUNTS.format(done=5, total=5, stored=5, failed=0) in told
    assert buttons_of(seen.response) == []


async def test_links_are_followed(
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    libraries: Libraries,
    worker: Worker,
    site: Site,
) -> None:
    """With `pages`, links below an address are followed up to that number; the site is recorded for refreshes."""
    site.page("/docs/", SENTENCE.format(number=0), "<a href='a'>a</a><a href='/else'>else</a>")
    site.page("/docs/a", SENTENCE.format(number=1), "<a href='b'>b</a><a href='./'>up</a><a href='index'>same</a>")
    site.page("/docs/b", SENTENCE.format(number=2), "<a href='c'>c</a>")
    site.page("/docs/c", SENTENCE.format(number=3))

    seen = await add_site(boss, channel, f"{site.url}/docs/", pages=3)
    await wait_for_imports(simcord_bot)

    name = f"guild-{simcord_env.guild.id}"
    catalog = await worker.run(lambda: libraries.open(name).catalog)
    assert catalog is not None
    articles = await stored_articles(store, simcord_env.guild.id)
    assert [article.source.removeprefix(site.url) for article in articles] == ["/docs/", "/docs/a", "/docs/b"]
    assert [origin[:2] for origin in catalog.sources.origins()] == [(f"{site.url}/docs/", 3)]
    assert texts.LOAD_MORE.format(most=3) in shown(seen.response)


async def test_what_cannot_be_read_is_named(
    simcord_bot: VerbatimBot, channel: simcord.ChannelHandle, boss: simcord.MemberActor, site: Site
) -> None:
    """A page that fails is listed with its reason, and the others are imported."""
    address = publish_sitemap(site, 5)
    site.pages["/3"] = Reply(b"gone", 404)

    seen = await add_site(boss, channel, address)
    await wait_for_imports(simcord_bot)

    told = shown(seen.response)
    assert texts.LOAD_COUNTS.format(done=5, total=5, stored=4, failed=1) in told
    assert "/3" in told
    assert "has no such page" in told


async def test_a_site_that_is_down(
    simcord_bot: VerbatimBot,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After many failures in a row the import ends, and the member is told."""
    monkeypatch.setattr(site_import_module, "_MAX_FAILURES", 3)
    address = publish_sitemap(site, 9)
    for number in range(3, 9):
        site.pages[f"/{number}"] = Reply(b"", 500)

    seen = await add_site(boss, channel, address)
    await wait_for_imports(simcord_bot)

    assert texts.LOAD_FAILING.format(count=3) in shown(seen.response)
    assert texts.LOAD_COUNTS.format(done=6, total=9, stored=3, failed=3) in shown(seen.response)


async def test_stopped(
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    libraries: Libraries,
    worker: Worker,
    site: Site,
    gate: Gate,
) -> None:
    """*Stop* ends an import: stored pages stay and are counted, and refreshes do not add the rest."""
    address = publish_sitemap(site, 6)
    seen = await boss.slash(channel, "article add", address=address)
    gate.closed = True
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    gate.let(2)
    await simcord_env.settle()
    labels = buttons_of(seen.response)
    await boss.click(seen.response, label=texts.LOAD_STOP_BUTTON)
    gate.open()

    catalog = await worker.run(lambda: libraries.open(f"guild-{simcord_env.guild.id}").catalog)
    assert catalog is not None
    assert labels == RUNNING
    assert len(await stored_articles(store, simcord_env.guild.id)) == 2
    assert texts.LOAD_CANCELLED in shown(seen.response)
    assert texts.LOAD_COUNTS.format(done=2, total=6, stored=2, failed=0) in shown(seen.response)
    assert buttons_of(seen.response) == []
    assert [origin[:2] for origin in catalog.sources.origins()] == [(address, 2)]


async def test_one_site_at_a_time(
    simcord_bot: VerbatimBot, channel: simcord.ChannelHandle, boss: simcord.MemberActor, site: Site, gate: Gate
) -> None:
    """A second site is refused during an import, and its preview can be used afterwards."""
    address = publish_sitemap(site, 3)
    first = await boss.slash(channel, "article add", address=address)
    second = await boss.slash(channel, "article add", address=address)
    gate.closed = True
    await boss.click(first.response, label=texts.ARTICLE_ADD_BUTTON)
    refused = await boss.click(second.response, label=texts.ARTICLE_ADD_BUTTON)
    gate.open()
    await wait_for_imports(simcord_bot)
    await boss.click(second.response, label=texts.ARTICLE_ADD_BUTTON)
    await wait_for_imports(simcord_bot)

    assert [told.content for told in refused.followups] == [texts.LOAD_BEGUN_ALREADY]
    assert "All pages have been read" in shown(second.response)


async def test_dropped(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, site: Site
) -> None:
    """*Cancel* drops a preview, and no page is read."""
    seen = await boss.slash(channel, "article add", address=publish_sitemap(site, 3))
    site.take()

    await boss.click(seen.response, label=texts.CANCEL_BUTTON)

    assert texts.ARTICLE_CANCELLED in shown(seen.response)
    assert site.take() == []
    assert await store.run(lambda: store.database.site_imports.get(1)) is None


async def test_only_for_those_who_may(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    site: Site,
) -> None:
    """Only its member can use a preview, and only with the permission."""
    seen = await boss.slash(channel, "article add", address=publish_sitemap(site, 3))
    role = simcord_env.guild.roles["Bosses"]
    other = simcord_env.guild.add_member(simcord_env.create_user("other"), roles=[role])
    theirs = await other.slash(channel, "article add", address=f"{site.url}/map.xml")
    await store.run(lambda: store.database.site_imports.drop(2))
    simcord_env.backend.remove_member_role(simcord_env.guild.id, boss.id, role.id)

    refused = await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    gone = await other.click(theirs.response, label=texts.ARTICLE_ADD_BUTTON)

    assert [told.content for told in refused.followups] == [texts.NOT_ALLOWED]
    assert [told.content for told in gone.followups] == [texts.PREVIEW_FORGOTTEN]


async def test_pages_of_what(channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """`pages` without an address is refused with what to do; so is `/article progress` without an import."""
    seen = await boss.slash(channel, "article add", pages=3)
    nothing = await boss.slash(channel, "article progress")

    assert seen.response.content == texts.ARTICLE_PAGES_OF_WHAT
    assert nothing.response.content == texts.LOAD_NONE


class TestLimits:
    """Servers with low limits."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Allow four articles, seven imported pages per day and five pages per site."""
        return settings.model_copy(update={"server_articles": 4, "server_loads": 7, "site_pages": 5})

    async def test_a_load_ends_where_there_is_no_room(
        self,
        simcord_env: simcord.Env,
        simcord_bot: VerbatimBot,
        channel: simcord.ChannelHandle,
        boss: simcord.MemberActor,
        store: AsyncStore,
        site: Site,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """An import ends at the article limit with what is stored, and reads no more pages than allowed."""
        monkeypatch.setattr("cogs.articles.import_quota.ImportQuota.consume", no_count)
        seen = await boss.slash(channel, "article add", address=publish_sitemap(site, 9), pages=8)
        before = shown(seen.response)
        await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
        await wait_for_imports(simcord_bot)

        assert "It links to 9 pages now, and I'll read 5 of them." in before
        assert texts.ARTICLES_FULL.format(count=4, limit=4) in shown(seen.response)
        assert len(await stored_articles(store, simcord_env.guild.id)) == 4

    async def test_a_load_ends_with_the_day(
        self,
        simcord_bot: VerbatimBot,
        channel: simcord.ChannelHandle,
        boss: simcord.MemberActor,
        site: Site,
    ) -> None:
        """The daily limit applies to sites and single pages; the message names the limit and what to do."""
        seen = await add_site(boss, channel, publish_sitemap(site, 4))
        await wait_for_imports(simcord_bot)
        again = await boss.slash(channel, "article add", address=f"{site.url}/0")

        told = texts.LOADS_FULL.format(limit=7)
        assert told in shown(seen.response)
        assert texts.LOAD_COUNTS.format(done=3, total=4, stored=3, failed=0) in shown(seen.response)
        assert again.response.content == told


async def no_count(*_: object) -> None:
    """Replace the counter, so that nothing is counted."""


async def test_a_server_that_is_left_is_forgotten(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, site: Site
) -> None:
    """Imports and counters of a server are deleted with its other data."""
    await boss.slash(channel, "article add", address=publish_sitemap(site, 3))
    guild_id = simcord_env.guild.id
    before = await store.run(lambda: store.database.import_counters.read_today(guild_id))

    await store.forget_server(guild_id)

    assert before == 4
    assert await store.run(lambda: store.database.import_counters.read_today(guild_id)) == 0
    assert await store.run(lambda: store.database.site_imports.get(1)) is None
