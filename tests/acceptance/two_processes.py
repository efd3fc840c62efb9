"""Kills one of two processes of the bot while members ask, again and again: nothing may be lost or answered twice.

    python -m tests.acceptance.two_processes [--rounds 6] [--members 12] [--seconds 20] [--vectors]

Two processes of `python bot.py` share one PostgreSQL server, and with `--vectors` one Milvus Lite server, which are
started for it, and a simulated Discord with two shards. Members of servers on both shards ask with `/ask`, by a
mention, and press buttons of answers that either process has given. In each round one process is killed with SIGKILL
under this load, the other takes its shard, answers what had been accepted, and a new process joins and gets a shard
back; the killed process is that with the first shard in every other round. Then one process is frozen (SIGSTOP) until
the other one has its shard, and goes on; at the end one process is stopped with SIGTERM, all under load. Prints figures
as a table in Markdown. Exit status 1: a question was lost or answered twice, or Discord's rules were broken. Needs the
simulated Discord beside the project's folder.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from storage.stores import prepare
from tests.acceptance.conftest import LOOPBACK, quicken, start
from tests.acceptance.process_askers import Askers
from tests.postgres_server import PostgresServer, running_postgres

_PATIENCE: Final = 300.0  # seconds for a start, a takeover, and the last answers
_SHARDS: Final = 2
# The simulated Discord reports commands that nobody receives, and acknowledgements that are slow, though in time.
_EXPECTED: Final = ("not connected", "no acknowledgement", "acknowledged only after")
_SERVERS: Final = 2  # of each shard


class Trial:
    """The simulated Discord, the processes and the askers, and what was measured; times in seconds."""

    def __init__(self, harness: Any, folder: Path, settings: dict[str, str]) -> None:
        """Use a harness that has been started; the processes get data folders below `folder`, and these settings."""
        self.harness = harness
        self.askers = Askers(harness)
        self.takeovers: list[float] = []
        self.joins: list[float] = []
        self.frozen = 0
        self.handed_over = 0.0
        self.problems: list[str] = []
        self._folder = folder
        self._settings = settings
        self._running: list[Any] = []

    def populate(self, members: int) -> None:
        """Create servers on both shards, with members who have a channel each. Call it before the first start."""
        places = [
            self.harness.new_guild(f"Server {shard}-{number}", shard=shard)
            for number in range(_SERVERS)
            for shard in range(_SHARDS)
        ]
        for number in range(members):
            self.askers.add(places[number % len(places)][0], number)

    async def start(self) -> Any:
        """Start one more process, with an empty data folder as on a new machine."""
        number = len(self.harness.bots)
        self.harness.data_dir, self.harness.log = self._folder / str(number), str(self._folder / f"{number}.log")
        process = await start(self.harness, ready=False, **self._settings)
        self._running.append(process)
        return process

    async def begin(self) -> None:
        """Start two processes, and wait until each has a shard."""
        await self.start()
        await self._until(self.harness.server.synced.is_set, "the first process has synced the commands")
        await self.start()
        await self._until(lambda: all(len(one.shards) == 1 for one in self._running), "each process has a shard")

    async def kill_one(self, shard: int, seconds: float) -> None:
        """Kill the process of a shard under load; wait until the other one has it, and a new one a shard again."""
        victim = next(one for one in self._running if one.shards == [shard])
        self._running.remove(victim)
        (other,) = self._running
        begun = time.monotonic()
        await victim.stop(signal.SIGKILL)
        await self._until(lambda: other.shards == [0, 1], "the other process has both shards")
        self.takeovers.append(time.monotonic() - begun)
        begun = time.monotonic()
        new = await self.start()
        await self._until(lambda: len(new.shards) == len(other.shards) == 1, "a new process has a shard")
        self.joins.append(time.monotonic() - begun)
        await asyncio.sleep(seconds)

    async def freeze_one(self, seconds: float) -> None:
        """Freeze a process under load until the other one has its shard; then it goes on, and gets a shard again."""
        frozen, other = self._running
        frozen.proc.send_signal(signal.SIGSTOP)
        await self._until(lambda: other.shards == [0, 1], "the other process has both shards while one is frozen")
        await asyncio.sleep(seconds / 2)
        frozen.proc.send_signal(signal.SIGCONT)
        await self._until(lambda: len(frozen.shards) == len(other.shards) == 1, "each process has a shard again")
        self.frozen += 1
        await asyncio.sleep(seconds)

    async def stop_one(self) -> None:
        """Stop a process under load; the other one has its shard soon."""
        leaving, other = self._running
        self._running.remove(leaving)
        begun = time.monotonic()
        stopping = asyncio.create_task(leaving.stop())
        await self._until(lambda: other.shards == [0, 1], "the other process has both shards after SIGTERM")
        self.handed_over = time.monotonic() - begun
        if await stopping != 0:
            self.problems.append("a process that was stopped did not end with status 0")

    async def end(self) -> None:
        """Let the askers finish, stop the last process, and note what is wrong."""
        await self.askers.end(_PATIENCE)
        for one in self._running:
            if await one.stop() != 0:
                self.problems.append("the last process did not end with status 0")
        self.problems += self.askers.problems()
        self.problems += [
            one for one in map(str, self.harness.findings) if not any(known in one for known in _EXPECTED)
        ]

    def table(self) -> str:
        """Return the figures as a table in Markdown."""
        rows = [
            ("processes killed under load", str(len(self.takeovers))),
            ("processes frozen under load until another one had their shard", str(self.frozen)),
            *self.askers.rows(),
            ("seconds until the other process ran the shard of a killed one", _spread(self.takeovers)),
            ("seconds from the start of a process, with its models, until it ran a shard", _spread(self.joins)),
            ("seconds until the other process ran the shard of a stopped one (SIGTERM)", f"{self.handed_over:.1f}"),
        ]
        return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])

    async def _until(self, holds: Any, what: str) -> None:
        for _ in range(int(_PATIENCE * 10)):
            if ended := [one.id for one in self._running if not one.running]:
                raise RuntimeError(f"processes {ended} have ended: {self.harness.bots[-1].tail()}")
            if holds():
                return
            await asyncio.sleep(0.1)
        shards = {one.id: one.shards for one in self._running}
        raise TimeoutError(f"{what}: this still does not hold; {shards}")


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "-"
    return f"{statistics.median(seconds):.1f} (median; {min(seconds):.1f} to {max(seconds):.1f})"


@asynccontextmanager
async def trial(fakecord: Any, members: int, *, vectors: bool, postgres: PostgresServer | None) -> AsyncIterator[Trial]:
    """Start the servers that are needed and a simulated Discord with members; no process of the bot runs yet."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = postgres or stack.enter_context(running_postgres())
        database = stack.enter_context(postgres.database())
        prepare(database.owner_url, database.bot_url)
        settings = {"DATABASE_URL": database.bot_url, "BUSY_SECONDS": "600"}  # a notice would be taken for the answer
        if vectors:
            running_milvus = importlib.import_module("tests.milvus_server").running_milvus
            settings["VECTOR_STORE"] = stack.enter_context(running_milvus()).url
        async with fakecord.Harness(shards=_SHARDS, latency=(0.03, 0.12)) as harness:
            quicken(harness)
            harness.default_timeout = _PATIENCE
            made = Trial(harness, folder, settings)
            made.populate(members)
            yield made


async def run(
    fakecord: Any,
    rounds: int,
    members: int,
    seconds: float,
    *,
    vectors: bool = False,
    postgres: PostgresServer | None = None,
) -> Trial:
    """Run all rounds, with a database of this server or one that is started; return what was measured."""
    async with trial(fakecord, members, vectors=vectors, postgres=postgres) as made:
        await made.begin()
        await made.askers.begin()
        await asyncio.sleep(seconds)
        for number in range(rounds):
            await made.kill_one(number % _SHARDS, seconds)
        await made.freeze_one(seconds)
        await made.stop_one()
        await made.end()
        return made


def main() -> int:
    """Run, print the table and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--members", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=20.0, help="of load between two kills")
    parser.add_argument("--vectors", action="store_true", help="use Milvus Lite too")
    options = parser.parse_args()
    sys.path.insert(0, str(LOOPBACK))
    fakecord = importlib.import_module("fakecord")
    made = asyncio.run(run(fakecord, options.rounds, options.members, options.seconds, vectors=options.vectors))
    print(made.table())
    print(*made.problems, sep="\n", file=sys.stderr)
    return int(bool(made.problems))


if __name__ == "__main__":
    sys.exit(main())
