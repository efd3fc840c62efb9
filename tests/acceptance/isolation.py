"""Lets members of many servers use the bot at random, also with forged ids, and looks for what crosses servers.

    python -m tests.acceptance.isolation [--servers 6] [--steps 2000] [--seed 1]

Runs on a simulated Discord with the real bot, real databases and a small embedder without a model. Each server has its
own articles, questions, pins, settings, previews, searches and imports. Members ask, edit, press, type into options,
list, export, vote and use menus, some at the same moment; a third of the steps uses custom ids, links, library names
and values of another server. After each moment everything that the bot sent is searched for words and ids of other
servers, and everything stored about servers whose members did nothing is compared with before.

Exit status 1: something of a server was shown in another, changed by another, or a step ended in an unexpected error.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from simcord import BackendError, SetupError

from i18n import texts
from tests.acceptance.isolation_forgery import FORGED
from tests.acceptance.isolation_steps import HONEST, direct
from tests.acceptance.isolation_watch import Watch, changes, leaks, own_words
from tests.acceptance.isolation_world import Server, World, running

_FORGED_SHARE: Final = 0.35
_TOGETHER: Final = (1, 1, 1, 2, 3)  # steps that begin at the same moment


@dataclass
class Report:
    """What happened: steps by name, and how the forged ones ended."""

    steps: Counter[str] = field(default_factory=Counter)
    forged: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    own: Counter[str] = field(default_factory=Counter)  # moments in which a server saw its own words, by kind
    impossible: int = 0  # steps that Discord itself would not have allowed
    leaked: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """What must not happen, one line each."""
        named = (("leaked", self.leaked), ("changed", self.changed), ("unexpected", self.unexpected))
        return [f"{kind}: {one}" for kind, found in named for one in found]

    def table(self) -> str:
        """Return the counts as a table."""
        rows = [
            ("steps", self.steps.total() + self.forged.total()),
            ("forged", self.forged.total()),
            ("refused", self.refused.total()),
            ("leaked", len(self.leaked)),
            ("changed", len(self.changed)),
            ("unexpected errors", len(self.unexpected)),
        ]
        kinds = [(f"  {name}, refused {self.refused[name]}", count) for name, count in sorted(self.forged.items())]
        kinds += [(f"  {name}", count) for name, count in sorted(self.steps.items())]
        kinds += [(f"  own {name} shown", count) for name, count in sorted(self.own.items())]
        kinds += [("  not possible on Discord", self.impossible)]
        return "\n".join(f"{name:<32}{count:>7}" for name, count in [*rows, *kinds])


class Run:
    """Random steps in all servers, each moment followed by a comparison."""

    def __init__(self, world: World, report: Report) -> None:
        """Take the populated world."""
        self._world, self._report = world, report
        self._watch = Watch(world)
        self._settle = world.env._settle_internal
        self._unsettled = False
        world.env._settle_internal = self._settle_later  # type: ignore[method-assign]

    async def _settle_later(self, **options: Any) -> None:
        """Let the bot work until it is idle, unless another step begins at the same moment."""
        if not self._unsettled:
            await self._settle(**options)

    async def moment(self, number: int) -> None:
        """Do one to three steps at the same time, and look at what they showed and changed."""
        world, rng = self._world, self._world.rng
        before = self._watch.state()
        acting, typed, ended = [], [], []
        together = rng.choice(_TOGETHER)
        for position in range(together):
            server = rng.choice(world.servers)
            acting.append(server)
            self._unsettled = position < together - 1
            name, result, forged = await self._step(server)
            typed.append(forged)
            ended.append((server, name, result, bool(forged)))
        await self._settle()
        shown, after = self._watch.shown(), self._watch.state()
        where = f"step {number} ({', '.join(name for _, name, _, _ in ended)})"
        self._report.leaked += [f"{one} at {where}" for one in leaks(shown, world.servers, typed)]
        asked_directly = any(name == direct.__name__ for _, name, _, _ in ended)
        own = [*(one.id for one in acting), *([None] if asked_directly else [])]
        self._report.changed += [f"{one} at {where}" for one in changes(before, after, own)]
        self._report.own.update(own_words(shown, world.servers))
        strangers = shown.texts.keys() - {None, *(one.id for one in acting)}
        self._report.changed += [f"a message in {one} at {where}" for one in strangers]
        unexpected = texts.UNEXPECTED.partition("{")[0]
        sent = "".join(text for one in shown.texts.values() for text in one)
        self._report.unexpected += [where] if unexpected in sent else []
        for one in ended:
            self._remember(*one)

    async def _step(self, server: Server) -> tuple[str, Any, str]:
        """Do one step; return its name, its result, and what was forged, else an empty text."""
        world, rng = self._world, self._world.rng
        try:
            if rng.random() < _FORGED_SHARE:
                (forgery,) = rng.choices(list(FORGED), list(FORGED.values()))
                self._report.forged[forgery.__name__] += 1
                result, typed = await forgery(world, server, rng.choice(world.others(server)))
                return forgery.__name__, result, typed
            (step,) = rng.choices(list(HONEST), list(HONEST.values()))
            self._report.steps[step.__name__] += 1
            return step.__name__, await step(world, server), ""
        except (SetupError, BackendError) as error:
            self._report.impossible += 1
            return f"impossible: {error}", None, ""

    def _remember(self, server: Server, name: str, result: Any, forged: bool) -> None:
        """Keep the messages and forms that a step led to, for others to use; count refusals."""
        if result is None:
            return
        if result._interaction.guild_id is None:
            return  # of a direct message
        who = next(one for one in server.members if one.id == result._interaction.user_id)
        messages = [one for one in (result.response, *result.followups) if one is not None]
        if forged:
            self._report.refused[name] += any(map(_is_refusal, messages))
        server.messages += [(who, one) for one in messages if one.components]
        if result.modal and not forged:
            server.forms.append((who, result))
        for place in (*server.channels, *server.channels[1].threads[-3:]):  # answers to mentions, calls for a human
            last = place.last_message
            if last is not None and last.author.id == self._world.env.bot.user.id and last.components:
                server.messages.append((who, last))

    def close(self) -> None:
        """Stop watching."""
        self._world.env._settle_internal = self._settle  # type: ignore[method-assign]
        self._watch.close()


def _is_refusal(message: Any) -> bool:
    """Whether a message is a private sentence without buttons, other than thanks for a vote."""
    return message.ephemeral and message.content not in {"", texts.THANKS} and not message.components


async def run(folder: Path, *, servers: int, steps: int, seed: int, articles: int = 12) -> Report:
    """Let the members of some servers do some steps, on a data folder."""
    report = Report()
    async with running(folder, seed) as world:
        await world.populate(servers, articles)
        run = Run(world, report)
        try:
            while (done := report.steps.total() + report.forged.total()) < steps:
                await run.moment(done)
                if done % 100 < 2:
                    print(f"{done} steps, {len(report.problems)} problems", file=sys.stderr, flush=True)
        finally:
            run.close()
    return report


def main() -> int:
    """Run the steps and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=6)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(run(Path(folder), servers=options.servers, steps=options.steps, seed=options.seed))
    print(report.table())
    print("\n".join(report.problems))
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
