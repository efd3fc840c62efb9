"""The buttons under an answer."""

from __future__ import annotations

from cogs.answers.delete_answer import DeleteButton
from cogs.answers.feedback import MOST_JUDGED, HelpfulButton, UnhelpfulButton
from cogs.answers.human_help import HumanButton
from cogs.answers.more_quotes import ContextButton, MoreButton, SourcesButton
from cogs.ui.components import PersistentItem, Rows
from storage.models import ServerSettings, StoredAnswer


def answer_controls(answer: StoredAnswer, settings: ServerSettings) -> Rows:
    """Return the buttons of an answer, row by row; none if the answer could not be stored."""
    if not answer.id:
        return []
    reading: list[PersistentItem] = []
    if len(answer.quotes) > answer.shown or any(quote.more_steps for quote in answer.quotes[: answer.shown]):
        reading.append(MoreButton(answer.id))
    if answer.quotes:
        reading += [ContextButton(answer.id), SourcesButton(answer.id)]
    # Their custom ids hold the number of quotes to judge, because a form must open without reading discord.db.
    judged = min(answer.shown, MOST_JUDGED)
    feedback: list[PersistentItem] = [HelpfulButton(answer.id, judged), UnhelpfulButton(answer.id, judged)]
    if not answer.private:
        if answer.guild_id is not None and settings.helpers_channel is not None:
            feedback.append(HumanButton(answer.id))
        feedback.append(DeleteButton(answer.id))
    return [row for row in (reading, feedback) if row]
