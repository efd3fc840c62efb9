"""Answers questions: a question and the names of libraries in, an outcome out."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.libraries.visible_part import VisibleParts
from index.stage_times import stage
from index.text.analyzer import stem
from qa.claims.claim_search import nearest_sentences
from qa.conversation.follow_ups import Understood
from qa.outcome import AlsoIn, Answer, ClaimSources, Closest, NotCovered, Outcome, Quote
from qa.pins.pinned import Pin, find_pinned
from qa.quoting.agreement import find_same_statement
from qa.quoting.alternatives import find_alternatives
from qa.quoting.contradictions import are_contradictory, have_different_dates, newest_first
from qa.quoting.near_duplicate_quotes import find_in_near_duplicates
from qa.quoting.pointers import below_answers
from qa.quoting.quantities import below_counts
from qa.quoting.quotes import Proposal, is_verbatim, make_quote
from qa.quoting.ranker import QuoteRanker
from qa.quoting.subject import on_subject
from qa.reading.languages import unread_language
from qa.reading.protocol import ReadPassage
from qa.retrieval.search import SearchResult, search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from index.libraries.visible_part import HiddenIds, SearchedLibraries
    from index.models import Article
    from index.passages.embedder import Embedder
    from qa.conversation.follow_ups import Turn
    from qa.quoting.features import Measured
    from qa.reading.protocol import ReadingModels
    from qa.retrieval.retriever import Candidate

QUOTES = 3
_CLAIM_CANDIDATES = 8  # passages whose sentences are compared with a statement
_MAX_QUESTION = 1000  # characters of a question; models read even fewer


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least confidence, 0 to 1, of an outcome that is an answer, and of one that is the closest passages."""

    answer: float
    closest: float


