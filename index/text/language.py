"""Recognises the language of articles, and texts that are surely not English, for models that read nothing else.

py3langid (naive Bayes over byte sequences: Lui and Baldwin 2012, "langid.py") gives each language a log-likelihood. How
far another language must lead depends on the function words: questions are short, and names look like any language.
`benchmarks/RESULTS.md` has the figures.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")

# Common in English and in none of the other languages of the bot; "was", "die", "on" and "do" are left out.
_ENGLISH: Final = frozenset(
    "the of and are what which who how when where why does did can for with from that this it my you your have "
    "is there any they".split()
)
# Common in German, Spanish, French, Italian and Portuguese, and neither English nor usual in names.
_OTHERS: Final = frozenset(
    # German
    "der das dem ein eine einen einem einer ich wir ihr ist sind kann darf muss wie wo wer wann warum welche welcher "
    "welches welchen nicht für mit zum zur auf bei nach wird gibt habe haben mich mir mein meine meinen und oder wenn "
    "wieviel viele "
    # Spanish
    "qué cómo cuando cuándo donde dónde quien quién cual cuál cuanto cuánto cuánta cuántos cuántas puedo puede tengo "
    "hay está están mi una esta quiero debo pero porque "
    # French
    "quoi où quand pourquoi combien quel quelle quels quelles puis je vous nous est une avec dans peut sont dois cette "
    # Italian
    "che gli chi dove perché quale quali quanto quanti posso può devo sono della mio è nella "
    # Portuguese
    "quem como onde quando qual quais quantos posso pode preciso devo minha meu são não uma você vocês".split()
)
# Of the languages that the identifier knows, those that names, drug names and code are seldom taken for.
_DISTINCT: Final = frozenset(
    "ar be bg bn ca cs da de el es et fa fi fr gu he hi hr hu hy id is it ja ka kk km kn ko lo lt lv mk ml mr my ne nl "
    "no nn pa pl pt ro ru si sk sl sq sr sv ta te th tr uk ur vi yue zh".split()
)
# By how much another language must be likelier than English (natural logarithm):
_WITH_FUNCTION_WORDS: Final = 3.0  # with function words of another language and none of English
_WITHOUT: Final = 20.0  # with none of either
_IN_DOUBT: Final = 40.0  # with function words of English, or for a language that names are taken for

_ENOUGH = 200  # code points: texts of the treebanks are recognised without exception from this length on
_PIECES, _PIECE = 3, 600  # parts of a long text that are examined, and code points of each


def foreign_language(text: str) -> str | None:
    """Return the ISO 639 code of the language of a text that is surely not English, else None.

    Of closely related languages, another one may be named.
    """
    letters = "".join(filter(str.isalpha, text))
    if len(letters) < 3 and not any(_is_ideograph(char) for char in letters):
        return None
    ranked = _rank(text)
    english = next(score for language, score in ranked if language == "en")
    language, score = next(pair for pair in ranked if pair[0] != "en")
    if not letters.isascii() and 2 * sum("LATIN" in unicodedata.name(char, "") for char in letters) < len(letters):
        return language
    words = set(_WORD.findall(text.casefold()))
    if words & _ENGLISH:
        least = _IN_DOUBT
    elif words & _OTHERS:
        least = _WITH_FUNCTION_WORDS
    else:
        least = _WITHOUT if language in _DISTINCT else _IN_DOUBT
    return language if score - english > least else None


def foreign_article_language(text: str) -> str | None:
    """Return the language of an article that is surely not English in most of its parts, else None."""
    pieces = _pieces(text)
    found = Counter(foreign_language(piece) for piece in pieces)
    language, times = found.most_common(1)[0]
    return language if 2 * times > len(pieces) else None


def article_language(text: str, declared: str | None = None) -> str | None:
    """Return the BCP 47 tag of an article's language, or None if it is unknown.

    `declared` is what its source says, such as "pt-BR". It is returned unless the text is surely in another
    language, which is common: templates of pages declare English. A short text is never sure.
    """
    if len(text) < _ENOUGH:
        return declared or foreign_article_language(text)
    pieces = [dict(_rank(piece)) for piece in _pieces(text)]
    found = Counter(max(scores, key=scores.__getitem__) for scores in pieces)
    language, times = found.most_common(1)[0]
    if 2 * times <= len(pieces):
        return declared
    own = language_code(declared or "")
    doubts = sum(scores.get(own, -math.inf) > scores[language] - _IN_DOUBT for scores in pieces)
    return declared if declared and 2 * doubts > len(pieces) else language


def language_code(tag: str) -> str:
    """Return the language of a BCP 47 tag without its region; Norwegian, in either of its standards, is "no"."""
    code = tag.replace("_", "-").partition("-")[0].lower()
    return {"nb": "no", "nn": "no"}.get(code, code)


def _pieces(text: str) -> list[str]:
    """Return the parts of a text that are examined: its beginning, middle and end."""
    step = max(1, (len(text) - _PIECE) // (_PIECES - 1))
    return [text[first : first + _PIECE] for first in range(0, max(1, len(text) - _PIECE + 1), step)]


@lru_cache(maxsize=_PIECES)  # an article's language, and whether it is foreign, are found from the same parts
def _rank(text: str) -> tuple[tuple[str, float], ...]:
    # Loading the model takes half a second.
    from py3langid import rank

    return tuple(rank(text))


def _is_ideograph(char: str) -> bool:
    return unicodedata.name(char, "").startswith("CJK")
