"""The report of the load test: times, lost questions, and problems."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, Final

from i18n import texts
from tests.acceptance.test_discord import articles, unexpected
from tests.cogs.reader import read_quotes

_DEADLINE: Final = 3.0  # seconds, Discord's limit for an acknowledgement
_REFUSALS: Final = (texts.BUSY, texts.STOPPING, texts.CHANGED_MEANWHILE, "Something went wrong")


@dataclass(slots=True)
class Figures:
    """Counts for one way of asking, with the seconds until each acknowledgement and answer."""

    asked: int = 0
    lost: int = 0
    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)


class Report:
    """Records every question and every other action."""

    def __init__(self) -> None:
        """Create an empty report; `problems` are descriptions of what must not happen."""
        self.problems: list[str] = []
        self._by_way: defaultdict[str, Figures] = defaultdict(Figures)
        self._actions = Figures()
        self._articles = articles()

    def know(self, *articles: str) -> None:
        """Take the texts of further articles, from which answers may quote."""
        self._articles += articles

    def question(self, way: str, asked: Any) -> None:
        """Record a question; it counts as lost if there was no answer, or a refusal instead."""
        figures = self._by_way[way]
        figures.asked += 1
        wrong = asked.failed or next(
            (f"answered with {refusal!r}" for refusal in _REFUSALS if refusal in asked.text), None
        )
        if wrong:
            figures.lost += 1
            self.problems.append(f"lost: {way}: {wrong}")
        else:
            self._check_quotes(asked)
            figures.answered.append(asked.finished_after)
        self._record_acknowledgement(figures, asked)

    def edited_answer(self, way: str, asked: Any, seconds: float) -> None:
        """Record an answer that replaced another one after this many seconds."""
        self._by_way[way].asked += 1
        self._by_way[way].answered.append(seconds)
        self._check_quotes(asked)

    def action(self, done: Any, *, shows: bool = True) -> None:
        """Record a press or another command; `shows` says whether it displays something."""
        self._actions.asked += 1
        wrong = done.failed
        if wrong:
            self._actions.lost += 1
            self.problems.append(f"lost: {done.what}: {wrong}")
        elif shows and done.finished_after is not None:
            self._actions.answered.append(done.finished_after)
        self._record_acknowledgement(self._actions, done)

    def add_findings(self, discord: Any, log: str) -> None:
        """Add the problems that the simulated Discord has reported, pings, and errors in the bot's log."""
        self.problems += [f"found: {found}" for found in unexpected(discord)]
        self.problems += [
            f"log: {line}"
            for line in log.splitlines()
            if '"level": "ERROR"' in line or '"level": "CRITICAL"' in line or line.startswith("Traceback")
        ]
        written = [message for channel in discord.server.messages.values() for message in channel.values()]
        for message in written:
            pings = discord.server.meta[message["_id"]]["pings"]
            if message["_author"] == discord.server.bot["_id"] and any(pings.values()):
                self.problems.append(f"pinged: {pings} by {message['content']!r}")

    def table(self, members: int, seconds: float, used: dict[str, Any]) -> str:
        """Return the report in Markdown."""
        lines = [
            f"{members} members, {seconds:.0f} s; processor {used['cpu_s']:.0f} s, memory {used['rss_mb']:.0f} MB.",
            "",
            "| | asked | answered | lost | acknowledged after: median / p95 / max | answered after |",
            "|---|---|---|---|---|---|",
            *[_row(name, figures) for name, figures in sorted(self._by_way.items())],
            _row("**all questions**", _sum(list(self._by_way.values()))),
            _row("buttons, forms, other commands", self._actions),
            "",
            f"Trouble: {len(self.problems) or 'none'}",
        ]
        return "\n".join([*lines, *[f"- {each}" for each in self.problems]])

    def _record_acknowledgement(self, figures: Figures, done: Any) -> None:
        if done.interaction is None:
            return
        if done.ack_after is None or done.ack_after > _DEADLINE:
            self.problems.append(f"deadline: {done.what}: {done.ack_after}")
        else:
            figures.acknowledged.append(done.ack_after)

    def _check_quotes(self, asked: Any) -> None:
        for quote in read_quotes(asked.response.text):
            if not any(quote.text in article for article in self._articles):
                self.problems.append(f"not in the articles: {quote.text!r}")


def _sum(parts: list[Figures]) -> Figures:
    return Figures(
        sum(part.asked for part in parts),
        sum(part.lost for part in parts),
        [each for part in parts for each in part.acknowledged],
        [each for part in parts for each in part.answered],
    )


def _row(name: str, figures: Figures) -> str:
    counts = f"{figures.asked} | {figures.asked - figures.lost} | {figures.lost}"
    return f"| {name} | {counts} | {_times(figures.acknowledged)} | {_times(figures.answered)} |"


def _times(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return "-"
    return f"{median(seconds):.2f} / {quantiles(seconds, n=20)[-1]:.2f} / {max(seconds):.2f} s"
