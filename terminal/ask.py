"""The command `ask`: one question or a file of them, answered as text or as JSON."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from i18n import texts
from index.models import SettingsError, UserError
from qa.ask import Answers, QuotesChangedError, ask_checked
from terminal.conversation_history import parse_turns
from terminal.output import json_line, say
from terminal.render import show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qa.conversation.follow_ups import Turn
    from qa.outcome import AlsoIn, Outcome, Quote


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one library. `second_quote_confidence` is the confidence from which further quotes are printed.

    `finish_indexing` waits until everything in the library is found.
    """

    answers: Answers
    library: str
    second_quote_confidence: float
    finish_indexing: Callable[[], object] = lambda: None

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Outcome:
        """Answer a question after earlier turns, oldest first. Every quote is checked against the stored text.

        Raises UserError if an article changes while the question is being answered.
        """
        try:
            self.finish_indexing()
            return ask_checked(self.answers, question, (self.library,), history)
        except QuotesChangedError as error:
            raise UserError(texts.CHANGED_MEANWHILE) from error


def one(asker: Asker, question: str, *, as_json: bool) -> int:
    """Answer one question and return the exit status."""
    outcome = asker.ask(question)
    if as_json:
        json_line(to_dict(outcome))
    else:
        show(outcome, asker.second_quote_confidence)
    return 0


def batch(make_asker: Callable[[], Asker], name: str) -> int:
    """Answer the questions of a JSON Lines file, or of standard input for `-`, and return the exit status.

    A line that cannot be answered yields {"error": ...} in its place; blank lines are skipped. Raises UserError if
    the file cannot be opened, before `make_asker` is called.
    """
    status = 0
    with _open(name) as lines:
        asker = make_asker()
        for line in lines:
            if not line.strip():
                continue
            try:
                json_line(to_dict(asker.ask(*_parse_line(line))))
            except SettingsError:
                raise
            except UserError as error:
                json_line({"error": str(error)})
                status = 1
    if status:
        say("Some lines could not be answered; each has an error in its place.")
    return status


def to_dict(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as the JSON object of the command line; offsets are code points of the article's text."""
    return {
        "question": outcome.question,
        "outcome": outcome.name,
        "confidence": outcome.confidence,
        "quotes": [_quote_values(quote) for quote in outcome.quotes],
        "understood": outcome.understood,
        "elapsed_ms": outcome.elapsed_ms,
    }


def _quote_values(quote: Quote) -> dict[str, Any]:
    return {
        "article_id": quote.article_id,
        "title": quote.title,
        "source": quote.source,
        "start": quote.start,
        "end": quote.end,
        "text": quote.text,
        "highlights": [[span.start, span.end] for span in quote.highlights],
        "context": [asdict(part) for part in quote.context],
        "links": [list(link) for link in quote.links],
        "more_steps": quote.more_steps,
        "paragraph": quote.paragraph,
        "paragraphs": quote.paragraphs,
        "page": quote.page,
        "time": quote.time,
        "confidence": quote.confidence,
        "published": quote.published,
        "also_in": [_place_values(place) for place in quote.also_in],
        "differs": quote.differs,
    }


def _place_values(place: AlsoIn) -> dict[str, Any]:
    return {name: value for name, value in asdict(place).items() if name != "library"}


@contextmanager
def _open(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; only errors of opening are caught here
    except OSError as error:
        raise UserError(f"The file {name} cannot be read: {error.strerror}.") from None
    with file:
        yield file


def _parse_line(line: bytes) -> tuple[str, tuple[Turn, ...]]:
    """Return the question of a batch line and its earlier turns. Raises UserError if the line is malformed."""
    try:
        values = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UserError("This line is not UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"This line is not JSON: {error}.") from None
    if not isinstance(values, dict) or not isinstance(values.get("question"), str):
        raise UserError('This line is not a JSON object with a "question" that is a string.')
    return values["question"], parse_turns(values.get("history", []))
