"""Which messages are questions to the bot, and their text."""

from __future__ import annotations

from unittest.mock import Mock

import discord
import pytest

from cogs.messaging.message_text import question_in

ME, ROLE, OTHER = 11, 22, 33


def message(
    content: str, *, users: tuple[int, ...] = (), roles: tuple[int, ...] = (), **more: object
) -> discord.Message:
    """Return a member's message in a server where the bot's own role is ROLE."""
    own = Mock(spec=discord.Role, id=ROLE)
    known = {ROLE: own}
    made = Mock(
        spec=discord.Message,
        content=content,
        webhook_id=None,
        type=discord.MessageType.default,
        author=Mock(spec=discord.Member, bot=False),
        guild=Mock(spec=discord.Guild, self_role=own),
        mentions=[Mock(spec=discord.Member, id=user) for user in users],
        role_mentions=[known.get(role) or Mock(spec=discord.Role, id=role) for role in roles],
    )
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("spoken", "question"),
    [
        (message("<@11> who?", users=(ME,)), "who?"),
        (message("<@!11>who?\n<@11>", users=(ME,)), "who?"),
        (message("<@11> who? <@33> <@&44> @everyone @here", users=(ME, OTHER)), "who?"),
        (message("<@11> who reads me@here.org?", users=(ME,)), "who reads me@here.org?"),
        (message("<@&22> who?", roles=(ROLE,)), "who?"),
        (message("and when?", users=(ME,), type=discord.MessageType.reply), "and when?"),
        (message("who?", guild=None), "who?"),
        (message("<@11>", users=(ME,)), ""),
        (message("who?"), None),
        (message("<@33> who?", users=(OTHER,)), None),
        (message("<@&33> who?", roles=(OTHER,)), None),
        (message("@everyone who?", mention_everyone=True), None),
        (message("<@11> who?", users=(ME,), author=Mock(spec=discord.Member, bot=True)), None),
        (message("<@11> who?", users=(ME,), webhook_id=5), None),
        (message("<@11> who?", users=(ME,), type=discord.MessageType.pins_add), None),
        (message("who?", guild=None, author=Mock(spec=discord.User, bot=True)), None),
    ],
)
def test_what_is_a_question(spoken: discord.Message, question: str | None) -> None:
    """Mentions, replies, the bot's role and direct messages are questions; mentions are removed from the text."""
    assert question_in(spoken, Mock(spec=discord.ClientUser, id=ME)) == question
