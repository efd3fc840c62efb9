"""Normalise what a source declares about itself: titles, names and dates."""

from __future__ import annotations

import re
from datetime import datetime

MAX_TITLE = 300  # code points; a longer one is a paragraph in the wrong place


def one_line(told: str) -> str:
    """Return what a file says of itself without line ends, control characters and halves of characters."""
    return " ".join(re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+", " ", told).split())


def headline(told: str) -> str:
    """Return a title as it is stored: one line, and no more of it than a title has."""
    return one_line(told)[:MAX_TITLE].rstrip()


def iso_date(value: str) -> str | None:
    """Return an ISO 8601 date or date-time, or None if the value is not one: 3/4/2020 has two readings."""
    tight = re.sub(r"\s+(?=[+-]\d\d:?\d\d$|Z$)", "", value)
    if not re.match(r"\d{4}-\d\d-\d\d", tight):
        return None
    try:
        datetime.fromisoformat(tight)
    except ValueError:
        return None
    return tight
