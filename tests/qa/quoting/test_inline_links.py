"""Promises of finding the links in a quote."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Article, Link, Span
from qa.quoting.inline_links import addresses_to_show, links_in, links_of
from tests.cogs.fakes import quote_of


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


def linked(text: str, links: tuple[Link, ...] | None, start: int = 0, end: int | None = None) -> list[tuple[str, str]]:
    """Return the words and the address of each link of a span of an article."""
    article = Article(1, "s", "t", text, None, (), links=links)
    span = Span(start, len(text) if end is None else end)
    return [(text[a:b], address) for a, b, address in links_of(article, span)]


def test_stored_links_that_overlap_the_quote() -> None:
    """The links of the article that reach into the quote, with their whole words, and no others."""
    text = "One two three four five."
    stored = tuple(
        Link(text.index(word), text.index(word) + len(word), f"https://{word}.example") for word in text[:-1].split()
    )

    assert linked(text, stored, 5, 12) == [("two", "https://two.example"), ("three", "https://three.example")]
    assert linked(text, stored, 7, 8) == []
    assert linked(text, (), 5, 12) == []


def test_bare_addresses_are_links_too() -> None:
    """An address in the text is a link unless the source links its words to another one, or has it as a target."""
    text = "See https://a.example/x and https://b.example now: `rules <https://c.example>`_."
    at = text.index("https://b.example")
    stored = (
        Link(at, at + 17, "https://other.example/"),
        Link(text.index("rules"), text.index("rules") + 5, "https://c.example"),
    )

    assert linked(text, stored) == [
        ("https://a.example/x", "https://a.example/x"),
        ("https://b.example", "https://other.example/"),
        ("rules", "https://c.example"),
    ]


def test_markup_in_other_formats_is_no_link() -> None:
    """What looks like Markdown counts only in an article whose links are unknown, from before they were stored."""
    text = "Write [words](https://a.example)."

    assert linked(text, None) == [("words", "https://a.example")]
    assert linked(text, ()) == []
    assert linked("Go to [x](https://good.example@evil.example/).", None) == []


def test_addresses_to_show() -> None:
    """Each address is shown once, unless the quote shows it as the words of its link."""
    text = "See https://a.example or form, and write to a@b.example. Form!"
    links = (
        (4, 21, "https://a.example"),
        (25, 29, "https://f.example"),
        (44, 55, "mailto:a@b.example"),
        (57, 61, "https://f.example"),
    )
    quote = replace(quote_of(text), links=links)

    assert addresses_to_show(quote) == ["https://f.example"]
    lying = replace(quote, links=((4, 21, "https://evil.example"),))
    assert addresses_to_show(lying) == ["https://evil.example"]
