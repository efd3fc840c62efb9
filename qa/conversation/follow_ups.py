"""Follow-up questions: what a question refers to in the turns before it, by rules on words.

A conversation is read in order, and what it speaks of is remembered (`qa.conversation.entities`). A word of a later
turn that points back ("he", "the other one", "and in 2019?") gives way to what it most likely stands for. No model is
involved. Whether a question that could stand alone goes on with the subject is decided where its passages are known,
in `qa.retrieval.search`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from index.text.analyzer import content_terms
from qa.conversation.entities import PRONOUNS, EntityTracker
from qa.conversation.noun_phrases import LIGHT, Phrase, Token, another, names, words_of

_TURNS = 12  # that are looked back at
_LONGEST = 400  # characters of an earlier turn that are looked at
_FADING = 0.9  # weight of a turn's words, for each later turn of the member

THE_OTHER = "the other one"

_OWNERS = frozenset("his her its their".split())
_AUXILIARIES = frozenset(
    "is are was were do does did has have had can could will would should may might must what's who's it's".split()
)
_VERBS_FOLLOW = frozenset("do does did has have had can could will would should may might must".split())
_THINKING = frozenset("think thinks thought say says said believe believes know knows hope hopes feel claim".split())
_STARTS = frozenset("what who how which whose whom when where why tell describe explain list name compare give".split())
_YEAR = re.compile(r"\d")
_CLAUSES = frozenset("and or but if when while whether because who which after before since".split())
_NOT_BACK = frozenset("year month week morning evening day days time way".split())  # "this year", "that way"
_PLACES = frozenset("in on at for during from by with to as under without after before since until".split())
_ABOUT = re.compile(r"\W*(?:(?:and|or|but|so|also|ok|okay)\W+)*(?:what|how) about\b\W*", re.IGNORECASE)
_AND = re.compile(r"\W*(?:and|or|but)\b\W*", re.IGNORECASE)
_OTHER = re.compile(
    r"\b(?:the other ones?|another one|(?:the|any) others?(?=\W*$|\s+(?:is|are|was|were|do|does|did|have|has|had)\b))",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"\bit (?:true|possible|necessary|worth|ok|okay|safe|legal|allowed|raining|takes?|matters?)\b|\btime is it\b|"
    r"\b(?:does|will|would|did) it (?:take|cost|mean|matter)\b|"
    r"\bit (?:is|was) (?:true|possible|necessary)\b|"
    r"\b(?:it (?:is|was)|(?:is|was) it) (?:\w+ed|said|known|thought) that\b",
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
    "the other one" is not: then `text` holds THE_OTHER, unless another name takes its place (see `named`). `meant` is
    the phrase that was put into the question.
    `words` are folded words of the turns before with their weights, 0 to 1.
    """

    text: str
    about: str | None = None
    refers: bool = False
    besides: Phrase | None = None
    meant: Phrase | None = None
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

    spoken: EntityTracker = field(default_factory=EntityTracker)
    question: str = ""
    answer: str = ""
    besides: Phrase | None = None
    texts: list[str] = field(default_factory=list)

    @property
    def focus(self) -> Phrase | None:
        """What the last question was about."""
        return self.spoken.strongest(within=self.question)


def understand(question: str, history: Sequence[Turn]) -> Understood:
    """Return what a question means after these turns, oldest first; of a long history the end counts."""
    turns = [Turn(turn.role, _clean(turn.text[:_LONGEST])) for turn in history[-_TURNS:]]
    state = _State()
    for turn in turns:
        state.texts.append(turn.text)
        if turn.role == "assistant":
            _hear(turn.text, state)
        else:
            understood = _read(turn.text, state)
            state.spoken.ask(turn.text, understood.meant)
            if not understood.text.endswith(f": {state.question}"):  # "why?" asks on; the question stays
                state.question = understood.text
            state.answer, state.besides = "", understood.besides
    understood = _read(question, state)
    news = set(content_terms(understood.about or "")) - set(content_terms(question))
    return replace(understood, about=understood.about if news else None, words=_weights(turns))


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode(
        "utf-8"
    )  # what is understood may hold it, and models take no surrogate


def _weights(turns: Sequence[Turn]) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    weight = 1.0
    for turn in reversed(turns):
        for word in content_terms(turn.text):
            found.setdefault(word, weight)
        weight *= _FADING if turn.role == "user" else 1.0
    return tuple(found.items())


