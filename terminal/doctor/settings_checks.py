"""Checks of the settings and of the form of the token."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from settings import Settings
from terminal.doctor.findings import ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from terminal.doctor.findings import Finding

_ALIKE: Final = 0.9  # of two names, from which one is taken to be a misspelling of the other
_TOKEN_PAGE: Final = "https://discord.com/developers/applications"  # noqa: S105 - an address


def check_settings(env_file: Path, problems: list[str]) -> Iterator[Finding]:
    """Yield the problems that loading the settings has found, and what looks like a mistake but is none."""
    for line in problems:
        yield problem("settings", line, f"Correct it in {env_file}, or in the environment; README lists the settings.")
    names = [name.upper() for name in Settings.model_fields]
    for name in sorted(set(os.environ).difference(names)):
        near = get_close_matches(name.upper(), names, n=1, cutoff=_ALIKE)
        if near:
            yield warning(
                "settings", f"The environment sets {name}, which is not a setting.", f"Did you mean {near[0]}?"
            )
    if env_file.is_file() and os.name != "nt" and stat.S_IMODE(env_file.stat().st_mode) & 0o077:
        yield warning(
            "settings", f"Other users of this machine can read {env_file}, which may have the token.",
            f"Run `chmod 600 {env_file}`.",
        )  # fmt: skip
    if not problems:
        where = f"{env_file} and the environment" if env_file.is_file() else f"the environment; there is no {env_file}"
        yield ok("settings", f"They can all be used, from {where}.")


def check_token(settings: Settings) -> Iterator[Finding]:
    """Yield whether the token has the form of a bot's token; Discord is not asked."""
    if settings.discord_token is None:
        yield warning(
            "token", "No DISCORD_TOKEN is set, so that only the terminal commands work.",
            f"To run on Discord, copy the token from the Bot page of your application at {_TOKEN_PAGE} into .env.",
        )  # fmt: skip
    elif not is_token(settings.discord_token.get_secret_value()):
        yield problem(
            "token", "DISCORD_TOKEN does not have the form of a bot's token: three parts with dots between them.",
            f"Copy it again from the Bot page of your application at {_TOKEN_PAGE} (Reset Token); the client secret "
            "and the public key are something else.",
        )  # fmt: skip
    else:
        yield ok("token", "DISCORD_TOKEN has the form of a bot's token.")


def is_token(token: str) -> bool:
    """Whether a text has the form of a bot's token: three parts in base64, of which the first is the bot's id."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        return False
    try:
        first, *_ = [base64.b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True) for part in parts]
    except (binascii.Error, ValueError):
        return False
    return first.isdigit()
