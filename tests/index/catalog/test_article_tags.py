"""Promises of collections: which articles are in them, and that changes of sources leave them there."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.incremental import finish
from index.libraries.library import Library
from index.models import Draft, UserError
from index.sources.loader import draft_from_text
from index.text.tag_names import MAX_COLLECTIONS, MAX_TAGS, folded_tag, tag_name, tag_names
from storage.stores import Stores
from tests.small_embedder import SmallEmbedder
from tests.two_engines import everything

SITE = "https://guide.example/"


@pytest.fixture
def library(stores: Stores) -> Library:
    """Return an empty library with a small embedder."""
    return stores.libraries(SmallEmbedder).open("shared")


def draft(text: str, key: str = "/srv/a.txt", origin: str | None = None, tags: tuple[str, ...] = ()) -> Draft:
    """Return a draft of a text."""
    made = draft_from_text(text, key=key, source=Path(key).name or key, title="Ferry")
    return Draft(made.key, made.source, made.title, made.text, None, made.sections, origin=origin, tags=tags)


def tags(library: Library, article_id: int) -> tuple[str, ...]:
    """Return the names of an article's collections."""
    assert library.catalog is not None
    return library.catalog.tags.of_article(article_id)


def test_a_new_version_keeps_its_tags(library: Library) -> None:
    """A changed text, a new title and a restored version are in the collections of their source."""
    first = library.add(draft("It leaves at seven.")).article_id
    library.set_tags(first, ["Rules", "Ferry"])
    second = library.add(draft("It leaves at eight.")).article_id
    assert second != first
    assert tags(library, second) == ("Ferry", "Rules")
    finish(library.rename_in_steps(second, "The ferry"))
    assert tags(library, second) == ("Ferry", "Rules")
    restored = finish(library.restore_in_steps(library.history()[1].number)).article_id
    assert tags(library, restored) == ("Ferry", "Rules")


def test_a_removed_article_returns_to_its_collections(library: Library) -> None:
    """Restoring what was removed restores its tags; meanwhile the collection is gone, as it has no other article."""
    first = library.add(draft("It leaves at seven.", tags=("Rules",))).article_id
    library.remove(first)
    assert library.catalog is not None
    assert library.catalog.tags.collections() == []
    restored = finish(library.restore_in_steps(library.history()[0].number)).article_id
    assert tags(library, restored) == ("Rules",)
    assert library.catalog.tags.collections() == [("Rules", 1)]


def test_an_earlier_version_does_not_bring_back_its_tags(library: Library) -> None:
    """A source that is still there stays in the collections that it was put into last."""
    first = library.add(draft("It leaves at seven.", tags=("Rules",))).article_id
    second = library.add(draft("It leaves at eight.")).article_id
    library.set_tags(second, ["Ferry"])
    restored = finish(library.restore_in_steps(library.history()[0].number)).article_id
    assert restored not in {first, second}
    assert tags(library, restored) == ("Ferry",)


def test_two_sources_of_one_text_have_the_union(library: Library) -> None:
    """An article is in the collections of all its sources, and leaves those of one that goes."""
    article = library.add(draft("It leaves at seven.", tags=("Rules",))).article_id
    assert library.add(draft("It leaves at seven.", "/srv/b.txt", tags=("Ferry", "rules"))).status == "same_text"
    assert tags(library, article) == ("Ferry", "Rules")
    library.remove_source("/srv/b.txt")
    assert tags(library, article) == ("Rules",)


def test_pages_have_the_tags_of_their_site(library: Library) -> None:
    """Pages are in the collections of their site, those added later included; a forgotten site has none."""
    page = library.add(draft("It leaves at seven.", f"{SITE}a", SITE)).article_id
    library.remember_origin(SITE, 10)
    library.set_tags(page, ["Guide"], whole_origin=True)
    later = library.add(draft("Dogs travel free.", f"{SITE}b", SITE)).article_id
    other = library.add(draft("It leaves at noon.")).article_id
    assert (tags(library, page), tags(library, later), tags(library, other)) == (("Guide",), ("Guide",), ())
    library.tag_origin(SITE, ["Ferry"])
    assert tags(library, later) == ("Ferry", "Guide")
    library.set_tags(later, ["Dogs"])
    assert tags(library, later) == ("Dogs", "Ferry", "Guide")
    library.set_tags(later, [], whole_origin=True)
    assert (tags(library, page), tags(library, later)) == ((), ())
    library.set_tags(later, ["Guide"], whole_origin=True)
    assert library.catalog is not None
    library.catalog.sources.forget_origin(SITE)
    assert tags(library, later) == ()


