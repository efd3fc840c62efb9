"""All proposals for a question: from the readings of its candidates to what may be quoted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.models import Span
from qa.quoting.cells import answering_cell
from qa.quoting.clipping import clip_to_block
from qa.quoting.quotes import Proposal, propose
from qa.quoting.steps import asks_for_steps
from qa.quoting.tables import in_asked_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from qa.reading.protocol import Reading
    from qa.retrieval.retriever import Candidate


def propose_all(
    question: str, candidates: Sequence[Candidate], readings: Sequence[Reading], scores: np.ndarray | None = None
) -> list[Proposal]:
    """Return a proposal for each reading of the candidates' texts that answers, in the order of the readings.

    `reading.passage` is the place of its candidate, and `scores` (n,) are the reranker's of the candidates, if any.
    A reading in a table is moved to the row that the question names; one in its head that leads to no row is left out.
    """
    placed = [kept for reading in readings if (kept := _placed(question, candidates, reading))]
    wants_steps = asks_for_steps(question)
    own = [[reading for reading in placed if reading.passage == at] for at in range(len(candidates))]
    made = [propose(candidates[r.passage], r, [o for o in own[r.passage] if o is not r]) for r in placed]
    return [
        replace(
            _with_answering_cell(question, proposal),
            wants_steps=wants_steps,
            passage_score=0.0 if scores is None else float(scores[proposal.reading.passage]),
        )
        for proposal in made
    ]


def _with_answering_cell(question: str, proposal: Proposal) -> Proposal:
    """Return a proposal; if it is of a table's row, the answering cell is highlighted."""
    cells = answering_cell(question, proposal.candidate.stored, proposal.reading)
    if cells is None:
        return proposal
    offset = proposal.candidate.stored.passage.start
    return replace(proposal, highlights=tuple(Span(offset + cell.start, offset + cell.end) for cell in cells))


def _placed(question: str, candidates: Sequence[Candidate], reading: Reading) -> Reading | None:
    """Return a reading within one block and, in a table, in the row that the question names; None if none answers."""
    text = candidates[reading.passage].stored.text
    return in_asked_row(question, text, clip_to_block(text, reading))
