"""Promises of adding several articles together: the result is that of adding them one after another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.libraries import batch_ingestion
from index.libraries.registry import Libraries
from index.models import Draft, OperatorError, Receipt, Section, UserError
from tests.index.interruptions import between
from tests.small_embedder import SmallEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.libraries.batch_ingestion import Outcome
    from index.libraries.library import Library

TEXTS = (
    "The keeper of the lighthouse counts gulls. In winter nobody comes.",
    "The ferry leaves at seven. Dogs travel free of charge.",
    "The ferry leaves at eight. Dogs travel free of charge.",
    "Damaged \0 text.",
    " ".join(f"Room {number} of the house was painted in colour {number * 7}." for number in range(60)),
    " ".join(f"Room {number} of the house was painted in colour {number * 7}." for number in range(61)),
)


def draft(text: str, key: str = "a.txt", title: str = "Harbour") -> Draft:
    return Draft(key, f"shown {key}", title, text, None, (Section(0, len(text), ""),))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    libraries = Libraries(tmp_path, SmallEmbedder)
    yield libraries.open("test")
    libraries.close()


def one_by_one(library: Library, drafts: Sequence[Draft]) -> list[Outcome]:
    found: list[Outcome] = []
    for one in drafts:
        try:
            found.append(library.add(one, "Mira"))
        except UserError as error:
            found.append(error)
    return found


def state(library: Library) -> list[Any]:
    """Return everything that the library says of its articles, and the problems of its indexes."""
    catalog = library.catalog
    assert catalog is not None
    entries = [replace_time(entry) for entry in catalog.history.entries()]
    sources = [source._replace(looked=None) for source in catalog.sources.all()]
    tags, texts = catalog.tags.by_source(), [catalog.article(number) for number in catalog.article_ids()]
    spans = [row.passage for row in catalog.passages(catalog.passage_ids())]
    return [texts, sources, entries, tags, spans, catalog.size(), catalog.counts(), library.check()]


def replace_time(entry: Any) -> Any:
    return entry._replace(at="")


def said(outcomes: Sequence[Outcome]) -> list[object]:
    return [one if isinstance(one, Receipt) else str(one) for one in outcomes]


DRAFTS = st.builds(
    lambda text, key, title, tags, of_site: replace(
        draft(text, key, title), tags=tags, origin="https://example.org/" if of_site else None
    ),
    st.sampled_from(TEXTS),
    st.sampled_from(("a.txt", "b.txt", "c.txt", "d.txt")),
    st.sampled_from(("Harbour", "Ferries")),
    st.sampled_from(((), ("Sea",))),
    st.booleans(),
)


@given(st.lists(DRAFTS, max_size=4), st.lists(DRAFTS, min_size=1, max_size=7), st.booleans(), st.booleans())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_result_is_that_of_adding_one_after_another(
    tmp_path_factory: pytest.TempPathFactory, before: list[Draft], drafts: list[Draft], is_open: bool, renamed: bool
) -> None:
    """Receipts, errors, articles, ids, sources, collections, history and indexes are the same, whatever is repeated."""
    libraries = Libraries(tmp_path_factory.mktemp("libraries"), SmallEmbedder)
    first, second = libraries.open("first"), libraries.open("second")
    for library in (first, second):
        one_by_one(library, before)
        if renamed and (articles := library.articles()):
            for _ in library.rename_in_steps(articles[0].id, "By hand"):
                pass
        if is_open:
            library.indexes()
    expected = one_by_one(first, drafts)

    assert said(list(second.add_all(drafts, "Mira"))) == said(expected)
    assert state(second) == state(first)
    libraries.close()


def test_an_article_is_reported_once_it_is_durable(library: Library, tmp_path: Path) -> None:
    """Whoever reads of an article's receipt finds it in another process, too."""
    others = Libraries(tmp_path, SmallEmbedder)
    drafts = [draft(f"Ferry {number} is red.", f"{number}.txt") for number in range(5)]
    for outcome in library.add_all(drafts):
        assert isinstance(outcome, Receipt)
        assert others.open("test").article(outcome.article_id) is not None
    others.close()