def _hear(answer: str, state: _State) -> None:
    """Remember an answer; the name of "the other one" may be in it."""
    state.answer = state.answer or answer
    state.spoken.answer(answer, state.question)
    if state.besides:
        text = another(state.besides, state.texts)
        given = [name for name in names(answer) if name.text == text or (not text and name.is_like(state.besides))]
        for name in given[:1]:
            state.spoken.turn_to(name)
            state.question = state.question.replace(THE_OTHER, name.text)


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
    if not (asked and _content(asked)) or any(word.lower in _AUXILIARIES | PRONOUNS for word in asked):
        return None
    if not opening and (len(asked) > 3 or asked[0].lower in _STARTS or "?" not in question):
        return None
    focus, before = state.focus, state.question.rstrip(" ?.!")
    if asked[0].lower in _PLACES:
        year = re.compile(rf"\b{re.escape(asked[0].text)} (?:\w+ )?\d+\b", re.IGNORECASE)
        text = year.sub(lambda _: rest, before) if year.search(before) and _YEAR.search(rest) else f"{before} {rest}"
        return Understood(f"{text}?", f"{focus.text}, {rest}" if focus else text)
    old = re.compile(rf"\b(?:(?:the|an?) )?{re.escape(focus.text)}", re.IGNORECASE) if focus else None
    if old and old.search(before):
        return Understood(f"{old.sub(lambda _: rest, before)}?", rest)
    return Understood(f"{before} {rest}?", f"{before} {rest}")


def _the_other(question: str, state: _State) -> Understood | None:
    """Read "the other one": not the one that was spoken of."""
    found, focus = _OTHER.search(question), state.focus or state.spoken.strongest()
    if not (found and focus):
        return None
    own = _content(words_of(question)) or words_of(question[found.end() :])
    text = _OTHER.sub(THE_OTHER, question) if own else state.question.replace(focus.text, THE_OTHER)
    return Understood(text, f"other than {focus.text}", besides=focus)


def _bare(question: str, state: _State) -> Understood | None:
    """Read "why?", "how many?" and "tell me more": the question before says of what."""
    words = words_of(question)
    if _content(words) or _EXPLETIVE.search(question) or (_pointer(question, words) and state.spoken.strongest()):
        return None
    about = state.focus.text if state.focus else state.question.strip(" ?.!")
    return Understood(f"{question.strip(' ?.!')}: {state.question}", about, meant=state.focus)


def _pronoun(question: str, state: _State) -> Understood | None:
    """Read a word that stands for something named before; what it stands for takes its place."""
    words = words_of(question)
    pointer = _pointer(question, words)
    meant = pointer and state.spoken.strongest(pointer.lower)
    if not pointer or not meant:
        return None
    shown = f"the {meant.text}" if meant.lead in {"the", "a", "an"} else meant.text
    place = f"{shown}'s" if _owns(pointer, words) else shown
    return Understood(question[: pointer.start] + place + question[pointer.end :], meant.text, meant=meant)


def _short_name(question: str, state: _State) -> Understood | None:
    """Read a part of a name that was given in full before."""
    known = [phrase for text in (state.question, state.answer) for phrase in names(text) if len(phrase.words) > 1]
    for short in names(question):
        for full in known:
            if short.words < full.words and full.text not in question:
                return Understood(question.replace(short.text, full.text, 1), full.text)
    return None


def _content(words: Sequence[Token]) -> list[Token]:
    return [word for word in words if word.is_content and word.lower not in LIGHT]


def _pointer(question: str, words: Sequence[Token]) -> Token | None:
    """Return the first word of the last sentence that points to something outside of the question."""
    first = max((place for place, word in enumerate(words) if word.first), default=0)
    done = named = known = owner = False  # auxiliary met; something named; in an earlier clause; as subject of a verb
    for place, word in enumerate(words):
        known = known or (named and (word.broken or word.lower in _CLAUSES))
        thinks = named and place > 0 and words[place - 1].lower in _THINKING
        if place >= first and word.lower in PRONOUNS and _points(question, words, place):
            if not (known or thinks or (owner and word.lower in _OWNERS)):
                return word
        elif word.is_content and word.lower not in LIGHT and not word.text.isdigit():
            named, owner = True, owner or done
        done = done or word.lower in _VERBS_FOLLOW
    return None


def _points(question: str, words: Sequence[Token], place: int) -> bool:
    """Whether a pronoun points back: "it" in "is it true that" does not, nor "that" in "animals that fly"."""
    word = words[place]
    if word.text.isupper():  # an abbreviation, as IT
        return False
    after = words[place + 1] if place + 1 < len(words) else None
    if word.lower == "it":
        return not _EXPLETIVE.search(question)
    if word.lower in {"this", "that", "these", "those"}:
        if after and after.lower in _NOT_BACK:
            return False
        return word.lower != "that" or not (place and words[place - 1].is_content) or after is None
    return True


def _owns(pointer: Token, words: Sequence[Token]) -> bool:
    """Whether a pronoun is a possessive, as "her" before a word that it goes with."""
    after = next((word for word in words if word.start > pointer.end), None)
    return pointer.lower in _OWNERS and after is not None and not after.broken and after.is_content
