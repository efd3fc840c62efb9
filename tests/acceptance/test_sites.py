"""Site imports, end to end: progress, stopping and resuming, while members are answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from i18n import texts
from tests.acceptance.conftest import quicken, start, until
from tests.acceptance.test_discord import QUESTION, quoted, unexpected
from tests.acceptance.test_features import MANAGE_GUILD, SEND
from tests.cogs.reader import read_quotes
from tests.index.site import Reply, Site, running

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

PAGES = 40
SITE = {"FETCH_PRIVATE_ADDRESSES": "true", "FETCH_DELAY": "0.2"}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Return a web site with pages and a sitemap."""
    with running() as site:
        for number in range(PAGES):
            site.page(
                f"/{number}",
                f"Room {number} of the harbour house was painted in the year {1700 + number} by keeper {number}. "
                f"It has {number + 3} windows to the sea. Guests sleep there in May, on Sundays for nothing.",
            )
        listed = "".join(f"<url><loc>{site.url}/{number}</loc></url>" for number in range(PAGES))
        site.pages["/map.xml"] = Reply(f"<urlset>{listed}</urlset>".encode(), headers={"Content-Type": "text/xml"})
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def harness(fakecord: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    """Return the simulated Discord, with tokens that expire after a few seconds, and the bot on it."""
    async with fakecord.Harness(ratelimits="realistic", latency=(0.03, 0.12), token_lifetime=12) as harness:
        quicken(harness)
        harness.data_dir = tmp_path_factory.mktemp("data")
        harness.default_timeout = 120.0
        harness.log = str(tmp_path_factory.mktemp("log") / "bot.log")
        harness.bot = await start(harness, synced=True, **SITE)
        yield harness


async def test_a_site_with_questions_and_a_restart(harness: Any, site: Site) -> None:
    """A sitemap is imported across a restart while members are answered; no page is read twice."""
    boss = harness.user("Keeper", permissions=SEND | MANAGE_GUILD)
    seen = await harness.slash(boss, "article add", {"address": f"{site.url}/map.xml"})
    site.take()
    pressed = await harness.click(boss, seen.response, texts.ARTICLE_ADD_BUTTON)
    asked = [await harness.dm(harness.alice, QUESTION) for _ in range(3)]  # there the sample is still searched
    await until(lambda: "Read: 1" in seen.response.text)
    assert await harness.bot.stop() == 0
    harness.bot = await start(harness, **SITE)
    told = harness.server.make_dm(boss)
    await until(lambda: harness.messages_in(told))
    answer = await harness.slash(harness.alice, "ask", {"question": "When was room 39 of the harbour house painted?"})

    assert [each.failed for each in (seen, pressed, *asked, answer)] == [None] * 6
    assert seen.ephemeral
    assert all(quoted(each) for each in asked)
    (message,) = harness.messages_in(told)
    assert texts.LOAD_COUNTS.format(done=PAGES, total=PAGES, stored=PAGES, failed=0) in message.text
    assert "painted in the year 1739" in read_quotes(answer.response.text)[0].text
    read = [path for path, _ in site.take()]
    assert len(read) - len(set(read)) <= 1  # the page that was being read when the bot was ended


async def test_stopping(harness: Any, site: Site) -> None:
    """*Stop* ends an import; the message and `/article progress` show how much is stored."""
    boss = harness.user("Stopper", permissions=SEND | MANAGE_GUILD)
    seen = await harness.slash(boss, "article add", {"address": f"{site.url}/0", "pages": 30})
    assert "up to 30" in seen.text
    dropped = await harness.click(boss, seen.response, texts.CANCEL_BUTTON)
    seen = await harness.slash(boss, "article add", {"address": f"{site.url}/map.xml"})
    await harness.click(boss, seen.response, texts.ARTICLE_ADD_BUTTON)
    shown = await harness.click(boss, seen.response, texts.LOAD_SHOW_BUTTON)
    stopped = await harness.click(boss, seen.response, texts.LOAD_STOP_BUTTON)
    looked = await harness.slash(boss, "article progress")

    assert [each.failed for each in (seen, dropped, shown, stopped, looked)] == [None] * 5
    assert texts.LOAD_CANCELLED in seen.response.text
    assert texts.LOAD_CANCELLED in looked.text
    assert (await harness.slash(harness.bob, "article progress")).text == texts.NOT_ALLOWED


async def test_nothing_against_the_rules(harness: Any) -> None:
    """Nothing was refused except edits with expired tokens."""
    found = unexpected(harness)
    assert [line for line in found if "50027" not in line and "token" not in line.lower()] == []