def test_new_articles_are_one_change(library: Library) -> None:
    """Caches that follow the catalogue see one change, however many articles it has; open indexes follow it at once."""
    library.add(draft(TEXTS[0]))
    indexes, catalog = library.indexes(), library.catalog
    assert indexes is not None
    assert catalog is not None
    before = catalog.generation
    drafts = [draft(f"Ferry {number} is red.", f"{number}.txt") for number in range(5)]
    found = list(library.add_all(drafts))

    assert len(found) == 5
    assert catalog.generation == before + 1
    assert indexes.position == catalog.position()
    assert len(indexes.dense.ids()) == 6


def test_steps_are_bounded_and_can_end(library: Library) -> None:
    """No step embeds more than it may, and what is stored when the steps end is whole."""
    sizes = []

    class Embedder(SmallEmbedder):
        def passages(self, texts: Sequence[str]) -> np.ndarray:
            sizes.append(len(texts))
            return super().passages(texts)

    library._embedder = Embedder
    drafts = [draft(TEXTS[4].replace("Room", name), f"{name}.txt") for name in ("Hall", "Yard", "Quay")]
    for outcome in (steps := library.add_all_in_steps(drafts, batch_size=4)):
        if outcome is not None:
            break
    steps.close()

    assert max(sizes) <= 4
    assert library.check() == []


@pytest.mark.parametrize("seconds", [0.0, 9.0])
def test_transactions_end_in_time_where_others_wait(
    library: Library, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """In steps, a transaction takes no more articles once its time is over."""
    monkeypatch.setattr(batch_ingestion, "_TRANSACTION_SECONDS", seconds)
    drafts = [draft(f"Ferry {number} is red.", f"{number}.txt") for number in range(5)]
    found = [outcome for outcome in library.add_all_in_steps(drafts) if outcome is not None]

    assert len(found) == 5
    assert library.catalog is not None
    assert library.catalog.generation == (1 if seconds else 5)


def changes() -> dict[str, Callable[[Library], object]]:
    """Return what another process may do while articles are embedded."""
    return {
        "the same text is stored": lambda other: other.add(draft("Ferry 2 is red.", "other.txt")),
        "the same source is stored": lambda other: other.add(draft("Ferry two is red.", "2.txt")),
        "the article is removed": lambda other: other.remove(1),
        "the article is renamed": lambda other: list(other.rename_in_steps(1, "By hand")),
    }


@pytest.mark.parametrize("name", changes())
def test_what_others_change_meanwhile_counts(library: Library, tmp_path: Path, name: str) -> None:
    """The result is as if the other process had been first."""
    old, drafts = draft("Ferry 0 is red.", "0.txt"), [draft(f"Ferry {n} is red.", f"{n}.txt") for n in range(1, 4)]
    drafts[0] = draft("Ferry 0 is blue.", "0.txt")
    others = Libraries(tmp_path / "others", SmallEmbedder)
    expected = others.open("test")
    expected.add(old)
    changes()[name](expected)
    one_by_one(expected, drafts)
    library.add(old)
    elsewhere = Libraries(tmp_path, SmallEmbedder)
    between(library, lambda: changes()[name](elsewhere.open("test")))
    found = list(library.add_all(drafts, "Mira"))

    assert all(isinstance(outcome, Receipt) for outcome in found)
    assert sorted((row.title, row.source, row.passages) for row in library.articles()) == sorted(
        (row.title, row.source, row.passages) for row in expected.articles()
    )
    assert library.check() == []
    elsewhere.close()
    others.close()


def test_a_library_of_another_model_refuses_each_article(library: Library) -> None:
    """What needs no model is done nevertheless."""
    library.add(draft(TEXTS[0]))
    library._embedder = lambda: SmallEmbedder("other")
    drafts = [draft(TEXTS[1], "b.txt"), draft(TEXTS[0], "c.txt"), draft(TEXTS[2], "d.txt")]
    first, second, third = library.add_all(drafts)

    assert isinstance(first, OperatorError)
    assert isinstance(second, Receipt)
    assert second.status == "same_text"
    assert str(third) == str(first)
