"""Opens a tab of the private message behind *More*, as a member does."""

from __future__ import annotations

from typing import Any

import discord
import simcord

from i18n import texts


async def read_on(member: simcord.MemberActor, message: simcord.ResponseMessage | discord.Message, label: str) -> Any:
    """Press *More* below an answer, then the tab `label` unless it is open; return what the last press led to."""
    opened = await member.click(message, label=texts.MORE_BUTTON)
    rows = [row if isinstance(row, dict) else row.to_dict() for row in opened.response.components or ()]
    tabs = {item["label"]: item for row in rows if row["type"] == 1 for item in row["components"]}
    if label not in tabs or tabs[label].get("disabled"):
        return opened
    return await member.click(opened.response, label=label)
