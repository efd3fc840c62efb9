"""`/forget` opens only the libraries that name the member, and is limited."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import simcord

from cogs.admin.contributor_index import ContributorIndex
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from i18n import texts
from index.libraries.registry import Libraries
from index.sqlite_errors import DamagedError, StorageError
from settings import Settings
from tests.cogs.stored_articles import stock
from tests.cogs.visible_text import PUBLIC

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

MEMBER = "77"


def write_history(data_dir: Path, library: str, *names: str) -> None:
    """Store an article in a library for each name, which is that of its history's author."""
    for number, name in enumerate(names):
        stock(data_dir, title=f"{number}", text=f"Article {number}.", key=f"{number}", library=library)
        with closing(sqlite3.connect(data_dir / "libraries" / library / "catalog.db")) as db:
            db.execute('UPDATE events SET "by" = ? WHERE id = (SELECT max(id) FROM events)', (name,))
            db.commit()


def names_in(data_dir: Path, library: str) -> list[str]:
    """Return the authors in a library's history."""
    with closing(sqlite3.connect(data_dir / "libraries" / library / "catalog.db")) as db:
        return [name for (name,) in db.execute('SELECT "by" FROM events ORDER BY id')]


def index_of(bot: VerbatimBot) -> ContributorIndex:
    """Return the running bot's index."""
    index = bot.get_cog("ContributorIndex")
    assert isinstance(index, ContributorIndex)
    return index


async def test_only_libraries_that_name_the_member_are_opened(
    simcord_env: simcord.Env, simcord_bot: VerbatimBot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many servers there are; a name that was written since the last look is found too."""
    for number in range(40):
        write_history(settings.data_dir, f"guild-{number}", "8", *([MEMBER] if number == 3 else []))
    index = index_of(simcord_bot)
    await index.run_once()
    write_history(settings.data_dir, "guild-5", MEMBER)
    opened: list[str] = []
    anonymize = Libraries.anonymize

    def spied(libraries: Libraries, who: str, name: str) -> None:
        opened.append(name)
        anonymize(libraries, who, name)

    monkeypatch.setattr(Libraries, "anonymize", spied)
    count = await index.forget_member(MEMBER)

    assert count == 2
    assert opened == ["guild-3", "guild-5"]
    assert names_in(settings.data_dir, "guild-3") == ["8", ""]
    assert MEMBER not in names_in(settings.data_dir, "guild-5")
    assert await index.forget_member(MEMBER) == 0


async def test_unchanged_libraries_are_read_once(
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    settings: Settings,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The index survives a restart, and only changed libraries are read again."""
    write_history(settings.data_dir, "guild-1", "8")
    write_history(settings.data_dir, "guild-2", "8")
    await index_of(simcord_bot).run_once()
    write_history(settings.data_dir, "guild-2", "9")
    read: list[str] = []
    summary = store.report_catalogues.summary
    monkeypatch.setattr(store.report_catalogues, "summary", lambda name: read.append(name) or summary(name))

    await index_of(simcord_bot).run_once()
    await index_of(simcord_bot).run_once()

    assert read == ["guild-2"]
    assert await store.report(lambda: store.database.contributors.libraries_of("9")) == ["guild-2"]


async def test_a_library_that_cannot_be_read(
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    settings: Settings,
    store: AsyncStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The member is removed from all others, and the error is raised then; it is logged once."""
    for number in (1, 2, 3):
        write_history(settings.data_dir, f"guild-{number}", MEMBER)
    (settings.data_dir / "libraries" / "guild-1" / "catalog.db").write_bytes(b"no database" * 1000)
    index = index_of(simcord_bot)
    await index.run_once()
    await index.run_once()
    assert caplog.text.count("The library guild-1 cannot be read for periodic work") == 1

    with pytest.raises(DamagedError, match=r"guild-1/catalog\.db cannot be read"):
        await index.forget_member(MEMBER)

    assert names_in(settings.data_dir, "guild-2") == names_in(settings.data_dir, "guild-3") == [""]
    assert await store.report(lambda: store.database.contributors.libraries_of(MEMBER)) == []


async def test_a_library_whose_damage_shows_as_anything(
    simcord_env: simcord.Env, simcord_bot: VerbatimBot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The member is removed from all others; the error is a sentence, and the member stays listed where it occurred."""
    for number in (1, 2, 3):
        write_history(settings.data_dir, f"guild-{number}", MEMBER)
    anonymize = Libraries.anonymize

    def failing(libraries: Libraries, who: str, name: str) -> None:
        if name == "guild-1":
            raise ValueError("not a number")
        anonymize(libraries, who, name)

    monkeypatch.setattr(Libraries, "anonymize", failing)
    with pytest.raises(StorageError, match="guild-1 cannot be changed"):
        await index_of(simcord_bot).forget_member(MEMBER)

    assert names_in(settings.data_dir, "guild-2") == names_in(settings.data_dir, "guild-3") == [""]
    assert await index_of(simcord_bot).libraries_of(MEMBER) == ["guild-1"]


async def test_forget_is_limited(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """A member who uses it again and again is told when it can be used next."""
    seen = [await alice.slash(channel, "forget") for _ in range(3)]

    assert [one.response.content for one in seen[:2]] == [texts.FORGOTTEN.format(count=0)] * 2
    assert seen[2].response.content.startswith(texts.FORGET_LIMITED.split("{", maxsplit=1)[0])
