"""The characters of the fonts Symbol and Wingdings, which Office files store as code points of their own."""

from __future__ import annotations

from typing import Final

_SYMBOL: Final = dict(zip(range(0x20, 0x7F), " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾"
    "αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼", strict=True)) | dict(zip(range(0xA0, 0xF0),
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪", strict=True))  # fmt: skip
_WINGDINGS: Final = {
    0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x4A: "☺", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x72: "❒",
    0x75: "◆", 0x76: "❖", 0x9F: "•", 0xA1: "○", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑",
    0xE2: "↓", 0xE7: "⇦", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip


def symbol(font: str, code: int) -> str:
    """Return the character that a symbol font shows for a code, "" if its meaning is unknown."""
    code -= 0xF000 if code >= 0xF000 else 0
    name = font.strip().lower()
    if name == "symbol":
        return _SYMBOL.get(code, "")
    if name == "wingdings":
        return _WINGDINGS.get(code, "")
    return chr(code) if not name.startswith(("wingdings", "webdings")) and code > 0x1F else ""


def from_private_use(text: str, font: str) -> str:
    """Return a text in which the private code points U+F020 to U+F0FF are those of a symbol font."""
    if not any("\uf020" <= char <= "\uf0ff" for char in text):
        return text
    return "".join(symbol(font, ord(char)) if "\uf020" <= char <= "\uf0ff" else char for char in text)
