"""Follow-up questions: rewrites a question that refers to earlier turns, by rules instead of a model.

The turns are read in order, and what they mention is tracked (`qa.conversation.entities`). A referring expression of a
later turn ("he", "the other one", "and in 2019?") is replaced by its most likely antecedent. Whether a question without
one continues the topic is decided in `qa.retrieval.search`, where its passages are known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from index.text.analyzer import content_terms
from qa.conversation.entities import PRONOUNS, EntityTracker
from qa.conversation.noun_phrases import Phrase, find_other_name, names, tokenize
from qa.conversation.pronouns import EXPLETIVE, content_tokens, find_pronoun, is_possessive

_MAX_TURNS = 12  # turns
_MAX_CHARACTERS = 400  # of an earlier turn
_TURN_DECAY = 0.9  # factor of the weight of a turn's words, for each later turn of the user

THE_OTHER = "the other one"

_AUXILIARIES = frozenset(
    "is are was were do does did has have had can could will would should may might must what's who's it's".split()
)
_STARTS = frozenset("what who how which whose whom when where why tell describe explain list name compare give".split())
_YEAR = re.compile(r"\d")
_PLACES = frozenset("in on at for during from by with to as under without after before since until".split())
_ABOUT = re.compile(r"\W*(?:(?:and|or|but|so|also|ok|okay)\W+)*(?:what|how) about\b\W*", re.IGNORECASE)
_AND = re.compile(r"\W*(?:and|or|but)\b\W*", re.IGNORECASE)
_OTHER = re.compile(
    r"\b(?:the other ones?|another one|(?:the|any) others?(?=\W*$|\s+(?:is|are|was|were|do|does|did|have|has|had)\b))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as understood in its conversation.

    `is_follow_up` is true if it contains a referring expression. Then `text` is the question with the antecedent in its
    place, `about` names the antecedent unless the question does, and `meant` is its phrase. Otherwise `text` is the
    question as typed. If the question asks for "the other one", `other_than` is the one it excludes, and `text`
    contains THE_OTHER until `named` replaces it. `words` are the terms of earlier turns with their weights, 0 to 1.
    """

    text: str
    about: str | None = None
    is_follow_up: bool = False
    other_than: Phrase | None = None
    meant: Phrase | None = None
    words: tuple[tuple[str, float], ...] = ()

    def named(self, name: str) -> Understood:
        """Return the question with THE_OTHER replaced by the name of the other one."""
        return replace(self, text=self.text.replace(THE_OTHER, name), about=name, other_than=None)

    def excludes(self, text: str) -> bool:
        """Whether a text mentions what "the other one" excludes."""
        return self.other_than is not None and self.other_than.text in text


@dataclass(slots=True)
class _State:
    """The state after some turns: entities, the last question as understood, its answer, and the texts of all turns."""

    entities: EntityTracker = field(default_factory=EntityTracker)
    question: str = ""
    answer: str = ""
    other_than: Phrase | None = None
    texts: list[str] = field(default_factory=list)

    @property
    def focus(self) -> Phrase | None:
        """The most prominent phrase of the last question."""
        return self.entities.strongest(within=self.question)


def understand(question: str, history: Sequence[Turn]) -> Understood:
    """Return what a question means after these turns, oldest first; only the last `_MAX_TURNS` count."""
    turns = [Turn(turn.role, _clean(turn.text[:_MAX_CHARACTERS])) for turn in history[-_MAX_TURNS:]]
    state = _State()
    for turn in turns:
        state.texts.append(turn.text)
        if turn.role == "assistant":
            _read_answer(turn.text, state)
        else:
            understood = _resolve(turn.text, state)
            state.entities.ask(turn.text, understood.meant)
            if not understood.text.endswith(f": {state.question}"):  # "why?" asks more about the same question
                state.question = understood.text
            state.answer, state.other_than = "", understood.other_than
    understood = _resolve(question, state)
    news = set(content_terms(understood.about or "")) - set(content_terms(question))
    return replace(understood, about=understood.about if news else None, words=_word_weights(turns))


def _clean(text: str) -> str:
    # Lone surrogates, which models reject, become question marks: the rewritten question may contain earlier text.
    return text.encode("utf-8", "replace").decode("utf-8")


def _word_weights(turns: Sequence[Turn]) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    weight = 1.0
    for turn in reversed(turns):
        for word in content_terms(turn.text):
            found.setdefault(word, weight)
        weight *= _TURN_DECAY if turn.role == "user" else 1.0
    return tuple(found.items())


def _read_answer(answer: str, state: _State) -> None:
    """Add an answer to the state; it may contain the name of "the other one"."""
    state.answer = state.answer or answer
    state.entities.answer(answer, state.question)
    if state.other_than:
        text = find_other_name(state.other_than, state.texts)
        given = [name for name in names(answer) if name.text == text or (not text and name.is_like(state.other_than))]
        for name in given[:1]:
            state.entities.set_focus(name)
            state.question = state.question.replace(THE_OTHER, name.text)


def _resolve(question: str, state: _State) -> Understood:
    """Try the rules in order; a question that none applies to stands on its own."""
    if state.question:
        for rule in (_what_about, _the_other, _without_subject, _pronoun, _short_name):
            found = rule(question, state)
            if found:
                return replace(found, text=" ".join(found.text.split()), is_follow_up=True)
    return Understood(question)


def _what_about(question: str, state: _State) -> Understood | None:
    """Resolve "what about X?" and "and in 2019?": the previous question about something else."""
    opening = _ABOUT.match(question) or _AND.match(question)
    rest = question[opening.end() if opening else 0 :].strip(" ?.!")
    asked = tokenize(rest)
    if not (asked and content_tokens(asked)) or any(word.lower in _AUXILIARIES | PRONOUNS for word in asked):
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
    """Resolve "the other one": not the most prominent one."""
    found, focus = _OTHER.search(question), state.focus or state.entities.strongest()
    if not (found and focus):
        return None
    own = content_tokens(tokenize(question)) or tokenize(question[found.end() :])
    text = _OTHER.sub(THE_OTHER, question) if own else state.question.replace(focus.text, THE_OTHER)
    return Understood(text, f"other than {focus.text}", other_than=focus)


def _without_subject(question: str, state: _State) -> Understood | None:
    """Resolve "why?", "how many?" and "tell me more", which are about the previous question."""
    words = tokenize(question)
    if (
        content_tokens(words)
        or EXPLETIVE.search(question)
        or (find_pronoun(question, words) and state.entities.strongest())
    ):
        return None
    about = state.focus.text if state.focus else state.question.strip(" ?.!")
    return Understood(f"{question.strip(' ?.!')}: {state.question}", about, meant=state.focus)


def _pronoun(question: str, state: _State) -> Understood | None:
    """Resolve a pronoun: replace it by its antecedent."""
    words = tokenize(question)
    pointer = find_pronoun(question, words)
    meant = pointer and state.entities.strongest(pointer.lower)
    if not pointer or not meant:
        return None
    shown = f"the {meant.text}" if meant.lead in {"the", "a", "an"} else meant.text
    place = f"{shown}'s" if is_possessive(pointer, words) else shown
    return Understood(question[: pointer.start] + place + question[pointer.end :], meant.text, meant=meant)


def _short_name(question: str, state: _State) -> Understood | None:
    """Resolve a part of a name that was given in full before."""
    known = [phrase for text in (state.question, state.answer) for phrase in names(text) if len(phrase.words) > 1]
    for short in names(question):
        for full in known:
            if short.words < full.words and full.text not in question:
                return Understood(question.replace(short.text, full.text, 1), full.text)
    return None
