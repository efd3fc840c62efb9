"""How dates, pages and confidences are worded, on Discord and in the terminal alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from i18n import texts

if TYPE_CHECKING:
    from datetime import date

    from qa.outcome import Quote


def confidence_in_words(confidence: float, *, answers: bool) -> str:
    """Return a probability in words: those of an answer if `answers`, else those of closest passages.

    The thresholds decide which of the two an outcome is, so that no answer is called "low", however low they are set,
    and no passage that did not pass them is called "high".
    """
    words = texts.ANSWER_CONFIDENCE if answers else texts.CLOSEST_CONFIDENCE
    return next((word for least, word in words if confidence >= least), words[-1][1])


def min_confidences() -> tuple[float, ...]:
    """Return the probabilities at which another word begins, in ascending order, 0 first."""
    return tuple(sorted({least for least, _ in (*texts.ANSWER_CONFIDENCE, *texts.CLOSEST_CONFIDENCE)}))


def min_confidence_in_words(floor: float) -> str:
    """Return the word of the outcomes with the lowest confidence that a floor lets pass."""
    return confidence_in_words(floor, answers=_for_answers_alone(floor))


def reaches(floor: float, confidence: float, *, answers: bool) -> bool:
    """Whether an outcome is called by the word of a floor or a better one."""
    if _for_answers_alone(floor):
        return answers and confidence >= floor
    return answers or confidence >= floor


def _for_answers_alone(floor: float) -> bool:
    """Whether a floor is above every word for closest passages."""
    return floor >= min(least for least, _ in texts.ANSWER_CONFIDENCE if least)


def page_or_time(quote: Quote) -> str:
    """Return the page or time of a quote, '' if it has neither."""
    if quote.time is not None:
        minutes, seconds = divmod(quote.time, 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        return texts.TIME.format(time=clock)
    return texts.PAGE.format(page=quote.page) if quote.page else ""


def written_date(day: date) -> str:
    """Return a date as it is written out in the language in force."""
    form = texts.FIRST_OF_MONTH if day.day == 1 else texts.DATE
    return form.format(day=day.day, month=texts.MONTHS[day.month - 1], year=day.year)


def day_of(published: str | None) -> str:
    """Return the day of an ISO 8601 date or date-time, or nothing."""
    return (published or "")[:10]


def more_steps(quote: Quote) -> str:
    """Return how many steps follow those in a quote, '' if none."""
    if not quote.more_steps:
        return ""
    return texts.ONE_MORE_STEP if quote.more_steps == 1 else texts.MORE_STEPS.format(count=quote.more_steps)
