"""Writing and reading export files of a server's articles, independent of Discord."""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Generator, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from cogs.articles.draft_texts import unpack_drafts
from cogs.articles.storage_quota import QuotaError, StorageQuota, StorageUse, require_space
from cogs.ui.escape import escape
from i18n import texts
from index.libraries.export_file import Export, ImportedArticle, read_export_in_steps
from index.libraries.import_export import assign_keys, export_lines, import_in_steps
from index.libraries.ingestion import BATCH_SIZE
from index.libraries.library import Library
from index.models import UserError

_MAX_DECOMPRESSED: Final = 100_000_000  # bytes
_GZIP_MAGIC: Final = b"\x1f\x8b"
_FILE_NAME: Final = "articles.jsonl"
_SAMPLE: Final = 3  # titles that are shown before an import


@dataclass(slots=True)
class PendingImport:
    """A file that may be imported: `data` is an export file or, if `packed`, what `draft_texts.pack_drafts` returns.

    `count` is its number of articles; `done` counts imported articles by status; `stopped` is set to end the import
    after the present article, and `lost` too if another process is to continue it.
    """

    name: str
    data: bytes
    count: int
    packed: bool = False
    done: Counter[str] = field(default_factory=Counter)
    stopped: bool = False
    lost: bool = False

    def read(self) -> Generator[None, None, Export]:
        """Parse the file in steps; return what `read_export_in_steps` does."""
        if not self.packed:
            return (yield from read_export_in_steps(self.name, decompress(self.name, self.data)))
        yield
        return [], (ImportedArticle((draft,), titled=False) for draft in unpack_drafts(self.data))


def export_in_steps(
    library: Library, limit: int, left_out: AbstractSet[int] = frozenset()
) -> Generator[None, None, tuple[str, bytes, int]]:
    """Write all articles but those `left_out` in steps; return (file name, data, number of articles).

    The file is compressed if it is larger than `limit` bytes. Raises UserError if there are no articles, or the
    compressed file is too large as well.
    """
    if not any(row.id not in left_out for row in library.articles()):
        raise UserError(texts.ARTICLE_LIST_EMPTY)
    plain, compressed = io.BytesIO(), io.BytesIO()
    lines = 0
    with gzip.GzipFile(fileobj=compressed, mode="wb", mtime=0) as stream:
        for line in export_lines(library.catalog, left_out):
            yield
            lines += 1
            stream.write(line)
            if plain.tell() <= limit:
                plain.write(line)
            if compressed.tell() > limit:
                raise UserError(texts.ARTICLE_EXPORT_TOO_LARGE.format(limit=limit / 1_000_000))
    count = lines - 2  # without the header and the footer
    if plain.tell() <= limit:
        return _FILE_NAME, plain.getvalue(), count
    if len(compressed.getvalue()) <= limit:
        return f"{_FILE_NAME}.gz", compressed.getvalue(), count
    raise UserError(texts.ARTICLE_EXPORT_TOO_LARGE.format(limit=limit / 1_000_000))


def decompress(name: str, data: bytes) -> io.BytesIO:
    """Return the data as a stream, decompressed if it is gzip. Raises UserError if it is damaged or too large."""
    if data.startswith(_GZIP_MAGIC):
        stream = zlib.decompressobj(wbits=31)
        try:
            data = stream.decompress(data, _MAX_DECOMPRESSED)
        except zlib.error as error:
            raise UserError(texts.ARTICLE_IMPORT_DAMAGED.format(name=escape(name))) from error
        if stream.unconsumed_tail:
            raise UserError(texts.ARTICLE_FILE_TOO_LARGE.format(limit=_MAX_DECOMPRESSED // 1_000_000))
    return io.BytesIO(data)


def inspect_export(name: str, data: bytes) -> Generator[None, None, tuple[int, int, list[str]]]:
    """Parse a whole export file in steps; return its number of articles, their total length, and the first titles.

    Lengths are in characters (code points). Raises UserError if the file is invalid or has no articles.
    """
    count = characters = 0
    titles: list[str] = []
    _, items = yield from read_export_in_steps(name, decompress(name, data))
    for item in items:
        yield
        count += 1
        characters += len(item.drafts[0].text)
        titles += [item.drafts[0].title] if len(titles) < _SAMPLE else []
    if not count:
        raise UserError(texts.ARTICLE_IMPORT_EMPTY)
    return count, characters, titles


def import_pending_in_steps(
    library: Library, pending: PendingImport, who: str, quota: StorageQuota
) -> Generator[None, None, Counter[str]]:
    """Store the articles of a file in steps and count them by status, also in `pending.done` while it runs.

    It ends early once `pending.stopped` is set: an article is stored as a whole or not at all. Raises QuotaError at the
    first article for which the server has no room.
    """
    sites, articles = yield from pending.read()
    used_keys: set[str] = set()

    def within_quota() -> Iterator[ImportedArticle | None]:
        ahead = StorageUse()  # of articles that may not be stored yet
        for item in articles:
            for draft in assign_keys(item, library.catalog, used_keys)[:1]:
                try:
                    require_space(library, draft, quota, ahead)
                except QuotaError:
                    yield None
                    ahead = StorageUse()
                    require_space(library, draft, quota)
                ahead = ahead.with_text(draft.text)
            yield item

    steps = import_in_steps(library, sites, within_quota(), who, BATCH_SIZE)
    while True:
        try:
            receipt = next(steps)
        except StopIteration as end:
            counts: Counter[str] = end.value
            return counts
        if receipt is not None:
            pending.done[receipt.status] += 1
        elif pending.stopped:  # everything that is stored was counted
            steps.close()
            return pending.done
        yield
