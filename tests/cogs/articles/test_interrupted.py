"""What was confirmed when the bot stopped is done after the next start: once, and the member hears of it."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
import simcord

from cogs.articles.article_service import ArticleService
from cogs.articles.drafts import Confirmation, Owner
from cogs.articles.import_export import ImportButton, StopImportButton
from cogs.articles.views import AddButton
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.job_queue import BusyError
from cogs.services import Resources
from i18n import texts
from index.models import UserError
from tests.cogs.articles.test_cog import paste, stored_articles
from tests.cogs.pins.test_cog import presses
from tests.cogs.visible_text import PUBLIC, replies_in, shown
from tests.index.sample_files import archive

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


async def confirm(store: AsyncStore, button: Any, message: Any) -> int:
    """Confirm the draft of a preview, as a press does just before the process ends; return its id."""
    (key,) = {number for action, number, _ in presses(message) if action == button.action}
    with store.drafts._engine.begin() as db:
        place = Confirmation(1, message.id, "expired", 0.0, plain=False, language="en").to_json()
        db.exec_driver_sql("UPDATE drafts SET confirmation = ? WHERE id = ?", (place, key))
    return int(key)


async def restart(env: simcord.Env, resources: Resources) -> None:
    """Start the bot again, and wait until what was confirmed is done."""
    await env.restart_bot(VerbatimBot(resources))
    cog: Any = env.bot.get_cog("InterruptedDrafts")
    await asyncio.gather(*cog._tasks)


@pytest.mark.parametrize("stored_before", [False, True])
async def test_a_confirmed_article_is_added_once(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
    stored_before: bool,
) -> None:
    """A crash before or after the article was stored leaves one article, and its member gets the result."""
    seen = await paste(boss, channel, "The ferry", "The ferry leaves at seven.")
    key = await confirm(store, AddButton, seen.response)
    if stored_before:
        articles: Any = simcord_env.bot.get_cog("ArticlesCog")
        pending = await articles.previews.confirmed(key)
        await articles.service.add(simcord_env.guild.id, pending.draft, str(boss.id))
    await restart(simcord_env, resources)

    (article,) = await stored_articles(store, simcord_env.guild.id)
    assert article.title == "The ferry"
    assert store.drafts.total() == (0, 0)
    assert "**The ferry**" in shown(replies_in(boss.user.dm_channel, simcord_env)[-1])


async def test_a_confirmed_import_goes_on(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
) -> None:
    """All articles of the file are there after the restart, those stored before it once."""
    seen = await boss.slash(channel, "article add", file=("docs.zip", archive()))
    await confirm(store, ImportButton, seen.response)
    await restart(simcord_env, resources)

    stored = await stored_articles(store, simcord_env.guild.id)
    assert [article.title for article in stored] == ["A", "Ferry"]
    assert store.drafts.total() == (0, 0)
    assert "added: 2" in shown(replies_in(boss.user.dm_channel, simcord_env)[-1])


@pytest.mark.parametrize("kind", ["article", "import"])
async def test_what_is_given_up_is_told(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
    kind: str,
) -> None:
    """What was being done when several processes ended is not tried again, and its member hears of that, once."""
    if kind == "article":
        key = await confirm(store, AddButton, (await paste(boss, channel, "The ferry", "It leaves at seven.")).response)
    else:
        seen = await boss.slash(channel, "article add", file=("docs.zip", archive()))
        key = await confirm(store, ImportButton, seen.response)
    with store.drafts._engine.begin() as db:
        db.exec_driver_sql("UPDATE drafts SET tries = 3 WHERE id = ?", (key,))
    for _ in range(2):
        await restart(simcord_env, resources)

    assert await stored_articles(store, simcord_env.guild.id) == []
    assert store.drafts.total() == (0, 0)
    (told,) = replies_in(boss.user.dm_channel, simcord_env)
    assert texts.ARTICLE_GIVEN_UP.format(channel="<#1>") in shown(told)


@pytest.mark.parametrize("result", ["given up", "refused"])
async def test_what_could_not_be_told_is_told_after_the_next_start(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
    result: str,
) -> None:
    """While Discord is away, neither what is given up nor what cannot be added is dropped without a word."""
    key = await confirm(store, AddButton, (await paste(boss, channel, "The ferry", "It leaves at seven.")).response)
    if result == "given up":
        with store.drafts._engine.begin() as db:
            db.exec_driver_sql("UPDATE drafts SET tries = 3 WHERE id = ?", (key,))

    async def away(*_: object) -> None:
        raise aiohttp.ClientOSError("the network is away")

    async def refuse(*_: object) -> None:
        raise UserError("No room is left.")

    monkeypatch.setattr(ArticleService, "add", refuse)
    with monkeypatch.context() as patch:
        patch.setattr("cogs.articles.sites.progress.with_retries", away)
        await restart(simcord_env, resources)
    kept = store.drafts.total()[0]
    store.drafts.process = "started later"
    await restart(simcord_env, resources)

    (told,) = replies_in(boss.user.dm_channel, simcord_env)
    expected = texts.ARTICLE_GIVEN_UP.format(channel="<#1>") if result == "given up" else "No room is left."
    assert expected in shown(told)
    assert (kept, store.drafts.total()) == (1, (0, 0))


async def test_an_article_that_cannot_be_added_now_is_told(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If too much is waiting after the start, the member can ask again, and does not wait for the next start."""

    async def busy(*_: object) -> None:
        raise BusyError(texts.BUSY)

    seen = await paste(boss, channel, "The ferry", "The ferry leaves at seven.")
    await confirm(store, AddButton, seen.response)
    monkeypatch.setattr(ArticleService, "add", busy)
    await restart(simcord_env, resources)

    assert store.drafts.total() == (0, 0)
    assert texts.BUSY in shown(replies_in(boss.user.dm_channel, simcord_env)[-1])


async def test_a_stopped_import_does_not_go_on(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore
) -> None:
    """Stopping drops the file, so that no restart continues it; only who started the import may."""
    seen = await boss.slash(channel, "article add", file=("docs.zip", archive()))
    key = await confirm(store, ImportButton, seen.response)
    articles: Any = simcord_env.bot.get_cog("ArticlesCog")
    pending = await articles.imports.confirmed(key)
    message = simcord_env.backend.messages[channel.id][seen.response.id]
    message.components = [{"type": 1, "components": [StopImportButton(key).item.to_component_dict()]}]

    said = []
    for owner in (Owner(simcord_env.guild.id, 1), Owner(1, boss.id), Owner(simcord_env.guild.id, boss.id)):
        articles.running_imports[key] = owner, pending
        with store.drafts._engine.begin() as db:
            db.exec_driver_sql(
                "UPDATE drafts SET guild_id = ?, member_id = ? WHERE id = ?", (owner.server_id, owner.member_id, key)
            )
        said.append(
            [told.content for told in (await boss.click(seen.response, label=texts.LOAD_STOP_BUTTON)).followups]
        )
        assert pending.stopped == (owner.member_id == boss.id and owner.server_id == simcord_env.guild.id)

    assert said == [[texts.PREVIEW_NOT_YOURS], [texts.PREVIEW_FORGOTTEN], []]
    assert store.drafts.total() == (0, 0)
