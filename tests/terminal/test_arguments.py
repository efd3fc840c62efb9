"""Tests of the argument parser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from terminal.arguments import parse
from tests.conftest import ROOT


@pytest.mark.parametrize(
    "arguments",
    [
        ["--data-dir", "/d", "--library", "x", "ask", "why?", "--json"],
        ["ask", "--json", "why?", "--data-dir", "/d", "--library=x"],
        ["--library", "x", "ask", "--data-dir=/d", "why?", "--json"],
    ],
)
def test_options_stand_anywhere(arguments: list[str]) -> None:
    """Global options are accepted before the command, before its arguments and after them."""
    options = parse(arguments)

    assert (options.command, options.question, options.json) == ("ask", "why?", True)
    assert (options.data_dir, options.library) == (Path("/d"), "x")


def test_options_stand_between_arguments() -> None:
    """A global option between two sources does not swallow either."""
    assert parse(["add", "a", "--data-dir", "/d", "b"]).sources == ["a", "b"]


def test_defaults() -> None:
    """Without options, the settings choose the data folder, and the library is the shared one."""
    options = parse([])

    assert (options.command, options.data_dir, options.library) == (None, None, "shared")


def test_option_paths_are_taken_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative data folder is resolved against the current folder."""
    monkeypatch.chdir(tmp_path)

    assert parse(["--data-dir", "d", "check"]).data_dir == tmp_path / "d"


@pytest.mark.parametrize("question", ["", "-5 degrees: why?", "--", "한송일"])
def test_any_question_can_be_asked(question: str) -> None:
    """A question may be empty or look like an option."""
    assert parse(["ask", "--json", "--", question]).question == question


def test_readme_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The README's table of commands has exactly the commands of the program."""
    with pytest.raises(SystemExit):
        parse(["--help"])
    known = set(re.findall(r"^    ([\w-]+)(?: |$)", capsys.readouterr().out, flags=re.MULTILINE))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `python bot\.py ([\w-]+)", readme, flags=re.MULTILINE)) == known


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["anser"], "invalid choice: 'anser'"),
        (["ask"], "Ask takes either a question or --batch FILE."),
        (["ask", "why?", "--batch", "-"], "Ask takes either a question or --batch FILE."),
        (["show", "first"], "invalid int value: 'first'"),
        (["show"], "The following arguments are required: ID"),
        (["remove"], "The following arguments are required: ID"),
        (["add", "a", "--pages", "0"], "must be a number, 1 or more"),
        (["refresh", "first"], "invalid int value: 'first'"),
        (["add", "a", "--title", "T"], "--title is only for the article from standard input"),
        (["add", "-", "--title", " "], "--title is only for the article from standard input"),
        (["add"], "The following arguments are required: SOURCE"),
        (["articles", "extra"], "Unrecognized arguments: extra"),
        (["check", "--data-dir"], "expected one argument"),
        (["check", "--data-dir", ""], "must name a folder"),
        (["backup"], "The following arguments are required: FILE"),
        (["backup", "-"], "must name a file"),
        (["backup", "~no-such-user-here/b.zip"], "there is no home folder for ~no-such-user-here"),
        (["restore-backup", ""], "must name a file"),
    ],
)
def test_usage_errors_are_reported(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A usage error exits with status 2 and prints one line with a pointer to --help."""
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    out, err = capsys.readouterr()

    assert ended.value.code == 2
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert "--help" in err


def test_hours_are_a_number_or_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    """An interval is a number of hours from 0 or `default`, and needs the id of an article."""
    assert parse(["schedule", "7", "--every", "1.5"]).every == 1.5
    assert parse(["schedule", "7", "--every", "default"]).every == "default"
    for wrong in (["7", "--every", "-1"], ["7", "--every", "nan"], ["7", "--every", "often"], ["--every", "3"]):
        with pytest.raises(SystemExit) as caught:
            parse(["schedule", *wrong])
        assert caught.value.code == 2
    assert capsys.readouterr().err.count("\n") == 4


@pytest.mark.parametrize("arguments", [["--cluster", "1/2"], ["start", "--cluster", "1/2"], ["--cluster=1/2", "start"]])
def test_a_process_of_several(arguments: list[str]) -> None:
    """`--cluster I/N` is understood when the bot is run, with or without `start`."""
    assert parse(arguments).cluster == (1, 2)
    assert parse(["start"]).cluster is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cluster", "2/2"], "Argument --cluster: numbers N processes from 0, so I/N must be from 0/2 to 1/2."),
        (["--cluster", "0/0"], "Argument --cluster: numbers N processes from 0"),
        (["--cluster", "1"], "Argument --cluster: must be I/N, such as 0/2 for the first of two processes."),
        (["--cluster", "-1/2"], "Argument --cluster: "),
        (["--cluster", "0/2", "ask", "why?"], "--cluster is for running on Discord, without a command."),
        (["check", "--cluster", "0/2"], "Unrecognized arguments: --cluster 0/2."),
        (["prepare-database", "--owner", "mysql://a:secret-word@h/d"], "Argument --owner: cannot be used: only Po"),
    ],
)
def test_what_is_no_process_or_address_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence that says what is allowed, without the password of an address; exit status 2."""
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    err = capsys.readouterr().err

    assert ended.value.code == 2
    assert err.startswith(said)
    assert err.count("\n") == 1
    assert "secret-word" not in err
