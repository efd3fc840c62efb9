"""Tests of the command `ask`: the JSON of an outcome, and files of questions."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.models import SettingsError, UserError
from qa.conversation.follow_ups import Turn
from qa.outcome import AlsoIn, Context
from terminal.ask import Asker, batch, one, to_dict
from tests.terminal.fakes import ANSWER, CLOSEST, NOT_COVERED, QUOTE, TEXT, FakeAnswers


@pytest.fixture
def asker() -> Asker:
    return Asker(FakeAnswers(), "shared", 0.5)


def lines(captured: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


def test_json_of_an_answer() -> None:
    """The JSON of an answer has all documented fields, highlights as pairs of offsets, and all quotes."""
    place = AlsoIn(9, "Harbours", "h.txt", 5, 60)
    heading = Context("heading", 2, 8, "Towers")
    link = (10, 13, "https://a.example/ada")
    first = replace(QUOTE, published="2023-05-01", also_in=(place,), context=(heading,), links=(link,), more_steps=2)
    values = to_dict(replace(ANSWER, quotes=(first, *ANSWER.quotes[1:])))

    assert values == {
        "question": "who?",
        "outcome": "answer",
        "confidence": 0.8,
        "quotes": [values["quotes"][0], values["quotes"][1]],
        "understood": None,
        "elapsed_ms": 12.5,
    }
    assert values["quotes"][0] == {
        "article_id": 3,
        "title": "The lighthouse",
        "source": "light.txt",
        "start": 10,
        "end": 10 + len(TEXT),
        "text": TEXT,
        "highlights": [[10, 19]],
        "context": [{"kind": "heading", "start": 2, "end": 8, "text": "Towers"}],
        "links": [[10, 13, "https://a.example/ada"]],
        "more_steps": 2,
        "paragraph": 4,
        "paragraphs": 14,
        "page": None,
        "time": None,
        "confidence": 0.8,
        "published": "2023-05-01",
        "also_in": [{"article_id": 9, "title": "Harbours", "source": "h.txt", "start": 5, "end": 60}],
        "differs": False,
    }
    assert (values["quotes"][1]["context"], values["quotes"][1]["links"]) == ([], [])


def test_json_names_the_other_outcomes() -> None:
    """`closest` and `not_covered` are named as such; `not_covered` has no quotes."""
    assert to_dict(CLOSEST)["outcome"] == "closest"
    assert to_dict(NOT_COVERED)["outcome"] == "not_covered"
    assert to_dict(NOT_COVERED)["quotes"] == []


def test_batch_answers_line_by_line(asker: Asker, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Lines are answered in order; a malformed or refused one yields an error in its place and exit status 1."""
    file = tmp_path / "questions.jsonl"
    file.write_bytes(
        b'\xef\xbb\xbf{"question": "answer", "id": 7}\n'
        b"\n"
        b"{broken\n"
        b'["answer"]\n'
        b'{"question": 5}\n'
        b'{"question": "caf\xe9"}\n' + b"[" * 100_000 + b"\n"
        b'{"question": "refuse"}\r\n'
        b'{"question": "closest", "history": []}'
    )
    status = batch(lambda: asker, str(file))
    printed = lines(capfd)

    assert status == 1
    assert [line.get("outcome", "error") for line in printed] == ["answer"] + ["error"] * 6 + ["closest"]
    assert printed[6] == {"error": "Not today."}
    assert all(isinstance(line["error"], str) and line["error"].endswith(".") for line in printed if "error" in line)


def test_batch_line_may_bring_its_history(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`history` is passed on oldest first, with `agent` as assistant; other fields of a turn are ignored."""
    answers = FakeAnswers()
    turns = [
        {"role": "user", "text": "who?", "at": 5},
        {"role": "agent", "text": ""},
        {"role": "assistant", "text": "b"},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps({"question": "answer"} | more) for more in ({"history": turns}, {})))

    assert batch(lambda: Asker(answers, "shared", 0.5), str(file)) == 0
    assert answers.histories == [(Turn("user", "who?"), Turn("assistant", ""), Turn("assistant", "b")), ()]
    assert [line["question"] for line in lines(capfd)] == ["answer", "answer"]


@pytest.mark.parametrize(
    "history",
    [
        None,
        "who?",
        {"role": "user", "text": "who?"},
        ["who?"],
        [{"role": "user"}],
        [{"text": "who?"}],
        [{"role": "user", "text": None}],
        [{"role": "system", "text": "who?"}],
        [{"role": ["user"], "text": "who?"}],
    ],
)
def test_malformed_history_is_reported_in_its_place(
    history: object, asker: Asker, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A malformed history yields an error that describes the format; the next line is still answered."""
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"question": "answer", "history": history}) + '\n{"question": "closest"}')

    assert batch(lambda: asker, str(file)) == 1
    refused, answered = lines(capfd)
    assert list(refused) == ["error"]
    assert refused["error"].startswith('The "history" of this line must be a list of objects such as {"role": "user"')
    assert answered["outcome"] == "closest"


def test_sound_batch_is_done(asker: Asker, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """`-` reads standard input; the exit status is 0 for any outcome."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"question": "nothing"}\n')))

    assert batch(lambda: asker, "-") == 0
    assert [line["outcome"] for line in lines(capfd)] == ["not_covered"]


def test_missing_batch_file_is_reported(tmp_path: Path) -> None:
    """A missing file is reported in one sentence, before any model is loaded."""
    with pytest.raises(UserError, match=r"The file .*none cannot be read: No such file or directory\."):
        batch(lambda: pytest.fail("made ready"), str(tmp_path / "none"))


def test_wrong_settings_end_a_batch(tmp_path: Path) -> None:
    """Wrong settings are reported once, not once per line."""

    class Misconfigured(FakeAnswers):
        def ask(self, question: str, library_names: object, history: object = (), **_: object) -> Any:
            raise SettingsError(f"{question} {library_names}")

    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "a"}\n{"question": "b"}\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"a \('shared',\)"):
        batch(lambda: Asker(Misconfigured(), "shared", 0.5), str(file))


def test_one_answer_for_people(asker: Asker, capfd: pytest.CaptureFixture[str]) -> None:
    """Without --json the answer is printed as text."""
    assert one(asker, "answer", as_json=False) == 0
    assert capfd.readouterr().out.startswith("> Ada Brook built it")
