"""Parse tables of questions and answers (CSV, TSV, JSON, YAML): each question becomes a heading above its answer.

Other CSV and TSV files are tables.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import yaml

from index.messages.files import NO_QUESTIONS, TABLE_DAMAGED, TOO_MANY_VALUES
from index.models import NoArticleError, UserError
from index.parsers.document import Document, Row
from index.parsers.html.to_text import rows_of_fragment
from index.parsers.linked_text import LinkedText
from index.parsers.sheets import Sheet, sheet_rows
from index.text.encoding import decode_web, normalize_newlines
from index.text.markdown_links import markdown_links

_QUESTION: Final = frozenset(
    """question questions q faq prompt frage pregunta pergunta domanda vraag fråga spørgsmål spørsmål kysymys
    pytanie otázka kérdés soru вопрос питання 问题 問題 質問 질문 سؤال प्रश्न""".split()
)
_ANSWER: Final = frozenset(
    """answer answers a response reply acceptedanswer antwort respuesta réponse reponse resposta risposta antwoord svar
    vastaus odpowiedź odpověď válasz cevap yanıt ответ відповідь 答案 回答 답변 답 إجابة جواب उत्तर""".split()
)
_TOPIC: Final = frozenset("category topic section group kategorie thema categoría catégorie categoria rubrik".split())
_ENDS_WITH_QUESTION_MARK: Final = re.compile(r"[?？؟\u037e]\s*$")
_HTML: Final = re.compile(r"(?i)</(?:p|a|b|i|li|ul|ol|div|span|strong|em|h[1-6]|code|pre)>|<br\s*/?>")
_MAX_FIELD: Final = 5_000_000  # characters of one cell
_MAX_NODES: Final = 500_000  # values in one file; YAML aliases can multiply a few lines into billions


@dataclass(frozen=True, slots=True)
class _Pair:
    question: str
    answer: str
    topic: str = ""


def read_questions(data: bytes, kind: str) -> Document:
    """Return the questions and answers in a file, or the rows of a CSV or TSV file without questions as a table.

    Raises `NoArticleError` if it has none, and `UserError` if it is damaged.
    """
    text = normalize_newlines(decode_web(data))
    title = None
    try:
        if kind in {"csv", "tsv"}:
            cells = _cells(text, "\t" if kind == "tsv" else None)
            pairs = _pairs_from_rows(cells)
            if not pairs and len(cells) > 1 and max(map(len, cells)) > 1:
                return Document(sheet_rows([Sheet("", [list(map(LinkedText, row)) for row in cells])]))
        else:
            loaded = _load(text, kind)
            title = _title(loaded)
            pairs = list(_Finder().pairs(loaded, ""))
    except (ValueError, csv.Error, yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())[:100]
        raise UserError(TABLE_DAMAGED, format=kind.upper(), reason=reason) from None
    if not pairs:
        raise NoArticleError(NO_QUESTIONS, format=kind.upper())
    return Document(tuple(_rows(pairs)), title)


def _load(text: str, kind: str) -> object:
    if kind == "jsonl":
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    if kind == "json":
        return json.loads(text)
    # Base loaders keep every scalar a string, so that an answer "no" or "1.10" stays as it was written.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    return list(yaml.load_all(text, Loader=loader))


def _title(loaded: object) -> str | None:
    """Return the title that a file declares next to its questions."""
    for part in loaded if isinstance(loaded, list) else [loaded]:
        if isinstance(part, dict) and isinstance(title := part.get("title"), str) and not _field(part, _ANSWER):
            return title
    return None


def _cells(text: str, delimiter: str | None) -> list[list[str]]:
    """Return the cells of a table row by row, without blank rows."""
    csv.field_size_limit(_MAX_FIELD)
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = delimiter or max(",;\t|", key=first.count)
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    return [row for row in rows if any(row)]


def _pairs_from_rows(rows: Sequence[list[str]]) -> list[_Pair]:
    """Return the pairs of a table with or without a header row."""
    header = [_field_key(cell) for cell in rows[0]] if rows else []
    question_at, answer_at, topic_at = (
        next((n for n, cell in enumerate(header) if cell in names), None) for names in (_QUESTION, _ANSWER, _TOPIC)
    )
    if question_at is not None and answer_at is not None:
        found = ([*row, *[""] * len(header)] for row in rows[1:])
        pairs = [
            _Pair(row[question_at], row[answer_at], row[topic_at] if topic_at is not None else "") for row in found
        ]
    elif (
        rows
        and all(len(row) == 2 for row in rows)
        and 2 * sum(bool(_ENDS_WITH_QUESTION_MARK.search(row[0])) for row in rows) > len(rows)
    ):
        pairs = [_Pair(*row) for row in rows]
    else:
        return []
    return [pair for pair in pairs if pair.question and pair.answer]


def _field_key(name: object) -> str:
    """Return the name of a field in lower case, without punctuation and digits at its end."""
    return re.sub(r"(?<![\W_\d])[\W_\d]++$", "", str(name).strip().casefold())


def _field(fields: dict[object, object], names: frozenset[str]) -> object:
    """Return the first non-empty value of a field with one of these names, or None."""
    return next(
        (value for name, value in fields.items() if _field_key(name) in names and value not in (None, "")), None
    )


class _Finder:
    """Finds the pairs in nested lists and mappings."""

    def __init__(self) -> None:
        self._left = _MAX_NODES

    def pairs(self, value: object, topic: str) -> Iterator[_Pair]:
        """Yield the pairs in a value; `topic` is the key of the value."""
        self._left -= 1
        if self._left < 0:
            raise UserError(TOO_MANY_VALUES, limit=_MAX_NODES)
        if isinstance(value, list):
            for part in value:
                yield from self.pairs(part, topic)
        elif isinstance(value, dict):
            yield from self._mapping(value, topic)

    def _mapping(self, fields: dict[object, object], topic: str) -> Iterator[_Pair]:
        question, answer = _field(fields, _QUESTION), _field(fields, _ANSWER)
        if question is None and fields.get("@type") == "Question":  # as in schema.org's FAQPage
            question = fields.get("name")
        if isinstance(question, str | int | float | list) and answer is not None and not _nested(question):
            question_text, answer_text = " / ".join(_as_text(question).split("\n")), _as_text(answer)
            own_topic = _field(fields, _TOPIC)
            if question_text and answer_text:
                yield _Pair(
                    question_text.replace("- ", ""), answer_text, own_topic if isinstance(own_topic, str) else topic
                )
            return
        questions = [name for name in fields if _ENDS_WITH_QUESTION_MARK.search(str(name))]
        if fields and 2 * len(questions) > len(fields):
            self._left -= len(fields)
            yield from (_Pair(str(name), text, topic) for name in questions if (text := _as_text(fields[name])))
            return
        for name, value in fields.items():
            named = _field_key(name) in {"questions", "faq", "faqs", "items", "entries", "data", "mainentity", "pairs"}
            yield from self.pairs(value, topic if named else str(name).strip())


def _nested(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(part, dict | list) for part in value)


def _as_text(value: object) -> str:
    """Return a value as text: a list as list items, a mapping as the value of its text field."""
    if isinstance(value, dict):
        return _as_text(value.get("text", value.get("@value", value.get("content"))))
    if isinstance(value, list):
        return "\n".join(f"- {text}" if len(value) > 1 else text for part in value if (text := _as_text(part)))
    return "" if value is None else str(value).strip()


def _rows(pairs: Sequence[_Pair]) -> Iterator[Row]:
    """Yield a heading and an answer for each pair, below the heading of their topic if they have one."""
    topic = ""
    for pair in pairs:
        if pair.topic != topic and pair.topic:
            yield Row(" ".join(pair.topic.split()), 1)
            yield Row("")
        topic = pair.topic
        yield Row(" ".join(pair.question.split()), 2 if topic else 1)
        yield Row("")
        if _HTML.search(pair.answer):
            yield from rows_of_fragment(pair.answer)
        else:
            yield from (Row(line, links=markdown_links(line)) for line in map(str.rstrip, pair.answer.split("\n")))
        yield Row("")
