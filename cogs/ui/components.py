"""Base classes of the bot's buttons and selects.

Each action has its own class in the package of its feature. The custom id, `verbatim:<action>:<id>:<number>`, holds
all state, so components work after any number of restarts. Messages already sent contain these ids: never change the
meaning of an action, and never remove one while such messages may exist.

discord.py calls every dynamic item whose template matches, and only logs exceptions raised in it. So templates are
disjoint, `unknown_item` answers ids that no class owns, and `PersistentItem` hands every error to the client.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, ClassVar, Final, Protocol, Self, cast

import discord
from discord import ui

from i18n import texts
from index.models import UserError
from storage.models import MAX_ID

PREFIX: Final = "verbatim"
_NUMBERS: Final = r"(\d{1,20}):(\d{1,4})"
_GREY: Final = discord.ButtonStyle.secondary


class ComponentHost(Protocol):
    """The client, as components use it."""

    async def handle_component(
        self, interaction: discord.Interaction[Any], handler: Callable[[], Awaitable[None]]
    ) -> None:
        """Run a component's handler and report any error to the member; never raises."""
        ...


class PersistentItem(ui.DynamicItem[ui.Button[Any] | ui.Select[Any]], template=r"(?!)"):
    """A button or select of one action, with up to two numbers in its custom id.

    A subclass names its action, `class MoreButton(PersistentItem, action="more")`, takes the numbers (`ids` of them)
    as the first arguments of its constructor, and implements `pressed`.
    """

    action: ClassVar[str]
    ids: ClassVar[int]

    def __init_subclass__(cls, *, action: str, ids: int = 1) -> None:
        """Set the action and the template, which matches only custom ids of this class."""
        super().__init_subclass__(template=rf"{PREFIX}:{re.escape(action)}:{_NUMBERS}")
        cls.action, cls.ids = action, ids

    @classmethod
    def custom_id_of(cls, first: int = 0, second: int = 0) -> str:
        """Return a custom id of this class, at most 100 characters long."""
        return custom_id(cls.action, first, second)

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the component that the member used."""
        create = cast("Callable[..., Self]", cls)  # each class names its numbers itself
        return create(*map(_number, match.groups()[: cls.ids]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Run `pressed` through the client, which reports errors to the member."""
        await cast("ComponentHost", interaction.client).handle_component(interaction, lambda: self.pressed(interaction))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Handle the use of the component. May raise UserError with a sentence for the member."""
        raise NotImplementedError


def custom_id(action: str, first: int = 0, second: int = 0) -> str:
    """Return the custom id of an action with two numbers."""
    return f"{PREFIX}:{action}:{first}:{second}"


def read_custom_id(text: str) -> tuple[str, int, int] | None:
    """Return the action and numbers in a custom id; None if it has another format."""
    match = re.fullmatch(rf"{PREFIX}:([a-z-]+):{_NUMBERS}", text)
    return (match[1], _number(match[2]), _number(match[3])) if match else None


def _number(digits: str) -> int:
    return min(int(digits), MAX_ID)  # a database has no larger integers


def unknown_item(owned: Iterable[type[PersistentItem]]) -> type[ui.DynamicItem[ui.Button[Any] | ui.Select[Any]]]:
    """Return a class that answers all of the bot's components that no class in `owned` does, such as future ones."""
    actions = "|".join(re.escape(kind.action) for kind in owned)

    class UnknownItem(
        ui.DynamicItem[ui.Button[Any] | ui.Select[Any]],
        template=re.compile(rf"{PREFIX}:(?!(?:{actions}):{_NUMBERS}\Z).*", re.DOTALL),
    ):
        """Tells the member that this version does not know the component."""

        @classmethod
        async def from_custom_id(
            cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], _match: re.Match[str], /
        ) -> Self:
            """Return the component that the member used."""
            return cls(cast("ui.Button[Any]", item))

        async def callback(self, interaction: discord.Interaction[Any]) -> None:
            """Report the unknown component."""
            await cast("ComponentHost", interaction.client).handle_component(interaction, refuse_unknown)

    return UnknownItem


async def refuse_unknown() -> None:
    """Raise the UserError for a component that this version does not know."""
    raise UserError(texts.BUTTON_UNKNOWN)


Rows = list[list[PersistentItem]]


class AnswerButton(PersistentItem, action="answer-base"):
    """Base of buttons whose custom id holds only the id of a stored answer."""

    get_label: ClassVar[Callable[[], str]]
    style: ClassVar[discord.ButtonStyle]

    def __init_subclass__(
        cls, *, action: str, label: Callable[[], str], style: discord.ButtonStyle = discord.ButtonStyle.secondary
    ) -> None:
        """Set the action, the function that returns the label in the current language, and the style."""
        super().__init_subclass__(action=action)
        cls.get_label, cls.style = staticmethod(label), style

    def __init__(self, answer_id: int) -> None:
        """Create the button of an answer."""
        super().__init__(button(self.custom_id_of(answer_id), type(self).get_label(), self.style))
        self.answer_id = answer_id


class PageButton(PersistentItem, action="page-base", ids=2):
    """Base of buttons that show another page of a private message; pages count from 0."""

    def __init_subclass__(cls, *, action: str) -> None:
        """Set the action; the custom id holds owner and page."""
        super().__init_subclass__(action=action, ids=2)

    def __init__(self, owner_id: int, page: int, label: str = "", *, disabled: bool = False) -> None:
        """Lead to a page of the object `owner_id`, for instance an answer."""
        super().__init__(button(self.custom_id_of(owner_id, page), label or texts.NEXT_BUTTON, disabled=disabled))
        self.owner_id, self.page = owner_id, page


def button(custom_id: str, label: str, style: discord.ButtonStyle = _GREY, *, disabled: bool = False) -> ui.Button[Any]:
    """Return a button for a `PersistentItem`, grey by default."""
    return ui.Button(label=label, style=style, custom_id=custom_id, disabled=disabled)


def page_row(kind: type[PageButton], owner_id: int, page: int, pages: int) -> Rows:
    """Return the row with the back and next buttons; no row if there is only one page."""
    if pages < 2:
        return []
    back = kind(owner_id, max(page - 1, 0), texts.BACK_BUTTON, disabled=page == 0)
    # On the last page too, the number differs from that of `back`: custom ids must be unique within a message.
    forward = kind(owner_id, page + 1, texts.NEXT_BUTTON, disabled=page + 1 >= pages)
    return [[back, forward]]


def selected(interaction: discord.Interaction[Any]) -> list[str]:
    """Return the values chosen in a select; ids for channels and roles."""
    data: dict[str, Any] = dict(interaction.data or {})
    return [str(value) for value in data.get("values", ())]
