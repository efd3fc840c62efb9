"""Where two articles answer alike, a member is asked which one is meant, and gets that article's answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot import Application
from cogs.ask.which import WhichCard, which_card, which_rows, without_buttons
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.worker import Worker
from cogs.services import Resources
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import message_body
from i18n import texts
from index.libraries.library_names import own_library
from index.sources.loader import draft_from_text
from qa.outcome import Answer, Quote
from settings import Settings
from storage.stored_answers import StoredAnswer
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

# Less than the 60 s between runs of background jobs, for which simcord would wait endlessly.
pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

FAIRS = {
    "Spring Fair": "The fair is in Mill Park.\n\nThe gates open at 10 in the morning. Dogs must stay on a lead.",
    "Autumn Fair": "The fair is in the Corn Hall.\n\nThe gates open at 11 in the morning. Dogs must stay outside.",
}
QUESTION = "When do the gates open?"


@pytest.fixture
def app(settings: Settings, worker: Worker) -> Iterator[Application]:
    """Return real models and libraries."""
    app = Application(settings.model_copy(update={"articles_dir": Path("missing")}))
    worker.submit(app.answerer.warm).result()
    yield app
    worker.submit(closing(app).__exit__).result()


@pytest.fixture
def simcord_bot(app: Application, resources: Resources) -> VerbatimBot:
    """Return the bot with real models."""
    return VerbatimBot(replace(resources, answers=app.answerer, libraries=lambda: app.libraries))


@pytest.fixture
def fairs(simcord_env: simcord.Env, channel: simcord.ChannelHandle, app: Application, worker: Worker) -> list[int]:
    """Add the articles to the server's library."""
    library = app.libraries.open(own_library(simcord_env.guild.id))
    drafts = [
        draft_from_text(text, key=title, source=f"{title}.md", markdown=True, title=title)
        for title, text in FAIRS.items()
    ]
    return worker.submit(lambda: [library.add(draft).article_id for draft in drafts]).result()


@pytest.mark.usefixtures("fairs")
@pytest.mark.parametrize("plain", [False, True])
async def test_the_asker_chooses(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
    *,
    plain: bool,
) -> None:
    """The answer replaces the question which; until then, others get their own. Nothing is kept in memory for it."""
    await store.change_settings(simcord_env.guild.id, lambda found: found.changed(plain=plain, questions="counted"))
    await alice.send(channel, f"{simcord_env.bot.user.mention} {QUESTION}")
    (asked,) = replies_in(channel, simcord_env)
    assert texts.WHICH_HEADING in shown(asked)
    assert sorted(buttons_of(asked)) == ["Autumn Fair", "Spring Fair"]
    assert "gates open" not in shown(asked)

    store.recent_questions.forget_member(alice.user.id)
    own = await bob.click(asked, label="Spring Fair")

    (private,) = own.followups
    assert private.ephemeral
    assert "at **10 in the morning**" in shown(private)
    assert texts.HELPFUL_BUTTON in buttons_of(private)
    assert texts.WHICH_HEADING in shown(replies_in(channel, simcord_env)[0])

    await alice.click(asked, label="Autumn Fair")

    (answered,) = replies_in(channel, simcord_env)
    assert answered.id == asked.id
    assert "at **11 in the morning**" in shown(answered)
    assert "Spring Fair" not in shown(answered)
    assert [texts.HELPFUL_BUTTON in buttons_of(answered), "Spring Fair" in buttons_of(answered)] == [True, False]
    record = await store.run(lambda: store.database.answer_in(asked.id))
    assert record is not None
    assert (record.outcome, record.shown > 0, record.private) == (Answer.name, True, False)
    assert len({quote.article_id for quote in record.quotes}) == 1
    assert simcord_env.errors == []


