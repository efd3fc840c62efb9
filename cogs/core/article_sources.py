"""What decides which articles a server hides: the channels that articles come from, and the shipped sample.

For the thread that owns the read-only catalogues. What is read is kept until the generation of its library changes, so
that a question costs a query for each library.
"""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from index.libraries.library_names import SHARED, own_library
from index.libraries.read_only import ReadOnlyLibraries
from index.models import OperatorError

_KEYS: Final = ("discord-message:", "discord-thread:", "import:https://discord.com/channels/")
_LINK: Final = re.compile(r"https://discord\.com/channels/(\d+)/(\d+)")
_SERVERS: Final = 500  # that are kept in memory

Places = Mapping[frozenset[int], frozenset[int]]
"""Ids of articles by those of the channels and threads that they come from."""


class _Own(NamedTuple):
    """A server's own library at one generation."""

    generation: int
    has_articles: bool
    places: Places


class ArticleSources:
    """Reads where the articles of servers come from, and which articles are those of the sample."""

    def __init__(self, catalogues: ReadOnlyLibraries) -> None:
        """Read these catalogues."""
        self._catalogues = catalogues
        self._servers: OrderedDict[int, _Own] = OrderedDict()
        self._sample: tuple[int, frozenset[int]] = 0, frozenset()

    def of_server(self, guild_id: int) -> tuple[Places, frozenset[int]]:
        """Return the places of a server's articles, and the shared articles that it does not see.

        These are the sample, if the server has an article of its own. Raises OperatorError if its library cannot be
        read.
        """
        library = own_library(guild_id)
        known, generation = self._servers.get(guild_id), self._catalogues.generation(library)
        if known is None or known.generation != generation:
            places = _places(guild_id, self._catalogues.articles_by_key(library, _KEYS))
            known = _Own(generation, self._catalogues.has_articles(library), places)
        self._servers[guild_id] = known
        self._servers.move_to_end(guild_id)
        while len(self._servers) > _SERVERS:
            self._servers.popitem(last=False)
        return known.places, self.sample() if known.has_articles else frozenset()

    def sample(self) -> frozenset[int]:
        """Return the ids of the shared articles that are those of the shipped sample."""
        try:
            generation = self._catalogues.generation(SHARED)
            if self._sample[0] != generation:
                self._sample = generation, self._catalogues.sample_ids(SHARED)
        except OperatorError:  # then nothing of it can be searched either
            return frozenset()
        return self._sample[1]


def channel_of(key: str, guild_id: int | None) -> int | None:
    """Return the channel or thread of a server that a source's key names, or None."""
    link = _LINK.search(key) if key.startswith(_KEYS) else None
    return int(link[2]) if link and int(link[1]) == guild_id else None


def _places(guild_id: int, keys: Iterable[tuple[str, int]]) -> Places:
    """Group articles by the channels and threads of the server that their sources are in."""
    channels: defaultdict[int, set[int]] = defaultdict(set)
    for key, article_id in keys:
        channel = channel_of(key, guild_id)
        if channel is not None:
            channels[article_id].add(channel)
    found: defaultdict[frozenset[int], set[int]] = defaultdict(set)
    for article_id, ids in channels.items():
        found[frozenset(ids)].add(article_id)
    return {ids: frozenset(articles) for ids, articles in found.items()}
