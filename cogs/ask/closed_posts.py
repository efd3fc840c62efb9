"""Whether a thread or forum post is closed: locked, archived, or marked as solved by a tag or its title."""

from __future__ import annotations

import re
from typing import Final

import discord

# Names of forum tags for solved posts, in several languages.
_SOLVED: Final = frozenset(
    {"solved", "resolved", "answered", "closed", "done", "fixed", "gelöst", "erledigt", "beantwortet", "geschlossen"}
    | {"résolu", "répondu", "fermé", "resuelto", "respondido", "cerrado", "risolto", "chiuso", "resolvido", "fechado"}
)
# How authors mark their own posts in the title: "[Solved] My game crashes", "✅ ...".
_MARKED: Final = re.compile(r"\s*(?:[✅☑✔]|[\[(【]\s*(\w+)\s*[\])】])")


def is_closed(thread: discord.Thread) -> bool:
    """Whether a thread is locked or archived, or a tag or its title marks it as solved."""
    title = _MARKED.match(thread.name)
    names = [tag.name for tag in thread.applied_tags] + ([title[1] or "solved"] if title else [])
    return thread.locked or thread.archived or any(name.strip().lower() in _SOLVED for name in names)
