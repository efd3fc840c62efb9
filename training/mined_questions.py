"""Judge headings and lines of documentation: the question that a section below one answers, if there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["question", "heading"]

_WORDS: Final = (2, 20)  # words of a question
_JOINED_WORDS: Final = 8  # of a parent heading and a generic one together

ASKING: Final = frozenset(
    """how what why when where who whom whose which can could do does did is are was were will would should shall may
    must am has have isn't aren't can't don't doesn't won't what's who's where's how's whats""".split()
)
_UNANSWERABLE: Final = frozenset(  # headings that ask for nothing, whatever stands above them
    """about abstract acknowledgements acknowledgments answer appendix arguments attributes author authors background
    bibliography bugs caution changelog changes classes commands conclusion constructor contact contents
    conventions copyright credits description disclaimer documentation faq faqs feedback files footnotes foreword
    functions general glossary help history important index indices introduction legal licence license links
    members methods misc miscellaneous modules name navigation news note notes other overview parameters plugins
    preface properties question questions reference references related resources returns search status submodules
    subpackages summary synopsis terminology thanks tip tips todo trademarks warning""".split()
) | frozenset(
    """about this document, additional resources, change log, classes and functions, constructor detail,
    external links, field detail, frequently asked questions, further reading, indices and tables, legal notice,
    method detail, module contents, more information, next steps, questions and answers, quick links,
    release notes, return value, revision history, see also, table of contents, to do, what's next""".replace(
        "\n    ", " "
    ).split(", ")
)
_GENERIC: Final = frozenset(  # words of headings that ask only together with the heading above
    """additional advanced arguments basic basics bugs building commands common compilation compiling configuration
    configuring considerations customization debugging default dependencies deployment details download downloading
    example examples extra features files first format formats further general getting guide hints implementation
    information install installation installing issues known layout licensing limitations list more new notes options
    other overview parameters performance platforms prerequisites problems properties quick related requirements
    security settings setup simple special start started steps support supported syntax technical testing
    troubleshooting tutorial upgrading usage variables""".split()
)
_GENERIC_WORDS: Final = 2  # words of a heading in which a single such word makes it generic

_ARTICLES: Final = frozenset({"the", "a", "an", "our", "my", "your"})
_MANUAL: Final = re.compile(
    r"(?i)^the\s+|\b(?:manual page|documentation|(?:user )?manual|handbook|help)(?:\s+v?[\d.]+)?$"
)
_ELLIPSIS: Final = re.compile(r"(?:…|\.{3})\s*")

