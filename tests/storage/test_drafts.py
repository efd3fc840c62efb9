"""Promises of drafts.db: bounded for each server and in all, gone after an hour, and never half there."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from index.incremental import finish
from index.models import UserError
from storage import drafts_tables
from storage.drafts import DraftLimits, Drafts, StoredDraft
from storage.stores import Stores

LIMITS = DraftLimits(8, 4_000_000)
LARGE = b"x" * 700_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a file that does not exist yet."""
    return tmp_path / "drafts.db"


@pytest.fixture
def drafts(path: Path) -> Iterator[Drafts]:
    """Return an empty file, closed after the test."""
    opened = Drafts(path)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def open_drafts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Drafts]]:
    """Return a function that opens the drafts, which are none at first, as another process would."""
    url = request.getfixturevalue("memory_postgres").bot_url if request.param == "postgresql" else None
    with ExitStack() as opened:

        def open_one() -> Drafts:
            stores = Stores(tmp_path, url)
            opened.callback(stores.close)
            return opened.enter_context(closing(stores.drafts()))

        yield open_one


def put(drafts: Drafts, key: int, *, server: int = 1, member: int = 7, body: bytes = b"", kind: str = "article") -> int:
    """Store a draft and return its id."""
    finish(drafts.put_in_steps(StoredDraft(key, kind, server, member, f"value {key}", body), LIMITS))
    return key


def there(drafts: Drafts, *keys: int, kind: str = "article") -> list[int]:
    """Return those of some drafts that wait."""
    return [key for key in keys if drafts.get(key, kind)]


def test_a_draft_survives_reopening(drafts: Drafts, path: Path) -> None:
    """A draft of several parts is there after a restart, with its owner."""
    body = b"".join(b"%d," % number for number in range(600_000))
    put(drafts, 5, body=body)
    drafts.close()
    again = Drafts(path)

    found = again.get(5, "article")
    assert found is not None
    assert (found.guild_id, found.member_id, found.value) == (1, 7, "value 5")
    assert finish(again.body_in_steps(5)) == body
    assert again.get(5, "import") is None
    again.close()


def test_drafts_are_bounded(drafts: Drafts) -> None:
    """All servers together, and each by itself, have a limit in number and in bytes; the newest are kept."""
    other = put(drafts, 1, server=9, body=b"small")
    small = [put(drafts, 100 + number, server=2) for number in range(10)]
    large = [put(drafts, 200 + number, server=3, body=LARGE) for number in range(10)]

    assert there(drafts, other, *small, *large) == [other, *small[-2:], large[-1]]

    many = [put(drafts, 300 + number, server=20 + number, body=LARGE) for number in range(10)]
    assert drafts.total()[1] <= LIMITS.size
    assert there(drafts, *many) == many[-5:]
    assert drafts.total()[0] <= LIMITS.count


def test_the_newest_is_kept_whatever_its_size(drafts: Drafts) -> None:
    """A draft larger than the limit drops the others, not itself."""
    before, other = put(drafts, 1), put(drafts, 2, server=2)
    huge = put(drafts, 3, body=b"x" * 5_000_000)

    assert there(drafts, before, other, huge) == [huge]


