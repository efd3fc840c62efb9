"""Chooses the articles of a library, and the questions about them, that a calibration is fitted on."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from index.libraries.library_files import EMPTY_LIBRARY
from index.models import UserError
from qa.self_calibration.heading_questions import HeadingQuestion, heading_questions

if TYPE_CHECKING:
    from index.libraries.library import Library
    from index.models import Article

LEAST_QUESTIONS: Final = 40
LEAST_ARTICLES: Final = 6
MOST_QUESTIONS: Final = 400
_MOST_CHARACTERS: Final = 1_500_000  # of all articles chosen, which are embedded again
_COMMON: Final = 3  # a heading of more articles than this, such as "See also", asks for nothing in particular
_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class AskedArticle:
    """An article with the questions of its headings and FAQ lines."""

    article: Article
    questions: tuple[HeadingQuestion, ...]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Articles in random order, and the questions that are asked, each with the number of its article."""

    articles: tuple[AskedArticle, ...]
    asked: tuple[tuple[int, HeadingQuestion], ...]


def collect(library: Library) -> QuestionSet:
    """Return at most 400 questions and their articles, drawn at random but the same each time.

    Raises UserError if there are fewer than 40 questions, or fewer than 6 articles that have one.
    """
    articles = _without_common_headings(_articles(library))
    every = [(number, question) for number, one in enumerate(articles) for question in one.questions]
    if not library.articles():
        raise UserError(EMPTY_LIBRARY.format(name=library.name))
    if len(articles) < LEAST_ARTICLES or len(every) < LEAST_QUESTIONS:
        raise UserError(
            f"The library {library.name!r} has too few headings and questions to fit the confidence on: {len(every)} in"
            f" {len(articles)} articles, where at least {LEAST_QUESTIONS} in {LEAST_ARTICLES} articles are needed; add"
            " articles with headings or questions above their text, or name another library with --library."
        )
    random.Random(_SEED).shuffle(every)  # noqa: S311 - no secret
    return QuestionSet(tuple(articles), tuple(every[:MOST_QUESTIONS]))


def _articles(library: Library) -> list[AskedArticle]:
    """Return articles with questions, in random order, up to a number of characters in total."""
    rows = sorted(library.articles())
    random.Random(_SEED).shuffle(rows)  # noqa: S311 - no secret
    found: list[AskedArticle] = []
    left = _MOST_CHARACTERS
    for row in rows:
        article = library.article(row.id) if row.characters <= left else None
        if article is None:
            continue
        questions = heading_questions(article.title, article.text, article.sections)
        if questions:
            found.append(AskedArticle(article, tuple(questions)))
            left -= row.characters
    return found


def _without_common_headings(articles: list[AskedArticle]) -> list[AskedArticle]:
    """Return the articles without the questions that many of them ask, and without those that ask nothing else."""
    asking = Counter(key for one in articles for key in {question.key for question in one.questions})
    kept = (
        replace(one, questions=tuple(question for question in one.questions if asking[question.key] <= _COMMON))
        for one in articles
    )
    return [one for one in kept if one.questions]