_MARKUP: Final = (
    (re.compile(r":[\w:+-]+:`~?([^`<]+?)(?:\s*<[^`]*>)?`"), r"\1"),  # a role of reStructuredText
    (re.compile(r"`([^`<]+?)\s*<[^`]*>`_+"), r"\1"),  # a link of reStructuredText
    (re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)"), r"\1"),  # a link of Markdown
    (re.compile(r"<[^<>]{1,200}>"), ""),
    (re.compile(r"\{#[^}]*\}|\[(?:edit|top|back to top|\d+)\]|[¶§\u200b]"), ""),
    (re.compile(r"\*\*|__|``|`|(?<!\w)\*(?=\w)|(?<=[\w?])\*(?!\w)"), ""),
)
_NUMBER: Final = re.compile(
    r"(?i:chapter|section|appendix|part)\s+[\dA-Z.]+[:.)–-]*\s+|[#*=>-]+\s+"
    r"|[(\[]?\d+(?:\.\d+)*[a-z]?[.):\]]+-?\s*(?=\D)|\d+(?:\.\d+)*\s+(?=[A-Z])"
    r"|\(?[A-Z]\.?(?:\d+(?:\.\d+)*)?[.):]+\s+|[A-Z]\.\d+(?:\.\d+)*\s+|[ivxIVX]+[.)]\s+"
)
_Q_MARK: Final = re.compile(
    r"(?:\*\*|__)?(?:q|question|faq|subject)\s*[#(]?\d*(?:\.\d+)*[a-z]?\s*(?:[.:)\]]+-?|-+\s)", re.IGNORECASE
)
_CODE: Final = re.compile(
    r"\w\(|::|->|=>|\w\.\w+\.\w|\w_\w|^_|(?:^|\s)--?\w|(?:^|\s)[/\\]\w|[{}<>=\\@|^~$%]|\w/\w+/|^[a-z]+[A-Z]\w*$"
    r"|\b(?:class|struct|method|function|module|macro|typedef|enum|namespace|package)$|^(?:class|struct|module)\s\w+$"
    r"|\.(?:py|c|h|cpp|js|html?|txt|conf|xml|sh|pl|rb)\b|https?:|\[|(?i:\bindex)$"
)
_RELEASE: Final = re.compile(
    r"(?i)\b(?:releases?|changes? (?:in|since|from|between)|what'?s new|new in|news|fixed in|bug ?fixes|changelog)\b"
    r"|\b\d+\.\d+(?:\.\d+)+|^(?:version|v)\s*\d|\b(?:19|20)\d\d\b|^\D{0,24}\b\d+\.\d+\s*$"
    r"|^(?:figure|table|example|listing|exercise|step|chapter|part|page|volume|appendix|lesson|section)\s+[\dA-Z][\d.-]*"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a heading asks, in words that stand alone, and whether it was worded as a question."""

    question: str
    kind: Kind


def plain(line: str) -> str:
    """Return a heading or line without markup, numbering and the mark of a question ("Q1:")."""
    for pattern, replacement in _MARKUP:
        line = pattern.sub(replacement, line)
    line = " ".join(line.split())
    for pattern in (_NUMBER, _Q_MARK, _NUMBER):
        found = pattern.match(line)
        if found and found.end() < len(line):
            line = line[found.end() :].lstrip()
    return line.rstrip(" :#-–—").lstrip(" -–—\"'") if not line.endswith("?") else line.lstrip(" -–—")


def has_question_mark_before(line: str) -> bool:
    """Return whether a line announces its question, as "Q:", "Question 3." and "FAQ 2)" do."""
    return _Q_MARK.match(line.lstrip(" *_#>-")) is not None


def is_short(text: str) -> bool:
    """Return whether a text has as many words as a question may have, 2 to 20."""
    return _WORDS[0] <= len(text.split()) <= _WORDS[1]


def is_question(text: str) -> bool:
    """Return whether plain words ask: they end with a question mark or begin with a word that asks."""
    words = text.split()
    if not is_short(text):
        return False
    if text.endswith("?"):
        return True
    first = words[0].casefold().replace("’", "'")
    return first in ASKING and len(words) > 2 and not text.endswith((".", ":", "!", ","))


def heading_question(path: Sequence[str], title: str) -> Asked | None:
    """Return what the last heading of a path asks, or None if it is generic, code, a version or no English phrase.

    A heading of one word, or a generic one such as "Known issues", is joined to the heading above it, or to the
    article's title where there is none: "Cameras", "Installation" -> "Cameras installation".
    """
    text = plain(path[-1])
    if len(path) > 1 and _ELLIPSIS.match(text):  # "How do I ..." above "... return a tool?"
        text = f"{_ELLIPSIS.sub('', plain(path[-2])).strip()} {_ELLIPSIS.sub('', text)}"
    if not _is_phrase(text) or text.casefold().rstrip(".:!") in _UNANSWERABLE:
        return None
    if is_question(text):
        return Asked(text, "question")
    words = text.split()
    if _is_generic(words):
        above = plain(path[-2]) if len(path) > 1 else _topic(title)
        if not _is_phrase(above) or above.casefold() in _UNANSWERABLE | _GENERIC or is_question(above):
            return Asked(text, "heading") if len(words) > _GENERIC_WORDS else None
        if above.casefold() in text.casefold() or text.casefold() in above.casefold():
            return Asked(text, "heading") if len(words) >= _WORDS[0] else None
        text = f"{above} {_lowered(text)}"
        return Asked(text, "heading") if len(text.split()) <= _JOINED_WORDS else None
    return Asked(text, "heading") if len(words) <= _WORDS[1] else None


def _is_generic(words: Sequence[str]) -> bool:
    """Return whether a heading says too little by itself: one word, or one beside an article or a generic word."""
    bare = [word.casefold().strip(",.:") for word in words if word.casefold() not in _ARTICLES]
    return len(bare) < _GENERIC_WORDS or (
        any(word in _GENERIC for word in bare)
        if len(bare) == _GENERIC_WORDS
        else all(word in _GENERIC for word in bare)
    )


def _topic(title: str) -> str:
    """Return what an article is about: its title without the name of the manual before or behind it."""
    parts = [part.strip() for part in re.split(r":\s|\s[-–—|]\s|\(\d\w*\)", title) if part.strip()]
    return plain(_MANUAL.sub("", parts[-1])) if parts else ""


def _lowered(text: str) -> str:
    """Return a heading as it is written inside a phrase: its first word in lower case, unless it is a name."""
    first = text.split(maxsplit=1)[0]
    return text[0].lower() + text[1:] if first[1:].islower() else text


def _is_phrase(text: str) -> bool:
    """Return whether a text is made of words: no code, no version or date, mostly ASCII letters."""
    if len(text) < 3 or _RELEASE.search(text):
        return False
    if _CODE.search(text if not text.endswith("?") else ""):
        return False
    letters = sum(char.isascii() and char.isalpha() for char in text)
    return letters >= 0.6 * len(text.replace(" ", ""))


_COMMON: Final = frozenset(
    """the of to and a in is it you for that on with this be are as or can not if from by at an have will your we do
    when which has use all but there then may using""".split()
)
_ENGLISH: Final = 0.15  # the least share of common words in an English text; running prose has about 0.4
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def is_english(text: str) -> bool:
    """Return whether a text has as many of the commonest English words as English manuals have."""
    words = _WORD.findall(text.casefold())
    return bool(words) and sum(word in _COMMON for word in words) >= _ENGLISH * len(words)


def is_readable(text: str) -> bool:
    """Return whether a section explains something: at least eight words, two of them common, mostly letters."""
    words = _WORD.findall(text.casefold())
    letters = sum(map(str.isalpha, text))
    return (
        len(words) >= 8
        and sum(word in _COMMON for word in words) >= max(2, 0.08 * len(words))
        and letters >= 0.55 * max(1, sum(not char.isspace() for char in text))
    )
