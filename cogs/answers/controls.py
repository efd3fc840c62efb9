"""The buttons under an answer."""

from __future__ import annotations

from cogs.answers.feedback import (
    MOST_JUDGED,
    DeleteButton,
    HelpfulButton,
    HumanButton,
    UnhelpfulButton,
)
from cogs.answers.more_quotes import ContextButton, MoreButton, SourcesButton
from cogs.ui.components import PersistentItem, Rows
from storage.models import ServerSettings, StoredAnswer


def answer_controls(given: StoredAnswer, settings: ServerSettings) -> Rows:
    """Return the buttons of an answer, row by row; none if the answer could not be stored."""
    if not given.id:
        return []
    reading: list[PersistentItem] = []
    if len(given.quotes) > given.shown:
        reading.append(MoreButton(given.id))
    if given.quotes:
        reading += [ContextButton(given.id), SourcesButton(given.id)]
    # Both carry how many quotations there are to judge, because a form must open at once.
    judged = min(given.shown, MOST_JUDGED)
    saying: list[PersistentItem] = [HelpfulButton(given.id, judged), UnhelpfulButton(given.id, judged)]
    if not given.private:
        if given.guild_id is not None and settings.helpers_channel is not None:
            saying.append(HumanButton(given.id))
        saying.append(DeleteButton(given.id))
    return [row for row in (reading, saying) if row]
