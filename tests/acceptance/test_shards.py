"""The bot with several shards, end to end: one process and a Discord that requires sharding."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from i18n import texts
from tests.acceptance import shard_flows
from tests.acceptance.conftest import free_port, quicken, start, until
from tests.acceptance.shard_flows import Place
from tests.acceptance.test_discord import QUESTION, quoted, unexpected

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

_SECONDS = 120.0


@dataclass
class Sharded:
    """The running bot, and a server on each of its shards."""

    harness: Any
    places: list[Place]

    async def page(self, path: str) -> tuple[int, str]:
        """Return status and text of a page of the bot."""
        address = f"http://127.0.0.1:{self.harness.metrics_port}{path}"
        async with aiohttp.ClientSession() as session, session.get(address) as response:
            return response.status, await response.text()

    async def healthy(self) -> None:
        """Wait until all shards are connected and their servers known."""
        for _ in range(600):
            status, text = await self.page("/healthz")
            if status == 200:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(text)

    def stored(self, place: Place) -> int:
        """Return the number of settings and answers of a server in discord.db."""
        address = f"file:{self.harness.data_dir / 'discord.db'}?mode=ro"
        counts = [f"(SELECT count(*) FROM {table} WHERE guild_id = ?1)" for table in ("servers", "answers")]
        with closing(sqlite3.connect(address, uri=True)) as db:
            return int(db.execute(f"SELECT {' + '.join(counts)}", (place.guild["_id"],)).fetchone()[0])

    async def log(self) -> str:
        """Return the log of the bot."""
        return await asyncio.to_thread(Path(self.harness.log).read_text, "utf-8")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[2, 3], ids=["two", "three"])
async def sharded(request: Any, fakecord: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sharded]:
    """Return the bot with as many shards as the simulated Discord recommends; of three, it starts all at once."""
    count = request.param
    options = {"shards": count, "require_sharding": True, "max_concurrency": 1 if count == 2 else count}
    async with fakecord.Harness(ratelimits="realistic", latency=(0.03, 0.12), **options) as harness:
        quicken(harness)
        harness.default_timeout = _SECONDS
        harness.data_dir = tmp_path_factory.mktemp("data")
        harness.log = str(tmp_path_factory.mktemp("log") / "bot.log")
        harness.metrics_port = free_port()
        places = [Place.on(harness, shard) for shard in range(count)]
        harness.bot = await start(harness, synced=True, METRICS_PORT=str(harness.metrics_port))
        await harness.bot.ready(_SECONDS, expect_shards=count)
        made = Sharded(harness, places)
        await made.healthy()
        yield made


@pytest.mark.parametrize("flow", ["ask", "keep_articles", "call_human", "limit"])
async def test_each_shard(sharded: Sharded, flow: str) -> None:
    """Commands, conversations, buttons, forms, previews, calls and limits work in servers of all shards at once."""
    await asyncio.gather(*[getattr(shard_flows, flow)(place) for place in sharded.places])


async def test_direct_messages(sharded: Sharded) -> None:
    """They come by the first shard, and are answered."""
    assert quoted(await sharded.harness.dm(sharded.harness.alice, QUESTION))


async def test_the_commands_are_sent_once(sharded: Sharded) -> None:
    """However many shards there are."""
    sent = [one for one in sharded.harness.calls if one.method == "PUT" and one.path.endswith("/commands")]
    assert len(sent) == 1


async def test_metrics(sharded: Sharded) -> None:
    """Each shard has its own connection and delay."""
    _, text = await sharded.page("/metrics")

    assert f"verbatim_gateway_shards {len(sharded.places)}.0" in text
    assert f"verbatim_guilds {len(sharded.places) + 1}.0" in text
    for place in sharded.places:
        assert f'verbatim_gateway_connected{{shard="{place.shard}"}} 1.0' in text
        assert f'verbatim_gateway_latency_seconds{{shard="{place.shard}"}} 0.' in text


async def test_about_names_the_shard(sharded: Sharded) -> None:
    """`/about` says which shard a server is on, for those who look after the bot."""
    for place in sharded.places:
        told = await place.slash(place.boss, "about")
        assert texts.ABOUT_SHARD.format(shard=place.shard, count=len(sharded.places)) in told.text


async def test_a_shard_that_is_away(sharded: Sharded) -> None:
    """While one is away the others answer, and health says which; what was asked there is answered afterwards."""
    away, other = sharded.places[-1], sharded.places[0]
    async with sharded.harness.outage(shard=away.shard):
        await until(lambda: not sharded.harness.sessions(away.shard))
        assert quoted_fact(await other.slash(sharded.harness.alice, "ask", {"question": other.question}), other)
        asking = asyncio.create_task(away.mention(sharded.harness.alice, away.question))
        for _ in range(100):
            status, text = await sharded.page("/healthz")
            if status == 503:
                break
            await asyncio.sleep(0.1)
        assert (status, f"on shard {away.shard} of {len(sharded.places)}" in text) == (503, True), text
    await sharded.harness.connected(shard=away.shard)

    assert quoted_fact(await asking, away)
    await sharded.healthy()


@pytest.mark.parametrize("how", ["resumed", "lost", "invalid"])
async def test_a_connection_is_lost(sharded: Sharded, how: str) -> None:
    """A shard resumes its session or begins a new one, and answers what was asked meanwhile; the others go on."""
    harness, place, count = sharded.harness, sharded.places[-1], len(sharded.places)
    others = [one for shard in range(count - 1) for one in harness.sessions(shard)]
    if how == "invalid":
        await harness.invalid_session(False, shard=place.shard)
    else:
        await harness.drop_connection(shard=place.shard, resumable=how == "resumed")
    answered = await place.mention(harness.alice, place.question)
    await harness.connected(shard=place.shard)
    await sharded.healthy()

    assert quoted_fact(answered, place)
    assert [one for shard in range(count - 1) for one in harness.sessions(shard)] == others
    assert harness.bot.shards == list(range(count))


async def test_a_server_is_forgotten(sharded: Sharded) -> None:
    """If the bot is removed from a server, its settings and answers go; the servers of other shards keep theirs."""
    harness, left, stays = sharded.harness, sharded.places[-1], sharded.places[0]
    assert all([sharded.stored(left), sharded.stored(stays)])
    harness.server.dispatch("GUILD_DELETE", {"id": left.guild["id"]}, guild=left.guild, intent="guilds")
    await until(lambda: not sharded.stored(left))

    assert not sharded.stored(left)
    assert sharded.stored(stays)
    assert await stays.quote() == stays.fact


async def test_discord_requires_more_shards(sharded: Sharded) -> None:
    """The bot connects again with the number that Discord recommends then, and answers on each of them."""
    harness, before = sharded.harness, len(sharded.places)
    harness.server.shards = before + 1
    await harness.drop_connection(code=4011, resumable=False, shard=0)
    await until(lambda: {one.shard for one in harness.bot.sessions} == {(n, before + 1) for n in range(before + 1)})
    await sharded.healthy()

    stays = sharded.places[0]
    assert harness.bot.shards == list(range(before + 1))
    assert await stays.quote() == stays.fact
    assert texts.OTHER_SHARDS_REQUIRED.format(count=before, code=4011) in await sharded.log()


async def test_the_end(sharded: Sharded) -> None:
    """SIGTERM ends the process within 10 s with status 0, and nothing was against Discord's rules."""
    begun = time.monotonic()
    status = await sharded.harness.bot.stop()

    assert status == 0
    assert time.monotonic() - begun < 10
    assert unexpected(sharded.harness) == []


