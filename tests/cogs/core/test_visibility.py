"""Promises of private places as sources: what they say is shown to those alone who can read them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any, cast

import discord
import pytest
import simcord

from cogs.articles.export_files import export_in_steps
from cogs.ask.ask_service import AskService
from cogs.core.async_store import AsyncStore
from cogs.core.permissions import private_source_warning
from cogs.core.visibility import Visibility
from cogs.core.worker import Worker
from i18n import texts
from index.libraries.library_names import own_library
from index.models import Span
from qa.outcome import Answer, ClaimSources, NotCovered, Outcome, Quote
from settings import Settings
from tests.cogs.articles.test_cog import stored_articles
from tests.cogs.fakes import FakeAnswers
from tests.cogs.reading_on import read_on
from tests.cogs.stored_articles import remove, stock
from tests.cogs.visible_text import PUBLIC, replies_in, shown
from tests.stand_in import Asked

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC | discord.Intents(message_content=True))

SECRET = "The vault opens at midnight with the green key."
KNOWN = "The vault is in the old harbour."
READING = (texts.CONTEXT_BUTTON, texts.QUOTES_BUTTON, texts.SOURCES_BUTTON)
DENIED = discord.PermissionOverwrite(view_channel=False)
ALLOWED = discord.PermissionOverwrite(view_channel=True, read_message_history=True, send_messages=True)


class VaultAnswers(FakeAnswers):
    """Quotes whole articles of a server's own library, in the order in which they were added here."""

    def __init__(self) -> None:
        super().__init__()
        self.articles: list[tuple[int, str]] = []

    def outcome(self, asked: Asked) -> Outcome:
        """Return a quote of each article that is not hidden; the first names the others, as saying the same."""
        quotes = self.quotes(asked.library_names[0])
        if not quotes:
            return NotCovered(asked.question, 0.0, 1.0)
        return Answer(asked.question, 0.9, quotes, 1.0)

    def sources(self, claim: str, library_names: Sequence[str]) -> ClaimSources:
        """Return the same quotes as the sentences nearest to a statement."""
        self.during()
        return ClaimSources(claim, self.quotes(library_names[0]), verbatim=False)

    def quotes(self, library: str) -> tuple[Quote, ...]:
        """Return a quote of each article that is not hidden."""
        hidden = self.hidden.get(library, frozenset())
        found = [(key, text) for key, text in self.articles if key not in hidden]
        return tuple(
            Quote(library, key, text[:9], "https://example.org", 0, len(text), text, (Span(0, 3),), 1, 1, 0.9 - at / 10)
            for at, (key, text) in enumerate(found)
        )


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings with message content."""
    return settings.model_copy(update={"message_content": True})


@pytest.fixture
def answers() -> VaultAnswers:
    """Return answers from the articles of the server."""
    return VaultAnswers()


@pytest.fixture
def staff(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> simcord.RoleHandle:
    """Return the role that can read the staff's channel."""
    return simcord_env.guild.create_role("Staff")


@pytest.fixture
def office(simcord_env: simcord.Env, staff: simcord.RoleHandle) -> simcord.ChannelHandle:
    """Return the staff's channel."""
    everyone, me = simcord_env.guild.default_role, simcord_env.bot.user
    return simcord_env.guild.create_text_channel("office", overwrites={everyone: DENIED, staff: ALLOWED, me: ALLOWED})


@pytest.fixture
def insider(simcord_env: simcord.Env, staff: simcord.RoleHandle) -> simcord.MemberActor:
    """Return a member of the staff who may manage the server."""
    role = simcord_env.guild.create_role(
        "Chiefs", permissions=discord.Permissions(manage_guild=True, manage_messages=True)
    )
    return simcord_env.guild.add_member(simcord_env.create_user("insider"), roles=[role, staff])


@pytest.fixture
def stored(
    simcord_env: simcord.Env, settings: Settings, answers: VaultAnswers, office: simcord.ChannelHandle
) -> dict[str, int]:
    """Store a message of the staff's channel, and a page that everyone may read."""
    library = own_library(simcord_env.guild.id)
    add = {
        SECRET: f"discord-message:{simcord_env.guild.id}/https://discord.com/channels/{simcord_env.guild.id}/{office.id}/5",
        KNOWN: "https://example.org/vault",
    }
    found = {}
    for text, key in add.items():
        found[text] = stock(settings.data_dir, text, title=text[:12], key=key, library=library)
        answers.articles.append((found[text], text))
    return found


