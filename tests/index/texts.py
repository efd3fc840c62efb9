"""Random texts for splitters: scripts, combining marks, line ends and Markdown in any order."""

from __future__ import annotations

from hypothesis import strategies as st

PARTS = (
    *(
        "A cat sat.",
        "Mr. ",
        "U.S. ",
        "word ",
        "日本語",
        "。",
        "שלום.",
        "مرحبا؟ ",
        "😀",
        "👩\u200d👩\u200d👧",
        "e\u0301",
    ),
    *(" ", "\n", "\n\n", "\r\n", "\t", "\u2028", "\x1c", "\u200f", "“", "”", '"', "(", "...", "?!"),
    *("- ", "1. ", "> ", "# ", "---", "| a | b |", "```"),
)

TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PARTS), max_size=40).map("".join))
