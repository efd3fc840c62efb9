"""Promises of a library: what is added is found, what is removed is gone, and the catalogue is the source of truth."""

from __future__ import annotations

import dataclasses
import sqlite3
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.libraries.registry import Libraries
from index.models import UserError
from index.sources.loader import draft_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from index.libraries.library import Library
    from index.models import Draft
    from index.passages.embedder import Embedder

LIGHTHOUSE = "The keeper of the lighthouse is Mira Holt. She counts the gulls every morning.\n\nIn winter nobody comes."
FERRY = "The ferry leaves at seven. Dogs travel free of charge."


def draft(text: str, key: str = "a.txt", title: str = "Harbour news") -> Draft:
    return draft_from_text(text, key=key, source=key, markdown=False, title=title)


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    libraries = Libraries(tmp_path, lambda: embedder)
    yield libraries.open("test")
    libraries.close()


def nearest(library: Library, embedder: Embedder, question: str) -> list[str]:
    indexes = library.indexes()
    assert indexes is not None
    ids, _ = indexes.dense.search(embedder.query(question), 3)
    return [row.text for row in library.passages(ids)]


def test_an_added_article_is_stored_letter_for_letter_and_found(library: Library, embedder: Embedder) -> None:
    """The stored text is the text that was added, and its passages are found by meaning."""
    receipt = library.add(draft(LIGHTHOUSE))
    article = library.article(receipt.article_id)

    assert receipt.status == "added"
    assert article is not None
    assert article.text == LIGHTHOUSE
    assert "Mira Holt" in nearest(library, embedder, "Who looks after the beacon?")[0]
    assert library.check() == []


