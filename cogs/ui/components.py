"""Base classes of the bot's buttons and selects.

Each kind is a class of its own, owned by its feature. What a component is about stands in its custom id,
`verbatim:<action>:<id>:<number>`, so it works after any number of restarts. The ids are in messages already sent: an
action is never given another meaning, and never removed while such messages may exist.

discord.py calls every dynamic item whose template matches, and only logs what goes wrong in one. So each action has a
template that matches nothing else, `unknown_item` answers what no class owns, and `PersistentItem` hands every error
to the client.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, ClassVar, Final, Protocol, Self, cast

import discord
from discord import ui

from i18n import texts
from index.models import UserError

PREFIX: Final = "verbatim"
_NUMBERS: Final = r"(\d{1,20}):(\d{1,4})"
_GREY: Final = discord.ButtonStyle.secondary


class ComponentHost(Protocol):
    """The client, as components know it."""

    async def handle_component(
        self, interaction: discord.Interaction[Any], handler: Callable[[], Awaitable[None]]
    ) -> None:
        """Run what a component does; the member is told of any error. Raises nothing."""
        ...


class PersistentItem(ui.DynamicItem[ui.Button[Any] | ui.Select[Any]], template=r"(?!)"):
    """A button or select of one action, with one or two numbers that say what it is about.

    A subclass names its action, `class MoreButton(PersistentItem, action="more")`, takes its numbers as the first
    arguments of its constructor (`ids` of them), and does its work in `pressed`.
    """

    action: ClassVar[str]
    ids: ClassVar[int]

    def __init_subclass__(cls, *, action: str, ids: int = 1) -> None:
        """Give the class its action and the template that only its own custom ids match."""
        super().__init_subclass__(template=rf"{PREFIX}:{re.escape(action)}:{_NUMBERS}")
        cls.action, cls.ids = action, ids

    @classmethod
    def custom_id_of(cls, first: int = 0, second: int = 0) -> str:
        """Return the custom id of a component of this kind; at most 100 characters."""
        return custom_id(cls.action, first, second)

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the component that was used."""
        made = cast("Callable[..., Self]", cls)  # each kind names its own numbers
        return made(*map(int, match.groups()[: cls.ids]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the component is for; the client tells the member of any error."""
        await cast("ComponentHost", interaction.client).handle_component(interaction, lambda: self.pressed(interaction))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the component is for. Raises UserError with a sentence for the member."""
        raise NotImplementedError


def custom_id(action: str, first: int = 0, second: int = 0) -> str:
    """Return the custom id of an action about these numbers."""
    return f"{PREFIX}:{action}:{first}:{second}"


def read_custom_id(text: str) -> tuple[str, int, int] | None:
    """Return action and numbers of a custom id, or None if it has another form."""
    found = re.fullmatch(rf"{PREFIX}:([a-z-]+):{_NUMBERS}", text)
    return (found[1], int(found[2]), int(found[3])) if found else None


def unknown_item(owned: Iterable[type[PersistentItem]]) -> type[ui.DynamicItem[ui.Button[Any] | ui.Select[Any]]]:
    """Return the class that answers every component of the bot that none of `owned` does, of other versions too."""
    actions = "|".join(re.escape(kind.action) for kind in owned)

    class UnknownItem(
        ui.DynamicItem[ui.Button[Any] | ui.Select[Any]],
        template=re.compile(rf"{PREFIX}:(?!(?:{actions}):{_NUMBERS}\Z).*", re.DOTALL),
    ):
        """Says that this version does not know the component."""

        @classmethod
        async def from_custom_id(
            cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], _match: re.Match[str], /
        ) -> Self:
            """Return the component that was used."""
            return cls(cast("ui.Button[Any]", item))

        async def callback(self, interaction: discord.Interaction[Any]) -> None:
            """Tell the member."""
            await cast("ComponentHost", interaction.client).handle_component(interaction, refuse_unknown)

    return UnknownItem


async def refuse_unknown() -> None:
    """Raise the UserError for a component that this version does not know."""
    raise UserError(texts.BUTTON_UNKNOWN)


Rows = list[list[PersistentItem]]


class PageButton(PersistentItem, action="page-base", ids=2):
    """Base of the buttons that turn the pages of a private message; `page` counts from 0."""

    def __init_subclass__(cls, *, action: str) -> None:
        """Give the class its action; both its numbers are needed."""
        super().__init_subclass__(action=action, ids=2)

    def __init__(self, owner_id: int, page: int, label: str = "", *, disabled: bool = False) -> None:
        """Lead to a page of what `owner_id` names."""
        super().__init__(button(self.custom_id_of(owner_id, page), label or texts.NEXT_BUTTON, disabled=disabled))
        self.owner_id, self.page = owner_id, page


def button(custom_id: str, label: str, style: discord.ButtonStyle = _GREY, *, disabled: bool = False) -> ui.Button[Any]:
    """Return a button for a `PersistentItem`; grey unless another style is given."""
    return ui.Button(label=label, style=style, custom_id=custom_id, disabled=disabled)


def page_row(kind: type[PageButton], owner_id: int, page: int, pages: int) -> Rows:
    """Return the row that turns pages, empty if there is only one page."""
    if pages < 2:
        return []
    back = kind(owner_id, max(page - 1, 0), texts.BACK_BUTTON, disabled=page == 0)
    # The next page's own number even on the last page: no two buttons of a message may share a custom id.
    on = kind(owner_id, page + 1, texts.NEXT_BUTTON, disabled=page + 1 >= pages)
    return [[back, on]]


def selected(interaction: discord.Interaction[Any]) -> list[str]:
    """Return what was chosen from a select; channels and roles as their ids."""
    data: dict[str, Any] = dict(interaction.data or {})
    return [str(value) for value in data.get("values", ())]
