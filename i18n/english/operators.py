"""English texts for the operator, at start. They are not translated."""

from __future__ import annotations

from typing import Final


class OperatorTexts:
    """What keeps the bot from logging in to Discord, and what to do about it."""

    __slots__ = ()

    TOKEN_MISSING: Final = (
        "No Discord token is set: create a bot at https://discord.com/developers/applications, copy its token "  # noqa: S105 - no password
        "from the Bot page, and put DISCORD_TOKEN=... into the file .env."
    )
    TOKEN_REFUSED: Final = (
        "Discord refused the token: copy it again from the Bot page of your application at "  # noqa: S105 - no password
        "https://discord.com/developers/applications (Reset Token) and put it into .env as DISCORD_TOKEN=..."
    )
    INTENTS_REFUSED: Final = (
        "Discord refused a privileged intent: switch it on under Bot, Privileged Gateway Intents, of your application "
        "at https://discord.com/developers/applications, or switch off the setting that needs it."
    )
    UNREACHABLE: Final = "Discord cannot be reached from here: check the network of this machine, then start again."