def test_adding_in_pieces(library: Library, embedder: Embedder) -> None:
    """Adding in steps stores nothing before the last one, and then the same as adding at once."""
    text = " ".join(f"Room {number} of the house was painted in colour {number * 7}." for number in range(200))
    adding = library.add_in_steps(draft(text), batch_size=3)
    pieces, held = 0, []
    while True:
        try:
            next(adding)
            pieces, held = pieces + 1, library.articles()
        except StopIteration as end:
            receipt = end.value
            break
    passages = list(library.passages(library.passage_ids(receipt.article_id)))
    vectors = embedder.passages([f"Harbour news\n{row.text}" for row in passages])

    assert held == []
    assert pieces >= -(-receipt.passages // 3) > 1
    assert library.check() == []
    stored = library.vectors(row.passage.id for row in passages)
    np.testing.assert_allclose([stored[row.passage.id] for row in passages], vectors, atol=0.02)


def test_the_same_source_again_changes_nothing(library: Library) -> None:
    """Adding an unchanged source again has the status `unchanged`."""
    first = library.add(draft(LIGHTHOUSE))
    again = library.add(draft(LIGHTHOUSE))

    assert (again.status, again.article_id) == ("unchanged", first.article_id)
    assert len(library.articles()) == 1


def test_a_changed_source_replaces_what_it_held(library: Library, embedder: Embedder) -> None:
    """The old text is deleted; the new one has an id that was never used before."""
    first = library.add(draft(LIGHTHOUSE))
    nearest(library, embedder, "warm the indexes, so that they must follow")
    second = library.add(draft(FERRY))

    assert second.status == "replaced"
    assert second.article_id > first.article_id
    assert library.article(first.article_id) is None
    assert all("lighthouse" not in text for text in nearest(library, embedder, "Who keeps the lighthouse?"))
    assert library.check() == []


def test_the_same_text_under_another_name_is_stored_once(library: Library) -> None:
    """One article has both sources, and remains when the first of them is replaced."""
    first = library.add(draft(LIGHTHOUSE, "a.txt"))
    second = library.add(draft(LIGHTHOUSE, "b.txt", title="Copied"))

    assert (second.status, second.article_id) == ("same_text", first.article_id)
    assert [row.source for row in library.articles()] == ["a.txt, b.txt"]

    library.add(draft(FERRY, "a.txt"))

    assert [row.source for row in library.articles()] == ["b.txt", "a.txt"]
    assert library.check() == []


def test_the_first_source_of_a_text_gives_its_title_and_date(library: Library) -> None:
    """What is announced is what is stored, also when the title or the date of one of two sources changes."""
    first = library.add(draft(LIGHTHOUSE, "a.txt", title="The lighthouse"))
    second = library.add(draft(LIGHTHOUSE, "b.txt", title="Copied"))

    def stored() -> list[tuple[int, str, str, str | None]]:
        return [(row.id, row.title, row.source, row.published) for row in library.articles()]

    assert second.title == "The lighthouse"
    assert stored() == [(first.article_id, "The lighthouse", "a.txt, b.txt", None)]
    assert [entry.title for entry in library.history()] == ["The lighthouse", "The lighthouse"]

    copied = library.add(dataclasses.replace(draft(LIGHTHOUSE, "b.txt", title="Copied twice"), published="2026-01-01"))

    assert (copied.status, copied.title) == ("unchanged", "The lighthouse")
    assert stored() == [(first.article_id, "The lighthouse", "a.txt, b.txt", None)]

    renamed = library.add(dataclasses.replace(draft(LIGHTHOUSE, "a.txt", title="The light"), published="2026-02-02"))

    assert (renamed.status, renamed.title) == ("replaced", "The light")
    assert stored() == [(renamed.article_id, "The light", "a.txt, b.txt", "2026-02-02")]
    assert library.check() == []


def test_a_removed_article_is_gone_everywhere_and_its_id_stays_unused(library: Library, embedder: Embedder) -> None:
    """It is not found, removing it again returns False, and the next article has another id."""
    first = library.add(draft(LIGHTHOUSE))
    nearest(library, embedder, "warm")

    assert library.remove(first.article_id)
    assert not library.remove(first.article_id)
    assert nearest(library, embedder, "Who keeps the lighthouse?") == []
    assert library.add(draft(LIGHTHOUSE)).article_id > first.article_id
    assert library.was_ever_used()


def test_what_another_process_changes_is_seen_at_once(library: Library, embedder: Embedder, tmp_path: Path) -> None:
    """Two open libraries on one folder agree after each change by either."""
    library.add(draft(LIGHTHOUSE))
    other = Libraries(tmp_path, lambda: embedder)
    receipt = other.open("test").add(draft(FERRY, "ferry.txt"))
    assert "ferry" in nearest(library, embedder, "When does the ferry leave?")[0]
    other.open("test").remove(receipt.article_id)
    other.close()

    assert all("ferry" not in text for text in nearest(library, embedder, "When does the ferry leave?"))


@pytest.mark.parametrize("lost", ["lexical.db", "vectors-*.faiss"])
def test_a_lost_index_heals_from_the_catalogue(tmp_path: Path, embedder: Embedder, lost: str) -> None:
    """Deleted index files are rebuilt without loss."""
    libraries = Libraries(tmp_path, lambda: embedder)
    libraries.open("test").add(draft(LIGHTHOUSE))
    libraries.close()
    files = list((tmp_path / "libraries" / "test").glob(lost))
    assert files
    for file in files:
        file.unlink()

    again = Libraries(tmp_path, lambda: embedder).open("test")
    assert again.check() == []
    assert "Mira Holt" in nearest(again, embedder, "Who looks after the beacon?")[0]
    again.close()


HOURS = "# Hours\n\nThese are the opening times.\n\n| Weekday | Counter |\n|---|---|\n" + "".join(
    f"| Day {number} | open from {number} until {number + 8} for everybody who has a card |\n" for number in range(30)
)


def test_what_introduces_a_passage_is_kept_with_it(library: Library) -> None:
    """A passage that begins inside a table has the table's head and the sentence above, in both indexes, too."""
    library.add(draft_from_text(HOURS, key="a.md", source="a.md", markdown=True))
    (article,) = library.articles()
    stored = list(library.passages(library.passage_ids(article.id)))
    indexes = library.indexes()

    assert indexes
    assert len(stored) > 2
    assert stored[0].introduction == ""
    for row in stored[1:]:
        assert row.introduction == "These are the opening times.\n| Weekday | Counter |"
        assert row.text.startswith("| Day ")
        assert row.text.endswith(" |")
    assert len(indexes.lexical.search(["weekday"], 100)[0]) == len(stored)
    assert library.check() == []


def test_only_changed_passages_are_embedded(library: Library, embedder: Embedder) -> None:
    """A new version of a source keeps the vectors of the passages that it shares with the old one."""
    embedded: list[str] = []

    class Counting:
        name, revision = embedder.name, embedder.revision
        dimension, max_tokens = embedder.dimension, embedder.max_tokens
        count_tokens, query = embedder.count_tokens, embedder.query

        def passages(self, texts: Sequence[str]) -> np.ndarray:
            embedded.extend(texts)
            return embedder.passages(texts)

    library._embedder = Counting
    parts = [f"## Part {n}\n\n{sentence}" for n, sentence in enumerate(LIGHTHOUSE.split("\n\n") * 2)]

    def version(last: str) -> Draft:
        return draft_from_text("\n\n".join([*parts, last]), key="a.md", source="a.md", markdown=True, title="T")

    library.add(version("## End\n\nThe end."))
    assert len(embedded) == 5
    embedded.clear()
    library.add(version("## End\n\nAnother end."))

    assert [text.splitlines()[-1] for text in embedded] == ["Another end."]
    assert library.check() == []


def test_what_a_source_tells_of_itself_is_kept(library: Library) -> None:
    """Author, date, language and pages are stored and listed."""
    told = {"author": "Jon Vik", "published": "2024-05-06", "language": "nb", "pages": (0, 45)}
    receipt = library.add(dataclasses.replace(draft(LIGHTHOUSE), **told))
    (row,) = library.articles()
    article = library.article(receipt.article_id)

    assert (row.author, row.published, row.language) == ("Jon Vik", "2024-05-06", "nb")
    assert article is not None
    assert [article.page(at) for at in (0, 44, 45, 60)] == [1, 1, 2, 2]
    assert article.time(44) is None


def test_the_language_of_an_article_is_recognised_and_stored(library: Library) -> None:
    """Its sentences are split by its rules; articles of an earlier version get their language when they are updated."""
    german = "Die Brücke wurde am 3. Oktober 1962 eröffnet. Sie führt über den Fluss und gehört der Stadt. " * 4
    receipt = library.add(draft(german))
    article = library.article(receipt.article_id)
    assert article is not None
    assert article.language == "de"
    indexes = library.indexes()
    assert indexes is not None

    catalog = library._open_if_present()
    assert catalog is not None
    catalog.set_language(receipt.article_id, None)
    assert library.add(draft(german)).status == "unchanged"
    library.reindex(lambda *_: None)
    updated = library.article(receipt.article_id)
    assert updated is not None
    assert updated.language == "de"


def test_questions_go_between_the_pieces(library: Library, embedder: Embedder) -> None:
    """Between the steps of adding a long article a search finds what was indexed so far, afterwards all of it."""
    library.add(draft(LIGHTHOUSE))
    assert library.indexes()
    text = " ".join(f"Room {number} of the house was painted in colour {number * 7}." for number in range(600))
    adding = library.add_in_steps(draft(text, "b.txt"), batch_size=1000)
    seen = []
    for _ in adding:
        indexes = library.indexes()
        assert indexes
        seen.append(len(indexes.dense.ids()))
        assert "Mira Holt" in nearest(library, embedder, "Who looks after the beacon?")[0]
    total = sum(row.passages for row in library.articles())

    assert min(seen) == 1 < max(seen) < total
    found = library.indexes()
    assert found
    assert (found.passages, len(found.lexical.ids())) == (total, total)
    assert library.check() == []


def test_a_long_article_that_is_broken_off_heals(library: Library) -> None:
    """What was not indexed before an interruption is indexed for the next question."""
    library.add(draft(LIGHTHOUSE))
    assert library.indexes()
    text = " ".join(f"Room {number} of the house was painted in colour {number * 7}." for number in range(600))
    adding = library.add_in_steps(draft(text, "b.txt"), batch_size=1000)
    while len(library.articles()) < 2:
        next(adding)
    adding.close()
    total = sum(row.passages for row in library.articles())
    found = library.indexes()

    assert found
    assert found.passages == len(found.lexical.ids()) == total
    assert library.check() == []


def test_the_times_of_a_recording_are_kept(library: Library) -> None:
    """Each offset of a recording has its second and no page, and the same recording is recognised."""
    told = dataclasses.replace(draft(LIGHTHOUSE), pages=(0, 45), times=(3, 754))
    article = library.article(library.add(told).article_id)

    assert article is not None
    assert [(article.time(at), article.page(at)) for at in (0, 44, 45)] == [(3, None), (3, None), (754, None)]
    assert library.add(told).status == "unchanged"


DAMAGE = {
    "text": "UPDATE articles SET text = replace(text, 'gulls', 'seals')",
    "place": "UPDATE passages SET start = start + 1",
    "vector": "UPDATE vectors SET vector = zeroblob(1536)",
    "missing passage": "DELETE FROM passages WHERE id = (SELECT max(id) FROM passages)",
    "source": "DELETE FROM sources",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE.keys())
def test_check_finds_damage(tmp_path: Path, embedder: Embedder, statement: str) -> None:
    """Every inconsistency is reported."""
    libraries = Libraries(tmp_path, lambda: embedder)
    libraries.open("test").add(draft(LIGHTHOUSE))
    libraries.close()
    with sqlite3.connect(tmp_path / "libraries" / "test" / "catalog.db") as db:
        db.execute(statement)
    db.close()

    assert Libraries(tmp_path, lambda: embedder).open("test").check() != []


def test_a_catalogue_that_is_no_database_is_refused_in_one_sentence(tmp_path: Path, embedder: Embedder) -> None:
    """A damaged catalogue is never replaced by an empty one."""
    folder = tmp_path / "libraries" / "test"
    folder.mkdir(parents=True)
    (folder / "catalog.db").write_bytes(b"no database" * 1000)

    with pytest.raises(UserError, match=r"catalog\.db cannot be read"):
        Libraries(tmp_path, lambda: embedder).open("test").articles()
    assert (folder / "catalog.db").read_bytes().startswith(b"no database")


@pytest.mark.parametrize("name", ["", "..", "a/b", "Großer", "x" * 65, "-a"])
def test_a_library_name_never_becomes_a_path(tmp_path: Path, embedder: Embedder, name: str) -> None:
    """Names that could lead out of the data folder are refused."""
    with pytest.raises(UserError, match="cannot name a library"):
        Libraries(tmp_path, lambda: embedder).open(name)


def test_reading_an_absent_library_makes_nothing(tmp_path: Path, embedder: Embedder) -> None:
    """Reading a missing library creates no files."""
    libraries = Libraries(tmp_path, lambda: embedder)
    library = libraries.open("test")

    assert (library.articles(), library.article(1), library.check(), library.indexes()) == ([], None, [], None)
    assert not library.remove(1)
    assert not libraries.exists("test")
    libraries.close()
    assert list(tmp_path.iterdir()) == []


HOSTILE = st.text(
    st.one_of(
        st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"),
        st.sampled_from("😀👩‍👩‍👧é\u0301ع ש\u202e\r\n.!? \t"),
    ),
    min_size=1,
    max_size=400,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HOSTILE)
def test_every_passage_is_a_slice_of_its_article(library: Library, text: str) -> None:
    """For any text, each stored passage is exactly the slice it names, and the library is consistent."""
    try:
        receipt = library.add(draft(text))
    except UserError:
        return  # a text with nothing to quote is refused
    article = library.article(receipt.article_id)
    indexes = library.indexes()
    assert article is not None
    assert indexes is not None
    stored = list(library.passages(indexes.dense.ids().tolist()))

    assert all(row.text == article.text[row.passage.start : row.passage.end] for row in stored)
    assert library.check() == []
    vectors = library.vectors(indexes.dense.ids().tolist())
    assert len(vectors) == len(stored)
    np.testing.assert_allclose([np.linalg.norm(vector) for vector in vectors.values()], 1, atol=1e-3)
