"""What came of a busy day: times, what was lost, and whatever should not have happened."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, Final

from i18n import texts
from tests.acceptance.test_discord import articles, unexpected
from tests.cogs.reader import read_quotes

_DEADLINE: Final = 3.0  # seconds that Discord gives for an acknowledgement
_REFUSALS: Final = (texts.BUSY, texts.STOPPING, texts.CHANGED_MEANWHILE, "Something went wrong")


@dataclass(slots=True)
class Way:
    """The questions of one way of asking, with the seconds to their acknowledgements and answers."""

    asked: int = 0
    lost: int = 0
    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)


class Report:
    """Takes down every question and every press."""

    def __init__(self) -> None:
        """Begin with nothing asked. `trouble` is what must not have happened, a sentence each."""
        self.trouble: list[str] = []
        self._ways: defaultdict[str, Way] = defaultdict(Way)
        self._actions = Way()
        self._articles = articles()

    def question(self, way: str, asked: Any) -> None:
        """Take down a question. It is lost where no answer came, or a notice in the place of one."""
        here = self._ways[way]
        here.asked += 1
        wrong = asked.failed or next((f"answered with {said!r}" for said in _REFUSALS if said in asked.text), None)
        if wrong:
            here.lost += 1
            self.trouble.append(f"lost: {way}: {wrong}")
        else:
            self._quotes_stand(asked)
            here.answered.append(asked.finished_after)
        self._acknowledged(here, asked)

    def late(self, way: str, asked: Any, seconds: float) -> None:
        """Take down an answer that took the place of another after so many seconds."""
        self._ways[way].asked += 1
        self._ways[way].answered.append(seconds)
        self._quotes_stand(asked)

    def action(self, done: Any, *, shows: bool = True) -> None:
        """Take down a press or another command; `shows` tells whether it leaves something to read."""
        self._actions.asked += 1
        wrong = done.failed
        if wrong:
            self._actions.lost += 1
            self.trouble.append(f"lost: {done.what}: {wrong}")
        elif shows and done.finished_after is not None:
            self._actions.answered.append(done.finished_after)
        self._acknowledged(self._actions, done)

    def found(self, discord: Any, log: str) -> None:
        """Take over what the loopback Discord found, who was pinged, and errors in the bot's log."""
        self.trouble += [f"found: {found}" for found in unexpected(discord)]
        self.trouble += [
            f"log: {line}" for line in log.splitlines() if " ERROR " in line or line.startswith("Traceback")
        ]
        written = [message for channel in discord.server.messages.values() for message in channel.values()]
        for message in written:
            pings = discord.server.meta[message["_id"]]["pings"]
            if message["_author"] == discord.server.bot["_id"] and any(pings.values()):
                self.trouble.append(f"pinged: {pings} by {message['content']!r}")

    def table(self, members: int, seconds: float, used: dict[str, Any]) -> str:
        """Return the report in Markdown."""
        lines = [
            f"{members} members, {seconds:.0f} s; processor {used['cpu_s']:.0f} s, memory {used['rss_mb']:.0f} MB.",
            "",
            "| | asked | answered | lost | acknowledged after: median / p95 / max | answered after |",
            "|---|---|---|---|---|---|",
            *[_row(name, way) for name, way in sorted(self._ways.items())],
            _row("**all questions**", _together(list(self._ways.values()))),
            _row("buttons, forms, other commands", self._actions),
            "",
            f"Trouble: {len(self.trouble) or 'none'}",
        ]
        return "\n".join([*lines, *[f"- {each}" for each in self.trouble]])

    def _acknowledged(self, way: Way, done: Any) -> None:
        if done.interaction is None:
            return
        if done.ack_after is None or done.ack_after > _DEADLINE:
            self.trouble.append(f"deadline: {done.what}: {done.ack_after}")
        else:
            way.acknowledged.append(done.ack_after)

    def _quotes_stand(self, asked: Any) -> None:
        for quote in read_quotes(asked.response.text):
            if not any(quote.text in article for article in self._articles):
                self.trouble.append(f"not in the articles: {quote.text!r}")


def _together(ways: list[Way]) -> Way:
    return Way(
        sum(way.asked for way in ways),
        sum(way.lost for way in ways),
        [each for way in ways for each in way.acknowledged],
        [each for way in ways for each in way.answered],
    )


def _row(name: str, way: Way) -> str:
    done = way.asked - way.lost
    return f"| {name} | {way.asked} | {done} | {way.lost} | {_times(way.acknowledged)} | {_times(way.answered)} |"


def _times(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return "-"
    return f"{median(seconds):.2f} / {quantiles(seconds, n=20)[-1]:.2f} / {max(seconds):.2f} s"
