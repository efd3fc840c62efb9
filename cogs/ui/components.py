"""The buttons under an answer: what each says of itself, and which ones an answer gets.

A button carries its meaning in its custom id, and the answer it belongs to is in the bot's memory; so it works
after any number of restarts, for as long as the answer is remembered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol, Self, cast

import discord
from discord import ui

from i18n import texts
from storage.models import ServerSettings, StoredAnswer

PREFIX: Final = "verbatim"
_CUSTOM_ID: Final = re.compile(rf"{PREFIX}:([a-z-]+):(\d{{1,20}}):(\d{{1,4}})")
_GREY: Final = discord.ButtonStyle.secondary


class Action(StrEnum):
    """What a button does; the values stand in messages already sent, so they are never given another meaning."""

    MORE = "more"
    MORE_PAGE = "more-page"
    CONTEXT = "context"
    CONTEXT_PAGE = "context-page"
    SOURCES = "sources"
    SOURCES_PAGE = "sources-page"
    HELPFUL = "helpful"
    HELPFUL_QUOTE = "helpful-quote"
    UNHELPFUL = "unhelpful"
    HUMAN = "human"
    DELETE = "delete"
    POST = "post"
    REASON = "reason"  # of a form, not a button
    ARTICLE_FORM = "article-form"  # likewise
    ARTICLE_ADD = "article-add"
    ARTICLE_CANCEL = "article-cancel"
    ARTICLE_PAGE = "article-page"
    ARTICLE_REMOVE = "article-remove"
    ARTICLE_RESTORE = "article-restore"
    ARTICLE_IMPORT = "article-import"
    LOAD_START = "load-start"
    LOAD_DROP = "load-drop"
    LOAD_SHOW = "load-show"
    LOAD_STOP = "load-stop"
    PIN_QUOTE = "pin-quote"
    PIN_WORDING = "pin-wording"
    PIN_WORDED = "pin-worded"  # of a form, not a button
    PIN_ADD = "pin-add"
    PIN_CANCEL = "pin-cancel"
    PIN_PAGE = "pin-page"
    PIN_REMOVE = "pin-remove"
    WATCH_ADD = "watch-add"
    WATCH_KEEP = "watch-keep"
    WATCH_REMOVE = "watch-remove"
    SETUP_PAGE = "setup-page"
    SETUP_CHANNEL = "setup-channel"
    SETUP_ROLE = "setup-role"
    SETUP_LANGUAGE = "setup-language"
    SETUP_LAYOUT = "setup-layout"
    SETUP_LIMITS = "setup-limits"
    SETUP_QUESTIONS = "setup-questions"
    SETUP_OFF = "setup-off"
    SETUP_FLOOR = "setup-floor"
    SETUP_THREADS = "setup-threads"
    SETUP_TRY = "setup-try"
    SETUP_TRIED = "setup-tried"  # of a form, not a button


@dataclass(frozen=True, slots=True)
class Press:
    """A button's meaning: an action on an answer, and for actions that turn pages the page, from 0.

    For votes `page` is the number of quotations to choose from, or the chosen one, from 1.

    Where the action is about articles, `answer_id` is the preview's, search's, article's, load's or channel's id, and
    where it is about pins the preview's. The buttons of the set-up belong to no answer; there stands who began it.
    """

    action: Action
    answer_id: int
    page: int = 0

    @property
    def custom_id(self) -> str:
        """What the button carries; at most 100 characters."""
        return f"{PREFIX}:{self.action}:{self.answer_id}:{self.page}"

    @classmethod
    def read(cls, custom_id: str) -> Press | None:
        """Return what a custom id means, or None where this version does not know it."""
        found = _CUSTOM_ID.fullmatch(custom_id)
        if found is None or found[1] not in set(Action):
            return None
        return cls(Action(found[1]), int(found[2]), int(found[3]))


class Pressed(Protocol):
    """The client, as buttons know it."""

    async def pressed(self, interaction: discord.Interaction, custom_id: str) -> None:
        """Do what a button says. Raises nothing: discord.py would only log it, and nobody would be told."""
        ...


class AnswerButton(ui.DynamicItem[ui.Button[Any] | ui.Select[Any]], template=rf"{PREFIX}:.*"):
    """Any button or select of the bot, also one that another version of it has made."""

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        return cls(cast("ui.Button[Any]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand it on to the client."""
        await cast("Pressed", interaction.client).pressed(interaction, self.custom_id)


def button(press: Press, label: str, style: discord.ButtonStyle = _GREY, *, disabled: bool = False) -> AnswerButton:
    """Return a button that means `press`."""
    return AnswerButton(ui.Button(label=label, style=style, custom_id=press.custom_id, disabled=disabled))


Rows = list[list[AnswerButton]]

MOST_JUDGED: Final = 3  # quotations that one answer shows


def under_answer(given: StoredAnswer, settings: ServerSettings) -> Rows:
    """Return the buttons of an answer, row by row; none where the answer could not be remembered."""
    if not given.id:
        return []
    reading = []
    if len(given.quotes) > given.shown:
        reading.append(button(Press(Action.MORE, given.id), texts.MORE_BUTTON))
    if given.quotes:
        reading.append(button(Press(Action.CONTEXT, given.id), texts.CONTEXT_BUTTON))
        reading.append(button(Press(Action.SOURCES, given.id), texts.SOURCES_BUTTON))
    # These two carry how many quotations there are to judge, for a form must open at once.
    judged = min(given.shown, MOST_JUDGED)
    saying = [
        button(Press(Action.HELPFUL, given.id, judged), texts.HELPFUL_BUTTON),
        button(Press(Action.UNHELPFUL, given.id, judged), texts.UNHELPFUL_BUTTON),
    ]
    if not given.private:
        if given.guild_id is not None and settings.helpers_channel is not None:
            saying.append(button(Press(Action.HUMAN, given.id), texts.HUMAN_BUTTON))
        saying.append(button(Press(Action.DELETE, given.id), texts.DELETE_BUTTON))
    return [row for row in (reading, saying) if row]


def under_preview(given: StoredAnswer) -> Rows:
    """Return the buttons of a private preview that may be posted."""
    reading = under_answer(given, ServerSettings())[:-1] if given.quotes else []
    post = button(Press(Action.POST, given.id), texts.POST_BUTTON, discord.ButtonStyle.primary)
    return [*reading, [post]] if given.id else []


def under_thanks(answer_id: int, quotes: int) -> Rows:
    """Return the buttons that tell which quotation helped; none where there is but one."""
    if quotes < 2:
        return []
    choices = [(rank, texts.QUOTATION.format(number=rank)) for rank in range(1, quotes + 1)]
    return [[button(Press(Action.HELPFUL_QUOTE, answer_id, rank), label) for rank, label in choices]]


def under_page(action: Action, answer_id: int, page: int, pages: int) -> Rows:
    """Return the buttons that turn the pages of a private message."""
    if pages < 2:
        return []
    back = button(Press(action, answer_id, max(page - 1, 0)), texts.BACK_BUTTON, disabled=page == 0)
    # The last page's own number, so that no two buttons of a message have one custom id.
    on = button(Press(action, answer_id, page + 1), texts.NEXT_BUTTON, disabled=page + 1 >= pages)
    return [[back, on]]
