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
    LOGIN_FORBIDDEN: Final = (
        "Discord does not let this machine or this bot log in (403): see whether the application at "
        "https://discord.com/developers/applications still exists and is not disabled, or try from another network."
    )
    TOO_MANY_LOGINS: Final = (
        "Discord, or Cloudflare before it, refuses logins from this address for now (429): leave the bot running, it "
        "tries again; if that happens often, see whether another program on this address uses Discord."
    )
    SHARDING_REQUIRED: Final = (
        "Discord refuses the number of shards that this process was given: start the bot without one, so that it uses "
        "the number that Discord recommends."
    )
    OTHER_SHARDS_REQUIRED: Final = (
        "Discord refuses the number of shards of the bot, {count}, by now ({code}): it disconnects, and connects again "
        "with the number that Discord recommends now."
    )
    SESSIONS_USED_UP: Final = (
        "Discord allows the bot no further session before {until} UTC, because all {total} of a day are used up: it "
        "waits until then, since Discord resets the token of a bot that goes on. See earlier in the log why it "
        "connected so often."
    )
    REFUSED: Final = (
        "Discord refused the connection ({code}): see https://discordstatus.com, install the newest version, and start "
        "again."
    )
    UNREACHABLE: Final = "Discord cannot be reached from here: check the network of this machine, then start again."
