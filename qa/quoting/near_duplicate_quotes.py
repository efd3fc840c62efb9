"""Finds a statement in the near duplicates of its article, so that it is quoted once, with all its places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.models import Span
from index.text.analyzer import index_terms as stems
from qa.quoting.agreement import sentence_runs
from qa.quoting.statements import signs, statement_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from index.libraries.visible_part import SearchedLibrary
    from index.models import Article, StoredPassage
    from qa.quoting.quotes import Proposal

_INSIGNIFICANT: Final = frozenset(
    stem for word in "a an the this these that and of to in on at".split() for stem in stems(word)
)
_MIN_SHARED: Final = 0.9  # of a statement's stems: a passage with fewer is not searched


def find_in_near_duplicates(
    proposal: Proposal, library: SearchedLibrary, known: Collection[int]
) -> Iterator[tuple[Article, Span]]:
    """Yield the near duplicates of a proposal's article that make the same statement, each with its span there.

    The statement may differ in word endings and small words, but in no number, no sign, no "not" and no other word;
    a short one stands under the same heading or question. `known` are ids of articles to skip.
    """
    wanted = bool(significant_stems(proposal.statement))
    for other in library.near_duplicates(proposal.candidate.stored.passage.article_id) if wanted else ():
        article = library.article(other) if other not in known else None
        if article is None:
            continue
        place = _find_statement(proposal, library.passages(library.passage_ids(other)))
        if place is not None:
            yield article, place


def significant_stems(statement: str) -> tuple[str, ...]:
    """Return the stems of a statement in order, without those of the smallest words."""
    return tuple(stem for stem in stems(statement) if stem not in _INSIGNIFICANT)


def _find_statement(proposal: Proposal, passages: Iterator[StoredPassage]) -> Span | None:
    wanted, marked = significant_stems(proposal.statement), signs(proposal.statement)
    enough = _MIN_SHARED * len(set(wanted))
    for stored in passages:
        if len(set(wanted) & set(stems(stored.text))) < enough:
            continue
        for span in sentence_runs(stored.text, len(proposal.statement), stored.language):
            text = span.of(stored.text)
            if significant_stems(text) != wanted or signs(text) != marked:
                continue
            if statement_in(stored, span).context == proposal.said.context:
                start = stored.passage.start
                return Span(start + span.start, start + span.end)
    return None
