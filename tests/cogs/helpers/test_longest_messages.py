"""The longest messages of calls and saved words fit into Discord's limits, in every language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cogs.helpers.call_card import call_card, updated_card
from cogs.helpers.call_components import call_rows
from cogs.helpers.word_offers import Preview, Words
from cogs.helpers.words_cards import PER_PAGE, list_card, words_card
from cogs.helpers.words_components import list_rows, preview_rows, request_rows
from cogs.ui.layout import message_body
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from index.models import Draft
from storage.human_calls import HumanCall
from storage.saved_words import OfferedMessage, SavedWords, new_offer
from tests.cogs.test_longest_messages import LONG, long_quote, require_whole

ID = 1_200_000_000_000_000_000
CALL = HumanCall(ID, ID, 10**9, ID, ID, ID, ID, 1e9, post_id=ID, thread_id=ID, id=10**9)
LINK = f"https://discord.com/channels/{ID}/{ID}/{ID}"

pytestmark = [
    pytest.mark.parametrize("language", LANGUAGES),
    pytest.mark.parametrize("plain", [False, True], ids=["rich", "plain"]),
]


def drafts(count: int) -> list[Draft]:
    """Return articles of messages as long as Discord allows."""
    return [Draft(f"key{at}", LINK, LONG[:200], LONG * 2, None, (), removed=9999) for at in range(count)]


def test_calls(language: str, plain: bool) -> None:
    """A call shows the question and three long quotes, and keeps them in every later state."""
    with speaking(language):
        quotes = [long_quote(), long_quote(LONG[:500]), long_quote(LONG[:500])]
        card = call_card(CALL, LONG, quotes, asker_reads=False)
        body = message_body(card, call_rows(CALL), plain=plain, content=f"<@&{ID}>")
        require_whole(body, texts.CALL_OPEN, texts.CALL_ELSEWHERE.format(member=f"<@{ID}>"))
        for state in (replace(CALL, claimed_by=ID), replace(CALL, resolved_at=1.0), replace(CALL, withdrawn=True)):
            later = updated_card(state, card.texts)
            require_whole(message_body(later, call_rows(state), plain=plain, content=f"<@&{ID}>"))


def test_previews(language: str, plain: bool) -> None:
    """A preview shows something of each of ten long messages, below everything that is to be said about them."""
    messages = [OfferedMessage(ID, ID + at) for at in range(10)]
    words = [
        Words(one, Any, LONG, draft)  # type: ignore[arg-type]
        for one, draft in zip(messages, drafts(10), strict=True)
    ]
    preview = Preview(replace(new_offer(ID, ID, ID, LONG[:200], messages, 1), id=10**9), words, False, True)
    with speaking(language):
        warnings = [texts.SOURCE_PRIVATE.format(channel=f"<#{ID + at}>") for at in range(3)]
        heading = "\n".join([texts.WORDS_PREVIEW, *warnings, texts.WORDS_FOR_ALL])
        body = message_body(words_card(heading, drafts(10)), preview_rows(preview), plain=plain)
        require_whole(body, heading, texts.CUT_AFTER)
        asked = texts.WORDS_REQUEST.format(author=f"<@{ID}>", editor=f"<@{ID}>")
        card = words_card("\n".join([asked, *warnings, texts.WORDS_FOR_ALL]), drafts(1))
        require_whole(message_body(card, request_rows(preview), plain=plain, content=f"<@{ID}>"), asked)


def test_the_list(language: str, plain: bool) -> None:
    """A page of the list names all of its articles, with the note on what was removed."""
    entries = [
        SavedWords(ID, ID, ID + at, ID, LONG[:200], for_all=False, saved_at=1e9, unread=True, id=10**9 + at)
        for at in range(PER_PAGE)
    ]
    with speaking(language):
        note = texts.WORDS_REMOVED.format(article=f"**{LONG[:240]}**")
        body = message_body(list_card(entries, 98, 99, 999, note), list_rows(entries, 98, 99), plain=plain)
        require_whole(body, note, f"\n{99 * PER_PAGE}. ", texts.ANSWERS_HEADING)
