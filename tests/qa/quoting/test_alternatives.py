"""The bot asks which article is meant where several answer alike, each for its own case, and only there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.conversation.follow_ups import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from index.libraries.registry import Libraries
    from index.passages.embedder import Embedder
    from qa.reading.protocol import ReadingModels

