"""Decode bytes to text. A doubtful encoding is an error, because a wrong guess would alter the letters of quotes."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from index.messages.files import ENCODING_DAMAGED, ENCODING_UNCERTAIN, LONE_SURROGATES, NOT_TEXT, NUL_CHARACTERS
from index.models import UserError
from index.text.legacy_encodings import best_reading

_BOMS = (  # UTF-32 before UTF-16: its little-endian mark starts with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Single-byte encodings of Latin scripts, each with the non-ASCII letters of the languages that it was made for.
_WESTERN = (
    "àâæçéèêëîïôœùûüÿ",
    "äöüßé",
    "áéíóúüñç",
    "áâãàçéêíóôõúü",
    "àèéìíîòóùú",
    "åäöæøéü",
    "éëïöüáèêóíç",
    "àçèéíïòóúü",
)
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž")
_LATIN_ENCODINGS = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("iso8859_2", _CENTRAL),
    ("cp1254", ("çğıöşüâîû",)),
    ("cp1257", ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")),
    ("mac_roman", _WESTERN),
)
_MAX_ACCENTED = 0.4  # share of all letters, reached only by texts of a few words
_FEW_ACCENTED = 0.01  # share of all letters: foreign names
_CAPITALS = "À-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢİĪĮĶĹĻĽŁŃŅŇŐŒŔŘŚŞŠŢŤŪŮŰŲŸŹŻŽ"
_IMPOSSIBLE = re.compile(
    r"[\ufffd\x80-\x9f˘-˝]|[^\W\d_][¡-¿×÷“”‚„†‡ˆ‰‹›•⁄€∂∆∏∑√∞∫≈≤≥◊]{1,5}+[^\W\d_]|[ªº]\w|õ(?!e)"  # õ: Hungarian ő
    rf"|[a-zß-öø-ÿ][{_CAPITALS}]"
)
# Labels that mean another encoding than they name (WHATWG Encoding Standard), or that Python does not know.
_WEB_NAMES = {
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin-1", "latin1", "l1", "us-ascii", "ascii", "x-cp1252"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "gb_2312-80", "x-euc-cn"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601", "windows-949"), "cp949"),
    **dict.fromkeys(("big5", "x-x-big5", "cn-big5"), "big5hkscs"),
    **dict.fromkeys(("iso-8859-9", "latin5"), "cp1254"),
    **dict.fromkeys(("iso-8859-11", "tis-620", "windows-874"), "cp874"),
    **dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "mac_cyrillic"),
    **dict.fromkeys(("macintosh", "mac", "x-mac-roman"), "mac_roman"),
    **dict.fromkeys(("iso-8859-8-i", "iso-8859-8-e", "logical"), "iso8859_8"),
    "koi8-ru": "koi8_u",
    "x-euc-jp": "euc_jp",
    "windows-936": "gb18030",
}
_LEAST_INSIDE = 0.85  # score of a Latin text with foreign names
_HALF = 0.5  # a lower score is that of another script
_FOREIGN = 10  # letters that are not ASCII; with fewer, the declared encoding is believed
_AHEAD = 0.03  # by which it must exceed that of every other text
_USUAL = 0.1  # added to the score of Windows-1252, the most frequent by far
_META = re.compile(
    rb"""<(?:meta[^<>]{1,500}charset|\?xml[^<>]{1,100}encoding)\s*+=\s*+["']?\s*+([\w.:-]+)""", re.IGNORECASE
)
_ISO_2022 = re.compile(rb"\x1b\$[@AB(]|\x1b\([BIJ]|\x1b\$\)C")


