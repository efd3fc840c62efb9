"""Tests of the community set: sections that answer, libraries without an article, and the table of figures."""

from __future__ import annotations

import gzip
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from benchmarks import community
from benchmarks.community import SectionBench, read
from benchmarks.data import names
from benchmarks.figures import SetTrials, figures, table
from benchmarks.keywords import as_keywords
from benchmarks.pipeline_trial import Trial, run
from benchmarks.plain_dense import CHUNK, chunks, ranked_hits
from benchmarks.splits import repository_split_of
from index.libraries.registry import Libraries
from index.models import Span
from qa.answerer import Answerer, Thresholds
from qa.reading.protocol import ReadingModels
from qa.self_calibration.heading_questions import lies_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.harness import Bench
    from index.passages.embedder import Embedder
    from qa.reading.protocol import Reader

# For each document: title, repository, and its sections (question, answer).
FAQS = {
    "pool": (
        "Harbour Pool FAQ",
        "baths/pool",
        [
            ("When does the pool open on Sundays?", "The pool opens at nine on Sundays and closes at four."),
            ("Can I pay by card?", "Cards are accepted at the desk, but the lockers take coins only."),
            ("Where do I leave my bicycle?", "There is a covered stand for bicycles behind the sauna."),
        ],
    ),
    "chess": (
        "Chess Club FAQ",
        "clubs/chess",
        [
            ("How much is the membership?", "Membership is twelve euros a year, or free for pupils."),
            ("Can I pay by card?", "We take cash or a bank transfer, but no cards."),
            ("Which clocks do we use?", "Tournament games are played with digital clocks and a delay."),
        ],
    ),
}
SKIPPED = "Skip to main content\n\n"  # cleaning deletes this line, so that stored offsets are smaller


