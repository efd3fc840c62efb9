"""Texts in encodings older than Unicode are read rightly or refused. The sentences were written for these tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.models import UserError
from index.text.encoding import decode, decode_web
from index.text.page_encoding import decode_page

DATA = Path(__file__).parents[2] / "data" / "texts-by-language.jsonl"
TEXTS = {row["language"]: row["text"] for row in map(json.loads, DATA.read_text(encoding="utf-8").splitlines())}
ENCODINGS = {
    "ru": ("cp1251", "koi8_r", "mac_cyrillic", "iso8859_5", "cp866"),
    "uk": ("cp1251", "koi8_u", "mac_cyrillic", "iso8859_5"),
    "bg": ("cp1251", "mac_cyrillic", "iso8859_5"),
    "el": ("cp1253", "iso8859_7"),
    "he": ("cp1255", "iso8859_8"),
    "ar": ("cp1256", "iso8859_6"),
    "th": ("cp874",),
    "ja": ("cp932", "euc_jp", "iso2022_jp"),
    "ko": ("cp949", "johab", "iso2022_kr"),
    "zh": ("gb2312", "gb18030"),
    "zh-tw": ("big5",),
    "de": ("cp1252",),
    "fr": ("cp1252", "mac_roman"),
    "pl": ("cp1250", "iso8859_2"),
    "cs": ("cp1250", "iso8859_2"),
    "tr": ("cp1254",),
    "lt": ("cp1257",),
}
PAIRS = [(language, name) for language, names in ENCODINGS.items() for name in names]


@pytest.mark.parametrize(("language", "name"), PAIRS)
def test_old_encodings_are_recognised(language: str, name: str) -> None:
    """A text of two hundred bytes is enough."""
    data = TEXTS[language].encode(name, "ignore")
    assert decode(data) == data.decode(name)


@pytest.mark.parametrize(("language", "name"), PAIRS)
def test_short_texts_are_read_rightly_or_refused(language: str, name: str) -> None:
    """A hundred code points are read rightly, or refused: no wrong letter is stored."""
    for start in range(0, max(1, len(TEXTS[language]) - 100), 6):
        piece = TEXTS[language][start : start + 100]
        data = piece.encode(name, "ignore")
        expected = data.decode(name)
        try:
            assert decode(data) == expected
        except UserError as error:
            assert "encoding" in str(error)  # noqa: PT017


@pytest.mark.parametrize(("language", "name"), PAIRS)
def test_pages_without_a_declared_encoding(language: str, name: str) -> None:
    """Markup around a short text does not change its encoding, and neither does a server's default of Latin-1."""
    page = f"<html><head><title>x</title></head><body><p>{TEXTS[language]}</p></body></html>"
    data = page.encode(name, "ignore")
    assert decode_web(data) == data.decode(name)
    if name not in {"cp1250", "iso8859_2", "cp1254", "cp1257", "mac_roman"}:
        assert decode_web(data, "ISO-8859-1") == data.decode(name)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Shift_JIS", "cp932"),
        ("x-sjis", "cp932"),
        ("ISO-2022-JP", "iso2022_jp"),
        ("gb2312", "gbk"),
        ("EUC-KR", "cp949"),
        ("Big5", "big5"),
        ("x-mac-cyrillic", "mac_cyrillic"),
        ("windows-1251", "cp1251"),
        ("ISO-8859-5", "iso8859_5"),
    ],
)
def test_a_declared_encoding_is_used(label: str, name: str) -> None:
    """The labels that pages use are known, in a `meta` tag, an XML declaration or the HTTP header."""
    text = {"cp": "Ёж", "ma": "Ёж", "is": "Ёж"}.get(name[:2], "中" if name in {"gbk", "big5"} else "あ")
    text = {"cp949": "가", "cp932": "あ", "iso2022_jp": "あ"}.get(name, text)
    data = text.encode(name)
    assert decode_web(data, label) == text
    assert text in decode_web(f'<meta http-equiv="Content-Type" content="text/html; charset={label}">'.encode() + data)
    assert text in decode_web(f'<?xml version="1.0" encoding="{label}"?><p>'.encode() + data)


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_without_a_mark(name: str) -> None:
    """UTF-16 of Western text and UTF-32 are recognised by their NUL bytes."""
    text = "The ferry to Holm leaves at seven – whatever the weather.\n"
    assert decode(text.encode(name)) == text
    assert decode_page(f"<p>{text}</p>".encode(name)) == f"<p>{text}</p>"


def test_a_page_padded_with_nul_is_read() -> None:
    """Browsers drop NUL bytes, however many."""
    assert decode_page(b"\0" * 1000 + "<p>Fähre</p>".encode()) == "<p>Fähre</p>"


@pytest.mark.parametrize(
    "data",
    [
        "<html><body>ログイン</body></html>".encode("euc_jp"),  # as Windows-1252: ¥í¥°¥¤¥ó
        bytes.fromhex("c9a4c5c9d3f1c4e3e5b5c6a1dcb5e7e2") * 12,  # fits GB18030, but gives no Chinese words
    ],
)
def test_bytes_that_give_no_words_are_refused(data: bytes) -> None:
    """Symbols in a row between letters, and rare characters alone, are no reading."""
    with pytest.raises(UserError, match="encoding"):
        decode_web(data)
