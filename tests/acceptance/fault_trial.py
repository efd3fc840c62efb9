"""Asks a bot process questions while faults are played to it, and counts the answers."""

from __future__ import annotations

import asyncio
import random
import re
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import quicken, start

QUESTION = "Who is Han Song-il?"
ANSWER = "Han Song-il"
_COMMANDS = ("slash", "private")
_PATIENCE = 120.0  # seconds for an answer after the last fault
# What a simulated Discord reports although the bot did what Discord wants: an acknowledgement whose response was lost
# is sent again, a question put while the bot is not connected fails in the member's client, and a new process looks
# whether one that was stored had been acknowledged.
_EXPECTED = re.compile(
    r"40060|before any acknowledgement|is not connected|no acknowledgement within|50027|10062|10015"
    r"|after it had expired|commands/permissions"
)


@dataclass(slots=True)
class Tally:
    """What was done in a scenario, and what came of it."""

    faults: int = 0
    questions: int = 0
    answered: int = 0
    undelivered: int = 0
    unanswered: int = 0
    doubled: int = 0
    connections: int = 0

    @property
    def row(self) -> tuple[int, ...]:
        """The counts, in the order of the table."""
        return (
            self.faults,
            self.questions,
            self.answered,
            self.undelivered,
            self.unanswered,
            self.doubled,
            self.connections,
        )


@dataclass(slots=True)
class Question:
    """A question in a channel of its own; `expected` if the bot must answer it."""

    channel: dict[str, Any]
    task: asyncio.Task[Any]
    how: str
    expected: bool = True


@dataclass(slots=True)
class Trial:
    """The counts of all scenarios, and the questions of the present one."""

    rng: random.Random
    folder: Path
    problems: list[str] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    harness: Any = None
    tally: Tally = field(default_factory=Tally)
    _name: str = ""
    _questions: list[Question] = field(default_factory=list)

    def use(self, harness: Any, name: str) -> None:
        """Begin a scenario."""
        quicken(harness)
        harness.data_dir = self.folder / name  # another Discord has other channels
        harness.log = str(self.folder / f"{name}.log")
        harness.default_timeout = 600.0
        self.harness, self._name = harness, name
        self.tally = self.tallies[name] = Tally()
        self._questions = []

    async def launch(self, *, ready: bool = True) -> Any:
        """Start the bot, and wait until it is connected and its commands are known unless `ready` is False."""
        return await start(self.harness, ready=ready, synced=ready)

    async def restart(self) -> None:
        """Kill the bot, start it again and wait until it is connected; `expected` is what it had accepted."""
        await self.harness.bots[-1].stop(signal.SIGKILL)
        for question in self._questions:
            # Of messages that it had not read, mentions are found in their channels; new direct messages are not.
            question.expected = question.how == "mention" or self._is_taken(question)
        await start(self.harness)

    def ask(self, how: str = "", *, expected: bool = True) -> Question:
        """Ask by a mention, `/ask`, privately or not, or a direct message; if `how` is empty by any public one."""
        harness, number = self.harness, self.tally.questions
        how = how or self.rng.choice(["mention", "slash", "dm"])
        person = harness.user(f"{self._name} {number}")
        channel = harness.server.make_dm(person) if how == "dm" else harness.text_channel(f"room-{number}")
        if how in _COMMANDS:
            options = {"question": QUESTION, **({"private": True} if how == "private" else {})}
            call = harness.slash(person, "ask", options, channel=channel)
        elif how == "mention":
            call = harness.mention(person, QUESTION, channel)
        else:
            call = harness.dm(person, QUESTION)
        self.tally.questions += 1
        question = Question(channel, asyncio.create_task(call), how, expected)
        self._questions.append(question)
        return question

    async def accepted(self, question: Question) -> bool:
        """Wait until the bot has taken a question: it is acknowledged, or the bot types. False after 60 s."""
        for _ in range(1200):
            watches = [one for one in self.harness._watches if _channel_of(one) == question.channel["id"]]
            if any((one.interaction.acked if one.interaction else one.typing_at) for one in watches):
                return True
            if question.task.done():
                return True
            await asyncio.sleep(0.05)
        return False

    def _is_taken(self, question: Question) -> bool:
        """Whether the bot has acknowledged a command, or typed after a message, as far as Discord knows."""
        done = [question.task.result()] if question.task.done() and not question.task.cancelled() else []
        watches = [one for one in self.harness._watches if _channel_of(one) == question.channel["id"]]
        return any((one.interaction.acked if one.interaction else one.typing_at) for one in (*done, *watches))

    def note(self, count: int = 1) -> None:
        """Count faults."""
        self.tally.faults += count

    async def settle(self) -> None:
        """Wait until every question that must be answered is."""
        waiting = [one.task for one in self._questions if one.expected]
        if waiting:
            await asyncio.wait(waiting, timeout=_PATIENCE)
        await asyncio.sleep(1.0)  # in which a second copy would come

    async def finish(self) -> None:
        """Count the answers of all questions and note what is wrong."""
        await self.settle()
        for number, question in enumerate(self._questions):
            question.task.cancel()
            self._count(number, question)
        self.tally.connections = sum(1 for entry in self.harness.server.gateway_log if entry[1] == "open")
        found = {str(one) for one in self.harness.findings if not _EXPECTED.search(str(one))}
        self.problems += [f"{self._name}: {one}" for one in sorted(found)]
        bot = self.harness.bots[-1]
        if not bot.running:
            self.problems.append(f"{self._name}: the bot ended:\n{bot.tail()}")

    def _count(self, number: int, question: Question) -> None:
        messages = self.harness.messages_in(question.channel)
        answers = [one for one in messages if ANSWER in one.text and not one.loading and not one.deleted]
        self.tally.answered += len(answers) == 1
        self.tally.doubled += len(answers) > 1
        self.tally.undelivered += not answers and not question.expected
        self.tally.unanswered += not answers and question.expected
        if len(answers) > 1 or (not answers and question.expected):
            shown = [one.text[:100] for one in messages]
            self.problems.append(
                f"{self._name}: question {number} ({question.how}) has {len(answers)} answers: {shown}"
            )


def _channel_of(watch: Any) -> str:
    if watch.interaction is not None:
        return str(watch.interaction.channel["id"])
    return str(watch.trigger["channel_id"]) if watch.trigger else ""
