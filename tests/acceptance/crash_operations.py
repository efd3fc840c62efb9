"""What `tests.acceptance.crash` kills: every kind of change of a data folder, with a small embedder."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from index.catalog.article_sources import Origin
from index.incremental import finish
from index.indexes.lexical_file import LexicalFile
from index.libraries.export_file import read_export
from index.libraries.import_export import export_lines, import_in_steps
from index.libraries.library import Library
from index.libraries.library_names import SHARED
from index.libraries.registry import Libraries
from index.models import Draft, Receipt, Section
from index.refreshing.change_detection import DetectedChanges, RefreshTarget
from index.refreshing.refresh import RefreshRules, apply_changes
from storage.database import Database
from storage.models import ServerSettings
from terminal import import_export
from tests.small_embedder import SmallEmbedder

FOLDER: Final = "/watched"  # origin of the refreshed articles
GUILD: Final = 42
EXPORT: Final = "all.jsonl"
Report = Callable[[str, str | None], None]  # takes the key of an article that was stored, and its text, None if removed


def write_import(folder: Path, texts: dict[str, str]) -> None:
    """Write a file that `_import` reads: an export of another library with these texts."""
    libraries = open_libraries(folder / "elsewhere")
    library = libraries.open(f"other-{len(list(folder.glob('elsewhere/libraries/*')))}")
    for key, text in texts.items():
        library.add(draft(key.removeprefix("import:"), text))
    (folder / "import.jsonl").write_bytes(b"".join(export_lines(library.catalog)))
    libraries.close()


@dataclass(slots=True)
class Plan:
    """One change: its kind, and the texts that articles have after it, by key; None for a removed one."""

    kind: str
    texts: dict[str, str | None] = field(default_factory=dict)


def draft(key: str, text: str) -> Draft:
    """Return a draft as a loader would."""
    origin = FOLDER if key.startswith(FOLDER) else None
    title = f"About {key.rpartition('/')[2]}"
    return Draft(key, key, title, text, None, (Section(0, len(text), ""),), origin=origin, version=str(len(text)))


def random_text(rng: random.Random) -> str:
    """Return a text of 3 to 60 sentences, unlike any other."""
    words = "harbour keeper window lamp gull yard ferry island morning storm ticket guest museum letter engine".split()
    return " ".join(
        f"The {' '.join(rng.choices(words, k=8))} of room {rng.randrange(10**9)}." for _ in range(rng.randrange(3, 60))
    )


def open_libraries(folder: Path) -> Libraries:
    """Open the libraries of a data folder with the small embedder."""
    return Libraries(folder, SmallEmbedder)


def perform(folder: Path, plan: Plan, report: Report) -> None:
    """Make a change as the program does, and report each article once the program would say that it is done."""
    libraries = open_libraries(folder)
    _CHANGES[plan.kind](libraries.open(SHARED), folder, plan, report)
    libraries.close()


def _add(library: Library, _: Path, plan: Plan, report: Report) -> None:
    for key, text in plan.texts.items():
        assert text is not None
        library.add(draft(key, text), "crash")
        report(key, text)
        assert library.indexes()


def _add_together(library: Library, _: Path, plan: Plan, report: Report) -> None:
    assert library.indexes() or not library.articles()
    drafts = [draft(key, text) for key, text in plan.texts.items() if text is not None]
    for outcome in library.add_all(drafts, "crash"):
        assert isinstance(outcome, Receipt)
        report(outcome.source, plan.texts[outcome.source])


def _remove(library: Library, _: Path, plan: Plan, report: Report) -> None:
    for key in plan.texts:
        article = library.article_of_source(key)
        if article:
            library.remove(article.id, "crash", purge=plan.kind == "purge")
        report(key, None)


def _restore(library: Library, _: Path, plan: Plan, report: Report) -> None:
    ((key, text),) = plan.texts.items()
    assert library.catalog
    for entry in library.history(limit=1000):
        version = library.catalog.history.version(entry.number)
        if version is not None and version.text == text and key in {one["key"] for one in json.loads(version.sources)}:
            finish(library.restore_in_steps(entry.number))
            report(key, text)
            return


def _rename(library: Library, _: Path, plan: Plan, report: Report) -> None:
    ((key, text),) = plan.texts.items()
    article = library.article_of_source(key)
    if article:
        finish(library.rename_in_steps(article.id, f"Renamed {len(article.title)}"))
    report(key, text)


def _refresh(library: Library, _: Path, plan: Plan, report: Report) -> None:
    library.remember_origin(FOLDER, None)
    assert library.catalog
    known = tuple(source for source in library.catalog.sources.all() if source.origin == FOLDER)
    changes = DetectedChanges(drafts=[draft(key, text) for key, text in plan.texts.items() if text is not None])
    target = RefreshTarget("watched", known, Origin(FOLDER, None, None, None, None))
    for event in apply_changes(library, target, changes, RefreshRules(), force=True):
        if isinstance(event, Receipt):
            report(event.source, plan.texts[event.source])


def _reindex(library: Library, _folder: Path, _plan: Plan, _report: Report) -> None:
    library.reindex(lambda *_: None)


def _migrate(_library: Library, folder: Path, _plan: Plan, _report: Report) -> None:
    for library in (folder / "old" / "libraries").iterdir():
        Libraries(folder / "old", SmallEmbedder).open(library.name).articles()
    Database(folder / "old" / "discord.db").close()


def _settings(_library: Library, folder: Path, plan: Plan, _report: Report) -> None:
    database = Database(folder / "discord.db")
    wanted = settings_of(json.loads(plan.texts["settings"] or "0"))
    database.server_settings.change(GUILD, lambda _: wanted)
    database.close()


def settings_of(number: int) -> ServerSettings:
    """Return settings in which several values follow from one number."""
    return ServerSettings(member_limit=number, channel_limit=number + 1, server_limit=number + 2)


def _export(library: Library, folder: Path, _plan: Plan, _report: Report) -> None:
    import_export.export(library, str(folder / EXPORT))


def _import(library: Library, folder: Path, plan: Plan, report: Report) -> None:
    with (folder / "import.jsonl").open("rb") as stream:
        sites, found = read_export("import.jsonl", stream)
        for receipt in import_in_steps(library, sites, found, "crash", 64):
            if receipt is not None:
                report(f"import:{receipt.source}", plan.texts[f"import:{receipt.source}"])


_CHANGES: Final[dict[str, Callable[[Library, Path, Plan, Report], None]]] = {
    "add": _add,
    "replace": _add,
    "together": _add_together,
    "remove": _remove,
    "purge": _remove,
    "restore": _restore,
    "rename": _rename,
    "refresh": _refresh,
    "reindex": _reindex,
    "migrate": _migrate,
    "settings": _settings,
    "export": _export,
    "import": _import,
}
KINDS: Final = tuple(_CHANGES)


def kill_at_step(number: int) -> None:
    """Make this process kill itself just before its `number`-th step.

    A step is a statement or commit of a catalogue or of discord.db, a use of the lexical index, an fsync or a rename.
    """
    left = number

    def step(*_: object, **__: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        sa.event.listen(sa.Engine, name, step)
    for owner, name in ((os, "fsync"), (os, "replace"), (LexicalFile, "_healing")):
        setattr(owner, name, _after(step, getattr(owner, name)))


def _after(step: Callable[[], None], call: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any) -> Any:
        step()
        return call(*arguments)

    return run


def state_of(folder: Path) -> dict[str, Any]:
    """Return what a data folder holds: texts by key, settings, the number of exported articles; and `check`'s finds."""
    libraries = open_libraries(folder)
    library = libraries.open(SHARED)
    state: dict[str, Any] = {"problems": library.check(), "texts": {}, "export": None, "migrated": []}
    for source in library.catalog.sources.all() if library.catalog else []:
        article = library.article(source.article_id)
        assert article is not None
        state["texts"][source.key] = article.text
        indexes = library.indexes()
        assert indexes is not None
        assert {row.text for row in library.passages(library.passage_ids(article.id))}
    libraries.close()
    database = Database(folder / "discord.db")
    found = database.server_settings.get(GUILD)
    state["settings"] = [found.member_limit, found.channel_limit, found.server_limit]
    database.close()
    if (folder / EXPORT).exists():
        with (folder / EXPORT).open("rb") as stream:
            state["export"] = len(list(read_export(EXPORT, stream)[1]))
    return state | {"migrated": _state_of_old(folder / "old")}


def _state_of_old(folder: Path) -> list[str]:
    """Return the titles of a data folder of an earlier version, and what `check` finds in it."""
    found: list[str] = []
    names = Libraries(folder, SmallEmbedder).names()
    for name in names:
        library = Libraries(folder, SmallEmbedder).open(name)
        found += [row.title for row in library.articles()] + library.check()
        library.close()
    return found
