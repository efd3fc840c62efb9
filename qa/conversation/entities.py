"""What has been spoken of in a conversation, and how strongly: the things that "it" or "she" may stand for.

Each mention adds to a phrase's strength by how it was made, and each later turn of the member fades it (salience, as
in Lappin and Leass 1994, with what can be told from spelling alone). The numbers were chosen on the development part
of `benchmarks/conversation.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from qa.conversation.noun_phrases import Phrase, names, phrases, words_of

PERSON = frozenset("he him his she her hers".split())
PLURAL = frozenset("they them their theirs these those".split())
POINTING = frozenset("this that these those".split())
PRONOUNS = PERSON | PLURAL | POINTING | {"it", "its"}

_FADING = 0.6  # of a strength, with each turn of the member
_LEAST = 0.4  # strength of what a pronoun may stand for
_SHORT = 8  # words: an answer up to here names what was asked for, and its phrases are mentions, not names alone

# How strong a mention is
_NAME = 0.75
_OF, _STRONG_LEADS = 0.9, frozenset("of about".split())
_LEAD, _LEADS = 0.5, frozenset("the a an in on is are was were do does did".split())
_WEAK, _WEAK_LEADS = -0.8, PRONOUNS | frozenset("what which to be being have".split()) | {""}
_VERB = -1.15  # a single word that ends as verbs do
_WORD, _PLACE = 0.3, 0.1  # for each word, up to three, and for each phrase before it
_OPENING = 0.5  # in the first turn
_AGAIN = 1.0  # as what a pronoun stood for
_IN_SHORT_ANSWER, _IN_LONG_ANSWER = 0.33, 0.44  # as a share
_WHO = 1.0  # the first name in an answer to "who"

# How well it fits a pronoun, as a factor
_NO_NAME_FOR_PERSON = 0.12
_PLURAL_FOR_PLURAL, _PLURAL_FOR_SINGLE = 2.9, 0.7
_JUST_NOW_FOR_POINTING = 4.0


@dataclass(slots=True)
class EntityTracker:
    """Phrases by their folded words, their strengths, and which of them the latest exchange mentions."""

    _known: dict[frozenset[str], Phrase] = field(default_factory=dict)
    _strengths: dict[frozenset[str], float] = field(default_factory=dict)
    _latest: set[frozenset[str]] = field(default_factory=set)

    def ask(self, question: str, meant: Phrase | None) -> None:
        """Take in a question as typed, and what it was understood to refer to."""
        opening = 0.0 if self._strengths else _OPENING
        for key in self._strengths:
            self._strengths[key] *= _FADING
        self._latest = set()
        for place, phrase in enumerate(phrases(question)):
            self._add(phrase, _strength(phrase, place) + opening)
        if meant:
            self._add(meant, _AGAIN)

    def answer(self, text: str, question: str) -> None:
        """Take in an answer to a question."""
        asked = words_of(question)
        who = bool(asked) and asked[0].lower in {"who", "whose", "whom", "which"}
        short = len(words_of(text)) <= _SHORT
        for place, phrase in enumerate(phrases(text) if short else names(text)):
            share = _IN_SHORT_ANSWER if short else _IN_LONG_ANSWER / (1 + place)
            named = _WHO if who and phrase.is_name and not place else 0.0
            self._add(phrase, share * _strength(phrase, place) + named)

    def turn_to(self, phrase: Phrase) -> None:
        """Let a phrase be spoken of most."""
        self._add(phrase, max(self._strengths.values(), default=0.0) + _AGAIN)

    def strongest(self, pronoun: str = "", within: str = "") -> Phrase | None:
        """Return what a pronoun most likely stands for, or without one what is spoken of most; None if nothing is.

        Only what stands in `within` is looked at.
        """
        scores = {
            key: strength * self._fit(pronoun, key)
            for key, strength in self._strengths.items()
            if not within or self._known[key].text in within
        }
        best = max(scores, key=lambda key: scores[key], default=None)
        if best is None or scores[best] < _LEAST:
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

    def _fit(self, pronoun: str, key: frozenset[str]) -> float:
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
    """Return how strongly a mention stands out, below 0 for what is hardly a thing."""
    return (
        _NAME * phrase.is_name
        + _OF * (phrase.lead in _STRONG_LEADS)
        + _LEAD * (phrase.lead in _LEADS)
        + _WEAK * (phrase.lead in _WEAK_LEADS)
        + _VERB * (len(phrase.words) == 1 and phrase.text.endswith(("ed", "ing")))
        + _WORD * min(3, len(phrase.words))
        + _PLACE * place
    )
