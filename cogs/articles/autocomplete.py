"""Choosing an article while typing its title."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

import discord
from discord import app_commands
from rapidfuzz import fuzz, process, utils
from sqlalchemy.exc import SQLAlchemyError

from cogs.core.async_store import AsyncStore
from cogs.messaging.retry import acknowledge
from cogs.ui.truncate import shortened
from i18n import texts
from index.libraries.read_only import ArticleTitle
from index.models import UserError
from qa.ask import libraries_of

_log = logging.getLogger(__name__)

_MOST: Final = 25  # choices that Discord shows
_MAX_NAME: Final = 100
_PIECE: Final = 2000  # names compared at a stretch, a few milliseconds
_ALIKE: Final = 60.0  # of 100: how alike a title must be to be offered
_MEANT: Final = 85.0  # how alike to be taken for what was typed, where nothing was chosen


def offered(titles: Sequence[ArticleTitle], typed: str) -> list[tuple[str, str]]:
    """Return the (name, value) of at most 25 articles for what was typed, best first; the newest for nothing."""
    found = _alike(titles, typed, _ALIKE) if typed.strip() else list(titles[:_MOST])
    return [(shortened(one.title.strip() or texts.UNTITLED, _MAX_NAME), _value(one)) for one in found]


async def choices(store: AsyncStore, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the articles whose titles are like what was typed; none where that fails: members go on without."""
    read_only, names = store.read_only, libraries_of(interaction.guild_id)
    try:
        found = await store.run(lambda: offered(read_only.titles(names), typed))
    except (UserError, SQLAlchemyError):
        _log.exception("Articles could not be listed")
        return []
    offers = [app_commands.Choice(name=name, value=value) for name, value in found]
    # Sent here, because discord.py would not try again after a lost connection; it sends nothing twice.
    await acknowledge(lambda: interaction.response.autocomplete(offers))
    # Also where Discord's reply was lost, which discord.py takes for not sent.
    interaction.response._response_type = discord.InteractionResponseType.autocomplete_result  # noqa: SLF001 - it has no public way to say so
    return offers


def matching(titles: Sequence[ArticleTitle], typed: str) -> list[ArticleTitle]:
    """Return the articles whose titles hold what was typed, in their order; else at most 25 that are like it."""
    wanted = utils.default_process(typed)
    exact = [title for title in titles if wanted and wanted in utils.default_process(title.title)]
    return exact or _alike(titles, typed, _ALIKE)


def chosen(titles: Sequence[ArticleTitle], value: str) -> tuple[str, int]:
    """Return library and id of the article that was chosen, or else typed. Raises UserError where there is none."""
    by_value = {_value(one): one for one in titles}
    found = [by_value[value]] if value in by_value else _alike(titles, value, _MEANT)[:1]
    if not found:
        raise UserError(texts.NO_SUCH_ARTICLE)
    return found[0].library, found[0].article_id


def _value(title: ArticleTitle) -> str:
    return f"{title.library}:{title.article_id}"


def _alike(titles: Sequence[ArticleTitle], typed: str, least: float) -> list[ArticleTitle]:
    """Return at most 25 titles that are like what was typed, those that begin with it or hold it first."""
    names = [utils.default_process(title.title) for title in titles]
    wanted = utils.default_process(typed)
    if not wanted:
        return []
    exact = [place for place, name in enumerate(names) if wanted in name]
    exact.sort(key=lambda place: (names[place] != wanted, not names[place].startswith(wanted)))
    if len(exact) < _MOST:
        exact = list(dict.fromkeys([*exact, *_spelled_alike(names, wanted, least)]))
    return [titles[place] for place in exact[:_MOST]]


def _spelled_alike(names: Sequence[str], wanted: str, least: float) -> list[int]:
    """Return the places of the names that are most like `wanted`, best first.

    In pieces, for RapidFuzz lets no other thread run, the event loop's least of all.
    """
    found: list[tuple[float, int]] = []
    for at in range(0, len(names), _PIECE):
        piece = names[at : at + _PIECE]
        best = process.extract(wanted, piece, scorer=fuzz.WRatio, processor=None, limit=_MOST, score_cutoff=least)
        found += [(-score, at + int(place)) for _, score, place in best]
    return [place for _, place in sorted(found)[:_MOST]]
