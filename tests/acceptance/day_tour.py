"""A second server of the busy day, in which every feature is used once, each role tries what it may not, and all works.

It has articles of its own, so that the sample articles are not searched there; the busy server has none.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from cogs.core.roles import INCLUDED, LEAST, Action, Role
from i18n import texts
from tests.acceptance.day_report import Report
from tests.acceptance.test_features import MANAGE_GUILD, MANAGE_MESSAGES, SEND
from tests.cogs.reader import read_quotes
from tests.cogs.visible_text import unlinked

ARTICLES: Final[Mapping[str, str]] = {
    "Spring Fair": "The fair is in Mill Park.\n\nThe gates open at 10 in the morning. Dogs must stay on a lead.",
    "Autumn Fair": "The fair is in the Corn Hall.\n\nThe gates open at 11 in the morning. Dogs must stay outside.",
    "The lamp of Gull Island": "Mira Holt keeps the lamp of Gull Island and counts the gulls every morning.",
    "The ferry to Gull Island": "The ferry to Gull Island leaves at seven. Tickets cost four coins.",
}
NO_LIMITS: Final[Mapping[str, int]] = {"member_limit": 0, "channel_limit": 0, "server_limit": 0}
_SECONDS: Final = 90.0  # for what the bot does by itself


class Tour:
    """The server, its members by role, and what the flows share."""

    def __init__(self, discord: Any, report: Report) -> None:
        """Create the server, before the bot starts."""
        self.discord, self.report = discord, report
        self.guild, self.place = discord.new_guild("Tour")
        self.helper_role = discord.server.add_role(self.guild, "Helpers", 0)
        self.editor_role = discord.server.add_role(self.guild, "Editors", 0)
        self.admin = self.person("Admin", SEND | MANAGE_GUILD | MANAGE_MESSAGES)
        self.moderator = self.person("Moderator", SEND | MANAGE_MESSAGES)
        self.helper = self._with_role("Helper", self.helper_role)
        self.editor = self._with_role("Editor", self.editor_role)
        self.member = self.person("Visitor")
        self.helpers, self.staff = self.channel("helpers"), self.channel("staff")
        self._unlocked: set[str] = set()
        checked = discord._may
        discord._may = lambda user, *more: None if user["id"] in self._unlocked else checked(user, *more)
        report.know(*ARTICLES.values())

    def person(self, name: str, permissions: int | None = None) -> Any:
        """Return a new member."""
        return self.discord.user(name, guild=self.guild, permissions=permissions)

    def _with_role(self, name: str, role: Any) -> Any:
        user = self.discord.user(name, guild=False)
        self.discord.server.add_member(self.guild, user, [role["_id"]])
        return user

    def channel(self, name: str) -> Any:
        """Return a new text channel."""
        return self.discord.text_channel(name, self.guild)

    def check(self, holds: object, complaint: str) -> None:
        """Report a problem unless something holds."""
        if not holds:
            self.report.problems.append(f"tour: {complaint}")

    async def until(self, holds: Callable[[], object], complaint: str, seconds: float = _SECONDS) -> bool:
        """Wait until something holds; report a problem if it does not in time."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                self.check(False, complaint)
                return False
            await asyncio.sleep(0.1)
        return True

    def posts(self, channel: Any) -> list[Any]:
        """Return the bot's messages in a channel that everyone sees there."""
        return [one for one in self.discord.messages_in(channel) if not one.ephemeral and not one.deleted]

    # What people do; each is counted in the report.

    async def slash(self, who: Any, name: str, options: dict[str, Any] | None = None, place: Any = None) -> Any:
        """Use a command."""
        return self._counted(await self.discord.slash(who, name, options, channel=place or self.place))

    async def click(self, who: Any, message: Any, label: str, *, shows: bool = True) -> Any:
        """Press a button."""
        return self._counted(await self.discord.click(who, message, label), shows=shows)

    async def menu(self, who: Any, name: str, message: Any) -> Any:
        """Choose an entry of a message's menu."""
        return self._counted(await self.discord.context_menu(who, name, message))

    async def submit(self, who: Any, opened: Any, values: dict[str, Any]) -> Any:
        """Fill in a form."""
        return self._counted(await self.discord.submit_modal(who, opened, values))

    async def ask(self, who: Any, question: str, place: Any = None, **options: Any) -> Any:
        """Ask with the command."""
        asked = await self.discord.slash(who, "ask", {"question": question, **options}, channel=place or self.place)
        self.report.question("tour: command", asked)
        return asked

    async def mention(self, who: Any, question: str, place: Any) -> Any:
        """Ask in a message that mentions the bot."""
        asked = await self.discord.mention(who, question, place)
        self.report.question("tour: mention", asked)
        return asked

    def _counted(self, done: Any, *, shows: bool = True) -> Any:
        self.report.action(done, shows=shows)
        return done

    def quotes(self, asked: Any) -> str:
        """Return what an answer quotes."""
        return "\n".join(one.text for one in read_quotes(asked.response.text)) if asked.response else ""

    # The parts of the day

    async def set_up(self) -> None:
        """Set the server up, and add its articles."""
        options = {
            "helpers_channel": self.helpers,
            "helpers_role": self.helper_role,
            "editor_role": self.editor_role,
            "digest_channel": self.staff,
            **NO_LIMITS,
        }
        await self.slash(self.admin, "config settings", options)
        for title, text in ARTICLES.items():
            preview = await self.preview(title, text)
            await self.add(preview)

    async def preview(self, title: str, text: str) -> Any:
        """Return the preview of an article that the editor has pasted."""
        form = await self.slash(self.editor, "article add")
        values = {texts.ARTICLE_FORM_HEADING: title, texts.ARTICLE_FORM_TEXT: text}
        return await self.submit(self.editor, form, values)

    async def add(self, preview: Any) -> None:
        """Add the article of a preview."""
        pressed = await self.click(self.editor, preview.response, texts.ARTICLE_ADD_BUTTON, shows=False)
        seen = preview.response
        await self.until(lambda: "Added: " in seen.text, f"not added: {pressed.text!r}")

    async def run(self, flows: Mapping[str, Callable[[Tour], Any]]) -> None:
        """Run flows side by side; an exception is recorded as a problem."""

        async def one(name: str, flow: Callable[[Tour], Any]) -> None:
            try:
                await flow(self)
            except Exception as error:  # noqa: BLE001 - the others go on, and the report lists the error
                self.check(False, f"{name}: {type(error).__name__}: {error}")

        await asyncio.gather(*[one(name, flow) for name, flow in flows.items()])

    async def refused(self) -> None:
        """Let each role use every command that it may not use; as if Discord's own page showed them all to it."""
        people = {
            Role.MEMBER: self.member,
            Role.HELPER: self.helper,
            Role.MODERATOR: self.moderator,
            Role.EDITOR: self.editor,
        }
        place = self.channel("roles")
        self._unlocked |= {who["id"] for who in people.values()}
        for role, who in people.items():
            for action, least in LEAST.items():
                if least in INCLUDED[role] or action not in _COMMANDS:
                    continue
                done = await self.slash(who, action.value, self._options(action), place)
                if done.modal:
                    self.check(False, f"{role} gets the form of /{action}")
                else:
                    self.check(unlinked(done.text) == texts.NOT_ALLOWED, f"{role} /{action}: {done.text!r}")
        self._unlocked.clear()

    def _options(self, action: Action) -> dict[str, Any]:
        return {
            **{each: {"article": "The lamp of Gull Island"} for each in _OF_ARTICLE},
            Action.ARTICLE_RENAME: {"article": "The lamp of Gull Island", "title": "Mine"},
            Action.ARTICLE_TAG: {"article": "The lamp of Gull Island", "collections": "Mine"},
            Action.ARTICLE_IMPORT: {"file": ("a.jsonl", b"{}")},
            Action.FOLLOW_CHANNEL: {"channel": self.place},
            Action.CONFIG_CHANNEL: {"channel": self.place},
            Action.PIN_ADD: {"question": "Who?", "article": "The lamp of Gull Island", "words": "Mira Holt"},
        }.get(action, {})


_COMMANDS: Final = {
    action for action in LEAST if " " in action and not action.startswith(("menu", "answer", "call", "words"))
} - {Action.ARTICLE_SAVE}
_OF_ARTICLE: Final = (Action.ARTICLE_REMOVE, Action.ARTICLE_REFRESH, Action.ARTICLE_SCHEDULE)
