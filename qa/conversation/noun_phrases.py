"""Finds words, names and noun phrases in short English texts by spelling and closed word classes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from index.text.analyzer import content_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_TOKEN = re.compile(r"(?P<word>[^\W_]+(?:[-'’.&][^\W_]+)*)|(?P<stop>[.!?;:\n]+)|(?P<comma>[,()\"“”—–])")
_POSSESSIVE = re.compile(r"['’]s?$")
_NAME_JOINERS = (("of",), ("of", "the"), ("and",), ("de",), ("von",), ("van",))  # inside a name
_DO_AUXILIARIES = frozenset(  # a verb follows the subject
    "do does did has have had can could will would should may might must".split()
)
_BE_AUXILIARIES = frozenset("is are was were".split())
_QUESTIONS = frozenset("why how when where".split())  # before an auxiliary and a subject
_SUBJECTS = frozenset("what who which".split())

# Words that are seldom what a question is about: verbs and nouns of asking, and very general ones.
LIGHT = frozenset(
    (
        "ask tell describe explain define discuss list name know get make give find go come happen happened mean "
        "think use used work works called call say said see seen look looks keep kept show compare compared become "
        "became begin began start started end ended cause caused affect need want like learn learned let help helps "
        "different difference differences kind kinds type types way ways thing things example examples good better "
        "best bad worse worst main major common popular important interesting famous known similar new old first "
        "last next great really actually exactly now then today yes no ok okay sure thanks thank hello hi lot lots "
        "information info something anything someone anyone everything people person year years time times date "
        "part parts place reason reasons role details detail question questions answer much many"
    ).split()
)
_FUNCTION = frozenset(
    "one ones there here between over ever even versus vs apart before during against per via however else".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, with its offsets in code points.

    `first` is true if it begins a sentence, `broken` if a comma, bracket, quotation mark or sentence end precedes it.
    """

    text: str
    start: int
    end: int
    first: bool
    broken: bool

    @property
    def lower(self) -> str:
        """The word in lower case, without a possessive ending."""
        return _POSSESSIVE.sub("", self.text.lower())

    @property
    def is_content(self) -> bool:
        """Whether the word is a content word."""
        return is_content(self.text)

    @property
    def is_capital(self) -> bool:
        """Whether the word is capitalized, and not "I"."""
        return self.text[0].isupper() and self.text.split("'")[0] != "I"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: adjacent words that may be what a question is about.

    `words` are the terms of its content words, `start` its offset in the text, `lead` the word before it in lower case.
    """

    text: str
    words: frozenset[str]
    start: int
    is_name: bool
    lead: str

    @property
    def is_plural(self) -> bool:
        """Whether it looks like a plural."""
        end = self.text.lower()
        return (end.endswith("s") and not end.endswith(("ss", "us", "is"))) or " and " in end

    def is_like(self, other: Phrase) -> bool:
        """Whether it is another name of the same shape: as many words, joined in the same way."""
        shapes = {re.sub(r"[^\W_]+", "x", phrase.text) for phrase in (self, other)}
        return len(shapes) == 1 and not self.words <= other.words


@lru_cache(maxsize=1024)
def is_content(word: str) -> bool:
    """Whether a word is a content word: neither a function word nor an adverb in "-ly"."""
    lower = word.lower()
    return lower not in _FUNCTION and not (lower.endswith("ly") and len(lower) > 5) and bool(content_terms(word))


@lru_cache(maxsize=512)
def tokenize(text: str) -> tuple[Token, ...]:
    """Return the words of a text in order."""
    found: list[Token] = []
    first = broken = True
    for match in _TOKEN.finditer(text):
        if match["word"]:
            found.append(Token(match[0], match.start(), match.end(), first, broken))
        first = bool(match["stop"]) or (first and not match["word"])
        broken = not match["word"]
    return tuple(found)


@lru_cache(maxsize=512)
def names(text: str) -> tuple[Phrase, ...]:
    """Return the names in a text: runs of capitalized words, except a single word that begins a sentence."""
    tokens = tokenize(text)
    runs = _runs(tokens, lambda word: word.is_capital and word.is_content)
    return tuple(
        _make_phrase(text, tokens, start, end, is_name=True)
        for start, end in runs
        if end - start > 1 or not tokens[start].first
    )


@lru_cache(maxsize=512)
def phrases(text: str) -> tuple[Phrase, ...]:
    """Return names and other runs of content words in order, without `LIGHT` words at their ends."""
    tokens = tokenize(text)
    found = []
    subject = _inverted_subject(tokens)
    for start, end in _runs(tokens, lambda word: word.is_content):
        if subject and subject[0] <= start <= subject[0] + 2:
            end = _without_verb(tokens, start, end, always=subject[1])
        start += int(
            start == 1 and tokens[0].lower in _SUBJECTS and end - start > 1 and not _is_auxiliary_at(tokens, end)
        )
        while start < end and tokens[start].lower in LIGHT:
            start += 1
        while end > start and tokens[end - 1].lower in LIGHT:
            end -= 1
        if any(not word.text.isdigit() for word in tokens[start:end]):
            is_name = any(word.is_capital and not word.first for word in tokens[start:end])
            found.append(_make_phrase(text, tokens, start, end, is_name=is_name))
    return tuple(found)


def _is_auxiliary_at(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether the word at a position is an auxiliary: "what dog breed is ..." but not "what causes ..."."""
    return at < len(tokens) and tokens[at].lower in _DO_AUXILIARIES | _BE_AUXILIARIES


