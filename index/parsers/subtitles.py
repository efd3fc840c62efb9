"""Subtitles (SRT, WebVTT) to a document: what is said as running text, and the time of each cue."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from index.models import UserError
from index.parsers.document import Document, Row
from index.text.blocks import TERMINAL
from index.text.encoding import decode_web, normalize_newlines

_CLOCK: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES: Final = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}")
_SPEAKER: Final = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAGS: Final = re.compile(r"(?i)</?(?:[ibuvc]|ruby|rt|lang|font)(?:[.\s][^>]*)?>|<\d[\d:.]*>|\{\\[^}]*\}")
_DIALOGUE: Final = re.compile(r"\s*[-–—]\s*\S")
_PAUSE: Final = 3.0  # seconds of silence after a sentence that part paragraphs
_SILENCE: Final = 10.0  # seconds that do it even in a sentence
_LONG: Final = 500  # code points of a paragraph after which the next sentence begins another
_UNPUNCTUATED: Final = 0.05  # of the cues end a sentence: where fewer do, a machine wrote them down without full stops
_SHORT: Final = 200  # code points of a paragraph there: it is quoted whole


@dataclass(frozen=True, slots=True)
class _Cue:
    """What is said from `start` to `end`, in seconds; each line by itself."""

    start: float
    end: float
    lines: tuple[str, ...]
    speaker: str = ""


def read_subtitles(data: bytes) -> Document:
    """Return what is said, with the time of each cue. Raises `UserError` where there are no cues."""
    text = normalize_newlines(decode_web(data))
    blocks = [block.split("\n") for block in re.split(r"\n(?:[ \t]*\n)+", text.strip("\n"))]
    web = text.startswith("WEBVTT")
    cues = list(_without_repeats(list(_cues(blocks, web=web))))
    if not cues:
        raise UserError("The file holds no text with times, so it is no SRT or WebVTT file; add it as a .txt file.")
    head = blocks[0] if web else []
    title = re.sub(r"^WEBVTT[\s-]*", "", head[0]) if head else ""
    language = next((row.partition(":")[2].strip() for row in head[1:] if row.startswith("Language:")), None)
    return Document(tuple(_rows(cues)), title or None, language=language, times=tuple(int(cue.start) for cue in cues))


def _cues(blocks: Sequence[list[str]], *, web: bool) -> Iterator[_Cue]:
    """Yield the cues; a block without a time goes on with the cue before, in SRT."""
    cue: _Cue | None = None
    for block in blocks:
        at = next((n for n, row in enumerate(block[:2]) if _TIMES.match(row)), None)
        if at is not None and (found := _TIMES.match(block[at])):
            if cue:
                yield cue
            cue = replace(_parse_cue(block[at + 1 :], web=web), start=_seconds(found, 1), end=_seconds(found, 5))
        elif cue and not web:
            cue = replace(cue, lines=(*cue.lines, *_parse_cue(block, web=web).lines))
    if cue:
        yield cue


def _seconds(found: re.Match[str], first: int) -> float:
    hours, minutes, seconds, rest = (found[first + n] or "0" for n in range(4))
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(rest.ljust(3, "0")) / 1000


def _parse_cue(rows: Sequence[str], *, web: bool) -> _Cue:
    """Return what a cue says, without its marks."""
    speaker = _SPEAKER.search("\n".join(rows))
    texts = (" ".join(_TAGS.sub("", row).split()) for row in rows)
    lines = tuple(html.unescape(row) if web else row for row in texts if row)
    return _Cue(0, 0, lines, " ".join(speaker[1].split()) if speaker and web else "")


def _without_repeats(cues: Sequence[_Cue]) -> Iterator[_Cue]:
    """Yield the cues that say something, without the lines that roll up the screen and were said before."""
    shown: tuple[str, ...] = ()
    end = 0.0
    for cue in cues:
        near = cue.start - end < _PAUSE
        rolled = next((n for n in range(min(len(cue.lines), len(shown)), 0, -1) if cue.lines[:n] == shown[-n:]), 0)
        lines = cue.lines[rolled:] if near else cue.lines
        shown, end = cue.lines, cue.end
        if lines:
            yield replace(cue, lines=lines)


def _rows(cues: Sequence[_Cue]) -> Iterator[Row]:
    """Yield the cues as rows that go on where the speech does; `page` is the number of the cue."""
    ended = sum(TERMINAL.search(cue.lines[-1]) is not None for cue in cues)
    unpunctuated = ended < _UNPUNCTUATED * len(cues)
    before: _Cue | None = None
    length = 0
    for number, cue in enumerate(cues, 1):
        named = bool(cue.speaker) and (before is None or cue.speaker != before.speaker)
        turns = len(cue.lines) > 1 and all(_DIALOGUE.match(line) for line in cue.lines)
        continues = (
            before is not None
            and not named
            and not turns
            and _continues(before, cue, length, unpunctuated=unpunctuated)
        )
        if before is not None and not continues:
            yield Row("", page=number)
            length = 0
        texts = f"{cue.speaker}: {cue.lines[0]}" if named else cue.lines[0]
        yield Row(texts, page=number, joined=continues)
        yield from (Row(line, page=number, joined=not turns) for line in cue.lines[1:])
        length += sum(map(len, cue.lines))
        before = cue


def _continues(before: _Cue, cue: _Cue, length: int, *, unpunctuated: bool) -> bool:
    """Tell whether a cue belongs to the paragraph of the one before."""
    pause = cue.start - before.end
    if unpunctuated:
        return pause < _PAUSE and length < _SHORT
    ended = TERMINAL.search(before.lines[-1]) is not None
    dialogue = ended and _DIALOGUE.match(cue.lines[0]) is not None
    return pause < _SILENCE and not dialogue and not (ended and (pause >= _PAUSE or length >= _LONG))
