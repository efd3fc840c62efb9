"""Handbooks of invented villages, whose headings ask for invented things."""

from __future__ import annotations

from itertools import product

_VILLAGES = ("Marlop", "Tesquin", "Orvath", "Bendry", "Kuldem", "Fisk")
_SYLLABLES = ("bo", "dri", "fal", "gu", "hem", "jo", "kas", "lum", "mi", "nor", "pel", "qua", "rus", "tev", "vo", "zan")
_TOPICS = (
    ("Where is the {thing} kept?", "It lies in the {other} behind the mill. The miller has the key."),
    ("What does a {thing} cost?", "Everybody pays seven {other} for one. Children pay nothing for a {thing}."),
    ("Who repairs the {thing}?", "The {other} repairs it in spring. Before that, nobody may touch the {thing}."),
    ("Can I borrow the {thing}?", "No, only the {other} may take it home, for three days at most."),
    ("When does the {thing} open?", "It opens at nine, and closes when the {other} rings at dusk."),
    ("How do I join the {thing}?", "Write to the {other} before May. The {thing} meets on the first Monday."),
    ("The {thing}", "This is a wooden {other} from the old harbour, painted blue and white."),
)


def handbooks(villages: int = len(_VILLAGES)) -> dict[str, str]:
    """Return the handbooks of so many villages, in Markdown, by their titles; each has seven headings."""
    words = ["".join(pair) for pair in product(_SYLLABLES, repeat=2)]
    found = {}
    for number, village in enumerate(_VILLAGES[:villages]):
        title = f"Handbook of {village}"
        rows = [f"# {title}"]
        for at, (heading, answer) in enumerate(_TOPICS):
            place = 2 * (number * len(_TOPICS) + at)
            thing, other = words[place * 3 % len(words)], words[(place * 3 + 1) % len(words)]
            rows += [f"## {heading.format(thing=thing)}", answer.format(thing=thing, other=other)]
        found[title] = "\n\n".join(rows) + "\n"
    return found
