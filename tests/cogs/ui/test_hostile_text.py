"""Hostile texts in every place of an answer, on Discord and in the terminal: nothing pings, formats or pretends."""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import replace

import discord
import pytest
from rich.console import Console

from cogs.articles.article_cards import bold_title, source_link
from cogs.messaging.replies import SILENT
from cogs.ui.answer_card import render, render_quotes
from cogs.ui.escape import block_quote, utf16_length
from cogs.ui.layout import message_body
from cogs.ui.limits import MAX_TEXT
from cogs.ui.truncate import escaped_name
from i18n import texts
from index.models import Span
from qa.outcome import AlsoIn, Answer, Closest, Context, NotCovered, Outcome, Quote
from terminal.render import plain, styled
from tests.cogs.reader import read, read_quotes
from tests.hostile_texts import FLOODS, HOSTILE_TEXTS, LINKS

ALLOWED = {"small", "block quote"}  # what the bot's own markup is read as
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]"
)
MARKS_IN_A_ROW = 8
every = pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)


def quote_with(text: str) -> Quote:
    """Return a quote that has a hostile text in each of its fields."""
    found = Quote("1", 1, text, text, 0, len(text), text, (Span(0, min(5, len(text))),), 1, 1, 0.9)
    place = AlsoIn(2, text, text, 0, 5)
    return replace(found, also_in=(place, place), context=(Context("heading", 0, len(text), text[:300]),), link=text)


def outcomes_with(text: str) -> tuple[Outcome, ...]:
    """Return an outcome of each kind about a hostile text."""
    quotes = (quote_with(text),)
    return (
        Answer(text, 0.9, quotes, 1, understood=text),
        Closest(text, 0.2, quotes, 1, understood=text),
        NotCovered(text, 0.0, 1, understood=text),
    )


def texts_of(outcome: Outcome, *, as_plain: bool) -> list[str]:
    """Return the markdown of each text component or embed of an answer's message."""
    body = message_body(render(outcome, second_quote_confidence=0.5, show_question=True), plain=as_plain)
    if body.embed is not None:
        assert body.content == ""
        return [body.embed.description or ""]
    assert isinstance(body.view, discord.ui.LayoutView)
    return [item.content for item in body.view.walk_children() if isinstance(item, discord.ui.TextDisplay)]


@every
@pytest.mark.parametrize("as_plain", [False, True], ids=["layout", "plain"])
def test_nothing_on_discord_pings_or_is_formatted(text: str, as_plain: bool) -> None:
    """A message has no mention, time, emoji, link or code, wherever the text stands, and never too many characters."""
    for outcome in outcomes_with(text):
        shown = texts_of(outcome, as_plain=as_plain)
        assert sum(map(utf16_length, shown)) <= MAX_TEXT + 100
        for part in shown:
            kinds = set(re.findall("⟦([a-z ]+)⟧", read(part).text))
            assert kinds <= ALLOWED | {"masked link"}
    assert SILENT.to_dict() == {"parse": []}


@every
def test_a_quote_stays_letter_for_letter(text: str) -> None:
    """What is read in the block quote is the text itself, and nothing of it is read outside."""
    (seen,) = read_quotes(block_quote(text, [Span(0, min(7, len(text)))]))
    assert seen.text == text
    (rendered,) = render_quotes([quote_with(text)], MAX_TEXT)
    (part,) = read_quotes(rendered)
    assert part.text in text
    outside = [line for line in rendered.split("\n") if not line.startswith("> ")]
    assert all(line.startswith("-# ") for line in outside)


@pytest.mark.parametrize("text", LINKS.values(), ids=LINKS)
def test_no_words_pretend_to_be_another_host(text: str) -> None:
    """Of a title with an address no link has its words, and no link has a user name that looks like a host."""
    for part in (*texts_of(outcomes_with(text)[0], as_plain=False), source_link(text)):
        for words, address in re.findall(r"(?<!\\)\[([^\]]*)(?<!\\)\]\(<([^>]*)>\)", part):
            assert words in {texts.OPEN_SOURCE, texts.OPEN}
            assert "@" not in address.partition("://")[2].partition("/")[0]


@every
def test_names_are_one_visible_line(text: str) -> None:
    """A title or path has no line break, no unseen characters, and no tower of marks; its direction ends with it."""
    name = escaped_name(text, 120)
    assert len(name.splitlines()) <= 1
    assert not UNSEEN.search(name.removeprefix("\u2068").removesuffix("\u2069"))
    assert not re.search(rf"\w?[\u0300-\u036f\u0483-\u0489]{{{MARKS_IN_A_ROW},}}", name)
    assert bold_title(text).count("**") == 2 + 2 * name.count("**")
    assert "****" not in bold_title(text).replace("\\*", "")


@every
def test_the_terminal_obeys_no_text(text: str) -> None:
    """Styled output has no control character of a text, and a name cannot turn or break its line."""
    for outcome in outcomes_with(text):
        written = io.StringIO()
        console = Console(file=written, width=80, force_terminal=False, highlight=False, markup=False, emoji=False)
        console.print(styled(outcome, 0.5, console))
        assert not [char for char in written.getvalue() if unicodedata.category(char) == "Cc" and char not in "\n\t"]
        lines = plain(replace(outcome, question="?"), 0.5).split("\n")
        outside = [line for line in lines if not line.startswith("> ")]
        assert all(not line or line.startswith("  ") or text not in line for line in outside[1:] if len(text) > 20)


@pytest.mark.parametrize("text", FLOODS.values(), ids=FLOODS)
def test_a_caption_stays_short(text: str) -> None:
    """A flood in a title or path leaves room for the quote."""
    (shown,) = render_quotes([replace(quote_with("The ferry leaves at seven."), title=text, source=text)], MAX_TEXT)
    assert "> The" in shown.replace("**", "")
    assert utf16_length(shown) < 1500
