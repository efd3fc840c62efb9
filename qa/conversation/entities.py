"""Tracks what was mentioned in a conversation, and how prominently: what "it" or "she" may refer to.

A mention increases a phrase's salience by how it was made, and each later turn of the user decreases it: as in Lappin
and Leass 1994, but from spelling and closed word classes instead of a parse. The numbers were chosen on the
development part of `benchmarks/conversation.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from qa.conversation.noun_phrases import Phrase, names, phrases, tokenize

PERSON = frozenset("he him his she her hers".split())
PLURAL = frozenset("they them their theirs these those".split())
POINTING = frozenset("this that these those".split())
PRONOUNS = PERSON | PLURAL | POINTING | {"it", "its"}

_TURN_DECAY = 0.6  # factor of every strength with each turn of the user
_MIN_STRENGTH = 0.4  # strength; a weaker phrase is no antecedent
_SHORT_ANSWER_WORDS = 8  # words; of such an answer all phrases are mentions, of a longer one names

# Strength of a mention
_NAME = 0.75
_OF, _STRONG_LEADS = 0.9, frozenset("of about".split())
_LEAD, _LEADS = 0.5, frozenset("the a an in on is are was were do does did".split())
_WEAK, _WEAK_LEADS = -0.8, PRONOUNS | frozenset("what which to be being have".split()) | {""}
_VERB = -1.15  # a single word that ends in "ed" or "ing"
_WORD, _PLACE = 0.3, 0.1  # per word, up to three, and per phrase before it
_OPENING = 0.5  # in the first turn
_AGAIN = 1.0  # as the antecedent of a pronoun
_IN_SHORT_ANSWER, _IN_LONG_ANSWER = 0.33, 0.44  # as factors
_WHO = 1.0  # the first name in an answer to "who"

# How well a phrase fits a pronoun, as factors
_NO_NAME_FOR_PERSON = 0.12
_PLURAL_FOR_PLURAL, _PLURAL_FOR_SINGLE = 2.9, 0.7
_JUST_NOW_FOR_POINTING = 4.0


@dataclass(slots=True)
class EntityTracker:
    """The phrases mentioned so far by their terms, with their strengths, and those of the latest exchange."""

    _known: dict[frozenset[str], Phrase] = field(default_factory=dict)
    _strengths: dict[frozenset[str], float] = field(default_factory=dict)
    _latest: set[frozenset[str]] = field(default_factory=set)

    def ask(self, question: str, meant: Phrase | None) -> None:
        """Add a question as typed, and the phrase that it was understood to refer to."""
        opening = 0.0 if self._strengths else _OPENING
        for key in self._strengths:
            self._strengths[key] *= _TURN_DECAY
        self._latest = set()
        for place, phrase in enumerate(phrases(question)):
            self._add(phrase, _strength(phrase, place) + opening)
        if meant:
            self._add(meant, _AGAIN)

    def answer(self, text: str, question: str) -> None:
        """Add an answer to a question."""
        asked = tokenize(question)
        who = bool(asked) and asked[0].lower in {"who", "whose", "whom", "which"}
        short = len(tokenize(text)) <= _SHORT_ANSWER_WORDS
        for place, phrase in enumerate(phrases(text) if short else names(text)):
            share = _IN_SHORT_ANSWER if short else _IN_LONG_ANSWER / (1 + place)
            named = _WHO if who and phrase.is_name and not place else 0.0
            self._add(phrase, share * _strength(phrase, place) + named)

    def set_focus(self, phrase: Phrase) -> None:
        """Make a phrase the most prominent one."""
        self._add(phrase, max(self._strengths.values(), default=0.0) + _AGAIN)

    def strongest(self, pronoun: str = "", within: str = "") -> Phrase | None:
        """Return the likeliest antecedent of a pronoun, or without one the most prominent phrase; None if all are weak.

        With `within`, only phrases that occur in that text count.
        """
        scores = {
            key: strength * self._pronoun_fit(pronoun, key)
            for key, strength in self._strengths.items()
            if not within or self._known[key].text in within
        }
        best = max(scores, key=lambda key: scores[key], default=None)
        if best is None or scores[best] < _MIN_STRENGTH:
            return None
        phrase = self._known[best]
        person = names(f"x {phrase.text}") if pronoun in PERSON else ()  # the name in "Ada Brook start talking"
        return replace(phrase, text=person[0].text, words=person[0].words) if person else phrase

    def _add(self, phrase: Phrase, amount: float) -> None:
        if amount <= 0:
            return
        key = next((key for key in self._known if phrase.words <= key), phrase.words)
        self._known.setdefault(key, phrase)
        self._strengths[key] = self._strengths.get(key, 0.0) + amount
        self._latest.add(key)

    def _pronoun_fit(self, pronoun: str, key: frozenset[str]) -> float:
        phrase = self._known[key]
        fit = 1.0
        if pronoun in PERSON and not phrase.is_name:
            fit *= _NO_NAME_FOR_PERSON
        if pronoun and phrase.is_plural:
            fit *= _PLURAL_FOR_PLURAL if pronoun in PLURAL else _PLURAL_FOR_SINGLE
        if pronoun in POINTING and key in self._latest:
            fit *= _JUST_NOW_FOR_POINTING
        return fit


def _strength(phrase: Phrase, place: int) -> float:
    """Return the strength of a mention; below 0 for what is probably not a thing."""
    return (
        _NAME * phrase.is_name
        + _OF * (phrase.lead in _STRONG_LEADS)
        + _LEAD * (phrase.lead in _LEADS)
        + _WEAK * (phrase.lead in _WEAK_LEADS)
        + _VERB * (len(phrase.words) == 1 and phrase.text.endswith(("ed", "ing")))
        + _WORD * min(3, len(phrase.words))
        + _PLACE * place
    )
