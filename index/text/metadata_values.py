"""Normalise metadata that sources declare: titles, names and dates."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

MAX_TITLE = 300  # code points; a longer title is a paragraph in the wrong place


def one_line(value: str) -> str:
    """Return a value on one line, without control characters and lone surrogates."""
    return " ".join(re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+", " ", value).split())


def clean_title(value: str) -> str:
    """Return a title as it is stored: on one line, cut after `MAX_TITLE` code points."""
    return one_line(value)[:MAX_TITLE].rstrip()


def iso_date(value: str) -> str | None:
    """Return a value that is an ISO 8601 date or date-time, else None: 3/4/2020 could be two different days."""
    compact = re.sub(r"(?<!\s)\s++(?=[+-]\d\d:?\d\d$|Z$)", "", value)
    if not re.match(r"\d{4}-\d\d-\d\d", compact):
        return None
    try:
        datetime.fromisoformat(compact)
    except ValueError:
        return None
    return compact


def is_own_address(claimed: str, source: str) -> bool:
    """Return whether a source may be cited under the address that its content claims.

    A source with a web address may only claim addresses of its own host, with or without "www."; any page could
    otherwise be quoted in the name of another site. A file without an address may claim any.
    """
    try:
        own, other = urlsplit(source.strip()), urlsplit(claimed.strip())
        hosts = [(parts.hostname or "").rstrip(".").removeprefix("www.") for parts in (own, other)]
    except ValueError:
        return False
    return own.scheme not in {"http", "https"} or hosts[0] == hosts[1]
