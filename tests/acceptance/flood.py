"""Floods `python bot.py` with questions of many members of several servers at once, and stops it in the middle.

    python -m tests.acceptance.flood [--members 50] [--servers 5] [--rounds 8]

In each round all members ask at the same moment, half of them with `/ask`, the others by a mention, and one server asks
as much as all others together. Then all ask once more and the bot is told to stop. Prints a table in Markdown: how long
members waited, how late acknowledgements and the event loop were, and the questions that were lost, late or answered
twice. Exit status 1: one of these, the lag of the event loop was above 100 ms at the 99th percentile, or the bot took
longer than 10 seconds to stop. Needs the simulated Discord beside the project's folder.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import Any, Final

from i18n import texts
from tests.acceptance.busy_day import QUESTIONS
from tests.acceptance.conftest import LOOPBACK, start
from tests.acceptance.test_features import MANAGE_GUILD, SEND
from tests.cogs.reader import read_quotes

_DEADLINE: Final = 3.0  # seconds in which Discord wants an acknowledgement
_MAX_LAG: Final = 0.1
_MAX_STOP: Final = 10.0
# Seconds between two measurements of the event loop, each of which the client answers with a heartbeat: discord.py
# sends at most 110 of those in a minute, and reads nothing while the next has to wait.
_LAG_PAUSE: Final = 0.6


@dataclass(slots=True)
class Flood:
    """What was measured; times in seconds."""

    waited: list[float] = field(default_factory=list)
    waited_in_large: list[float] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: int = 0
    refused: int = 0
    told: int = 0  # at the end, that the bot restarts
    answered_at_end: int = 0
    stop_seconds: float = 0.0

    @property
    def late(self) -> int:
        """The number of acknowledgements after Discord's deadline."""
        return sum(seconds > _DEADLINE for seconds in self.acknowledged)

    def problems(self) -> list[str]:
        """Return what is not as promised."""
        found = list(self.lost)
        if self.late or self.doubled:
            found.append(f"{self.late} acknowledgements were late, {self.doubled} answers doubled")
        if _percentile(self.lags, 99) > _MAX_LAG:
            found.append(f"the event loop lagged {_percentile(self.lags, 99):.3f} s at the 99th percentile")
        if self.stop_seconds > _MAX_STOP:
            found.append(f"the bot took {self.stop_seconds:.1f} s to stop")
        return found

    def table(self) -> str:
        """Return the figures as a table in Markdown."""
        rows = [
            "| | median | 99th percentile |",
            "|---|---|---|",
            *(
                f"| {name} | {statistics.median(values):.2f} s | {_percentile(values, 99):.2f} s |"
                for name, values in (
                    ("answer, in the server that asks most", self.waited_in_large),
                    ("answer, in the others", self.waited),
                    ("acknowledgement", self.acknowledged),
                    ("lag of the event loop", self.lags),
                )
                if values
            ),
        ]
        ends = f"{self.answered_at_end} answered and {self.told} told to ask again, in {self.stop_seconds:.1f} s"
        counts = f"{len(self.lost)} lost, {self.late} late, {self.doubled} doubled, {self.refused} refused"
        return "\n".join([*rows, "", f"Questions: {counts}. While stopping: {ends}."])


def _percentile(values: list[float], percent: int) -> float:
    return (
        statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
        if len(values) > 1
        else max(values, default=0)
    )


async def flood(harness: Any, members: int, servers: int, rounds: int) -> Flood:
    """Ask and stop; return what was measured. The first server has half of the members."""
    found = Flood()
    guilds = [harness.new_guild(f"Server {number}") for number in range(servers)]
    harness.bot = await start(harness, synced=True, BUSY_SECONDS="600")  # the harness takes a notice for the answer
    askers = []
    for number in range(members):
        guild, _ = guilds[0 if number % 2 else 1 + number // 2 % (servers - 1)]
        member = harness.user(f"Member {number}", guild=guild)
        askers.append((member, harness.text_channel(f"room-{number}", guild), bool(number % 2), number % 4 < 2))
    for guild, channel in guilds:
        boss = harness.user("Keeper", guild=guild, permissions=SEND | MANAGE_GUILD)
        limits = {"member_limit": 0, "channel_limit": 0, "server_limit": 0}
        await harness.slash(boss, "config settings", limits, channel=channel)
    watching = asyncio.create_task(_watch_lag(harness, found.lags))
    for turn in range(rounds):
        seen = await asyncio.gather(*(_ask(harness, asker, turn) for asker in askers), return_exceptions=True)
        for asker, one in zip(askers, seen, strict=True):
            _note(found, one, large=asker[2])
    watching.cancel()
    asking = [asyncio.create_task(_ask(harness, asker, rounds)) for asker in askers]
    await asyncio.sleep(0.5)
    begun = time.monotonic()
    if await harness.bot.stop() != 0:
        found.lost.append("the bot did not end with status 0")
    found.stop_seconds = time.monotonic() - begun
    for one in await asyncio.gather(*asking, return_exceptions=True):
        text = _text(one)
        found.answered_at_end += bool(read_quotes(text))
        found.told += texts.STOPPING in text
        if not text:
            found.lost.append("a question that was asked before the end had no reply")
    return found


async def _ask(harness: Any, asker: tuple[Any, Any, bool, bool], turn: int) -> Any:
    member, room, _, by_command = asker
    question = QUESTIONS[(turn + int(room["id"])) % len(QUESTIONS)]
    if by_command:
        return await harness.slash(member, "ask", {"question": question}, channel=room)
    return await harness.mention(member, question, channel=room)


async def _watch_lag(harness: Any, lags: list[float]) -> None:
    while True:
        lags.append(await harness.loop_lag())
        await asyncio.sleep(_LAG_PAUSE)


def _text(seen: Any) -> str:
    if isinstance(seen, BaseException):
        return ""
    return str(seen.text)


def _note(found: Flood, seen: Any, *, large: bool) -> None:
    """Add a question to what was measured."""
    if isinstance(seen, BaseException) or seen.failed:
        found.lost.append(f"a question was not answered: {seen if isinstance(seen, BaseException) else seen.failed}")
        return
    text = _text(seen)
    if texts.BUSY in text:
        found.refused += 1
    elif not read_quotes(text):
        found.lost.append(f"a question was answered without a quote: {text[:80]}")
    answers = [message for message in (seen.response, *seen.followups) if message and read_quotes(message.text)]
    found.doubled += len({message.id for message in answers}) > 1
    if seen.ack_after is not None:
        found.acknowledged.append(seen.ack_after)
    (found.waited_in_large if large else found.waited).append(seen.first_visible_after)


async def run(fakecord: Any, members: int, servers: int, rounds: int) -> Flood:
    """Flood a bot of its own in a new data folder; return what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        async with fakecord.Harness() as harness:
            harness.data_dir, harness.log = folder, f"{folder}/bot.log"
            harness.default_timeout = 120.0
            return await flood(harness, members, servers, rounds)


def main() -> int:
    """Flood, print the table and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=50)
    parser.add_argument("--servers", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=8)
    options = parser.parse_args()
    sys.path.insert(0, str(LOOPBACK))
    fakecord = importlib.import_module("fakecord")
    found = asyncio.run(run(fakecord, options.members, options.servers, options.rounds))
    print(found.table())
    problems = found.problems()
    print(*problems, sep="\n", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
