"""The buttons of an answer: pages, sources, restarts, errors and custom ids."""

from __future__ import annotations

import time
from dataclasses import replace

import discord
import pytest
import simcord
from sqlalchemy.exc import OperationalError

from cogs.answers.controls import answer_controls
from cogs.answers.delete_answer import DeleteButton
from cogs.answers.feedback import WantedButton
from cogs.answers.more_quotes import ContextButton, MoreButton, MorePage, SourcesButton
from cogs.ask.message_menu import PostButton
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from cogs.ui.answer_card import notice_card
from cogs.ui.components import custom_id, page_row, read_custom_id
from cogs.ui.layout import message_body
from i18n import texts
from settings import Settings
from storage import analytics
from storage.models import ServerSettings
from storage.stored_answers import StoredAnswer, StoredQuote
from tests.cogs.reader import read_quotes
from tests.cogs.reading_on import read_on
from tests.cogs.stored_articles import SENTENCES, TEXT, StockedAnswers, stock
from tests.cogs.visible_text import PUBLIC, buttons_of, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

# Every action that a message or form of the bot has ever carried; none of them may stop working.
SENT = """
more more-page context context-page sources sources-page helpful helpful-quote unhelpful human delete post reason
read read-tab wanted
article-form article-add article-cancel article-page article-remove article-restore article-import load-start load-drop
article-import-stop load-show load-stop pin-quote pin-wording pin-worded pin-add pin-cancel pin-page pin-remove
watch-add watch-keep watch-remove setup-page setup-channel setup-role setup-language setup-layout setup-limits
setup-questions setup-off setup-floor setup-threads setup-try setup-tried setup-editors setup-digest
""".split()
FORMS = {"reason", "article-form", "pin-worded", "setup-tried"}


@pytest.fixture
def answers(settings: Settings) -> StockedAnswers:
    """Return fake answers that quote an article of the shared library."""
    return StockedAnswers(stock(settings.data_dir))


async def test_an_answer_has_its_buttons(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """An answer has a button for reading on and votes; without a helpers' channel none to call a human."""
    result = await alice.slash(channel, "ask", question="Who?")

    assert buttons_of(result.response) == [texts.MORE_BUTTON, texts.HELPFUL_BUTTON, texts.UNHELPFUL_BUTTON]


async def test_nothing_to_read_on(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """What is not covered has nothing to read or to judge, but the wish that it were covered."""
    result = await alice.slash(channel, "ask", question="unknown thing?")

    assert buttons_of(result.response) == [texts.WANTED_BUTTON]


async def test_the_controls_are_one_row(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore
) -> None:
    """With a helpers' channel too, the buttons stand in one row, in both layouts."""
    for plain in (False, True):
        await store.change_settings(
            simcord_env.guild.id, lambda _, plain=plain: ServerSettings(plain=plain, helpers_channel=channel.id)
        )
        result = await alice.slash(channel, "ask", question="Who?")

        rows = [row for row in result.response.components if row["type"] == 1]
        assert [[item["label"] for item in row["components"]] for row in rows] == [
            [texts.MORE_BUTTON, texts.HELPFUL_BUTTON, texts.UNHELPFUL_BUTTON, texts.HUMAN_BUTTON]
        ]


async def test_restart(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    settings: Settings,
    resources: Resources,
) -> None:
    """Buttons of an answer, and of a page opened before, work after a restart."""
    asked = await alice.slash(channel, "ask", question="Who?")
    page = await read_on(alice, asked.response, texts.QUOTES_BUTTON)
    with AsyncStore(settings.data_dir) as reopened:
        await simcord_env.restart_bot(VerbatimBot(replace(resources, store=reopened)))

        opened = await alice.click(asked.response, label=texts.MORE_BUTTON)
        turned = await alice.click(page.response, label=texts.NEXT_BUTTON)

        assert SENTENCES[0].of(TEXT) in read_quotes(shown(opened.response))[0].text
        assert texts.MORE_FOOTER.format(page=2, pages=2) in shown(turned.response)
        await simcord_env.shutdown()


@pytest.mark.parametrize("label", [texts.MORE_BUTTON, texts.HELPFUL_BUTTON])
async def test_forgotten_answer(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, label: str
) -> None:
    """A button of a deleted answer gets a private notice."""
    asked = await alice.slash(channel, "ask", question="Who?")
    await store.run(lambda: store.database.forget(1))

    pressed = await alice.click(asked.response, label=label)

    said = (pressed.followups or [pressed.response])[0]
    assert said.ephemeral
    assert said.content == texts.ANSWER_FORGOTTEN


@pytest.mark.parametrize("custom_id", ["verbatim:vote:1:0", "verbatim:more:x:0", "verbatim:", "verbatim:more:1"])
async def test_button_of_another_version(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, custom_id: str
) -> None:
    """A button that this version does not know gets a private notice."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Old", custom_id=custom_id))
    sent = await simcord_env.bot.get_channel(channel.id).send("old", view=view)
    view.stop()

    pressed = await alice.click(sent, label="Old")

    assert pressed.response.ephemeral
    assert pressed.response.content == texts.BUTTON_UNKNOWN


async def test_error_behind_a_button(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An unexpected error in a button is reported with an id, and logged with its cause."""
    asked = await alice.slash(channel, "ask", question="Who?")

    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret details")

    monkeypatch.setattr(store.database, "answer_for", broken)
    pressed = await alice.click(asked.response, label=texts.MORE_BUTTON)

    assert pressed.response.content.startswith(texts.UNEXPECTED.split("{", maxsplit=1)[0])
    assert "secret details" in caplog.text


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (500, 0)])
async def test_press_that_discord_gives_up(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, status: int, code: int
) -> None:
    """An expired press is not handled; a temporary error of Discord is retried."""
    asked = await alice.slash(channel, "ask", question="Who?")
    simcord_env.inject_error("POST", "/interactions/*/callback", status=status, code=code)

    pressed = await alice.click(asked.response, label=texts.MORE_BUTTON)

    assert pressed.acknowledged == (status == 500)


