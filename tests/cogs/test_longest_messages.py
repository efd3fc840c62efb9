"""The longest messages fit into Discord's limits in every language, without anything being cut where they leave."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import ui

from cogs.admin import setup_pages
from cogs.admin.setup_wizard import PageState
from cogs.answers.answer_pages import PER_PAGE as QUOTES_PER_PAGE
from cogs.answers.answer_pages import context_card, more_quotes_card
from cogs.answers.answer_sources import source_entries, source_pages
from cogs.answers.controls import answer_controls
from cogs.answers.more_quotes import ContextPage, Tab, tab_row
from cogs.articles.sites.views import _preview_text
from cogs.articles.source_reader import source_error
from cogs.pins.views import MAX_WORDINGS, PER_PAGE, PinDraft, pin_list_card, pin_preview_card, preview_heading
from cogs.ui.answer_card import notice_card, render
from cogs.ui.components import page_row
from cogs.ui.escape import utf16_length
from cogs.ui.layout import MessageBody, message_body
from cogs.ui.limits import MAX_COMPONENTS
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from index.messages.files import TYPE_UNKNOWN
from index.models import Article, Section, Span
from index.parsers.file_types import KINDS
from index.sources.crawler import SiteListing
from qa.outcome import AlsoIn, Answer, Closest, Context, NotCovered, Outcome, Quote
from qa.pins.pinned import Pin
from storage.models import Mode, ServerSettings
from storage.stored_answers import StoredAnswer, StoredPlace, StoredQuote

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
        assert len(list(body.view.walk_children())) <= MAX_COMPONENTS
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


LINKED = f"https://example.org/{'a' * 350}"
SLICES = tuple(Context("heading", 0, 75, f"{LONG[:30]}\n- {LONG[:43]}") for _ in range(4))


def full_quote(text: str, *, differs: bool = False) -> Quote:
    """Return a quote with all that can stand around it, each as long as it may be."""
    return replace(
        long_quote(text),
        title="t_" * 100,
        source=LINKED,
        published="2024-12-24T12:00:00Z",
        context=SLICES,
        links=tuple((0, 1, f"{LINKED}{number}") for number in range(9)),
        also_in=tuple(AlsoIn(9, "o*" * 100, "https://example.org/" + "b" * 120, 0, 1) for _ in range(30)),
        more_steps=120,
        differs=differs,
        page=1200,
        paragraph=1200,
        paragraphs=1300,
        chosen=False,
    )


def stored(outcome: Outcome) -> StoredAnswer:
    """Return the record of an outcome that shows all of its quotes and has one more."""
    quotes = tuple(map(StoredQuote.of, (*outcome.quotes, *outcome.quotes[:1])))
    values = (outcome.name, outcome.confidence, 1.0, quotes, len(outcome.quotes))
    return StoredAnswer(1, 2, 3, 0.0, outcome.question, *values, id=10**17)


@pytest.mark.parametrize("kind", [Answer, Closest, NotCovered])
@pytest.mark.parametrize("repeats", [1, 40])
def test_an_answer_with_all_it_can_have(language: str, plain: bool, kind: type[Any], repeats: int) -> None:
    """A card with three long quotes and all that stands around them fits, with its controls, and says what it is."""
    quotes = tuple(full_quote(LONG * repeats, differs=rank > 0) for rank in range(3))
    texts_of = {"understood": LONG, "unread_language": "de"}
    outcome = kind(LONG, 0.9, quotes, 1.0, **texts_of) if kind is not NotCovered else kind(LONG, 0.0, 1.0, **texts_of)
    with speaking(language):
        card = render(outcome, second_quote_confidence=0.0, show_question=True)
        rows = answer_controls(stored(outcome), ServerSettings(helpers_channel=1))
        body = message_body(card, rows, plain=plain)
        said = {
            Answer: (texts.DIFFERENT, texts.CUT_AFTER, texts.ANSWER_CONFIDENCE[0][1]),
            Closest: (texts.CLOSEST_HEADING, texts.CLOSEST_WARNING, texts.CUT_AFTER),
            NotCovered: (texts.NOT_COVERED_HEADING, texts.NOT_COVERED_HINT),
        }
        require_whole(body, *said[kind], texts.ONLY_ENGLISH)
        if kind is not NotCovered:
            assert len(card.quotes) == 3
            assert all("\n> " in f"\n{shown}" and "<t:1735041600:f>" in shown for shown in card.quotes)
            assert all("**[t\\_t" in shown for shown in card.quotes)
    assert len(rows) == 1


def test_the_pages_behind_more(language: str, plain: bool) -> None:
    """Each page that *More* opens fits, with its tabs and page buttons."""
    text = LONG * 30
    article = Article(1, LINKED, "t_" * 100, text, "2024-12-24T12:00:00Z", (Section(0, len(text), LONG),))
    quote = replace(full_quote(text[600:4600]), start=600, end=4600, highlights=(Span(600, 4600),))
    answer = stored(Answer("q", 0.9, (quote,) * 3, 1.0))
    places = tuple(StoredPlace("server", 1, 600, 4600) for _ in range(40))
    with speaking(language):
        entries = source_entries([replace(StoredQuote.of(quote), also_in=places)] * 3, lambda *_: article)
        cards = {
            Tab.CONTEXT: [context_card(quote, article, 1, 3)],
            Tab.SOURCES: source_pages(entries),
            Tab.QUOTES: [more_quotes_card([quote] * QUOTES_PER_PAGE, 0, 9)],
        }
        for tab, pages in cards.items():
            for card in pages:
                rows = [*tab_row(answer, tab), *page_row(ContextPage, answer.id, 1, 3)]
                require_whole(message_body(card, rows, plain=plain), card.footer)
                assert [len(row) for row in rows] == [3, 2]


def test_the_controls_fit_on_a_phone(language: str, plain: bool) -> None:
    """The labels of the controls, and of the tabs, are short enough for one row of a phone, 360 pixels wide."""
    assert plain in {True, False}
    with speaking(language):
        controls = [texts.MORE_BUTTON, "00", "00", texts.HUMAN_BUTTON]  # an emoji is as wide as two digits
        tabs = [texts.CONTEXT_BUTTON, texts.SOURCES_BUTTON, texts.QUOTES_BUTTON]
        # A content of 272 pixels, of which each button takes 24 beside its label, and each gap 8; 7.2 for a character.
        assert sum(map(len, controls)) * 7.2 + 4 * 24 + 3 * 8 <= 272
        assert sum(map(len, tabs)) * 7.2 + 3 * 24 + 2 * 8 <= 272
