"""Promises of an import on Discord: parsed in steps, and stopped by its button without half an article."""

from __future__ import annotations

from pathlib import Path

from cogs.articles.export_files import PendingImport, import_pending_in_steps, inspect_export
from cogs.articles.storage_quota import StorageQuota
from index.incremental import finish
from index.libraries.import_export import export_lines
from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text
from tests.small_embedder import SmallEmbedder

QUOTA = StorageQuota(100, 1_000_000)


def test_an_import_stops_when_asked(tmp_path: Path) -> None:
    """What was stored until then is counted and sound; importing the file again adds the rest."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    for number in range(5):
        name = f"{number}.txt"
        libraries.open("one").add(draft_from_text(f"Ferry {number} is red.", key=name, source=name, title=name))
    data = b"".join(export_lines(libraries.open("one").catalog))
    assert finish(inspect_export("all.jsonl", data))[0] == 5

    def pending() -> PendingImport:
        return PendingImport("all.jsonl", data, 5)

    library, first = libraries.open("two"), pending()
    for _ in (steps := import_pending_in_steps(library, first, "7", QUOTA)):
        first.stopped = first.done.total() == 2
    assert first.done == {"added": 2}
    assert len(library.articles()) == 2
    assert library.check() == []
    assert list(steps) == []

    assert finish(import_pending_in_steps(library, pending(), "7", QUOTA)) == {"unchanged": 2, "added": 3}
    libraries.close()
