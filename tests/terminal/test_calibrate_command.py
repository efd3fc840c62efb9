"""The command calibrate, with the real models on handbooks of invented villages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from index.libraries.registry import Libraries
from index.passages.embedder import Embedder
from qa.quoting.features import FEATURES, SHARED
from qa.reading import calibration
from qa.reading.protocol import Reader, ReadingModels
from terminal.calibrate_command import calibrate
from tests.conftest import Run
from tests.qa.self_calibration.handbooks import handbooks

Command = Callable[..., Run]


def _filled(folder: Path, command_line: Command, villages: int) -> Path:
    """Return a data folder with the handbooks of so many villages."""
    articles = folder / "articles"
    articles.mkdir()
    for title, text in handbooks(villages).items():
        (articles / f"{title}.md").write_text(text, encoding="utf-8")
    assert command_line("add", articles, "--data-dir", folder / "data").status == 0
    return folder / "data"


def test_the_confidence_is_fitted_on_the_librarys_own_headings(
    tmp_path: Path, command_line: Command, embedder: Embedder, reader: Reader
) -> None:
    """The fit is stored for the models in use, others' are kept, and what it is worth is said in sentences."""
    data = _filled(tmp_path, command_line, 6)
    gate = (1.0,) * (len(calibration.GATE) + len(SHARED))
    other = calibration.Calibration((1.0,) * len(FEATURES), gate, 0.0, fitted=True)
    calibration.save(data / calibration.LOCAL, "others", "models", FEATURES, SHARED, other)

    done = command_line("calibrate", "--data-dir", data)

    assert done.status == 0
    assert done.out.startswith("Asked 42 headings and questions of 6 articles")
    assert re.search(r"The first quote is right for \d+ % of the questions with an answer", done.out)
    assert re.search(r"differ by 0\.\d\d on average", done.out)
    assert re.search(r"With ANSWER_CONFIDENCE=0\.3, \d+ % .* \d+ % are right \(95 % interval", done.out)
    assert "after its next start" in done.out
    assert "A fit on 42 questions is rough" in done.err
    names = calibration.identities(embedder, ReadingModels(reader, reader))
    assert set(json.loads((data / calibration.LOCAL).read_text())) == {
        calibration.models_name(*names),
        "others + models",
    }
    fit = calibration.load(*names, FEATURES, SHARED, data)
    assert fit.fitted
    assert fit.gate[len(calibration.GATE) + SHARED.index("few passages")] == 0
    known = json.loads(command_line("ask", "Can I borrow the vohem?", "--json", "--data-dir", data).out)
    assert known["outcome"] == "answer"
    assert known["quotes"][0]["text"].startswith("No, only the vojo may take it home")
    unknown = json.loads(command_line("ask", "Who won the cup in 2018?", "--json", "--data-dir", data).out)
    assert unknown["outcome"] != "answer"


@pytest.mark.parametrize("villages", [0, 5])
def test_too_few_questions_change_nothing(
    villages: int, tmp_path: Path, command_line: Command, embedder: Embedder
) -> None:
    """With too few articles one sentence says what is missing and what to do; no model is loaded."""
    data = _filled(tmp_path, command_line, villages) if villages else tmp_path / "data"
    before = {path.name for path in data.glob("*")}

    done = command_line("calibrate", "--data-dir", data)

    assert done.status == 1
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert ("35 in 5 articles" in done.err) if villages else ("python bot.py add" in done.err)
    assert {path.name for path in data.glob("*")} == before


def test_damaged_file_is_reported_before_anything_is_asked(tmp_path: Path, command_line: Command) -> None:
    """A calibration file that cannot be read is named in one sentence, by `calibrate` and by a question."""
    data = _filled(tmp_path, command_line, 1)
    (data / calibration.LOCAL).write_text("{half", encoding="utf-8")

    for arguments in (["calibrate"], ["ask", "Who keeps it?"]):
        done = command_line(*arguments, "--data-dir", data)
        assert done.status == 2
        assert done.err.count("\n") == 1
        assert f"{data / calibration.LOCAL} is damaged; delete it" in done.err
    assert (data / calibration.LOCAL).read_text() == "{half"


def test_models_are_loaded_only_for_enough_questions(tmp_path: Path, embedder: Embedder) -> None:
    """An empty library is reported without waiting for a model."""

    def never() -> tuple[Embedder, ReadingModels]:
        pytest.fail("loaded")

    with pytest.raises(Exception, match="holds no articles"):
        calibrate(Libraries(tmp_path, lambda: embedder).open(), never, tmp_path, 0.3)
