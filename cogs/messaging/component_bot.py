"""Base client whose buttons, selects and forms survive restarts and report their errors to the member."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.ext import commands

from cogs.core.gateway import SteadyClient
from cogs.core.translator import use_member_language
from cogs.messaging.in_flight import InFlight
from cogs.messaging.interaction_reply import InteractionReply
from cogs.messaging.replies import report_errors
from cogs.ui.components import PREFIX, PersistentItem, read_custom_id, refuse_unknown, unknown_item
from cogs.ui.modals import PersistentForm
from observability.request_ids import begin_request, request


class ComponentBot(commands.Bot, SteadyClient):
    """Dispatches components to the classes that the cogs register, by action."""

    def __init__(self, **options: Any) -> None:
        """Create the client with discord.py's options and no components."""
        super().__init__(command_prefix=(), **options)
        self.in_flight = InFlight()
        self._items: dict[str, type[PersistentItem]] = {}
        self._forms: dict[str, type[PersistentForm]] = {}

    async def wait_until_idle(self, seconds: float) -> None:
        """Wait at most so long until no question or component is being handled."""
        await self.in_flight.wait_until_idle(seconds=seconds)

    def add_components(self, *kinds: type[PersistentItem | PersistentForm]) -> None:
        """Register classes of buttons, selects and forms. Raises ValueError for an action registered before."""
        for kind in kinds:
            if kind.action in self._items or kind.action in self._forms:
                raise ValueError(f"two kinds of components are called {kind.action}")
            if issubclass(kind, PersistentForm):
                self._forms[kind.action] = kind
            else:
                self._items[kind.action] = kind
                self.add_dynamic_items(kind)

    def add_fallback(self) -> None:
        """Answer components that no registered class owns. Call once, after all classes are registered."""
        self.add_dynamic_items(unknown_item(self._items.values()))

    async def handle_component(
        self, interaction: discord.Interaction[Any], handler: Callable[[], Awaitable[None]]
    ) -> None:
        """Run a component's handler in the member's language and report any error to the member; never raises."""
        begin_request()
        use_member_language(interaction)
        with self.in_flight.answering():
            async with report_errors(InteractionReply(interaction, private=True)):
                await handler()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Start the listeners of an event, with one request id for all of them: tasks inherit it."""
        with request():
            super().dispatch(event, *args, **kwargs)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Dispatch submitted forms; discord.py itself knows only those that this process opened."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: dict[str, Any] = dict(interaction.data or {})
        custom_id = str(data.get("custom_id"))
        if not custom_id.startswith(f"{PREFIX}:"):
            return
        action, first, second = read_custom_id(custom_id) or ("", 0, 0)
        kind = self._forms.get(action)
        handler = (lambda: kind.submitted(interaction, first, second)) if kind else refuse_unknown
        await self.handle_component(interaction, handler)
