"""Promises of conversations: what a follow-up question refers to, and that a new subject is left alone."""

from __future__ import annotations

import pytest

from qa.conversation import Turn, understand

BREWERY = """The brewery at Fennmoor was opened in 1904 by Ida Vance. She sold her farm to pay for the copper kettles.

A second brewery in the valley was opened in 1931 by Otto Brandt. He had worked as a baker in the capital.

The brewery at Fennmoor makes a dark ale with juniper. It is matured for nine weeks in oak barrels.
"""
RAILWAY = """The narrow railway to Skell was built in 1888. Its trains carried slate from the quarries to the harbour.

The line was closed in 1957 because a new road had taken its freight. Volunteers reopened four miles of it in 1979.
"""
BEES = "The honeybees of the abbey live in straw hives. They are kept by Sister Agnes, who sells the honey in spring."


def said(*texts: str) -> tuple[Turn, ...]:
    """Return turns of the member and the bot by turns, the member's first."""
    return tuple(Turn("assistant" if place % 2 else "user", text) for place, text in enumerate(texts))


WHO = ("Who is Ida Vance?", "Ida Vance opened the brewery at Fennmoor.")
RAIL = ("When was the narrow railway built?", "It was built in 1888.")


@pytest.mark.parametrize(
    ("history", "question", "text", "about"),
    [
        (WHO, "When did she sell the farm?", "When did Ida Vance sell the farm?", "Ida Vance"),
        (WHO, "What was her trade?", "What was Ida Vance's trade?", "Ida Vance"),
        (WHO, "who taught her?", "who taught Ida Vance?", "Ida Vance"),
        (RAIL, "When was it closed?", "When was narrow railway closed?", "narrow railway"),
        (("Tell me about red squirrels.",), "What do they eat?", "What do red squirrels eat?", "red squirrels"),
        (WHO, "what about Otto Brandt?", "Who is Otto Brandt?", "Otto Brandt"),
        (WHO, "and Otto Brandt?", "Who is Otto Brandt?", "Otto Brandt"),
        (WHO, "What did Vance sell?", "What did Ida Vance sell?", "Ida Vance"),
        (("Who came to Skell in 1931?",), "and in 1957?", "Who came to Skell in 1931 in 1957?", "Skell, in 1957"),
    ],
)
def test_reference_is_put_in_its_place(
    history: tuple[str, ...], question: str, text: str, about: str | None
) -> None:
    """A word that points back gives way to what it points to; that is named where the question does not name it."""
    understood = understand(question, said(*history))

    assert understood.refers
    assert (understood.text, understood.about) == (text, about)
