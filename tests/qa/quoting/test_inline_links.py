"""Promises of finding the links in a quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Span
from qa.quoting.inline_links import links_in


def found(text: str, start: int = 0, end: int | None = None) -> list[tuple[str, str]]:
    """Return the words and the address of each link."""
    return [(text[a:b], address) for a, b, address in links_in(text, Span(start, len(text) if end is None else end))]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Use the [form](https://a.example/f).", [("form", "https://a.example/f")]),
        ('Use [the *form*](<https://a.example/f> "Title").', [("the *form*", "https://a.example/f")]),
        ("See [X (band)](https://a.example/X_(band)) too.", [("X (band)", "https://a.example/X_(band)")]),
        ("Write to [us](mailto:a@b.example)!", [("us", "mailto:a@b.example")]),
        ("Go to https://a.example/x?y=1. Then wait.", [("https://a.example/x?y=1", "https://a.example/x?y=1")]),
        ("(see https://a.example/X_(band))", [("https://a.example/X_(band)", "https://a.example/X_(band)")]),
        ("<https://a.example/>", [("https://a.example/", "https://a.example/")]),
        ("A <a class='b' href='https://a.example/f'>form</a>.", [("form", "https://a.example/f")]),
        ("[https://a.example](https://b.example)", [("https://a.example", "https://b.example")]),
        ("![a picture](https://a.example/p.png)", []),
        ("Type `curl https://a.example` now.", []),
        ("A [note] and [a page](guide.md).", []),
        ("[b](https://b.example) [a](https://a.example)", [("b", "https://b.example"), ("a", "https://a.example")]),
    ],
)
def test_links_are_found_with_their_words(text: str, links: list[tuple[str, str]]) -> None:
    """Markdown links, HTML links and bare addresses are found; images, code and relative addresses are not."""
    assert found(text) == links


def test_a_reference_is_looked_up_in_the_article() -> None:
    """The address of `[words][label]` may be defined anywhere in the article, outside of the quote."""
    text = "Read [the rules][Rules] or [rules].\n\n[rules]: https://a.example/rules\n"

    assert found(text, 0, text.index("\n")) == [
        ("the rules", "https://a.example/rules"),
        ("rules", "https://a.example/rules"),
    ]


def test_a_link_that_the_quote_cuts_is_left_out() -> None:
    """Only links that are inside the quote as a whole count."""
    text = "Use the [form](https://a.example/f)."

    assert found(text, 0, text.index("](")) == []


@given(st.text(alphabet='[]()<>!`"a \nhttps://x.y', max_size=80))
def test_offsets_are_inside_the_quote(text: str) -> None:
    """For any text, links lie inside the span, in order and without overlaps."""
    links = links_in(text, Span(1, max(1, len(text) - 1)))

    ends = [1, *(end for _, end, _ in links)]
    assert all(before <= start < end < len(text) for before, (start, end, _) in zip(ends, links, strict=False))
