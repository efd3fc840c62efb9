"""A small model of how Discord's clients render markdown.

It follows the known rules of the clients (an ordered list of patterns, tried at each position) and is independent of
the escaping under test. Formatting other than bold is shown as a mark, so that a comparison with the article's text
fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTE = re.compile(r"( *> [^\n]*(?:\n *> [^\n]*)*\n?)")
_BLOCKS = [
    ("heading", re.compile(r" *#{1,3}\s+[^\n]+")),
    ("small", re.compile(r" *-# +[^\n]+")),
    ("list", re.compile(r" *(?:[*+-]|\d+[.)]) +[^\n]*")),
    ("block quote", re.compile(r" *(?:>>>|>) ")),
]
_INLINE = [
    ("code block", re.compile(r"```(?:[a-z0-9_+\-.#]+?\n)?\n*[^\n][\s\S]*?\n*```", re.IGNORECASE)),
    ("escape", re.compile(r"\\([^0-9A-Za-z\s])")),
    ("auto link", re.compile(r"<[^: >]+:/[^ >]+>")),
    ("link", re.compile(r"(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s]")),
    ("mention", re.compile(r"<(?:@[!&]?|#|id:|/\w+:)\w+>|@everyone|@here")),
    ("emoji", re.compile(r"<a?:\w+:\d+>|:[^\s:]+?(?:::skin-tone-\d)?:")),
    ("time", re.compile(r"<t:-?\d+(?::\w)?>")),
    (
        "masked link",
        re.compile(r"\[(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?\s*\)"),
    ),
    ("code", re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")),
    ("bold", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")),
    (
        "italics",
        re.compile(
            r"\b_((?:__|\\[\s\S]|[^\\_])+?)_\b"
            r"|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"
        ),
    ),
    ("strike", re.compile(r"~~([\s\S]+?)~~(?!_)")),
    ("spoiler", re.compile(r"\|\|([\s\S]+?)\|\|")),
]
_PLAIN = re.compile(r"[^`\\<hsd@:\[*_~|\n]+")  # with none of these characters does any of the above begin


@dataclass(frozen=True, slots=True)
class Seen:
    """Rendered text, and its bold parts in order."""

    text: str
    bold: tuple[str, ...]


def read_quotes(markdown: str) -> list[Seen]:
    """Return the rendered block quotes of a message, without the lines between them."""
    found = []
    at = 0
    while at < len(markdown):
        quote = _QUOTE.match(markdown, at)
        if quote:
            inner = re.sub(r"^ *> ?", "", quote.group().removesuffix("\n"), flags=re.MULTILINE)
            found.append(read(inner))
            at = quote.end()
        else:
            following = markdown.find("\n", at)
            at = len(markdown) if following < 0 else following + 1
    return found


def read(markdown: str) -> Seen:
    """Render markdown; formatting other than bold is shown as `⟦kind⟧`."""
    out: list[str] = []
    bold: list[str] = []
    at = 0
    while at < len(markdown):
        if at == 0 or markdown[at - 1] == "\n":
            block = next((kind for kind, pattern in _BLOCKS if pattern.match(markdown, at)), None)
            if block:
                out.append(f"⟦{block}⟧")
        elif plain := _PLAIN.match(markdown, at):
            out.append(plain.group())
            at = plain.end()
            continue
        kind, match = next(((k, m) for k, pattern in _INLINE if (m := pattern.match(markdown, at))), ("", None))
        if match is None:
            out.append(markdown[at])
            at += 1
            continue
        if kind == "escape":
            out.append(match.group(1))
        elif kind == "bold":
            inside = read(match.group(1))
            out.append(inside.text)
            bold.append(inside.text)
        else:
            out.append(f"⟦{kind}⟧")
        at = match.end()
    return Seen("".join(out), tuple(bold))
