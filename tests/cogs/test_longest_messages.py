"""The longest messages fit into Discord's limits in every language, without anything being cut where they leave."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import ui

from cogs.admin import setup_pages
from cogs.admin.setup_wizard import PageState
from cogs.articles.sites.views import _preview_text
from cogs.articles.source_reader import source_error
from cogs.pins.views import MAX_WORDINGS, PER_PAGE, PinDraft, pin_list_card, pin_preview_card, preview_heading
from cogs.ui.answer_card import notice_card
from cogs.ui.escape import utf16_length
from cogs.ui.layout import MessageBody, message_body
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from index.messages.files import TYPE_UNKNOWN
from index.models import Span
from index.parsers.file_types import KINDS
from index.sources.crawler import SiteListing
from qa.outcome import Quote
from qa.pins.pinned import Pin
from storage.models import Mode, ServerSettings

ESCAPED = "*_`~|"  # each takes two units
LONG = ESCAPED * 200
PLACES = [str(1_200_000_000_000_000_000 + number) for number in range(50)]

pytestmark = [
    pytest.mark.parametrize("language", LANGUAGES),
    pytest.mark.parametrize("plain", [False, True], ids=["rich", "plain"]),
]


def long_quote(text: str = LONG) -> Quote:
    """Return a quote whose every text is long and has to be escaped."""
    address = f"https://example.org/{'a' * 900}"
    return Quote(
        library="server",
        article_id=1,
        title=LONG[:200],
        source=address,
        start=0,
        end=len(text),
        text=text,
        highlights=(Span(0, len(text)),),
        paragraph=1,
        paragraphs=1,
        published="2024-05-01",
        confidence=1.0,
        chosen=True,
    )


def long_pin(number: int) -> Pin:
    """Return a pin with as many wordings as are allowed, each as long as a question may be."""
    questions = tuple(f"{number} {wording} {LONG[:480]}" for wording in range(MAX_WORDINGS))
    return Pin("server", "key", 1, 0, len(LONG), "digest", (), questions, id=number)


def require_whole(body: MessageBody, *expected: str) -> None:
    """Fail unless a message fits and contains these texts; `shortened_messages` fails if it was cut on its way out."""
    kwargs = body.send_kwargs
    if body.embed is None:
        parts = [child.content for child in body.view.walk_children() if isinstance(child, ui.TextDisplay)]
        assert sum(map(utf16_length, parts)) <= 4000
    else:
        parts = [str(body.embed.description), str(kwargs["content"] or "")]
        assert (utf16_length(parts[0]) <= 4096, utf16_length(parts[1]) <= 2000) == (True, True)
    assert all(any(text in part for part in parts) for text in expected)


@pytest.mark.parametrize("number", range(len(texts.WIZARD_PAGES)))
def test_setup_with_50_channels(language: str, plain: bool, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of the wizard fits; the check shows as many channels and missing permissions as fit."""
    settings = ServerSettings(
        modes=dict.fromkeys(PLACES, Mode.QUESTIONS),
        floors=dict.fromkeys(PLACES, 0.9),
        in_threads=dict.fromkeys(PLACES, True),
    )
    channels = {int(place): discord.Object(int(place)) for place in PLACES}
    guild: Any = SimpleNamespace(me=object(), get_channel=channels.get, get_role=lambda _: None)
    state = PageState(guild, 1, settings, 100_000, plain, message_content=True)
    with speaking(language):
        missing = [texts.CHECK_FINDING.format(channels="<#1200000000000000000>" * 5, finding=texts.NEEDS_CONTENT)] * 20
        monkeypatch.setattr(setup_pages, "permission_findings", lambda *_, **__: missing)
        body = setup_pages.page(state, number)
        require_whole(body, texts.WIZARD_PAGES[number], texts.WIZARD_SAVED)
        if number == 3:
            require_whole(body, f"<#{PLACES[0]}>", texts.CHECK_HEADING, missing[0])


def test_list_of_pins(language: str, plain: bool) -> None:
    """A page of the list names all of its pins, however long their words are."""
    pins = [(long_pin(number), long_quote()) for number in range(PER_PAGE)]
    with speaking(language):
        note = texts.PINS_UNPINNED.format(question=f"**{LONG[:120]}**")
        body = message_body(pin_list_card(pins, 98, 99, 999, note), plain=plain)
        require_whole(body, note, *(f"\n{980 + number + 1}. " for number in range(PER_PAGE)), texts.PINS_HEADING)


def test_preview_of_a_pin(language: str, plain: bool) -> None:
    """The preview of a pin has all wordings and hints above the beginning of a long quote."""
    questions = long_pin(1).questions
    draft = PinDraft((long_quote(LONG * 20),), ("key",), questions, is_follow_up=True)
    with speaking(language):
        heading = preview_heading(draft, replaces=True)
        body = message_body(pin_preview_card(draft, heading), plain=plain, content=heading)
        require_whole(body, heading, texts.CUT_AFTER, texts.CHOSEN_FOOTER)


def test_offer_of_a_site(language: str, plain: bool) -> None:
    """The offer of a site names it, some of its pages or why they cannot be read, and the room that is left."""
    address = f"https://example.org/{'a' * 3000}"
    site = SiteListing(address, tuple(f"{address}/{number}" for number in range(100_000)), inside=address)
    with speaking(language):
        reason = TYPE_UNKNOWN.format(types=", ".join(sorted(KINDS)))
        sample = [str(source_error(f"https://example.org/{LONG}", reason)), *[f"**{LONG[:120] * 2}**"] * 2]
        room = texts.SITE_ROOM.format(count=99_999, limit=100_000)
        body = message_body(notice_card(_preview_text(site, 5_000, sample, room)), plain=plain)
        require_whole(body, r"https\://example.org/", sample[0], room)
