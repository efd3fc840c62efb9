"""Captions: titles that link, dates that can be read, and sources that are messages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.answer_card import render
from cogs.ui.captions import publication_date, quote_caption, source_line
from cogs.ui.layout import message_body
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from qa.outcome import AlsoIn, Answer
from tests.cogs.fakes import quote_of
from tests.cogs.reader import read
from tests.cogs.ui.test_escape import MARKDOWN
from tests.hostile_texts import HOSTILE_TEXTS

GOOD = "https://good.example/a"
LINK = re.compile(r"\[([^\[\]]*)\]\(<([^<>]*)>\)")


def titled(title: str, source: str = GOOD) -> str:
    """Return the caption of a quote whose article has a title and a source."""
    return quote_caption(quote_of("Lit.", title=title, source=source))


@pytest.mark.parametrize(
    "title", ["Rules", "The *rules*, v2_b", "Who? (2024)", "Q&A | more", "משחק", "你好，世界", "#1 -2"]
)
def test_a_title_is_the_link(title: str) -> None:
    """A title links to its source and shows its own letters."""
    caption = titled(title)
    (found,) = LINK.findall(caption)

    assert found[1] == GOOD
    assert read(found[0]).text.strip("\u2068\u2069") == title
    assert texts.OPEN_SOURCE not in caption


@pytest.mark.parametrize(
    "title",
    [
        "[draft] Rules",
        "Rules](<https://evil.example>) [x",
        "Rules\\",
        "`code`",
        "https://bank.example",
        "Log in at bank.example now",
        "bank\u200b.example",
        "bank\uff0eexample",
        "bank\u3002example",
        "bank.\u200dexample",
        "bank.\u200cexample",
        "bank.\ufe0fexample",
        "w\u200dww bank",
        "www bank",
        "192.0.2.1",
    ],
)
def test_a_title_that_cannot_be_a_link_has_one_beside_it(title: str) -> None:
    """Brackets, backslashes and whatever looks like an address are never the words of a link."""
    caption = titled(title)

    assert [words for words, address in LINK.findall(caption) if address == GOOD] == [texts.OPEN_SOURCE]
    assert caption.startswith("-# **")


@pytest.mark.parametrize("title", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_no_title_breaks_out_of_its_link(title: str) -> None:
    """Whatever a title is, there is exactly one link to the source, and nothing else is formatted or mentioned."""
    line = source_line(quote_of("Lit.", title=title, source=GOOD))
    seen = read(line.removeprefix("-# ")).text

    assert re.findall("⟦([a-z ]+)⟧", seen) == ["masked link"]
    assert re.findall(r"(?<!\\)\]\(<([^<>]*)>\)", line)[-1] == GOOD
    words = LINK.search(line)
    assert words is not None
    assert re.findall("⟦([a-z ]+)⟧", read(words[1]).text) == []


@given(MARKDOWN, MARKDOWN)
def test_any_title_and_any_place_that_says_the_same(title: str, other: str) -> None:
    """A caption has only the links of its own source and of the others, whatever their titles are."""
    quote = replace(quote_of("Lit.", title=title, source=GOOD), also_in=(AlsoIn(2, other, "https://b.example/", 0, 1),))

    seen = read(quote_caption(quote).removeprefix("-# ")).text

    assert re.findall("⟦([a-z ]+)⟧", seen) == ["masked link"] * 2


def test_links_in_both_layouts() -> None:
    """An embed has the same links as layout components."""
    card = render(
        Answer("q", 0.9, (quote_of("Lit.", source=GOOD),), 1.0), second_quote_confidence=0, show_question=True
    )
    embed = message_body(card, plain=True).embed

    assert embed is not None
    assert f"**[The lighthouse](<{GOOD}>)**" in (embed.description or "")


@pytest.mark.parametrize("host", ["discord.com", "ptb.discord.com", "discordapp.com"])
def test_a_message_as_source(host: str) -> None:
    """A source that is a message links to it; a title that cannot be its words says what is opened."""
    place = f"https://{host}/channels/1/2/3"

    assert titled("#rules", place).startswith(f"-# **[\\#rules](<{place}>)** · ")
    assert f"[{texts.OPEN_MESSAGE}](<{place}>)" in titled("see a.example", place)


def test_a_source_without_address() -> None:
    """A path is shown as text after the title, and no other scheme becomes a link."""
    for source in ("guide/intro.md", "javascript:alert(1)", "file:///etc/passwd"):
        caption = titled("Intro", source)
        assert LINK.findall(caption) == []
        assert read(caption.removeprefix("-# ")).text.endswith(f"· {source}")


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        (None, ""),
        ("", ""),
        ("2024-05-06", "6 May 2024"),
        ("2024-05-01", "1 May 2024"),
        ("2024-05-06T07:08:09Z", "<t:1714979289:f>"),
        ("2024-05-06T09:08:09+02:00", "<t:1714979289:f>"),
        ("2024-05-06T07:08:09", "<t:1714979289:f>"),
        ("2024-05-06T00:00:00Z", "6 May 2024"),
        ("1871-05-06T12:00:00Z", "<t:-3113294400:f>"),
        ("2024-05-06 late", "6 May 2024"),
        ("2024", "2024"),
        ("<@123456789>", "\\<\\@12345678"),
        ("0001-01-01T00:00:01+14:00", "<t:-62135647199:f>"),
    ],
)
def test_dates(published: str | None, shown: str) -> None:
    """A date with a time of day is a Discord time stamp, another one is written out; nothing in it is formatted."""
    assert publication_date(published) == shown


def test_dates_in_every_language() -> None:
    """A date is written out as its readers write it."""
    found = {}
    for language in LANGUAGES:
        with speaking(language):
            found[language] = [publication_date(day) for day in ("2024-03-01", "2024-12-24")]

    assert found == {
        "en": ["1 March 2024", "24 December 2024"],
        "de": ["1. März 2024", "24. Dezember 2024"],
        "es": ["1 de marzo de 2024", "24 de diciembre de 2024"],
        "fr": ["1er mars 2024", "24 décembre 2024"],
        "it": ["1º marzo 2024", "24 dicembre 2024"],
        "pt-BR": ["1º de março de 2024", "24 de dezembro de 2024"],
    }


@given(st.text(max_size=40))
def test_any_date_is_harmless(published: str) -> None:
    """A date that is none is shown as text."""
    seen = read(publication_date(published)).text

    assert set(re.findall("⟦([a-z ]+)⟧", seen)) <= {"time"}
