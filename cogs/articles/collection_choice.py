"""Options that name collections: autocomplete, what was typed, and how names are shown."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Final

import discord
from discord import app_commands
from sqlalchemy.exc import SQLAlchemyError

from cogs.articles.autocomplete import send_offers
from cogs.core.async_store import AsyncStore
from cogs.core.visibility import Visibility
from cogs.core.visible_articles import is_hidden
from cogs.ui.truncate import escaped_name
from i18n import texts
from index.libraries.library_names import libraries_of
from index.models import UserError
from index.text.tag_names import ALL, MAX_NAME, NONE, folded_tag, tag_names

_log = logging.getLogger(__name__)

_MAX_VALUE: Final = 100  # characters of a choice, by Discord's limit
_MAX_LISTED: Final = 12  # names in a sentence


async def known_collections(
    store: AsyncStore, visibility: Visibility, interaction: discord.Interaction, *, in_channel: bool
) -> dict[str, str]:
    """Return the displayed names of the collections with an article that the member may see, by `folded_tag`.

    With `in_channel` they are those of which the channel quotes an article.
    """
    channel_id = interaction.channel_id if in_channel else None
    hidden = await visibility.hidden_from(interaction.guild_id, interaction.user, channel_id)

    def read() -> dict[str, str]:
        found: dict[str, str] = {}
        for library in libraries_of(interaction.guild_id):
            for key, collection in store.read_only.collections(library).items():
                if any(not is_hidden(hidden, library, article_id) for article_id in collection.ids):
                    found.setdefault(key, collection.name)
        return dict(sorted(found.items()))

    return await store.read(read)


async def find_collection(
    store: AsyncStore, visibility: Visibility, interaction: discord.Interaction, typed: str
) -> str:
    """Return the name of the collection that a question names. Raises UserError if none of its articles is quoted."""
    known = await known_collections(store, visibility, interaction, in_channel=True)
    if (found := known.get(folded_tag(typed))) is not None:
        return found
    limit = await visibility.limits.names(interaction.guild_id, interaction.channel_id)
    if limit and folded_tag(typed) in await known_collections(store, visibility, interaction, in_channel=False):
        raise UserError(texts.COLLECTION_OUTSIDE.format(names=listed(limit), name=_shown(typed)))
    raise _unknown(typed, known.values())


async def find_collections(
    store: AsyncStore, visibility: Visibility, interaction: discord.Interaction, typed: str
) -> tuple[str, ...] | None:
    """Return the names of existing collections in a typed list, none for "all", or None if nothing was typed.

    Raises UserError if there is no such collection.
    """
    if not typed.strip():
        return None
    if _is_word(typed, ALL, texts.COLLECTIONS_ALL):
        return ()
    known = await known_collections(store, visibility, interaction, in_channel=False)
    names = tag_names(typed)
    for name in names:
        if folded_tag(name) not in known:
            raise _unknown(name, known.values())
    return tuple(known[folded_tag(name)] for name in names) or None


def new_tags(typed: str) -> tuple[str, ...]:
    """Return the names in a typed list, which need not exist, none for "none". Raises UserError for impossible ones."""
    return () if _is_word(typed, NONE, texts.COLLECTIONS_NONE) else tag_names(typed)


async def send_collections(
    store: AsyncStore, visibility: Visibility, interaction: discord.Interaction, typed: str, *, in_channel: bool = False
) -> list[app_commands.Choice[str]]:
    """Send autocomplete choices for one collection and return them; none if the catalogues cannot be read."""
    try:
        known = await known_collections(store, visibility, interaction, in_channel=in_channel)
    except (UserError, SQLAlchemyError):
        _log.exception("Collections could not be listed")
        return []
    return await send_offers(interaction, [_choice(name) for name in _matching(known, typed)])


async def send_collection_lists(
    store: AsyncStore,
    visibility: Visibility,
    interaction: discord.Interaction,
    typed: str,
    word: tuple[str, str] | None = None,
) -> list[app_commands.Choice[str]]:
    """Send choices for a list of collections, which go on with what was typed, and return them.

    `word` is the name and value of a choice that stands for all of them, or for none.
    """
    try:
        known = await known_collections(store, visibility, interaction, in_channel=False)
    except (UserError, SQLAlchemyError):
        _log.exception("Collections could not be listed")
        return []
    before, _, last = typed.rpartition(",")
    chosen = {folded_tag(name) for name in before.split(",")}
    start = ", ".join(name for name in (part.strip() for part in before.split(",")) if name)
    names = _matching({key: name for key, name in known.items() if key not in chosen}, last)
    found = [_choice(f"{start}, {name}" if start else name) for name in names]
    special = [app_commands.Choice(name=word[0], value=word[1])] if word and not typed.strip() else []
    return await send_offers(interaction, [*special, *(one for one in found if len(one.value) <= _MAX_VALUE)])


def listed(names: Sequence[str], most: int = _MAX_LISTED) -> str:
    """Return at most so many names of collections for a sentence, escaped."""
    more = ["…"] if len(names) > most else []
    return ", ".join([*map(_shown, names[:most]), *more])


def _shown(name: str) -> str:
    return escaped_name(name, MAX_NAME)


def _choice(value: str) -> app_commands.Choice[str]:
    return app_commands.Choice(name=value[:_MAX_VALUE], value=value)


def _matching(known: dict[str, str], typed: str) -> list[str]:
    """Return the names that contain what was typed, those that begin with it first."""
    wanted = folded_tag(typed)
    found = [(not key.startswith(wanted), key, name) for key, name in known.items() if wanted in key]
    return [name for _, _, name in sorted(found)]


def _is_word(typed: str, *words: str) -> bool:
    return folded_tag(typed) in map(folded_tag, words)


def _unknown(typed: str, known: Iterable[str]) -> UserError:
    names = list(known)
    if not names:
        return UserError(texts.NO_COLLECTIONS.format(name=_shown(typed)))
    return UserError(texts.NO_SUCH_COLLECTION.format(name=_shown(typed), known=listed(names)))
