"""Turns answerable questions into unanswerable ones by rules.

The kinds of unanswerable questions (negation, antonym, entity swap) follow Rajpurkar et al. 2018, section 5.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_PAIRS = """
first/last first/second second/third before/after largest/smallest biggest/smallest highest/lowest most/least more/less
more/fewer increase/decrease increased/decreased increasing/decreasing won/lost win/lose north/south northern/southern
east/west eastern/western
begin/end began/ended start/end started/ended start/stop started/stopped open/close opened/closed
old/new older/newer older/younger oldest/youngest oldest/newest early/late earlier/later earliest/latest high/low
higher/lower long/short longer/shorter longest/shortest large/small larger/smaller big/small good/bad better/worse
best/worst strong/weak stronger/weaker rich/poor richest/poorest hot/cold warm/cool warmer/cooler wet/dry fast/slow
faster/slower male/female men/women man/woman king/queen father/mother son/daughter brother/sister husband/wife
born/died birth/death alive/dead public/private internal/external import/export imported/exported include/exclude
included/excluded includes/excludes allowed/forbidden accepted/rejected accept/reject agreed/refused support/oppose
supported/opposed attack/defend attacked/defended built/destroyed created/destroyed added/removed add/remove join/leave
joined/left arrive/leave arrived/left buy/sell bought/sold give/take gave/took rise/fall rose/fell raised/lowered
positive/negative maximum/minimum major/minor majority/minority modern/ancient urban/rural rural/urban left/right
upper/lower inside/outside indoor/outdoor common/rare popular/unpopular successful/unsuccessful success/failure
succeeded/failed able/unable possible/impossible likely/unlikely legal/illegal similar/different same/different
summer/winter spring/autumn morning/evening day/night above/below over/under domestic/foreign domestic/international
national/local military/civilian primary/secondary formal/informal direct/indirect liberal/conservative left/entered
cause/prevent caused/prevented gain/lose gained/lost appointed/dismissed founded/dissolved established/abolished
introduced/abolished prior/subsequent predecessor/successor ancestor/descendant teacher/student winner/loser
appeared/disappeared discovered/lost elected/defeated always/never advantage/disadvantage benefit/drawback
strength/weakness heavy/light heavier/lighter heaviest/lightest deep/shallow wide/narrow thick/thin solid/liquid
with/without release/withdraw released/withdrawn expand/shrink expanded/shrank proposed/rejected famous/unknown
"""
_OPPOSITE: dict[str, list[str]] = {}
for _pair in _PAIRS.split():
    _a, _b = _pair.split("/")
    _OPPOSITE.setdefault(_a, []).append(_b)
    _OPPOSITE.setdefault(_b, []).append(_a)

_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d|(?<![\w.,])\d(?!\w)")
_NAME = re.compile(r"(?<=[a-z0-9,;:)\"'] )[A-Z][\w'-]+(?:(?: of| the| de| von)? [A-Z][\w'-]+)*")
_VERB = re.compile(r"\b(did|does|do|was|were|is|are|has|have|had|can|could|would|will)\b", re.IGNORECASE)
STOP = frozenset(
    (
        "a an and are as at be by did do does for from had has have how in is it its many much of on or the their "
        "these this those to was were what when where which who whom whose why will with name kind type"
    ).split()
)


class Entities:
    """The names and numbers of an article, as replacements for those in a question about it."""

    def __init__(self, texts: Sequence[str]) -> None:
        whole = "\n".join(texts)
        after: dict[str, set[str]] = {}
        for match in _NAME.finditer(whole):
            if match.group().casefold() not in STOP:
                after.setdefault(match.group(), set()).add(_word_before(whole, match.start()))
        self.names = dict(sorted(after.items()))  # name -> the words it follows, a hint of its type
        numbers = sorted(set(_NUMBER.findall(whole)))
        self.years = [n for n in numbers if _is_year(n)]
        self.numbers = [n for n in numbers if not _is_year(n)]


def _word_before(text: str, place: int) -> str:
    return text[max(0, place - 20) : place].rsplit(maxsplit=1)[-1].casefold()


def _is_year(text: str) -> bool:
    return text.isdecimal() and len(text) == 4 and "1000" <= text <= "2100"


def swap(question: str, answer: str, entities: Entities, text: str, rng: random.Random) -> str:
    """Return the question altered so that `text` most likely does not answer it, or "" if no rule applies."""
    rules = [_antonym, _name, _number, _negate]
    weights = [0.35, 0.4, 0.17, 0.08]
    while rules:
        rule = rng.choices(rules, weights)[0]
        changed = rule(question, answer, entities, text, rng)
        if changed and changed.casefold() != question.casefold():
            return changed
        weights.pop(rules.index(rule))
        rules.remove(rule)
    return ""


def _antonym(question: str, _answer: str, _entities: Entities, _text: str, rng: random.Random) -> str:
    places = [m for m in _WORD.finditer(question) if m.group().casefold() in _OPPOSITE]
    if not places:
        return ""
    place = rng.choice(places)
    other = rng.choice(_OPPOSITE[place.group().casefold()])
    return question[: place.start()] + other + question[place.end() :]


def _name(question: str, answer: str, entities: Entities, text: str, rng: random.Random) -> str:
    places = [m for m in _NAME.finditer(question) if m.group().casefold() not in STOP]
    if not places:
        return ""
    place = rng.choice(places)
    old = place.group()
    fits = [n for n in entities.names if _is_other(n, old, question) and n.casefold() not in answer.casefold()]
    before = _word_before(question, place.start())
    fits = [n for n in fits if before in entities.names[n]] or fits
    here = [n for n in fits if n in text]
    pool = here if here and rng.random() < 0.5 else fits
    same_size = [n for n in pool if n.count(" ") == old.count(" ")] or pool
    return question[: place.start()] + rng.choice(same_size) + question[place.end() :] if same_size else ""


def _is_other(name: str, old: str, question: str) -> bool:
    """Whether two names share no word and the question does not contain the new one."""
    return not set(name.casefold().split()) & set(old.casefold().split()) and name.casefold() not in question.casefold()


def _number(question: str, _answer: str, entities: Entities, _text: str, rng: random.Random) -> str:
    places = list(_NUMBER.finditer(question))
    if not places:
        return ""
    place = rng.choice(places)
    old = place.group()
    pool = [n for n in (entities.years if _is_year(old) else entities.numbers) if n != old]
    if _is_year(old) and (not pool or rng.random() < 0.3):
        pool = [str(int(old) + step) for step in (-20, -10, -5, -2, -1, 1, 2, 5, 10, 20)]
    return question[: place.start()] + rng.choice(pool) + question[place.end() :] if pool else ""


def _negate(question: str, _answer: str, _entities: Entities, _text: str, rng: random.Random) -> str:
    places = list(_VERB.finditer(question))
    if not places or " not " in question or "n't" in question:
        return ""
    place = places[0]
    if rng.random() < 0.5 and place.group().casefold() not in ("can", "will"):
        return question[: place.end()] + "n't" + question[place.end() :]
    words = question[place.end() :].split(" ", 2)
    if place.group().casefold() in ("was", "were", "is", "are"):
        return question[: place.end()] + " not" + question[place.end() :]
    return question[: place.end()] + " never" + question[place.end() :] if len(words) < 3 else (
        f"{question[: place.end()]} {words[1]} not {words[2]}"
    )  # fmt: skip
