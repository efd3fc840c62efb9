"""Reads of the catalogue that must not grow with the length of an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from index.libraries.registry import Libraries
from index.sources.loader import draft_from_text

if TYPE_CHECKING:
    from pathlib import Path

    from index.passages.embedder import Embedder

LIST = "The ferry stops at these quays:\n\n" + "\n".join(f"- Quay number {n}, where a warden waits." for n in range(90))


def test_the_text_of_an_article_is_read_once(tmp_path: Path, embedder: Embedder) -> None:
    """All passages of an article, with what introduces them, are cut from one reading of its text."""
    libraries = Libraries(tmp_path, lambda: embedder)
    library = libraries.open("test")
    receipt = library.add(draft_from_text(LIST, key="a.md", source="a.md", markdown=True, title="Quays"))
    other = library.add(draft_from_text("Dogs travel free of charge.", key="b.md", source="b.md", title="Dogs"))
    article, catalog = library.article(receipt.article_id), library.catalog
    assert article is not None
    assert catalog is not None
    statements: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(catalog._engine, "before_cursor_execute", note)
    wanted = [*library.passage_ids(other.article_id), *reversed(library.passage_ids(article.id))]
    statements.clear()
    found = list(catalog.passages(wanted))
    reads = [statement for statement in statements if "articles.text " in statement]
    libraries.close()

    assert [one.passage.id for one in found] == wanted
    assert all(one.text == article.text[one.passage.start : one.passage.end] for one in found[1:])
    assert any(one.introduction == "The ferry stops at these quays:" for one in found[1:])
    assert len(reads) == 1, reads
    assert not any("substr" in statement for statement in statements)