def test_drafts_expire(drafts: Drafts, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour a draft is not found, and its text not in the file any more; nor is one stored by a wrong clock."""
    put(drafts, 1, body=b"an unusual text " * 100)
    put(drafts, 2)
    assert drafts.confirm(2, "{}")
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    assert there(drafts, 1) == []
    drafts.expire()
    drafts.close()

    assert b"unusual" not in path.read_bytes()
    again = Drafts(path)
    assert [one.id for one in again.interrupted("article")] == [2]
    put(again, 3)
    monkeypatch.setattr(time, "time", lambda: later - 86400 * 365)
    assert there(again, 3) == []
    again.close()


def test_space_is_given_back(drafts: Drafts, path: Path) -> None:
    """A file that held a large draft is small again once that is dropped."""
    put(drafts, 1, body=b"x" * 6_000_000)
    assert drafts.drop(1)
    assert not drafts.drop(1)
    drafts.close()

    assert path.stat().st_size < 100_000


def test_only_one_confirms(drafts: Drafts) -> None:
    """A confirmed draft is not found or displaced any more, until it is released."""
    put(drafts, 1)
    assert drafts.confirm(1, '{"by": 7}')
    assert not drafts.confirm(1, "{}")
    assert there(drafts, 1) == []
    for key in range(10, 30):
        put(drafts, key)
    found = drafts.confirmed(1, "article")
    assert found is not None
    assert found.confirmation == '{"by": 7}'

    drafts.release(1)
    assert there(drafts, 1) == [1]


def test_what_ends_the_process_is_not_tried_for_ever(drafts: Drafts, path: Path) -> None:
    """A confirmed draft is continued at three starts, then given up; it is there until its member was told."""
    put(drafts, 1)
    drafts.confirm(1, "{}")
    found = []
    for _ in range(5):
        drafts.close()
        drafts = Drafts(path)
        found += [one.given_up for one in drafts.interrupted("article")]
    drafts.close()

    assert found == [False, False, False, True, True]


def test_a_crash_while_storing_leaves_nothing(drafts: Drafts, path: Path) -> None:
    """A draft that is not stored to its end is never found, and gone after a restart."""
    steps = drafts.put_in_steps(StoredDraft(1, "article", 1, 7, "value", b"x" * 3_000_000), LIMITS)
    for _ in range(2):
        next(steps)
    assert there(drafts, 1) == []
    drafts.close()
    again = Drafts(path)

    assert again.total() == (0, 0)
    again.close()


def test_members_and_servers_are_forgotten(drafts: Drafts) -> None:
    """A member's drafts go, but one that is being carried out; a server's all go, also while one is being stored."""
    for key, server, member in ((1, 1, 7), (2, 2, 7), (3, 1, 8), (4, 1, 7)):
        put(drafts, key, server=server, member=member, body=b"text")
    drafts.confirm(4, "{}")
    drafts.forget_member(7)
    assert there(drafts, 1, 2, 3) == [3]
    assert drafts.confirmed(4, "article")

    steps = drafts.put_in_steps(StoredDraft(5, "article", 1, 7, "value", b"x" * 3_000_000), LIMITS)
    next(steps)
    drafts.forget_server(1)
    finish(steps)
    assert drafts.total() == (0, 0)
    assert finish(drafts.body_in_steps(5)) is None


@pytest.mark.parametrize("content", [b"no database " * 100, b""])
def test_a_damaged_file_is_replaced(path: Path, content: bytes) -> None:
    """Nothing in it is needed for long, so that the bot starts with an empty file."""
    path.write_bytes(content)
    drafts = Drafts(path)

    put(drafts, 1)
    assert there(drafts, 1) == [1]
    drafts.close()


@contextmanager
def unavailable(path: Path, why: str) -> Iterator[None]:
    """Let a sound file be one that cannot be used for a while."""
    if why == "a newer version":
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA user_version = 1000")
            yield
            db.execute("PRAGMA user_version = 2")
    elif why == "locked":
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            yield
    else:
        import resource  # not on Windows

        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    "why",
    [
        "locked",
        "a newer version",
        pytest.param("nothing can be written", marks=pytest.mark.skipif(os.name == "nt", reason="needs limits")),
    ],
)
def test_what_was_confirmed_outlasts_a_file_that_cannot_be_used(
    drafts: Drafts, path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """Only a damaged file is replaced: the bot does not start, and does what members have confirmed when it can."""
    monkeypatch.setattr(drafts_tables, "_BUSY_SECONDS", 0.1)
    put(drafts, 1)
    assert drafts.confirm(1, "{}")
    drafts.close()
    with unavailable(path, why), pytest.raises(UserError, match=r"drafts\.db"):
        Drafts(path)

    with closing(Drafts(path)) as again:
        assert [found.id for found in again.interrupted("article")] == [1]


def test_a_locked_file_holds_up_other_changes_for_seconds(drafts: Drafts) -> None:
    """Those of discord.db are made on the same thread."""
    with drafts._engine.connect() as db:
        assert 0 < db.exec_driver_sql("PRAGMA busy_timeout").scalar_one() <= 5000


def test_a_draft_is_seen_and_confirmed_by_other_processes_once(open_drafts: Callable[[], Drafts]) -> None:
    """What one process stored, with whatever text, another confirms; the first can no longer, nor carry it out."""
    one, other = open_drafts(), open_drafts()
    finish(one.put_in_steps(StoredDraft(5, "article", 2**62, 7, "\N{SNOWMAN} text", LARGE * 3), LIMITS))

    assert finish(other.body_in_steps(5)) == LARGE * 3
    assert other.confirm(5, "{}")
    assert not one.confirm(5, "{}")
    assert one.get(5, "article") is one.confirmed(5, "article") is None
    assert (one.is_held(5), other.is_held(5), one.is_held(6)) == (False, True, None)
    found = other.confirmed(5, "article")
    assert found is not None
    assert (found.guild_id, found.value) == (2**62, "\N{SNOWMAN} text")


def test_what_a_process_leaves_is_taken_over_by_one_other(open_drafts: Callable[[], Drafts]) -> None:
    """Of two that have the server, one gets it; who lost it sees that; after three tries it is given up."""
    gone, one, other = open_drafts(), open_drafts(), open_drafts()
    put(gone, 1, server=1)
    put(gone, 2, server=2)
    for key in (1, 2):
        assert gone.confirm(key, "{}")

    taken = [[found.id for found in drafts.interrupted("article", {1}.__contains__)] for drafts in (one, other, one)]
    assert taken == [[1], [1], [1]]  # each time by another process, which only the holder of the server asks for
    assert one.is_held(1)
    assert not other.is_held(1)
    assert gone.is_held(2)
    assert [found.given_up for found in other.interrupted("article", {1}.__contains__)] == [True]
    assert one.is_held(1) is False


def test_a_file_of_the_version_before_keeps_its_drafts(drafts: Drafts, path: Path) -> None:
    """An update of the bot loses no preview."""
    put(drafts, 5, body=b"text")
    with drafts._engine.begin() as db:
        for statement in ("ALTER TABLE drafts DROP COLUMN holder", "ALTER TABLE draft_parts RENAME TO parts"):
            db.exec_driver_sql(statement)
        db.exec_driver_sql("PRAGMA user_version = 1")
    drafts.close()

    with closing(Drafts(path)) as again:
        assert there(again, 5) == [5]
        assert finish(again.body_in_steps(5)) == b"text"
        assert again.confirm(5, "{}")