def _inverted_subject(tokens: tuple[Token, ...]) -> tuple[int, bool] | None:
    """Return the position at which the subject of an inverted question begins, and whether a verb must follow it."""
    for place, word in enumerate(tokens[:6]):
        if word.lower in _DO_AUXILIARIES:
            return place + 1, True
        if word.lower in _BE_AUXILIARIES:
            inverted = place == 0 or tokens[0].lower in _QUESTIONS
            return (place + 1, False) if inverted else None
    return None


def _without_verb(tokens: tuple[Token, ...], start: int, end: int, *, always: bool) -> int:
    """Return the end of a subject, without the verb after it: "did the results | differ", "is ocean crust | formed"."""
    last = next((place for place in range(start, end - 1) if _is_name_end(tokens, place)), end - 2)
    closes = always or end == len(tokens) or tokens[end].broken or not tokens[end].is_capital
    return last + 1 if closes and end - start > 1 and not tokens[end - 1].is_capital else end


def _is_name_end(tokens: tuple[Token, ...], place: int) -> bool:
    after = tokens[place + 1]
    return tokens[place].is_capital and after.is_content and not after.is_capital


def find_other_name(one: Phrase, texts: Iterable[str]) -> str | None:
    """Return another name of as many words whose neighbouring words in the texts are most like those of `one`."""
    known: Counter[str] = Counter()
    others: dict[str, Counter[str]] = {}
    for text in texts:
        for name in names(text) if one.is_name else ():
            beside = _neighbours(text, name)
            if name.text == one.text:
                known.update(beside)
            elif len(name.text.split()) == len(one.text.split()) and not (name.words <= one.words):
                others.setdefault(name.text, Counter()).update(beside)
    alike = {name: (beside & known).total() for name, beside in others.items()}
    best = max(alike, key=lambda name: alike[name], default=None)
    return best if best and alike[best] else None


def _neighbours(text: str, name: Phrase) -> list[str]:
    """Return the word before a name and up to three after it in its sentence, marked with their side."""
    tokens = tokenize(text)
    first = next(place for place, word in enumerate(tokens) if word.start == name.start)
    last = first + len(tokenize(name.text))
    after = takewhile(lambda word: not word.first, tokens[last : last + 3])
    return [f"{word.lower} _" for word in tokens[max(0, first - 1) : first]] + [f"_ {word.lower}" for word in after]


def _runs(tokens: tuple[Token, ...], keep: Callable[[Token], bool]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of runs of tokens to keep; "of" and the like may join two names."""
    at = 0
    while at < len(tokens):
        if not keep(tokens[at]):
            at += 1
            continue
        end = at + 1
        while (more := _extended_end(tokens, end, keep)) is not None:
            end = more
        yield at, end
        at = end


def _extended_end(tokens: tuple[Token, ...], end: int, keep: Callable[[Token], bool]) -> int | None:
    """Return the new end of a run that continues at `end`, or None if it ends there."""
    if end < len(tokens) and not tokens[end].broken and keep(tokens[end]):
        return end + 1
    for join in _NAME_JOINERS if tokens[end - 1].is_capital else ():
        last = end + len(join)
        if last >= len(tokens) or any(word.broken for word in tokens[end : last + 1]):
            continue
        same = tuple(word.text for word in tokens[end:last]) == join
        if same and keep(tokens[last]) and tokens[last].is_capital and not tokens[end - 1].first:
            return last + 1
    return None


def _make_phrase(text: str, tokens: tuple[Token, ...], start: int, end: int, *, is_name: bool) -> Phrase:
    shown = _POSSESSIVE.sub("", text[tokens[start].start : tokens[end - 1].end])
    lead = tokens[start - 1].lower if start and not tokens[start].broken else ""
    return Phrase(shown, frozenset(content_terms(shown)), tokens[start].start, is_name, lead)
