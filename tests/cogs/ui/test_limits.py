"""No message exceeds Discord's limits: what does is shortened where it leaves, and that fails a test."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands, ui
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui import limits
from cogs.ui.answer_card import Card, Colour, notice_card
from cogs.ui.escape import utf16_length
from cogs.ui.layout import MessageBody, message_body
from cogs.ui.limits import fit_choices, fit_content, fit_form, join_fitting, shortened

COGS = Path(limits.__file__).resolve().parents[1]
SENDING = {"send", "send_message", "edit", "edit_original_response", "reply", "respond"}


def texts_of(body: MessageBody) -> list[str]:
    """Return the texts of a message with layout components, after it was measured."""
    view = body.send_kwargs["view"]
    return [child.content for child in view.walk_children() if isinstance(child, ui.TextDisplay)]


def test_a_message_that_fits_stays_as_it_is() -> None:
    """4,000 units are allowed, to the last one."""
    assert texts_of(message_body(notice_card("x" * 4000))) == ["x" * 4000]


def test_a_long_message_ends_with_a_sentence(shortened_messages: list[str]) -> None:
    """What is too long ends where a sentence does, and says that more was there; the log names the size."""
    (text,) = texts_of(message_body(notice_card("A sentence of 25 letters. " * 200)))

    assert utf16_length(text) <= 4000
    assert text.endswith("letters.…")
    assert shortened_messages == ["A message was shortened from 5200 to 4000, Discord's limit"]
    shortened_messages.clear()


def test_characters_are_counted_in_utf_16_units(shortened_messages: list[str]) -> None:
    """An emoji counts as two, which is never less than Discord counts."""
    (text,) = texts_of(message_body(notice_card("🦊" * 2001)))

    assert utf16_length(text) <= 4000
    shortened_messages.clear()


def test_quotes_are_shortened_last(shortened_messages: list[str]) -> None:
    """What the bot says is cut before what it quotes."""
    card = Card(Colour.ANSWER, "", "Word. " * 600, ("> " + "Quoted. " * 200,), "-# Footer")

    said, quoted, footer = texts_of(message_body(card))

    assert utf16_length(said + quoted + footer) <= 4000
    assert (quoted, footer) == (card.quotes[0], card.footer)
    shortened_messages.clear()


def test_many_texts_fit_together(shortened_messages: list[str]) -> None:
    """However many texts there are, they and the buttons are 40 components and 4,000 units at most."""
    card = Card(Colour.ANSWER, "question", "statement", tuple(f"> {'quoted ' * 40}" for _ in range(30)), "footer")

    body = message_body(card, content="content " * 100)

    assert sum(map(utf16_length, texts_of(body))) <= 4000
    assert len(list(body.view.walk_children())) <= 40
    shortened_messages.clear()


def test_an_embed_and_its_content_fit(shortened_messages: list[str]) -> None:
    """In the plain layout, the content has 2,000 and the embed 4,096 units."""
    kwargs = message_body(notice_card("word " * 1000), plain=True, content="line\n" * 500).send_kwargs

    assert utf16_length(kwargs["embed"].description) <= 4096
    assert utf16_length(kwargs["content"]) <= 2000
    assert len(shortened_messages) == 2
    shortened_messages.clear()


def test_labels_and_options_fit(shortened_messages: list[str]) -> None:
    """Buttons have 80 units, options 100, and a select 25 options."""
    view = ui.View(timeout=None)
    select: ui.Select[Any] = ui.Select(custom_id="a", placeholder="p" * 200)
    select._underlying.options = [discord.SelectOption(label="l" * 150, value=str(n)) for n in range(30)]
    view.add_item(select).add_item(ui.Button(label="b" * 100, custom_id="b"))

    MessageBody(view, discord.Embed(description="text")).send_kwargs  # noqa: B018 - measures

    button = view.children[1]
    assert isinstance(button, ui.Button)
    assert button.label is not None
    assert len(select.placeholder or "") <= 150
    assert len(select.options) == 25
    assert len(select.options[0].label) <= 100
    assert len(button.label) <= 80
    shortened_messages.clear()


def test_forms_fit(shortened_messages: list[str]) -> None:
    """The title of a form and the labels of its fields have 45 units."""
    form = ui.Modal(title="t" * 60)
    label: ui.Label[ui.Modal] = ui.Label(text="l" * 60, component=ui.TextInput(), description="d" * 150)
    form.add_item(label)

    fit_form(form)

    assert (len(form.title) <= 45, len(label.text) <= 45, len(label.description or "") <= 100) == (True, True, True)
    shortened_messages.clear()


def test_choices_fit(shortened_messages: list[str]) -> None:
    """An autocompletion has 25 choices with names of 100 units."""
    found = fit_choices([app_commands.Choice(name="n" * 120, value=str(n)) for n in range(26)])

    assert len(found) == 25
    assert all(len(choice.name) <= 100 for choice in found)
    shortened_messages.clear()


def test_content_fits(shortened_messages: list[str]) -> None:
    """A sentence to one member has 2,000 units."""
    assert len(fit_content("x" * 2000)) == 2000
    assert shortened_messages == []
    assert utf16_length(fit_content("🦊" * 1001)) <= 2000
    shortened_messages.clear()


def test_lines_that_do_not_fit_are_left_out_as_a_whole() -> None:
    """A list ends with "…" if it goes on, and is whole if it fits to the last unit."""
    assert join_fitting(["a" * 10, "b" * 10], 21) == "a" * 10 + "\n" + "b" * 10
    assert join_fitting(["a" * 10, "b" * 10], 20) == "a" * 10 + "\n…"
    assert join_fitting(["word " * 10], 20) == "word word word…"


@given(st.text(alphabet="ab .\n*`_\\[]()🦊é\u0301", max_size=80), st.integers(min_value=10, max_value=40))
def test_shortened_texts_fit_whatever_they_are(text: str, limit: int) -> None:
    """The limit holds for any text."""
    assert utf16_length(shortened(text, limit)) <= limit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**bold words that go on and on**", "**bold words that**…"),
        ("`code that goes on and on here`", "`code that goes on`…"),
        ("see [the article](<https://example.org/a>)", "see…"),
    ],
)
def test_no_mark_of_markdown_stays_open(text: str, expected: str) -> None:
    """What follows a shortened text is not bold or code, and half a link is left out."""
    assert shortened(text, 22) == expected


def _sends(call: ast.Call) -> list[ast.expr]:
    """Return the arguments with which a call sends text without `MessageBody`; none for other calls."""
    func, given = call.func, list(call.args)
    if isinstance(func, ast.Name) and func.id == "partial" and given:
        func, given = given[0], given[1:]
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    if name not in SENDING:
        return []
    content = [keyword.value for keyword in call.keywords if keyword.arg == "content"]
    return [arg for arg in (*given[:1], *content) if not isinstance(arg, ast.Starred)]


@pytest.mark.parametrize("path", sorted(COGS.rglob("*.py")), ids=lambda path: str(path.relative_to(COGS)))
def test_nothing_leaves_unmeasured(path: Path) -> None:
    """Messages are sent as a `MessageBody`, contents through `fit_content`, and forms with `open_form`."""
    unmeasured = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr == "send_modal" and path.name != "interaction_reply.py":
            unmeasured.append(node.lineno)
        if isinstance(node, ast.Call):
            unmeasured += [
                arg.lineno
                for arg in _sends(node)
                if not (isinstance(arg, ast.Call) and isinstance(arg.func, ast.Name) and arg.func.id == "fit_content")
            ]

    assert unmeasured == []
