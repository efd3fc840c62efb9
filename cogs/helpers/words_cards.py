"""Cards of words that may become an article, or are one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import discord

from cogs.articles.article_cards import bold_title
from cogs.ui.answer_card import Card, Colour
from cogs.ui.escape import block_quote, link, utf16_length
from cogs.ui.limits import MAX_TEXT
from cogs.ui.truncate import escaped_name, excerpt, shorten
from i18n import texts
from index.models import Draft, Span
from index.text.display_names import display_line
from storage.saved_words import SavedWords

PER_PAGE: Final = 8
_MAX_BEGINNING: Final = 3000  # code points of a message, before it is fitted into a card
_MAX_OPTION: Final = 100
_MENTION: Final = 30  # UTF-16 units above the card, if somebody is asked
_MAX_LINE: Final = 70


def words_card(heading: str, drafts: Sequence[Draft]) -> Card:
    """Return the preview of articles below a heading: their title, and the words of each, letter for letter."""
    left_out = sum(draft.removed for draft in drafts)
    lines = [heading, bold_title(drafts[0].title) if drafts else ""]
    lines += [f"-# {texts.ARTICLE_CLUTTER.format(count=left_out)}"] if left_out else []
    statement = "\n".join(filter(None, lines))
    available = (MAX_TEXT - _MENTION - utf16_length(statement)) // max(len(drafts), 1)
    return Card(Colour.READING, "", statement, tuple(_quoted(draft, available) for draft in drafts), "")


def _quoted(draft: Draft, max_units: int) -> str:
    """Return the words of a message as a block quote with its link, in at most `max_units` UTF-16 units."""
    address, cut = link(texts.OPEN_MESSAGE, draft.source), f"-# {texts.CUT_AFTER}"
    caption = f"-# {address}" if address else ""
    beginning = draft.text.strip()[:_MAX_BEGINNING]
    part = excerpt(beginning, [], max_units - utf16_length(cut) - utf16_length(caption) - 4)
    whole = part == Span(0, len(draft.text.strip()))
    lines = [block_quote(part.of(beginning), []), "" if whole else cut, caption]
    return "\n".join(filter(None, lines))


def message_options(drafts: Sequence[tuple[int, str, bool]]) -> list[discord.SelectOption]:
    """Return an option for each message, from its id, its text and whether it is chosen."""
    return [
        discord.SelectOption(
            label=shorten(f"{number}. {display_line(text)}", _MAX_OPTION), value=str(message_id), default=chosen
        )
        for number, (message_id, text, chosen) in enumerate(drafts, 1)
    ]


def list_card(entries: Sequence[SavedWords], page: int, pages: int, count: int, note: str = "") -> Card:
    """Return a page of the list of saved messages, below an optional note; `page` counts from 0."""
    lines = [_line(words, number) for number, words in enumerate(entries, page * PER_PAGE + 1)]
    statement = "\n".join(filter(None, [note, texts.ANSWERS_HEADING, *lines]))
    footer = texts.ANSWERS_FOOTER.format(page=page + 1, pages=pages, count=count)
    return Card(Colour.READING, "", statement, (), f"-# {footer}")


def list_options(entries: Sequence[SavedWords], page: int) -> list[discord.SelectOption]:
    """Return an option for each saved message of a page; its value is its number in discord.db."""
    return [
        discord.SelectOption(
            label=shorten(f"{number}. {display_line(words.title) or texts.UNTITLED}", _MAX_OPTION), value=str(words.id)
        )
        for number, words in enumerate(entries, page * PER_PAGE + 1)
    ]


def _line(words: SavedWords, number: int) -> str:
    title = f"**{escaped_name(words.title, _MAX_LINE) or texts.UNTITLED}**"
    saved = texts.ANSWERS_LINE.format(day=f"<t:{int(words.saved_at)}:D>")
    parts = (title, link(texts.OPEN, words.link), saved, texts.ANSWERS_UNREAD if words.unread else "")
    return f"{number}. " + " · ".join(filter(None, parts))
