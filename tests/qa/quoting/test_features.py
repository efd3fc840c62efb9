"""Promises of the features from which order and confidence are computed."""

from __future__ import annotations

import numpy as np

from index.models import Passage, Span, StoredPassage
from qa.quoting.features import FEATURES, SHARED, Measured, measure
from qa.quoting.quotes import Proposal
from qa.quoting.statements import Statement
from qa.reading.protocol import Reading
from qa.retrieval.retriever import Candidate


def _proposal(
    text: str, *, article: int = 1, heading: str = "", cosine: float = 0.5, reading: float = 1.0, score: float = 0.0
) -> Proposal:
    passage = Passage(article * 10, article, 0, len(text), heading)
    stored = StoredPassage(passage, "Pell library", text, b"")
    candidate = Candidate("shared", stored, cosine, 0.5, cosine)
    found = Reading(0, 0, len(text), reading, exact=False)
    return Proposal(candidate, found, Span(0, len(text)), text, text, (), Statement((text,), ()), passage_score=score)


def _measured(question: str, *proposals: Proposal, passages: int = 100) -> Measured:
    return measure(question, proposals, passages)


def _column(measured: Measured, name: str) -> list[float]:
    return [round(value, 6) for value in measured.rows[:, FEATURES.index(name)].tolist()]


def _shared(measured: Measured, name: str) -> float:
    return float(measured.shared[SHARED.index(name)])


def test_each_proposal_has_a_row_and_the_question_one_more() -> None:
    """The shapes are those of the names; no proposals give no rows, and features that are zero."""
    two = _measured("when is it open", _proposal("Open daily."), _proposal("Closed.", article=2))
    none = _measured("when is it open")

    assert two.rows.shape == (2, len(FEATURES))
    assert two.passages.tolist() == [0, 1]
    assert none.rows.shape == (0, len(FEATURES))
    assert two.shared.shape == none.shared.shape == (len(SHARED),)


def test_a_heading_that_asks_the_question_stands_out() -> None:
    """A heading with the question's words counts as asking it; one with a few of them, or a mere subject, does not."""
    measured = _measured(
        "How do I renew a borrowed book?",
        _proposal("Call us.", heading="Loans > Renewing a borrowed book"),
        _proposal("Ask us.", article=2, heading="Opening hours and a book club for everyone"),
    )
    subject = _measured("What is a loan?", _proposal("Call us.", heading="Loan"))

    assert _column(measured, "heading asks") == [1.0, 0.0]
    assert _column(subject, "heading asks") == [0.0]


def test_readings_are_compared_within_a_passage() -> None:
    """A reading counts relative to the best of its passage, the best cosine relative to that of other articles."""
    first, second = _proposal("One.", reading=3.0, cosine=0.8), _proposal("Two.", reading=1.0, cosine=0.8)
    other = _proposal("Three.", article=2, reading=-2.0, cosine=0.6)
    measured = _measured("what", first, second, other)

    assert _column(measured, "best reading") == [3.0, 3.0, -2.0]
    assert _column(measured, "reading") == [0.0, -2.0, 0.0]
    assert measured.passages.tolist() == [0, 0, 1]
    assert round(_shared(measured, "lead over other articles"), 6) == 0.2


def test_the_size_of_the_libraries_is_shared() -> None:
    """Ten thousand passages are one more than a thousand; an empty library is no error."""
    sizes = [
        _shared(_measured("what", _proposal("One."), passages=count), "few passages") for count in (0, 1000, 10_000)
    ]

    np.testing.assert_allclose(sizes, [0, -3, -4])


def test_quotes_that_ask_are_marked() -> None:
    """A question is seldom an answer."""
    measured = _measured("Can I bring a dog?", _proposal("Can I bring a dog?"), _proposal("Yes, on a lead.", article=2))

    assert _column(measured, "asks itself") == [1.0, 0.0]
