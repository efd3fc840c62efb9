"""Where an answer leads: to its sources, to the place in them, and to what the quoted words link to."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cogs.ui.answer_card import render
from cogs.ui.captions import quote_caption
from cogs.ui.layout import message_body
from i18n import texts
from qa.outcome import Answer
from tests.cogs.fakes import quote_of
from tests.cogs.reader import read, read_quotes


def test_sources_without_an_address() -> None:
    """A file's path is shown as text after the title, and an empty title gets a name."""
    quote = quote_of("Words.", title=" ", source="guide/my_intro.md")

    card = render(Answer("q", 0.9, (quote,), 1.0), second_quote_confidence=0.5, show_question=False)

    assert card.quotes[0].endswith(f"**{texts.UNTITLED}** · paragraph 4 of 14 · guide/my\\_intro.md")


def test_the_link_leads_to_the_place() -> None:
    """A caption links to the place in the source, or to the source if that address is too long for Discord."""
    quote = quote_of("Lit.", source="https://a.b/c")
    place = "https://a.b/c#:~:text=Lit."

    assert f"(<{place}>)" in quote_caption(replace(quote, link=place))
    assert "(<https://a.b/c>)" in quote_caption(replace(quote, link=place + "x" * 400))


def test_several_sources() -> None:
    """Of an article with several sources, the first address is linked."""
    assert "(<https://a.b/c>)" in quote_caption(quote_of("Lit.", source="a.txt, https://a.b/c, https://d.e/f"))


def linking(*addresses: str) -> str:
    """Return the shown quote whose words link to these addresses."""
    quote = replace(quote_of("Go here, https://good.example."), links=tuple((3, 7, each) for each in addresses))
    card = render(Answer("q", 0.9, (quote,), 1.0), second_quote_confidence=0.5, show_question=False)
    assert [seen.text for seen in read_quotes(card.quotes[0])] == [quote.text]
    embed = message_body(card, plain=True).embed
    assert embed is not None
    assert card.quotes[0] in (embed.description or "")
    return card.quotes[0]


def test_links_are_below_the_quote_in_small_type() -> None:
    """The first three addresses are shown as they are, without preview, between the quote and its caption."""
    lines = linking(
        "https://a.example/x_y?z=1#w", "https://b.example", "mailto:a_b@c.example", "https://d.example"
    ).split("\n")

    assert lines[1] == "-# 🔗 <https://a.example/x_y?z=1#w> · <https://b.example> · a\\_b\\@c.example · …"
    assert lines[2].startswith("-# **[The lighthouse](<https://example.org/light>)**")
    assert len(linking().split("\n")) == 2


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/>[good](https://good.example",
        "https://a.example/@everyone",
        "https://a.example/<@&1><@1>",
        "https://a.example/*x*_y_~~z~~|",
        "https://a.example/" + "x" * 130,
        "https://a.example/" + "x" * 1900,
    ],
)
def test_an_address_can_lead_nowhere_else(address: str) -> None:
    """Whatever is in an address, it is one link to its own host, which is shown, and it mentions nobody."""
    line = linking(address).split("\n")[1]
    seen = read(line.removeprefix("-# "))

    assert "a.example" in line
    assert "@everyone" not in line
    assert "<@" not in line
    assert seen.text in {"🔗 ⟦auto link⟧", "🔗 a.example (⟦masked link⟧)", "🔗 a.example"}
    assert [link.partition("/")[2].partition("/")[2].partition("/")[0] for link in re.findall(r"<([^>]*)>", line)] in [
        ["a.example"],
        [],
    ]