def _documents(*, headings: bool) -> tuple[list[dict[str, Any]], dict[tuple[str, str], dict[str, int]]]:
    """Return the rows of a file of documents, and the spans of the answers by document and question."""
    rows, spans = [], {}
    for key, (title, repo, sections) in FAQS.items():
        text = SKIPPED
        for question, answer in sections:
            text += f"## {question}\n\n" if headings else ""
            spans[key, question] = {"start": len(text), "end": len(text) + len(answer)}
            text += f"{answer}\n\n"
        rows.append({"doc_id": key, "title": title, "text": text, "repo": repo})
    return rows, spans


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a community set of two documents, and a question that only the other document answers."""
    (plain, gold), (headed, gold_headed) = _documents(headings=False), _documents(headings=True)
    asked: list[dict[str, Any]] = [
        {
            "id": f"{key}-{question}",
            "title": FAQS[key][0],
            "repo": FAQS[key][1],
            "doc_id": key,
            "question": question,
            "is_impossible": False,
            "core": True,
            "gold_section": span,
            "gold_section_with_headings": gold_headed[key, question],
        }
        for (key, question), span in gold.items()
    ]
    own = {"title": FAQS["pool"][0], "repo": FAQS["pool"][1], "doc_id": "pool", "is_impossible": True, "core": True}
    question = "Which clocks do we use?"
    asked.append(own | {"id": "none", "question": question, "from_id": f"chess-{question}", "gold_section": None})
    asked.append(own | {"id": "unfit", "question": "What is the net weight?", "from_id": "elsewhere", "core": False})
    _write(tmp_path / "community.docs.jsonl.gz", plain)
    _write(tmp_path / "community-headings.docs.jsonl.gz", headed)
    _write(tmp_path / "community.qa.jsonl.gz", asked)
    return tmp_path


@pytest.fixture
def bench(tmp_path: Path, embedder: Embedder, reader: Reader) -> Iterator[Bench]:
    """Return what the benchmark needs of the harness, with the shared models."""
    libraries = Libraries(tmp_path / "data", lambda: embedder)
    answerer = Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.3, 0.1))
    made = {"libraries": libraries, "answerer": answerer, "embedder": embedder, "measured": False}
    yield cast("Bench", SimpleNamespace(ask=lambda name, questions: run(answerer, name, questions), **made))
    libraries.close()


@pytest.mark.parametrize("name", community.VARIANTS)
def test_gold_sections_are_those_of_the_stored_text(folder: Path, bench: Bench, name: str) -> None:
    """The span of each answer is the answer in the stored text, although cleaning deleted a line before it."""
    asked = SectionBench(bench, read(folder, name, "all"), "all")
    texts = asked.texts()

    assert all(SKIPPED.strip() not in text for text in texts.values())
    assert len(asked.answerable) == 6
    for question in asked.answerable:
        assert {place.span.of(texts[place.doc_id]) for place in question.gold} == set(question.answers)


def test_question_of_two_articles_is_answered_by_both(folder: Path) -> None:
    """Either section is right for a question that two articles ask."""
    asked = {question.id: question for question in read(folder, "community", "all").questions}

    assert {place.doc_id for place in asked["pool-Can I pay by card?"].gold} == {"pool", "chess"}
    assert len(asked["chess-Which clocks do we use?"].gold) == 1


def test_unanswerable_question_is_asked_without_the_article_that_answers(folder: Path, bench: Bench) -> None:
    """No quote is of that article, which is in the library again afterwards."""
    asked = SectionBench(bench, read(folder, "community", "all"), "all")
    clocks = next(question for question in asked.questions if not question.gold)
    kinds = asked.trials()
    again = bench.answerer.scored_proposals(clocks.text, ["community-all"])

    assert [trial.question.id for trial in kinds.near_miss] == ["none"]
    assert all(trial.hits.any() for trial in kinds.answerable)
    assert clocks.answered_in == {"chess"}
    assert len(kinds.near_miss[0].hits) < len(run(bench.answerer, "community-all", [clocks])[0].hits)
    assert any("digital clocks" in proposal.text for proposal, _ in again)


def test_part_has_only_its_repositories(folder: Path) -> None:
    """A part has the documents and questions of its repositories; an article outside it need not be removed."""
    split = repository_split_of("baths/pool")
    part = read(folder, "community", split)

    assert "pool" in {doc.doc_id for doc in part.documents}
    assert all(repository_split_of(FAQS[doc.doc_id][1]) == split for doc in part.documents)
    assert {question.doc_id for question in part.questions} == {doc.doc_id for doc in part.documents}


def test_table_of_figures(folder: Path, bench: Bench, embedder: Embedder, reader: Reader) -> None:
    """Headings that equal the questions are found, and each figure has a row in the table."""
    asked = SectionBench(bench, read(folder, "community-headings", "all"), "all")
    texts = asked.texts()
    dense = ranked_hits(embedder, texts, asked.answerable)
    ceilings = (community.ceiling(texts, asked.answerable), community.ceiling(texts, asked.answerable, 10))
    found = figures(SetTrials(asked.trials(), ceilings, dense), Trial.judged, 0.3)
    three = found["one of three holds it"]

    assert ceilings == (1.0, 0.0)
    assert dense.shape == (6, 3)
    assert isinstance(three, tuple)
    assert three[0] == 1.0
    assert "| unanswerable questions | 1.000 |" in table({"community-headings": found})


def test_section_sets_are_not_sets_of_strings(folder: Path) -> None:
    """The community set is not among the sets whose answers are strings."""
    assert names(folder) == []
    assert community.is_present(folder)


def test_right_quote_is_short_and_at_least_half_in_the_section() -> None:
    """A quote that lies mostly outside the section, beside it, or is longer than 500 characters, is wrong."""
    gold = Span(100, 200)

    assert lies_in(Span(150, 180), gold)
    assert lies_in(Span(50, 150), gold)
    assert not lies_in(Span(49, 150), gold)
    assert not lies_in(Span(200, 220), gold)
    assert not lies_in(Span(0, 501), Span(0, 1000))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Can I pay by card?", "pay by card"),
        ("What's the difference between v2.0 and E-114?", "difference between v2.0 and e-114"),
        ("Why don’t the lockers open?", "lockers open"),
        ("Who are you?", "who are you"),
    ],
)
def test_keywords(question: str, expected: str) -> None:
    """Question words, auxiliaries, pronouns and articles are dropped, unless nothing else is left."""
    assert as_keywords(question) == expected


def test_chunks_are_whole_paragraphs_or_divided_at_white_space() -> None:
    """Chunks of the baseline are short and cover every word; no word is cut."""
    long = "Some words of a long text that goes on and on.\n" * 40
    text = f"One.\n\nTwo.\n\n{long}"
    found = chunks(text)

    assert chunks("One.\n\nTwo.\n\n") == [Span(0, 10)]
    assert chunks("One.\n\n# Two\n\nThree.") == [Span(0, 4), Span(6, 19)]
    assert all(span.end - span.start <= CHUNK for span in found)
    assert " ".join(span.of(text) for span in found).split() == ["One.", "Two.", *long.split()]