async def test_the_sessions_of_the_day_are_used_up(fakecord: Any, tmp_path: Path) -> None:
    """Then the bot starts none, says until when it waits, and can be stopped."""
    async with fakecord.Harness() as harness:
        harness.data_dir, harness.log = tmp_path / "data", str(tmp_path / "bot.log")
        harness.server.session_starts += [0.0] * 1000
        bot = await start(harness, ready=False)
        said = texts.SESSIONS_USED_UP.split("{", maxsplit=1)[0]
        await until(lambda: said in Path(harness.log).read_text("utf-8"))

        assert said in await asyncio.to_thread(Path(harness.log).read_text, "utf-8")
        assert await bot.stop() == 0
        assert harness.server.identifies == []
        assert unexpected(harness) == []


async def test_a_start_with_another_number_of_shards(fakecord: Any, tmp_path: Path) -> None:
    """Buttons of earlier answers work whichever shard their server is on now, and no shard waits for another one.

    One shard cannot be connected for a while. What is asked there meanwhile is answered then.
    """
    async with fakecord.Harness(shards=2, max_concurrency=2) as harness:
        quicken(harness)
        harness.default_timeout = _SECONDS
        harness.data_dir, harness.log = tmp_path / "data", str(tmp_path / "bot.log")
        here, away = [Place.on(harness, shard) for shard in range(2)]
        harness.server.shards = 1
        harness.bot = await start(harness, synced=True)
        asked = [await place.slash(harness.alice, "ask", {"question": QUESTION}) for place in (here, away)]
        assert await harness.bot.stop() == 0

        harness.server.shards = 2
        harness.server.refuse_shards.add(1)
        harness.bot = await start(harness, ready=False)
        await harness.connected(_SECONDS, shard=0)
        await until(lambda: harness.sessions(0))
        waiting = asyncio.create_task(away.mention(harness.bob, QUESTION))
        assert quoted(await here.click(harness.bob, asked[0].response, texts.MORE_BUTTON))
        assert quoted(await here.mention(harness.alice, QUESTION))
        assert quoted(await harness.dm(harness.alice, QUESTION))
        assert not waiting.done()

        harness.server.refuse_shards.discard(1)
        assert quoted(await waiting)
        assert quoted(await away.click(harness.bob, asked[1].response, texts.MORE_BUTTON))
        assert await harness.bot.stop() == 0
        assert unexpected(harness) == []


def quoted_fact(seen: Any, place: Place) -> bool:
    """Whether an answer quotes the article of a server."""
    return not seen.failed and place.fact in seen.response.text.replace("**", "")
