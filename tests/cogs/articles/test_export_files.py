"""Promises of an import on Discord: parsed in steps, and stopped by its button without half an article."""

from __future__ import annotations

from pathlib import Path

import pytest

from cogs.articles.export_files import PendingImport, import_pending_in_steps, inspect_export
from cogs.articles.storage_quota import QuotaError, StorageQuota
from index.incremental import finish
from index.libraries.import_export import export_lines
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from tests.small_embedder import SmallEmbedder

QUOTA = StorageQuota(100, 1_000_000)
COUNT = 70  # more than are stored together


def test_an_import_stops_when_asked(tmp_path: Path) -> None:
    """What was stored until then is counted and sound; importing the file again adds the rest."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    for number in range(COUNT):
        name = f"{number}.txt"
        libraries.open("one").add(draft_from_text(f"Ferry {number} is red.", key=name, source=name, title=name))
    data = b"".join(export_lines(libraries.open("one").catalog))
    assert finish(inspect_export("all.jsonl", data))[0] == COUNT

    def pending() -> PendingImport:
        return PendingImport("all.jsonl", data, COUNT)

    library, first = libraries.open("two"), pending()
    for _ in (steps := import_pending_in_steps(library, first, "7", QUOTA)):
        first.stopped = first.done.total() >= 2
    stored = first.done.total()
    assert 2 <= stored < COUNT
    assert len(library.articles()) == stored
    assert library.check() == []
    assert list(steps) == []

    assert finish(import_pending_in_steps(library, pending(), "7", QUOTA)) == {
        "unchanged": stored,
        "added": COUNT - stored,
    }
    libraries.close()


def test_an_import_stores_what_there_is_room_for(tmp_path: Path) -> None:
    """The limits hold to the article, also where several are stored together."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    drafts = [draft_from_text(f"Ferry {number} is red.", key=f"{number}", source=f"{number}") for number in range(6)]
    for _ in libraries.open("one").add_all(drafts):
        pass
    data = b"".join(export_lines(libraries.open("one").catalog))
    library = libraries.open("two")
    for quota, room in ((StorageQuota(3, 1_000_000), 3), (StorageQuota(100, 5 * len(drafts[0].text)), 5)):
        with pytest.raises(QuotaError):
            finish(import_pending_in_steps(library, PendingImport("all.jsonl", data, 6), "7", quota))
        assert len(library.articles()) == room
    libraries.close()