class Answerer:
    """Answers questions from libraries. Owned by one thread; models are loaded when first needed.

    `data_dir` may contain the operator's own calibration.
    """

    def __init__(
        self,
        libraries: SearchedLibraries,
        embedder: Callable[[], Embedder],
        models: Callable[[], ReadingModels],
        thresholds: Thresholds,
        data_dir: Path | None = None,
    ) -> None:
        self._libraries = libraries
        self._embedder = embedder
        self._models = models
        self._thresholds = thresholds
        self._ranker = QuoteRanker(embedder, models, thresholds.answer, data_dir)

    def without(self, hidden: Mapping[str, HiddenIds]) -> Answerer:
        """Return an answerer for one question to which these articles do not exist; `hidden` are ids by library name.

        They are left out before anything is ranked, so that other quotes take their place.
        """
        part = copy.copy(self)
        part._libraries = VisibleParts(self._libraries, hidden)  # noqa: SLF001 - of the same class
        return part

    def warm(self) -> None:
        """Load the models and their calibration now, so that the first question does not wait for them.

        Raises SettingsError if a model or the calibration cannot be loaded.
        """
        self._embedder().query("warm")
        self._models().read("warm?", [ReadPassage("", "", "Warm.")])
        unread_language("warm", self._embedder(), self._models())
        self._ranker.calibration  # noqa: B018 - a damaged file is reported at the start, not at the first question

    def ask(
        self,
        question: str,
        library_names: Sequence[str],
        history: Sequence[Turn] = (),
        *,
        article_id: int | None = None,
        most: int = QUOTES,
        pins: Sequence[Pin] = (),
    ) -> Outcome:
        """Answer a question, which may be any text, after the turns of `history`, oldest first.

        With `article_id` only that article, of each library, is searched. There are at most `most` quotes. A pin for
        the question is the answer and comes first.

        Raises UserError if a library cannot be searched with the present settings.
        """
        # Loading and opening do not count as time of this question.
        with stage("open"):
            unread = unread_language(question[:_MAX_QUESTION], self._embedder(), self._models())
            for name in library_names:
                self._libraries.open(name).indexes()
        started = time.perf_counter()
        with stage("find"):
            found = self._find(question, library_names, history, article_id)
        with stage("rank"):
            ranked = self._ranked(found, thorough=most > QUOTES)
        with stage("quote"):
            quotes = self._best_quotes(found, ranked, most, alone=article_id is not None)
            chosen = self._pinned(found.understood.text, library_names, article_id, pins)
        if chosen:
            others = [replace(quote, differs=False) for quote in quotes if not _overlaps(quote, chosen)]
            quotes = [chosen, *others][:most]
        outcome = self._outcome(question, quotes, started, found)
        if isinstance(outcome, Answer) and article_id is None:
            outcome = replace(outcome, alternatives=self._alternatives(found.text, history, quotes, ranked))
        return replace(outcome, unread_language=unread) if unread else outcome

    def _alternatives(
        self, question: str, history: Sequence[Turn], quotes: Sequence[Quote], ranked: Sequence[tuple[Proposal, float]]
    ) -> tuple[int, ...]:
        proposals = [proposal for proposal, _ in ranked]
        threshold = self._thresholds.answer
        return find_alternatives(question, history, quotes, proposals, self._libraries.article, threshold)

    def sources(self, claim: str, library_names: Sequence[str]) -> ClaimSources:
        """Return the sentences most similar to a statement; their `confidence` is the similarity, 0 to 1.

        Raises UserError if a library cannot be searched with the present settings.
        """
        candidates = self._find(claim, library_names).candidates
        near = nearest_sentences(claim, candidates[:_CLAIM_CANDIDATES], self._embedder())[:QUOTES]
        quotes = [self._quote(one.proposal, min(max(one.similarity, 0.0), 1.0), candidates) for one in near]
        return ClaimSources(claim, tuple(quote for quote in quotes if quote), any(one.verbatim for one in near))

    def scored_proposals(
        self, question: str, library_names: Sequence[str], history: Sequence[Turn] = ()
    ) -> list[tuple[Proposal, float]]:
        """Return every possible quote with its confidence, best first; none overlaps another.

        For benchmarks: these are the confidences that `ask` would give to quotes and decide the outcome by.
        """
        return self._ranked(self._find(question, library_names, history))

    def measured_proposals(self, question: str, library_names: Sequence[str]) -> Measured:
        """Return every possible quote with the features from which its confidence is computed, to fit these."""
        return self._ranker.measured(self._find(question, library_names), self._article)

    def _find(
        self,
        question: str,
        library_names: Sequence[str],
        history: Sequence[Turn] = (),
        article_id: int | None = None,
    ) -> SearchResult:
        """Return the passages that may answer, best first; none for a question without letters or digits."""
        asked = question.strip()[:_MAX_QUESTION].encode("utf-8", "replace").decode("utf-8")  # without lone surrogates
        if not any(char.isalnum() for char in asked):
            return SearchResult(asked, [], Understood(asked))
        libraries = [self._libraries.open(name) for name in dict.fromkeys(library_names)]
        return search(asked, history, self._embedder(), libraries, article_id)

    def _best_quotes(
        self, found: SearchResult, ranked: Sequence[tuple[Proposal, float]], most: int, *, alone: bool
    ) -> list[Quote]:
        """Return at most `most` of the ranked proposals as quotes; none repeats a place of another.

        The most confident come first, but before them those that contradict the best one, newest first. With `alone`
        their places in near duplicates are left out.
        """
        quotes: list[Quote] = []
        for proposal, score in ranked:
            differs = are_contradictory(found.text, ranked[0][0], proposal)
            if len(quotes) >= most and not differs:
                continue
            quote = self._quote(proposal, score, found.candidates, alone=alone)
            if quote and not any(_repeats(quote, other) or _overlaps(quote, other) for other in quotes):
                differs = differs and bool(quotes) and have_different_dates(quotes[0], quote)
                quotes += [replace(quote, differs=differs)] if differs or len(quotes) < most else []
        return newest_first(quotes)[:most]

    def _ranked(self, found: SearchResult, *, thorough: bool = False) -> list[tuple[Proposal, float]]:
        """Return the proposals for a question with their confidences, best first."""
        ranked = self._ranker.rank(found, self._article, thorough=thorough)
        proposals = [proposal for proposal, _ in ranked]
        scores = [score for _, score in ranked]
        scores = below_counts(found.text, scores, proposals, self._thresholds.answer)
        scores = below_answers(found.text, scores, proposals, self._thresholds.closest)
        return on_subject(found, list(zip(proposals, scores, strict=True)), self._thresholds.answer)

    def verify(self, found: Quote) -> bool:
        """Whether a quote's text still is exactly that of the stored article; called just before it is shown."""
        return is_verbatim(found, self._libraries.open(found.library).article(found.article_id))

    def _pinned(
        self, question: str, library_names: Sequence[str], article_id: int | None, pins: Sequence[Pin]
    ) -> Quote | None:
        """Return the quote pinned to a question in the searched libraries; `pins` are those of one server."""
        usable = [pin for pin in pins if pin.library in library_names]
        if not usable:
            return None
        indexes = [self._libraries.open(name).indexes() for name in library_names]

        def is_known(word: str) -> bool:
            term = stem(word)
            return any(each is not None and each.lexical.document_frequencies([term])[term] for each in indexes)

        chosen = find_pinned(question, usable, self._libraries, is_known)
        return chosen if chosen and article_id in {None, chosen.article_id} else None

    def _quote(
        self, proposal: Proposal, confidence: float, candidates: Sequence[Candidate], *, alone: bool = False
    ) -> Quote | None:
        """Return a proposal as a quote with all its places; with `alone` without those in near duplicates."""
        article = self._article(proposal.candidate)
        made = make_quote(proposal, article, confidence) if article else None
        if made is None or not is_verbatim(made, article):
            return None
        name = proposal.candidate.library
        alike = [(c.library, self._article(c), span) for c, span in find_same_statement(proposal, candidates)]
        if not alone:
            known = {article.id for library, article, _ in alike if article and library == name}
            alike += [(name, *place) for place in find_in_near_duplicates(proposal, self._libraries.open(name), known)]
        also_in = tuple(
            AlsoIn(a.id, a.title, a.source, span.start, span.end, library) for library, a, span in alike if a
        )
        return replace(made, also_in=also_in)

    def _article(self, candidate: Candidate) -> Article | None:
        return self._libraries.open(candidate.library).article(candidate.stored.passage.article_id)

    def _outcome(self, question: str, quotes: Sequence[Quote], started: float, found: SearchResult) -> Outcome:
        about = found.understood.about
        # Beside the confidence, which is not below a threshold of 0.
        doubtful = found.doubtful or not self._ranker.calibration.fitted
        confidence = quotes[0].confidence if quotes else 0.0
        elapsed = (time.perf_counter() - started) * 1000
        if not quotes or (confidence < self._thresholds.closest and not quotes[0].chosen):
            return NotCovered(question, confidence, elapsed, about)
        answers = quotes[0].chosen or (confidence >= self._thresholds.answer and not doubtful)
        kind = Answer if answers else Closest
        return kind(question, confidence, tuple(quotes), elapsed, about)


def _repeats(one: Quote, other: Quote) -> bool:
    """Whether one quote repeats a place of another."""
    return any(
        (one.library, one.article_id) == (place.library, place.article_id)
        and one.start < place.end
        and place.start < one.end
        for place in other.also_in
    )


def _overlaps(one: Quote, other: Quote) -> bool:
    same = (one.library, one.article_id) == (other.library, other.article_id)
    return same and one.start < other.end and other.start < one.end
