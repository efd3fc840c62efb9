"""Promises of migrations: each earlier catalogue goes on working; one of a newer version is refused, unchanged."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from index.catalog.columns import passage_digest, text_digest
from index.catalog.migrations import _MIGRATIONS, NewerSchemaError
from index.indexes.index_version import IndexVersion
from index.libraries.read_only import ReadOnlyLibraries
from index.libraries.registry import Libraries
from index.models import Draft, Section
from index.sources.loader import draft_from_text
from tests.conftest import Run
from tests.index.catalog.earlier_schema import WITH_VECTORS_IN_PASSAGES
from tests.small_embedder import SmallEmbedder


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """Return the catalogue of a library in `tmp_path` that a later version wrote."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    libraries.open("shared").add(draft_from_text("The ferry leaves at seven.", key="a", source="a", title="A"))
    libraries.close()
    path = tmp_path / "libraries" / "shared" / "catalog.db"
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(len(_MIGRATIONS) + 2),))
    db.close()
    return path


def test_a_newer_schema_is_refused(newer: Path, tmp_path: Path) -> None:
    """Reading, adding and reindexing name the schema that is needed; the file stays as it is."""
    before = newer.read_bytes()
    library = Libraries(tmp_path, SmallEmbedder).open("shared")
    draft = draft_from_text("Dogs travel free.", key="b", source="b", title="B")
    refused: tuple[Callable[[], object], ...] = (
        library.articles,
        library.indexes,
        library.check,
        lambda: library.add(draft),
        lambda: library.reindex(lambda *_: None),
        lambda: ReadOnlyLibraries(tmp_path).titles(["shared"]),
    )
    for use in refused:
        with pytest.raises(NewerSchemaError, match=f"a version with schema {len(_MIGRATIONS) + 2} or later"):
            use()
    assert newer.read_bytes() == before


def test_it_is_one_sentence_in_the_terminal(newer: Path, tmp_path: Path, command_line: Callable[..., Run]) -> None:
    """No traceback, and status 1."""
    done = command_line("--data-dir", tmp_path, "articles")

    assert done.status == 1
    assert done.out == ""
    assert done.err.startswith("The library was written by a newer version of Verbatim")
    assert done.err.count("\n") == 1


FIRST_SCHEMA = """
CREATE TABLE meta (key VARCHAR NOT NULL PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE articles (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, title VARCHAR NOT NULL, text VARCHAR NOT NULL,
    published VARCHAR, sections VARCHAR NOT NULL, text_digest BLOB NOT NULL);
CREATE INDEX ix_articles_text_digest ON articles (text_digest);
CREATE TABLE sources (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, key VARCHAR NOT NULL UNIQUE,
    shown VARCHAR NOT NULL, article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE);
CREATE TABLE passages (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, start INTEGER NOT NULL,
    "end" INTEGER NOT NULL, heading VARCHAR NOT NULL, vector BLOB NOT NULL, digest BLOB NOT NULL);
"""


@pytest.mark.parametrize("step", range(len(_MIGRATIONS) + 1))
def test_a_catalogue_of_each_step(tmp_path: Path, step: int) -> None:
    """Whichever migrations were applied already, the others follow: articles, passages and vectors are unchanged."""
    embedder = SmallEmbedder()
    text = "The ferry leaves at seven. Dogs travel free."
    vector = embedder.query(f"Ferry\n{text}")
    version = str(IndexVersion.of(embedder))
    path = tmp_path / "libraries" / "shared" / "catalog.db"
    path.parent.mkdir(parents=True)
    db = sqlite3.connect(path)
    db.executescript(FIRST_SCHEMA)
    sections = json.dumps([[0, len(text), ""]])
    db.execute("INSERT INTO articles VALUES (3, 'Ferry', ?, NULL, ?, ?)", (text, sections, text_digest(text)))
    db.execute("INSERT INTO sources VALUES (1, '/srv/a.txt', 'a.txt', 3)")
    passage = (len(text), vector.tobytes(), passage_digest(text, vector))
    db.execute("INSERT INTO passages VALUES (7, 3, 0, ?, '', ?, ?)", passage)
    db.executemany("INSERT INTO meta VALUES (?, ?)", [("generation", "4"), ("epoch", version)])
    for statement in (line for migration in _MIGRATIONS[:step] for line in migration):
        db.execute(statement)
    if step:
        db.execute("INSERT INTO meta VALUES ('schema', ?)", (str(step),))
    db.commit()
    db.close()

    libraries = Libraries(tmp_path, SmallEmbedder)
    library = libraries.open("shared")
    assert [(row.id, row.title, row.source, row.passages) for row in library.articles()] == [(3, "Ferry", "a.txt", 1)]
    assert library.check() == []
    indexes = library.indexes()
    assert indexes is not None
    assert indexes.dense.search(vector, 1)[0].tolist() == [7]
    same = Draft("/srv/a.txt", "a.txt", "Ferry", text, None, (Section(0, len(text), ""),))
    assert library.add(same).status == "unchanged"
    assert library.add(draft_from_text("The bus is blue.", key="b", source="b", title="B")).article_id == 4
    library.reindex(lambda *_: None)
    assert library.set_tags(3, ["Rules"])
    assert library.check() == []
    libraries.close()


def test_a_damaged_catalogue_is_migrated(tmp_path: Path) -> None:
    """A passage whose article is lost is left out, and totals are right without the number of changes."""
    libraries = Libraries(tmp_path, SmallEmbedder)
    first, other = (
        libraries.open().add(draft_from_text(f"The ferry {key} leaves.", key=key, source=key, title=key)).article_id
        for key in ("a", "b")
    )
    libraries.close()
    db = sqlite3.connect(tmp_path / "libraries" / "shared" / "catalog.db")
    db.executescript(WITH_VECTORS_IN_PASSAGES)
    db.execute("DELETE FROM articles WHERE id = ?", (other,))
    db.execute("DELETE FROM meta WHERE key = 'generation'")
    db.execute("UPDATE meta SET value = '7' WHERE key = 'schema'")
    db.commit()
    db.close()

    library = libraries.open()
    assert library.catalog is not None
    assert [row.id for row in library.articles()] == [first]
    assert library.catalog.counts() == (1, 1)
    assert not library.catalog.recount()
    assert not [line for line in library.check() if "passage" in line]
    libraries.close()
