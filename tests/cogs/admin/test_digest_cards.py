"""What the cards for the staff say, and that they fit into a message."""

from __future__ import annotations

from datetime import date

import pytest

from cogs.admin.digest_cards import SourceTrouble, digest_card, digest_head, vote_card
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from storage.analytics import Stats
from storage.gaps import Gap
from storage.staff_messages import PendingVote

FIGURES = Stats(3, 2, 1, 4, 0, 1.0, 2.0, ())
WEEK = date(2026, 11, 23), date(2026, 11, 29)


def vote(reason: str | None, *, private: bool = False) -> str:
    """Return the message about a vote with a reason."""
    pending = PendingVote(1, 42, 5, 6, private, "Who?", reason)
    return vote_card(pending, with_words=not private).statement


def test_sources_in_trouble() -> None:
    """Sources that failed are counted, the first three named, and overdue ones counted."""
    trouble = SourceTrouble(9, 2, tuple((f"https://a.example/{number} *x*", "It is gone") for number in range(9)))
    text = digest_head(FIGURES, *WEEK, trouble, answered_by_humans=7)

    assert texts.DIGEST_FAILED.format(count=9) in text
    assert text.count("It is gone") == 3
    assert "\\*x\\*" in text
    assert texts.DIGEST_STALE.format(count=2) in text
    assert texts.DIGEST_SOURCES_FINE not in text
    assert texts.DIGEST_HUMANS.format(count=7) in text
    assert texts.DIGEST_SOURCES_FINE in digest_head(FIGURES, *WEEK, SourceTrouble())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_digest_fits(language: str) -> None:
    """Long names, reasons and questions leave a digest within Discord's limit."""
    trouble = SourceTrouble(10**6, 10**6, (("n" * 500, "r" * 900),) * 3)
    gaps = [Gap("*_" * 400, 10**6, 10**6, 10**6)] * 10
    with speaking(language):
        card = digest_card(digest_head(FIGURES, *WEEK, trouble, 10**6), gaps)

    assert len("".join(card.texts)) <= 3100


def test_reasons_of_votes() -> None:
    """A vote is shown with its choice, what was typed, both or neither; a private answer has no link."""
    address = "https://discord.com/channels/42/5/6"
    assert vote("wrong").startswith(texts.VOTE_REASON.partition("{")[0])
    assert texts.REASONS["wrong"] in vote("wrong")
    assert "-# since: May" in vote("outdated: since: May")
    assert "-# just words: here" in vote("just words: here")
    assert vote("wanted").startswith(texts.VOTE_WANTED.partition(":")[0])
    assert all(address in vote(reason) for reason in (None, "wrong", "wanted"))
    assert vote(None, private=True) == texts.VOTE_POSTED.format(answer=texts.VOTE_PRIVATE)
