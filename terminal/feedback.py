"""The command that exports what members thought of answers, as cases for a benchmark."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from index.libraries.read_only import ReadOnlyLibraries
from storage.analytics import votes
from storage.database import Database
from terminal.output import json_line, printable, result, say

if TYPE_CHECKING:
    from pathlib import Path

    from storage.analytics import Vote

# People and roles that are called inside a question or a reason; their numbers are nobody's business.
_MENTION: Final = re.compile(r"<@[!&]?\d+>")


def feedback(data_dir: Path, *, as_json: bool) -> int:
    """Print every remembered vote, oldest first. Raises UserError where the bot's memory cannot be read."""
    memory = data_dir / "discord.db"
    found = _cases(memory, data_dir) if memory.exists() else []
    for case in found:
        if as_json:
            json_line(case)
        else:
            verdict = "helpful" if case["helpful"] else "not helpful"
            words = (verdict, case["outcome"], case["question"], case["reason"])
            result(printable("\t".join(" ".join(word.split()) for word in words if word)))
    if not found:
        say("No member has said yet whether an answer helped.")
    return 0


def _cases(memory: Path, data_dir: Path) -> list[dict[str, Any]]:
    with closing(Database(memory)) as store, closing(ReadOnlyLibraries(data_dir)) as shelves:
        with store.reading() as db:
            found = votes(db)
        return [_case(vote, shelves) for vote in found]


def _case(vote: Vote, shelves: ReadOnlyLibraries) -> dict[str, Any]:
    """Return a vote with the quotes that it is about, as far as they still stand in their articles."""
    shown = [kept for number, kept in enumerate(vote.quotes[: vote.shown], 1) if not vote.meant or number in vote.meant]
    quotes = [kept.quote(shelves.article(kept.library, kept.article_id)) for kept in shown]
    return {
        "question": _nameless(vote.question),
        "outcome": vote.outcome,
        "helpful": vote.helpful,
        "reason": _nameless(vote.reason) if vote.reason else None,
        "quotes": [{"title": each.title, "source": each.source, "text": each.text} for each in quotes if each],
    }


def _nameless(text: str) -> str:
    return _MENTION.sub("", text).strip()
