"""The settings of a server: their values, what they mean for a place of the server, and their changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, TypeVar

T = TypeVar("T")

RETENTION_DAYS: Final = 90  # of answers, with their questions and votes
MAX_ID: Final = 2**63 - 1  # the largest integer of a database; nothing has this id


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `count` questions in any `seconds`; a count of 0 means no limit."""

    count: int
    seconds: int


class Mode(StrEnum):
    """Which messages the bot answers in a channel. Commands work in every mode. The values are stored."""

    OFF = "off"
    MENTIONED = "mentioned"
    QUESTIONS = "questions"
    EVERYTHING = "everything"

    @property
    def listens(self) -> bool:
        """Whether messages that do not address the bot are answered."""
        return self in {Mode.QUESTIONS, Mode.EVERYTHING}


class QuestionText(StrEnum):
    """What is stored of a question besides the outcome, the confidence and the place of its answer.

    `OFF`: nothing, and its record is deleted after half an hour. `COUNTED`: nothing, and the id of the member is
    removed after half an hour. `KEPT`: the text and the member's id, for a number of days. The values are stored.
    """

    OFF = "off"
    COUNTED = "counted"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class QuestionPolicy:
    """What is stored of questions, and for how many days if their texts are."""

    kind: QuestionText
    days: int

    @classmethod
    def of_operator(cls, days: int) -> QuestionPolicy:
        """Return the policy that keeps texts for at most some days; with 0, questions are only counted."""
        return cls(QuestionText.KEPT if days else QuestionText.COUNTED, days)

    def within(self, bound: QuestionPolicy) -> QuestionPolicy:
        """Return this policy within that of the operator."""
        if self.kind is not QuestionText.KEPT:
            return self
        days = min(self.days, bound.days)
        return QuestionPolicy.of_operator(max(0, days)) if bound.kind is QuestionText.KEPT else bound


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Settings of a server. Ids are those of Discord; None means not set."""

    paused: bool = False
    plain: bool = False
    language: str = ""  # of public messages; empty means the language of the member or of the server
    helpers_channel: int | None = None
    helpers_role: int | None = None
    member_limit: int = 20  # questions a minute; 0 means no limit
    channel_limit: int = 60
    server_limit: int = 200
    questions: str = QuestionText.KEPT.value  # what is stored of questions
    question_days: int = RETENTION_DAYS  # how long their texts are, if they are kept
    # For messages that do not address the bot: the lowest confidence of an answer, and whether it opens a thread.
    floor: float = 0.0
    threads: bool = False
    # Overrides by channel or category id; without a mode it is `mentioned`.
    modes: Mapping[str, str] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    in_threads: Mapping[str, bool] = field(default_factory=dict)
    editor_role: int | None = None  # who may change the articles
    # Unix times, whole seconds; 0 for a pause that ends only when it is ended.
    paused_since: int = 0
    paused_until: int = 0
    digest_channel: int | None = None  # where staff reads the weekly digest and votes
    solved_tag: bool = False  # whether a forum post that was answered and thanked gets its tag
    # The names of the only collections that are quoted, by channel or category id; all are without any.
    collections: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reactions: bool = True  # to thanks, praise and the like that address the bot
    missed_minutes: int = 30  # how old a question may be that is answered after the bot was away; 0 means none
    helpers_ping: bool = False  # whether a call for a human pings the helpers' role

    @property
    def quotas(self) -> tuple[RateLimit, RateLimit, RateLimit]:
        """The rate limits of a member, a channel and the server."""
        counts = (self.member_limit, self.channel_limit, self.server_limit)
        member, channel, server = (RateLimit(count, 60) for count in counts)
        return member, channel, server

    def question_policy(self, bound: QuestionPolicy) -> QuestionPolicy:
        """Return what is stored of questions, within the operator's bound."""
        return QuestionPolicy(QuestionText(self.questions), self.question_days).within(bound)

    def mode_of(self, *places: int | None) -> Mode:
        """Return the mode of a place, given by its ids from the innermost outwards: channel, then category."""
        found = (self.modes[str(place)] for place in places if str(place) in self.modes)
        return Mode(next(found, Mode.MENTIONED))

    def floor_of(self, *places: int | None) -> float:
        """Return the lowest confidence of answers to messages that do not address the bot; places as in `mode_of`."""
        return next((self.floors[str(place)] for place in places if str(place) in self.floors), self.floor)

    def threads_in(self, *places: int | None) -> bool:
        """Whether messages that do not address the bot are answered in a new thread; places as in `mode_of`."""
        return next((self.in_threads[str(place)] for place in places if str(place) in self.in_threads), self.threads)

    def collections_of(self, *places: int | None) -> tuple[str, ...]:
        """Return the names of the only collections that are quoted; none if all are. Places as in `mode_of`."""
        found = (self.collections[str(place)] for place in places if str(place) in self.collections)
        return tuple(next(found, ()))

    @property
    def places(self) -> list[int]:
        """The ids of channels and categories with overrides, each once."""
        overrides = (*self.modes, *self.floors, *self.in_threads, *self.collections)
        return [int(place) for place in dict.fromkeys(overrides)]

    def with_mode(self, place: int, mode: Mode) -> ServerSettings:
        """Return these settings with the mode of a channel or category set."""
        return replace(self, modes={**self.modes, str(place): mode.value})

    def with_place(
        self,
        place: int,
        *,
        mode: Mode | None = None,
        floor: float | None = None,
        thread: bool | None = None,
        inherited: Collection[str] = (),
    ) -> ServerSettings:
        """Return these settings with overrides of a channel or category; None leaves a value as it is.

        `inherited` are the names of fields (`modes`, `floors`, `in_threads`) whose override is removed.
        """
        new = self.changed(**{name: _without(getattr(self, name), place) for name in inherited})
        new = new if mode is None else new.with_mode(place, mode)
        if floor is not None:
            new = replace(new, floors={**new.floors, str(place): floor})
        return new if thread is None else replace(new, in_threads={**new.in_threads, str(place): thread})

    def with_collections(self, place: int, names: Sequence[str]) -> ServerSettings:
        """Return these settings with a channel or category limited to some collections; without names to none."""
        others = _without(self.collections, place)
        return replace(self, collections={**others, str(place): list(names)} if names else others)

    def without_place(self, place: int) -> ServerSettings:
        """Return these settings without the overrides of a channel or category."""
        return replace(
            self,
            modes=_without(self.modes, place),
            floors=_without(self.floors, place),
            in_threads=_without(self.in_threads, place),
            collections=_without(self.collections, place),
        )

    def paused_for(self, seconds: int, now: float) -> ServerSettings:
        """Return these settings paused from the Unix time `now` on, for some seconds; 0 means until it is ended."""
        times = {"paused_since": int(now), "paused_until": int(now) + seconds} if seconds else {}
        return self.resumed().changed(paused=True, **times)

    def resumed(self) -> ServerSettings:
        """Return these settings without a pause."""
        return self.changed(paused=False, paused_since=0, paused_until=0)

    def defaults(self) -> ServerSettings:
        """Return the default settings, with the pause of these."""
        pause = {name: getattr(self, name) for name in ("paused", "paused_since", "paused_until")}
        return ServerSettings(**pause)

    def changed(self, **values: object) -> ServerSettings:
        """Return these settings with some values changed."""
        return replace(self, **values)  # type: ignore[arg-type] # the names are checked by `replace`


def _without(overrides: Mapping[str, T], place: int) -> dict[str, T]:
    return {key: value for key, value in overrides.items() if key != str(place)}
