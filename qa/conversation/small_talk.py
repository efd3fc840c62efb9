"""Recognises messages that put no question to the articles: thanks, greetings, praise, calls for help and the like.

The whole message must consist of known phrases, so that "thanks! and when does it open?" stays a question. The phrases
are in `small_talk.toml`, by language and kind.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from qa.conversation.phrases import PhraseTable, kinds_of, parse_phrase


class SmallTalk(StrEnum):
    """Kinds of small talk."""

    THANKS = "thanks"
    OK = "ok"
    LAUGH = "laugh"
    PRAISE = "praise"
    BLAME = "blame"
    BYE = "bye"
    GREETING = "greeting"
    HELP = "help"
    IDENTITY = "identity"
    ABILITIES = "abilities"

    @property
    def wants_help(self) -> bool:
        """Whether the author should be told what the bot does and how to ask."""
        return self in _WANT_HELP


_WANT_HELP: Final = frozenset({SmallTalk.GREETING, SmallTalk.HELP, SmallTalk.IDENTITY, SmallTalk.ABILITIES})
# Of a message with several kinds the first of these counts; a greeting before anything else is mere politeness.
_ORDER: Final = (
    SmallTalk.ABILITIES,
    SmallTalk.IDENTITY,
    SmallTalk.HELP,
    SmallTalk.BLAME,
    SmallTalk.THANKS,
    SmallTalk.PRAISE,
    SmallTalk.LAUGH,
    SmallTalk.BYE,
    SmallTalk.OK,
    SmallTalk.GREETING,
)
_MOST_CHARACTERS: Final = 200
_MOST_WORDS: Final = 16
_MOST_TYPOS: Final = 2

_CUSTOM_EMOJI: Final = re.compile(r"<a?:\w{1,32}:\d{1,20}>|:(?!\d{1,32}:)\w{1,32}:", re.IGNORECASE)
_EMOTICON: Final = re.compile(
    r"(?<![\w/])(?:[:;=8][-o'^]?[)(\]\[dpo3/\\|*]{1,9}|xd{1,9}|<3{1,9}|\^[_.]?\^|-[_.]{1,9}-|o[_.]o|t[_.]t|¯\\_\(ツ\)_/¯|[)(]{1,9}[:;=])(?!\w)",
    re.IGNORECASE,
)
_APOSTROPHES: Final = re.compile(r"['’`´‘ʼ]")
_WORD: Final = re.compile(r"[^\W_]+")
_WAVE: Final = "👋"
_HAS_LINK: Final = re.compile(r"\w://")


def small_talk_in(text: str, names: Collection[str] = ()) -> SmallTalk | None:
    """Return the kind of small talk that a message consists of; None if anything in it may be a question.

    `text` has no Discord mentions; `names` are what the bot is called. A message of emoji only is OK, or GREETING with
    a waving hand; one without text or with punctuation only is HELP.
    """
    if len(text) > _MOST_CHARACTERS or _HAS_LINK.search(text):
        return None
    plain, emoji = _without_emoji(text)
    own = {word for name in names for word in _words(name)}
    words = [word for word in _words(plain) if word not in own]
    if not words:
        return _wordless(text, has_emoji=emoji)
    asks = any(mark in text for mark in "?？")
    found = _kinds_in(words, asks=asks) if len(words) <= _MOST_WORDS else frozenset()
    found = found & _WANT_HELP or found if asks else found  # "tudo bem?" is a greeting, "tudo bem" agreement
    return next((kind for kind in _ORDER if kind in found), None)


def _kinds_in(words: Sequence[str], *, asks: bool) -> frozenset[str]:
    """Return the kinds of phrases that words consist of; `asks` says that there is a question mark."""
    table = _table()
    known = [table.exact(word) for word in words]
    found = kinds_of(table, known)
    certain = not asks or (bool(found) and (len(words) > 1 or bool(known[0] & table.doubt)))
    if not found and sum(not each for each in known) <= _MOST_TYPOS:
        found = kinds_of(table, [each or table.corrected(word) for each, word in zip(known, words, strict=True)])
    # A single word, or one with a typo, may be another word where it asks: "hero?", "tanks?". Help does no harm then.
    return found if certain or found & _WANT_HELP else frozenset()


def _without_emoji(text: str) -> tuple[str, bool]:
    """Return a text without emoji and emoticons, and whether it had any."""
    plain = _EMOTICON.sub(" ", _CUSTOM_EMOJI.sub(" ", unicodedata.normalize("NFC", text)))
    symbols = [sign for sign in plain if unicodedata.category(sign) in {"So", "Sk", "Cs"} and sign not in "`´^"]
    return plain, plain != unicodedata.normalize("NFC", text) or bool(symbols)


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case, without accents and apostrophes."""
    folded = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold())
    return _WORD.findall("".join(sign for sign in folded if not unicodedata.combining(sign)))


def _wordless(text: str, *, has_emoji: bool) -> SmallTalk:
    if not has_emoji:
        return SmallTalk.HELP
    return SmallTalk.GREETING if _WAVE in text else SmallTalk.OK


@cache
def _table() -> PhraseTable:
    stored = tomllib.loads(files("qa.conversation").joinpath("small_talk.toml").read_text("utf-8"))
    common = files("qa.retrieval").joinpath("words/common.txt").read_text("utf-8").split()
    phrases = [
        parse_phrase(SmallTalk(kind), line)
        for language in stored.values()
        if isinstance(language, dict)
        for kind, lines in language.items()
        for line in lines.strip().splitlines()
    ]
    return PhraseTable(
        phrases,
        address=frozenset(stored["address"].split()),
        doubt=frozenset(stored["doubt"].split()),
        common=frozenset(map(str.lower, common)),
    )