@pytest.mark.parametrize("forged", [{"guild_id": 12345}, {"channel_id": 12345}, {"private": True}, {"guild_id": None}])
async def test_another_answer_is_neither_shown_nor_changed(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    forged: dict[str, object],
) -> None:
    """Whichever button has the id of an answer of another server or channel, or of another member alone, refuses."""
    given = given_answer(**{"guild_id": simcord_env.guild.id, "channel_id": channel.id, **forged})
    key = await store.run(lambda: store.database.keep(given))
    before = await store.run(lambda: store.database.answer(key))
    shown_publicly = StoredAnswer(**{**fields_of(given), "id": key, "private": False, "guild_id": 1})
    old = [MoreButton(key), ContextButton(key), SourcesButton(key), DeleteButton(key), WantedButton(key)]
    rows = [*answer_controls(shown_publicly, ServerSettings(helpers_channel=1)), old, [PostButton(key)]]
    sent = await simcord_env.bot.get_channel(channel.id).send(**message_body(notice_card("forged"), rows).send_kwargs)

    for label in (item.item.label for row in rows for item in row):
        pressed = await alice.click(sent, label=label)
        told = [one.content for one in (pressed.response, *pressed.followups) if one is not None]
        assert {texts.ANSWER_FORGOTTEN, texts.POST_NOT_ALLOWED} & set(told), label

    assert await store.run(lambda: store.database.answer(key)) == before
    with store.database.reading() as db:
        assert analytics.votes(db) == []


async def test_plain_server(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore
) -> None:
    """With the plain layout, answers and pages are embeds with the same text and buttons."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(plain=True))

    asked = await alice.slash(channel, "ask", question="Who?")
    opened = await alice.click(asked.response, label=texts.MORE_BUTTON)

    (embed,) = asked.response.embeds
    assert not asked.response.flags.components_v2
    assert SENTENCES[0].of(TEXT) in [seen.text for seen in read_quotes(embed.description)]
    assert buttons_of(asked.response)[0] == texts.MORE_BUTTON
    assert buttons_of(opened.response)[:3] == [texts.CONTEXT_BUTTON, texts.SOURCES_BUTTON, texts.QUOTES_BUTTON]
    assert "-# History" in opened.response.embeds[0].description


async def test_memory_that_fails(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    settings: Settings,
) -> None:
    """An answer that cannot be stored is shown without buttons; the server's settings are known from before."""
    await store.settings(simcord_env.guild.id)
    await store.run(store.database.close)
    (settings.data_dir / "discord.db").unlink()
    (settings.data_dir / "discord.db").mkdir()

    asked = await alice.slash(channel, "ask", question="Who?")

    assert SENTENCES[0].of(TEXT) in [quote.text for quote in read_quotes(shown(asked.response))]
    assert buttons_of(asked.response) == []


