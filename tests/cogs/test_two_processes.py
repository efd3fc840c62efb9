"""What one process of the bot began, another goes on with: settings, previews, buttons, limits, conversations, digests.

Both use one real PostgreSQL database. The second one has its store open all the time, with whatever it has cached, and
runs the server's shard after the first.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import simcord

from cogs.admin import digest_job
from cogs.admin.digest_job import DigestJob
from cogs.articles import import_run
from cogs.articles.draft_kinds import IMPORTS
from cogs.articles.drafts import Confirmation, Owner, PendingStore
from cogs.articles.export_files import PendingImport
from cogs.articles.import_export import ImportButton, StopImportButton
from cogs.articles.import_run import ImportRun, carry_out
from cogs.bot import VerbatimBot
from cogs.core import async_store
from cogs.core.async_store import AsyncStore
from cogs.core.visibility import Visibility
from cogs.core.worker import Worker
from cogs.services import Resources
from cogs.ui.layout import MessageBody
from i18n import texts
from index.libraries.library_names import own_library
from index.libraries.registry import Libraries
from index.passages.embedder import load_embedder
from settings import Settings
from storage.models import Mode, ServerSettings
from storage.stores import Stores
from tests.cogs.admin.test_digest_job import monday
from tests.cogs.articles.test_cog import paste
from tests.cogs.ask.test_rate_limits import opening
from tests.cogs.fakes import FakeAnswers
from tests.cogs.pins.test_cog import presses
from tests.cogs.visible_text import PUBLIC, replies_in
from tests.index.sample_files import archive
from tests.postgres_server import PostgresDatabase

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


@pytest.fixture
def stores(settings: Settings, postgres: PostgresDatabase) -> Iterator[Stores]:
    """Return the stores of the first process."""
    with closing(Stores(settings.data_dir, postgres.bot_url)) as made:
        yield made


@pytest.fixture
def store(stores: Stores) -> Iterator[AsyncStore]:
    """Return the store of the first process."""
    with AsyncStore(stores) as store:
        yield store


@pytest.fixture
def libraries(stores: Stores, worker: Worker) -> Iterator[Libraries]:
    """Return the libraries on PostgreSQL, which both use here."""
    libraries = stores.libraries(load_embedder)
    yield libraries
    worker.submit(libraries.close).result()


@pytest.fixture
def other(settings: Settings, postgres: PostgresDatabase) -> Iterator[AsyncStore]:
    """Return the store of the second process."""
    with closing(Stores(settings.data_dir, postgres.bot_url)) as made, AsyncStore(made) as store:
        yield store


async def take_over(env: simcord.Env, resources: Resources, other: AsyncStore) -> VerbatimBot:
    """Let the second process run the server's shard instead of the first one, and return its client."""
    bot = VerbatimBot(replace(resources, store=other))
    await env.restart_bot(bot)
    await env.settle()
    return bot


async def titles(store: AsyncStore, guild_id: int) -> list[str]:
    """Return the titles of a server's articles."""
    found = await store.read(lambda: store.read_only.titles([own_library(guild_id)]))
    return sorted(one.title for one in found)


