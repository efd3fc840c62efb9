"""Renders an outcome for the terminal: styled for people, plain for files and pipes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.padding import Padding
from rich.text import Text

from i18n import texts
from i18n.phrases import confidence_in_words, day_of, more_steps, page_or_time
from index.text.display_names import display_line
from qa.outcome import Answer, Closest, NotCovered, worth_showing
from qa.quoting.inline_links import addresses_to_show
from terminal.output import printable, result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from qa.outcome import Outcome, Quote

_BAR: Final = "  ▌ "
_MAX_LINKS: Final = 3  # addresses below a quote


def show(outcome: Outcome, second_quote_confidence: float) -> None:
    """Print an outcome: styled in a terminal, plain if standard output is redirected."""
    if not sys.stdout.isatty():
        result(plain(outcome, second_quote_confidence))
        return
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(styled(outcome, second_quote_confidence, console))


def plain(outcome: Outcome, second_quote_confidence: float) -> str:
    """Return an outcome as plain text. Quotes are exact; each of their lines is prefixed with `> `.

    The context of a quote is above it; below it are the number of further steps and the addresses that it links to.
    Each is on a line with two spaces before it.
    """
    blocks = [_understood(outcome), _statement(outcome), _unread(outcome)]
    for quote in worth_showing(outcome, second_quote_confidence):
        text = "\n".join(f"> {line}" for line in quote.text.split("\n"))
        below = (more_steps(quote), *_addresses(quote), _caption(quote))
        blocks.append("\n".join([*_indented(_context(quote)), text, *_indented(below)]))
    blocks.append(_footer(outcome))
    return "\n\n".join(block for block in blocks if block)


def styled(outcome: Outcome, second_quote_confidence: float, console: Console) -> RenderableType:
    """Return an outcome as a rich renderable: a bar beside the quotes, their highlights in bold, their context dim."""
    # Text objects, never markup: an article may contain [bold] or :smile:, which must be shown literally.
    statements = [part for part in (_understood(outcome), _statement(outcome), _unread(outcome)) if part]
    blocks: list[RenderableType] = [Text(f"{part}\n") for part in statements]
    for quote in worth_showing(outcome, second_quote_confidence):
        blocks += [_dim(line) for line in _context(quote)]
        text = Text(printable(quote.text))
        for span in quote.highlights:
            text.stylize("bold", span.start - quote.start, span.end - quote.start)
        blocks += [Text.assemble((_BAR, "green"), line) for line in text.wrap(console, console.width - len(_BAR))]
        blocks += [_dim(line) for line in (more_steps(quote), *_addresses(quote)) if line]
        blocks.append(_dim(_caption(quote), below=1))
    return Group(*blocks, Text(_footer(outcome), style="dim"))


def _context(quote: Quote) -> list[str]:
    return [" ".join(part.text.split()) for part in quote.context]


def _addresses(quote: Quote) -> list[str]:
    found = addresses_to_show(quote)
    return [*found[:_MAX_LINKS], *(["…"] if len(found) > _MAX_LINKS else [])]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines if line]


def _dim(line: str, *, below: int = 0) -> RenderableType:
    return Padding(Text(printable(line), style="dim"), (0, 0, below, len(_BAR)))


def _understood(outcome: Outcome) -> str:
    return texts.UNDERSTOOD.format(about=display_line(printable(outcome.understood))) if outcome.understood else ""


def _unread(outcome: Outcome) -> str:
    return texts.ONLY_ENGLISH if outcome.unread_language else ""


def _statement(outcome: Outcome) -> str:
    match outcome:
        case Answer():
            which = texts.WHICH_NOTE if outcome.alternatives else ""
            return texts.DIFFERENT if any(quote.differs for quote in outcome.quotes) else which
        case Closest():
            return texts.CLOSEST_WARNING
        case NotCovered():
            return texts.NOT_COVERED_HINT


def _footer(outcome: Outcome) -> str:
    is_answer = isinstance(outcome, Answer)
    match outcome:
        case Answer():
            footer = texts.ANSWER_FOOTER
        case Closest():
            footer = texts.CLOSEST_FOOTER
        case NotCovered():
            footer = texts.NOT_COVERED_FOOTER
    return footer.format(confidence=confidence_in_words(outcome.confidence, answers=is_answer))


def _caption(quote: Quote) -> str:
    place = texts.PLACE.format(paragraph=quote.paragraph, paragraphs=quote.paragraphs)
    titles = ", ".join(display_line(place.title) for place in quote.also_in)
    also = texts.ALSO_IN.format(titles=titles) if titles else ""
    title, source = display_line(printable(quote.title)) or texts.UNTITLED, display_line(printable(quote.source))
    parts = (title, day_of(quote.published), page_or_time(quote), place, source, also)
    return " · ".join(part for part in parts if part)
