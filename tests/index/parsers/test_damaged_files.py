"""Damaged files: cut, repeated and overwritten at random, each is read or refused in a sentence."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from index.models import UserError
from index.parsers.file_types import kind_from_name
from index.parsers.sandbox import Sandbox
from tests.index.sample_files import GOOD, archive

TEXT = """---
title: The harbour
tags: [ferry, {a: [b, c]}]
---
# The harbour

Home | News | About us | Contact

The ferry leaves at **seven**, see [the times](https://example.org/times "Times"). <!-- a comment -->

| Day | Time |
|-----|------|
| Mon | 7:00 |

1. Buy a ticket.
   - At the *quay*.
2. Board.

```
code
```
"""
FILES = {**GOOD, "a.md": TEXT.encode, "a.txt": TEXT.encode, "a.zip": archive}
ROUNDS = 12
LARGEST = 200_000  # bytes


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox(timeout=300)  # seconds; a hang takes longer on the slowest machine
    yield box
    box.close()


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with a few pieces removed, repeated or overwritten."""
    for _ in range(chance.randint(1, 4)):
        start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        piece = data[start:end]
        match chance.choice(["cut", "end", "repeat", "noise", "swap"]):
            case "cut":
                data = data[:start] + data[end:]
            case "end":
                data = data[:end]
            case "repeat":
                short = piece[: chance.choice([1, 3, 20, 200])]
                data = data[:end] + short * (chance.randint(2, LARGEST) // max(1, len(short))) + data[end:]
            case "noise":
                data = data[:start] + chance.randbytes(min(8, len(piece))) + data[start + min(8, len(piece)) :]
            case _:
                data = data[end:] + piece + data[:start]
    return data[:LARGEST]


def refused(sandbox: Sandbox, name: str, data: bytes) -> str | None:
    """Return why a file is not read; None if it is."""
    kind = kind_from_name(name)
    try:
        if kind == "archive":
            sandbox.members(data)
        else:
            sandbox.draft(data, kind=kind, key="k", source=name, title="A", address="", charset=None)
    except UserError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_are_read_or_refused(name: str, sandbox: Sandbox) -> None:
    """No damage crashes a parser or lasts: there is a text, or one sentence that says what is wrong."""
    chance = random.Random(name)
    for _ in range(ROUNDS):
        reason = refused(sandbox, name, damaged(FILES[name](), chance))
        assert reason is None or reason.endswith(".")
        assert "crashes its parser" not in (reason or "")
        assert "took longer than" not in (reason or "")


def test_long_lines_and_front_matter_take_moments(sandbox: Sandbox) -> None:
    """Megabytes of metadata, brackets or bars are read like other text."""
    matter = "---\ntitle: Ferry\n" + "".join(f"k{n}: [a, b, {{c: d}}]\n" for n in range(40_000)) + "---\nThe text.\n"
    draft = sandbox.text(matter, key="k", source="s", markdown=True, title=None)
    assert (draft.title, draft.text) == ("Ferry", "The text.\n")
    for line in ("Home | " * 30_000, "[" * 100_000, "a](" * 50_000, "> " * 50_000, "# " * 50_000, "Share " * 30_000):
        assert sandbox.text(f"{line}\n\nThe text.\n", key="k", source="s", markdown=True, title="T").sections
