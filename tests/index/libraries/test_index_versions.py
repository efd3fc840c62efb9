"""Libraries whose passages or vectors are of another chunker or model."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.incremental import finish
from index.libraries.library import Library
from index.libraries.registry import Libraries
from index.models import UserError
from index.passages.embedder import Embedder
from tests.index.libraries.test_library import FERRY, LIGHTHOUSE, draft, nearest
from tests.index.libraries.test_library import library as library  # noqa: PLC0414 - a fixture


def test_passages_of_an_earlier_chunker_are_searched_until_they_are_updated(
    library: Library, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is refused; what is added meanwhile is up to date; an update keeps the article and its id."""
    monkeypatch.setattr("index.passages.batch_embedding.CHUNKER_VERSION", "0")
    old = library.add(draft(LIGHTHOUSE))
    monkeypatch.undo()
    assert "Mira Holt" in nearest(library, embedder, "Who looks after the beacon?")[0]
    library.add(draft(FERRY, "ferry.txt"))
    before = set(library.passage_ids(old.article_id))

    assert library.outdated_articles() == [old.article_id]
    finish(library.update_in_steps(old.article_id))

    assert library.outdated_articles() == []
    assert not before & set(library.passage_ids(old.article_id))
    assert "Mira Holt" in nearest(library, embedder, "Who looks after the beacon?")[0]
    assert library.check() == []


def test_another_model_is_refused_with_the_command_that_mends_it(tmp_path: Path, embedder: Embedder) -> None:
    """Vectors of two models are never mixed; reindexing keeps ids and texts of articles."""

    class Renamed:
        name, revision = "another", "0"
        dimension, max_tokens = embedder.dimension, embedder.max_tokens
        count_tokens, passages, query = embedder.count_tokens, embedder.passages, embedder.query

    libraries = Libraries(tmp_path, lambda: embedder)
    kept = libraries.open("test").add(draft(LIGHTHOUSE))
    libraries.close()
    library = Libraries(tmp_path, Renamed).open("test")
    with pytest.raises(UserError, match=r"python bot.py reindex --library test"):
        library.indexes()
    with pytest.raises(UserError, match="was built with"):
        library.add(draft(FERRY, "ferry.txt"))

    library.reindex(lambda _done, _total: None)

    assert "Mira Holt" in nearest(library, embedder, "Who looks after the beacon?")[0]
    assert [row.id for row in library.articles()] == [kept.article_id]
    library.close()


def test_a_reindex_broken_off_leaves_the_library_as_it_was(library: Library) -> None:
    """No passage is lost if reindexing is interrupted."""
    for number in range(3):
        library.add(draft(f"{LIGHTHOUSE} Number {number}.", f"{number}.txt"))

    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.reindex(stop)

    assert library.check() == []
