"""A data folder that is changed and killed again and again, and what it must hold (`tests.acceptance.crash`)."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from tests.acceptance.crash_operations import FOLDER, Plan, kill_at_step, perform, random_text, state_of, write_import
from tests.conftest import ROOT

_OLD_DATA: Final = ROOT / "tests/data/data-folder-1a82e27/data.zip"
_OF_ONE: Final = frozenset({"replace", "remove", "purge", "rename"})  # changes of an article that exists
_MOST_ARTICLES: Final = 12
Report = Callable[[str, str | None], None]


def in_child(job: Callable[[Report], None], moment: float | None) -> tuple[bool, dict[str, str | None]]:
    """Run a job in a fork of this process, and kill that after `moment` seconds if given.

    Return whether it was killed, by this or by itself, and what it has reported. Raises RuntimeError if the job failed.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(job, writing)
    os.close(writing)
    if moment is not None:
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        lines = pipe.read().split(b"\n")[:-1]  # the rest is half a line, or nothing
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in {0, -signal.SIGKILL}:
        raise RuntimeError("the change failed without being killed; its traceback is above")
    return status != 0, dict(json.loads(line) for line in lines)


def _work(job: Callable[[Report], None], writing: int) -> NoReturn:
    def report(key: str, text: str | None) -> None:
        os.write(writing, json.dumps([key, text]).encode() + b"\n")

    try:
        job(report)
    except BaseException:  # noqa: BLE001 - the process ends here
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def unpack_old(folder: Path) -> list[str]:
    """Put a data folder of an earlier version into `folder / "old"`; return the titles of its articles."""
    old = folder / "old"
    shutil.rmtree(old, ignore_errors=True)
    shutil.unpack_archive(_OLD_DATA, old)
    titles = []
    for path in sorted(old.glob("libraries/*/catalog.db")):
        db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        titles += [row[0] for row in db.execute("SELECT title FROM articles ORDER BY id")]
        db.close()
    return titles


@dataclass(slots=True)
class Trial:
    """A data folder that is changed and killed again and again, and what it must hold."""

    folder: Path
    rng: random.Random
    texts: dict[str, set[str | None]] = field(default_factory=dict)  # what each article's text may be, None if removed
    settings: set[int] = field(default_factory=lambda: {20})
    removed: dict[str, str] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)  # that a change of a kind takes
    old_titles: list[str] = field(default_factory=list)
    number: int = 0

    def run(self, kind: str, step: int | None) -> bool:
        """Make a change and kill it before its `step`-th step, or at a random moment if None; return if it was killed.

        Then check the data folder.
        """
        plan = self._plan(kind)
        for key, text in plan.texts.items():
            if key == "settings":
                self.settings.add(int(text or 0))
            else:
                self.texts.setdefault(key, {None}).add(text)
        moment = self.rng.uniform(0, 1.1 * self.seconds.get(kind, 0.5)) if step is None else None
        began = time.monotonic()
        killed, reported = in_child(lambda report: self._perform(plan, step, report), moment)
        if moment is not None:  # so that about half of the changes are completed, however busy the machine is
            self.seconds[kind] = self.seconds.get(kind, 0.5) * 1.5 if killed else time.monotonic() - began
        if not killed:
            reported |= {key: text for key, text in plan.texts.items() if key == "settings"}
        self.kills[kind] += killed
        for key, text in reported.items():
            if key == "settings":
                self.settings = {int(text or 0)}
            else:
                self.texts[key] = {text}
        self._check(f"{kind}, step {step}", completed=not killed)
        return killed

    def _perform(self, plan: Plan, step: int | None, report: Callable[[str, str | None], None]) -> None:
        if step is not None:
            kill_at_step(step)
        perform(self.folder, plan, report)

    def _check(self, what: str, *, completed: bool) -> None:
        states: list[dict[str, Any]] = []
        _, found = in_child(lambda report: report("state", json.dumps(state_of(self.folder))), None)
        states += [json.loads(text) for text in found.values() if text]
        if not states:
            self.lost.append(f"{what}: the data folder cannot be read")
            return
        state = states[0]
        self.lost += [f"{what}: {problem}" for problem in state["problems"]]
        for key, allowed in self.texts.items():
            text = state["texts"].pop(key, None)
            if text not in allowed:
                self.lost.append(f"{what}: {key} holds {str(text)[:60]!r}")
            if text is None:
                self.removed |= {key: one for one in allowed if one}  # noqa: B035 - it has one text at most
            self.texts[key] = {text}
        self.lost += [f"{what}: {key} was never added" for key in state["texts"]]
        first, *others = state["settings"]
        if first not in self.settings or others not in ([first + 1, first + 2], [60, 200]):
            self.lost.append(f"{what}: the settings are {state['settings']}")
        self.settings = {first}
        if state["migrated"] != self.old_titles:
            self.lost.append(f"{what}: the earlier version's folder has {state['migrated']}")
        # Of an empty library nothing is exported, and an earlier export stays as it is.
        if completed and what.startswith("export") and self.living() and state["export"] != len(self.living()):
            self.lost.append(f"{what}: the export has {state['export']} articles")

    def living(self) -> dict[str, str]:
        """Return the texts of the articles that exist."""
        return {key: text for key, texts in self.texts.items() for text in texts if text is not None}

    def _plan(self, kind: str) -> Plan:
        """Choose what to change, so that it is possible, and that the library stays small."""
        self.number += 1
        living = {key: text for key, text in self.living().items() if not key.startswith(FOLDER)}
        impossible = not self.removed if kind == "restore" else kind in _OF_ONE and not living
        kind = "add" if impossible else kind
        kind = "remove" if kind in {"add", "together"} and len(living) > _MOST_ARTICLES else kind
        one = self.rng.choice([*living, ""]) or next(iter(living), "")
        texts: dict[str, Callable[[], dict[str, str | None]]] = {
            "add": lambda: {f"/docs/{self.number}.txt": random_text(self.rng)},
            "together": lambda: {key: random_text(self.rng) for key in [*living, *self._new_keys()][-4:]},
            "replace": lambda: {one: random_text(self.rng)},
            "remove": lambda: {one: None},
            "purge": lambda: {one: None},
            "rename": lambda: {one: living[one]},
            "restore": lambda: dict([self.removed.popitem()]),
            "refresh": lambda: {f"{FOLDER}/{self.rng.randrange(4)}.txt": random_text(self.rng) for _ in range(2)},
            "settings": lambda: {"settings": str(self.number)},
            "import": self._import_texts,
        }
        if kind == "migrate":
            self.old_titles = unpack_old(self.folder)
        return Plan(kind, texts[kind]() if kind in texts else {})

    def _new_keys(self) -> list[str]:
        return [f"/docs/{self.number}-{at}.txt" for at in range(3)]

    def _import_texts(self) -> dict[str, str | None]:
        texts = {f"import:{self.number}-{at}.txt": random_text(self.rng) for at in range(2)}
        in_child(lambda _: write_import(self.folder, texts), None)
        return dict(texts)
