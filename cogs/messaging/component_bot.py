"""A client whose buttons, selects and forms work after restarts, and whose every error reaches the member."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.ext import commands

from cogs.core.translator import speak_to_member
from cogs.messaging.in_flight import InFlight
from cogs.messaging.replies import InteractionReply, told
from cogs.ui.components import PREFIX, PersistentItem, read_custom_id, refuse_unknown, unknown_item
from cogs.ui.modals import PersistentForm


class ComponentBot(commands.Bot):
    """Base of the client: features register the kinds of components they own, each with its action."""

    def __init__(self, **options: Any) -> None:
        """Take discord.py's options; no component is registered yet."""
        super().__init__(command_prefix=(), **options)
        self.in_flight = InFlight()
        self._items: dict[str, type[PersistentItem]] = {}
        self._forms: dict[str, type[PersistentForm]] = {}

    def add_components(self, *kinds: type[PersistentItem | PersistentForm]) -> None:
        """Register kinds of buttons, selects and forms. Raises ValueError for an action that is registered already."""
        for kind in kinds:
            if kind.action in self._items or kind.action in self._forms:
                raise ValueError(f"two kinds of components are called {kind.action}")
            if issubclass(kind, PersistentForm):
                self._forms[kind.action] = kind
            else:
                self._items[kind.action] = kind
                self.add_dynamic_items(kind)

    def add_fallback(self) -> None:
        """Answer the components that no registered kind owns; to be called once, after all are registered."""
        self.add_dynamic_items(unknown_item(self._items.values()))

    async def handle_component(
        self, interaction: discord.Interaction[Any], handler: Callable[[], Awaitable[None]]
    ) -> None:
        """Run what a component does, in the member's language; the member is told of any error. Raises nothing."""
        speak_to_member(interaction)
        with self.in_flight.answering():
            async with told(InteractionReply(interaction, private=True)):
                await handler()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take forms that are sent; discord.py itself knows only those that this very process has opened."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: dict[str, Any] = dict(interaction.data or {})
        sent = str(data.get("custom_id"))
        if not sent.startswith(f"{PREFIX}:"):
            return
        action, first, second = read_custom_id(sent) or ("", 0, 0)
        kind = self._forms.get(action)
        submitted = (lambda: kind.submitted(interaction, first, second)) if kind else refuse_unknown
        await self.handle_component(interaction, submitted)
