"""The content of Word's paragraphs as inline HTML: runs, fields, formulas, marks of notes, and text boxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from index.parsers.docx.word_styles import Style, Styles, raised, typewriter
from index.parsers.docx.word_xml import MC, M, R, W, is_on, value_of
from index.parsers.formulas import formula_text
from index.parsers.hyperlink_fields import field_address, link_html, with_place
from index.parsers.number_formats import roman
from index.parsers.symbol_fonts import from_private_use, symbol

if TYPE_CHECKING:
    from lxml.etree import _Element

_SKIPPED: Final = frozenset(
    f"{W}{name}"
    for name in """pPr rPr del moveFrom bookmarkStart bookmarkEnd commentRangeStart commentRangeEnd proofErr
    commentReference annotationRef footnoteRef endnoteRef delText delInstrText rt sdtPr sdtEndPr smartTagPr customXmlPr
    lastRenderedPageBreak separator continuationSeparator tcPr permStart permEnd""".split()
)
_CHARACTERS: Final = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}noBreakHyphen": "\u2011", f"{W}softHyphen": ""}
_LEFT_OUT_FIELDS: Final = {"TOC", "INDEX", "TOA", "XE", "TC", "RD"}


@dataclass(slots=True)
class Field:
    """A field that has begun: its instruction so far, whether its result has begun, and the address it links to."""

    instruction: str = ""
    in_result: bool = False
    address: str = ""

    def begin_result(self) -> None:
        """Note that what follows is the result of the field."""
        self.in_result, self.address = True, field_address(self.instruction)

    @property
    def shown(self) -> bool:
        """Whether what follows is part of the text."""
        return self.in_result and next(iter(self.instruction.split()), "").upper() not in _LEFT_OUT_FIELDS


@dataclass(slots=True)
class Inline:
    """The content of a paragraph, and the text boxes anchored in it.

    A piece is the address that it links to, an HTML element, each "" for none, and its text or HTML.
    """

    pieces: list[tuple[str, str, str]] = field(default_factory=list)
    boxes: list[_Element] = field(default_factory=list)
    typewriter: bool = True  # whether all visible text is in a monospaced font
    bold: bool = True
    has_text: bool = False

    def html(self) -> str:
        """Return the content as inline HTML; neighbours with the same format or link share an element."""
        parts: list[str] = []
        for address, linked in groupby(self.pieces, key=itemgetter(0)):
            inner = []
            for tag, run in groupby(linked, key=itemgetter(1)):
                text = "".join(piece[2] for piece in run)
                inner.append(f"<{tag}>{text}</{tag}>" if tag else text)
            parts.append(link_html("".join(inner), address))
        return "".join(parts)


class InlineReader:
    """Reads the content of paragraphs in text order. `notes` are the notes that it has met, with their marks."""

    def __init__(self, styles: Styles, links: dict[str, str]) -> None:
        self.notes: list[tuple[str, str, str]] = []  # kind, id and mark
        self.fields: list[Field] = []
        self._styles = styles
        self.links = links  # of the part that is read: addresses by the ids of the relationships
        self._address = ""  # of the link element around what is read
        self._marks = {"footnote": 0, "endnote": 0}

    def read(self, paragraph: _Element, style: Style) -> Inline:
        """Return the content of a paragraph that has a style."""
        found = Inline()
        self._children(paragraph, style, found)
        if self.fields and not self.fields[-1].in_result:
            self.fields.pop()  # damaged: an instruction ends in its paragraph
        for field_ in self.fields:
            field_.address = ""  # a link ends with its paragraph, even if its end is missing
        return found

    def _add(self, found: Inline, tag: str, text: str) -> None:
        address = self._address or next((field.address for field in reversed(self.fields) if field.address), "")
        found.pieces.append((address, tag, text))

    @property
    def _visible(self) -> bool:
        return all(field.shown for field in self.fields)

    def _children(self, parent: _Element, style: Style, found: Inline) -> None:
        for element in parent:
            tag = element.tag
            if tag == f"{W}r":
                self._run(element, style, found)
            elif tag == f"{W}hyperlink":
                self._hyperlink(element, style, found)
            elif tag in {f"{M}oMath", f"{M}oMathPara"}:
                self._formula(element, found)
            elif tag == f"{MC}AlternateContent":
                self._children(_alternative(element), style, found)
            elif tag == f"{W}sdt":
                if element.find(f"{W}sdtPr/{W}showingPlcHdr") is None:
                    self._children(element, style, found)
            elif tag == f"{W}fldSimple":
                self.fields.append(Field(element.get(f"{W}instr", "")))
                self.fields[-1].begin_result()
                self._children(element, style, found)
                self.fields.pop()
            elif tag not in _SKIPPED:
                self._children(element, style, found)

    def _hyperlink(self, element: _Element, style: Style, found: Inline) -> None:
        before = self._address
        self._address = (
            with_place(self.links.get(element.get(f"{R}id", ""), ""), element.get(f"{W}anchor", "")) or before
        )
        self._children(element, style, found)
        self._address = before

    def _formula(self, element: _Element, found: Inline) -> None:
        if self._visible and (text := " ".join(formula_text(element).split())):
            self._add(found, "", escape(text))
            found.has_text, found.typewriter, found.bold = True, False, False

    def _run(self, run: _Element, style: Style, found: Inline) -> None:
        properties = run.find(f"{W}rPr")
        look = _Look(properties, style, self._styles)
        for element in run:
            tag = element.tag
            if tag == f"{W}fldChar":
                self._field(element, look, found)
            elif tag == f"{W}instrText":
                if self.fields and not self.fields[-1].in_result:
                    self.fields[-1].instruction += element.text or ""
            elif look.hidden or not self._visible:
                continue
            elif tag == f"{W}t":
                self._text(from_private_use(element.text or "", look.font), look, found)
            elif tag in _CHARACTERS:
                self._add(found, look.tag, _CHARACTERS[tag])
            elif tag not in _SKIPPED:
                self._other(element, look, found)

    def _text(self, text: str, look: _Look, found: Inline) -> None:
        if not text.isspace():
            found.has_text = found.has_text or bool(text)
            found.typewriter = found.typewriter and look.typewriter
            found.bold = found.bold and look.bold
        self._add(found, look.tag, escape(text, quote=False))

    def _other(self, element: _Element, look: _Look, found: Inline) -> None:
        tag = element.tag
        if tag in {f"{W}br", f"{W}cr"}:
            self._add(found, "", "<br>")
        elif tag == f"{W}sym":
            code = element.get(f"{W}char", "")
            text = symbol(element.get(f"{W}font", ""), int(code, 16)) if len(code) == 4 else ""
            self._text(text, look, found)
        elif tag in {f"{W}footnoteReference", f"{W}endnoteReference"}:
            self._note(element, found)
        elif tag == f"{W}ruby":
            base = element.find(f"{W}rubyBase")
            for run in base if base is not None else ():
                if run.tag == f"{W}r":
                    self._run(run, look.style, found)
        elif tag == f"{MC}AlternateContent":
            for part in _alternative(element):
                self._other(part, look, found)
        else:
            found.boxes += element.iter(f"{W}txbxContent")

    def _note(self, element: _Element, found: Inline) -> None:
        kind = "footnote" if element.tag == f"{W}footnoteReference" else "endnote"
        if element.get(f"{W}customMarkFollows") in {"1", "true", "on"}:
            self.notes.append((kind, element.get(f"{W}id", ""), ""))
            return
        self._marks[kind] += 1
        number = self._marks[kind]
        mark = str(number) if kind == "footnote" else roman(min(number, 3999)).lower()
        self.notes.append((kind, element.get(f"{W}id", ""), mark))
        found.pieces += [("", "", ""), ("", "sup", mark), ("", "", "")]

    def _field(self, element: _Element, look: _Look, found: Inline) -> None:
        kind = element.get(f"{W}fldCharType")
        if kind == "begin":
            self.fields.append(Field())
        elif kind == "separate" and self.fields:
            self.fields[-1].begin_result()
        elif kind == "end" and self.fields:
            ended = self.fields.pop()
            if not ended.in_result and self._visible and not look.hidden:
                self._text(_without_result(ended.instruction), look, found)


class _Look:
    """What a run looks like: its own properties, those of its style, else those of the paragraph's style."""

    def __init__(self, properties: _Element | None, style: Style, styles: Styles) -> None:
        own = properties if properties is not None else ()
        found = {element.tag: element for element in own}
        character = styles.style(value_of(found.get(f"{W}rStyle"))) if f"{W}rStyle" in found else None
        inherited = (character, style)
        self.style = style
        self.hidden = _switch(found, "vanish", any(s is not None and s.hidden for s in inherited))
        struck = any(_switch(found, name, False) for name in ("strike", "dstrike"))
        struck = struck or (f"{W}strike" not in found and any(s is not None and s.struck for s in inherited))
        position = raised(found[f"{W}vertAlign"]) if f"{W}vertAlign" in found else character.raised if character else ""
        self.tag = position or ("s" if struck else "")
        fonts = found.get(f"{W}rFonts")
        self.font = (fonts.get(f"{W}ascii") or "") if fonts is not None else ""
        named = (typewriter(fonts), character.typewriter if character else None, style.typewriter, styles.typewriter)
        self.typewriter = next((font for font in named if font is not None), False)
        self.bold = _switch(found, "b", False)


def _switch(found: dict[str, _Element], name: str, inherited: bool) -> bool:
    return is_on(found[f"{W}{name}"]) if f"{W}{name}" in found else inherited


def _alternative(element: _Element) -> _Element:
    """Return the alternative to be read: the first one with text boxes or runs, else the first."""
    parts = [part for part in element if part.tag in {f"{MC}Choice", f"{MC}Fallback"}]
    wanted = (f"{W}txbxContent", f"{W}r", f"{W}t", f"{M}oMath")
    return next((part for part in parts if next(part.iter(*wanted), None) is not None), parts[0] if parts else element)


def _without_result(instruction: str) -> str:
    """Return what Word shows for a field whose result is not stored: a character, or the formula of an EQ field."""
    words = instruction.split()
    if not words:
        return ""
    if words[0].upper() == "SYMBOL" and len(words) > 1:
        font = instruction.partition("\\f")[2].strip(' "').split('"')[0].split()
        code = int(words[1], 16) if words[1].lower().startswith("0x") else int(words[1]) if words[1].isdigit() else 0
        return symbol(font[0] if font else "Symbol", min(code, 0xF0FF))
    return ""
