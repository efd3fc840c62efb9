"""The rules that decide which messages are answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.ask.reply_policy import ReplyCandidate, SilenceReason, looks_like_question, silence_reason
from storage.models import Mode

QUESTION = ReplyCandidate("how do I install mods?", Mode.QUESTIONS)
POST = ReplyCandidate("Mods\ninstalling fails", Mode.QUESTIONS, in_forum=True, opening=True)


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (QUESTION, None),
        (replace(QUESTION, automatic=True), SilenceReason.AUTOMATIC),
        (replace(QUESTION, automatic=True, addressed=True), SilenceReason.AUTOMATIC),
        (replace(QUESTION, mode=Mode.OFF), SilenceReason.OFF),
        (replace(QUESTION, mode=Mode.OFF, addressed=True), SilenceReason.OFF),
        (replace(QUESTION, mode=Mode.MENTIONED), SilenceReason.NOT_ADDRESSED),
        (replace(QUESTION, mode=Mode.MENTIONED, addressed=True), None),
        (ReplyCandidate("", Mode.MENTIONED, addressed=True), None),
        (replace(QUESTION, closed=True), SilenceReason.CLOSED),
        (replace(QUESTION, closed=True, addressed=True), None),
        (replace(QUESTION, moderated=True), SilenceReason.MODERATOR),
        (replace(QUESTION, moderated=True, addressed=True), None),
        (replace(QUESTION, moderated=True, mode=Mode.EVERYTHING), SilenceReason.MODERATOR),
        (POST, None),
        (replace(POST, opening=False, text="how about now?"), SilenceReason.FOLLOW_UP),
        (replace(POST, opening=False, mode=Mode.EVERYTHING), SilenceReason.FOLLOW_UP),
        (replace(POST, closed=True), SilenceReason.CLOSED),
        (replace(QUESTION, replies_to_other=True), SilenceReason.REPLY_TO_OTHER),
        (replace(QUESTION, text="why?"), SilenceReason.TOO_SHORT),
        (replace(QUESTION, text="?? 🙂🙂🙂🙂🙂🙂🙂"), SilenceReason.TOO_SHORT),
        (replace(QUESTION, text="thanks", mode=Mode.EVERYTHING), None),
        (replace(QUESTION, text="ok", mode=Mode.EVERYTHING), SilenceReason.TOO_SHORT),
        (replace(QUESTION, text="谁建的？"), None),
        (replace(QUESTION, text="왜？"), SilenceReason.TOO_SHORT),
        (replace(QUESTION, text="I installed the mods."), SilenceReason.NO_QUESTION),
        (replace(QUESTION, text="I installed the mods.", mode=Mode.EVERYTHING), None),
    ],
)
def test_rules(candidate: ReplyCandidate, reason: SilenceReason | None) -> None:
    """Messages that address the bot are answered unless the channel is off; others must pass every rule."""
    assert silence_reason(candidate) is reason


@pytest.mark.parametrize(
    "text",
    [
        "Where is the map?",
        "where is the map",
        "hi, how do i join a clan",
        "Ok so what's the limit",
        "The map is gone. Does anyone know why",
        "¿Dónde está el mapa?",
        "地图在哪里？",
        "أين الخريطة؟",
        "the map (really?)",
    ],
)
def test_questions(text: str) -> None:
    """A question is recognized by its question mark in any script, or by its first words in English."""
    assert looks_like_question(text)


@pytest.mark.parametrize(
    "text",
    ["I like the map", "see https://example.org/?q=map&who=me", "that is what I meant", "nice, thanks a lot!", "wow!!"],
)
def test_no_questions(text: str) -> None:
    """Other sentences are not questions, whatever words or addresses they contain."""
    assert not looks_like_question(text)
