"""Autocomplete for articles, and the search by title behind it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import islice
from typing import Final

import discord
from discord import app_commands
from rapidfuzz import fuzz, process
from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from cogs.core.visibility import Visibility
from cogs.messaging.retry import acknowledge
from cogs.ui.limits import fit_choices
from cogs.ui.truncate import shorten_apart
from i18n import texts
from index.libraries.library_names import libraries_of
from index.libraries.title_list import ArticleTitle, compared_form
from index.models import UserError
from index.text.display_names import display_line

_log = logging.getLogger(__name__)

_MAX_CHOICES: Final = 25  # Discord's limit
_MAX_NAME: Final = 100
_BATCH: Final = 2000  # titles compared in one call, which takes a few milliseconds
_MIN_SIMILARITY: Final = 60.0  # out of 100, for a title to be suggested
_MIN_SIMILARITY_TYPED: Final = 85.0  # for a typed title to count as chosen


def suggestions(titles: Sequence[ArticleTitle], typed: str) -> list[tuple[str, str]]:
    """Return the (name, value) of at most 25 articles, best match first; the newest if nothing is typed."""
    found = _similar_titles(titles, typed, _MIN_SIMILARITY) if typed.strip() else list(titles[:_MAX_CHOICES])
    names = shorten_apart([display_line(one.title) or texts.UNTITLED for one in found], _MAX_NAME)
    return [(name, _choice_value(one)) for name, one in zip(names, found, strict=True)]


async def send_choices(
    store: AsyncStore, visibility: Visibility, interaction: discord.Interaction, typed: str, *, in_channel: bool = False
) -> list[app_commands.Choice[str]]:
    """Send autocomplete choices for an article title and return them; [] if the catalogues cannot be read.

    Only articles that the member may see are offered, with `in_channel` of those that the channel quotes.
    """
    names = libraries_of(interaction.guild_id)
    try:
        articles = await visibility.articles_for(interaction, in_channel=in_channel)
        found = await store.read(lambda: suggestions(articles.titles(names), typed))
    except (UserError, SQLAlchemyError):
        _log.exception("Articles could not be listed")
        return []
    return await send_offers(interaction, [app_commands.Choice(name=name, value=value) for name, value in found])


async def send_offers(
    interaction: discord.Interaction, choices: Sequence[app_commands.Choice[str]]
) -> list[app_commands.Choice[str]]:
    """Send autocomplete choices, as many as Discord takes, and return them."""
    offers = fit_choices(choices)
    # Sent here because discord.py does not retry after a lost connection; it skips responses that are done.
    await acknowledge(lambda: interaction.response.autocomplete(offers))
    # discord.py sets this only if Discord's reply arrived, and would send the choices again.
    interaction.response._response_type = discord.InteractionResponseType.autocomplete_result  # noqa: SLF001 - it has no public way to say so
    return offers


def search_titles(titles: Sequence[ArticleTitle], typed: str) -> list[ArticleTitle]:
    """Return all articles whose titles contain the text, in the given order; if none does, at most 25 similar ones."""
    query = compared_form(typed)
    exact = [title for title in titles if query in title.compared] if query else []
    return exact or _similar_titles(titles, typed, _MIN_SIMILARITY)


def resolve_article(titles: Sequence[ArticleTitle], value: str) -> tuple[str, int]:
    """Return (library, article id) for an autocomplete value or a typed title. Raises UserError if nothing matches."""
    number = value.rpartition(":")[2]
    wanted = int(number) if number.isdecimal() and len(number) < _MAX_NAME else None
    chosen = [one for one in titles if one.article_id == wanted and _choice_value(one) == value]
    found = chosen or _similar_titles(titles, value, _MIN_SIMILARITY_TYPED)[:1]
    if not found:
        raise UserError(texts.NO_SUCH_ARTICLE)
    return found[0].library, found[0].article_id


def _choice_value(title: ArticleTitle) -> str:
    return f"{title.library}:{title.article_id}"


def _similar_titles(titles: Sequence[ArticleTitle], typed: str, cutoff: float) -> list[ArticleTitle]:
    """Return at most 25 similar titles: equal ones first, then those that begin with or contain the text."""
    query = compared_form(typed)
    if not query:
        return []
    names = [title.compared for title in titles]
    containing = [index for index, name in enumerate(names) if query in name]
    equal = (index for index in containing if names[index] == query)
    beginning = (index for index in containing if names[index].startswith(query))
    # The best of each kind alone: a letter may be in all titles of a library.
    exact = [index for kind in (equal, beginning, containing) for index in islice(kind, _MAX_CHOICES)]
    found = list(dict.fromkeys(exact))
    if len(found) < _MAX_CHOICES:
        found = list(dict.fromkeys([*found, *_fuzzy_matches(names, query, cutoff)]))
    return [titles[index] for index in found[:_MAX_CHOICES]]


def _fuzzy_matches(names: Sequence[str], query: str, cutoff: float) -> list[int]:
    """Return the indexes of the names most similar to `query`, best first.

    Compared in batches, because RapidFuzz holds the GIL for a whole call and would block the event loop. A name that
    is less similar than the best of earlier batches is given up early.
    """
    found: list[tuple[float, int]] = []
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        best = process.extract(
            query, batch, scorer=fuzz.WRatio, processor=None, limit=_MAX_CHOICES, score_cutoff=cutoff
        )
        found = sorted([*found, *((-score, start + int(index)) for _, score, index in best)])[:_MAX_CHOICES]
        if len(found) == _MAX_CHOICES:
            cutoff = -found[-1][0]
    return [index for _, index in found]
