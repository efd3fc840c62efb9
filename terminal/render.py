"""What an outcome looks like in the terminal: plain text, or styled where people look at it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.padding import Padding
from rich.text import Text

from cogs import texts
from cogs.render import in_words
from qa.outcome import Answer, Closest, NotCovered
from terminal.output import printable, result

if TYPE_CHECKING:
    from rich.console import RenderableType

    from qa.outcome import Outcome, Quote

_ABOUT: Final = "about: {understood}"
_BAR: Final = "  ▌ "


def show(outcome: Outcome, second_quote_confidence: float) -> None:
    """Print an outcome: styled where people look at it, plain where a file or a program takes it."""
    if not sys.stdout.isatty():
        result(plain(outcome, second_quote_confidence))
        return
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(styled(outcome, second_quote_confidence, console))


def plain(outcome: Outcome, second_quote_confidence: float) -> str:
    """Return an outcome as lines of text; the quotes are marked as in e-mail, and exact otherwise."""
    blocks = [_about(outcome), _said(outcome)]
    for quote in _shown(outcome, second_quote_confidence):
        text = "\n".join(f"> {line}" for line in quote.text.split("\n"))
        blocks.append(f"{text}\n  {_caption(quote)}")
    blocks.append(_footer(outcome))
    return "\n\n".join(block for block in blocks if block)


def styled(outcome: Outcome, second_quote_confidence: float, console: Console) -> RenderableType:
    """Return an outcome for a terminal: a bar beside the quotes, the words that answer in bold."""
    # Text objects, never markup: an article may hold [bold] or :smile:, and must look as it is.
    blocks: list[RenderableType] = [Text(f"{line}\n") for line in (_about(outcome), _said(outcome)) if line]
    for quote in _shown(outcome, second_quote_confidence):
        text = Text(printable(quote.text))
        for span in quote.highlights:
            text.stylize("bold", span.start - quote.start, span.end - quote.start)
        blocks += [Text.assemble((_BAR, "green"), line) for line in text.wrap(console, console.width - len(_BAR))]
        blocks.append(Padding(Text(printable(_caption(quote)), style="dim"), (0, 0, 1, len(_BAR))))
    return Group(*blocks, Text(_footer(outcome), style="dim"))


def _shown(outcome: Outcome, second_quote_confidence: float) -> list[Quote]:
    return [q for rank, q in enumerate(outcome.quotes) if rank == 0 or q.confidence >= second_quote_confidence]


def _about(outcome: Outcome) -> str:
    """Return what a follow-up question was understood to be about, where its own words do not say it."""
    return printable(_ABOUT.format(understood=outcome.understood)) if outcome.understood else ""


def _said(outcome: Outcome) -> str:
    match outcome:
        case Answer():
            return ""
        case Closest():
            return texts.CLOSEST_WARNING
        case NotCovered():
            return texts.NOT_COVERED_HINT


def _footer(outcome: Outcome) -> str:
    match outcome:
        case Answer():
            footer = texts.ANSWER_FOOTER
        case Closest():
            footer = texts.CLOSEST_FOOTER
        case NotCovered():
            footer = texts.NOT_COVERED_FOOTER
    return footer.format(confidence=in_words(outcome.confidence))


def _caption(quote: Quote) -> str:
    place = texts.PLACE.format(paragraph=quote.paragraph, paragraphs=quote.paragraphs)
    return " · ".join(part for part in (quote.title or texts.UNTITLED, place, quote.source) if part)
