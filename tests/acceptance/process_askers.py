"""Members who ask and press buttons without a pause, and what became of each question (`two_processes`)."""

from __future__ import annotations

import asyncio
import random
import statistics
from dataclasses import dataclass, field
from typing import Any, Final

from i18n import texts
from tests.acceptance.busy_day import QUESTIONS
from tests.acceptance.test_features import MANAGE_GUILD, SEND
from tests.cogs.reader import read_quotes

_PAUSE: Final = 0.5  # seconds between two questions of a member
_PRESSED_AGAIN: Final = 8  # answers of a member whose buttons are still pressed


@dataclass(slots=True)
class Member:
    """Somebody with a channel of their own, so that answers are told apart."""

    user: Any
    room: Any
    commands: list[Any] = field(default_factory=list)  # transcripts
    mentions: list[Any] = field(default_factory=list)
    presses: list[Any] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)  # messages with buttons, and which process sent them


class Askers:
    """All members."""

    def __init__(self, harness: Any) -> None:
        """Nobody yet."""
        self._harness = harness
        self._members: list[Member] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._ending = asyncio.Event()
        self._rng = random.Random(22)

    def add(self, guild: Any, number: int) -> None:
        """Add a member of a server."""
        user = self._harness.user(f"Member {number}", guild=guild, permissions=SEND | MANAGE_GUILD)
        self._members.append(Member(user, self._harness.text_channel(f"room-{number}", guild)))

    async def begin(self) -> None:
        """Lift the limits of all servers, have the indexes filled by a first question, and begin to ask."""
        limits = {"member_limit": 0, "channel_limit": 0, "server_limit": 0}
        for one in self._members:
            await self._harness.slash(one.user, "config settings", limits, channel=one.room)
        for one in self._members:
            await self._harness.slash(one.user, "ask", {"question": QUESTIONS[0]}, channel=one.room)
        self._tasks = [asyncio.create_task(self._ask_on(one)) for one in self._members]

    async def end(self, seconds: float) -> None:
        """Ask no more, and wait at most so long for the last answers."""
        self._ending.set()
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for one in late:
            one.cancel()
        await asyncio.gather(*self._tasks)

    async def _ask_on(self, one: Member) -> None:
        while not self._ending.is_set():
            kind = self._rng.choice(["command", "command", "mention", "press"])
            if kind == "press" and one.answers:
                pressed = self._rng.choice(one.answers[-_PRESSED_AGAIN:])
                one.presses.append(await self._harness.click(one.user, pressed, texts.MORE_BUTTON))
            elif kind == "mention":
                asked = await self._harness.mention(one.user, self._question(), channel=one.room)
                one.mentions.append(asked)
                self._remember(one, asked)
            else:
                asked = await self._harness.slash(one.user, "ask", {"question": self._question()}, channel=one.room)
                one.commands.append(asked)
                self._remember(one, asked)
            await asyncio.sleep(_PAUSE * self._rng.random() * 2)

    def _question(self) -> str:
        return self._rng.choice(QUESTIONS)

    @staticmethod
    def _remember(one: Member, asked: Any) -> None:
        if not asked.failed and any(button.get("label") == texts.MORE_BUTTON for button in asked.response.buttons):
            one.answers.append(asked.response)

    def problems(self) -> list[str]:
        """Return what was lost, answered twice, or answered with something else than quotes."""
        found = []
        for one in self._members:
            for seen in one.commands:
                found += self._of_question(one, seen, delivered=seen.interaction.acked)
            for seen in one.mentions:
                found += self._of_question(one, seen, delivered=True)
            for seen in one.presses:
                if seen.interaction.acked and not seen.text:
                    found.append(f"{seen}: a press was accepted and not answered")
        return found

    def _of_question(self, one: Member, seen: Any, *, delivered: bool) -> list[str]:
        answers = self._answers(one, seen)
        if not delivered:
            return [f"{seen}: answered though it was not accepted"] if answers else []
        if len(answers) != 1:
            return [f"{seen}: {'lost' if not answers else f'answered {len(answers)} times'}"]
        return [] if read_quotes(answers[0].text) else [f"{seen}: answered without a quote: {answers[0].text[:80]}"]

    def _answers(self, one: Member, seen: Any) -> list[Any]:
        """Return all messages that answer a question, as the channel has them at the end."""
        return [
            message
            for message in self._harness.messages_in(one.room)
            if not message.loading
            and not message.deleted
            and (
                message.reply_to == seen.trigger["_id"]
                if seen.interaction is None
                else self._harness.server.meta[message.id]["interaction"] is seen.interaction
            )
        ]

    def rows(self) -> list[tuple[str, str]]:
        """Return the figures: a name and a value each."""
        commands = [seen for one in self._members for seen in one.commands]
        mentions = [(one, seen) for one in self._members for seen in one.mentions]
        presses = [seen for one in self._members for seen in one.presses]
        accepted = [(one, seen) for one in self._members for seen in one.commands if seen.interaction.acked]
        counts = [len(self._answers(one, seen)) for one, seen in accepted + mentions]
        waited = [seen.first_visible_after for _, seen in mentions if seen.first_visible_after is not None]
        across = sum(self._is_across(one) for one in presses)
        unheard = len(commands) - len(accepted) + sum(not seen.interaction.acked for seen in presses)
        return [
            ("questions with `/ask` that were accepted", str(len(accepted))),
            ("questions by mention", str(len(mentions))),
            ("answered once", str(counts.count(1))),
            ("lost", str(counts.count(0))),
            ("answered twice", str(sum(count > 1 for count in counts))),
            ("buttons pressed and answered", str(sum(seen.interaction.acked and bool(seen.text) for seen in presses))),
            ("of these, of answers that another process had given", str(across)),
            ("commands and presses that no process received, which Discord tells the member at once", str(unheard)),
            ("longest wait for the answer to a mention (s)", f"{max(waited, default=0):.1f}"),
            ("median wait for the answer to a mention (s)", f"{statistics.median(waited):.1f}" if waited else "-"),
        ]

    def _is_across(self, press: Any) -> bool:
        """Whether a press was answered by another process than the one that had sent the answer."""
        by = {call.process for call in press.calls}
        source = self._harness.server.interactions[press.interaction.id].source_id
        sent_by = {
            call.process
            for call in self._harness.server.calls
            if isinstance(call.answer, dict) and call.answer.get("id") == str(source)
        }
        return bool(press.interaction.acked and press.text and by and sent_by and not by & sent_by)