def decode(data: bytes) -> str:
    """Return the text of a file. Raises `UserError` if it is binary or its encoding is uncertain."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], name)
    if b"\0" in data:
        return _decode_wide(data)
    if _ISO_2022.search(data):
        with suppress(UnicodeDecodeError):
            return _reject_binary(data.decode("iso2022_kr" if b"\x1b$)C" in data else "iso2022_jp_2"))
    try:
        return _reject_binary(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _decode_legacy(data)


def decode_web(data: bytes, charset: str | None = None) -> str:
    """Return the text of a web page or file: UTF-8 if valid, else decoded as its server or a `meta` tag declares.

    A byte order mark takes precedence. `charset` is the one of the HTTP header; labels such as "iso-8859-1" mean
    windows-1252, as in the WHATWG Encoding Standard. A declaration that does not fit the bytes is ignored, and the
    encoding is detected as by `decode`. Raises `UserError` as `decode` does.
    """
    declared = _META.search(data[:4096])
    own = declared[1].decode("ascii", "replace") if declared else ""
    marked = b"\0" in data or data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if _ISO_2022.search(data) and not marked:
        return decode(data)
    for name in () if marked else ("utf-8", charset or own, own):
        codec = _WEB_NAMES.get(name.lower(), name)
        try:
            text = _reject_binary(data.decode(codec))
        except (LookupError, UnicodeError):
            continue  # many pages declare a wrong encoding
        return (_other_script(data, text) or text) if codec == "cp1252" else text
    return decode(data)


def _other_script(data: bytes, text: str) -> str | None:
    """Return the text in another encoding if it is surely not Western, which servers declare by default."""
    foreign = sum(not char.isascii() and char.isalpha() for char in text)
    return best_reading(data) if foreign >= _FOREIGN and _latin_score(text, _WESTERN) < _HALF else None


def _decode_as(data: bytes, name: str) -> str:
    """Decode bytes whose encoding is certain. Raises `UserError` if they are damaged."""
    try:
        return _reject_binary(data.decode(name))
    except UnicodeDecodeError as error:
        raise UserError(ENCODING_DAMAGED, encoding=name.upper()) from error


def _reject_binary(text: str) -> str:
    """Return the text. Raises `UserError` if more than one character in a hundred is a control character."""
    controls = len(re.findall(r"[\x00-\x08\x0e-\x1a\x7f]", text))
    if controls > len(text) // 100:
        raise UserError(NOT_TEXT)
    return text


def wide_encoding(data: bytes) -> str | None:
    """Return the name of UTF-16 or UTF-32 without a byte order mark, else None, for bytes with NUL among them."""
    size = len(data) // 4
    if size and len(data) % 4 == 0:
        for name, high in (("utf-32-be", data[::4]), ("utf-32-le", data[3::4])):
            with suppress(UnicodeDecodeError):
                if not any(high) and data.decode(name):
                    return name
    even, odd = data[::2].count(0), data[1::2].count(0)
    half = len(data) // 2  # in Western text nearly every second byte of UTF-16 is NUL
    if len(data) % 2 == 0 and max(even, odd) > 0.4 * half and min(even, odd) < 0.02 * half:
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def _decode_wide(data: bytes) -> str:
    """Decode UTF-16 or UTF-32 without a byte order mark. Raises `UserError` for bytes that are neither."""
    name = wide_encoding(data)
    if name is None:
        raise UserError(NUL_CHARACTERS)
    return _decode_as(data, name)


def _decode_legacy(data: bytes) -> str:
    """Decode a text in a single-byte or East Asian encoding.

    Latin scripts are recognised by the letters of their languages, others as in `legacy_encodings`. Raises
    `UserError` if more than one encoding is plausible.
    """
    readings = [
        text for name, alphabets in _LATIN_ENCODINGS if _is_plausible(text := data.decode(name, "replace"), alphabets)
    ]
    if readings and (_is_plausible(readings[0], _WESTERN) or len(set(readings)) == 1):
        return _reject_binary(readings[0])
    found = _best_latin(data) or (best_reading(data) if not readings else None)
    if found is None:
        raise UserError(ENCODING_UNCERTAIN)
    return _reject_binary(found)


def _best_latin(data: bytes) -> str | None:
    """Return the text in the Latin encoding that fits best, or None if none does, or another text is as likely."""
    scored = [
        (_latin_score(text := data.decode(name, "replace"), own) + _USUAL * (name == "cp1252"), text)
        for name, own in _LATIN_ENCODINGS
    ]
    best, text = max(scored)
    if best < _LEAST_INSIDE or any(score > best - _AHEAD and other != text for score, other in scored):
        return None
    return text


def _latin_score(text: str, alphabets: Sequence[str]) -> float:
    """Return the share of accented letters that belong to the language that fits best, less what is impossible."""
    letters = Counter(char for char in text.lower() if char.isalpha())
    accented = {char: count for char, count in letters.items() if not char.isascii()}
    total = sum(accented.values())
    if not total or total >= _MAX_ACCENTED * letters.total():
        return 0.0
    inside = max(sum(count for char, count in accented.items() if char in alphabet) for alphabet in alphabets)
    return (inside - 3 * len(_IMPOSSIBLE.findall(text))) / total


def _is_plausible(text: str, alphabets: Sequence[str]) -> bool:
    """Return whether all accented letters of a text belong to one of these languages, and symbols stand between words.

    Text decoded with a wrong encoding mixes the letters of several languages, or has symbols inside words.
    """
    if _IMPOSSIBLE.search(text):
        return False
    letters = Counter(char for char in text.lower() if char.isalpha() and char not in "ªº")
    accented = {char: count for char, count in letters.items() if not char.isascii()}
    share = sum(accented.values()) / max(1, letters.total())
    known = [frozenset(alphabet) for alphabet in alphabets]
    return share < _MAX_ACCENTED and (
        any(accented.keys() <= alphabet for alphabet in known)
        or (share < _FEW_ACCENTED and accented.keys() <= frozenset().union(*known))
    )


def normalize_newlines(text: str) -> str:
    """Remove a byte order mark and turn CRLF and CR into LF. Raises `UserError` for NUL and lone surrogates."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise UserError(NUL_CHARACTERS)
    if re.search("[\ud800-\udfff]", text):
        raise UserError(LONE_SURROGATES)
    return text
