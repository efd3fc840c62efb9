"""Chooses the cell of a quoted row that answers. Offsets are code points of the passage's text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.models import Span
from index.text.analyzer import content_terms, index_terms
from index.text.block_spans import cell_spans
from qa.quoting.tables import is_same_term, overlap, row_around
from qa.retrieval.calendar_terms import calendar_terms, covers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.models import StoredPassage
    from qa.reading.protocol import Reading

_GIVEN: Final = 0.6  # share of a cell's words in the question from which the cell is what was asked about


def answering_cell(question: str, stored: StoredPassage, reading: Reading) -> tuple[Span, ...] | None:
    """Return the cell to highlight for a reading in a table's row, () if it is unknown; None outside of tables.

    A reader finds the row more reliably than the column. A cell whose words are in the question is what was asked
    about, not the answer. Of the others it is the one whose column the question names, else the one that was read, else
    the first: "which error means that the filter is clogged?" names no column.
    """
    text = stored.text
    placed = row_around(text, reading.start, reading.end)
    if placed is None or placed[1] == placed[0].head:
        return None
    table, row = placed
    cells = cell_spans(text, row)
    names = [cell.of(text) for cell in cell_spans(text, table.head)] if table.head else _head_above(stored, len(cells))
    asked = content_terms(question)
    free = [at for at, cell in enumerate(cells) if cell.start < cell.end and not _is_given(cell.of(text), asked)]
    if not free or len(cells) == 1:
        return None
    named = _named_columns(question, names, asked)
    best = max((named[at] for at in free if at < len(named)), default=0.0)
    chosen = [at for at in free if at < len(named) and named[at] == best] if best else free
    read = max(range(len(cells)), key=lambda at: overlap(cells[at], reading.start, reading.end))
    if len(chosen) == 1:
        return (cells[chosen[0]],)
    if not reading.exact:
        return ()
    if read in chosen and not (read and 0 in chosen and not best and len(free) < len(cells)):
        return None
    return (cells[0],) if 0 in chosen else ()


def _head_above(stored: StoredPassage, columns: int) -> list[str]:
    """Return the names of the columns of a table whose head is in an earlier passage; [] if they are unknown."""
    for line in stored.introduction.split("\n"):
        names = [cell.of(line) for cell in cell_spans(line, Span(0, len(line)))]
        if len(names) == columns > 1:
            return names
    return []


def _named_columns(question: str, names: Sequence[str], asked: Sequence[str]) -> list[float]:
    """Return for each column how much of the question its name has; a word counts less in several names."""
    terms = [frozenset(index_terms(name)) for name in names]
    found = [0.0] * len(names)
    for term in asked:
        having = [at for at, own in enumerate(terms) if any(is_same_term(term, other) for other in own)]
        for at in having:
            found[at] += 1 / len(having)
    said = frozenset(index_terms(question))
    for at, own in enumerate(terms):  # such as "What to do"
        if own and not content_terms(names[at]) and len(own & said) >= _GIVEN * len(own):
            found[at] += 1
    for kind, key, *_ in calendar_terms(question):
        for at, name in enumerate(names):
            found[at] += 0.5 * covers(name, kind, key)
    return found


def _is_given(cell: str, asked: Sequence[str]) -> bool:
    terms = content_terms(cell)
    given = sum(any(is_same_term(term, other) for other in asked) for term in terms)
    return bool(terms) and given >= _GIVEN * len(terms)
