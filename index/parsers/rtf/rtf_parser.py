"""Parse RTF files by converting them to HTML first, with headings, lists, tables and footnotes."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Final

from index.messages.files import RTF_DAMAGED, RTF_TOO_DEEP
from index.models import UserError
from index.parsers.document import Document
from index.parsers.html.dom import GAP
from index.parsers.html.to_text import rows_of_fragment
from index.parsers.hyperlink_fields import field_address
from index.parsers.rtf.lexer import CHARACTERS, Token, decoded, tokens
from index.parsers.rtf.rtf_blocks import Paragraphs, State, Style
from index.parsers.rtf.rtf_header import HEADER_TABLES, HEADER_TEXTS, PAGE_WORDS, Header

_SKIPPED: Final = frozenset(
    """colortbl pict object header headerl headerr headerf footer footerl footerr footerf ftnsep ftnsepc ftncn aftnsep
    aftnsepc aftncn listtable listoverridetable themedata colorschememapping datastore xmlnstbl generator revtbl rsidtbl
    latentstyles nonshppict shppict bkmkstart bkmkend annotation atnid atnauthor atntime atnicn atnref atndate
    sp template passwordhash pnseclvl filetbl do xe tc nonesttables""".split()
)
_KNOWN: Final = {
    "listtext", "pntext", "footnote", "shpinst", "shptxt", "fldinst", "fldrslt", "nesttableprops", "moMath",
    "moMathPara",
}  # fmt: skip
_TABLES: Final = {"fonttbl", "stylesheet", "info"}
_TABLE_WORDS: Final = {"cell", "nestcell", "row", "nestrow", "trhdr", "trowd", "cellx", "clvmrg", "clmrg"}
_FORMULA_PARTS: Final = {"mnum": "", "mden": "/", "msup": "^", "msub": "_", "mrad": "√"}  # what is written before each
_ENDS: Final = {"par", "sect", "page", "column"}
_MOST: Final = 1_000_000  # the highest parameter of a control word that is used
_NUMBERS: Final = {"s": "style", "ilvl": "level", "f": "font", "uc": "fallbacks"}
_SWITCHES: Final = {"intbl": "in_table", "v": "hidden", "deleted": "hidden", "strike": "struck", "striked": "struck"}


def read_rtf(data: bytes) -> Document:
    """Return the text of an RTF file. Raises `UserError` if it is not RTF."""
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{\\rtf"):
        raise UserError(RTF_DAMAGED)
    reader = _Reader()
    for token in tokens(data):
        reader.feed(token)
    html = _join_surrogates(reader.html())
    rows = rows_of_fragment(html)
    info = {name: _join_surrogates(text) for name, text in reader.header.info.items()}
    title = info.get("title", "").strip() or next((row.text for row in rows if row.level == 1), None)
    return Document(rows, title, published=reader.header.created(), author=info.get("author"))


def _join_surrogates(text: str) -> str:
    """Join the surrogate pairs that RTF writes as two characters."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class _Reader:
    """Converts a stream of tokens to HTML. `header` has the metadata of the file."""

    def __init__(self) -> None:
        self.header = Header()
        self._stack: list[State] = []
        self._state = State()
        self._starred = False
        self._opened = False  # whether the last token began a group
        self._fallback = 0  # characters still to skip: the ANSI alternative of a Unicode character
        self._raw = b""
        self._out = [Paragraphs()]
        self._notes: list[str] = []
        self._instruction: list[str] = []  # of the last field

    def html(self) -> str:
        """Return everything read so far as HTML, footnotes last."""
        self._flush()
        while len(self._out) > 1:
            self._end_note()
        self._paragraph()
        self._out[-1].end_table()
        notes = "".join(f'<ol><li value="{number}">{note}</li></ol>' for number, note in enumerate(self._notes, 1))
        return f"{self._out[0].html()}<{GAP}></{GAP}>{notes}"

    def feed(self, token: Token) -> None:
        """Process the next token."""
        if token.word == "":
            self._text(token.raw)
            self._opened = False
            return
        if token.word in {"open", "close"}:
            self._flush()
            self._fallback = 0
            self._brace(token.word)
            return
        if token.word in CHARACTERS or token.word == "u":
            self._character(token)
        else:
            self._flush()
            if token.word == "*":
                self._starred = True
                return
            self._control(token)
        self._opened = self._starred = False

    def _brace(self, word: str) -> None:
        if word == "open":
            if len(self._stack) > 1000:
                raise UserError(RTF_TOO_DEEP)
            self._stack.append(self._state)
            self._opened = True
            return
        before = self._stack.pop() if self._stack else State()
        if len(self._state.closing) > len(before.closing):
            self._out[-1].words.append("\ue001")
        if self._state.destination == "footnote" and before.destination != "footnote":
            self._end_note()
        self._state = before
        self._opened = False

    def _text(self, raw: bytes) -> None:
        """Process bytes of text, dropping the ANSI alternative of the Unicode character before."""
        if self._state.destination == "skip":
            return
        skipped = min(self._fallback, len(raw))
        self._fallback -= skipped
        self._raw += raw[skipped:]

    def _character(self, token: Token) -> None:
        if token.word != "u":
            if self._fallback:
                self._fallback -= 1
                return
            self._flush()
            self._put(CHARACTERS[token.word])
            return
        self._flush()
        self._put(chr((token.number or 0) % 65536))
        self._fallback = self._state.fallbacks

    def _flush(self) -> None:
        raw, self._raw = self._raw, b""
        if raw and self._state.destination != "skip":
            self._put(decoded(raw, self.header.code_page(self._state.font)))

    def _put(self, text: str) -> None:
        """Add text to the destination of the current group."""
        state, out = self._state, self._out[-1]
        if state.destination in {"listtext", "pntext"}:
            out.marker.append(text)
        elif state.destination in HEADER_TEXTS:
            self.header.add(text, state)
        elif state.destination == "fldinst":
            self._instruction.append(text)
        elif state.destination in {"text", "footnote"} and not (state.hidden or self._style().hidden):
            out.monospaced = out.monospaced and (state.font in self.header.monospaced or text.isspace())
            inner = escape(text)
            for tag in (state.raised, "s" if state.struck else ""):
                inner = f"<{tag}>{inner}</{tag}>" if tag else inner
            out.add(inner, state.address)

    def _control(self, token: Token) -> None:
        word, number, state = token.word, token.number, self._state
        if self._opened and self._destination(word):
            return
        if state.destination in {"skip", "fldinst"}:
            return
        if state.destination in HEADER_TABLES:
            self._state = self.header.define(word, number, state)
        elif word in PAGE_WORDS:
            self.header.set_page(word, number)
        elif word in _ENDS:
            self._paragraph()
        elif word in {"line", "softline"}:
            self._out[-1].words.append("<br>")
        elif word in _TABLE_WORDS:
            self._out[-1].table(word, self._state, self._style())
        elif word == "chftn" and state.destination == "text":
            self._out[-1].words.append(f"<sup>{len(self._notes) + 1}</sup>")
        else:
            self._format(word, number)

    def _destination(self, word: str) -> bool:
        """Begin a destination if the first control word of a group names one; return whether the word is used up."""
        destination = self._state.destination
        if destination == "skip" or word in _SKIPPED or (self._starred and word not in _KNOWN | _TABLES):
            self._state = replace(self._state, destination="skip")
        elif word == "fldinst":
            self._instruction.clear()
            self._state = replace(self._state, destination=word)
        elif word == "fldrslt":
            self._state = replace(self._state, address=field_address("".join(self._instruction)))
            self._instruction.clear()
        elif word == "footnote":
            self._out.append(Paragraphs())
            self._state = State(destination="footnote", fallbacks=self._state.fallbacks)
        elif word in {"listtext", "pntext", *_TABLES} or (
            destination == "info" and word in {"title", "author", "creatim"}
        ):
            self._state = replace(self._state, destination=word)
        elif destination == "info" or (word.startswith("m") and word.endswith("Pr")):
            self._state = replace(self._state, destination="skip")
        elif word in _FORMULA_PARTS:
            self._out[-1].words.append(f"{_FORMULA_PARTS[word]}\ue000")
            self._state = replace(self._state, closing=f"{self._state.closing})")
        else:
            return word in _KNOWN
        return True

    def _format(self, word: str, number: int | None) -> None:
        """Change the formatting of the text that follows."""
        change: dict[str, object]
        match word:
            case "pard":
                change = {"style": 0, "outline": None, "level": 0, "in_table": False}
            case "plain":
                change = {"raised": "", "hidden": False, "struck": False}
            case "super" | "sub":
                change = {"raised": {"super": "sup", "sub": "sub"}[word] if number != 0 else ""}
            case "nosupersub":
                change = {"raised": ""}
            case "outlinelevel":
                change = {"outline": number}
            case _ if word in _NUMBERS:
                change = {_NUMBERS[word]: min(_MOST, max(0, number if number is not None else 1))}
            case _ if word in _SWITCHES:
                change = {_SWITCHES[word]: number != 0}
            case _:
                return
        self._state = replace(self._state, **change)  # type: ignore[arg-type] # each value is of its field's type

    def _paragraph(self) -> None:
        """End the current paragraph."""
        self._out[-1].end(self._state, self._style())

    def _style(self) -> Style:
        return self.header.styles.get(self._state.style, Style())

    def _end_note(self) -> None:
        self._paragraph()
        self._out[-1].end_table()
        self._notes.append(self._out.pop().html())
