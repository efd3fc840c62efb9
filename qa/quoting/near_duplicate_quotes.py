"""A statement in the near duplicates of its article: quoted once, with all of its places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from index.models import Span
from index.text.analyzer import index_terms as stems
from qa.quoting.agreement import runs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from index.libraries.library import Library
    from index.models import Article, StoredPassage
    from qa.quoting.quotes import Proposal

_LIGHT: Final = frozenset(
    stem for word in "a an the this these that and of to in on at".split() for stem in stems(word)
)
_SHARED: Final = 0.9  # of a statement's words, for a passage to be looked through


def in_near_duplicates(proposal: Proposal, library: Library, known: Collection[int]) -> Iterator[tuple[Article, Span]]:
    """Yield the near duplicates of a proposal's article that make its statement, each with its own place of it.

    The statement may differ in small words and endings, in nothing that could make it another: no number, no "not" and
    no other word. `known` are articles that are not looked through.
    """
    wanted = core(proposal.statement)
    for other in library.near_duplicates(proposal.candidate.stored.passage.article_id) if wanted else ():
        article = library.article(other) if other not in known else None
        if article is None:
            continue
        place = _place(wanted, len(proposal.statement), library.passages(library.passage_ids(other)))
        if place is not None:
            yield article, place


def core(statement: str) -> tuple[str, ...]:
    """Return what makes a statement: its words in order, without endings and the smallest words."""
    return tuple(stem for stem in stems(statement) if stem not in _LIGHT)


def _place(wanted: tuple[str, ...], length: int, passages: Iterator[StoredPassage]) -> Span | None:
    enough = _SHARED * len(set(wanted))
    for stored in passages:
        if len(set(wanted) & set(stems(stored.text))) < enough:
            continue
        for span in runs(stored.text, length):
            if core(span.of(stored.text)) == wanted:
                start = stored.passage.start
                return Span(start + span.start, start + span.end)
    return None
