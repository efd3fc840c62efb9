"""How many ends of sentences are found in the treebanks of Universal Dependencies.

    python -m benchmarks.sentence_ends FOLDER

The folder holds files such as `de_gsd-ud-test.conllu`. Consecutive sentences of a paragraph are joined with a space, in
Chinese and Japanese without one, and paragraphs with a blank line; where a corpus marks no paragraphs, all of its
sentences are one. Counted are the ends inside of paragraphs. "marked" leaves out those where nothing but the annotator
says that a sentence ends: no mark stands before the next sentence (headings, captions, verses).
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from index.models import Span
from index.text.sentences import sentence_spans

_UNSPACED: Final = frozenset({"zh", "ja"})
_MARKED: Final = re.compile(r"[.!?…。！？｡][\"'”’“»«)\]}〉》」』】`*_）]*$")

Split = Callable[[str], Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The beginning of a treebank as running text: the text of each paragraph, and where sentences end inside it."""

    name: str
    language: str
    paragraphs: tuple[tuple[str, frozenset[int]], ...]

    @property
    def text(self) -> str:
        """The paragraphs as one text."""
        return "\n\n".join(text for text, _ in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Score:
    """Ends of sentences: found rightly, found in all, in the corpus, and of these with a mark."""

    right: int
    found: int
    expected: int
    marked: int

    def f1(self, expected: int) -> float:
        """Return the harmonic mean of precision and recall, of so many expected ends."""
        return 2 * self.right / max(1, self.found + expected)


def read_corpora(folder: Path, part: str, sentences: int) -> Iterator[Corpus]:
    """Yield the first sentences of each treebank's part ("test" or "dev"); all of them if `sentences` is 0."""
    for path in sorted(folder.glob(f"*-ud-{part}.conllu")):
        language = path.name.partition("_")[0]
        joint = "" if language in _UNSPACED else " "
        grouped = _paragraphs(path.read_text(encoding="utf-8").splitlines(), sentences, one_each=language == "ja")
        yield Corpus(path.name.partition("-")[0], language, tuple(_joined(group, joint) for group in grouped))


def _paragraphs(rows: Iterable[str], sentences: int, *, one_each: bool) -> list[list[str]]:
    """Return the sentences by paragraph. With `one_each`, every sentence is its own document: they are joined."""
    found: list[list[str]] = [[]]
    for row in rows:
        if row.startswith(("# newdoc", "# newpar")) and found[-1] and not one_each:
            found.append([])
        elif row.startswith("# text = "):
            found[-1].append(row.removeprefix("# text = ").strip())
            if sentences and sum(map(len, found)) == sentences:
                break
    return found


def _joined(sentences: Sequence[str], joint: str) -> tuple[str, frozenset[int]]:
    """Return the text of a paragraph and the ends inside it."""
    text, ends = "", []
    for sentence in sentences:
        text += (joint if text else "") + sentence
        ends.append(len(text))
    return text, frozenset(ends[:-1])


def score(corpus: Corpus, split: Split) -> tuple[Score, list[str]]:
    """Return how many ends are found, and a line for each that is missing (-) or wrong (+)."""
    right = found = expected = marked = 0
    faults: list[str] = []
    for text, ends in corpus.paragraphs:
        own = {span.end for span in split(text)} - {len(text)}
        for end in sorted(own ^ ends):
            around = f"{text[max(0, end - 40) : end]}|{text[end : end + 30]}"
            faults.append(f"{'-' if end in ends else '+'} {around}")
        right, found, expected = right + len(own & ends), found + len(own), expected + len(ends)
        marked += sum(_MARKED.search(text[max(0, end - 10) : end]) is not None or end in own for end in ends)
    return Score(right, found, expected, marked), faults


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of NAME-ud-test.conllu")
    parser.add_argument("--part", default="test", help="test (default) or dev")
    parser.add_argument("--sentences", type=int, default=200, help="of each treebank (default 200; 0 for all)")
    parser.add_argument("--faults", action="store_true", help="print what is missing (-) and what is wrong (+)")
    options = parser.parse_args()
    print("| treebank | ends | precision | recall | F1 | with a mark | F1 of these |\n|---|---|---|---|---|---|---|")
    for corpus in read_corpora(options.folder, options.part, options.sentences):
        counted, faults = score(corpus, partial(sentence_spans, language=corpus.language))
        precision, recall = counted.right / max(1, counted.found), counted.right / max(1, counted.expected)
        every = counted.f1(counted.expected)
        print(
            f"| {corpus.name} | {counted.expected} | {precision:.3f} | {recall:.3f} | {every:.3f} "
            f"| {counted.marked} | {counted.f1(counted.marked):.3f} |"
        )
        print(*(faults if options.faults else ()), sep="\n", end="\n" if options.faults else "")


if __name__ == "__main__":
    main()
