"""Compares follow-up questions, as the pipeline understands them, with rewrites by people."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import data
from index.text.analyzer import content_terms
from qa.conversation.follow_ups import Turn, understand

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Row = dict[str, Any]
_FILES = {"coqar": "coqar.qa.jsonl.gz", "trec-cast-rewrites": "trec-cast-rewrites.jsonl.gz"}


def in_part(key: str, part: str) -> bool:
    """Whether a document or conversation belongs to a part, `development` or `report`."""
    first = hashlib.blake2b(f"verbatim:{key}".encode(), digest_size=8).digest()[0]
    return (first < 128) == (part == "development")


def turns(row: Row) -> tuple[Turn, ...]:
    """Return the turns before a row's question; every role other than `user` is the assistant."""
    return tuple(Turn("user" if turn["role"] == "user" else "assistant", turn["text"]) for turn in row["history"])


def content_word_f1(text: str, rewrites: Sequence[str]) -> float:
    """Return the F1 of content words, 0 to 1, between a text and the most similar rewrite."""
    own, others = set(content_terms(text)), [set(content_terms(rewrite)) for rewrite in rewrites]
    return max(2 * len(own & words) / (len(own) + len(words)) if own or words else 1.0 for words in others)


def rewrite_tables(folder: Path, part: str) -> str:
    """Return Markdown tables on turns with history, and on questions that need none.

    Human performance is measured by comparing each rewrite with the other rewrites of its question; the second group
    of columns compares the raw and the understood question with the same ones.
    """
    near = [
        "| set | turns | raw | understood | gap closed | raw | understood | a person | gap closed |",
        "|---" * 9 + "|",
    ]
    alone = ["| stands alone | questions | changed | changed for the worse |", "|---" * 4 + "|"]
    for name, file in _FILES.items():
        rows = [row | {"rewrites": _rewrites(row)} for row in data.rows(folder / file)]
        rows = [row for row in rows if row["rewrites"] and in_part(row["conversation_id"], part)]
        near.append(f"| {name} | {_f1_row([row for row in rows if row['history']])} |")
        own = [
            (row, turns(row))
            for row in rows
            if row["history"] and content_word_f1(row["question"], row["rewrites"]) == 1
        ]
        alone.append(f"| {name}: has all words of a rewrite | {_changes_row(own)} |")
        alone.append(
            f"| {name}: first turn after another conversation | {_changes_row(_first_turns_after_another(rows))} |"
        )
    return "\n".join([*near, "", *alone])


def _rewrites(row: Row) -> list[str]:
    rewrites = row["rewrites"] if "rewrites" in row else [row["rewrite"]]
    return [text for text in rewrites if text.strip()]


def _f1_row(rows: Sequence[Row]) -> str:
    pairs = [(row["question"], understand(row["question"], turns(row)).text, row["rewrites"]) for row in rows]
    raw, understood = (np.mean([content_word_f1(pair[at], pair[2]) for pair in pairs]) for at in (0, 1))
    shown = f"{len(rows)} | {raw:.3f} | {understood:.3f} | {(understood - raw) / (1 - raw):.3f}"
    compared = [
        (*pair[:2], rewrite, others)
        for pair in pairs
        for at, rewrite in enumerate(pair[2])
        if (others := pair[2][:at] + pair[2][at + 1 :])
    ]
    if not compared:
        return f"{shown} | - | - | - | -"
    raw, understood, person = (np.mean([content_word_f1(one[at], one[3]) for one in compared]) for at in (0, 1, 2))
    closed = (understood - raw) / (person - raw)
    return f"{shown} | {raw:.3f} | {understood:.3f} | {person:.3f} | {closed:.3f}"


def _first_turns_after_another(rows: Sequence[Row]) -> list[tuple[Row, tuple[Turn, ...]]]:
    """Return first turns, each with the last history of the previous conversation in the file."""
    pairs = []
    before: Row | None = None
    for row in rows:
        if not row["history"] and before:
            pairs.append((row, turns(before)))
        before = row
    return pairs


def _changes_row(asked: Sequence[tuple[Row, tuple[Turn, ...]]]) -> str:
    changed = worse = 0
    for row, history in asked:
        text = understand(row["question"], history).text
        changed += text != row["question"]
        worse += content_word_f1(text, row["rewrites"]) < content_word_f1(row["question"], row["rewrites"])
    return f"{len(asked)} | {changed} | {worse}"
