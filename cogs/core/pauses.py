"""What is said while a server has paused the bot."""

from __future__ import annotations

from i18n import texts
from storage.models import ServerSettings


def paused_notice(settings: ServerSettings) -> str:
    """Return what whoever asks is told."""
    return texts.PAUSED_UNTIL.format(when=end_of(settings)) if settings.paused_until else texts.PAUSED


def pause_state(settings: ServerSettings) -> str:
    """Return a line for those who manage the server: whether the bot answers there, or until when it does not."""
    if not settings.paused:
        return texts.STATE_ANSWERING
    return texts.STATE_PAUSED_UNTIL.format(when=end_of(settings)) if settings.paused_until else texts.STATE_PAUSED


def end_of(settings: ServerSettings) -> str:
    """Return when the pause ends as a Discord timestamp, shown in the reader's language as "in 30 minutes"."""
    return f"<t:{settings.paused_until}:R>"
