"""Tests of how an outcome is rendered in the terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from i18n import texts
from qa.outcome import AlsoIn, Context, Outcome
from terminal.render import plain, styled
from tests.terminal.fakes import ANSWER, CLOSEST, NOT_COVERED, QUOTE


def render_styled(outcome: Outcome, width: int = 80, *, colour: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, highlight=False, markup=False, emoji=False
    )
    console.print(styled(outcome, 0.5, console))
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def test_plain_answer_has_quote_place_and_outcome() -> None:
    """Plain text has the exact first quote, its place, and the outcome in words."""
    assert plain(ANSWER, 0.5) == (
        "> Ada Brook built it [in 1871] :smile:\n"
        "> and paid for it.\n"
        "  The lighthouse · paragraph 4 of 14 · light.txt\n"
        "\n" + texts.ANSWER_FOOTER.format(confidence="high")
    )


def test_further_quotes_need_confidence_of_their_own() -> None:
    """A second quote is shown if its own confidence reaches the threshold."""
    assert "Second." not in plain(ANSWER, 0.5)
    assert "> Second." in plain(ANSWER, 0.4)


def test_a_contradiction_is_shown_and_dated() -> None:
    """A differing quote is shown whatever its confidence, with both dates; articles that say the same are named."""
    first = replace(QUOTE, published="2023-05-01T10:00", also_in=(AlsoIn(9, "Harbours", "h.txt", 5, 60),))
    other = replace(QUOTE, text="Second.", confidence=0.1, published="2024-06-02", differs=True)
    shown = plain(replace(ANSWER, quotes=(first, other)), 0.5)

    assert shown.startswith(f"{texts.DIFFERENT}\n\n> Ada")
    assert "The lighthouse · 2023-05-01 · paragraph 4 of 14 · light.txt · also in Harbours\n" in shown
    assert "> Second.\n  The lighthouse · 2024-06-02 ·" in shown


def test_alternatives_are_all_shown() -> None:
    """Where the question does not say which article is meant, each of them is quoted, and a line says why."""
    other = replace(QUOTE, text="Second.", confidence=0.1, title="The mill")
    shown = plain(replace(ANSWER, quotes=(QUOTE, other), alternatives=(0, 1)), 0.5)

    assert shown.startswith(f"{texts.WHICH_NOTE}\n\n> Ada")
    assert "> Second.\n  The mill ·" in shown


def test_context_and_further_steps_are_around_the_quote() -> None:
    """Context is above the quote, one line for each slice and dim in a terminal; further steps are counted below."""
    context = (Context("heading", 0, 2, "T\x1bw"), Context("introduction", 3, 9, "Do\nthis:"))
    answer = replace(ANSWER, quotes=(replace(QUOTE, context=context, more_steps=3),))

    assert plain(answer, 0.5).startswith("  T\x1bw\n  Do this:\n> Ada Brook built it")
    assert "> and paid for it.\n  … and 3 more steps\n  The lighthouse ·" in plain(answer, 0.5)
    assert "\x1b[2mT\u241bw\x1b[0m" in render_styled(answer, colour=True)
    assert render_styled(answer).startswith("    T\u241bw")


def test_nearest_passages_carry_a_warning() -> None:
    """Closest passages start with a warning that they may not answer."""
    assert plain(CLOSEST, 0.5).startswith(f"{texts.CLOSEST_WARNING}\n\n> Ada")


def test_what_was_understood_comes_first() -> None:
    """The subject of a follow-up question is printed first; other questions have no such line."""
    understood = replace(CLOSEST, understood="Ada \x1b[31mBrook")

    assert plain(understood, 0.5).startswith(f"about: Ada \u241b[31mBrook\n\n{texts.CLOSEST_WARNING}\n\n> Ada")
    assert render_styled(understood).startswith("about: Ada \u241b[31mBrook\n")
    assert "about:" not in plain(CLOSEST, 0.5) + render_styled(ANSWER)


def test_not_covered_quotes_nothing() -> None:
    """A question that is not covered gets a message and no quote."""
    assert plain(NOT_COVERED, 0.5).endswith(f"\n\n{texts.NOT_COVERED_FOOTER}")
    assert ">" not in plain(NOT_COVERED, 0.5)


def test_styled_text_is_not_interpreted() -> None:
    """Square brackets and emoji codes of an article are shown literally; escape sequences have no effect."""
    shown = render_styled(replace(ANSWER, quotes=(replace(QUOTE, text="[bold]a[/] :smile: \x1b[31mred"),)))

    assert "  ▌ [bold]a[/] :smile: \u241b[31mred\n" in shown


def test_answering_words_are_bold() -> None:
    """The highlighted words of a quote are bold, and no others."""
    assert "\x1b[1mAda Brook\x1b[0m built it" in render_styled(ANSWER, colour=True)


def test_every_line_of_a_long_quote_has_its_bar() -> None:
    """A wrapped quote keeps all its words and has a bar on each line."""
    shown = render_styled(
        replace(ANSWER, quotes=(replace(QUOTE, text="word " * 30 + "end.", highlights=()),)), width=40
    )
    barred = [line.removeprefix("  ▌ ") for line in shown.splitlines() if line.startswith("  ▌ ")]

    assert len(barred) > 3
    assert " ".join(barred).split() == ["word"] * 30 + ["end."]


def test_a_quote_from_a_paged_source_names_its_page() -> None:
    """The page is shown beside the paragraph."""
    shown = plain(replace(ANSWER, quotes=(replace(QUOTE, page=12),)), 0.5)

    assert "  The lighthouse · page 12 · paragraph 4 of 14 · light.txt\n" in shown


@pytest.mark.parametrize(("second", "clock"), [(0, "0:00"), (754, "12:34"), (3723, "1:02:03")])
def test_a_quote_from_a_recording_names_its_time(second: int, clock: str) -> None:
    """The time in the recording is shown beside the paragraph."""
    shown = plain(replace(ANSWER, quotes=(replace(QUOTE, time=second),)), 0.5)

    assert f"  The lighthouse · at {clock} · paragraph 4 of 14 · light.txt\n" in shown


def test_question_that_the_models_do_not_read_is_told() -> None:
    """If the models in use do not read the question's language, a sentence before the quotes says so."""
    unread = replace(CLOSEST, unread_language="de")

    assert plain(unread, 0.5).startswith(f"{texts.CLOSEST_WARNING}\n\n{texts.ONLY_ENGLISH}\n\n> Ada")
    assert f"{texts.ONLY_ENGLISH}\n" in render_styled(unread, 200)
    assert texts.ONLY_ENGLISH not in plain(CLOSEST, 0.5)


def test_links_are_below_the_quote() -> None:
    """The addresses that a quote links to are printed below it, three at most."""
    links = tuple((10, 13, f"https://a.example/{number}") for number in range(4))
    answer = replace(ANSWER, quotes=(replace(QUOTE, links=links[:1]),))

    assert "> and paid for it.\n  https://a.example/0\n  The lighthouse ·" in plain(answer, 0.5)
    assert "\n    https://a.example/0 " in render_styled(answer)
    several = plain(replace(ANSWER, quotes=(replace(QUOTE, links=links),)), 0.5)
    assert "  https://a.example/2\n  …\n  The lighthouse ·" in several
