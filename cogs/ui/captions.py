"""The caption of a quote: its title as a link to the source, its date, its place, and who else says the same."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time
from typing import Final

from cogs.ui.escape import escape, link, utf16_length
from cogs.ui.truncate import escaped_name
from i18n import texts
from i18n.phrases import page_or_time, written_date
from index.text.display_names import display_line
from qa.outcome import AlsoIn, Quote

_MAX_TITLE: Final = 120
_MAX_SOURCE: Final = 80
_MAX_ALSO: Final = 3
_MAX_ALSO_TITLE: Final = 60
_MAX_ALSO_SOURCE: Final = 150
_MAX_DAY: Final = 10
_MAX_CAPTION: Final = 900  # less than what a card reserves for each quote
_MESSAGE: Final = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com/channels/")
# What makes a title unfit to be the words of a link: brackets and backslashes, which clients read differently and which
# could end the link, and whatever looks like an address, which Discord refuses there and which may name another host.
_NO_LABEL: Final = re.compile(r"[\[\]\\`]|:/|[\w-][.\u3002][^\W\d_]{2}|\d\.\d{1,3}\.\d{1,3}\.\d|\bwww\b", re.IGNORECASE)


def quote_caption(quote: Quote) -> str:
    """Return the caption of a quote: its source line, and the first other articles that contain the same.

    There are at most 3 of these, and fewer if the caption would take more than 900 UTF-16 units.
    """
    caption = line = source_line(quote)
    titles: list[str] = []
    for place in quote.also_in[:_MAX_ALSO]:
        titles.append(_repeated_in(place))
        longer = f"{line} · {texts.ALSO_IN.format(titles=', '.join(titles))}"
        if utf16_length(longer) > _MAX_CAPTION:
            break
        caption = longer
    return caption


def source_line(quote: Quote) -> str:
    """Return the source of a quote: its title, date, page or time, and paragraph.

    The title is a link to the place of the quote in a web page or a message. A title that cannot be the words of a link
    has the link after it, and a source without an address has its path there.
    """
    title, source = _linked(quote.title, _MAX_TITLE, quote.link, quote.source)
    place = texts.PLACE.format(paragraph=quote.paragraph, paragraphs=quote.paragraphs)
    source = source or ("" if "](" in title else escaped_name(quote.source, _MAX_SOURCE))
    chosen = texts.CHOSEN if quote.chosen else ""
    parts = (chosen, f"**{title}**", publication_date(quote.published), page_or_time(quote), place, source)
    return "-# " + " · ".join(part for part in parts if part)


def publication_date(published: str | None) -> str:
    """Return an ISO 8601 date in Discord markdown.

    A date with a time of day is a Discord time stamp, which each reader sees in their own time zone; without an offset
    it is taken as UTC. Another date is written out in the language in force; midnight stands for no time of day.
    """
    try:
        at = datetime.fromisoformat(published or "")
    except ValueError:
        return _day(published or "")
    if at.time() == time.min:
        return written_date(at.date())
    return f"<t:{int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())}:f>"


def _day(published: str) -> str:
    """Return the day of a date whose time cannot be read; if that cannot be read either, its first characters."""
    try:
        return written_date(date.fromisoformat(published[:_MAX_DAY]))
    except ValueError:
        return escape(" ".join(published.split())[:_MAX_DAY])


def _linked(title: str, limit: int, *addresses: str) -> tuple[str, str]:
    """Return a title, as a link to the first usable web address if it can be one, else with the link beside it."""
    name = escaped_name(title, limit) or texts.UNTITLED
    fits = not _NO_LABEL.search(_plainly(title))
    for address in addresses:
        words = texts.OPEN_MESSAGE if _MESSAGE.match(address) else texts.OPEN_SOURCE
        if found := link(name if fits else words, address):
            return (found, "") if fits else (name, found)
    return name, ""


def _plainly(title: str) -> str:
    """Return what a reader takes a title for: without joiners, variation selectors and marks, which part an address."""
    shown = unicodedata.normalize("NFKC", display_line(title))
    return "".join(one for one in shown if unicodedata.category(one) not in {"Cf", "Mn", "Me"})


def _repeated_in(place: AlsoIn) -> str:
    """Return the title of another article with the same passage, with its link if that is short."""
    address = place.source if len(place.source) <= _MAX_ALSO_SOURCE else ""
    title, source = _linked(place.title, _MAX_ALSO_TITLE, address)
    return f"{title} ({source})" if source else title