async def allow(env: simcord.Env, office: simcord.ChannelHandle, overwrite: discord.PermissionOverwrite) -> None:
    """Let everybody into the staff's channel, or nobody else any more."""
    place: Any = env.bot.get_channel(office.id)
    await place.set_permissions(place.guild.default_role, overwrite=overwrite)
    await env.settle()


def select_in(message: simcord.ResponseMessage) -> str:
    """Return the custom id of the select of a message."""
    rows = [part["components"] for part in message.components if part["type"] == 1]
    return next(str(item["custom_id"]) for row in rows for item in row if item["type"] == 3)


def visibility_of(env: simcord.Env) -> Visibility:
    """Return the rule of the running bot."""
    cog: Any = env.bot.get_cog("AskCog")
    found = cog._visibility
    assert isinstance(found, Visibility)
    return found


async def test_a_public_answer_leaves_it_out(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, stored: dict[str, int]
) -> None:
    """Where not everyone may read the source, the next quote takes its place."""
    seen = await alice.slash(channel, "ask", question="where is the vault")
    assert not seen.response.ephemeral
    assert "old harbour" in shown(seen.response)
    assert "midnight" not in shown(seen.response)
    assert stored


@pytest.mark.usefixtures("stored")
async def test_who_may_read_it_gets_it_privately(
    channel: simcord.ChannelHandle, insider: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """Asked with a command: as a message that only the asker sees, with nothing left in the channel."""
    seen = await insider.slash(channel, "ask", question="when does the vault open")
    (private,) = seen.followups
    assert seen.followups[0].ephemeral
    assert "midnight" in shown(private)
    assert all("midnight" not in shown(message) for message in channel.history())
    assert simcord_env.errors == []


@pytest.mark.usefixtures("stored")
async def test_who_may_read_it_gets_it_privately_when_busy(
    channel: simcord.ChannelHandle,
    insider: simcord.MemberActor,
    simcord_env: simcord.Env,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer that follows a private notice of the wait is private as well."""
    monkeypatch.setattr(worker, "expected_wait", lambda _turn: 17.0)
    result = await insider.slash(channel, "ask", question="when does the vault open")

    (answer,) = result.followups
    assert answer.ephemeral
    assert "midnight" in shown(answer)
    assert all("midnight" not in shown(message) for message in channel.history())
    assert simcord_env.errors == []


@pytest.mark.usefixtures("stored")
async def test_in_the_place_itself_it_is_public(office: simcord.ChannelHandle, insider: simcord.MemberActor) -> None:
    """Everyone who can see the staff's channel may read it."""
    seen = await insider.slash(office, "ask", question="when does the vault open")
    assert not seen.response.ephemeral
    assert "midnight" in shown(seen.response)


@pytest.mark.usefixtures("stored")
async def test_a_mention_is_answered_by_direct_message(
    channel: simcord.ChannelHandle, insider: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """A message cannot be answered privately in its channel, so its author gets a direct message without buttons."""
    me = simcord_env.bot.user
    await insider.send(channel, f"{me.mention} when does the vault open?")
    (direct,) = insider.user.dm_channel.history()
    assert "midnight" in shown(direct)
    assert replies_in(channel, simcord_env) == []


@pytest.mark.usefixtures("stored")
async def test_a_private_answer_goes_with_its_question(
    channel: simcord.ChannelHandle, insider: simcord.MemberActor, simcord_env: simcord.Env, store: AsyncStore
) -> None:
    """If the question is deleted, so are the direct message and the record, and those of previews of it."""
    question = await insider.send(channel, f"{simcord_env.bot.user.mention} when does the vault open?")
    await insider.context_menu(channel, texts.ANSWER_THIS, question)

    def stored() -> int:
        return len(store.database.answers_for_message(question.id, with_private=True))

    before = await store.run(stored)
    await insider.delete(question)

    assert before == 2
    assert await store.run(stored) == 0
    assert insider.user.dm_channel.history() == []


@pytest.mark.usefixtures("stored")
async def test_closed_direct_messages(
    channel: simcord.ChannelHandle, insider: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """If direct messages are closed, the reply says how to ask instead, and nothing else."""
    me, direct = simcord_env.bot.user, insider.user.dm_channel
    simcord_env.inject_error("POST", f"/channels/{direct.id}/messages", status=403, code=50007)
    await insider.send(channel, f"{me.mention} when does the vault open?")
    (told,) = replies_in(channel, simcord_env)
    assert told.content == texts.ASK_PRIVATELY


async def test_lists_and_choices(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    insider: simcord.MemberActor,
    stored: dict[str, int],
) -> None:
    """Lists, choices, titles typed by hand and exports have only what the member may read."""
    assert stored
    listed = [await who.slash(channel, "library list") for who in (boss, insider)]
    offered = [await who.autocomplete(channel, "ask", "article", "") for who in (boss, insider)]
    refused = await boss.slash(channel, "library show", article=SECRET[:12])
    granted = await insider.slash(channel, "library show", article=SECRET[:12])
    history = [await who.slash(channel, "article history") for who in (boss, insider)]

    assert [SECRET[:12] in shown(one.response) for one in listed] == [False, True]
    assert [SECRET[:12] in {choice["name"] for choice in one} for one in offered] == [False, True]
    assert refused.response.content == texts.NO_SUCH_ARTICLE
    assert "midnight" in shown(granted.response)
    assert [SECRET[:12] in shown(one.response) for one in history] == [False, True]


async def test_what_becomes_an_article_meanwhile(
    office: simcord.ChannelHandle,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    stored: dict[str, int],
    settings: Settings,
    answers: VaultAnswers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A private message that is stored while sources are looked for, or articles exported, is in neither."""
    assert stored
    link, library = f"https://discord.com/channels/{simcord_env.guild.id}/{office.id}", own_library(channel.guild.id)
    keys = iter([f"discord-message:{simcord_env.guild.id}/{link}/{number}" for number in (6, 7)])
    late = ["The guard sleeps at dawn.", "The second key is red."]

    def store_one() -> None:
        answers.during = lambda: None
        text = late.pop()
        number = stock(settings.data_dir, text, key=next(keys), library=library)
        answers.articles.insert(0, (number, text))

    def exported(*args: Any, **more: Any) -> Any:
        if len(late) == 2:
            store_one()
        return export_in_steps(*args, **more)

    message = await alice.send(channel, "The vault is somewhere.")
    monkeypatch.setattr("cogs.articles.import_export.export_in_steps", exported)
    sent = await boss.slash(channel, "article export")
    (file,) = sent.response.attachments
    data = await file.read() if hasattr(file, "read") else file.data
    answers.during = store_one
    found = await alice.context_menu(channel, texts.FIND_SOURCE, message)

    assert b"old harbour" in data
    assert b"midnight" not in data
    assert b"second key" not in data
    assert "old harbour" in shown(found.response)
    assert "guard" not in shown(found.response)
    assert late == []


async def test_a_manager_adds_only_what_they_can_read(
    office: simcord.ChannelHandle,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    insider: simcord.MemberActor,
    staff: simcord.RoleHandle,
    simcord_env: simcord.Env,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even if Discord let an option name any channel or thread, those alone see and add it who can read it."""
    monkeypatch.setattr("simcord.interactions.channel_accessible", lambda *_: True)
    place: Any = simcord_env.bot.get_channel(office.id)
    await place.create_thread(name="Plans", type=discord.ChannelType.public_thread)
    thread = office.threads[-1]
    await insider.send(thread, SECRET)
    await insider.send(office, SECRET)
    options: list[tuple[str, dict[str, Any]]] = [
        ("article follow channel", {"channel": office}),
        ("article follow thread", {"thread": thread}),
    ]
    refused = [await boss.slash(channel, name, **more) for name, more in options]
    granted, followed = [await insider.slash(channel, name, **more) for name, more in options[::-1]]
    await place.set_permissions(place.guild.get_role(staff.id), overwrite=DENIED)
    await simcord_env.settle()
    pressed = await insider.click(granted.response, label=texts.ARTICLE_ADD_BUTTON)
    switched = await insider.click(followed.response, label=texts.ARTICLE_ADD_BUTTON)

    hidden = [texts.CHANNEL_HIDDEN.format(channel=f"<#{one.id}>") for one in (office, thread)]
    link = f"https://discord.com/channels/{simcord_env.guild.id}/{thread.id}"
    assert [one.response.content for one in refused] == hidden
    assert "midnight" in shown(granted.response)
    assert [told.content for told in pressed.followups] == [texts.CHANNEL_HIDDEN.format(channel=link)]
    assert [told.content for told in switched.followups] == [hidden[0]]
    assert await stored_articles(store, simcord_env.guild.id) == []


async def test_what_was_removed(
    office: simcord.ChannelHandle,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    insider: simcord.MemberActor,
    simcord_env: simcord.Env,
    stored: dict[str, int],
    store: AsyncStore,
) -> None:
    """The history names no removed article to a manager who could not read its source, and brings none back."""
    removing = await insider.slash(channel, "article remove", article=SECRET[:12])
    await insider.click(removing.response, label=texts.ARTICLE_REMOVE_BUTTON)
    listed = [await who.slash(channel, "article history") for who in (boss, insider)]
    before = [shown(one.response) for one in listed]
    await allow(simcord_env, office, ALLOWED)
    open_to_all = await boss.slash(channel, "article history")
    await allow(simcord_env, office, DENIED)
    pressed = await boss.click(open_to_all.response, label=texts.ARTICLE_RESTORE_BUTTON.format(number=3))

    assert [SECRET[:12] in text for text in before] == [False, True]
    assert [told.content for told in pressed.followups] == [texts.NO_SUCH_ARTICLE]
    assert stored[SECRET] not in {one.id for one in await stored_articles(store, simcord_env.guild.id)}
    assert len(await stored_articles(store, simcord_env.guild.id)) == 1


async def test_what_was_removed_long_ago(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    simcord_env: simcord.Env,
    stored: dict[str, int],
    settings: Settings,
) -> None:
    """Once nobody knows any more where a removed article was from, its title is left to administrators."""
    library, admins = own_library(simcord_env.guild.id), discord.Permissions(administrator=True)
    role = simcord_env.guild.create_role("Admins", permissions=admins)
    admin = simcord_env.guild.add_member(simcord_env.create_user("admin"), roles=[role])
    remove(settings.data_dir, stored[SECRET], library)
    stock(settings.data_dir, KNOWN + " It is old.", title=KNOWN[:12], key="https://example.org/vault", library=library)
    before = await boss.slash(channel, "article history")
    with closing(sqlite3.connect(settings.data_dir / "libraries" / library / "catalog.db")) as db, db:
        db.execute("DELETE FROM versions")  # as after `HISTORY_DAYS`; the entries stay for a year
    after = [shown((await who.slash(channel, "article history")).response) for who in (boss, admin)]

    assert SECRET[:12] not in shown(before.response)
    assert [SECRET[:12] in text for text in after] == [False, True]
    # Of an article that is still there, also what was before its text was replaced.
    assert [text.count(f"**{KNOWN[:12]}**") for text in after] == [2, 2]


async def test_reports_on_questions(
    office: simcord.ChannelHandle,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    insider: simcord.MemberActor,
    staff: simcord.RoleHandle,
    simcord_env: simcord.Env,
) -> None:
    """A manager sees no question, and no answer, of a channel that they cannot read."""
    clerk = simcord_env.guild.add_member(simcord_env.create_user("clerk"), roles=[staff])
    for member in (clerk, insider):
        asked = await member.slash(office, "ask", question="when is the merger announced?")
    link = f"https://discord.com/channels/{simcord_env.guild.id}/{office.id}/{asked.response.id}"
    reports = [
        [
            await who.slash(channel, "insights gaps"),
            await who.slash(channel, "insights why", message=link),
        ]
        for who in (boss, insider)
    ]

    (gaps, why), seen = reports
    assert "merger" not in shown(gaps.response)
    assert why.response.content == texts.WHY_NO_ANSWER
    assert all("merger" in shown(one.response) for one in seen)


async def test_after_a_change_of_permissions(
    office: simcord.ChannelHandle,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    stored: dict[str, int],
) -> None:
    """Buttons under an answer show nothing of a channel that has become private since."""
    assert stored
    place: Any = simcord_env.bot.get_channel(office.id)
    everyone = place.guild.default_role
    await place.set_permissions(everyone, overwrite=ALLOWED)
    await simcord_env.settle()
    seen = await alice.slash(channel, "ask", question="when does the vault open")
    before = await alice.click(seen.response, label=texts.MORE_BUTTON)
    await place.set_permissions(everyone, overwrite=DENIED)
    await simcord_env.settle()
    after = [await read_on(alice, seen.response, label) for label in (texts.CONTEXT_BUTTON, texts.SOURCES_BUTTON)]

    assert "midnight" in shown(seen.response)
    assert "midnight" in shown(before.response)
    assert all("midnight" not in shown(one.response) and SECRET[:12] not in shown(one.response) for one in after)


async def test_pages_that_may_no_longer_be_read(
    office: simcord.ChannelHandle,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: VaultAnswers,
    simcord_env: simcord.Env,
    stored: dict[str, int],
) -> None:
    """If everything that an answer quotes has become private, its buttons and the pages opened before say so."""
    answers.articles = [(stored[SECRET], SECRET)] * 8
    await allow(simcord_env, office, ALLOWED)
    seen = await alice.slash(channel, "ask", question="when does the vault open")
    pages = [await read_on(alice, seen.response, label) for label in READING]
    texts_before = [shown(page.response) for page in pages]
    await allow(simcord_env, office, DENIED)
    pressed = [await read_on(alice, seen.response, label) for label in READING]
    turned = [await alice.click(page.response, label=texts.NEXT_BUTTON) for page in pages[:2]]
    turned.append(await alice.click(pages[0].response, label=texts.SOURCES_BUTTON))

    assert all("midnight" in text for text in texts_before[:2])
    assert [page.response.content for page in pressed] == [texts.SOURCE_HIDDEN] * 3
    assert [[told.content for told in page.followups] for page in turned] == [[texts.SOURCE_HIDDEN]] * 3


@pytest.mark.usefixtures("stored")
async def test_a_preview_of_what_has_become_private(
    office: simcord.ChannelHandle,
    channel: simcord.ChannelHandle,
    staff: simcord.RoleHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
) -> None:
    """It can no longer be posted, even by somebody who can still read the source."""
    role = simcord_env.guild.create_role("Helpers", permissions=discord.Permissions(manage_messages=True))
    helper = simcord_env.guild.add_member(simcord_env.create_user("helper"), roles=[role, staff])
    await allow(simcord_env, office, ALLOWED)
    asked = await alice.send(channel, "when does the vault open")
    preview = await helper.context_menu(channel, texts.ANSWER_THIS, asked)
    await allow(simcord_env, office, DENIED)
    pressed = await helper.click(preview.response, label=texts.POST_BUTTON)

    assert "midnight" in shown(preview.response)
    assert [told.content for told in pressed.followups] == [texts.POST_PRIVATE]
    assert replies_in(channel, simcord_env) == []


async def test_a_pin_of_what_has_become_private(
    office: simcord.ChannelHandle,
    channel: simcord.ChannelHandle,
    mod: simcord.MemberActor,
    answers: VaultAnswers,
    simcord_env: simcord.Env,
    stored: dict[str, int],
) -> None:
    """The preview of a pin shows no other quote, takes no wording and is not stored."""
    await allow(simcord_env, office, ALLOWED)
    asked = await mod.slash(channel, "ask", question="when does the vault open")
    drafts = [await mod.context_menu(channel, texts.PIN_MENU, asked.response) for _ in range(2)]
    form = await mod.click(drafts[1].response, label=texts.PIN_WORDING_BUTTON)
    await allow(simcord_env, office, DENIED)
    pressed = [
        await mod.click(drafts[0].response, label=texts.PIN_BUTTON),
        await mod.select(drafts[1].response, ["1"], custom_id=select_in(drafts[1].response)),
        await mod.submit_modal(form, {"questions": "what opens the vault?"}),
    ]

    assert stored
    assert answers.calls
    assert [[told.content for told in one.followups] for one in pressed] == [[texts.SOURCE_HIDDEN]] * 3


async def test_private_threads(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    mod: simcord.MemberActor,
    simcord_env: simcord.Env,
    settings: Settings,
    answers: VaultAnswers,
) -> None:
    """Only its members, whom Discord is asked for, and those who manage threads can read a private thread."""
    place: Any = simcord_env.bot.get_channel(channel.id)
    thread = await place.create_thread(name="Plans", type=discord.ChannelType.private_thread)
    await thread.add_user(discord.Object(bob.id))
    await simcord_env.settle()
    guild_id = simcord_env.guild.id
    key = f"discord-thread:{guild_id}/https://discord.com/channels/{guild_id}/{thread.id}"
    article = stock(settings.data_dir, SECRET, key=key, library=own_library(guild_id))
    answers.articles.append((article, SECRET))
    rule, hidden = visibility_of(simcord_env), {own_library(guild_id): frozenset({article})}

    assert await rule.hidden_in(guild_id, channel.id) == hidden
    assert await rule.hidden_in(guild_id, thread.id) == {}
    assert await rule.hidden_from(guild_id, alice.id) == hidden
    assert await rule.hidden_from(guild_id, bob.id) == {}
    assert await rule.hidden_from(guild_id, mod.id) == hidden


async def test_one_role_too_many(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    office: simcord.ChannelHandle,
    staff: simcord.RoleHandle,
    stored: dict[str, int],
) -> None:
    """A place is public enough only if each combination of roles that can see it can read the source."""
    guild, me = simcord_env.guild, simcord_env.bot.user
    guests, banned = guild.create_role("Guests"), guild.create_role("Banned")
    everyone = guild.default_role

    def make(name: str, more: dict[Any, discord.PermissionOverwrite]) -> simcord.ChannelHandle:
        return guild.create_text_channel(name, overwrites={everyone: DENIED, me: ALLOWED, **more})

    same = make("second office", {staff: ALLOWED})
    wider = make("lounge", {staff: ALLOWED, guests: ALLOWED})
    lone = make("one guest", {staff: ALLOWED, guild.add_member(simcord_env.create_user("lone")).user: ALLOWED})
    await simcord_env.settle()
    rule, secret = visibility_of(simcord_env), {own_library(guild.id): frozenset({stored[SECRET]})}
    found = [await rule.hidden_in(guild.id, one.id) for one in (channel, office, same, wider, lone)]
    assert found == [secret, {}, {}, secret, secret]

    place: Any = simcord_env.bot.get_channel(office.id)
    await place.set_permissions(place.guild.get_role(banned.id), overwrite=DENIED)
    await place.set_permissions(place.guild.get_role(staff.id), overwrite=None)
    await place.set_permissions(place.guild.default_role, overwrite=ALLOWED)
    await simcord_env.settle()
    assert await rule.hidden_in(guild.id, channel.id) == secret


async def test_members_who_cannot_matter_are_not_looked_up(
    simcord_env: simcord.Env, staff: simcord.RoleHandle, stored: dict[str, int]
) -> None:
    """A member who may not write in a channel reads there like the others, so Discord is not asked for them."""
    assert stored
    guild, me = simcord_env.guild, simcord_env.bot.user
    muted = guild.add_member(simcord_env.create_user("muted")).user
    silent = discord.PermissionOverwrite(send_messages=False)
    more = {guild.default_role: DENIED, me: ALLOWED, staff: ALLOWED, muted: silent}
    same = guild.create_text_channel("second office", overwrites=more)
    await simcord_env.settle()
    calls = len(simcord_env.backend.transcript)

    assert await visibility_of(simcord_env).hidden_in(guild.id, same.id) == {}
    assert simcord_env.backend.transcript[calls:] == []


async def test_a_deleted_channel(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    office: simcord.ChannelHandle,
    insider: simcord.MemberActor,
    stored: dict[str, int],
) -> None:
    """What comes from a channel that is gone is shown to administrators only."""
    assert stored
    owner = simcord_env.guild.owner
    place: Any = simcord_env.bot.get_channel(office.id)
    await place.delete()
    await simcord_env.settle()
    rule, guild_id = visibility_of(simcord_env), simcord_env.guild.id
    assert await rule.hidden_from(guild_id, insider.id) == {own_library(guild_id): frozenset({stored[SECRET]})}
    assert await rule.hidden_from(guild_id, owner.id) == {}
    assert channel


async def test_a_deleted_thread(
    office: simcord.ChannelHandle, insider: simcord.MemberActor, simcord_env: simcord.Env, settings: Settings
) -> None:
    """Which channel a thread is in, which Discord was asked for, is forgotten when the thread is deleted."""
    guild_id, place = simcord_env.guild.id, cast("Any", simcord_env.bot.get_channel(office.id))
    thread = await place.create_thread(name="Plans", type=discord.ChannelType.public_thread)
    link = f"https://discord.com/channels/{guild_id}/{thread.id}"
    library = own_library(guild_id)
    number = stock(settings.data_dir, SECRET, title="Plans", key=f"discord-thread:{guild_id}/{link}", library=library)
    place.guild._remove_thread(thread)  # as after it was archived: the gateway reports it no longer
    rule = visibility_of(simcord_env)
    before = await rule.hidden_from(guild_id, insider.user.id)
    await thread.delete()
    await simcord_env.settle()
    after = await rule.hidden_from(guild_id, insider.user.id)

    assert before == {}
    assert after == {library: frozenset({number})}


async def test_a_voice_channel_that_few_may_join(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    insider: simcord.MemberActor,
    staff: simcord.RoleHandle,
    settings: Settings,
) -> None:
    """The chat of a voice channel can be read by those alone who may join it, though everybody sees its name."""
    guild_id, voice = simcord_env.guild.id, simcord_env.guild.create_voice_channel("bridge")
    await simcord_env.settle()
    place: Any = simcord_env.bot.get_channel(voice.id)
    await place.set_permissions(place.guild.default_role, overwrite=discord.PermissionOverwrite(connect=False))
    await place.set_permissions(place.guild.get_role(staff.id), overwrite=discord.PermissionOverwrite(connect=True))
    await simcord_env.settle()
    link, library = f"https://discord.com/channels/{guild_id}/{voice.id}", own_library(guild_id)
    number = stock(settings.data_dir, SECRET, key=f"discord-message:{guild_id}/{link}/5", library=library)
    rule, hidden = visibility_of(simcord_env), {library: frozenset({number})}

    assert await rule.hidden_in(guild_id, channel.id) == hidden
    assert await rule.hidden_in(guild_id, voice.id) == {}
    assert await rule.hidden_from(guild_id, alice.id) == hidden
    assert await rule.hidden_from(guild_id, insider.id) == {}
    assert private_source_warning(place)


async def test_without_the_history(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> None:
    """A channel that all see, but whose earlier messages only some may read, is no place that everyone can read."""
    place: Any = simcord_env.bot.get_channel(channel.id)
    before = private_source_warning(place)
    await place.set_permissions(
        place.guild.default_role, overwrite=discord.PermissionOverwrite(read_message_history=False)
    )
    await simcord_env.settle()

    assert before == ""
    assert private_source_warning(place)


async def test_a_role_that_may_not_read(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, staff: simcord.RoleHandle
) -> None:
    """A channel from which a role is kept away is no place that everyone can read, as a forum post of it is none."""
    place: Any = simcord_env.bot.get_channel(channel.id)
    await place.set_permissions(place.guild.get_role(staff.id), overwrite=DENIED)
    thread = await place.create_thread(name="Plans", type=discord.ChannelType.public_thread)
    await simcord_env.settle()

    assert private_source_warning(place)
    assert private_source_warning(thread)


@pytest.mark.parametrize("how", ["command", "mention", "unreadable mention"])
async def test_a_question_that_another_process_goes_on_with(
    office: simcord.ChannelHandle,
    channel: simcord.ChannelHandle,
    insider: simcord.MemberActor,
    staff: simcord.RoleHandle,
    simcord_env: simcord.Env,
    stored: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    """It is answered by the permissions of that moment: of the place, and of the member who had asked."""
    assert stored
    await allow(simcord_env, office, ALLOWED)
    bot, command = cast("Any", simcord_env.bot), how == "command"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AskService, "_deliver", _end)
        if command:
            asked = await insider.slash(channel, "ask", question="where is the vault")
        else:
            await insider.send(channel, f"<@{bot.user.id}> where is the vault?")
    place: Any = bot.get_channel(office.id)
    await place.set_permissions(place.guild.default_role, overwrite=DENIED)
    await bot.http.remove_role(place.guild.id, insider.id, staff.id)
    if how == "unreadable mention":
        here: Any = bot.get_channel(channel.id)
        await here.set_permissions(here.guild.me, overwrite=discord.PermissionOverwrite(read_message_history=False))
    await simcord_env.settle()
    monkeypatch.setattr(bot.accepted, "_process_id", "next")
    monkeypatch.setattr(bot, "process_id", "next")
    visibility_of(simcord_env).readers._members.clear()  # what is remembered for seconds
    bot.get_cog("AskCog")._addressed._responded.clear()
    takeover = bot.get_cog("Takeover")
    await takeover.adopt(lambda _: True)
    await simcord_env.settle()
    while takeover._running:
        await asyncio.wait(set(takeover._running.values()))
    await simcord_env.settle()

    found = [asked.response, *asked.followups] if command else replies_in(channel, simcord_env)
    assert any("old harbour" in shown(one) for one in found)
    assert not any("midnight" in shown(one) for one in [*found, *insider.user.dm_channel.history()])


async def _end(*_: object, **__: object) -> None:
    raise asyncio.CancelledError