@pytest.mark.usefixtures("fairs")
async def test_a_question_that_says_which_is_answered(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    """So is one about what both say alike, and one that is put to a single article."""
    asked = await alice.slash(channel, "ask", question="When do the gates of the Autumn Fair open?")
    assert "at **11 in the morning**" in shown(asked.response)
    (choice, *_) = await alice.autocomplete(channel, "ask", "article", "Spring")
    alone = await alice.slash(channel, "ask", question=QUESTION, article=choice["value"])
    assert "at **10 in the morning**" in shown(alone.response)


async def test_permissions_and_articles_are_read_again(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    app: Application,
    worker: Worker,
    fairs: list[int],
) -> None:
    """A choice whose article was removed is refused; one whose text moved is found; a second press is told so."""
    library = app.libraries.open(own_library(simcord_env.guild.id))
    command = await alice.slash(channel, "ask", question=QUESTION)
    assert QUESTION in shown(command.response)
    worker.submit(lambda: library.remove(fairs[0])).result()
    moved = draft_from_text(
        f"News first.\n\n{FAIRS['Autumn Fair']}", key="Autumn Fair", source="x", markdown=True, title="Autumn Fair"
    )
    worker.submit(lambda: library.add(moved)).result()

    refused = await alice.click(command.response, label="Spring Fair")
    await alice.click(command.response, label="Autumn Fair")

    assert [told.content for told in refused.followups] == [texts.CHANGED_MEANWHILE]
    assert "at **11 in the morning**" in shown(channel.history()[-1])
    assert simcord_env.errors == []


async def test_a_place_that_became_private_is_not_quoted(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    app: Application,
    worker: Worker,
) -> None:
    """What the channel may see is asked when a button is pressed, not only when the question was answered."""
    guild, news = simcord_env.guild.id, simcord_env.guild.create_text_channel("news")
    library = app.libraries.open(own_library(guild))
    for number, (title, text) in enumerate(FAIRS.items()):
        key = f"discord-message:{guild}/https://discord.com/channels/{guild}/{news.id}/{number}"
        draft = draft_from_text(text, key=key, source=title, markdown=True, title=title)
        worker.submit(lambda draft=draft: library.add(draft)).result()
    asked = await alice.slash(channel, "ask", question=QUESTION)
    place: Any = simcord_env.bot.get_channel(news.id)
    await place.set_permissions(place.guild.default_role, overwrite=discord.PermissionOverwrite(view_channel=False))
    await simcord_env.settle()

    refused = await alice.click(asked.response, label="Spring Fair")

    assert [told.content for told in refused.followups] == [texts.SOURCE_HIDDEN]
    assert all("gates open at" not in shown(message) for message in channel.history())


@pytest.mark.usefixtures("fairs")
async def test_a_channel_that_was_limited_meanwhile(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    store: AsyncStore,
) -> None:
    """Nobody gets an article there that is outside the collections of the channel, privately neither."""
    await alice.send(channel, f"{simcord_env.bot.user.mention} {QUESTION}")
    (asked,) = replies_in(channel, simcord_env)
    await store.change_settings(simcord_env.guild.id, lambda now: now.with_collections(channel.id, ["rules"]))

    refused = [await one.click(asked, label="Spring Fair") for one in (bob, alice)]

    assert [told.content for one in refused for told in one.followups] == [texts.SOURCE_HIDDEN] * 2
    assert "gates open at" not in shown(replies_in(channel, simcord_env)[0])


def quote(number: int, title: str, published: str | None = None) -> Quote:
    return Quote("shared", number, title, f"{number}.md", 0, 1, "x", (), 1, 1, 0.8, published=published)


def stored(number: int) -> StoredAnswer:
    return StoredAnswer(1, 2, 3, 0.0, QUESTION, "answer", 0.8, 1.0, (), 0, id=number)


def labels(*quotes: Quote) -> list[str]:
    outcome = Answer(QUESTION, 0.8, quotes, 1.0, alternatives=tuple(range(len(quotes))))
    rows = which_rows(which_card(outcome, notice_card("x")), stored(7))
    return [str(item.item.label) for row in rows for item in row if isinstance(item.item, discord.ui.Button)]


def test_labels_stay_apart() -> None:
    """By their ends, by their dates, by their sources; there are at most five, and then the card says what to do."""
    long = "A very long title about the rules of the annual meeting of the friends of the old lighthouse"
    assert len(set(labels(quote(1, f"{long} 2023"), quote(2, f"{long} 2024")))) == 2
    assert labels(quote(1, "Fair", "2023-05-01"), quote(2, "Fair", "2024-05-01")) == [
        "Fair 2023-05-01",
        "Fair 2024-05-01",
    ]
    assert labels(quote(1, "Fair"), quote(2, "Fair")) == ["Fair 1.md", "Fair 2.md"]
    assert len(labels(*(quote(number, f"Fair {number}") for number in range(9)))) == 5
    outcome = Answer(QUESTION, 0.8, tuple(quote(n, f"Fair {n}") for n in range(6)), 1.0, alternatives=tuple(range(6)))
    assert texts.WHICH_MORE in which_card(outcome, notice_card("x")).statement


def test_without_buttons_there_is_an_answer() -> None:
    """Where a message can have no buttons, the answer is shown as it is."""
    answer = notice_card("The answer.")
    card = which_card(Answer(QUESTION, 0.8, (quote(1, "A"), quote(2, "B")), 1.0, alternatives=(0, 1)), answer)
    assert isinstance(card, WhichCard)
    assert without_buttons(card) == without_buttons(answer) == answer
    assert which_card(Answer(QUESTION, 0.8, (quote(1, "A"),), 1.0), answer) == answer
    assert which_rows(answer, stored(7)) == []
    assert message_body(card, which_rows(card, stored(7), preview=True), plain=True).embed is not None
