"""Hostile texts from the file to the card: they are added, found and quoted, harmless, in time by their length."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.libraries.library_names import SHARED
from index.libraries.registry import Libraries
from index.models import Draft
from index.passages.embedder import Embedder
from index.sources.loader import drafts
from qa.answerer import Answerer, Thresholds
from qa.ask import ask_checked
from qa.reading.protocol import Reader, ReadingModels
from tests.cogs.reader import read
from tests.cogs.ui.test_hostile_text import ALLOWED, MAX_TEXT, texts_of
from tests.conftest import Run
from tests.hostile_texts import HOSTILE_TEXTS
from tests.small_embedder import SmallEmbedder

FERRY = "The ferry to Skarholm leaves at seven in the morning."
OWN_LINKS = {"masked link", "auto link"}  # the bot's own, which name where they lead
KINDS = ("txt", "md", "html")

REPEATED = {
    "one line": lambda size: " ".join(f"w{number % 997}" for number in range(size // 5)),
    "one word": lambda size: "x" * size,
    "sentences": lambda size: "The dog is red. " * (size // 16),
    "brackets": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "parentheses": lambda size: "(" * size,
    "quotation marks": lambda size: '"' * size,
    "block quotes": lambda size: "> " * (size // 2) + "a",
    "stars": lambda size: "*a" * (size // 2),
    "backticks": lambda size: "`" * size,
    "cells": lambda size: "|a" * (size // 2),
    "headings": lambda size: "# a\n" * (size // 4),
    "list": lambda size: "".join(f"{' ' * (number % 200)}- a\n" for number in range(size // 104)),
    "links": lambda size: "[a](https://a.example/) " * (size // 24),
    "open links": lambda size: "[a](b " * (size // 6),
    "mentions": lambda size: "@everyone <@1> " * (size // 15),
    "zero width": lambda size: "a\u200b" * (size // 2),
    "overrides": lambda size: "\u202ea" * (size // 2),
    "combining characters": lambda size: "e" + "\u0301" * size,
    "initials": lambda size: "A. " * (size // 3),
    "spaces": lambda size: " " * size + "a",
    "empty lines": lambda size: " \n" * (size // 2),
    "tags": lambda size: "<b>" * (size // 3),
    "entities": lambda size: "&amp;" * (size // 5),
}


def in_file(kind: str, body: str) -> str:
    """Return an article of a kind of file that has a text in its middle."""
    if kind == "html":
        return f"<title>T</title><article><p>{FERRY}</p><p>{body}</p><p>Dogs travel free of charge.</p></article>"
    return f"{FERRY}\n\n{body}\n\nDogs travel free of charge."


@pytest.fixture
def answerer(tmp_path: Path, embedder: Embedder, reader: Reader) -> Iterator[Answerer]:
    """Return what answers from the data folder of this test."""
    libraries = Libraries(tmp_path / "data", lambda: embedder)
    yield Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.5, 0.05))
    libraries.close()


@pytest.mark.parametrize("kind", KINDS)
def test_from_the_file_to_the_card(
    kind: str, tmp_path: Path, command_line: Callable[..., Run], answerer: Answerer
) -> None:
    """Every hostile text can be added and asked about; quotes are slices, and their cards ping and format nothing."""
    folder = tmp_path / "articles"
    folder.mkdir()
    corpus = list(HOSTILE_TEXTS.items())[
        KINDS.index(kind) :: len(KINDS)
    ]  # a third each, as each question costs a reading
    for number, (name, text) in enumerate(corpus):
        body = f"The harbour Holm{number} belongs to {text} and has a lamp. Its keeper Nr{number} counts gulls."
        (folder / f"{name}.{kind}").write_bytes(in_file(kind, body).encode())
    questions = [f"Who does the harbour Holm{number} belong to?" for number in range(len(corpus))]

    added = command_line("--data-dir", tmp_path / "data", "add", folder)
    lines = "".join(json.dumps({"question": question}) + "\n" for question in questions[:6])
    asked = command_line("--data-dir", tmp_path / "data", "ask", "--batch", "-", stdin=lines)

    refused = re.findall(rf"^(.+)\.{kind}: .+\.$", added.err, flags=re.MULTILINE)
    assert set(refused) <= {"controls"}, added.err  # a file with these is no text file
    assert added.out.count("Added: ") + len(refused) == len(corpus), added.err
    quoted = 0
    for line in asked.out.splitlines():
        for quote in json.loads(line)["quotes"]:
            article = answerer._libraries.article(SHARED, quote["article_id"])
            assert article is not None
            assert article.text[quote["start"] : quote["end"]] == quote["text"]
            quoted += 1
    assert quoted >= 3
    for question in questions:
        outcome = ask_checked(answerer, question, [SHARED])
        for as_plain in (False, True):
            shown = texts_of(outcome, as_plain=as_plain)
            assert sum(map(len, shown)) <= MAX_TEXT + 100
            for part in shown:
                assert set(re.findall("⟦([a-z ]+)⟧", read(part).text)) <= ALLOWED | OWN_LINKS, part


@pytest.mark.parametrize("kind", ["txt", "md"])
@pytest.mark.parametrize("name", REPEATED)
def test_the_time_grows_with_the_length(name: str, kind: str, tmp_path: Path) -> None:
    """Loading, storing and indexing an article takes time in proportion to its length, whatever is in it.

    Four times the length of a quadratic step takes sixteen times as long; processes that share the processor can make
    one measurement look like that, not three in a row.
    """

    def seconds(size: int, attempt: int) -> float:
        path = tmp_path / f"{size}-{attempt}.{kind}"
        path.write_text(in_file(kind, REPEATED[name](size)), encoding="utf-8")
        libraries = Libraries(tmp_path / f"data-{size}-{attempt}", lambda: SmallEmbedder(dimension=2))
        start = time.process_time()
        for item in drafts(str(path)):
            assert isinstance(item, Draft), item
            libraries.open(SHARED).add(item)
        indexes = libraries.open(SHARED).indexes()
        spent = time.process_time() - start
        assert indexes is not None
        assert len(indexes.lexical.search(["ferri"], 5)[0]) >= 1
        libraries.close()
        return spent

    seconds(1_000, 0)  # imports
    assert any(seconds(80_000, attempt) < 9 * max(seconds(20_000, attempt), 0.02) for attempt in (1, 2, 3))
