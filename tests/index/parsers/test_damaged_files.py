"""Damaged files: cut, repeated and overwritten at random, each is read or refused in a sentence."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from index.models import UserError
from index.parsers.file_types import kind_from_name
from index.parsers.sandbox import Sandbox
from tests.index.parsers.test_xlsx import book
from tests.index.sample_files import GOOD, ODT_START, archive, odt

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
MDX = f"import {{a}} from 'b';\n\n<TabItem label=\"One\">\n\n{TEXT[4:]}\n\n</TabItem> {{a.b}} <br/>"
CELLS = '<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" s="1"><v>45413</v></c></row>'
START = ODT_START.partition("<office:text>")[0]
SLIDE = "<office:presentation><draw:page><draw:frame><text:p>At seven.</text:p></draw:frame></draw:page>"
SLIDES = f"{START}{SLIDE}</office:presentation></office:body></office:document-content>".replace(
    "<office:document-content ", '<office:document-content xmlns:draw="urn:draw" '
)
SHEET = "<office:spreadsheet><table:table><table:table-row><table:table-cell><text:p>Fare</text:p></table:table-cell>"
SHEETS = f"{START}{SHEET}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
FILES = {
    **GOOD,
    "a.md": TEXT.encode,
    "a.txt": TEXT.encode,
    "a.mdx": MDX.encode,
    "a.xlsx": lambda: book(CELLS * 20),
    "a.odp": lambda: odt(content=SLIDES),
    "a.ods": lambda: odt(content=SHEETS),
    "a.zip": archive,
}
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
    assert refused(sandbox, name, FILES[name]()) is None
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
