"""How well a reader reads, retrieval apart: `python -m benchmarks.evaluate_reader DATA_FOLDER [--reader NAME]`.

Each question is read in ten candidates of about 520 characters. The right one is among them, the others are most
like the question by tf-idf: from the same article (SQuAD), or from all articles of the split (AfriQA).
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reader_data import find, rows
from benchmarks.splits import split_of
from index.sentences import sentence_spans
from qa.reader import load_reader
from qa.reading import Reader, ReadPassage

_WINDOW = 520  # code points
_CANDIDATES = 10
Row = dict[str, Any]


def windows(text: str) -> list[str]:
    """Cut a text into runs of whole sentences of at most about 520 code points."""
    found: list[str] = []
    start = end = 0
    for span in sentence_spans(text):
        if end > start and span.end - start > _WINDOW:
            found.append(text[start:end])
            start = span.start
        end = span.end
    return [*found, text[start:end]] if end > start else found


class Bench:
    """One data set's articles of one split, as windows, with tf-idf over them."""

    def __init__(self, folder: Path, dataset: str, split: str) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        docs = [d for d in rows(find(folder, f"{dataset}.docs")) if split_of(dataset, d["title"]) == split]
        self.passages = [ReadPassage(d["title"], "", w) for d in docs for w in windows(d["text"])]
        self._vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32)
        self._texts = self._vectorizer.fit_transform([f"{p.title} {p.text}" for p in self.passages])
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, passage in enumerate(self.passages):
            self._places[passage.title].append(place)
        titles = set(self._places)
        self.questions: list[Row] = [q for q in rows(find(folder, f"{dataset}.qa")) if q["title"] in titles]

    def candidates(self, row: Row, *, within: bool) -> list[ReadPassage]:
        """Return ten windows like the question, of its article or of all, one with the answer among them."""
        pool = np.array(self._places[row["title"]] if within else range(len(self.passages)))
        scores = np.asarray((self._texts[pool] @ self._vectorizer.transform([row["question"]]).T).todense()).ravel()
        found = [self.passages[i] for i in pool[np.argsort(-scores, kind="stable")[:_CANDIDATES]]]
        if row["is_impossible"] or any(_holds(row, p.text) for p in found if p.title == row["title"]):
            return found
        right = [self.passages[i] for i in self._places[row["title"]] if _holds(row, self.passages[i].text)]
        return [*found[: _CANDIDATES - 1], *right[:1]]


def _holds(row: Row, text: str) -> bool:
    return any(a["text"].casefold().strip() in text.casefold() for a in row["answers"] if a["text"].strip())


def ask(reader: Reader, row: Row, candidates: Sequence[ReadPassage]) -> tuple[bool, bool, float]:
    """Return whether the best sentence, whether one of the best three sentences holds the answer, and the top score."""
    sentences: list[str] = []
    readings = reader.read(row["question"], candidates)
    for reading in readings:
        passage = candidates[reading.passage]
        inside = [s for s in sentence_spans(passage.text) if s.start < reading.end and reading.start < s.end]
        sentence = passage.text[inside[0].start : inside[-1].end] if inside else ""
        if sentence not in sentences:
            sentences.append(sentence)
    hits = [_holds(row, s) for s in sentences[:3]]
    return hits[0], any(hits), readings[0].score


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Return the share of (right, wrong) pairs in which the right one scores higher; ties count half."""
    a, b = np.asarray(right)[:, None], np.asarray(wrong)[None, :]
    return float((a > b).mean() + 0.5 * (a == b).mean())


def evaluate(reader: Reader, folder: Path, split: str, most: int) -> dict[str, dict[str, float]]:
    """Return the figures of each data set, over at most `most` questions each."""
    benches = {name: Bench(folder, name, split) for name in ("squad-train", "squad2-calibration", "afriqa-en")}
    table: dict[str, dict[str, float]] = {}
    for name, bench in benches.items():
        rng = random.Random(7)
        drawn = rng.sample(bench.questions, min(most, len(bench.questions)))
        results = [(q, *ask(reader, q, bench.candidates(q, within=name != "afriqa-en"))) for q in drawn]
        can = [r for r in results if not r[0]["is_impossible"]]
        line = {
            "questions": len(can),
            "top_sentence": sum(r[1] for r in can) / len(can),
            "top_three": sum(r[2] for r in can) / len(can),
        }
        other = benches["squad2-calibration" if name == "squad-train" else "squad-train"].passages
        off = [ask(reader, r[0], rng.sample(other, _CANDIDATES))[2] for r in can[: most // 3]]
        line["off_topic_accepted_at_95"] = float(np.mean(np.array(off) >= np.quantile([r[3] for r in can], 0.05)))
        if near := [r[3] for r in results if r[0]["is_impossible"]]:
            line["near_miss_auroc"] = auroc([r[3] for r in can], near)
        table[name] = {key: round(value, 4) for key, value in line.items()}
    return table


def main() -> None:
    """Read the options, evaluate, and print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluate_reader", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--reader", default="verbatim", help="as READER_MODEL, or a folder with reader.safetensors")
    parser.add_argument("--split", default="report", choices=["calibration", "report"])
    parser.add_argument("--questions", type=int, default=400, help="at most so many of each data set")
    options = parser.parse_args()
    from index.embed import load_embedder
    from qa.reader import SpanReader

    own = Path(options.reader) / "reader.safetensors"
    reader = SpanReader(own.parent) if own.exists() else load_reader(options.reader, load_embedder())
    print(json.dumps(evaluate(reader, options.data, options.split, options.questions), indent=1))


if __name__ == "__main__":
    main()
