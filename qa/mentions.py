"""What has been spoken of in a conversation, and how strongly: the things that "it" or "she" may stand for.

Each mention adds to a phrase's strength by how it was made, and each later turn of the member fades it (salience, as
in Lappin and Leass 1994, with what can be told from spelling alone).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from qa.phrases import Phrase, names, phrases, words_of

PERSON = frozenset("he him his she her hers".split())
PLURAL = frozenset("they them their theirs these those".split())
POINTING = frozenset("this that these those".split())
PRONOUNS = PERSON | PLURAL | POINTING | {"it", "its"}

# Chosen on the development part of benchmarks/conversation.py.
W = {
    "fade": 0.6, "name": 2.0, "of": 1.0, "det": 0.5, "bad": -1.0, "verb": -0.5, "len": 0.3, "place": 0.1,
    "short_answer": 1.0, "long_answer": 0.3, "who": 1.0, "again": 1.0, "person_other": 0.2, "plural": 1.5,
    "single": 0.7, "pointing": 1.3, "least": 0.4, "first": 0.5,
}  # fmt: skip
_SHORT = 8  # words: such an answer names what was asked for
_STRONG_LEADS = frozenset("of about".split())
_LEADS = frozenset("the a an in on is are was were do does did".split())
_WEAK_LEADS = PRONOUNS | frozenset("what which to be being have".split()) | {""}


@dataclass(slots=True)
class Mentions:
    """Phrases by their folded words, with their strength, and those of the latest turn."""

    strengths: dict[frozenset[str], float] = field(default_factory=dict)
    known: dict[frozenset[str], Phrase] = field(default_factory=dict)
    latest: set[frozenset[str]] = field(default_factory=set)

    def ask(self, typed: str, meant: Phrase | None) -> None:
        """Take in a question; `meant` is what a word of it stood for."""
        beginning = not self.strengths
        for key in self.strengths:
            self.strengths[key] *= W["fade"]
        self.latest = set()
        for place, phrase in enumerate(phrases(typed)):
            self._add(phrase, strength(phrase, place) + W["first"] * beginning)
        if meant:
            self._add(meant, W["again"])

    def answer(self, text: str, question: str) -> None:
        """Take in an answer to a question."""
        asked = words_of(question)
        who = bool(asked) and asked[0].lower in {"who", "whose", "whom", "which"}
        short = len(words_of(text)) <= _SHORT
        found = phrases(text) if short else names(text)
        for place, phrase in enumerate(found):
            weight = W["short_answer"] if short else W["long_answer"] / (1 + place)
            self._add(phrase, weight * strength(phrase, place) + W["who"] * (who and phrase.is_name and not place))

    def _add(self, phrase: Phrase, amount: float) -> None:
        if amount <= 0:
            return
        key = next((key for key in self.known if phrase.words <= key), phrase.words)
        self.known.setdefault(key, phrase)
        self.strengths[key] = self.strengths.get(key, 0.0) + amount
        self.latest.add(key)

    def strongest(self, pronoun: str = "") -> Phrase | None:
        """Return what a pronoun most likely stands for, or without one what is spoken of most; None if nothing is."""
        scores = {key: value * self._fit(pronoun, key) for key, value in self.strengths.items()}
        best = max(scores, key=lambda key: scores[key], default=None)
        if best is None or scores[best] < W["least"]:
            return None
        phrase = self.known[best]
        alone = names(f"x {phrase.text}") if pronoun in PERSON else ()
        return replace(phrase, text=alone[0].text, words=alone[0].words) if alone else phrase

    def _fit(self, pronoun: str, key: frozenset[str]) -> float:
        phrase = self.known[key]
        fit = 1.0
        if pronoun in PERSON:
            fit *= 1.0 if phrase.is_name else W["person_other"]
        if pronoun in PLURAL:
            fit *= W["plural"] if phrase.is_plural else 1.0
        elif pronoun in {"it", "its", "this", "that"} or pronoun in PERSON:
            fit *= W["single"] if phrase.is_plural else 1.0
        if pronoun in POINTING and key in self.latest:
            fit *= W["pointing"]
        return fit


def strength(phrase: Phrase, place: int) -> float:
    """Return how strongly a mention stands out, below 0 for what is hardly a thing."""
    lead = phrase.lead
    return (
        W["name"] * phrase.is_name
        + W["of"] * (lead in _STRONG_LEADS)
        + W["det"] * (lead in _LEADS)
        + W["bad"] * (lead in _WEAK_LEADS)
        + W["verb"] * (len(phrase.words) == 1 and phrase.text.endswith(("ed", "ing")))
        + W["len"] * min(3, len(phrase.words))
        + W["place"] * place
    )
