"""What the header of an RTF file defines: code page, fonts, styles and metadata."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from index.parsers.office_blocks import TYPEWRITER_FONT
from index.parsers.rtf.lexer import CODE_PAGES, codec
from index.parsers.rtf.rtf_blocks import State, Style

HEADER_TABLES: Final = frozenset({"fonttbl", "stylesheet", "style", "info", "creatim"})  # destinations of definitions
HEADER_TEXTS: Final = frozenset({"style", "fonttbl", "title", "author"})  # destinations whose text is kept
_CHARACTER_SETS: Final = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
PAGE_WORDS: Final = frozenset({"ansicpg", *_CHARACTER_SETS})


class Header:
    """The definitions read so far.

    Attributes:
        info: The metadata: "title" and "author".
        monospaced: The numbers of the monospaced fonts.
        styles: The paragraph styles by their number.
    """

    def __init__(self) -> None:
        self.info: dict[str, str] = {}
        self.monospaced: set[int] = set()
        self.styles: dict[int, Style] = {}
        self._date: dict[str, int] = {}
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}

    def created(self) -> str | None:
        """Return the date of creation as an ISO 8601 date, or None."""
        year, month, day = (self._date.get(part, 0) for part in ("yr", "mo", "dy"))
        return f"{year}-{month:02}-{day:02}" if 1900 < year < 2200 and 0 < month < 13 and 0 < day < 32 else None

    def code_page(self, font: int) -> str:
        """Return the codec of a font's bytes: that of its character set, else that of the file."""
        return self._fonts.get(font, self._page)

    def set_page(self, word: str, number: int | None) -> None:
        """Set the code page of the file; `word` is one of `PAGE_WORDS`."""
        self._page = _CHARACTER_SETS.get(word) or codec(number) or self._page

    def add(self, text: str, state: State) -> None:
        """Add text to one of `HEADER_TEXTS`."""
        if state.destination == "style":
            self._style(state).name += text
        elif state.destination == "fonttbl":
            self.monospaced |= {state.font} if TYPEWRITER_FONT.search(text) else set()
        else:
            self.info[state.destination] = self.info.get(state.destination, "") + text

    def define(self, word: str, number: int | None, state: State) -> State:
        """Process a control word in one of `HEADER_TABLES` and return the state of the group after it."""
        if word == "f" and number is not None:
            return replace(state, font=number)
        if word == "s" and state.destination in {"stylesheet", "style"}:
            return replace(state, destination="style", style=number or 0)
        if state.destination == "stylesheet" and word in {"cs", "ds", "ts"}:
            return replace(state, destination="skip")
        if word == "fcharset" and state.destination == "fonttbl" and number in CODE_PAGES and number:
            self._fonts[state.font] = CODE_PAGES[number]
        elif word == "fmodern" and state.destination == "fonttbl":
            self.monospaced.add(state.font)
        elif word == "v" and state.destination == "style":
            self._style(state).hidden = number != 0
        elif word == "outlinelevel" and state.destination == "style":
            self._style(state).outline = number
        elif state.destination == "creatim" and number is not None:
            self._date[word] = number
        return state

    def _style(self, state: State) -> Style:
        return self.styles.setdefault(state.style, Style())
