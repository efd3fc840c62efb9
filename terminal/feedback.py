"""The command `feedback`: exports the votes of Discord members as benchmark cases, without their names."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from storage.analytics import votes
from terminal.output import json_line, printable, result, say

if TYPE_CHECKING:
    from index.libraries.read_only import ReadOnlyLibraries
    from qa.outcome import Quote
    from storage.analytics import Vote
    from storage.stores import Stores

# Mentions of members and roles in a question or reason; removed so that the export holds no Discord ids.
_MENTION: Final = re.compile(r"<@[!&]?\d+>")


def feedback(stores: Stores, *, as_json: bool) -> int:
    """Print all votes, oldest first, and return the exit status. Raises UserError if the database cannot be read."""
    exists = stores.database_url is not None or (stores.data_dir / "discord.db").exists()
    found = _cases(stores) if exists else []
    for case in found:
        if as_json:
            json_line(case)
        else:
            verdict = "helpful" if case["helpful"] else "not helpful"
            words = (verdict, case["outcome"], case["question"], case["reason"])
            result(printable("\t".join(" ".join(word.split()) for word in words if word)))
    if not found:
        say("No votes yet.")
    return 0


def _cases(stores: Stores) -> list[dict[str, Any]]:
    with closing(stores.database()) as database, closing(stores.read_only_libraries()) as read_only:
        with database.reading() as db:
            found = votes(db)
        return [_case(vote, read_only) for vote in found]


def _case(vote: Vote, read_only: ReadOnlyLibraries) -> dict[str, Any]:
    """Return a vote as JSON values, with the quotes it is about that are still in their articles."""
    shown = enumerate(vote.quotes[: vote.shown], 1)
    judged = [stored for number, stored in shown if not vote.quote_numbers or number in vote.quote_numbers]
    quotes = [stored.quote(read_only.article(stored.library, stored.article_id)) for stored in judged]
    return {
        "question": _without_mentions(vote.question),
        "outcome": vote.outcome,
        "helpful": vote.helpful,
        "reason": _without_mentions(vote.reason) if vote.reason else None,
        "quotes": [_quote_values(each) for each in quotes if each],
    }


def _quote_values(quote: Quote) -> dict[str, Any]:
    context = [asdict(part) for part in quote.context]
    return {"title": quote.title, "source": quote.source, "text": quote.text, "context": context}


def _without_mentions(text: str) -> str:
    return _MENTION.sub("", text).strip()
