"""`/article schedule`, and how failed checks of sources are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
import simcord

from cogs.articles.article_service import ArticleService
from cogs.articles.sites import progress
from cogs.bot import VerbatimBot
from i18n import texts
from settings import Settings
from tests.cogs.articles.sites.test_views import add_site, publish_sitemap, wait_for_imports
from tests.cogs.stored_articles import stock
from tests.cogs.visible_text import PUBLIC, shown
from tests.index.site import Reply, Site

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

NEWS = "The harbour opens in May. Mira Holt keeps the light and counts the gulls every morning."


async def test_a_page_has_its_own_interval(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    article_service: ArticleService,
    site: Site,
) -> None:
    """The command shows when a source is refreshed next, changes the interval, and restores the default."""
    site.page("/news", NEWS)
    await article_service.add(
        simcord_env.guild.id, await article_service.reader.inspect(simcord_env.guild.id, f"{site.url}/news", None)
    )

    given: list[dict[str, str]] = [{}, {"every": "168"}, {"every": "0"}, {"every": "usual"}]
    told = [await boss.slash(channel, "article schedule", article="news", **more) for more in given]

    said = [shown(seen.response) for seen in told]
    assert all(seen.response.ephemeral for seen in told)
    assert "every 24 h" in said[0]
    assert "every 168 h" in said[1]
    assert texts.SCHEDULE_NEVER in said[2]
    assert "every 24 h" in said[3]


async def test_a_site_is_looked_at_as_a_whole(
    simcord_bot: VerbatimBot,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For a page of a site the interval is the site's, and the message says so."""
    monkeypatch.setattr(progress, "_EDIT_INTERVAL", 0.0)
    address = publish_sitemap(site, 3)
    await add_site(boss, channel, address)
    await wait_for_imports(simcord_bot)

    seen = await boss.slash(channel, "article schedule", article="/1", every="6")

    assert texts.SCHEDULE_SITE.format(count=3) in shown(seen.response)
    assert "every 6 h" in shown(seen.response)


async def test_what_has_no_address(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    settings: Settings,
    tmp_path: Path,
) -> None:
    """A pasted text is never refreshed, and a local file cannot be scheduled from Discord."""
    own = f"guild-{simcord_env.guild.id}"
    stock(settings.data_dir, "Be kind.", title="Rules", key="discord-text:1/Rules", library=own)
    stock(settings.data_dir, "Be quiet.", title="Secret", key=str(tmp_path / "secret.txt"), library=own)

    told = [await boss.slash(channel, "article schedule", article=title, every="1") for title in ("Rules", "Secret")]

    assert [seen.response.content for seen in told] == [
        texts.ARTICLE_NO_ADDRESS.format(article="**Rules**"),
        texts.ARTICLE_NO_ADDRESS.format(article="**Secret**"),
    ]


async def test_a_failure_is_kept_with_its_source(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    article_service: ArticleService,
    site: Site,
) -> None:
    """A failed check is marked in the list and explained by `show`, until a check succeeds."""
    site.page("/news", NEWS)
    await article_service.add(
        simcord_env.guild.id, await article_service.reader.inspect(simcord_env.guild.id, f"{site.url}/news", None)
    )
    site.pages["/news"] = Reply(b"", 500)
    await boss.slash(channel, "article refresh", article="news")
    listed = await boss.slash(channel, "library list")
    seen = await boss.slash(channel, "library show", article="news")
    site.page("/news", NEWS)
    await boss.slash(channel, "article refresh", article="news")
    again = await boss.slash(channel, "library list")
    later = await boss.slash(channel, "library show", article="news")

    assert texts.FAILED_MARK in shown(listed.response)
    assert "answers with an error (500)" in shown(seen.response)
    assert texts.FAILED_MARK not in shown(again.response)
    assert "answers with an error" not in shown(later.response)


async def test_pages_of_a_site_that_failed_are_listed(
    simcord_bot: VerbatimBot,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pages of a site that could not be read are counted below the list, one of them with its reason."""
    monkeypatch.setattr(progress, "_EDIT_INTERVAL", 0.0)
    address = publish_sitemap(site, 4)
    site.pages["/2"] = site.pages["/3"] = Reply(b"", 404)
    await add_site(boss, channel, address)
    await wait_for_imports(simcord_bot)

    listed = shown((await boss.slash(channel, "library list")).response)

    assert "Failed at the last check: 2, for example" in listed
    assert "has no such page" in listed
