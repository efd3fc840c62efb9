"""The buttons under an answer: one row, which fits on a phone."""

from __future__ import annotations

from cogs.answers.feedback import MOST_JUDGED, HelpfulButton, UnhelpfulButton, WantedButton
from cogs.answers.human_help import HumanButton
from cogs.answers.more_quotes import ReadButton
from cogs.ui.components import PersistentItem, Rows
from qa.outcome import NotCovered
from storage.models import ServerSettings
from storage.stored_answers import StoredAnswer


def answer_controls(answer: StoredAnswer, settings: ServerSettings) -> Rows:
    """Return the row of buttons of an answer; no row if the answer could not be stored.

    The first button reads on if the answer has quotes. An answer is deleted from the menu of its message.
    """
    if not answer.id:
        return []
    row: list[PersistentItem] = [ReadButton(answer.id)] if answer.quotes else []
    if answer.outcome == NotCovered.name:
        row.append(WantedButton(answer.id))
    else:
        # Their custom ids hold the number of quotes to judge, because a form must open without reading discord.db.
        judged = min(answer.shown, MOST_JUDGED)
        row += [HelpfulButton(answer.id, judged), UnhelpfulButton(answer.id, judged)]
    if not answer.private and answer.guild_id is not None and settings.helpers_channel is not None:
        row.append(HumanButton(answer.id))
    return [row]
