"""Asking, end to end: the bot as a process and a Discord with realistic limits, delays and faults."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from i18n import texts
from tests.acceptance.conftest import ROOT, start
from tests.cogs.reader import read_quotes
from tests.cogs.visible_text import unlinked

pytestmark = [pytest.mark.asyncio(loop_scope="session")]

QUESTION = "Who is Han Song-il?"
DEFERRED = 5  # Discord's type of an acknowledgement that comes before the answer
OFF_TOPIC = "What is the boiling point of tungsten?"
# These are no problems: an acknowledgement whose response was lost is sent again and refused; a message that the bot
# looks up, or deletes again, may be gone.
_EXPECTED = re.compile(
    r"40060|http 404: (?:GET|DELETE) /channels/\d+/messages/\d+ |GET \S+/commands/permissions"
)  # fakecord has no such route


def unexpected(discord: Any) -> list[str]:
    """Return the unexpected problems that the simulated Discord has reported."""
    return [found for found in map(str, discord.findings) if not _EXPECTED.search(found)]


def articles() -> list[str]:
    """Return the texts of the sample articles, read from their files."""
    return [path.read_text(encoding="utf-8") for path in sorted((ROOT / "articles").iterdir()) if path.is_file()]


def quoted(transcript: Any) -> list[str]:
    """Return the quotes that an answer shows, after checking that each is in a sample article."""
    found = [seen.text for seen in read_quotes(transcript.response.text)]
    assert all(any(text in article for article in articles()) for text in found)
    return found


async def test_ask(discord: Any) -> None:
    """/ask is acknowledged immediately and answered publicly with a verbatim quote."""
    asked = await discord.slash(discord.alice, "ask", {"question": QUESTION})

    assert not asked.failed
    assert asked.interaction.ack_type == DEFERRED
    assert not asked.ephemeral
    assert "Han Song-il" in quoted(asked)[0]
    assert texts.CLOSEST_WARNING not in asked.text


async def test_not_covered(discord: Any) -> None:
    """A question that the articles do not cover is never presented as answered."""
    asked = await discord.slash(discord.alice, "ask", {"question": OFF_TOPIC})

    assert texts.NOT_COVERED_HINT in asked.text or texts.CLOSEST_WARNING in asked.text


@pytest.mark.parametrize("question", ["?", "🙂🙂", "x" * 500, "\"' OR 1=1; --", "NEAR(a* b) AND *", "谁是韩松日？"])
async def test_odd_questions(discord: Any, question: str) -> None:
    """Any input gets one of the outcomes."""
    asked = await discord.slash(discord.bob, "ask", {"question": question})

    assert not asked.failed
    assert "went wrong" not in asked.text
    quoted(asked)


async def test_mention_reply_and_direct_message(discord: Any) -> None:
    """A mention, a reply to the answer and a direct message are each answered with a reply; nobody is pinged."""
    mentioned = await discord.mention(discord.bob, f"{QUESTION} @everyone <@{discord.alice['id']}>")
    replied = await discord.say(discord.bob, QUESTION, reply_to=mentioned.response)
    direct = await discord.dm(discord.alice, QUESTION)

    for answer in (mentioned, replied, direct):
        assert not answer.failed
        assert answer.typing_at
        assert answer.response.reply_to == answer.trigger["_id"]
        assert not answer.response.pings["users"]
        assert not answer.response.pings["everyone_attempted"]
        assert quoted(answer)


async def test_silence_where_nobody_asked(discord: Any) -> None:
    """`@everyone` and ordinary conversation are ignored."""
    texts_said = ("@everyone who is it?", "who is it?")
    for said in await asyncio.gather(*[discord.say(discord.bob, text, expect=False, timeout=1) for text in texts_said]):
        assert said.messages == []
        assert said.typing_at == []


async def test_empty_mention(discord: Any) -> None:
    """A mention without a question is answered with the short help."""
    said = await discord.mention(discord.user("Newcomer"), "")

    assert unlinked(texts.SHORT_HELP.splitlines()[0]) in unlinked(said.text)


async def test_question_that_was_deleted(discord: Any) -> None:
    """A question that is deleted before its answer is ready is not answered; the next one is."""
    channel = discord.text_channel("deleted")
    task = asyncio.create_task(discord.mention(discord.alice, QUESTION, channel))
    await asyncio.sleep(0)
    (question,) = discord.server.messages[channel["_id"]].values()
    discord.server.delete_message(question)
    asked = await discord.mention(discord.bob, QUESTION, channel)  # answers are given in the order of the questions
    task.cancel()

    (answer,) = discord.messages_in(channel)
    assert answer.reply_to == asked.trigger["_id"]


async def test_many_at_once(discord: Any) -> None:
    """Concurrent questions are all acknowledged in time and answered."""
    people = [(discord.user(f"Person {number}"), discord.text_channel(f"room-{number}")) for number in range(20)]

    asked = await asyncio.gather(
        *[discord.slash(person, "ask", {"question": QUESTION}, channel=room) for person, room in people[:10]],
        *[discord.mention(person, QUESTION, room) for person, room in people[10:]],
    )

    assert [each.failed for each in asked] == [None] * 20
    assert all(each.interaction.ack_type == DEFERRED for each in asked[:10])
    assert all(quoted(each) for each in asked)
    assert await discord.loop_lag(120) < 120


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503},
        {"drop": True},
        {"drop": True, "after": True},
        {"status": 500, "after": True},
        {"status": 429, "retry_after": 0.3},
        {"status": 429, "retry_after": 0.3, "cloudflare": True},
    ],
    ids=lambda fault: "-".join(f"{key}={value}" for key, value in fault.items()),
)
async def test_faults_are_survived(discord: Any, fault: dict[str, Any]) -> None:
    """A fault in any kind of request neither loses the answer nor duplicates it."""
    for path in ("/callback$", "/messages/@original$", "/typing$", "/messages$"):
        discord.inject(path=path, **fault)

    asked = await asyncio.gather(
        # Watched for a while after the answer, in which a second copy would come.
        discord.slash(
            discord.alice, "ask", {"question": QUESTION}, channel=discord.text_channel("trouble-1"), quiet=0.25
        ),
        discord.mention(discord.bob, QUESTION, discord.text_channel("trouble-2"), quiet=0.25),
    )

    assert all(met.hits == 1 for met in discord.server.faults)
    discord.clear_faults()
    assert [each.failed for each in asked] == [None, None]
    assert [len(each.messages) for each in asked] == [1, 1]
    assert all(quoted(each) for each in asked)


async def test_lost_connection(discord: Any) -> None:
    """A question asked while the gateway connection is down is answered after it is back."""
    await discord.drop_connection()

    asked = await discord.mention(discord.alice, QUESTION, discord.text_channel("line"))

    assert len(asked.messages) == 1


async def test_nothing_against_the_rules(discord: Any) -> None:
    """Nothing was refused, too slow, unknown, or in conflict with Discord's API description."""
    assert unexpected(discord) == []


async def test_refused_token(fakecord: Any, tmp_path: Path) -> None:
    """If Discord refuses the token, the program ends with one sentence that says what to do."""
    async with fakecord.Harness() as harness:
        harness.data_dir, harness.log = tmp_path / "data", str(tmp_path / "bot.log")
        bot = await start(harness, ready=False, DISCORD_TOKEN="a.wrong.token")
        await asyncio.wait_for(bot.proc.wait(), 120)

        assert bot.proc.returncode in {1, 2}
        assert texts.TOKEN_REFUSED in bot.tail()
        assert "Traceback" not in bot.tail()
