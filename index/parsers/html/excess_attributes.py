"""Drop the attributes of tags that have so many of them that parsers would take minutes to compare them."""

from __future__ import annotations

import re
from typing import Final

_MOST: Final = 500  # attributes of a tag; parsers compare each of them with all others
_NAME: Final = r"[a-z][^\s/>]*+"
_ATTRIBUTE: Final = r"""[\s/]*+(?:=[^\s/>=]*+|[^\s/>=]++)(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_REST: Final = rf"(?:{_ATTRIBUTE}){{0,{_MOST}}}+[\s/]*+(?:>|\Z)"
# Elements in which there are no tags, only text (HTML Living Standard, 13.2.5).
_RAW: Final = ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
_RAW_ELEMENTS: Final = "|".join(rf"<{name}(?=[\s/>]|\Z){_REST}[^<]*+(?:<(?!/{name})[^<]*+)*+" for name in _RAW)
_RAW_END: Final = re.compile(rf"(?i)</(?:{'|'.join(_RAW)})")
# Everything before a tag with more attributes. Whatever a part has matched is never tried again.
_USUAL: Final = re.compile(
    rf"""(?isx)(?:
        [^<]++
        | <!--[^-]*+(?:-(?!->)[^-]*+)*+(?:-->|\Z)
        | {_RAW_ELEMENTS}
        | <(?!(?:{"|".join(_RAW)})(?:[\s/>]|\Z)){_NAME}{_REST}
        | </{_NAME}{_REST}
        | <(?:!(?!--)|\?|/(?![a-z]))[^>]*+
        | <(?![a-z/!?])
    )*+"""
)
_TAG: Final = re.compile(rf"(?is)(</?)({_NAME})(?:{_ATTRIBUTE})*+[\s/]*+>?")


def without_excess_attributes(text: str) -> str:
    """Return a page in which a tag with more than 500 attributes has none; nothing else is changed.

    Takes time in proportion to the length of the page.
    """
    kept: list[str] = []
    copied = at = 0
    while (at := _end_of_usual(text, at)) < len(text) and (tag := _TAG.match(text, at)):
        kept += [text[copied:at], tag[1], tag[2], ">"]
        at = copied = tag.end()
        if tag[1] == "<" and tag[2].lower() in _RAW:
            end = _RAW_END.search(text, at)
            at = end.start() if end else len(text)
    return "".join(kept) + text[copied:]


def _end_of_usual(text: str, start: int) -> int:
    found = _USUAL.match(text, start)
    return found.end() if found else start
