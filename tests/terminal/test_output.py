"""Tests of output: one result per line, in UTF-8, with any characters."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terminal import output
from terminal.output import json_line, printable, result, say, write_exact

ANY = st.text(st.characters(exclude_categories=()))


@given(text=ANY)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_object_takes_one_line(capfdbinary: pytest.CaptureFixture[bytes], text: str) -> None:
    """Any text, with lone surrogates and line separators, is preserved as JSON on one line of UTF-8."""
    json_line({"text": text})
    line = capfdbinary.readouterr().out.decode("utf-8")

    assert len(line.splitlines()) == 1
    assert line.endswith("}\n")
    assert json.loads(line) == {"text": text}


def test_json_keeps_other_scripts_readable(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Letters of any script are written as they are, not as escapes."""
    json_line({"text": "한송일"})

    assert capfdbinary.readouterr().out == '{"text": "한송일"}\n'.encode()


def test_exact_adds_nothing(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A text is written with its characters and line ends unchanged."""
    write_exact("a\n\nb é😀")

    assert capfdbinary.readouterr().out == "a\n\nb é😀".encode()


def test_results_and_messages_do_not_mix(capfd: pytest.CaptureFixture[str]) -> None:
    """Results go to standard output, everything else to standard error."""
    result("one")
    say("two")

    assert capfd.readouterr() == ("one\n", "two\n")


def test_control_characters_are_made_visible() -> None:
    """Escape sequences in a file name or an article are shown, not executed; line feeds and tabs stay."""
    assert printable("a\x1b[31mb\x07\x7f\x9b\n\tc") == "a\u241b[31mb\u2407\u2421\ufffd\n\tc"


def test_messages_name_the_command_as_it_was_started(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The installed command is called `verbatim`, and then messages say so."""
    say("Run `python bot.py check`.")
    monkeypatch.setattr(output, "COMMAND", "verbatim")
    say("Run `python bot.py check`.")

    assert capsys.readouterr().err == "Run `python bot.py check`.\nRun `verbatim check`.\n"
