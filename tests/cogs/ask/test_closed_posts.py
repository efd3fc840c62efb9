"""Tests of which posts are closed."""

from __future__ import annotations

from unittest.mock import Mock

import discord
import pytest

from cogs.ask.closed_posts import is_closed


@pytest.mark.parametrize(
    ("values", "closed"),
    [
        ({}, False),
        ({"locked": True}, True),
        ({"archived": True}, True),
        ({"applied_tags": ["Bug", " Solved "]}, True),
        ({"applied_tags": ["Unsolved"]}, False),
        ({"applied_tags": ["GELÖST"]}, True),
        ({"name": "[Solved] My game crashes"}, True),
        ({"name": "✅ My game crashes"}, True),
        ({"name": "[Help] Is it solved?"}, False),
        ({"name": "Solved and broken again"}, False),
    ],
)
def test_closed_posts(values: dict[str, object], closed: bool) -> None:
    """A post is closed if it is locked or archived, or if a tag or a mark before its title says that it is solved."""
    known = {"locked": False, "archived": False, "applied_tags": [], **values}
    known["applied_tags"] = [discord.ForumTag(name=name) for name in known["applied_tags"]]

    post = Mock(spec=discord.Thread, **known)
    post.name = values.get("name", "My game")  # Mock takes a name for its own

    assert is_closed(post) is closed
