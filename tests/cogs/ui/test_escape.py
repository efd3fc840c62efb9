"""Escaped text is read on Discord exactly as it is in the article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.escape import block_quote, escape, link, utf16_length
from index.models import Span
from index.text.display_names import display_line
from tests.cogs.reader import read, read_quotes

# Text in which markdown is dense: single signs and whole pieces that mean something to Discord.
PIECES = [
    *"*_~`|<>#-+\\:@[](){}!/.,;'\"=&$% \n\t0123456789aZé",
    *["**", "__", "~~", "||", "```", "```py\n", "\n# ", "\n> ", "\n>>> ", "\n- ", "\n-# ", "\n1. ", "\n 12) "],
    *["https://a.b/c_d", "http://x", "discord.gg/abc", "@everyone", "@here", "<@123>", "<@&1>", "<#12>", "<:a:1>"],
    *[
        "<t:12:R>",
        "</ask:1>",
        ":tada:",
        "[a](https://b.c)",
        "¯\\_(ツ)_/¯",
        "\u200b",
        "\u202e",
        "👩‍👩‍👧",
        "e\u0301",
        "\u2028",
        "🇩🇪",
    ],
]
MARKDOWN = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)


@given(MARKDOWN)
def test_escaped_text_reads_as_written(text: str) -> None:
    """Escaped text is read as exactly that text, without formatting."""
    assert read(escape(text)).text == text
    assert read(escape(text)).bold == ()


@given(MARKDOWN.filter(str.strip), st.data())
def test_block_quote_reads_as_written(text: str, data: st.DataObject) -> None:
    """A block quote is read as exactly the quoted text, whatever is highlighted."""
    offsets = st.integers(0, len(text))
    spans = data.draw(st.lists(st.tuples(offsets, offsets).map(lambda two: Span(min(two), max(two))), max_size=4))

    (seen,) = read_quotes(block_quote(text, spans))

    assert seen.text == text


@given(MARKDOWN.filter(str.strip), st.data())
def test_highlights_are_bold(text: str, data: st.DataObject) -> None:
    """The words of a highlight are bold, and no others."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    (seen,) = read_quotes(block_quote(text, [Span(start, end)]))

    assert "".join("".join(seen.bold).split()) == "".join(text[start:end].split())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 12:30 and a_b", r"plain words, 12:30 and a\_b"),
        ("# Title\n- item\n1. first", "\\# Title\n\\- item\n1\\. first"),
        ("see https://a.b/c_d", r"see https\://a.b/c\_d"),
        ("well - said, no. 1. yes #1", "well - said, no. 1. yes #1"),
        ("C:\\dir", "C:\\\\dir"),
    ],
)
def test_escaping_is_sparing(text: str, shown: str) -> None:
    """Only characters that Discord would interpret get a backslash."""
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("address", "markdown"),
    [
        ("https://a.b/c", "[open](<https://a.b/c>)"),
        ("https://a.b/c_(d)?q=1&r=%20#e", "[open](<https://a.b/c_%28d%29?q=1&r=%20#e>)"),
        ("https://a.b/x> [evil](https://c.d", "[open](<https://a.b/x%3E%20%5Bevil%5D%28https://c.d>)"),
        ("https://a.b/ü", "[open](<https://a.b/%C3%BC>)"),
        ("guide/intro.md", None),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("http://[broken", None),
        ("https://a.b/" + "c" * 600, None),
    ],
)
def test_links(address: str, markdown: str | None) -> None:
    """Only web addresses become links, and no address can end its link early."""
    assert link("open", address) == markdown


def test_units_count_as_discord_may() -> None:
    """Characters outside the Basic Multilingual Plane count twice."""
    assert utf16_length("aé👍") == 4


def test_one_line_hides_no_direction() -> None:
    """A title cannot break its line or change the text direction after it."""
    assert display_line("a\n b\u202e\u200bc ") == "a bc"
