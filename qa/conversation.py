"""Follow-up questions: what a question refers to in the turns before it, by rules on words.

A conversation is read in order. Each of the member's turns leaves a focus, the phrase that it was about; a later
turn with a word that points back ("he", "the other one", "and in 2019?") gets that phrase in the word's place. No
model is involved. Whether a question that could stand alone goes on with the subject is decided in `qa.topic`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from index.terms import content_words
from qa.phrases import LIGHT, Phrase, Word, another, names, phrases, words_of

_TURNS = 12  # that are looked back at
_LONGEST = 400  # characters of an earlier turn that are looked at
_FADING = 0.9  # weight of a turn's words, for each later turn of the member

THE_OTHER = "the other one"

_PERSON = frozenset("he him his she her hers".split())
_PLURAL = frozenset("they them their theirs these those".split())
_PRONOUNS = _PERSON | _PLURAL | frozenset("it its this that".split())
_OWNERS = frozenset("his her its their".split())
_AUXILIARIES = frozenset(
    "is are was were do does did has have had can could will would should may might must what's who's it's".split()
)
_CLAUSES = frozenset("and or but if when while whether because who which after before since".split())
_NOT_BACK = frozenset("year month week morning evening day days time way".split())  # "this year", "that way"
_PLACES = frozenset("in on at for during from by with to as under without after before since until".split())
_ABOUT = re.compile(r"\W*(?:(?:and|or|but|so|also|ok|okay)\W+)*(?:what|how) about\b\W*", re.IGNORECASE)
_AND = re.compile(r"\W*(?:and|or|but)\b\W*", re.IGNORECASE)
_OTHER = re.compile(r"\b(?:the others?(?: ones?)?|another one|any others?|others)(?=\W*$|\s+(?!\w+s\b))", re.IGNORECASE)
_EXPLETIVE = re.compile(
    r"\bit (?:true|possible|necessary|worth|ok|okay|safe|legal|allowed|raining)\b|\btime is it\b|\bit takes?\b|"
    r"\b(?:does|will|would|did) it (?:take|cost|mean)\b|\bit (?:is|was) (?:true|possible|necessary|said|known)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """A question in its conversation.

    `refers` tells whether its words point back. If so, `text` is the question with what they point to in their place,
    and `about` names that where the question does not; if not, `text` is the question as typed. `besides` is what
    "the other one" is not: then `text` holds THE_OTHER, unless another name takes its place (see `named`).
    `words` are folded words of the turns before with their weights, 0 to 1.
    """

    text: str
    about: str | None = None
    refers: bool = False
    besides: Phrase | None = None
    words: tuple[tuple[str, float], ...] = ()

    def named(self, name: str) -> Understood:
        """Return the question with the name of the other one, where somebody knows it."""
        return replace(self, text=self.text.replace(THE_OTHER, name), about=name, besides=None)

    def excludes(self, text: str) -> bool:
        """Whether a text speaks of what "the other one" is not."""
        return self.besides is not None and self.besides.text in text


@dataclass(slots=True)
class _State:
    """What is known after some turns: what is spoken of, the last question as understood, its answer, every text."""

    focus: Phrase | None = None
    question: str = ""
    answer: str = ""
    besides: Phrase | None = None
    texts: list[str] = field(default_factory=list)


def understand(question: str, history: Sequence[Turn]) -> Understood:
    """Return what a question means after these turns, oldest first; of a long history the end counts."""
    turns = [Turn(turn.role, turn.text[:_LONGEST]) for turn in history[-_TURNS:]]
    state = _State()
    for turn in turns:
        state.texts.append(turn.text)
        if turn.role == "assistant":
            _hear(turn.text, state)
        else:
            understood = _read(turn.text, state)
            state.focus = _focus(turn.text, understood, state)
            state.question, state.answer, state.besides = understood.text, "", understood.besides
    understood = _read(question, state)
    news = set(content_words(understood.about or "")) - set(content_words(question))
    return replace(understood, about=understood.about if news else None, words=_weights(turns))


def _weights(turns: Sequence[Turn]) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    weight = 1.0
    for turn in reversed(turns):
        for word in content_words(turn.text):
            found.setdefault(word, weight)
        weight *= _FADING if turn.role == "user" else 1.0
    return tuple(found.items())


def _hear(answer: str, state: _State) -> None:
    """Remember an answer. Where it was asked who, which or the other, the name that it gives is spoken of now."""
    state.answer = state.answer or answer
    asked = words_of(state.question)
    named = names(answer)
    if state.besides:
        other = another(state.besides, state.texts)
        named = tuple(name for name in named if name.text == other)
        state.question = state.question.replace(THE_OTHER, other or THE_OTHER)
    elif (state.focus and state.focus.is_name) or not (asked and asked[0].lower in {"who", "whose", "which"}):
        named = ()
    state.focus = named[0] if named else state.focus


def _focus(typed: str, understood: Understood, state: _State) -> Phrase | None:
    """Return the phrase that a turn was about: what it refers to, else its own weightiest phrase."""
    own = phrases(typed)
    if understood.refers and not _ABOUT.match(typed):
        return state.focus or _weightiest(own)
    main = _weightiest(own)
    weak = main and not main.is_name and len(main.words) == 1 and main.lead not in {"about", "of"}
    return state.focus if weak and state.focus else main or state.focus


def _weightiest(found: Sequence[Phrase]) -> Phrase | None:
    """Return the phrase that a question is most likely about: a name, or what stands after "of" or "about"."""

    def weight(place: int, phrase: Phrase) -> float:
        single = len(phrase.words) == 1
        return (
            2.0 * phrase.is_name
            + 1.0 * (phrase.lead in {"of", "about"})
            + 0.5 * (phrase.lead in {"the", "a", "an", "in", "on", "is", "are", "was", "were", "do", "does", "did"})
            - 1.0 * (phrase.lead in _PRONOUNS or phrase.lead in {"", "what", "which", "to", "be", "being", "have"})
            - 0.5 * (single and phrase.text.endswith(("ed", "ing")))
            + 0.3 * min(3, len(phrase.words))
            + 0.1 * place
        )

    return max(enumerate(found), key=lambda item: weight(*item), default=(0, None))[1]


def _read(question: str, state: _State) -> Understood:
    """Try each kind of reference in turn; a question that has none stands alone."""
    if state.question:
        for rule in (_what_about, _the_other, _bare, _pronoun, _short_name):
            found = rule(question, state)
            if found:
                return replace(found, text=" ".join(found.text.split()), refers=True)
    return Understood(question)


def _what_about(question: str, state: _State) -> Understood | None:
    """Read "what about X?" and "and in 2019?": the question before, asked of something else."""
    opening = _ABOUT.match(question) or _AND.match(question)
    rest = question[opening.end() if opening else 0 :].strip(" ?.!")
    asked = words_of(rest)
    if not (asked and _content(asked)) or any(word.lower in _AUXILIARIES | _PRONOUNS for word in asked):
        return None
    if not opening and (len(asked) > 4 or asked[0].lower in {"what", "who", "how", "tell"} or len(_content(asked)) > 3):
        return None
    old, before = state.focus, state.question.rstrip(" ?.!")
    if old and old.text in before and asked[0].lower not in _PLACES:
        return Understood(before.replace(old.text, rest) + "?", rest)
    return Understood(f"{before} {rest}?", f"{old.text}, {rest}" if old else rest)


def _the_other(question: str, state: _State) -> Understood | None:
    """Read "the other one": not the one that was spoken of."""
    if not (_OTHER.search(question) and state.focus):
        return None
    own = _content(words_of(question))
    text = _OTHER.sub(THE_OTHER, question) if own else state.question.replace(state.focus.text, THE_OTHER)
    return Understood(text, f"other than {state.focus.text}", besides=state.focus)


def _bare(question: str, state: _State) -> Understood | None:
    """Read "why?", "how many?" and "tell me more": the question before says of what."""
    words = words_of(question)
    if _content(words) or (_pointer(question, words) and state.focus):
        return None
    about = state.focus.text if state.focus else None
    return Understood(f"{question.strip(' ?.!')}: {state.question}", about)


def _pronoun(question: str, state: _State) -> Understood | None:
    """Read a word that stands for something named before; what it stands for takes its place."""
    words = words_of(question)
    pointer = _pointer(question, words)
    meant = pointer and _referent(pointer.lower, state)
    if not pointer or not meant:
        return None
    place = f"{meant.text}'s" if _owns(pointer, words) else meant.text
    return Understood(question[: pointer.start] + place + question[pointer.end :], meant.text)


def _short_name(question: str, state: _State) -> Understood | None:
    """Read a part of a name that was given in full before."""
    known = [phrase for text in (state.question, state.answer) for phrase in names(text) if len(phrase.words) > 1]
    for short in names(question):
        for full in known:
            if short.words < full.words and full.text not in question:
                return Understood(question.replace(short.text, full.text, 1), full.text)
    return None


def _content(words: Sequence[Word]) -> list[Word]:
    return [word for word in words if word.is_content and word.lower not in LIGHT]


def _pointer(question: str, words: Sequence[Word]) -> Word | None:
    """Return the first word that points to something outside of the question."""
    known = False  # whether something was named in an earlier clause
    named = False
    for place, word in enumerate(words):
        known = known or (named and (word.broken or word.lower in _CLAUSES))
        named = named or (word.is_content and word.lower not in LIGHT and not word.text.isdigit())
        if word.lower in _PRONOUNS and not known and _points(question, words, place):
            return word
    return None


def _points(question: str, words: Sequence[Word], place: int) -> bool:
    """Whether a pronoun points back: "it" in "is it true that" does not, nor "that" in "animals that fly"."""
    word = words[place]
    after = words[place + 1] if place + 1 < len(words) else None
    if word.lower == "it":
        return not _EXPLETIVE.search(question)
    if word.lower in {"this", "that", "these", "those"}:
        if after and after.lower in _NOT_BACK:
            return False
        return word.lower != "that" or not (place and words[place - 1].is_content) or after is None
    return True


def _owns(pointer: Word, words: Sequence[Word]) -> bool:
    """Whether a pronoun is a possessive, as "her" before a word that it goes with."""
    after = next((word for word in words if word.start > pointer.end), None)
    return pointer.lower in _OWNERS and after is not None and not after.broken and after.is_content


def _referent(pronoun: str, state: _State) -> Phrase | None:
    """Return the likeliest thing that a pronoun stands for: a person for "he", else what was spoken of."""
    if pronoun in _PERSON and not (state.focus and state.focus.is_name):
        named = (*names(state.question), *names(state.answer))
        return named[0] if named else state.focus
    return state.focus
