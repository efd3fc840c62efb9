"""Recognise encodings older than Unicode by the letters that a text has if it is decoded with them.

Every encoding of a script is tried. The right one gives frequent letters and nothing impossible: no capital inside a
word, no symbol between two letters, no letter of another language's alphabet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SAMPLE: Final = 8000  # code points with which an encoding is judged
_WEIGHT: Final = 3.0  # of something impossible, in frequent letters
_LETTER: Final = 0.1  # of any letter, in frequent letters
_LEAST: Final = 0.25  # score of a text that is accepted
_LEAST_EAST_ASIAN: Final = 0.5  # the same for double-byte encodings, whose bytes fit several of them
_MARGIN: Final = 1e-5  # by which the best score must exceed that of every other text

_FEW: Final = 20  # letters
_LEAST_OF_FEW: Final = 0.5  # score of so few letters that is accepted
_SHORT: Final = 100  # letters
_SHORT_MARGIN: Final = 4.0  # of a shorter text, in frequent letters
# A capital after a small letter; a symbol between letters or at the beginning of a word; another script's letter or two
# among Latin ones; control codes and half-width katakana.
_IMPOSSIBLE: Final = re.compile(
    "[\u0430-\u045f\u03ac-\u03ce][\u0400-\u042f\u0386-\u03ab]"
    "|[^\\W\\d_a-zA-Z][\u00a1-\u00bf\u00d7\u00f7\u2018-\u2026\u2030-\u2044\u20ac-\u25ff][^\\W\\d_]"
    "|[¤¦¨ª¬¯´¶·¸¹º¼½¾÷ƒ‹›€∂∆∏∑√∞∫≈≤≥±◊\u0384\u0385][\u0370-\u06ff]"
    "|[a-zA-Z][\u0370-\u06ff]|[\u0370-\u06ff][a-zA-Z]|[a-z][^\x00-\u02ff\\s]{1,2}[a-z]"
    "|[a-zA-Z][\u0e00-\u0e7f]{1,2}(?![\u0e00-\u0e7f])|(?<![\u0e00-\u0e7f])[\u0e00-\u0e7f]{1,2}[a-zA-Z]"
    "|[\x80-\x9f\ufffd\ue000-\uf8ff\u2500-\u259f\uff61-\uff9f]"
)
_WORD_WITH_CAPITALS: Final = re.compile("[\\u0400-\\u042f\\u0386-\\u03ab]{2,}")


@dataclass(frozen=True, slots=True)
class _Script:
    """The encodings of a script, its frequent letters, and the alphabets of its languages in lower case.

    `core` is a double-byte character set and the range of lead bytes of its common characters.
    """

    encodings: tuple[str, ...]
    frequent: frozenset[str]
    alphabets: tuple[frozenset[str], ...] = ()
    core: tuple[str, int, int] | None = None


_RUSSIAN: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_SCRIPTS: Final = (
    _Script(
        ("cp1251", "koi8_r", "koi8_u", "mac_cyrillic", "iso8859_5", "cp866"),
        frozenset("оеаинтсрвлкмдпуі"),
        tuple(
            map(
                frozenset,
                (
                    _RUSSIAN + "ё",
                    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
                    "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
                    "абвгдђежзијклљмнњопрстћуфхцчџш",
                    "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
                ),
            )
        ),
    ),
    _Script(
        ("cp1253", "iso8859_7"),
        frozenset("αοιετσνηυρπκμλςάέίό"),
        (frozenset("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"),),
    ),
    _Script(("cp1255", "iso8859_8"), frozenset("יוהלארתשמבנםכדע"), (frozenset(map(chr, range(0x5B0, 0x5EB))),)),
    _Script(
        ("cp1256", "iso8859_6"),
        frozenset("اليمنورتبعدسفهكة"),
        (frozenset(map(chr, range(0x621, 0x653))), frozenset("پچژگکی") | frozenset(map(chr, range(0x621, 0x653)))),
    ),
    _Script(("cp874",), frozenset("านรอกเงมยลวดทสตะปบคหีแจไิ่้ัพ์ุช็ข"), (frozenset(map(chr, range(0xE01, 0xE5B))),)),
    _Script(
        ("cp932", "euc_jp"),
        frozenset(
            "のにはをたがでてとしれさいるなもかすっあらりこうくまきんけそよおつわちどえみせじ、。・ー「」ンスルトリアイクラシドレジマタ"
            "日年本人大国中一出会行上生者月分学時事見方同自間地手長三二後場前合部社業新東高内理"
        ),
        core=("euc_jp", 0xA1, 0xCF),
    ),
    _Script(
        ("gb18030",),
        frozenset(
            "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去"
            "法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将"
            "两高间由问很最重并物手应向头文体政美相见被利什二等产或新己制身果加西月话合回特代内信表化老给世位次度门任常先海通教儿原东声提及比员解水"
            "名真论处走义各入几口认条平系气题活更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指区保至队形社便空"
            "，。、“”：；（）《》"
        ),
        core=("gb2312", 0xA1, 0xD7),
    ),
    _Script(
        ("big5hkscs",),
        frozenset(
            "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去"
            "法學如都同現當沒動面起看定天分還進好小部其些主樣理心本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將"
            "兩高間由問很最重並物手應向頭文體政美相見被利什二等產或新己制身果加西月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提及比員解水"
            "名真論處走義各入幾口認條平系氣題活更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指區保至隊形社便空"
            "，。、「」：；（）《》"
        ),
        core=("big5", 0xA1, 0xC6),
    ),
    _Script(
        ("cp949", "johab"),
        frozenset(
            "이다는의에을가고하지은로한도를사기서리인나어아자대시스정있해그일수과라들부제전여보으만장성상구주동공원조비게원경신국관미오안위유면"
            "되했년중생우소실최명진화학물모용세개방발마선당와간업무때거까였것적요었출행연심없할내습니던터야드"
        ),
        core=("euc_kr", 0xB0, 0xC8),
    ),
)


def readings(data: bytes) -> Iterator[tuple[float, str]]:
    """Yield (score, text) for each encoding that fits the bytes and gives a likely text, in no order."""
    for script in _SCRIPTS:
        for name in script.encodings:
            try:
                text = data.decode(name)
            except UnicodeDecodeError:
                continue
            score = _score(_sample(text), script)
            if score >= (_LEAST_EAST_ASIAN if script.core else _LEAST):
                yield score, text


def best_reading(data: bytes) -> str | None:
    """Return the text in the encoding that fits best, or None if none does, or another text is as likely."""
    ranked = sorted(readings(data), reverse=True)
    if not ranked:
        return None
    best, text = ranked[0]
    letters = sum(not char.isascii() for char in _sample(text))
    if letters < _FEW and best < _LEAST_OF_FEW:
        return None
    margin = _SHORT_MARGIN / letters if letters < _SHORT else _MARGIN
    return None if any(score > best - margin and other != text for score, other in ranked[1:]) else text


def _sample(text: str) -> str:
    """Return the words that are not ASCII, up to a length."""
    return " ".join(word for word in text.split() if not word.isascii())[:_SAMPLE]


def _score(sample: str, script: _Script) -> float:
    """Return the share of frequent letters among all that are not ASCII, less what is impossible."""
    if len(_WORD_WITH_CAPITALS.findall(sample)) > len(sample) / 20:  # a text in capitals
        sample = sample.lower()
    foreign = [char for char in sample if not char.isascii()]
    if not foreign:
        return 0.0
    frequent = sum((char in script.frequent) + _LETTER * char.isalpha() for char in foreign) / len(foreign)
    impossible = len(_IMPOSSIBLE.findall(sample)) + _outsiders(foreign, script)
    if script.core:
        name, first, last = script.core
        lead = sample.encode(name, "ignore")
        doubled = re.findall(rb"[\x80-\xff][\x40-\xff]", lead)
        common = sum(first <= pair[0] <= last for pair in doubled) / len(foreign)
        frequent = (frequent + common) / 2
    return frequent - _WEIGHT * impossible / len(foreign)


def _outsiders(foreign: list[str], script: _Script) -> int:
    """Return how many letters are not in the alphabet that fits best."""
    if not script.alphabets:
        return 0
    letters = [char.lower() for char in foreign if char.isalpha()]
    return min(sum(char not in alphabet for char in letters) for alphabet in script.alphabets)
