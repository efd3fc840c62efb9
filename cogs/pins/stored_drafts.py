"""Drafts of pins as they wait on disk: the places of the quotes, not their texts, and the wordings of the question."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final, Self

from cogs.articles.drafts import DraftKind
from cogs.core.visible_articles import VisibleArticles
from cogs.pins.views import PinDraft
from i18n import texts
from index.models import UserError
from qa.pins.pinned import Pin
from storage.answer_rows import quotes_from_json, quotes_to_json
from storage.drafts import DraftLimits
from storage.stored_answers import StoredQuote


@dataclass(frozen=True, slots=True)
class StoredPinDraft:
    """A pin that is not stored yet; the fields are as in `PinDraft`, the keys of the sources are in the quotes."""

    quotes: tuple[StoredQuote, ...]
    questions: tuple[str, ...]
    selected: int = 0
    is_follow_up: bool = False

    @classmethod
    def of(cls, draft: PinDraft) -> Self:
        """Return what is kept of a draft."""
        pairs = zip(draft.quotes, draft.keys, strict=True)
        quotes = tuple(replace(StoredQuote.of(quote), key=key) for quote, key in pairs)
        return cls(quotes, draft.questions, draft.selected, draft.is_follow_up)

    @property
    def pin(self) -> Pin:
        """The pin of the selected quote."""
        one = self.quotes[self.selected]
        place = one.article_id, one.start, one.end, one.digest, one.highlights
        return Pin(one.library, one.key, *place, self.questions)

    def draft(self, articles: VisibleArticles) -> PinDraft:
        """Return the draft with its quotes. Raises UserError if the text of one is no longer in its article."""
        found = [one.quote(articles.article(one.library, one.article_id)) for one in self.quotes]
        quotes = tuple(quote for quote in found if quote is not None)
        if len(quotes) < len(found):
            raise UserError(texts.SOURCE_CHANGED)
        return PinDraft(quotes, tuple(one.key for one in self.quotes), self.questions, self.selected, self.is_follow_up)


def _encode(draft: StoredPinDraft) -> tuple[str, bytes]:
    quotes = quotes_to_json(draft.quotes)
    return json.dumps([quotes, draft.questions, draft.selected, draft.is_follow_up]), b""


def _decode(value: str, _: bytes) -> StoredPinDraft:
    quotes, questions, selected, is_follow_up = json.loads(value)
    return StoredPinDraft(quotes_from_json(quotes), tuple(questions), selected, is_follow_up)


PIN_DRAFTS: Final = DraftKind("pin", DraftLimits(1000, 16 * 1024 * 1024), _encode, _decode, has_body=False)
