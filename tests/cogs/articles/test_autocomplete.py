"""Autocomplete for articles: the suggestions, and the article that a value or a typed title refers to."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord
import pytest
import simcord

from cogs.articles.autocomplete import resolve_article, suggestions
from cogs.core.async_store import AsyncStore
from i18n import texts
from index.libraries.title_list import ArticleTitle
from index.models import UserError
from settings import Settings
from tests.cogs.stored_articles import StockedAnswers, remove, stock
from tests.cogs.visible_text import PUBLIC, shown

NAMES = ("How to install Linux", "Server rules", "Installing mods", "The tides", "Tides of history", "   ", "x" * 150)
TITLES = [ArticleTitle("shared", number, name) for number, name in enumerate(NAMES, 1)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("server", "Server rules"),
        ("rules", "Server rules"),
        ("SERVR RULS", "Server rules"),
        ("tides", "Tides of history"),
        ("the tides", "The tides"),
        ("instal", "Installing mods"),
        ("linux install", "How to install Linux"),
    ],
)
def test_the_meant_title_comes_first(typed: str, first: str) -> None:
    """Titles that begin with the text come before those that contain it, and those before similar ones."""
    assert suggestions(TITLES, typed)[0][0] == first


def test_the_newest_are_offered_first() -> None:
    """Without input the first 25 titles are suggested in the given order, each at most 100 characters long."""
    many = TITLES + [ArticleTitle("guild-1", number, f"Article {number}") for number in range(40)]

    found = suggestions(many, " ")

    assert len(found) == 25
    assert [name for name, _ in found[:6]] == [*NAMES[:5], texts.UNTITLED]
    assert all(1 <= len(name) <= 100 and len(value) <= 100 for name, value in found)


@pytest.mark.parametrize("typed", ["qqqqqq", "???"])
def test_nothing_alike(typed: str) -> None:
    """Text that is similar to no title gives no suggestions."""
    assert suggestions(TITLES, typed) == []


def test_a_choice_is_exact() -> None:
    """A suggestion refers to exactly one article, even if several have the same title."""
    near_duplicates = [ArticleTitle("shared", 1, "Rules"), ArticleTitle("guild-7", 1, "Rules")]

    assert [resolve_article(near_duplicates, value) for _, value in suggestions(near_duplicates, "rules")] == [
        ("shared", 1),
        ("guild-7", 1),
    ]
    assert resolve_article(near_duplicates, "rules") == ("shared", 1)


@pytest.mark.parametrize("typed", ["guild-9:4", "something else entirely", ""])
def test_no_such_article(typed: str) -> None:
    """A value of no article, or of another server's, is refused with what to do."""
    with pytest.raises(UserError, match="Choose one from the list"):
        resolve_article(TITLES, typed)


@pytest.fixture
def answers(settings: Settings) -> StockedAnswers:
    """Return fake answers that quote an article of the shared library."""
    return StockedAnswers(stock(settings.data_dir))


@pytest.mark.simcord(approved_intents=PUBLIC)
async def test_ask_in_one_article(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: StockedAnswers,
    settings: Settings,
    simcord_env: simcord.Env,
) -> None:
    """Articles of the server and shared ones are suggested, and only the chosen one is asked."""
    own = stock(settings.data_dir, "Be kind.", title="Light rules", key="r", library=f"guild-{simcord_env.guild.id}")
    stock(settings.data_dir, "Not yours.", title="Light of others", key="o", library="guild-1")

    choices = await alice.autocomplete(channel, "ask", "article", "light")
    await alice.slash(channel, "ask", question="Who?", article=choices[0]["value"])

    assert [choice["name"] for choice in choices] == ["Light rules", "The lighthouse"]
    assert answers.asked == [("Who?", (f"guild-{simcord_env.guild.id}",))]
    assert answers.restricted == [own]


@pytest.mark.simcord(approved_intents=PUBLIC)
async def test_choices_follow_the_articles(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: StockedAnswers, settings: Settings
) -> None:
    """Articles that another process adds or removes appear with the next input; no model is used."""
    before = await alice.autocomplete(channel, "ask", "article", "")
    stock(settings.data_dir, "Be kind.", title="Rules", key="r")
    remove(settings.data_dir, answers.article_id)
    after = await alice.autocomplete(channel, "ask", "article", "")

    assert [choice["name"] for choice in before] == ["The lighthouse"]
    assert [choice["name"] for choice in after] == ["Rules"]
    assert answers.asked == []


@pytest.mark.simcord(approved_intents=PUBLIC)
async def test_an_article_that_does_not_exist(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, answers: StockedAnswers
) -> None:
    """A title that matches no article is refused privately."""
    asked = await alice.slash(channel, "ask", question="Who?", article="nothing of the kind")

    assert asked.response is None
    assert [told.content for told in asked.followups] == [texts.NO_SUCH_ARTICLE]
    assert answers.asked == []


@pytest.mark.simcord(approved_intents=PUBLIC)
async def test_a_list_that_fails(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    answers: StockedAnswers,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If the articles cannot be read nothing is suggested, the reason is logged, and asking still works."""
    broken = settings.data_dir / "libraries" / "shared" / "catalog.db"
    broken.write_bytes(b"no database at all, but long enough to be looked at by SQLite as one" * 20)

    assert await alice.autocomplete(channel, "ask", "article", "light") == []
    assert "could not be listed" in caplog.text
    assert shown((await alice.slash(channel, "ask", question="unknown thing?")).response)


async def test_lost_connection(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suggestions are sent once more after a lost connection."""
    stock(settings.data_dir)
    send, tries = discord.InteractionResponse.autocomplete, []

    async def lose_first(self: Any, choices: Any) -> None:
        tries.append(choices)
        if len(tries) == 1:
            raise aiohttp.ServerDisconnectedError
        await send(self, choices)

    monkeypatch.setattr(discord.InteractionResponse, "autocomplete", lose_first)

    choices = await alice.autocomplete(channel, "ask", "article", "light")

    assert [choice["name"] for choice in choices] == ["The lighthouse"]
    assert len(tries) == 2