async def test_settings_are_seen_by_the_other(
    store: AsyncStore, other: AsyncStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one has cached of settings and pins is true again after some seconds; changes by both are all kept."""
    monkeypatch.setattr(async_store, "_SHARED_SECONDS", 0.05)
    assert not (await other.settings(42)).paused
    changes = [
        one.change_settings(42, lambda now, n=n: now.with_mode(n, Mode.OFF)) for n, one in enumerate([store, other] * 5)
    ]
    await asyncio.gather(*changes, store.change_settings(42, lambda now: now.changed(paused=True)))
    await asyncio.sleep(0.1)

    for one in (store, other):
        found = await one.settings(42)
        assert found.paused
        assert sorted(found.places) == list(range(10))


async def test_a_preview_is_confirmed_in_the_other_process(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    other: AsyncStore,
    resources: Resources,
) -> None:
    """The button of a preview adds the article there, once."""
    seen = await paste(boss, channel, "The ferry", "The ferry leaves at seven.")
    await take_over(simcord_env, resources, other)
    await boss.click(seen.response, label=texts.ARTICLE_ADD_BUTTON)

    assert store.drafts.total() == (0, 0)
    assert await titles(store, simcord_env.guild.id) == ["The ferry"]


async def test_what_was_confirmed_goes_on_in_the_process_that_takes_the_server_over(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    other: AsyncStore,
    resources: Resources,
) -> None:
    """An import that ended with its process is continued by the next, and its member hears of it once."""
    seen = await boss.slash(channel, "article add", file=("docs.zip", archive()))
    (key,) = {number for action, number, _ in presses(seen.response) if action == ImportButton.action}
    place = Confirmation(1, seen.response.id, "expired", 0.0, plain=False, language="en")
    articles: Any = simcord_env.bot.get_cog("ArticlesCog")
    await articles.imports.confirm(key, Owner(simcord_env.guild.id, boss.id), place)
    bot: Any = await take_over(simcord_env, resources, other)
    await asyncio.gather(*bot.get_cog("InterruptedDrafts")._tasks)
    await simcord_env.settle()

    assert await titles(store, simcord_env.guild.id) == ["A", "Ferry"]
    assert store.drafts.total() == (0, 0)
    assert len(replies_in(boss.user.dm_channel, simcord_env)) == 1


async def test_an_answer_in_the_other_process(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    other: AsyncStore,
    resources: Resources,
) -> None:
    """Its buttons work there, a reply to it continues its conversation, and its question counts for the limits."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(member_limit=2))
    me = f"<@{simcord_env.bot.user.id}>"
    await alice.send(channel, f"{me} who built it?")
    await take_over(simcord_env, resources, other)
    (answer,) = replies_in(channel, simcord_env)

    await alice.click(answer, label=texts.HELPFUL_BUTTON)
    await alice.send(channel, f"{me} and when?", reply_to=answer)
    refused = await alice.slash(channel, "ask", question="why?")

    votes = await other.report(lambda: store.database.question_texts.of_member(alice.id))
    assert votes.votes == 1
    assert [before[:1] for before in answers.before] == [[], ["who built it?"]]
    assert [notice.content.startswith(opening(texts.MEMBER_LIMIT)) for notice in refused.followups] == [True]


async def test_a_digest_is_sent_once(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    store: AsyncStore,
    other: AsyncStore,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even if two processes believe that they run the server's shard."""
    monkeypatch.setattr(digest_job, "_PAUSE", 0.0)
    staff, bot = simcord_env.guild.create_text_channel("staff"), simcord_env.bot
    await store.change_settings(simcord_env.guild.id, lambda now: now.changed(digest_channel=staff.id))
    jobs = []
    for one in (store, other):
        services: Any = type("Services", (), {"store": one, "settings": settings, "visibility": Visibility(bot, one)})
        jobs.append(DigestJob(bot, services))
    for weeks in (0, 1, 1):
        await asyncio.gather(*(job.run_once(monday(simcord_env, weeks)) for job in jobs))

    assert len(replies_in(staff, simcord_env)) == 1


@pytest.mark.parametrize("how", ["taken over", "stopped"])
async def test_an_import_that_runs_ends_when_another_process_says_so(
    store: AsyncStore, other: AsyncStore, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken over, it ends without a word and is kept; stopped there, it ends with its summary and is dropped."""
    monkeypatch.setattr(import_run, "_EDIT_INTERVAL", 0.01)
    owner, place = Owner(7, 8), Confirmation(1, 2, "token", 0.0, plain=False, language="en")
    here, there = (PendingStore(one, IMPORTS) for one in (store, other))
    key = await here.put(PendingImport("docs", b"", 3), owner)
    await here.confirm(key, owner, place)
    pending = PendingImport("docs", b"", 3)

    async def run_in_steps(*_: object) -> Counter[str]:
        while not pending.stopped:  # noqa: ASYNC110 - as the worker looks between two articles
            await asyncio.sleep(0.01)
        return Counter(added=1)

    said: list[MessageBody] = []

    async def show(body: MessageBody) -> bool:
        said.append(body)
        return True

    service = SimpleNamespace(quota=None, run_in_steps=run_in_steps)
    articles: Any = SimpleNamespace(service=service, imports=here, running_imports={})
    run = ImportRun(key, owner, place, pending)
    nobody: Any = None
    running = asyncio.create_task(carry_out(articles, nobody, run, show, StopImportButton(key)))
    while not said:  # noqa: ASYNC110 - until it has begun
        await asyncio.sleep(0.01)
    if how == "taken over":
        assert [one.id for one in await there.interrupted()] == [key]
    else:
        await there.stop(key, owner)
    await running

    assert [one.id for one in await here.interrupted()] == ([key] if how == "taken over" else [])
    assert bool("added: 1" in str(said[-1].send_kwargs["view"].to_components())) == (how == "stopped")
