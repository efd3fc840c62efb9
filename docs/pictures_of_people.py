"""Messages for `pictures.py`: small talk, the question which article is meant, calls for a human, and the digest."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

from cogs.admin.digest_cards import SourceTrouble, digest_card, digest_head, vote_card
from cogs.admin.help_buttons import help_buttons
from cogs.articles.article_cards import receipt_text
from cogs.ask.answer_finder import stored_answer
from cogs.ask.which import which_card, which_rows
from cogs.helpers.call_card import call_card, updated_card
from cogs.helpers.call_components import SolvedButton, call_rows
from cogs.helpers.word_offers import Preview
from cogs.helpers.words_cards import list_card, words_card
from cogs.helpers.words_components import SaveMineButton, UndoWordsButton, list_rows, preview_rows
from cogs.services import Inquiry
from cogs.ui.answer_card import notice_card, render
from i18n import texts
from index.models import Draft, Receipt, Span
from qa.outcome import Answer, Quote
from storage.analytics import Stats
from storage.gaps import Gap
from storage.human_calls import HumanCall
from storage.saved_words import OfferedMessage, SavedWords, WordOffer
from storage.staff_messages import PendingVote

NAMES: Final = {2: "helpers", 3: "questions", 10: "Alice", 11: "Hanna"}
"""Names of the channels and members that these messages mention, by their ids."""

_QUESTION: Final = "When does the ferry leave?"
_WORDS: Final = "The ferry to Gull Island leaves at seven every morning. Dogs travel free of charge."
_ADDRESS: Final = "https://discord.com/channels/1/2/5"

Draw = Callable[..., str]
"""Draws a card with its rows; takes the options of `message_html.message`."""


def conversation_page(draw: Draw) -> str:
    """Return the short help, the question which article is meant, and what the asker's choice makes of it."""
    kinds = (("Spring fair", "at nine"), ("Summer fair", "at ten"), ("Winter market", "at noon"))
    quotes = tuple(map(_opening, *zip(*kinds, strict=True)))
    outcome = Answer("When does it open?", 0.9, quotes, 74.0, alternatives=(0, 1, 2))
    answer = render(outcome, second_quote_confidence=0.3, show_question=True)
    stored = replace(stored_answer(Inquiry(outcome.question, 1, 1, 1), outcome, 0, plain=False), id=1)
    card = which_card(outcome, answer)
    return "".join(
        [
            draw(notice_card(texts.SHORT_HELP), help_buttons(manages=False), used="<b>Alice</b> Hello!"),
            draw(card, which_rows(card, stored)),
        ]
    )


def helpers_page(draw: Draw) -> str:
    """Return a call for a human from its beginning to the article that is made of the answer."""
    call = HumanCall(1, 10, 1, 3, 4, 5, 2, time.time(), id=1)
    quote = _opening("Harbour timetable", "The ferry to Seal Rock leaves at eight.", whole=True)
    post = call_card(call, _QUESTION, [quote], asker_reads=True)
    claimed = replace(call, claimed_by=11)
    link = f"[#{NAMES[3]}](<{_ADDRESS}>)"
    offer = WordOffer(1, 11, 11, _QUESTION, (OfferedMessage(2, 5),), time.time(), 1, id=1)
    saved = SavedWords(1, 2, 5, 11, _QUESTION, for_all=False, saved_at=time.time(), edited_at=None, call_id=1)
    words = words_card(texts.WORDS_PREVIEW, [Draft(_ADDRESS, _ADDRESS, _QUESTION, _WORDS, None, ())])
    helper = texts.HUMAN_CLAIMED.format(helper="<@11>", link=link)
    receipt = receipt_text(Receipt(1, _QUESTION, _ADDRESS, "added", 1))
    place = "<b>#helpers</b>"
    return "".join(
        [
            draw(notice_card(texts.HUMAN_CALLED), [], private=True),
            draw(post, call_rows(call), used=place),
            draw(updated_card(claimed, post.texts), call_rows(claimed), used=place),
            draw(notice_card(helper), [[SolvedButton(1)]], used="Direct message to Alice"),
            draw(notice_card(texts.CALL_SAVE_OFFER), [[SaveMineButton(1)]], used=f"{place} › {_QUESTION}"),
            draw(words, preview_rows(Preview(offer, (), by_bot=False, for_all=False)), private=True),
            draw(notice_card(texts.WORDS_SAVED.format(articles=receipt)), [[UndoWordsButton(1)]], private=True),
            draw(list_card([saved], 0, 1, 1), list_rows([saved], 0, 1), private=True),
        ]
    )


def staff_page(draw: Draw, figures: Stats) -> str:
    """Return a weekly digest, and the messages about votes."""
    failed = ("https://lantern.example/rules", "lantern.example has not answered after 20 seconds; try again later.")
    head = digest_head(figures, date(2026, 11, 9), date(2026, 11, 15), SourceTrouble(2, 1, (failed,)), 3)
    gaps = [Gap("How do I get the harbour pass?", 5, 9), Gap("When does the night ferry leave in winter?", 3, 3)]
    reason = "outdated: since May the rule is another one"
    votes = (
        PendingVote(1, 1, 2, 3, private=False, question="Can I advertise my shop?", reason=reason),
        PendingVote(1, 1, 2, 3, private=False, question="Who runs the lighthouse?", reason="wanted"),
        PendingVote(1, 1, 2, 3, private=True, question="", reason=None),
    )
    cards = [digest_card(head, gaps), *(vote_card(vote, with_words=True) for vote in votes)]
    return "".join(draw(card, [], used="<b>#staff</b>") for card in cards)


def _opening(title: str, words: str, *, whole: bool = False) -> Quote:
    """Return a quote that says when something opens, or of exactly these words."""
    text = words if whole else f"The gates open {words}."
    at = 0 if whole else text.index(words)
    mark = () if whole else (Span(at, len(text) - 1),)
    return Quote("server", 1, title, "events.md", 0, len(text), text, mark, 1, 4, confidence=0.9)
