"""Values of site imports: an import, its stage, and what became of its pages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ImportStage(StrEnum):
    """The state of an import. The values are stored."""

    OFFERED = "offered"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SiteImport:
    """An import of at most `most` pages of a site, requested by a member. Ids are never reused.

    `inside` is the address below which links are followed, None if all pages are known. `more` says that the site has
    more than `most` pages. The message `message_id` shows progress and is edited with the interaction `token`, issued
    at `token_at` (Unix time). `reason` says why the import ended early. `language` is that of the member,
    `tags` the names of the collections that the site is put into, with commas between them. `holder` is the process
    that runs it.
    """

    guild_id: int
    channel_id: int
    member_id: int
    origin: str
    inside: str | None
    most: int
    more: bool
    plain: bool
    begun_at: float
    state: str = ImportStage.OFFERED
    reason: str = ""
    message_id: int | None = None
    token: str | None = None
    token_at: float | None = None
    language: str = "en"
    tags: str = ""
    id: int = 0
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class ImportTally:
    """Pages by state (`waiting`, `failed`, `twin` or the status of a receipt) and the first failures: (key, reason).

    `incomplete` is the number of stored pages that may not be whole, `remarks` the first of them: (key, remark).
    """

    counts: Mapping[str, int]
    failures: tuple[tuple[str, str], ...]
    incomplete: int = 0
    remarks: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> int:
        """The number of known pages."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """The number of pages read."""
        return self.total - self.counts.get("waiting", 0)

    @property
    def stored(self) -> int:
        """The number of pages in the library; a `twin` is another address of a page already read."""
        return self.done - self.counts.get("failed", 0) - self.counts.get("twin", 0)
