"""Routes of Discord that simcord lacks; importing this module adds them."""

from __future__ import annotations

from typing import Any

from simcord.http.router import RequestContext, route


@route("GET", "/applications/{application_id}/guilds/{guild_id}/commands/permissions")
def _overrides(ctx: RequestContext) -> list[dict[str, Any]]:
    """Answer, as Discord does, with what a server has set for all commands; simcord knows it only for one."""
    guild = ctx.int_arg("guild_id")
    return [
        {"id": str(command), "permissions": list(entries)}
        for (of, command), entries in ctx.backend.command_permissions.items()
        if of == guild
    ]
