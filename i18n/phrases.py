"""How a quote's date, page and confidence are worded, on Discord and in the terminal alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from i18n import texts

if TYPE_CHECKING:
    from qa.outcome import Quote


def confidence_in_words(confidence: float) -> str:
    """Return a probability in words."""
    return next((word for least, word in texts.CONFIDENCE if confidence >= least), texts.CONFIDENCE[-1][1])


def page_or_time(quote: Quote) -> str:
    """Return the page or time of a quote, '' if it has neither."""
    if quote.time is not None:
        minutes, seconds = divmod(quote.time, 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        return texts.TIME.format(time=clock)
    return texts.PAGE.format(page=quote.page) if quote.page else ""


def day_of(published: str | None) -> str:
    """Return the day of an ISO 8601 date or date-time, or nothing."""
    return (published or "")[:10]


def more_steps(quote: Quote) -> str:
    """Return how many steps follow those in a quote, '' if none."""
    if not quote.more_steps:
        return ""
    return texts.ONE_MORE_STEP if quote.more_steps == 1 else texts.MORE_STEPS.format(count=quote.more_steps)
