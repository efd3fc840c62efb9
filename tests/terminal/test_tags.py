"""Promises of collections in the terminal: `add --tag`, `tag`, `articles --tag` and `ask --tag`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Run

FERRY = "The ferry to Skarholm leaves at seven in the morning."
STAFF = "The ferry to Skarholm leaves at midnight for the staff."


@pytest.fixture
def line(tmp_path: Path, command_line: Callable[..., Run]) -> Callable[..., Run]:
    """Return the command line for a data folder of the test."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ferry.txt").write_text(FERRY, encoding="utf-8")
    (tmp_path / "staff.txt").write_text(STAFF, encoding="utf-8")
    return lambda *arguments: command_line("--data-dir", tmp_path / "data", *arguments)


def listed(run: Run) -> dict[str, list[str]]:
    """Return the tags in the output of `articles --json` by the source of their article."""
    return {value["source"]: value["tags"] for value in map(json.loads, run.out.splitlines())}


def test_what_is_added_gets_its_tags(line: Callable[..., Run], tmp_path: Path) -> None:
    """A folder passes its tags on to what is found in it later; the order of commands does not matter."""
    assert line("add", tmp_path / "rules", tmp_path / "staff.txt").status == 0
    assert line("add", tmp_path / "rules", "--tag", "Rules", "--tag", "Ferry").status == 0
    assert line("add", "--tag", "staff", tmp_path / "staff.txt").status == 0
    (tmp_path / "rules" / "dogs.txt").write_text("Dogs travel free of charge.", encoding="utf-8")
    assert line("refresh").status == 0

    found = listed(line("articles", "--json"))
    assert found == {"ferry.txt": ["Ferry", "Rules"], "staff.txt": ["staff"], "dogs.txt": ["Ferry", "Rules"]}
    assert set(listed(line("articles", "--json", "--tag", "RULES"))) == {"ferry.txt", "dogs.txt"}
    assert line("tag").out == "Ferry  (2 articles)\nRules  (2 articles)\nstaff  (1 article)\n"


def test_a_question_to_a_collection(line: Callable[..., Run], tmp_path: Path) -> None:
    """It is answered from these articles alone; an unknown name is said in one sentence."""
    line("add", tmp_path / "rules", "--tag", "Rules")
    line("add", tmp_path / "staff.txt")
    question = "When does the ferry for the staff leave?"
    assert STAFF in {quote["text"] for quote in json.loads(line("ask", "--json", question).out)["quotes"]}
    restricted = json.loads(line("ask", "--json", "--tag", "rules", question).out)
    assert {quote["text"] for quote in restricted["quotes"]} <= {FERRY}
    unknown = line("ask", "--tag", "nothing", question)
    assert (unknown.status, unknown.out) == (1, "")
    assert "has no collection 'nothing'" in unknown.err


def test_tags_can_be_changed(line: Callable[..., Run], tmp_path: Path) -> None:
    """An article, or everything from its folder, is put into other collections, or into none."""
    line("add", tmp_path / "rules", tmp_path / "staff.txt")
    assert line("tag", 1, "Rules", "Ferry rules").out == "1 is in Ferry rules, Rules.\n"
    assert line("tag", 1, "Harbour", "--everything").out == "1 is in Harbour.\n"
    assert line("tag", 1, "--everything").out == "1 is in no collection.\n"
    assert line("tag").err.startswith("There are no collections")
    assert line("tag", 99, "Rules").status == 1
    assert line("tag", 1, "a" * 41).err == "A collection's name must have 1 to 40 characters and no comma.\n"
    assert line("add", tmp_path / "rules", "--tag", "one,two").status == 2


def test_an_export_has_the_tags(line: Callable[..., Run], tmp_path: Path) -> None:
    """What is imported is in the same collections; a folder's are those of its files, as it is not in the file."""
    line("add", tmp_path / "rules", "--tag", "Rules")
    line("tag", 1, "Ferry")
    line("add", tmp_path / "staff.txt", "--tag", "Staff")
    assert line("export", tmp_path / "all.jsonl").status == 0
    assert line("import", tmp_path / "all.jsonl", "--library", "other").status == 0
    assert listed(line("articles", "--json", "--library", "other")) == {
        "ferry.txt": ["Ferry", "Rules"],
        "staff.txt": ["Staff"],
    }
    damaged = (tmp_path / "all.jsonl").read_text(encoding="utf-8").replace('"Staff"', "7")
    (tmp_path / "all.jsonl").write_text(damaged, encoding="utf-8")
    assert "is damaged in line 3" in line("import", tmp_path / "all.jsonl", "--library", "third").err
