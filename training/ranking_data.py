"""Draw lists of passages for a question, those that answer and those that do not, and pack them into batches."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.keywords import as_keywords
from benchmarks.typos import perturb
from training.batching import pack
from training.ranking_sets import QUESTION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from training.ranking_corpus import RankingCorpus, RankingPassage, RankingQuestion
    from training.reader_corpus import TokenIds

_CANDIDATES = 8  # of a list
_POSITIVES = 2  # at most, of a list
_SAME_ARTICLE = 0.6  # of the negatives, as far as the article has enough
_SHARES = {  # of the lists, by data set and relative to each other
    "community": 2.0,
    "headings": 6.0,
    "or-sharc": 0.3,
    "doc2dial": 0.5,
    "afriqa-en": 0.7,
    "squad-train": 0.8,
    "qed": 0.7,
    "medquad": 0.3,
}
_WITHOUT_HEADING = {"community": 0.0, "community-headings": 0.1, "headings": 0.65}  # of the lists, by data set
_OTHER_SHARE, _OTHER_WITHOUT_HEADING = 1.0, 0.3  # of data sets that are not named above
_WITHOUT_TITLE = 0.1  # of the lists
_QUESTIONS_ONLY = 0.65  # of the draws leave out plain headings
_AS_KEYWORDS, _PERTURBED = 0.15, 0.35  # of the questions
_WITHOUT_SCENARIO = 0.5  # of the questions that have one
_DRAWN_AT_ONCE = 128  # lists that are sorted into batches together


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sequence: token ids of the question, of the passage's context, and of the passage."""

    question: TokenIds
    prefix: TokenIds
    passage: TokenIds

    def __len__(self) -> int:
        """Return the sequence's length in tokens, its three special tokens included."""
        return len(self.question) + len(self.prefix) + len(self.passage) + 3


@dataclass(frozen=True, slots=True)
class RankingList:
    """Candidates for one question, the `positives` that answer it first.

    `also_unanswered` says that the list is trained without its positives, too.
    """

    candidates: list[Candidate]
    positives: int
    also_unanswered: bool

    def __iter__(self) -> Iterator[Candidate]:
        """Iterate over the candidates."""
        return iter(self.candidates)

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.candidates)


class ListSampler:
    """Draws lists; what a draw returns depends on the corpus and the random state alone. Not thread-safe."""

    def __init__(self, corpus: RankingCorpus, tokenizer: Any, seed: int) -> None:
        self._passages, self._tokenizer, self._seed = corpus.passages, tokenizer, seed
        self._questions: dict[str, list[RankingQuestion]] = defaultdict(list)
        for question in corpus.questions:
            self._questions[question.dataset].append(question)
        self._asked = {name: [q for q in own if q.kind == QUESTION] for name, own in self._questions.items()}
        self._shares = [_SHARES.get(name, _OTHER_SHARE) for name in self._questions]

    def batches(self, epoch: int, tokens: int) -> list[list[RankingList]]:
        """Return an epoch of 128 lists as batches of similar length, each at most `tokens` long with padding."""
        rng = random.Random(f"lists {self._seed} {epoch}")
        return pack([self.draw(rng) for _ in range(_DRAWN_AT_ONCE)], tokens, rng)

    def draw(self, rng: random.Random) -> RankingList:
        """Return a list for a random question of a random data set."""
        (dataset,) = rng.choices(list(self._questions), self._shares)
        pool = self._asked[dataset] if rng.random() < _QUESTIONS_ONLY else []
        question = rng.choice(pool or self._questions[dataset])
        wording = self._question_ids(_wording(question, rng))
        positives = rng.sample(question.positives, min(_POSITIVES, len(question.positives)))
        chosen = positives + _negatives(question, _CANDIDATES - len(positives), rng)
        heading = rng.random() >= _WITHOUT_HEADING.get(dataset, _OTHER_WITHOUT_HEADING)
        title = rng.random() >= _WITHOUT_TITLE
        passages = [self._passages[number] for number in chosen]
        candidates = [Candidate(wording, self._prefix_ids(p, title, heading), self._passage_ids(p)) for p in passages]
        return RankingList(candidates, len(positives), rng.random() < 0.5)

    def _question_ids(self, text: str) -> TokenIds:
        from qa.reading.network import fit_question

        return fit_question(self._token_ids([text])[0])

    def _prefix_ids(self, passage: RankingPassage, title: bool, deepest_heading: bool) -> TokenIds:
        """Return the tokens of a passage's context, with or without the title and the deepest heading."""
        from qa.reading.network import prefix_ids

        path = passage.heading if deepest_heading else passage.heading.rpartition(" > ")[0]
        return prefix_ids(passage.title if title else "", path, passage.introduction, self._token_ids)

    def _passage_ids(self, passage: RankingPassage) -> TokenIds:
        from qa.reading.network import MAX_WINDOW

        return self._token_ids([passage.text])[0][:MAX_WINDOW]

    def _token_ids(self, texts: Sequence[str]) -> list[TokenIds]:
        if not texts:
            return []
        ids: list[TokenIds] = self._tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
        return ids


def _wording(question: RankingQuestion, rng: random.Random) -> str:
    """Return the question as keywords, as people might type it, or as it is; often after what its asker said before."""
    text, draw = question.text, rng.random()
    if draw < _AS_KEYWORDS:
        text = as_keywords(text)
    elif draw < _AS_KEYWORDS + _PERTURBED:
        text = perturb(text, rng)
    scenario = question.scenario if rng.random() >= _WITHOUT_SCENARIO else ""
    return f"{scenario} {text}".strip()


def _negatives(question: RankingQuestion, count: int, rng: random.Random) -> list[int]:
    """Return at most `count` passages that do not answer, most of them from the question's own article."""
    same = rng.sample(question.same_article, min(round(_SAME_ARTICLE * count), len(question.same_article)))
    return same + rng.sample(question.other_articles, min(count - len(same), len(question.other_articles)))
