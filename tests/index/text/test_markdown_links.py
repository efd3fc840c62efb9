"""Promises of finding the links of a Markdown text: what CommonMark calls a link is one, and nothing else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from index.text.link_addresses import link_address
from index.text.markdown_links import markdown_links
from tests.hostile_lines import general_lines, written

ALPHABET = st.lists(
    st.sampled_from([*"[]()!<>`\\\"' \n", "a", "b", "](", "https://a.b/c", "[a](https://x.y)", "a@b.c"])
)


def found(text: str, base: str = "") -> list[tuple[str, str]]:
    """Return the words and the address of each link."""
    return [(text[link.start : link.end], link.address) for link in markdown_links(text, base)]


A, B = "https://a.example", "https://b.example"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (f"Use the [form]({A}/f).", [("form", f"{A}/f")]),
        (f'Use [the *form*](<{A}/f g> "Title").', [("the *form*", f"{A}/f%20g")]),
        (f"See [X (band)]({A}/X_(band)) too.", [("X (band)", f"{A}/X_(band)")]),
        ("Write to [us](mailto:a@b.example)!", [("us", "mailto:a@b.example")]),
        (f"<{A}/> or <a@b.example>", [(f"{A}/", f"{A}/"), ("a@b.example", "mailto:a@b.example")]),
        (f"A <a class='b' href='{A}/?b=1&amp;c'>form</a>.", [("form", f"{A}/?b=1&c")]),
        (f"# A [heading]({A})\n\n> - a [quotation]({B})", [("heading", A), ("quotation", B)]),
        (f"| [a]({A}) | b |\n|---|---|\n| c | [d]({B}) |", [("a", A), ("d", B)]),
        (f"[two\nlines]({A})", [("two\nlines", A)]),
        (f"[a] [A][] [words][ a ]\n\n[a]: {A} 'Title'", [("a", A), ("A", A), ("words", A)]),
        (f"[with ![p](p.png) in it]({A})", [("with ![p](p.png) in it", A)]),
        (f"[outer [inner]({A})]({B})", [("inner", A)]),
        (rf"\![a]({A})", [("a", A)]),
        (rf"[a\]b]({A}/\(c\))", [(r"a\]b", f"{A}/(c)")]),
        (f"![a picture]({A}/p.png) [![badge](b.svg)]({A})", []),
        (f"`[code]({A})` ``[a`]({A})``", []),
        (f"```\n[code]({A})\n```\n\n    [code]({A})", []),
        (rf"\[no]({A}) [a] ({A}) [b][c]", []),
        ("[anchor](#here) [script](javascript:alert(1)) [page](guide.md)", []),
    ],
)
def test_links_are_found_with_their_words(text: str, links: list[tuple[str, str]]) -> None:
    """Links with their words; no pictures, code, escaped brackets, and addresses of other kinds."""
    assert found(text) == links


def test_relative_addresses_need_a_base() -> None:
    """Addresses are resolved against that of the file."""
    assert found("[a](../b.md)", "https://a.example/x/y.md") == [("a", "https://a.example/b.md")]


@given(ALPHABET.map("".join))
def test_links_are_those_of_a_renderer(text: str) -> None:
    """For any text, the addresses are those to which a renderer of CommonMark links, in order."""
    tokens = MarkdownIt("commonmark").parse(text)
    inline = [child for token in tokens if token.type == "inline" for child in token.children or ()]
    drawn = [i for i, each in enumerate(inline) if each.type == "link_open"]
    shows_words = [i for i in drawn if any(c.type != "image" for c in inline[i + 1 : _end(inline, i)])]
    expected = [address for i in shows_words if (address := link_address(str(inline[i].attrs["href"])))]
    links = markdown_links(text)
    assert [link.address for link in links] == expected
    assert all(text[link.start : link.end].strip() for link in links)


def _end(tokens: list, start: int) -> int:
    return next(i for i in range(start, len(tokens)) if tokens[i].type == "link_close")


def test_no_text_takes_long() -> None:
    """Lines of brackets, quotes, backticks and tags are read in a time that grows with their length."""
    for line in [
        *general_lines(),
        ("", "[a](b ", "](x)"),
        ("", '[a](b "', ")"),
        ("", "[a][", "]"),
        ("", "<a href=x>", ""),
    ]:
        started = time.process_time()
        markdown_links(f"{written(line, 20_000)} [a](https://a.example)")
        assert time.process_time() - started < 5, line
