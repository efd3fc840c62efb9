"""Mine the documents of a source, and choose the pairs of all sources that become training data."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from qa.self_calibration.heading_questions import normalized
from training.mined_files import drafts_in
from training.mined_questions import is_english
from training.mined_sections import Pair, pairs_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.models import Draft, Section
    from training.mined_sources import Source

PER_SOURCE: Final = 400  # pairs of one source, so that no large manual outweighs the others
_ENOUGH: Final = 480  # pairs after which no further files of a source are read, except FAQs
_LENGTH: Final = (400, 120_000)  # code points of a document
_SAME_QUESTION: Final = 3  # sources that may ask the same; more is boilerplate ("Setting up the environment")
_COPIED: Final = 3  # judged questions in one document that make it a copy of a judged one
_TELLING: Final = 5  # words of a question that two documents hardly ask in the same words by chance


@dataclass(frozen=True, slots=True)
class MinedDocument:
    """An article of a source, as the bot stores it, with its pairs.

    `path` is relative to the source's folder; `digest` is equal for documents of the same words.
    """

    repo: str
    licence: str | None
    path: str
    title: str
    text: str
    sections: tuple[Section, ...]
    pairs: tuple[Pair, ...]
    digest: str


def text_digest(text: str) -> str:
    """Return what two texts of the same words have in common."""
    return hashlib.sha256(normalized(text).encode()).hexdigest()


@dataclass(slots=True)
class MinedSet:
    """The rows of the documents and questions files."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)


def mine_source(source: Source) -> list[MinedDocument]:
    """Return the English documents of a source that have pairs, FAQs first."""
    found: list[MinedDocument] = []
    count = 0
    for path, draft in drafts_in(source.folder):
        if count > _ENOUGH and "faq" not in path.casefold():
            break
        foreign = draft.language is not None and not draft.language.lower().startswith("en")
        if foreign or not _LENGTH[0] <= len(draft.text) <= _LENGTH[1] or not is_english(draft.text):
            continue
        if pairs := tuple(pairs_of(draft)):
            count += len(pairs)
            found.append(_document(source, path, draft, pairs))
    return found


def _document(source: Source, path: str, draft: Draft, pairs: tuple[Pair, ...]) -> MinedDocument:
    return MinedDocument(
        source.repo, source.licence, path, draft.title, draft.text, draft.sections, pairs, text_digest(draft.text)
    )


def is_copy(document: MinedDocument, judged: frozenset[str]) -> bool:
    """Return whether a document asks at least three judged questions in the same words."""
    asked = {normalized(pair.question) for pair in document.pairs if len(pair.question.split()) >= _TELLING}
    return len(asked & judged) >= _COPIED


def choose(documents: Iterable[MinedDocument]) -> MinedSet:
    """Return at most 400 pairs of each source: questions before headings, otherwise in an order fixed by digests.

    A document that several sources have is taken from the first. A question counts once in a source, with the same
    answer once in all, and in at most three sources.
    """
    by_repo: dict[str, list[MinedDocument]] = {}
    known: set[str] = set()
    for document in documents:
        if document.digest not in known:
            known.add(document.digest)
            by_repo.setdefault(document.repo, []).append(document)
    mined = MinedSet()
    answered: set[tuple[str, str]] = set()
    asked: Counter[str] = Counter()
    for repo in sorted(by_repo):
        candidates: list[tuple[bool, str, MinedDocument, Pair]] = []
        once: set[str] = set()
        for document in by_repo[repo]:
            for pair in document.pairs:
                question = normalized(pair.question)
                answer = (question, normalized(document.text[pair.start : pair.end]))
                if question not in once and answer not in answered and asked[question] < _SAME_QUESTION:
                    once.add(question)
                    answered.add(answer)
                    order = hashlib.sha256(f"{document.digest} {question}".encode()).hexdigest()
                    candidates.append((pair.kind != "question", order, document, pair))
        candidates.sort(key=lambda candidate: candidate[:2])
        chosen = candidates[:PER_SOURCE]
        asked.update(normalized(pair.question) for *_, pair in chosen)
        _append(mined, [(document, pair) for *_, document, pair in chosen])
    return mined


def _append(mined: MinedSet, chosen: list[tuple[MinedDocument, Pair]]) -> None:
    """Append the rows of the chosen pairs of one source."""
    added: dict[str, str] = {}
    for document, pair in sorted(chosen, key=lambda row: (row[0].digest, row[1].start, row[1].end)):
        if document.digest not in added:
            added[document.digest] = f"mined-{document.digest[:16]}"
            mined.documents.append(
                {
                    "doc_id": added[document.digest],
                    "repo": document.repo,
                    "licence": document.licence,
                    "path": document.path,
                    "title": document.title,
                    "text": document.text,
                    "sections": [[part.start, part.end, part.heading] for part in document.sections],
                }
            )
        mined.questions.append(
            {
                "id": f"{added[document.digest]}-{pair.start}-{pair.end}",
                "repo": document.repo,
                "doc_id": added[document.digest],
                "question": pair.question,
                "kind": pair.kind,
                "start": pair.start,
                "end": pair.end,
                "title": document.title,
            }
        )
