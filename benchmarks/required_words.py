"""How often the words that a quote must name rule out the very sentence that answers, and why.

    python -m benchmarks.required_words FOLDER [--sets NAME...] [--lower-case]

The articles of the `train` split, of SQuAD 2.0 those of `calibration`, are one library per set. A question counts as
ruled out if a code, version, ordinal or name of it stands in no article, or if every sentence with its answer names
another identifier. No model is needed.
"""

from __future__ import annotations

import argparse
from collections import Counter
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from benchmarks import data
from benchmarks.harness import in_split
from index.text.analyzer import index_terms
from index.text.sentences import sentence_spans
from qa.retrieval.identifier_spellings import names, names_another
from qa.retrieval.requirements import MUST_STAND, required_identifiers
from qa.retrieval.unknown_names import unknown_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.data import Document, QASet, Question
    from benchmarks.splits import Split
    from qa.retrieval.identifiers import Identifier

_SETS = ("squad2-calibration", "afriqa-en", "qed")


class _Articles:
    """The articles of a set: their sentences, their terms, and what they name."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._texts = {doc.doc_id: f"{doc.title}\n{doc.text}" for doc in documents}
        self._titles = {doc.doc_id: doc.title for doc in documents}
        written = [index_terms(text) for text in self._texts.values()]
        self._terms = dict.fromkeys(chain.from_iterable(written))
        self._pairs = {f"{one} {other}" for terms in written for one, other in pairwise(terms)}
        self._named: dict[Identifier, bool] = {}

    def has(self, term: str) -> bool:
        return term in self._terms or term in self._pairs

    def similar(self, term: str) -> Iterator[str]:
        edits = 0 if len(term) < 4 else 1 if len(term) < 8 else 2
        if edits:
            found = process.extract(term, self._terms.keys(), scorer=OSA.distance, score_cutoff=edits, limit=20)
            yield from (match for match, _, _ in found)

    def name(self, identifier: Identifier) -> bool:
        if identifier not in self._named:
            self._named[identifier] = any(names(text, identifier) for text in self._texts.values())
        return self._named[identifier]

    def answering(self, question: Question) -> list[str]:
        """Return the sentences with an answer, each below its title."""
        text, title = self._texts[question.doc_id], self._titles[question.doc_id]
        sentences = [span.of(text) for span in sentence_spans(text)]
        return [f"{title}\n{one}" for one in sentences if any(answer in one for answer in question.answers)]


def reasons(question: Question, asked: str, articles: _Articles) -> list[str]:
    """Return why a question, asked in these words, is ruled out: kinds of identifiers, or "name"; none if it is not."""
    wanted = required_identifiers(asked)
    found = [f"absent {one.kind}" for one in wanted if one.kind in MUST_STAND and not articles.name(one)]
    found += ["absent name" for _ in unknown_names(asked, articles)[:1]]
    answering = articles.answering(question)
    return found + [
        f"another {one.kind}" for one in wanted if answering and all(names_another(s, one, wanted) for s in answering)
    ]


def measure(part: QASet, *, lower_case: bool) -> list[str]:
    """Return the table rows of one set: all, answerable and not, and each reason."""
    articles = _Articles(part.documents)
    asked: Counter[bool] = Counter()
    ruled_out: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for question in part.questions:
        answerable = bool(question.answers)
        asked[answerable] += 1
        words = question.text.lower().rstrip(" ?") if lower_case else question.text
        why = reasons(question, words, articles)
        ruled_out[answerable].update([*dict.fromkeys(why), *(["any"] if why else [])])
    return [
        f"| {part.name} | {'answerable' if kind else 'unanswerable'} | {asked[kind]} | {reason} | {count} |"
        f" {count / asked[kind]:.4f} |"
        for kind in (True, False)
        for reason, count in ruled_out[kind].most_common()
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of NAME.docs.jsonl[.gz] and NAME.qa.jsonl[.gz]")
    parser.add_argument("--sets", nargs="+", default=_SETS, help=f"default: {' '.join(_SETS)}")
    parser.add_argument("--questions", type=int, default=3000, help="at most so many of each kind and set")
    parser.add_argument("--lower-case", action="store_true", help="ask in lower case, without question marks")
    options = parser.parse_args()
    print("| set | kind | questions | ruled out by | | share |", "|---" * 6 + "|", sep="\n")
    for name in options.sets:
        split: Split = "calibration" if name == "squad2-calibration" else "train"
        whole = data.read(options.folder, name)
        part = whole.part((lambda _: True) if name == "qed" else in_split(name, split), options.questions)
        print("\n".join(measure(part, lower_case=options.lower_case)), flush=True)


if __name__ == "__main__":
    main()
