"""Parse subtitles (SubRip and WebVTT): the speech as running text, and the time of each cue."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from index.messages.files import SUBTITLES_WITHOUT_TIMES
from index.models import UserError
from index.parsers.document import Document, Row
from index.text.blocks import TERMINAL
from index.text.encoding import decode_web, normalize_newlines

_CLOCK: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES: Final = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}")
_SPEAKER: Final = re.compile(r"<v(?:\.[^\s<>]*+)?\s++([^<>]++)>")
_TAGS: Final = re.compile(r"(?i)</?(?:[ibuvc]|ruby|rt|lang|font)(?:[.\s][^<>]*+)?>|<\d[\d:.]*+>|\{\\[^{}]*+\}")
_DIALOGUE: Final = re.compile(r"\s*[-–—]\s*\S")
_PAUSE: Final = 3.0  # seconds of silence that end a paragraph after a sentence
_SILENCE: Final = 10.0  # seconds of silence that end a paragraph even within a sentence
_LONG: Final = 500  # code points; after a paragraph of this length the next sentence begins another
_UNPUNCTUATED: Final = 0.05  # share of cues that end a sentence; with fewer, the transcript has no punctuation
_SHORT: Final = 200  # code points of a paragraph in such a transcript, where it is quoted as a whole


@dataclass(frozen=True, slots=True)
class _Cue:
    """The lines shown from `start` to `end`, in seconds."""

    start: float
    end: float
    lines: tuple[str, ...]
    speaker: str = ""


def read_subtitles(data: bytes) -> Document:
    """Return the speech with the time of each cue. Raises `UserError` if there are no cues."""
    text = normalize_newlines(decode_web(data))
    found = (block.split("\n") for block in re.split(r"\n(?:[ \t]*\n)+", text.strip("\n")))
    blocks = [block for rows in found for block in _at_times(rows)]
    web = text.startswith("WEBVTT")
    cues = list(_without_repeats(list(_cues(blocks, web=web))))
    if not cues:
        raise UserError(SUBTITLES_WITHOUT_TIMES)
    head = blocks[0] if web else []
    title = re.sub(r"^WEBVTT[\s-]*", "", head[0]) if head else ""
    language = next((row.partition(":")[2].strip() for row in head[1:] if row.startswith("Language:")), None)
    return Document(tuple(_rows(cues)), title or None, language=language, times=tuple(int(cue.start) for cue in cues))


def _at_times(rows: list[str]) -> Iterator[list[str]]:
    """Yield the parts of a block in which no blank line separates the cues, or the first cue from what is above."""
    start = 0
    times = [number for number, row in enumerate(rows) if _TIMES.match(row)]
    for time in times[0 if times and times[0] > 1 else 1 :]:
        at = time - 1 if rows[time - 1].strip().isdecimal() and time - 1 not in times else time
        yield rows[start:at]
        start = at
    yield rows[start:]


def _cues(blocks: Sequence[list[str]], *, web: bool) -> Iterator[_Cue]:
    """Yield the cues. In SubRip files a block without a time continues the cue before."""
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
    """Return the text and speaker of a cue without markup; its times are 0."""
    speaker = _SPEAKER.search("\n".join(rows))
    texts = (" ".join(_TAGS.sub("", row).split()) for row in rows)
    lines = tuple(html.unescape(row) if web else row for row in texts if row)
    return _Cue(0, 0, lines, " ".join(speaker[1].split()) if speaker and web else "")


def _without_repeats(cues: Sequence[_Cue]) -> Iterator[_Cue]:
    """Yield the cues that are not empty, without lines repeated from the cue before (roll-up captions)."""
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
    """Yield the rows of the cues, joined within paragraphs; `page` is the number of the cue."""
    ended = sum(TERMINAL.search(cue.lines[-1]) is not None for cue in cues)
    unpunctuated = ended < _UNPUNCTUATED * len(cues)
    before: _Cue | None = None
    length = 0
    for number, cue in enumerate(cues, 1):
        named = bool(cue.speaker) and (before is None or cue.speaker != before.speaker)
        dialogue = len(cue.lines) > 1 and all(_DIALOGUE.match(line) for line in cue.lines)
        continues = (
            before is not None
            and not named
            and not dialogue
            and _continues(before, cue, length, unpunctuated=unpunctuated)
        )
        if before is not None and not continues:
            yield Row("", page=number)
            length = 0
        text = f"{cue.speaker}: {cue.lines[0]}" if named else cue.lines[0]
        yield Row(text, page=number, joined=continues)
        yield from (Row(line, page=number, joined=not dialogue) for line in cue.lines[1:])
        length += sum(map(len, cue.lines))
        before = cue


def _continues(before: _Cue, cue: _Cue, length: int, *, unpunctuated: bool) -> bool:
    """Return whether a cue continues the paragraph of the one before, which has `length` code points so far."""
    pause = cue.start - before.end
    if unpunctuated:
        return pause < _PAUSE and length < _SHORT
    ended = TERMINAL.search(before.lines[-1]) is not None
    dialogue = ended and _DIALOGUE.match(cue.lines[0]) is not None
    return pause < _SILENCE and not dialogue and not (ended and (pause >= _PAUSE or length >= _LONG))
