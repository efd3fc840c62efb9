"""Promises of the bounds in bytes."""

from __future__ import annotations

from dataclasses import dataclass

from index.memory import SizedCache, size_of, sized_cache


@dataclass(frozen=True, slots=True)
class Page:
    """A value with a text."""

    text: str


def test_everything_in_a_value_counts_once() -> None:
    """The text of a dataclass in a list counts, however often it occurs."""
    page = Page("x" * 10_000)

    assert 10_000 < size_of([page]) < 11_000
    assert size_of([page, page, {"again": (page,)}]) < 11_000


def test_a_cache_keeps_within_its_bytes_what_was_used_last() -> None:
    """The value used longest ago is dropped first; one that is too large is never kept."""
    cache = SizedCache[int, str](25_000)
    cache.put(1, "a" * 10_000)
    cache.put(2, "b" * 10_000)
    assert cache.get(1)

    cache.put(3, "c" * 10_000)
    cache.put(4, "d" * 30_000)

    assert [cache.get(key) is not None for key in (1, 2, 3, 4)] == [True, False, True, False]
    assert cache.bytes <= 25_000


def test_a_replaced_or_dropped_value_no_longer_counts() -> None:
    """The size is that of what is kept now."""
    cache = SizedCache[int, str](100_000)
    for _ in range(50):
        cache.put(1, "a" * 10_000)
    assert cache.bytes < 11_000

    cache.pop(1)
    cache.pop(1)

    assert (cache.bytes, len(cache)) == (0, 0)


def test_a_function_is_called_once_while_its_result_is_kept() -> None:
    """Results are kept with their arguments, whose size counts, too."""
    calls: list[str] = []

    @sized_cache(20_000, 2)
    def length(text: str) -> int:
        calls.append(text[0])
        return len(text)

    assert [length("a" * 9000), length("a" * 9000), length("b" * 9000)] == [9000] * 3
    assert calls == ["a", "b"]

    length("c" * 9000)
    length("a" * 9000)
    assert calls == ["a", "b", "c", "a"]


def test_a_cache_keeps_no_more_values_than_it_may() -> None:
    """Small values fill no more places than large ones."""
    cache = SizedCache[int, str](100_000, 3)
    for key in range(5):
        cache.put(key, "a")

    assert [cache.get(key) is not None for key in range(5)] == [False, False, True, True, True]
