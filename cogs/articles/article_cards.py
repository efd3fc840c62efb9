"""How articles are shown to those who keep them, as plain values: before they are added, and afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cogs.ui.answer_card import MAX_TEXT, Card, Colour
from cogs.ui.escape import block_quote, escape, link, one_line, units
from cogs.ui.truncate import excerpt, name, shortened
from i18n import texts
from i18n.phrases import day_of
from index.catalog.article_sources import FailedSource
from index.models import Article, Draft, Receipt, Span

_MAX_TITLE: Final = 120
_MAX_SOURCE: Final = 120
# Ten lines of these lengths fit into a message, also where every character is escaped.
_MAX_LISTED: Final = 70
_MAX_LISTED_SOURCE: Final = 150
_MAX_FAILED: Final = 60
_MAX_REASON: Final = 300
_BEGINNING: Final = 1500  # code points that are shown of an article


def preview(draft: Draft, missing: str = "") -> Card:
    """Return what an article would be, and what is said to be missing in it."""
    removed = texts.ARTICLE_CLUTTER.format(count=draft.removed) if draft.removed else ""
    return _card("\n".join(filter(None, (texts.ARTICLE_PREVIEW, missing))), draft, removed)


def beginning(article: Article, said: str = "") -> Card:
    """Return what is known of an article, and its beginning, below what is said."""
    return _card(said, article, "")


def listed(
    articles: Sequence[tuple[Article, bool]], page: int, pages: int, count: int, failed: Sequence[FailedSource] = ()
) -> Card:
    """Return a page of the list; each article comes with whether all servers share it.

    `failed` is what of the server's own sources could not be read at the last look.
    """
    marked = {one.article_id for one in failed}
    lines = [_line(article, shared=shared, failed=not shared and article.id in marked) for article, shared in articles]
    others = [one for one in failed if one.article_id is None]
    if others:
        source, reason = (name(text, _MAX_FAILED) for text in (others[0].shown, others[0].reason))
        told = texts.FAILED_MORE.format(count=len(others), source=source, reason=reason)
        lines.append(f"-# {told}")
    footer = texts.ARTICLE_LIST_FOOTER.format(page=page + 1, pages=pages, count=count)
    return Card(Colour.READING, "", "\n".join([texts.ARTICLE_LIST_HEADING, *lines]), (), f"-# {footer}")


def failure(failed: Sequence[FailedSource], article_id: int) -> str:
    """Return a sentence on why a source of an article could not be read at the last look, nothing where it could."""
    one = next((one for one in failed if one.article_id == article_id), None)
    if one is None:
        return ""
    return texts.FAILED_SHOWN.format(day=day_of(one.at), reason=name(one.reason, _MAX_REASON))


def _line(article: Article, *, shared: bool, failed: bool) -> str:
    title = f"**{name(article.title, _MAX_LISTED) or texts.UNTITLED}**"
    address = link(texts.OPEN, article.source) if len(article.source) <= _MAX_LISTED_SOURCE else None
    source = address or name(article.source, _MAX_LISTED)
    length = texts.ARTICLE_LENGTH.format(count=len(article.text))
    marks = texts.ARTICLE_SHARED_MARK if shared else "", texts.FAILED_MARK if failed else ""
    return " · ".join(part for part in (title, source, length, *marks) if part)


def received(receipt: Receipt) -> str:
    """Return what became of an article."""
    article = f"{titled(receipt.title)} ({sourced(receipt.source)})"
    return texts.ARTICLE_STATUS[receipt.status].format(article=article)


def titled(title: str) -> str:
    """Return a title in bold."""
    return f"**{name(title, _MAX_TITLE) or texts.UNTITLED}**"


def sourced(source: str) -> str:
    """Return a source, as a link where it is an address."""
    shown = shortened(one_line(source), _MAX_SOURCE)
    return link(texts.OPEN_SOURCE, source) or escape(shown)


def _card(said: str, article: Draft | Article, more: str) -> Card:
    """Return the card of an article: what is known of it, and its beginning as a quotation."""
    length = texts.ARTICLE_LENGTH.format(count=len(article.text))
    about = " · ".join(part for part in (sourced(article.source), day_of(article.published), length, more) if part)
    statement = "\n".join(part for part in (said, titled(article.title), f"-# {about}") if part)
    footer = f"-# {texts.ARTICLE_BEGINNING}"
    # A slice first: fitting a whole book into a message would take its time.
    beginning = article.text.strip()[:_BEGINNING]
    room = MAX_TEXT - units(statement) - units(footer) - units(texts.CUT_AFTER) - 4
    shown = excerpt(beginning, [], room)
    whole = shown == Span(0, len(article.text.strip()))
    quote = block_quote(shown.of(beginning), []) + ("" if whole else f"\n-# {texts.CUT_AFTER}")
    return Card(Colour.READING, "", statement, (quote,), footer)
