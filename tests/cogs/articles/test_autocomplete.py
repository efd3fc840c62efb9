"""Autocomplete for articles: the suggestions, and the article that a value or a typed title refers to."""

from __future__ import annotations

import random
from typing import Any

import aiohttp
import discord
import pytest
import simcord
from rapidfuzz import fuzz, utils

from cogs.articles import autocomplete
from cogs.articles.autocomplete import resolve_article, suggestions
from cogs.core.async_store import AsyncStore
from i18n import texts
from index.libraries.title_list import ArticleTitle
from index.models import UserError
from settings import Settings
from tests.cogs.stored_articles import StockedAnswers, remove, stock
from tests.cogs.visible_text import PUBLIC, shown

NAMES = ("How to install Linux", "Server rules", "Installing mods", "The tides", "Tides of history", "   ", "x" * 150)
TITLES = [ArticleTitle.of("shared", number, name) for number, name in enumerate(NAMES, 1)]


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
    many = TITLES + [ArticleTitle.of("guild-1", number, f"Article {number}") for number in range(40)]

    found = suggestions(many, " ")

    assert len(found) == 25
    assert [name for name, _ in found[:6]] == [*NAMES[:5], texts.UNTITLED]
    assert all(1 <= len(name) <= 100 and len(value) <= 100 for name, value in found)


def straightforward(titles: list[ArticleTitle], typed: str) -> list[str]:
    """Return the values of the suggestions, with every title normalised, compared and sorted."""
    names, query = [utils.default_process(one.title) for one in titles], utils.default_process(typed)
    if not query:
        return []
    best = [index for index, name in enumerate(names) if query in name]
    best.sort(key=lambda index: (names[index] != query, not names[index].startswith(query)))
    scores = {index: fuzz.WRatio(query, name) for index, name in enumerate(names)}
    similar = sorted((index for index in scores if scores[index] >= 60), key=lambda index: -scores[index])[:25]
    if len(best) < 25:
        best = list(dict.fromkeys([*best, *similar]))
    return [f"{titles[index].library}:{titles[index].article_id}" for index in best[:25]]


def test_suggestions_are_those_of_comparing_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is typed, for many titles, also alike and equal ones, that are compared in several batches."""
    monkeypatch.setattr(autocomplete, "_BATCH", 90)
    rng = random.Random(4)
    words = ["tide", "tides", "Lighthouse", "of", "the", "ferry", "Rules", "C++", "2024", "mods", "Straße", "x", "-"]
    names = [" ".join(rng.choices(words, k=rng.randrange(1, 7))) for _ in range(600)]
    titles = [ArticleTitle.of(rng.choice(("a", "b")), number, name) for number, name in enumerate(names)]
    for _ in range(150):
        typed = list(" ".join(rng.choices(words, k=rng.randrange(1, 4))))
        for _ in range(rng.randrange(3)):
            typed[rng.randrange(len(typed))] = rng.choice("aeiou t")
        text = "".join(typed)[: rng.randrange(1, 30)]
        assert [value for _, value in suggestions(titles, text)] == straightforward(titles, text), text


@pytest.mark.parametrize("typed", ["qqqqqq", "???"])
def test_nothing_alike(typed: str) -> None:
    """Text that is similar to no title gives no suggestions."""
    assert suggestions(TITLES, typed) == []


def test_a_choice_is_exact() -> None:
    """A suggestion refers to exactly one article, even if several have the same title."""
    near_duplicates = [ArticleTitle.of("shared", 1, "Rules"), ArticleTitle.of("guild-7", 1, "Rules")]

    assert [resolve_article(near_duplicates, value) for _, value in suggestions(near_duplicates, "rules")] == [
        ("shared", 1),
        ("guild-7", 1),
    ]
    assert resolve_article(near_duplicates, "rules") == ("shared", 1)


@pytest.mark.parametrize("typed", ["guild-9:4", "shared:01", "shared:" + 5000 * "1", "something else entirely", ""])
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