def test_an_unchanged_source_can_be_tagged_again(library: Library) -> None:
    """Adding a source again with other collections puts it into these too, although its text is the same."""
    article = library.add(draft("It leaves at seven.", tags=("Rules",))).article_id
    assert library.add(draft("It leaves at seven.", tags=("Ferry",))).status == "unchanged"
    assert tags(library, article) == ("Ferry", "Rules")


def test_names_are_compared_without_case_and_space(library: Library) -> None:
    """The first spelling is displayed; others of the same name find it."""
    article = library.add(draft("It leaves at seven.", tags=("Ferry  Rules",))).article_id
    library.add(draft("Dogs travel free.", "/srv/b.txt", tags=("FERRY RULES",)))
    assert library.catalog is not None
    assert library.catalog.tags.collections() == [("Ferry Rules", 2)]
    assert library.catalog.tags.articles_in(["  ferry\u00a0rules "]) >= {article}
    assert library.catalog.tags.articles_in([]) == frozenset()
    assert library.catalog.tags.by_article()[article] == ("Ferry Rules",)


def test_a_change_of_tags_is_a_change_of_the_library(library: Library) -> None:
    """What is kept in memory of a library is read again after a change of tags, and the library stays sound."""
    article = library.add(draft("It leaves at seven.")).article_id
    assert library.catalog is not None
    before = library.catalog.generation
    assert library.set_tags(article, ["Rules"])
    assert library.catalog.generation == before + 1
    assert not library.set_tags(99, ["Rules"])
    assert library.check() == []


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "a" * 41, "one,two", "All", "\x00\n"])
def test_a_name_that_cannot_be(library: Library, name: str) -> None:
    """Empty, invisible, long and reserved names are refused in one sentence, and nothing is changed."""
    article = library.add(draft("It leaves at seven.", tags=("Rules",))).article_id
    with pytest.raises(UserError):
        library.set_tags(article, ["Ferry", name])
    assert tags(library, article) == ("Rules",)


def test_limits(library: Library) -> None:
    """An article can be in ten collections, and a library can have fifty."""
    found = [library.add(draft(f"Trip {n}.", f"/srv/{n}.txt")).article_id for n in range(6)]
    for at in range(MAX_COLLECTIONS // MAX_TAGS):
        library.set_tags(found[at], [f"Collection {at} {n}" for n in range(MAX_TAGS)])
    with pytest.raises(UserError, match="at most 50 collections"):
        library.set_tags(found[5], ["One more"])
    with pytest.raises(UserError, match="at most 10 collections"):
        library.set_tags(found[0], [f"Collection 0 {n}" for n in range(MAX_TAGS)] + ["Collection 1 1"])
    library.set_tags(found[4], [])
    assert library.set_tags(found[5], ["One more"])
    assert tags(library, found[5]) == ("One more",)


def test_purging_deletes_the_name(library: Library, stores: Stores) -> None:
    """Nothing of a purged article remains in the file, nor the name of a collection that only it was in."""
    article = library.add(draft("It leaves at seven.", tags=("Pomegranate",))).article_id
    library.remove(article, purge=True)
    library.close()
    assert b"omegranate" not in everything(stores)


def test_names_in_a_list() -> None:
    """Names are separated by commas and kept as typed; what cannot be seen is removed."""
    assert tag_names(" Rules , Ferry rules,,rules") == ("Rules", "Ferry rules")
    assert tag_name("\u202eRu\u200bles\n2") == "Rules 2"
    assert folded_tag("ＦＥＲＲＹ  rules") == folded_tag("ferry Rules")
    assert tag_names("") == ()


def test_readers_follow_a_change(library: Library, stores: Stores) -> None:
    """Who only reads a library has its collections as they are after the last change."""
    article = library.add(draft("It leaves at seven.", tags=("Rules",))).article_id
    catalogues = stores.read_only_libraries()
    assert catalogues.collections("shared") == {"rules": ("Rules", {article})}
    assert catalogues.collections("shared") is catalogues.collections("shared")
    library.set_tags(article, ["Ferry"])
    assert catalogues.collections("shared") == {"ferry": ("Ferry", {article})}
    assert catalogues.tags_of("shared", article) == ("Ferry",)
    assert (catalogues.collections("other"), catalogues.tags_of("other", 1)) == ({}, ())
    catalogues.close()
