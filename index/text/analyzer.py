"""The analyzer of lexical search: text to index terms, the same way for articles and questions.

Case, accents, compatibility forms (Unicode NFKD, UAX #15), hyphens, plural and verb endings (Snowball's English
stemmer, an improved Porter stemmer) and the commonest British spellings make no difference, so that "Myong-il",
"MYONG IL" and "Myongil", or "colour" and "color", match.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import filterfalse

from snowballstemmer import stemmer

_STEM = stemmer("english").stemWord
_RUN = re.compile(r"[^\W_]+(?:[-_./'’‐‑‒–:@][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0002ffff]")
_BRITISH = (
    (re.compile(r"(?<=[a-z]{2})isation(?=s?$)"), "ization"),
    (re.compile(r"(?<=[a-z]{3})is(?=(e|es|ed|ing)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{3})ys(?=(e|es|ed|ing)$)"), "yz"),
    (re.compile(r"(?<=[a-z]{2})our(?=(s|ed|ing|ite|able|ful|less)?$)"), "or"),
    (re.compile(r"(?<=[a-z]{2}[tbh])re(?=s?$)"), "er"),
    (re.compile(r"(?<=[a-z]{3})ogue(?=s?$)"), "og"),
    (re.compile(r"(?<=[a-z]{2})ence$"), "ense"),
    (re.compile(r"(?<=[a-z]{2}[aeiou])ll(?=(ed|ing|er|ers)$)"), "l"),
    (re.compile(r"mme(?=s?$)"), "m"),
    (re.compile(r"(?<=[a-z])ae(?=[a-z]{2})"), "e"),
)
_FUNCTION_WORDS = frozenset(
    (
        "a an and are as at be been being but by can could did do does for from had has have he her hers him his "
        "how i if in into is it its itself just me my no nor not of on or our ours s shall she should so some "
        "such t than that the their theirs them then there these they this those to too us was we were what when "
        "where which while who whom whose why will with would you your yours about all also am any because before "
        "after again very more most much many other own same tell please does didn don doesn isn"
    ).split()
)


def index_terms(text: str) -> list[str]:
    """Return the terms of a text in order, repeats included.

    A compound gives its parts and its joined form: "Song-il" gives `song`, `il` and `songil`. Chinese, Japanese and
    Korean text gives overlapping pairs of characters (bigrams).
    """
    found: list[str] = []
    for run in _RUN.findall(_fold(text)):
        parts = _PART.findall(run)
        for part in parts:
            found.extend(_term(part))
        if len(parts) > 1 and len(run) <= 40:
            found.extend(_term("".join(parts)))
    return found


def key_terms(question: str) -> list[str]:
    """Return the distinct terms of a question without function words, in order; all of its terms if nothing is left."""
    return content_terms(question) or list(dict.fromkeys(index_terms(question)))


def content_terms(text: str) -> list[str]:
    """Return the distinct terms of a text without function words, in order; may be empty."""
    return [term for term in dict.fromkeys(index_terms(text)) if term not in _STOPPED]


def folded_words(text: str) -> list[str]:
    """Return the words of a text in order, folded but not stemmed; a compound gives only its parts."""
    return _PART.findall(_fold(text))


def stem(word: str) -> str:
    """Return the stem of a folded word, as in the results of `index_terms`."""
    return _stem(word[:64])


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(filterfalse(unicodedata.combining, decomposed))
    return unicodedata.normalize("NFC", bare)  # NFKD split Hangul syllables; this joins them again


def _term(part: str) -> list[str]:
    if _CJK.search(part):
        return [part[at : at + 2] for at in range(max(1, len(part) - 1))]
    return [_stem(part[:64])]


def _stem(word: str) -> str:
    # Numbers are as they are: kept in the cache, they would fill it.
    return _english_stem(word) if word.isascii() and word.isalpha() else word


@lru_cache(maxsize=50_000)
def _english_stem(word: str) -> str:
    for pattern, replacement in _BRITISH if len(word) > 4 else ():
        word = pattern.sub(replacement, word)
    stem: str = _STEM(word)
    return stem


_STOPPED = frozenset(_stem(word) for word in _FUNCTION_WORDS)
