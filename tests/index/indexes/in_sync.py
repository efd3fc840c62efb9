"""Compares the indexes of a library with its catalogue."""

from __future__ import annotations

from index.libraries.library import Library


def assert_in_sync(library: Library) -> None:
    """Check that the indexes hold what the catalogue does, by comparing all."""
    indexes, catalog = library.indexes(), library.catalog
    assert indexes is not None
    assert catalog is not None
    wanted = sorted(catalog.passage_ids().tolist())
    assert sorted(indexes.dense.ids().tolist()) == sorted(indexes.lexical.ids().tolist()) == wanted
    assert indexes.position == catalog.position()
    assert indexes.passages == len(wanted)
    assert library.check() == []
