"""Runs `python bot.py` with a small fixed embedder, so that `add`, `check` and the like take a second, not ten."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import bot
from index.passages import embedder
from tests.small_embedder import SmallEmbedder

if __name__ == "__main__":
    embedder.load_embedder = lambda _: SmallEmbedder()
    sys.exit(bot.main())
