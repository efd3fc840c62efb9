"""Rows of the table answers: from and to StoredAnswer, whose quotes are JSON in one column."""

from __future__ import annotations

import json
from dataclasses import astuple, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from index.models import Span
from storage.schema import answers
from storage.stored_answers import StoredAnswer, StoredPlace, StoredQuote

if TYPE_CHECKING:
    from collections.abc import Iterable

_QUOTE_FIELDS = tuple(field.name for field in fields(StoredQuote))


def row_from_answer(answer: StoredAnswer) -> dict[str, Any]:
    """Return the columns of an answer, without its id."""
    row = {column.name: getattr(answer, column.name) for column in answers.c if column.name != "id"}
    row["quotes"] = quotes_to_json(answer.quotes)
    return row


def quotes_to_json(quotes: Iterable[StoredQuote]) -> str:
    """Return the value of the column `quotes`."""
    return json.dumps([astuple(quote) for quote in quotes])


def answer_from_row(row: sa.Row[Any]) -> StoredAnswer:
    """Return the answer in a row of the table `answers`."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    values["quotes"] = quotes_from_json(row.quotes)
    return StoredAnswer(**values)


def quotes_from_json(column: str) -> tuple[StoredQuote, ...]:
    """Return the quotes in a value of the column `quotes`."""
    return tuple(_quote_from_list(item) for item in json.loads(column))


def _quote_from_list(item: list[Any]) -> StoredQuote:
    values = dict(zip(_QUOTE_FIELDS, item, strict=False))  # earlier versions stored fewer fields
    values["highlights"] = tuple(Span(*pair) for pair in values["highlights"])
    values["also_in"] = tuple(StoredPlace(*place) for place in values.get("also_in", ()))
    return StoredQuote(**values)
