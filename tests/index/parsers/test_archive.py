"""Archives are read like folders, within limits; a damaged member fails alone."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from index.models import Draft, UserError
from index.parsers import archive
from index.parsers.archive import Member, Unpacker
from index.sources.discovery import Failure
from index.sources.loader import Item, Skipped, Unchanged, drafts
from tests.index.sample_files import PROSE, tarred, zipped
from tests.index.sample_files import archive as three


def members(data: bytes) -> list[Member]:
    return list(Unpacker(len(data)).members(data))


def added(path: Path, data: bytes) -> list[Item]:
    path.write_bytes(data)
    return list(drafts(str(path)))


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz", "zip"])
def test_every_packing_is_read(mode: str) -> None:
    """ZIP and tar archives in each compression give the same members."""
    parts = {"a.txt": b"one", "sub/b.md": b"two"}
    data = zipped(parts) if mode == "zip" else tarred(parts, mode)
    assert members(data) == [Member("a.txt", b"one"), Member("sub/b.md", b"two")]


def test_an_archive_is_a_folder(tmp_path: Path) -> None:
    """Sources of members start with the name of the archive, keys with its path; a broken one fails alone."""
    a, broken, b, skipped = added(tmp_path / "docs.zip", zipped({"x.png": b"x"} | dict(contents(three()))))
    assert isinstance(a, Draft)
    assert isinstance(b, Draft)
    assert (a.source, a.key) == ("docs.zip/a.txt", f"{tmp_path.resolve()}/docs.zip/a.txt")
    assert (b.title, b.origin) == ("Ferry", f"{tmp_path.resolve()}/docs.zip")
    assert isinstance(broken, Failure)
    assert broken.source == "docs.zip/c.docx"
    assert skipped == Skipped(1)


def contents(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return [(name, opened.read(name)) for name in opened.namelist()]


def test_a_member_can_be_added_alone(tmp_path: Path) -> None:
    """A path into an archive loads one member; a missing one is reported as gone."""
    (tmp_path / "docs.zip").write_bytes(three())
    (one,) = drafts(str(tmp_path / "docs.zip" / "sub" / "b.md"))
    assert isinstance(one, Draft)
    assert list(drafts(one.key, {one.key: one.version}.get)) == [Unchanged(one.key)]
    (none,) = drafts(str(tmp_path / "docs.zip" / "none.md"))
    assert isinstance(none, Failure)
    assert none.gone


def test_archives_in_folders_and_in_archives(tmp_path: Path) -> None:
    """Members of an archive in a folder belong to the folder; archives are read two levels deep."""
    inner = zipped({"b.txt": f"{PROSE} Inside."})
    deep = zipped({"inner.zip": zipped({"most.zip": inner})})
    (tmp_path / "docs.zip").write_bytes(zipped({"inner.zip": inner, "a.txt": PROSE, "deep.zip": deep}))
    found = {getattr(item, "source", ""): item for item in drafts(str(tmp_path))}
    assert set(found) == {"docs.zip/a.txt", "docs.zip/inner.zip/b.txt", "docs.zip/deep.zip/inner.zip"}
    assert isinstance(inside := found["docs.zip/inner.zip/b.txt"], Draft)
    assert inside.origin == str(tmp_path.resolve())
    assert "2 deep" in str(found["docs.zip/deep.zip/inner.zip"])


def test_links_and_folders_are_passed_over(tmp_path: Path) -> None:
    """A link in a tar archive is not followed; an archive without files says so."""
    import tarfile

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as opened:
        link = tarfile.TarInfo("passwd.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(link)
        folder = tarfile.TarInfo("docs")
        folder.type = tarfile.DIRTYPE
        opened.addfile(folder)
    (failure,) = added(tmp_path / "a.tar", stream.getvalue())
    assert isinstance(failure, Failure)
    assert failure.reason == "The archive holds no files."


def test_bombs_are_refused(tmp_path: Path) -> None:
    """A ZIP or tar archive that unpacks to far more than its size is refused as a whole."""
    zeros = bytes(40_000_000)
    for name, data in (("a.zip", zipped({"a.txt": "a", "b.txt": zeros})), ("a.tgz", tarred({"a.txt": zeros}))):
        (failure,) = added(tmp_path / name, data)
        assert isinstance(failure, Failure)
        assert "unpacks to far more" in failure.reason


def test_count_and_size_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive with too many files is refused; a file that is too large fails alone."""
    monkeypatch.setattr(archive, "MAX_MEMBER", 10)
    data = zipped({"a.txt": "short", "b.txt": "much too long"})
    assert [bool(member.reason) for member in members(data)] == [False, True]
    assert [bool(member.reason) for member in members(tarred({"b.txt": b"much too long"}))] == [True]
    monkeypatch.setattr(archive, "MAX_MEMBERS", 1)
    with pytest.raises(UserError, match="more than 1 files"):
        members(data)


def test_protected_and_broken_members_fail_alone() -> None:
    """An encrypted or damaged member is reported, and the others are read."""
    data = bytearray(zipped({"a.txt": "first one", "b.txt": "b" * 500, "c.txt": "third one"}))
    at = data.index(b"PK\1\2")  # in the list at the end: the first file's flags
    data[at + 8] |= 1
    data[data.index(b"first one") - 20] ^= 0xFF
    middle = data.index(b"b.txt", 60) + 6
    data[middle : middle + 4] = b"\xff\xff\xff\xff"
    first, second, third = members(bytes(data))
    assert "password" in first.reason
    assert "damaged" in second.reason
    assert third == Member("c.txt", b"third one")


def test_a_tar_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    """Members before the damage are read, and the loss of the others is reported."""
    data = tarred({"a.txt": PROSE.encode(), "b.txt": PROSE.encode() * 100}, "w")
    first, lost = added(tmp_path / "a.tar", data[:2600])
    assert isinstance(first, Draft)
    assert isinstance(lost, Failure)
    assert "is cut off" in lost.reason


@pytest.mark.parametrize(
    "data", [b"", b"PK\3\4 and no more", b"\x1f\x8b\x08 no gzip", b"BZh", bytes(600), b"\xfd7zXZ\0"]
)
def test_what_is_no_archive_says_so(tmp_path: Path, data: bytes) -> None:
    """A file that only has the name of an archive is reported as damaged."""
    (failure,) = added(tmp_path / "a.zip", data)
    assert isinstance(failure, Failure)
    assert "damaged" in failure.reason
