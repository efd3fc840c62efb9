"""Cards and short texts that show articles to the members who manage them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cogs.articles.collection_choice import listed
from cogs.ui.answer_card import Card, Colour
from cogs.ui.escape import block_quote, escape, link, utf16_length
from cogs.ui.limits import MAX_TEXT
from cogs.ui.truncate import escaped_name, excerpt, shorten, shorten_apart
from i18n import texts
from i18n.phrases import day_of
from i18n.sentences import say
from index.catalog.article_sources import FailedSource
from index.models import Article, Draft, Receipt, Span
from index.text.display_names import display_line

_MAX_TITLE: Final = 120
_MAX_SOURCE: Final = 120
# Ten lines of at most these lengths fit into one message, even if every character is escaped.
_MAX_LIST_TITLE: Final = 70
_MAX_LIST_SOURCE: Final = 150
_MAX_FAILED: Final = 60
_MAX_REASON: Final = 300
_MAX_EXCERPT: Final = 1500  # code points of an article, before it is fitted into a card


def preview_card(draft: Draft, missing: str = "") -> Card:
    """Return the card of an article that is not stored yet; `missing` is a sentence on what was left out of it."""
    left_out = texts.ARTICLE_CLUTTER.format(count=draft.removed) if draft.removed else ""
    if draft.characters > len(draft.text):
        left_out = texts.ARTICLE_KEPT.format(kept=len(draft.text), total=draft.characters)
    pages = escaped_name(draft.list_missing_pages(), _MAX_REASON)
    unread = texts.ARTICLE_MISSING_PAGES.format(pages=pages) if pages else ""
    tags = texts.ARTICLE_TAGS.format(names=listed(draft.tags)) if draft.tags else ""
    heading = "\n".join(filter(None, (texts.ARTICLE_PREVIEW, tags, missing)))
    return _card(heading, draft, " · ".join(filter(None, (left_out, unread))))


def article_card(article: Article, heading: str = "") -> Card:
    """Return the card of a stored article: a heading, its metadata and the beginning of its text."""
    return _card(heading, article, "")


def list_card(
    articles: Sequence[tuple[Article, bool]],
    page: int,
    pages: int,
    count: int,
    failed: Sequence[FailedSource] = (),
    note: str = "",
) -> Card:
    """Return one page of the article list.

    `articles` are pairs of an article and whether it is in the shared library; `page` counts from 0; `count` is the
    number of articles on all pages; `failed` are the server's own sources whose last check failed; `note` stands below
    the heading.
    """
    marked = {one.article_id for one in failed}
    titles = list(dict.fromkeys(display_line(article.title) for article, _ in articles))
    names = dict(zip(titles, shorten_apart(titles, _MAX_LIST_TITLE), strict=True))
    lines = [
        _line(article, names[display_line(article.title)], shared=shared, failed=not shared and article.id in marked)
        for article, shared in articles
    ]
    others = [one for one in failed if one.article_id is None]
    if others:
        source, reason = (escaped_name(text, _MAX_FAILED) for text in (others[0].shown, say(others[0].reason)))
        lines.append(f"-# {texts.FAILED_MORE.format(count=len(others), source=source, reason=reason)}")
    footer = texts.ARTICLE_LIST_FOOTER.format(page=page + 1, pages=pages, count=count)
    heading = [texts.ARTICLE_LIST_HEADING, *([note] if note else [])]
    return Card(Colour.READING, "", "\n".join([*heading, *lines]), (), f"-# {footer}")


def failure_text(failed: Sequence[FailedSource], article_id: int) -> str:
    """Return a sentence on why the last check of an article's source failed, or an empty string if none failed."""
    source = next((one for one in failed if one.article_id == article_id), None)
    if source is None:
        return ""
    return texts.FAILED_SHOWN.format(day=day_of(source.at), reason=escaped_name(say(source.reason), _MAX_REASON))


def _line(article: Article, name: str, *, shared: bool, failed: bool) -> str:
    """Return an article's line in the list; `name` is its shortened title."""
    title = f"**{escaped_name(name, _MAX_LIST_TITLE) or texts.UNTITLED}**"
    address = link(texts.OPEN, article.source) if len(article.source) <= _MAX_LIST_SOURCE else None
    source = address or escaped_name(article.source, _MAX_LIST_TITLE)
    length = texts.ARTICLE_LENGTH.format(count=len(article.text))
    marks = texts.ARTICLE_SHARED_MARK if shared else "", texts.FAILED_MARK if failed else ""
    return " · ".join(part for part in (title, source, length, *marks) if part)


def receipt_text(receipt: Receipt) -> str:
    """Return a text on what was done with an article, for example that it was added, and on what its models miss."""
    article = f"{bold_title(receipt.title)} ({source_link(receipt.source)})"
    done = texts.ARTICLE_STATUS[receipt.status].format(article=article)
    return f"{done}\n-# {texts.ARTICLE_ONLY_ENGLISH}" if receipt.unread_language else done


def bold_title(title: str) -> str:
    """Return a title in bold, escaped and shortened."""
    return f"**{escaped_name(title, _MAX_TITLE) or texts.UNTITLED}**"


def source_link(source: str) -> str:
    """Return a link if the source is a web address, else its escaped and shortened name."""
    shown = shorten(display_line(source), _MAX_SOURCE)
    return link(texts.OPEN_SOURCE, source) or escape(shown)


def _card(heading: str, article: Draft | Article, note: str) -> Card:
    """Return a heading, the article's metadata followed by `note`, and the beginning of its text as a quote."""
    length = texts.ARTICLE_LENGTH.format(count=len(article.text))
    about = " · ".join(part for part in (source_link(article.source), day_of(article.published), length, note) if part)
    statement = "\n".join(part for part in (heading, bold_title(article.title), f"-# {about}") if part)
    footer = f"-# {texts.ARTICLE_BEGINNING}"
    # Sliced first, because fitting the text of a whole book is slow.
    beginning = article.text.strip()[:_MAX_EXCERPT]
    available = MAX_TEXT - utf16_length(statement) - utf16_length(footer) - utf16_length(texts.CUT_AFTER) - 4
    shown = excerpt(beginning, [], available)
    whole = shown == Span(0, len(article.text.strip()))
    quote = block_quote(shown.of(beginning), []) + ("" if whole else f"\n-# {texts.CUT_AFTER}")
    return Card(Colour.READING, "", statement, (quote,), footer)
