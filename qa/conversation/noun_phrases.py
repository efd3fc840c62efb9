"""Words, names and noun phrases of short texts, found by spelling and closed word classes alone."""

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
_JOINS = (("of",), ("of", "the"), ("and",), ("de",), ("von",), ("van",))  # inside a name
_DOING = frozenset("do does did has have had can could will would should may might must".split())  # a verb follows
_BEING = frozenset("is are was were".split())
_QUESTIONS = frozenset("why how when where".split())  # before an auxiliary and a subject
_SUBJECTS = frozenset("what who which".split())

# Words that are seldom what a question is about: verbs and nouns of asking, and what any topic has.
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
    """A word of a text, its place in code points, and what stands before it.

    `first`: a sentence begins with it; `broken`: a comma, bracket, quotation mark or sentence end stands before it.
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
        """Whether the word says what a text is about."""
        return is_content(self.text)

    @property
    def is_capital(self) -> bool:
        """Whether it is written as names are."""
        return self.text[0].isupper() and self.text.split("'")[0] != "I"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand together and may be what a question is about.

    `words` are its folded content words, `start` is its place in the text, `lead` the word before it in lower case.
    """

    text: str
    words: frozenset[str]
    start: int
    is_name: bool
    lead: str

    @property
    def is_plural(self) -> bool:
        """Whether it looks like more than one thing."""
        end = self.text.lower()
        return (end.endswith("s") and not end.endswith(("ss", "us", "is"))) or " and " in end

    def is_like(self, other: Phrase) -> bool:
        """Whether it is another name of the same shape: as many words, joined alike."""
        shapes = {re.sub(r"[^\W_]+", "x", phrase.text) for phrase in (self, other)}
        return len(shapes) == 1 and not self.words <= other.words


@lru_cache(maxsize=4096)
def is_content(word: str) -> bool:
    """Whether a word says what a text is about."""
    lower = word.lower()
    return lower not in _FUNCTION and not (lower.endswith("ly") and len(lower) > 5) and bool(content_terms(word))


@lru_cache(maxsize=512)
def words_of(text: str) -> tuple[Token, ...]:
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
    """Return the names in a text: runs of words with capitals, a lone first word of a sentence left out."""
    tokens = words_of(text)
    runs = _runs(tokens, lambda word: word.is_capital and word.is_content)
    return tuple(
        _phrase(text, tokens, start, end, is_name=True)
        for start, end in runs
        if end - start > 1 or not tokens[start].first
    )


@lru_cache(maxsize=512)
def phrases(text: str) -> tuple[Phrase, ...]:
    """Return names and other runs of content words of a text in order, light words at their ends left out."""
    tokens = words_of(text)
    found = []
    subject = _subject(tokens)
    for start, end in _runs(tokens, lambda word: word.is_content):
        if subject and subject[0] <= start <= subject[0] + 2:
            end = _without_verb(tokens, start, end, always=subject[1])
        start += int(start == 1 and tokens[0].lower in _SUBJECTS and end - start > 1 and not _asks(tokens, end))
        while start < end and tokens[start].lower in LIGHT:
            start += 1
        while end > start and tokens[end - 1].lower in LIGHT:
            end -= 1
        if any(not word.text.isdigit() for word in tokens[start:end]):
            is_name = any(word.is_capital and not word.first for word in tokens[start:end])
            found.append(_phrase(text, tokens, start, end, is_name=is_name))
    return tuple(found)


def _asks(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether an auxiliary stands at a place: "what dog breed is ..." against "what causes ..."."""
    return at < len(tokens) and tokens[at].lower in _DOING | _BEING


def _subject(tokens: tuple[Token, ...]) -> tuple[int, bool] | None:
    """Return where the subject of an inverted question begins, and whether a verb must follow it."""
    for place, word in enumerate(tokens[:6]):
        if word.lower in _DOING:
            return place + 1, True
        if word.lower in _BEING:
            inverted = place == 0 or tokens[0].lower in _QUESTIONS
            return (place + 1, False) if inverted else None
    return None


def _without_verb(tokens: tuple[Token, ...], start: int, end: int, *, always: bool) -> int:
    """Return the end of a subject without the verb after it: "did the results | differ", "is ocean crust | formed"."""
    last = next((place for place in range(start, end - 1) if _name_ends(tokens, place)), end - 2)
    closes = always or end == len(tokens) or tokens[end].broken or not tokens[end].is_capital
    return last + 1 if closes and end - start > 1 and not tokens[end - 1].is_capital else end


def _name_ends(tokens: tuple[Token, ...], place: int) -> bool:
    after = tokens[place + 1]
    return tokens[place].is_capital and after.is_content and not after.is_capital


def another(one: Phrase, texts: Iterable[str]) -> str | None:
    """Return the name of as many words that stands in texts where `one` does: among the likest neighbours."""
    known: Counter[str] = Counter()
    others: dict[str, Counter[str]] = {}
    for text in texts:
        for name in names(text) if one.is_name else ():
            beside = _beside(text, name)
            if name.text == one.text:
                known.update(beside)
            elif len(name.text.split()) == len(one.text.split()) and not (name.words <= one.words):
                others.setdefault(name.text, Counter()).update(beside)
    alike = {name: (beside & known).total() for name, beside in others.items()}
    best = max(alike, key=lambda name: alike[name], default=None)
    return best if best and alike[best] else None


def _beside(text: str, name: Phrase) -> list[str]:
    """Return the word before a name and up to three words of its sentence after it, with their side."""
    tokens = words_of(text)
    first = next(place for place, word in enumerate(tokens) if word.start == name.start)
    last = first + len(words_of(name.text))
    after = takewhile(lambda word: not word.first, tokens[last : last + 3])
    return [f"{word.lower} _" for word in tokens[max(0, first - 1) : first]] + [f"_ {word.lower}" for word in after]


def _runs(tokens: tuple[Token, ...], keep: Callable[[Token], bool]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of runs of words to keep; `of` and the like may join two runs."""
    at = 0
    while at < len(tokens):
        if not keep(tokens[at]):
            at += 1
            continue
        end = at + 1
        while (more := _next(tokens, end, keep)) is not None:
            end = more
        yield at, end
        at = end


def _next(tokens: tuple[Token, ...], end: int, keep: Callable[[Token], bool]) -> int | None:
    """Return the end of a run that goes on at `end`, or None where it stops there."""
    if end < len(tokens) and not tokens[end].broken and keep(tokens[end]):
        return end + 1
    for join in _JOINS if tokens[end - 1].is_capital else ():
        last = end + len(join)
        if last >= len(tokens) or any(word.broken for word in tokens[end : last + 1]):
            continue
        same = tuple(word.text for word in tokens[end:last]) == join
        if same and keep(tokens[last]) and tokens[last].is_capital and not tokens[end - 1].first:
            return last + 1
    return None


def _phrase(text: str, tokens: tuple[Token, ...], start: int, end: int, *, is_name: bool) -> Phrase:
    shown = _POSSESSIVE.sub("", text[tokens[start].start : tokens[end - 1].end])
    lead = tokens[start - 1].lower if start and not tokens[start].broken else ""
    return Phrase(shown, frozenset(content_terms(shown)), tokens[start].start, is_name, lead)
