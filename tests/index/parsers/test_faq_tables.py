"""Tables of questions and answers become articles whose answers can be quoted."""

from __future__ import annotations

import pytest

from index.models import Draft, NoArticleError, UserError
from index.parsers.document import to_draft
from index.parsers.faq_tables import read_questions
from tests.index.sample_files import CSV, GOOD, YAML


def draft(text: str, kind: str) -> Draft:
    return to_draft(read_questions(text.encode(), kind), key="k", source="s", title="S", cleaned=False)


def pairs(text: str, kind: str) -> list[tuple[str, str]]:
    found = draft(text, kind)
    return [(section.heading, found.text[section.start : section.end]) for section in found.sections]


def test_a_table_is_read() -> None:
    """Each row is a section below its category and question; rows without an answer are skipped."""
    assert pairs(CSV, "csv") == [
        ("Ferry > When does the ferry leave?", "At seven; at nine on Sundays."),
        ("Harbour > How deep is it?", "Six metres.\nMore at high tide."),
    ]


@pytest.mark.parametrize("name", ["a.tsv", "a.json", "a.jsonl"])
def test_other_tables_are_read(name: str) -> None:
    """TSV, JSON and JSON Lines give the same result."""
    found = pairs(GOOD[name]().decode(), name[2:])
    assert found[0][0].endswith("When does the ferry leave?")
    assert found[0][1].startswith("At seven")


def test_markup_and_lists_become_text() -> None:
    """An answer in HTML is converted to text, and one in several parts becomes a list."""
    found = pairs(GOOD["a.json"]().decode(), "json")
    assert [answer for _, answer in found] == ["At seven.\n\n- no", "- Because of the tide.\n- Because of the moon."]


def test_values_stay_as_they_are_written() -> None:
    """Numbers, yes and no in YAML stay as written, and keys of nested mappings are topics."""
    assert pairs(YAML, "yaml") == [
        ("Ferry > When?", "At seven.\n\nNot on Sundays."),
        ("Harbour > How deep is it?", "6.10 metres"),
        ("Harbour > Is it deep?", "no"),
    ]
    assert draft(YAML, "yaml").title == "Harbour FAQ"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"mainEntity": [{"@type": "Question", "name": "Why?", "acceptedAnswer": {"text": "So."}}]}', "json"),
        ('{"Why?": "So."}', "json"),
        ('{"faq": {"items": [{"frage": "Why?", "antwort": "So."}]}}', "json"),
        ("Why?,So.\n", "csv"),
        ("id,Q:,A:\n1,Why?,So.\n", "csv"),
        ("- question: [Why?]\n  answer: {text: So.}\n", "yaml"),
    ],
)
def test_pairs_are_found(text: str, kind: str) -> None:
    """Questions are found by usual names in several languages, without a header, and in schema.org form."""
    ((heading, answer),) = pairs(text, kind)
    assert heading.endswith("Why?")
    assert answer == "So."


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a\n1\n", "csv"),
        ('{"name": "app", "version": 1}', "json"),
        ("on: push\njobs: {a: b}\n", "yaml"),
        ("[]", "json"),
    ],
)
def test_what_holds_no_questions_says_so(text: str, kind: str) -> None:
    """Settings and other tables are refused because they contain no questions."""
    with pytest.raises(NoArticleError, match='name two of its columns or fields "question" and "answer"'):
        draft(text, kind)


def test_other_tables_keep_their_head() -> None:
    """A CSV file without questions is a table with the names of its columns."""
    text = draft("Line,Fare\nHolm,12 crowns\nArn,9 crowns\n", "csv").text
    assert text.strip() == "| Line | Fare |\n| --- | --- |\n| Holm | 12 crowns |\n| Arn | 9 crowns |"


def test_broken_files_say_why() -> None:
    """A file that does not parse is reported as damaged."""
    for text, kind in (("{", "json"), ("{}\n{", "jsonl"), ("a: [", "yaml"), ("[" * 100_000, "json")):
        with pytest.raises(UserError, match="damaged or no"):
            draft(text, kind)


def test_references_cannot_fill_the_memory() -> None:
    """YAML aliases that expand to billions of values are refused."""
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    with pytest.raises(UserError, match="more than 500,000 values"):
        draft(bomb, "yaml")
