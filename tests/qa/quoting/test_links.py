"""Promises of links: they lead to the quoted words, as precisely as the source allows, and never to others."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.models import Article
from index.text.sentences import sentence_spans
from qa.quoting.links import address_in, link_to

PAGE = "https://example.org/rules"
BEFORE = ":~:text="


def article(text: str, source: str = PAGE, pages: tuple[int, ...] = (), times: tuple[int, ...] = ()) -> Article:
    """Return an article with this source."""
    return Article(1, source, "Rules", text, None, (), pages, times)


def linked(text: str, quoted: str, source: str = PAGE) -> str:
    """Return the link to the last place of some words."""
    start = text.rindex(quoted)
    return link_to(article(text, source), start, start + len(quoted))


def found(page: str, directive: str) -> int:
    """Return where a browser finds a text directive on a page: the offset of the words, or -1.

    After https://wicg.github.io/scroll-to-text-fragment/: parts are divided by commas, the prefix ends in a hyphen and
    white space may stand behind it, case does not count, and the first place that fits is taken.
    """
    parts = directive.split(",")
    prefix = unquote(parts.pop(0)[:-1]) if parts[0].endswith("-") else ""
    sought = [unquote(part) for part in parts]
    words = [r"\s+".join(map(re.escape, part.split())) for part in filter(None, [prefix])]
    pattern = "".join(f"{part}\\s*" for part in words)
    pattern += "(" + ".*?".join(r"\s+".join(map(re.escape, part.split())) for part in sought) + ")"
    match = re.search(pattern, page, re.IGNORECASE | re.DOTALL)
    return match.start(1) if match else -1


@pytest.mark.parametrize(
    ("text", "quoted", "directive"),
    [
        ("One rule. Another rule.", "Another rule.", "Another%20rule."),
        ("Well-read, said R&D.", "Well-read, said R&D.", "Well%2Dread%2C%20said%20R%26D."),
        ("It is open. Bring oil. It is open.", "It is open.", "open.%20Bring%20oil.-,It%20is%20open."),
        ("Rules:\n- be kind\n- be here", "- be here", "be%20here"),
        ("Do **not** feed the gulls at all.", "Do **not** feed the gulls at all.", "feed%20the%20gulls%20at%20all."),
        ("First:\n- lamp\n- oil\n- wick", "- lamp\n- oil\n- wick", "lamp,wick"),
        ("Öl für 5 €.", "Öl für 5 €.", "%C3%96l%20f%C3%BCr%205%20%E2%82%AC."),
    ],
)
def test_web_pages(text: str, quoted: str, directive: str) -> None:
    """A link to a web page has an encoded text fragment without list markers or markup, with context if needed."""
    assert linked(text, quoted) == f"{PAGE}#{BEFORE}{directive}"


def test_a_long_quotation_is_named_by_its_ends() -> None:
    """A long quote is found by its first and last words."""
    text = " ".join(f"word{number}" for number in range(60)) + "."
    first, last = linked(text, text).partition(BEFORE)[2].split(",")

    assert unquote(first) == "word0 word1 word2 word3 word4 word5"
    assert unquote(last) == "word54 word55 word56 word57 word58 word59."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://example.org/rules#top", f"https://example.org/rules#top{BEFORE}Kind%20words."),
        ("https://example.org/a.docx", "https://example.org/a.docx"),
        ("https://discord.com/channels/1/2/3", "https://discord.com/channels/1/2/3"),
        ("rules.txt, https://example.org/r, https://example.org/s", f"https://example.org/r#{BEFORE}Kind%20words."),
        ("rules.txt", ""),
        ("pasted text", ""),
    ],
)
def test_sources(source: str, expected: str) -> None:
    """Files that browsers do not show as text, and Discord messages, are linked as they are; others have no link."""
    assert linked("Hello. Kind words.", "Kind words.", source) == expected


def test_pages_and_recordings() -> None:
    """A PDF is opened at its page; slides and recordings are linked as they are."""
    pdf = article("One. Two.", "https://example.org/a.pdf", pages=(0, 5))

    assert link_to(pdf, 5, 9) == "https://example.org/a.pdf#page=2"
    assert (
        link_to(article("One. Two.", "https://example.org/a.pptx", pages=(0, 5)), 5, 9) == "https://example.org/a.pptx"
    )
    assert link_to(article("One. Two.", PAGE, pages=(0,), times=(60,)), 5, 9) == PAGE


def test_what_no_words_can_tell_apart() -> None:
    """If no fragment would lead to the quote for certain, the link is to the page alone."""
    text = "no. " * 40

    assert link_to(article(text), 80, 83) == PAGE
    assert linked("Open. **Open.**", "**Open.**") == PAGE
    assert linked("字" * 300, "字" * 300) == PAGE


@example(["a b"] * 3, ["a", "b"], 3)
@given(
    st.lists(st.sampled_from(["a b", "b a.", "A  b a", "c - d, e & f.", "x\ny", "long " * 40]), min_size=1, max_size=8),
    st.lists(st.sampled_from([" ", "\n", "\n\n", ". "]), min_size=8, max_size=8),
    st.integers(0, 7),
)
def test_a_browser_finds_the_quotation(pieces: list[str], gaps: list[str], at: int) -> None:
    """Whatever text precedes it, even its own words: the first match of the fragment is in the quote."""
    text = "".join(piece + gap for piece, gap in zip(pieces, gaps, strict=False)).strip()
    spans = sentence_spans(text)
    span = spans[at % len(spans)]
    link = link_to(article(text), span.start, span.end)

    directive = link.partition(BEFORE)[2]
    assert len(directive) <= 500
    if directive:
        assert span.start <= found(text, directive) < span.end


def test_the_first_address() -> None:
    """Of several sources the first address is used."""
    assert address_in("a.txt, https://a.b/c?d=1,2, https://e.f") == "https://a.b/c?d=1,2"
