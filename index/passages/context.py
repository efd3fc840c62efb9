"""The context of a passage: what is read before it to understand it, but is not part of its text.

A passage begins somewhere in an article. Its title and headings say what it is about; the sentence that announces its
list, and the head of its table, say what its lines mean. Embedder, reader and lexical index share it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

NAME_TOKENS: Final = 64  # of title and headings together
INTRODUCTION_TOKENS: Final = 64
_DEEPEST_TOKENS: Final = 32  # of the deepest heading
_SEPARATOR: Final = " > "

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Context:
    """The title, heading path and introduction of a passage, shortened; an empty string for what is left out."""

    title: str
    heading: str
    introduction: str

    @property
    def names(self) -> str:
        """Title and headings, outermost first."""
        return _SEPARATOR.join(part for part in (self.title, self.heading) if part)

    @property
    def prefix(self) -> str:
        """The text to embed before the passage's own: lines of title, headings and table head, each with its line feed.

        The sentence that announces a list is left out: passages of one list that all began with it would be alike (see
        benchmarks/RESULTS.md).
        """
        heads = [line for line in self.introduction.split("\n") if line.startswith("|")]
        return "".join(f"{line}\n" for line in (self.title, self.heading, *heads) if line)


def fit_context(
    title: str,
    heading: str,
    introduction: str,
    count_tokens: CountTokens,
    name_tokens: int = NAME_TOKENS,
    introduction_tokens: int = INTRODUCTION_TOKENS,
) -> Context:
    """Return the context of a passage, shortened to at most so many tokens of names and of introduction.

    The deepest heading is kept first, up to half of the tokens; then the title, then the other headings from the
    deepest to the outermost. `heading` is the path, joined with " > "; a title that is also a heading is named once.
    """
    title = title.strip()
    *outer, deepest = [part.strip() for part in heading.split(_SEPARATOR)]
    if deepest == title:
        title = ""
    outer = [part for part in outer if part not in {title, ""}]
    deepest = shorten(deepest, count_tokens, min(_DEEPEST_TOKENS, name_tokens // 2))
    title = shorten(title, count_tokens, name_tokens - count_tokens([f"{deepest} >"])[0]) if title else ""
    paths = [_SEPARATOR.join([*outer[first:], deepest] if deepest else outer[first:]) for first in range(len(outer))]
    candidates = [Context(title, path, "") for path in paths]
    fits = (tokens <= name_tokens for tokens in count_tokens([one.names for one in candidates]))
    names = next((one for one, fit in zip(candidates, fits, strict=True) if fit), Context(title, deepest, ""))
    lines = shorten(introduction.strip(), count_tokens, introduction_tokens)
    return Context(names.title, names.heading, lines)


def shorten(text: str, count_tokens: CountTokens, limit: int) -> str:
    """Return as many words of a text, from its beginning, as have at most `limit` tokens."""
    if not text or count_tokens([text])[0] <= limit:
        return text
    words = text.split(" ")
    low, high = 0, len(words) - 1  # of words that fit, and that may fit
    while low < high:
        middle = (low + high + 1) // 2
        if count_tokens([" ".join(words[:middle])])[0] <= limit:
            low = middle
        else:
            high = middle - 1
    return " ".join(words[:low]).rstrip()
