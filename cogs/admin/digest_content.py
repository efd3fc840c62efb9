"""Reads what a weekly digest says: figures, questions without an answer, and the state of the sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from cogs.admin.digest_cards import MAX_GAPS, MEMBERS, SourceTrouble, digest_head
from cogs.core.async_store import AsyncStore
from cogs.core.visibility import Visibility
from cogs.core.visible_articles import is_hidden
from i18n.languages import speaking
from index.libraries.library_names import own_library
from index.refreshing.schedule import scheduled
from storage.analytics import stats
from storage.gaps import Gap, channels_of_gaps, gaps_with_answers

_OVERDUE = timedelta(days=7)
_LOOKING_UP = 10.0  # seconds for channels; Discord is asked for each archived thread


@dataclass(frozen=True, slots=True)
class DigestContent:
    """A digest: the text that is about nobody, and the gaps, each with the ids of the answers that it was found in."""

    head: str
    gaps: list[tuple[Gap, tuple[int, ...]]]


class DigestReader:
    """Reads the content of digests, of what everybody who sees the digest's channel may read."""

    def __init__(self, store: AsyncStore, visibility: Visibility, refresh_hours: float) -> None:
        """Read through this store; `refresh_hours` is the interval of sources without one of their own."""
        self._store = store
        self._visibility = visibility
        self._refresh_hours = refresh_hours

    async def read(
        self, guild_id: int, channel_id: int, week: date, language: str, *, counted: bool = True
    ) -> DigestContent:
        """Return the digest of the seven days before the Monday `week`, for a channel, in a language.

        `counted` says whether the server stores anything of questions.
        """
        first = week - timedelta(days=7)
        since, until = (datetime.combine(day, time(), UTC).timestamp() for day in (first, week))
        database = self._store.database

        def asked_in() -> set[int]:
            with database.reading() as db:
                return channels_of_gaps(db, guild_id, since, until)

        channels = await self._store.report(asked_in)
        readable = await self._visibility.readers.readable_to_all(guild_id, channel_id, channels, seconds=_LOOKING_UP)
        trouble = await self._sources(guild_id, channel_id)

        def read() -> DigestContent:
            with database.reading() as db:
                figures = stats(db, guild_id, since, until)
                gaps = gaps_with_answers(db, guild_id, since, until, members=MEMBERS, channels=readable)
            by_humans = len(database.human_calls.human_answers_not_saved(guild_id, since, until))
            with speaking(language):
                shown = figures if counted else None
                head = digest_head(shown, first, week - timedelta(days=1), trouble, by_humans)
            return DigestContent(head, gaps[:MAX_GAPS])

        return await self._store.report(read)

    async def _sources(self, guild_id: int, channel_id: int) -> SourceTrouble:
        """Return what is wrong with the sources of a server's own library."""
        hidden, library = await self._visibility.hidden_in(guild_id, channel_id), own_library(guild_id)
        catalogues = self._store.report_catalogues

        def read() -> SourceTrouble:
            known, failed = catalogues.known_sources(library), catalogues.failed_sources(library)
            before = datetime.now(UTC) - _OVERDUE
            planned = scheduled(known, self._refresh_hours) if known else []
            named = [one for one in failed if one.article_id is None or not is_hidden(hidden, library, one.article_id)]
            return SourceTrouble(
                len(failed),
                sum(one.at is not None and one.at < before for one in planned),
                tuple((one.shown, one.reason) for one in named),
            )

        return await self._store.report(read)
