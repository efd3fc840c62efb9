"""Compares statements: which say the same in the same words, numbers and signs."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from index.text.analyzer import index_terms
from index.text.sentences import sentence_spans

if TYPE_CHECKING:
    from index.models import Span, StoredPassage

_FEW_WORDS: Final = 5  # a statement with fewer words depends on what stands above it: "No.", "Yes, free."
_MIN_CONTAINED: Final = 4  # tokens; a shorter statement may be contained in another one without saying the same
_NEGATIONS: Final = frozenset("no not never nor neither none without cannot t".split())

_EXPONENT_OR_FRACTION = re.compile(r"[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u215e\u2189]")
_IN_QUOTATION_MARKS = re.compile(r"(?<!\w)(['\"])([^'\"]*)\1(?!\w)")
_DASH: Final = "[-\u2010\u2011\u2012\u2013]"
_READ_IN_CONTEXT: Final = (  # in this order; what remains of these marks is punctuation
    (re.compile(r"!(?==)"), "\u2260"),  # "!=" is not an exclamation
    (re.compile(r"(?<=\d)'(?!\w)"), "\u2032"),  # 5' is not 5"
    (re.compile(r"(?<=\d)\"(?!\w)"), "\u2033"),
    (re.compile(rf"(?<=\d)\s*{_DASH}\s*(?=\d)"), "\u223c"),  # between numbers: a range, a date or a difference
    (re.compile(rf"(?<!\w){_DASH}(?=[.$\u00a3\u20ac]?\d)"), "\u2212"),  # a minus, unlike the hyphen of "Covid-19"
    (re.compile(r"(?<=\d)\s*\*\s*(?=\d)"), "\u00d7"),
    (re.compile(r"(?<!\d)[,:]|[,:](?!\d)"), " "),  # but 7:30 and 1,000 are one number each
    (re.compile(r"\.(?!\w)|(?<=\.)\."), " "),  # but 3.5, Node.js and .NET are one word each
)
_SIGNS: Final = frozenset("%\u2030#@&/\\\u00a7\u2032\u2033")  # the punctuation, by Unicode's categories, with a meaning
_NO_SIGNS: Final = frozenset("`\u00b4\u00a8\u00a9\u00ae|")  # the symbols, by Unicode's categories, without one


class _Separated(dict[int, str]):
    """A table for `str.translate`: letters and digits stay, a sign is set apart, punctuation becomes a space."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if category == "Cf" or 0xFE00 <= code <= 0xFE0F:  # joiners, soft hyphens and variation selectors
            made = ""
        elif category[0] in "LNM" or char in "_.,:":
            made = char
        elif char in _SIGNS or (category[0] == "S" and char not in _NO_SIGNS):
            made = f" {char} "
        else:
            made = " "
        self[code] = made
        return made


_SEPARATED: Final = _Separated()


class Statement(NamedTuple):
    """What makes two statements the same: both parts are equal.

    `tokens` are its words, numbers and signs; `context` are those of what a short statement is about, else empty.
    """

    tokens: tuple[str, ...]
    context: tuple[str, ...]

    def repeats(self, other: Statement) -> bool:
        """Whether it is the same as another, or one contains the other without a sign or a "not" of difference."""
        shorter, longer = sorted((self, other), key=lambda statement: len(statement.tokens))
        if self == other:
            return True
        return not shorter.context and len(shorter.tokens) >= _MIN_CONTAINED and contains(longer.tokens, shorter.tokens)


@lru_cache(maxsize=1024)
def statement_tokens(text: str) -> tuple[str, ...]:
    """Return the words, numbers and signs of a text, case-folded.

    They are equal for texts that differ only in case, quotation marks, dashes between words, punctuation or white
    space. A sign that carries meaning is a token, such as those of "C++", "20 %", "-5" and "a < b"; a number with its
    separators and a word with dots are one token each, such as "7:30" and ".net".
    """
    plain = unicodedata.normalize("NFKC", _EXPONENT_OR_FRACTION.sub(_set_apart, text)).casefold()
    plain = _IN_QUOTATION_MARKS.sub(r" \2 ", plain)
    for pattern, replacement in _READ_IN_CONTEXT:
        plain = pattern.sub(replacement, plain)
    return tuple(plain.translate(_SEPARATED).split())


def signs(text: str) -> tuple[str, ...]:
    """Return the tokens of a text that are more than letters or digits, in order: the analyzer reduces them."""
    return tuple(token for token in statement_tokens(text) if not token.isalnum())


def contains(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    """Whether tokens contain others in order, as a statement that means the same there.

    A sign next to it, as in "in C" and "in C++", or a negation in the rest changes the meaning.
    """
    size = len(shorter)
    for start in range(len(longer) - size + 1):
        if longer[start : start + size] == shorter:
            before, after = longer[:start], longer[start + size :]
            next_to_it = (*before[-1:], *after[:1])
            if _NEGATIONS.isdisjoint((*before, *after)) and all(any(map(str.isalnum, token)) for token in next_to_it):
                return True
    return False


@lru_cache(maxsize=1024)
def is_short(text: str) -> bool:
    """Whether a statement says too little without what stands above it."""
    return len(index_terms(text)) < _FEW_WORDS


def statement_in(stored: StoredPassage, place: Span) -> Statement:
    """Return the statement at a place, a span of the passage's text.

    A short one is about the question before it, else the deepest heading, else the sentence before, else the title.
    """
    text = place.of(stored.text)
    if not is_short(text):
        return Statement(statement_tokens(text), ())
    before = [span.of(stored.text) for span in sentence_spans(stored.text[: place.start], stored.language)][-1:]
    heading = stored.passage.heading.rpartition(" > ")[2]
    asked = [sentence for sentence in before if sentence.rstrip("\"'*_)\u201d\u00bb ").endswith(("?", "\uff1f"))]
    about = next(iter([*asked, *filter(None, [heading]), *before, stored.title]))
    return Statement(statement_tokens(text), statement_tokens(about))


def _set_apart(match: re.Match[str]) -> str:
    """Return an exponent as "^2" and a fraction after a space: 10² is not 102, and 1½ is not 11/2."""
    char = match.group()
    plain = unicodedata.normalize("NFKC", char).replace("\u2044", "/")
    return f" {plain}" if "/" in plain else f"{'_' if '<sub>' in unicodedata.decomposition(char) else '^'}{plain}"
