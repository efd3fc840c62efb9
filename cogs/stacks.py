"""How articles are shown to those who keep them, as plain values: before they are added, and afterwards."""

from __future__ import annotations

from typing import Final

from cogs import texts
from cogs.escape import block_quote, escape, link, one_line, units
from cogs.excerpt import excerpt, shortened
from cogs.render import MAX_TEXT, Card, Colour, day
from index.values import Article, Draft, Receipt, Span

_MAX_TITLE: Final = 120
_MAX_SOURCE: Final = 120
_BEGINNING: Final = 1500  # code points that are shown of an article


def preview(draft: Draft) -> Card:
    """Return what an article would be."""
    removed = texts.ARTICLE_CLUTTER.format(count=draft.removed) if draft.removed else ""
    return _card(texts.ARTICLE_PREVIEW, draft, removed)


def received(receipt: Receipt) -> str:
    """Return what became of an article."""
    article = f"{titled(receipt.title)} ({sourced(receipt.source)})"
    return texts.ARTICLE_STATUS[receipt.status].format(article=article)


def titled(title: str) -> str:
    """Return a title in bold."""
    return f"**{escape(shortened(one_line(title), _MAX_TITLE)) or texts.UNTITLED}**"


def sourced(source: str) -> str:
    """Return a source, as a link where it is an address."""
    shown = shortened(one_line(source), _MAX_SOURCE)
    return link(texts.OPEN_SOURCE, source) or escape(shown)


def _card(said: str, article: Draft | Article, more: str) -> Card:
    """Return the card of an article: what is known of it, and its beginning as a quotation."""
    length = texts.ARTICLE_LENGTH.format(count=len(article.text))
    about = " · ".join(part for part in (sourced(article.source), day(article.published), length, more) if part)
    statement = "\n".join(part for part in (said, titled(article.title), f"-# {about}") if part)
    footer = f"-# {texts.ARTICLE_BEGINNING}"
    # A slice first: fitting a whole book into a message would take its time.
    beginning = article.text.strip()[:_BEGINNING]
    room = MAX_TEXT - units(statement) - units(footer) - units(texts.CUT_AFTER) - 4
    shown = excerpt(beginning, [], room)
    whole = shown == Span(0, len(article.text.strip()))
    quote = block_quote(shown.of(beginning), []) + ("" if whole else f"\n-# {texts.CUT_AFTER}")
    return Card(Colour.READING, "", statement, (quote,), footer)
