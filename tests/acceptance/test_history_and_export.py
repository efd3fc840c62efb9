"""Renaming, history, export and import, end to end."""

from __future__ import annotations

from typing import Any

import pytest

from i18n import texts
from tests.acceptance.conftest import until
from tests.acceptance.test_discord import unexpected
from tests.acceptance.test_features import MANAGE_GUILD, SEND
from tests.cogs.reader import read_quotes

pytestmark = [pytest.mark.asyncio(loop_scope="session")]

SEVEN = (
    "mill.md",
    b"# The mill\n\nThe mill of Gull Island grinds at seven in the morning, and on Sundays not at all.\n",
)
NINE = ("mill.md", b"# The mill\n\nThe mill of Gull Island grinds at nine in the morning, not on Sundays.\n")
QUESTION = {"question": "When does the mill of Gull Island grind?"}


async def test_history_and_export(discord: Any) -> None:
    """A replaced version is restored and quoted again, and all articles are exported and imported again."""
    boss = discord.user("Miller", permissions=SEND | MANAGE_GUILD)
    seen = []
    for file in (SEVEN, NINE):
        preview = await discord.slash(boss, "article add", {"file": file})
        pressed = await discord.click(boss, preview.response, texts.ARTICLE_ADD_BUTTON)
        await until(lambda pressed=pressed: texts.ARTICLE_ADDING not in pressed.response.text)
        seen += [preview, pressed]
    renamed = await discord.slash(boss, "article rename", {"article": "The mill", "title": "Times of the mill"})
    told = await discord.slash(boss, "article history", {"article": "Times of the mill"})
    label = next(one["label"] for one in told.response.buttons if one["label"].startswith("Restore 2"))
    restored = await discord.click(boss, told.response, label)
    await until(lambda: "Restored: " in told.response.text + restored.text)
    asked = await discord.slash(discord.alice, "ask", QUESTION)
    planned = await discord.slash(boss, "article schedule", {"article": "Times of the mill", "every": "168"})
    exported = await discord.slash(boss, "article export")
    data = exported.response.file()
    offered = await discord.slash(boss, "article import", {"file": ("articles.jsonl", data)})
    imported = await discord.click(boss, offered.response, texts.ARTICLE_ADD_BUTTON)
    await until(lambda: "unchanged" in offered.response.text)

    every = (*seen, renamed, told, restored, asked, planned, exported, offered, imported)
    assert [each.failed for each in every] == [None] * len(every)
    assert all(each.ephemeral for each in (renamed, told, exported, offered))
    assert "grinds at seven" in read_quotes(asked.response.text)[0].text
    assert "didn't come from a web address" in planned.text
    assert data.startswith(b'{"format": "verbatim-library"')
    assert "unchanged" in offered.response.text
    for command, options in (
        ("article rename", {"article": "Times of the mill", "title": "Mine"}),
        ("article history", {}),
        ("article export", {}),
        ("article import", {"file": ("articles.jsonl", data)}),
    ):
        refused = await discord.slash(discord.bob, command, options)
        assert (refused.text, refused.ephemeral) == (texts.NOT_ALLOWED, True)


async def test_nothing_against_the_rules(discord: Any) -> None:
    """Nothing was refused, too slow, unknown, or in conflict with Discord's API description."""
    assert unexpected(discord) == []
