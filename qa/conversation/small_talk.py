"""Recognises messages that put no question to the articles: thanks, greetings, praise, calls for help and the like.

The whole message must consist of known phrases, so that "thanks! and when does it open?" stays a question. The phrases
are in `small_talk.toml`, by language and kind.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Final

from index.text.analyzer import index_terms


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
_CHAT_SPELLINGS: Final = {
    "u": "you",
    "r": "are",
    "ur": "your",
    "wat": "what",
    "wut": "what",
    "wot": "what",
    "da": "the",
}
_MOST_CHARACTERS: Final = 200
_MOST_WORDS: Final = 16
_MOST_RUNS: Final = 5  # of repeated letters in a word that are tried with one and with two
_SHORTEST_TYPO: Final = 4  # letters; in shorter words nearly every slip is another word
_MOST_TYPOS: Final = 2
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"

_CUSTOM_EMOJI: Final = re.compile(r"<a?:\w+:\d+>|:\w*[a-z_]\w*:", re.IGNORECASE)
_EMOTICON: Final = re.compile(
    r"(?<![\w/])(?:[:;=8][-o'^]?[)(\]\[dpo3/\\|*]+|x[d]+|<3+|\^[_.]?\^|-[_.]+-|o[_.]o|t[_.]t|¯\\_\(ツ\)_/¯|[)(]+[:;=])(?!\w)",
    re.IGNORECASE,
)
_APOSTROPHES: Final = re.compile(r"['’`´‘ʼ]")
_WORD: Final = re.compile(r"[^\W_]+")
_RUNS: Final = re.compile(r"(.)\1*")
_LAUGHTER: Final = re.compile(
    r"[ah]{4,}|(?:ha|he|hi|ho|hu|ja|je|ji|ah|eh|rs|hue|hua){2,}[haejirs]?|j[aj]{3,}|k{3,}|l+o+l+(?:ol)*|lma+o+|x+d+|mdr+|ptdr+"
)
_WAVE: Final = "👋"
_HAS_LINK: Final = re.compile(r"\w+://")


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


def _kinds_in(words: Sequence[str], *, asks: bool) -> frozenset[SmallTalk]:
    """Return the kinds of phrases that words consist of; `asks` says that there is a question mark."""
    table = _table()
    known = [table.exact(word) for word in words]
    found = _kinds(table, known)
    certain = not asks or (bool(found) and (len(words) > 1 or bool(known[0] & table.doubt)))
    if not found and sum(not each for each in known) <= _MOST_TYPOS:
        found = _kinds(table, [each or table.corrected(word) for each, word in zip(known, words, strict=True)])
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


@dataclass(frozen=True, slots=True)
class _Template:
    """A phrase with alternatives: each place has the word sequences that may stand there, () if it may be missing."""

    kind: SmallTalk
    places: tuple[tuple[tuple[str, ...], ...], ...]
    alone: bool

    @property
    def first_words(self) -> set[str]:
        """The words with which the phrase may begin."""
        required = next(at for at, place in enumerate(self.places) if () not in place)
        return {choice[0] for place in self.places[: required + 1] for choice in place if choice}

    def ends(self, words: Sequence[frozenset[str]], start: int) -> set[int]:
        """Return where the phrase may end if it begins at a word; `words` holds what each word may stand for."""
        reached = {start}
        for place in self.places:
            reached = {
                at + len(choice)
                for at in reached
                for choice in place
                if at + len(choice) <= len(words) and all(word in words[at + i] for i, word in enumerate(choice))
            }
        return reached - {start}


_Way = tuple[int, frozenset[SmallTalk]]
"""How some words can be read: the number of phrases and words of address, and the kinds of the phrases."""


class _Table:
    """All templates, and the words in them.

    `address` are words that may stand around phrases, `doubt` those that are small talk even if they ask.
    """

    def __init__(
        self,
        templates: Iterable[_Template],
        *,
        address: frozenset[str],
        doubt: frozenset[str],
        common: frozenset[str],
    ) -> None:
        self.address, self.doubt = address, doubt
        self._common = common
        self._beginning: defaultdict[str, list[_Template]] = defaultdict(list)
        vocabulary = set(address)
        for template in templates:
            vocabulary.update(word for place in template.places for choice in place for word in choice)
            for word in template.first_words:
                self._beginning[word].append(template)
        self._vocabulary = frozenset(vocabulary)

    def beginning(self, words: frozenset[str]) -> Iterator[_Template]:
        """Yield the templates that may begin with one of these words."""
        for word in words:
            yield from self._beginning.get(word, ())

    def exact(self, word: str) -> frozenset[str]:
        """Return the known words that a word may be, apart from repeated letters; "lol" for any laughter."""
        if _LAUGHTER.fullmatch(word):
            return frozenset({"lol"})
        forms = _shortened(word)
        return self._vocabulary & (forms | {_CHAT_SPELLINGS[form] for form in forms & _CHAT_SPELLINGS.keys()})

    def corrected(self, word: str) -> frozenset[str]:
        """Return the known words that a word may be with one typo; none for a word that is common itself."""
        if len(word) < _SHORTEST_TYPO or not (word.isascii() and word.isalpha()):
            return frozenset()
        if self._common.intersection(index_terms(word)):
            return frozenset()
        return frozenset(
            known for known in self._vocabulary & _slips(word) if known[0] == word[0] and len(known) >= _SHORTEST_TYPO
        )


def _kinds(table: _Table, words: Sequence[frozenset[str]]) -> frozenset[SmallTalk]:
    """Return the kinds of phrases that the words consist of, with as few phrases as possible; none if they do not."""
    if not all(words):
        return frozenset()
    ways: list[_Way | None] = [(0, frozenset()), *[None] * len(words)]
    for at, word in enumerate(words):
        way = ways[at]
        if way is None:
            continue
        if word & table.address:
            _keep(ways, at + 1, (way[0] + 1, way[1]))
        for template in table.beginning(word):
            for end in template.ends(words, at):
                if not template.alone or (at == 0 and end == len(words)):
                    _keep(ways, end, (way[0] + 1, way[1] | {template.kind}))
    last = ways[-1]
    return last[1] if last else frozenset()


def _keep(ways: list[_Way | None], at: int, way: _Way) -> None:
    """Keep a way to a position unless a known one is better: says something, then has fewer parts; join equal ones."""
    known = ways[at]
    if known is None or (not way[1], way[0]) < (not known[1], known[0]):
        ways[at] = way
    elif way[0] == known[0] and way[1]:
        ways[at] = way[0], way[1] | known[1]


def _shortened(word: str) -> set[str]:
    """Return a word and its forms in which a run of three or more letters, or a run at its end, is shorter."""
    runs = [match[0] for match in _RUNS.finditer(word)]
    if sum(len(run) > 1 for run in runs) > _MOST_RUNS:
        return {word}
    last = len(runs) - 1
    forms = [
        {run} if len(run) == 1 or (len(run) == 2 and at != last) else {run[0], run[0] * 2}
        for at, run in enumerate(runs)
    ]
    return {"".join(form) for form in product(*forms)} | {word}


def _slips(word: str) -> set[str]:
    """Return the words that become `word` by swapping two letters, or by leaving out or adding one."""
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    shorter = {word[:at] + word[at + 1 :] for at in range(len(word))}
    longer = {word[:at] + letter + word[at:] for at in range(1, len(word) + 1) for letter in _LETTERS}
    return swapped | shorter | longer


@cache
def _table() -> _Table:
    stored = tomllib.loads(files("qa.conversation").joinpath("small_talk.toml").read_text("utf-8"))
    common = files("qa.retrieval").joinpath("words/common.txt").read_text("utf-8").split()
    templates = [
        _template(SmallTalk(kind), line)
        for language in stored.values()
        if isinstance(language, dict)
        for kind, lines in language.items()
        for line in lines.strip().splitlines()
    ]
    return _Table(
        templates,
        address=frozenset(stored["address"].split()),
        doubt=frozenset(stored["doubt"].split()),
        common=frozenset(map(str.lower, common)),
    )


def _template(kind: SmallTalk, line: str) -> _Template:
    places = []
    for place in line.removeprefix("=").split():
        choices = [tuple(choice.split("_")) for choice in place.strip("[]").split("|")]
        places.append((*choices, ()) if place.startswith("[") else tuple(choices))
    return _Template(kind, tuple(places), line.startswith("="))