def given_answer(**values: object) -> StoredAnswer:
    """Return a stored answer with one quote."""
    quote = StoredQuote.of(StockedAnswers(1).quote(SENTENCES[0], 0.9))
    known = {
        "guild_id": 1,
        "channel_id": 2,
        "asker_id": 3,
        "asked_at": time.time(),
        "question": "Who?",
        "outcome": "answer",
    }
    return StoredAnswer(**{**known, "confidence": 0.9, "elapsed_ms": 1.0, "quotes": (quote,), "shown": 1, **values})


def fields_of(given: StoredAnswer) -> dict[str, object]:
    """Return the fields of a stored answer."""
    return {name: getattr(given, name) for name in StoredAnswer.__slots__}


@pytest.mark.parametrize("action", SENT)
def test_what_a_button_means_is_in_its_id(action: str) -> None:
    """A custom id has at most 100 characters and can be read back."""
    made = custom_id(action, 10**17, 9999)

    assert len(made) <= 100
    assert read_custom_id(made) == (action, 10**17, 9999)


async def test_one_kind_of_component_takes_each_id(simcord_env: simcord.Env) -> None:
    """Every custom id that the bot has ever sent matches exactly the class of its action, or is a form's."""
    bot = simcord_env.bot
    items = bot._connection._view_store._dynamic_items

    for action in SENT:
        for numbers in ("0:0", "7:0", f"{10**17}:9999", f"{10**20 - 1}:1"):
            sent = f"verbatim:{action}:{numbers}"
            taken = [kind for pattern, kind in items.items() if pattern.fullmatch(sent)]
            if action in FORMS:
                assert (action in bot._forms, [kind.__name__ for kind in taken]) == (True, ["UnknownItem"]), sent
            else:
                assert [kind.action for kind in taken] == [action], sent


async def test_the_fallback_takes_what_nobody_owns(simcord_env: simcord.Env) -> None:
    """An id of another version matches the fallback alone; another bot's matches nothing."""
    items = simcord_env.bot._connection._view_store._dynamic_items

    for sent in ("verbatim:vote:1:0", "verbatim:more:x:0", "verbatim:", "verbatim:more:1", "verbatim:more:1:0\n"):
        assert [kind.__name__ for pattern, kind in items.items() if pattern.fullmatch(sent)] == ["UnknownItem"], sent
        assert not any(pattern.fullmatch(f"other{sent}") for pattern in items), sent


async def test_two_kinds_cannot_share_an_action(simcord_env: simcord.Env) -> None:
    """Registering an action twice is refused, so that no press is handled twice."""
    with pytest.raises(ValueError, match="more"):
        simcord_env.bot.add_components(MoreButton)


@pytest.mark.parametrize("pages", [1, 2, 5])
def test_no_two_buttons_are_one(pages: int) -> None:
    """On every page the two buttons have different ids and stay within the pages."""
    for page in range(pages):
        rows = page_row(MorePage, 7, page, pages)
        ids = [item.custom_id for row in rows for item in row]
        assert len(set(ids)) == len(ids) == (2 if pages > 1 else 0)
        enabled = [read_custom_id(item.custom_id) for row in rows for item in row if not item.item.disabled]
        assert all(read and 0 <= read[2] < pages and read[2] != page for read in enabled)


async def test_where_an_answer_stands_cannot_be_noted(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If the message of an answer cannot be stored, nobody is notified, and its buttons work."""

    def broken(*_: object, **__: object) -> None:
        raise OperationalError("update", {}, Exception("disk full"))

    monkeypatch.setattr(store.database, "note_sent", broken)
    asked = await alice.slash(channel, "ask", question="Who?")
    opened = await alice.click(asked.response, label=texts.MORE_BUTTON)

    assert asked.followups == []
    assert "could not be stored" in caplog.text
    assert read_quotes(shown(opened.response))
