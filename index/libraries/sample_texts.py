"""Which articles are those of the shipped sample: their texts are known, whichever version loaded them and whenever."""

from __future__ import annotations

from typing import Final

SAMPLE_TEXTS: Final = tuple(
    bytes.fromhex(digest)
    for digest in (
        "88205ebb96ff50ade3d56da0e2feab68c2be0574e15d4f3b01a0a003bedd474d",  # how-verbatim-quotes.md
        "be31ac216a8f2eb9f37a55e9e8e6b1d4b01a303586fea7d213580d66eecd0072",  # north-korea-twitter-accounts.txt
        "412c22d52d83de18933e18a8b640dae6cfcd2288bfba22e83d377854acc3c273",  # server-rules.md
        "abdadd1e2545681e169fad935b69da9d93e9e23823c231bb9f2b4da1afd0b576",  # why-tides-rise-and-fall.txt
    )
)
"""Digests (`text_digest`) of the stored texts of the files in `articles/`.

If a file or what cleaning leaves of it changes, add the new digest and keep the old one: data folders have that text.
"""
