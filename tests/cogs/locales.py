"""Locales for members of the simulated Discord, and detection of English texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from simcord import interactions

from i18n.catalogue import english_texts, strings
from i18n.translation import translation

Locales = dict[int, str]


def heard(monkeypatch: pytest.MonkeyPatch) -> Locales:
    """Return a dict of member ids to locales for their interactions; the simulated Discord itself knows only en-US."""
    locales: Locales = {}
    made: Callable[..., Any] = interactions.base_payload

    def with_locale(*args: Any, user_id: int, **more: Any) -> Any:
        record, payload = made(*args, user_id=user_id, **more)
        payload["locale"] = locales.get(user_id, payload["locale"])
        return record, payload

    monkeypatch.setattr(interactions, "base_payload", with_locale)
    return locales


def english_in(text: str, language: str = "de", *, said: str = "") -> list[str]:
    """Return the parts of English texts in `text`, without its quotes, what the language uses and what was `said`."""
    for words in filter(None, said.splitlines()):
        text = text.replace(words, "")
    text = re.sub(r"^> .*$", "", text, flags=re.MULTILINE)
    own = "\n".join(part for entry in translation(language).values() for part in strings(entry))
    every = [part for entry in english_texts().values() for part in strings(entry)]
    pieces = {piece.strip(" .:;,") for part in every for piece in re.split(r"\{[^}]*\}|[*\n`]|: ", part)}
    return sorted(piece for piece in pieces if len(piece) > 3 and piece in text and piece not in own)
