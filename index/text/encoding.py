"""Bytes to text. An encoding that is in doubt is refused: a guess would put wrong letters into a quote."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence

from charset_normalizer import from_bytes

from index.models import UserError

_BOMS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Single-byte encodings of Latin script, each with the letters beyond ASCII of the languages that it was made for.
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
_LATIN = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("iso8859_2", _CENTRAL),
    ("cp1254", ("çğıöşüâîû",)),
    ("cp1257", ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")),
)
_MAX_ACCENTED = 0.4  # of all letters in a few words; whole texts have far less
_FEW_ACCENTED = 0.01  # of all letters: names from elsewhere
_IMPOSSIBLE = re.compile(r"[\ufffd\x80-\x9f]|[^\W\d_][¡-¿×÷“”‚„†‡ˆ‰‹›•][^\W\d_]|[ªº]\w|õ(?!e)")  # õ: Hungarian ő
_OTHER = ["cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp932", "euc_jp", "gb18030", "big5", "cp949"]
_MIN_COHERENCE = 0.12  # charset-normalizer's share of a language's usual letters, less its measure of mess
_MARGIN = 0.05  # how far the best reading must be ahead of every other
_WEB_NAMES = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
_META = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_UNSURE = "The file's character encoding cannot be told for certain; save it as UTF-8."
_BINARY = "The file is not a text file."


def decode(data: bytes) -> str:
    """Return the text of a file. Raises `UserError` if it is binary or its encoding is in doubt."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], name)
    if b"\0" in data:
        return _wide(data)
    try:
        return _checked(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _legacy(data)


def decode_web(data: bytes, charset: str | None = None) -> str:
    """Return the text of a page or file from the web: UTF-8 where it is that, else as its server or it itself says.

    What is said wrongly is passed over. Raises `UserError` as `decode` does.
    """
    declared = _META.search(data[:4096])
    own = declared[1].decode("ascii", "replace") if declared else ""
    marked = b"\0" in data or data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for name in () if marked else (*(() if b"\x1b" in data else ("utf-8",)), charset or own, own):
        try:
            return _checked(data.decode(_WEB_NAMES.get(name.lower(), name)))
        except (LookupError, UnicodeError):
            continue  # declared wrongly, as many pages are
    return decode(data)


def _strict(data: bytes, name: str) -> str:
    """Decode what names its encoding itself."""
    try:
        return _checked(data.decode(name))
    except UnicodeDecodeError as error:
        raise UserError(f"The file says that it is {name.upper()} but is damaged; save it as UTF-8.") from error


def _checked(text: str) -> str:
    """Refuse what decodes but is no text: control characters in any number."""
    controls = len(re.findall(r"[\x00-\x08\x0e-\x1a\x7f]", text))
    if controls > len(text) // 100:
        raise UserError(_BINARY)
    return text


def _wide(data: bytes) -> str:
    """Decode UTF-16 without a mark: nearly every second byte of Western text is NUL, always on the same side."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    half = len(data) // 2
    if len(data) % 2 == 0 and max(even, odd) > 0.4 * half and min(even, odd) < 0.02 * half:
        return _strict(data, "utf-16-be" if even > odd else "utf-16-le")
    raise UserError("The file contains NUL characters, so it is not a text file; save it as text (UTF-8).")


def _legacy(data: bytes) -> str:
    """Decode a text from before Unicode: in Latin script by its languages' letters, else what stands out clearly."""
    readings = [text for name, alphabets in _LATIN if _reads(text := data.decode(name, "replace"), alphabets)]
    if readings and (_reads(readings[0], _WESTERN) or len(set(readings)) == 1):
        return _checked(readings[0])
    if readings:
        raise UserError(_UNSURE)
    matches = from_bytes(data, cp_isolation=_OTHER)
    ranked = sorted(((match.coherence - match.chaos, str(match)) for match in matches), reverse=True)
    if not ranked or ranked[0][0] < _MIN_COHERENCE:
        raise UserError(_UNSURE)
    best, text = ranked[0]
    if any(score > best - _MARGIN and other != text for score, other in ranked[1:]):
        raise UserError(_UNSURE)
    return _checked(text)


def _reads(text: str, alphabets: Sequence[str]) -> bool:
    """Tell whether a text has the marks of one of these languages, and signs only between words.

    A text in another encoding gets letters of several languages at once, or signs within words.
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


def plain_newlines(text: str) -> str:
    """Drop a byte order mark, turn CRLF and CR into LF, and refuse what a text cannot hold. Raises `UserError`."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise UserError("The file contains NUL characters, so it is not a text file; save it as text (UTF-8).")
    if re.search("[\ud800-\udfff]", text):
        raise UserError("The file contains halves of characters (lone surrogates); save it as text (UTF-8).")
    return text
