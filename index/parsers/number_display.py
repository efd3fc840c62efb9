"""Write the numbers of spreadsheets as their formats show them (ECMA-376 part 1, 18.8.30)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

BUILT_IN: Final = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 48: "0.0E+0", 49: "@",
}  # fmt: skip
# A format code of Excel has at most 255 characters.
_LITERAL: Final = re.compile(r'"[^"]{0,255}"|\\.|_.|\*.|\[[^\]]{0,255}\]')
_ELAPSED: Final = re.compile(r"(?i)\[(h+|m+|s+)\]")
_DATE: Final = re.compile(r"(?i)[ymdhs]")
_DATE_TOKEN: Final = re.compile(
    r'(?i)"[^"]{0,255}"|\\.|_.|\*.|\[h+\]|\[[^\]]{0,255}\]|am/pm|a/p|y+|m+|d+|h+|s+(?:\.0+)?|.', re.DOTALL
)
_TOKEN: Final = re.compile(
    r'"[^"]{0,255}"|\\.|_.|\*.|\[[^\]]{0,255}\]|[#0?](?:[#0?,. ]*[#0?])?(?:[eE][+-]0+)?[,.]*|.', re.DOTALL
)
_DIGITS: Final = 10  # significant digits of a number without a format, roughly what a cell shows
_LAST_DAY: Final = 2_958_465  # 31 December 9999


def shown_number(value: str, code: str, *, since_1904: bool = False) -> str:  # noqa: PLR0911 - one for each kind of format
    """Return a number, given as a cell stores it, as a format code shows it; unchanged if it is no number."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite():
        return value
    parts = _sections(code)
    bare = _LITERAL.sub("", parts[0])
    if "general" in bare.lower() or bare.strip() in {"", "@"}:
        return _general(number)
    if _DATE.search(bare.replace("E+", "").replace("E-", "")) or _ELAPSED.search(parts[0]):
        return _date(number, parts[0], since_1904=since_1904)
    if len(parts) > 1 and number < 0:
        return _number(-number, parts[1])
    if len(parts) > 2 and not number:
        return _number(number, parts[2])
    return _number(number, parts[0])


def _sections(code: str) -> list[str]:
    """Return the parts of a format code: for positive numbers, negative ones, zero and text."""
    parts = [""]
    for number, piece in enumerate(code.split('"')):
        if number % 2:  # a literal in quotation marks
            parts[-1] += f'"{piece}"'
        else:
            first, *others = piece.split(";")
            parts[-1] += first
            parts += others
    return parts


def _general(number: Decimal) -> str:
    if number == number.to_integral_value() and abs(number) < Decimal(10) ** 15:
        return str(int(number))
    return f"{float(number):.{_DIGITS}g}"


def _literal(token: str) -> str:
    """Return what a part of a format shows that is no place of a digit."""
    if token.startswith('"'):
        return token[1:-1]
    if token.startswith("["):  # [$€-407] is a currency, others are colours and conditions
        return token[2:-1].split("-", maxsplit=1)[0] if token.startswith("[$") else ""
    return {"\\": token[1:], "_": " ", "*": ""}.get(token[0], token)


def _number(number: Decimal, code: str) -> str:
    if places := re.search(r"/([?0-9]+)", _LITERAL.sub("", code)):
        return _fraction(number, 10 ** len(places[1]) - 1)
    number *= 100 ** _LITERAL.sub("", code).count("%")
    found = []
    written = False
    for token in _TOKEN.findall(code):
        if token[0] in "#0?" and not written:
            found.append(_digits(number, token))
            written = True
        elif token[0] not in "#0?":
            found.append(_literal(token))
    text = "".join(found).strip()
    sign = "-" if number < 0 and written and not text.startswith("-") and any(c in "123456789" for c in text) else ""
    return f"{sign}{text}"


def _fraction(number: Decimal, largest: int) -> str:
    """Return a number as a whole number and a fraction with a denominator of at most `largest`."""
    fraction = Fraction(abs(number)).limit_denominator(largest)
    whole, rest = divmod(fraction.numerator, fraction.denominator)
    parts = [str(whole)] if whole or not rest else []
    return ("-" if number < 0 else "") + " ".join([*parts, *([f"{rest}/{fraction.denominator}"] if rest else [])])


def _digits(number: Decimal, places: str) -> str:
    """Return the digits of a number in the places of a format, without its sign."""
    number = abs(number)
    mantissa, _, exponent = places.replace("e", "E").partition("E")
    if exponent:
        decimals = len(mantissa.partition(".")[2])
        return f"{number:.{decimals}E}"
    while mantissa.endswith(","):
        mantissa, number = mantissa[:-1], number / 1000
    whole, _, fraction = mantissa.partition(".")
    rounded = number.quantize(Decimal(1).scaleb(-len(fraction)), rounding=ROUND_HALF_UP)
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    optional = len(fraction) - len(fraction.rstrip("#?"))
    while optional and text.endswith("0"):
        text, optional = text[:-1], optional - 1
    text = text.removesuffix(".")
    least = whole.replace(",", "").count("0")
    return text.zfill(least + len(text) - len(text.partition(".")[0])) if "," not in whole else text


def _date(number: Decimal, code: str, *, since_1904: bool) -> str:
    if not 0 <= number < _LAST_DAY:
        return _general(number)
    start = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - cells keep no zone
    moment = start + timedelta(seconds=round(float(number) * 86400))
    tokens = _DATE_TOKEN.findall(code)
    half = any(token.lower() in {"am/pm", "a/p"} for token in tokens)
    found: list[str] = []
    for at, token in enumerate(tokens):
        found.append(_date_part(moment, number, token, half=half, minutes=_is_minutes(tokens, at)))
    return "".join(found).strip()


def _is_minutes(tokens: list[str], at: int) -> bool:
    """Return whether `m` stands for minutes: after hours or before seconds."""
    if tokens[at].lower() not in {"m", "mm"}:
        return False
    before = next((t.lower() for t in reversed(tokens[:at]) if t[0].lower() in "ymdhs["), "")
    after = next((t.lower() for t in tokens[at + 1 :] if t[0].lower() in "ymdhs"), "")
    return before.startswith(("h", "[h")) or after.startswith("s")


def _date_part(moment: datetime, number: Decimal, token: str, *, half: bool, minutes: bool) -> str:  # noqa: C901, PLR0911 - a list of tokens
    lower = token.lower()
    if _ELAPSED.fullmatch(token):
        unit = {"h": 24, "m": 1440, "s": 86400}[lower[1]]
        return str(int(number * unit + Decimal("0.000001")))
    if lower in {"am/pm", "a/p"}:
        return "AM" if moment.hour < 12 else "PM"
    hour = (moment.hour % 12 or 12) if half else moment.hour
    match lower[0], len(lower):
        case "y", size:
            return f"{moment:%Y}" if size > 2 else f"{moment:%y}"
        case "m", size if minutes:
            return f"{moment.minute:0{min(size, 2)}}"
        case "m", size if size < 3:
            return f"{moment.month:0{size}}"
        case "m", size:
            return _MONTHS[moment.month - 1][: 3 if size == 3 else None]
        case "d", size if size < 3:
            return f"{moment.day:0{size}}"
        case "d", size:
            return _DAYS[moment.weekday()][: 3 if size == 3 else None]
        case "h", size:
            return f"{hour:0{min(size, 2)}}"
        case "s", _:
            return f"{moment.second:0{min(len(lower.partition('.')[0]), 2)}}"
    return _literal(token)


_MONTHS: Final = """January February March April May June July August September October November December""".split()
_DAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
