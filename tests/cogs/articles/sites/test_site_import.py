"""Imports of sites that are interrupted, and how their end is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import simcord
from sqlalchemy.exc import OperationalError

from cogs.articles.article_service import ArticleService
from cogs.articles.sites import progress
from cogs.articles.sites import site_import as site_import_module
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.job_queue import BusyError
from cogs.services import Resources
from i18n import texts
from index.sqlite_errors import LockedError
from tests.cogs.articles.sites.test_views import Gate, add_site, publish_sitemap, wait_for_imports
from tests.cogs.articles.sites.test_views import _each_page_is_shown as _each_page_is_shown  # noqa: PLC0414 - a fixture
from tests.cogs.articles.sites.test_views import gate as gate  # noqa: PLC0414 - a fixture
from tests.cogs.articles.test_cog import stored_articles
from tests.cogs.visible_text import PUBLIC, replies_in, shown
from tests.index.site import Site

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


async def test_a_restart_goes_on(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    site: Site,
    gate: Gate,
    resources: Resources,
) -> None:
    """A preview works after a restart; an import resumes with its progress message, and reads no page twice."""
    seen = await boss.slash(channel, "article add", address=publish_sitemap(site, 6))
    await simcord_env.restart_bot(VerbatimBot(resources))
    site.take()
    gate.closed = True
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)
    gate.let(2)
    await simcord_env.settle()
    bot = VerbatimBot(resources)
    gate.closed = False
    await simcord_env.restart_bot(bot)
    await wait_for_imports(bot)

    assert len(await stored_articles(store, simcord_env.guild.id)) == 6
    assert texts.LOAD_COUNTS.format(done=6, total=6, stored=6, failed=0) in shown(seen.response)
    assert sorted(path for path, _ in site.take()) == [f"/{number}" for number in range(6)]


@pytest.mark.parametrize(
    "error",
    [
        BusyError("Busy."),
        OSError(28, "full"),
        OperationalError("", None, OSError()),
        LockedError("The file is locked."),
    ],
)
async def test_a_page_that_cannot_be_stored_at_the_moment_is_tried_again(
    simcord_bot: VerbatimBot,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    """A full queue or disk is no property of the page: it is read again, and the import goes on."""
    monkeypatch.setattr(site_import_module, "_RETRY_SECONDS", 0.0)
    add, failures = ArticleService.add, iter([error, error])

    async def failing(*arguments: Any) -> Any:
        if found := next(failures, None):
            raise found
        return await add(*arguments)

    monkeypatch.setattr(ArticleService, "add", failing)
    seen = await add_site(boss, channel, publish_sitemap(site, 3))
    await wait_for_imports(simcord_bot)

    assert texts.LOAD_COUNTS.format(done=3, total=3, stored=3, failed=0) in shown(seen.response)


async def test_a_page_that_was_stored_but_not_recorded(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    site: Site,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the bot is killed between the two, the page is read again after the start and stored once."""
    held = asyncio.Event()

    async def killed(*_: Any, **__: Any) -> str:
        await simcord_env.external_wait(held.wait(), reason="the process is killed here")
        return "added"

    with monkeypatch.context() as patch:
        import_page = site_import_module.SiteImportRunner._import_page

        async def store_only(runner: Any, site_import: Any, key: str) -> str:
            page = await runner._article_service.read_page(
                site_import.guild_id, key, site_import.origin, site_import.inside
            )
            await runner._store_page(site_import, page)
            return await killed()

        patch.setattr(site_import_module.SiteImportRunner, "_import_page", store_only)
        seen = await add_site(boss, channel, publish_sitemap(site, 4))
        await simcord_env.settle()
        before = len(await stored_articles(store, simcord_env.guild.id))
        patch.setattr(site_import_module.SiteImportRunner, "_import_page", import_page)
        bot = VerbatimBot(resources)
        await simcord_env.restart_bot(bot)
        await wait_for_imports(bot)

    assert before == 1
    assert len(await stored_articles(store, simcord_env.guild.id)) == 4
    assert texts.LOAD_COUNTS.format(done=4, total=4, stored=4, failed=0) in shown(seen.response)


async def test_the_end_is_told_when_the_message_is_too_old(
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the private message can no longer be edited, the result is sent as a direct message."""
    monkeypatch.setattr(progress, "_TOKEN_SECONDS", -1.0)

    await add_site(boss, channel, publish_sitemap(site, 3))
    await wait_for_imports(simcord_bot)

    (told,) = replies_in(boss.user.dm_channel, simcord_env)
    assert "All pages have been read" in shown(told)
    assert replies_in(channel, simcord_env) == []


async def test_the_end_is_told_where_direct_messages_are_closed(
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A member who accepts no direct messages is mentioned in the channel, without details of the import."""

    async def refused(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(progress, "_TOKEN_SECONDS", -1.0)
    monkeypatch.setattr(VerbatimBot, "create_dm", refused)

    await add_site(boss, channel, publish_sitemap(site, 3))
    await wait_for_imports(simcord_bot)
    looked = await boss.slash(channel, "article progress")

    (told,) = replies_in(channel, simcord_env)
    assert told.content == texts.LOAD_CALL.format(member=f"<@{boss.id}>")
    assert "All pages have been read" in shown(looked.response)
