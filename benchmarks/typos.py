"""Questions as people type them, and the loss of quality: how often the first quote still contains the answer.

    python -m benchmarks.typos FOLDER

Each kind of change is applied to the questions of the report articles; questions it leaves unchanged do not count.
"""

from __future__ import annotations

import argparse
import random
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.near_miss import STOP

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.data import Question
    from benchmarks.harness import Bench

_BRITISH: dict[str, str] = {
    pair.split("/")[0]: pair.split("/")[1]
    for pair in (
        "color/colour colors/colours colored/coloured honor/honour labor/labour favor/favour favorite/favourite "
        "neighbor/neighbour neighboring/neighbouring harbor/harbour center/centre centers/centres theater/theatre "
        "meter/metre meters/metres liter/litre fiber/fibre defense/defence offense/offence license/licence "
        "organization/organisation organizations/organisations organized/organised recognize/recognise "
        "recognized/recognised realize/realise realized/realised specialized/specialised industrialized/industrialised "
        "civilization/civilisation colonized/colonised characterized/characterised analyze/analyse catalog/catalogue "
        "traveled/travelled traveling/travelling canceled/cancelled labeled/labelled modeled/modelled "
        "aluminum/aluminium gray/grey plow/plough skeptical/sceptical mold/mould armor/armour behavior/behaviour "
        "rumor/rumour vapor/vapour humor/humour emphasized/emphasised criticized/criticised utilized/utilised "
        "authorized/authorised popularized/popularised program/programme maximize/maximise"
    ).split()
}
_OTHER_SPELLING: dict[str, str] = _BRITISH | {british: american for american, british in _BRITISH.items()}


def perturb(question: str, rng: random.Random) -> str:
    """Return the question as people might type it: without its mark, as keywords, with a typo, or mostly unchanged."""
    draw = rng.random()
    if draw < 0.07:
        return _keywords(question, rng)
    if draw < 0.15:
        question = _slip(question, rng)
    elif draw < 0.19:
        question = _unhyphenated(question, rng)
    elif draw < 0.21:
        question = _split_or_join(question, rng)
    if rng.random() < 0.25:
        question = question.rstrip(" ?")
    return question


def _keywords(question: str, _rng: random.Random) -> str:
    words = [w for w in re.findall(r"[\w'’.-]+", question) if w.casefold() not in STOP]
    return " ".join(words) if len(words) >= 2 else question


def _unhyphenated(question: str, rng: random.Random) -> str:
    return re.sub(r"(?<=\w)[-–'’](?=\w)", rng.choice(["", " "]), question)


def _plain(question: str, _rng: random.Random) -> str:
    """Remove the question mark and the capitals."""
    return question.rstrip(" ?").lower()


def _unicode(question: str, _rng: random.Random) -> str:
    """Use other characters: typographic dashes and quotation marks, no accents, no-break spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFD", question) if not unicodedata.combining(c))
    return bare.translate(str.maketrans("-–'\" ", "\u2011-’”\u00a0"))


def _other_spelling(question: str, _rng: random.Random) -> str:
    """Exchange American and British spelling."""
    return re.sub(r"[A-Za-z]+", lambda word: _OTHER_SPELLING.get(word.group().lower(), word.group()), question)


def _slip(question: str, rng: random.Random) -> str:
    """Drop, double or swap a letter inside a name or, if there is none, a long word."""
    places = list(re.finditer(r"\b\w{5,}\b", question))
    names = [m for m in places if m.start() > 0 and m.group()[0].isupper()]
    if not places:
        return question
    word = rng.choice(names or places)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return question[:at] + question[at + 1 :]
    if kind == 1:
        return question[:at] + question[at] + question[at:]
    return question[:at] + question[at + 1] + question[at] + question[at + 2 :]


def _split_or_join(question: str, rng: random.Random) -> str:
    """Join a two-word name, or split a long one."""
    joints = list(re.finditer(r"(?<=[a-z]) (?=[A-Z][a-z])", question))[1:]
    if joints and rng.random() < 0.7:
        at = rng.choice(joints)
        return question[: at.start()] + question[at.end() :].lower()
    longs = [m for m in re.finditer(r"\b[A-Z][a-z]{6,}\b", question) if m.start() > 0]
    if not longs:
        return question
    word = rng.choice(longs)
    at_letter = (word.start() + word.end()) // 2
    return question[:at_letter] + " " + question[at_letter:]


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "no mark, lower case": _plain,
    "keywords": _keywords,
    "a slip in a name": _slip,
    "name in one word or two": _split_or_join,
    "no hyphens or apostrophes": _unhyphenated,
    "other characters": _unicode,
    "other spelling": _other_spelling,
}


def _rows(bench: Bench, library: str, questions: Sequence[Question]) -> list[str]:
    """Return a table row for each kind: the number of questions it changes, and their hit rate before and after."""
    clean = {trial.question.id: trial.judged().first for trial in bench.ask(library, questions)}
    lines = []
    for kind, change in KINDS.items():
        rng = random.Random(kind)
        asked = [replace(question, text=change(question.text, rng)) for question in questions]
        asked = [new for new, old in zip(asked, questions, strict=True) if new.text != old.text]
        after = [trial.judged().first for trial in bench.ask(library, asked)]
        before = [clean[question.id] for question in asked]
        shares = [sum(hits) / max(1, len(hits)) for hits in (before, after)]
        lines.append(f"| {kind} | {len(asked)} | {shares[0]:.3f} | {shares[1]:.3f} | {shares[1] - shares[0]:+.3f} |")
    return lines


def main() -> None:
    """Measure and print a table for each set."""
    from benchmarks.harness import Bench, add_options

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    options = parser.parse_args()
    with Bench(options) as bench:
        for part in bench.sets("report"):
            questions = [question for question in part.questions if question.answers]
            rows = _rows(bench, bench.library(part, "report"), questions)
            print(f"| {part.name} | questions | clean | as typed | change |", "|---|---|---|---|---|", *rows, sep="\n")


if __name__ == "__main__":
    main()
