"""Pins: moderators preview, store and remove them, and members get the pinned quote wherever they ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import discord
import pytest
import simcord

from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.pins.pin_components import QuoteSelect, UnpinSelect
from cogs.services import Resources
from cogs.ui.components import read_custom_id
from i18n import texts
from index.libraries.read_only import ReadOnlyLibraries
from qa.pins.pinned import Pin
from qa.quoting.anchoring import digest_of
from settings import Settings
from storage.models import ServerSettings
from tests.cogs.reader import read_quotes
from tests.cogs.stored_articles import FIRST, SENTENCES, TEXT, StockedAnswers, remove, stock
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

QUESTION = "Who was the last keeper?"
KEEPER = "Tom Reed was its last keeper."


@pytest.fixture
def answers(settings: Settings) -> Iterator[StockedAnswers]:
    """Return fake answers that quote an article of the shared library, with pins."""
    answers = StockedAnswers(stock(settings.data_dir))
    answers.articles = read_only = ReadOnlyLibraries(settings.data_dir)
    yield answers
    read_only.close()


async def by_words(boss: simcord.MemberActor, channel: simcord.ChannelHandle, **options: str) -> Any:
    """Use `/pin add` and return the response."""
    given = {"question": QUESTION, "article": "The lighthouse", "words": "Tom Reed", **options}
    result = await boss.slash(channel, "pin add", **given)
    assert result.response.ephemeral
    return result.response


async def chosen_in(store: AsyncStore, guild_id: int) -> list[tuple[tuple[str, ...], str]]:
    """Return the questions and quoted words of a server's pins."""
    pins = await store.run(lambda: store.database.pins.of(guild_id))
    return [(pin.questions, TEXT[pin.start : pin.end]) for pin in pins]


@pytest.mark.parametrize("plain", [False, True])
async def test_words_are_pinned_after_a_preview(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    plain: bool,
) -> None:
    """The preview looks like the later answer; the whole sentence is quoted and marked as chosen by people."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(plain=plain))
    preview = await by_words(boss, channel)
    previewed = shown(preview)
    before = await chosen_in(store, simcord_env.guild.id)
    done = await boss.click(preview, label=texts.PIN_BUTTON)

    asked = await alice.slash(channel, "ask", question="who was the last keeper")
    other = await alice.slash(channel, "ask", question="who was the first keeper")

    seen = shown(asked.response)
    assert before == []
    assert texts.PIN_PREVIEW in previewed
    assert texts.PIN_DONE in shown(done.response)
    assert texts.PIN_PREVIEW not in shown(done.response)
    assert read_quotes(seen)[0].text == KEEPER
    caption = next(line for line in seen.splitlines() if texts.CHOSEN in line)
    assert caption in previewed
    assert f"-# {texts.CHOSEN_FOOTER}" in seen
    assert texts.CHOSEN not in shown(other.response)


async def test_a_pin_goes_wherever_a_question_is_answered(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    simcord_env: simcord.Env,
) -> None:
    """Mentions, private answers, previews and edited questions use pins; direct messages and other servers do not."""
    await boss.click(await by_words(boss, channel), label=texts.PIN_BUTTON)
    mention = await alice.send(channel, f"<@{simcord_env.bot.user.id}> {QUESTION}")
    (answer,) = replies_in(channel, simcord_env)
    private = await alice.slash(channel, "ask", question=QUESTION, private=True)
    menu = await mod.context_menu(channel, texts.ANSWER_THIS, mention)
    await alice.send_dm(QUESTION)

    (direct,) = replies_in(alice.user.dm_channel, simcord_env)
    for text in (shown(answer), shown(private.response), shown(menu.response)):
        assert texts.CHOSEN in text
    assert texts.CHOSEN not in shown(direct)
    await alice.edit(mention, f"<@{simcord_env.bot.user.id}> who was the first keeper?")
    assert texts.CHOSEN not in shown(replies_in(channel, simcord_env)[0])


async def test_a_quotation_of_an_answer_is_pinned(
    channel: simcord.ChannelHandle,
    mod: simcord.MemberActor,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """A moderator can pin any quote of an answer to its question, or to other wordings of it."""
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who kept it last?")
    (answer,) = replies_in(channel, simcord_env)
    preview = (await mod.context_menu(channel, texts.PIN_MENU, answer)).response
    first = shown(preview)
    draft_id = next(draft_id for action, draft_id, _ in presses(preview) if action == QuoteSelect.action)

    await mod.select(preview, ["3"], custom_id=QuoteSelect.custom_id_of(draft_id))
    form = await mod.click(preview, label=texts.PIN_WORDING_BUTTON)
    worded = shown((await mod.submit_modal(form, {"questions": f"who kept it last?\n\n  {QUESTION}  "})).response)
    await mod.click(preview, label=texts.PIN_BUTTON)

    assert preview.ephemeral
    assert read_quotes(first)[0].text == SENTENCES[0].of(TEXT)
    assert f"- {QUESTION}" in worded
    found = [(("who kept it last?", QUESTION), SENTENCES[3].of(TEXT))]
    assert await chosen_in(store, simcord_env.guild.id) == found


async def test_a_newer_pin_takes_the_question(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """A question has one pin: the preview says if one for the same or an equivalent question will be replaced."""
    await boss.click(await by_words(boss, channel, words="burned down"), label=texts.PIN_BUTTON)
    preview = await by_words(boss, channel, question="who was the LAST keeper")
    said = shown(preview)
    await boss.click(preview, label=texts.PIN_BUTTON)

    assert texts.PIN_REPLACES in said
    assert await chosen_in(store, simcord_env.guild.id) == [(("who was the LAST keeper",), KEEPER)]


async def test_pins_are_listed_and_undone(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    store: AsyncStore,
    settings: Settings,
    simcord_env: simcord.Env,
) -> None:
    """The list shows the source of each pin, or that its text has changed; removed pins have no effect any more."""
    nothing = shown((await boss.slash(channel, "pin list")).response)
    await boss.click(await by_words(boss, channel), label=texts.PIN_BUTTON)
    await boss.click(
        await by_words(boss, channel, question="What burned?", words="burned down"), label=texts.PIN_BUTTON
    )
    listed = (await boss.slash(channel, "pin list")).response
    standing = shown(listed)
    stock(settings.data_dir, f"New: {TEXT.replace('burned', 'fell')}")
    asked = shown((await alice.slash(channel, "ask", question=QUESTION)).response)
    resting = shown((await boss.slash(channel, "pin list")).response)
    (oldest, _) = await store.run(lambda: store.database.pins.of(simcord_env.guild.id))

    gone = await boss.select(listed, [str(oldest.id)], custom_id=UnpinSelect.custom_id_of())

    assert nothing == texts.PINS_NOTHING
    assert f"1. What burned?\n-# **The lighthouse**: {SENTENCES[2].of(TEXT)}" in standing
    assert f"2. {QUESTION}\n-# **The lighthouse**: {KEEPER}" in standing
    assert read_quotes(asked)[0].text == KEEPER
    assert f"1. What burned?\n-# {texts.PINS_RESTS}" in resting
    assert f"2. {QUESTION}\n-# **The lighthouse**: {KEEPER}" in resting
    assert texts.PINS_UNPINNED.format(question=f"**{QUESTION}**") in shown(gone.response)
    assert [text for _, text in await chosen_in(store, simcord_env.guild.id)] == [SENTENCES[2].of(TEXT)]
    assert texts.CHOSEN not in shown((await alice.slash(channel, "ask", question=QUESTION)).response)


async def test_a_long_list_has_pages(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """Many pins with long questions are listed page by page."""
    guild_id = simcord_env.guild.id
    for number in range(12):
        question = f"{number} " + "*word* " * 60
        pin = Pin("shared", "light", 1, 0, len(FIRST), digest_of(FIRST), (), (question.strip(),))
        await store.change_pins(guild_id, lambda database, pin=pin: database.pins.add(guild_id, pin))

    first = (await boss.slash(channel, "pin list")).response
    turned = await boss.click(first, label=texts.NEXT_BUTTON)

    assert texts.PINS_FOOTER.format(page=2, pages=2, count=12) in shown(turned.response)
    assert "11. 1 " in shown(turned.response)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"words": "Tom  reed"}, texts.PIN_WORDS_MISSING.format(article="**The lighthouse**")),
        ({"words": "@everyone"}, texts.PIN_WORDS_MISSING.format(article="**The lighthouse**")),
        ({"words": "i"}, texts.PIN_WORDS_SEVERAL.format(count=7, article="**The lighthouse**")),
        ({"article": "no such thing"}, texts.NO_SUCH_ARTICLE),
        ({"question": "what is it?"}, texts.PIN_NO_QUESTION),
    ],
)
async def test_what_cannot_be_pinned(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, options: dict[str, str], said: str
) -> None:
    """Words that no sentence or several sentences contain, and an empty question, are each refused in one sentence."""
    assert shown(await by_words(boss, channel, **options)) == said


async def test_long_sentences_are_not_pinned(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, settings: Settings
) -> None:
    """Words that span many sentences are refused, because the quote would be too long."""
    stock(
        settings.data_dir,
        " ".join(f"The ship {number} sank in a storm." for number in range(60)),
        title="Ships",
        key="s",
    )
    words = " ".join(f"The ship {number} sank in a storm." for number in range(40))[:990]

    assert shown(await by_words(boss, channel, article="Ships", words=words)) == texts.PIN_WORDS_LONG.format(limit=1000)


async def test_messages_without_a_quotation(
    channel: simcord.ChannelHandle,
    mod: simcord.MemberActor,
    alice: simcord.MemberActor,
    settings: Settings,
    answers: StockedAnswers,
    simcord_env: simcord.Env,
) -> None:
    """A member's message, an answer without quotes, a private answer and one whose source is gone cannot be pinned."""
    said = await alice.send(channel, "Who?")
    private = await mod.slash(channel, "ask", question="Who?", private=True)
    lost = await alice.slash(channel, "ask", question="unknown thing")
    found = await alice.slash(channel, "ask", question="Who kept it?")
    remove(settings.data_dir, answers.article_id)

    for message in (said, private.response, lost.response, found.response):
        result = await mod.context_menu(channel, texts.PIN_MENU, message)
        assert shown(result.response) == texts.PIN_NO_QUOTE


async def test_a_source_that_changes_before_it_is_pinned(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, settings: Settings, simcord_env: Any
) -> None:
    """If the quoted text has changed when *Pin* is pressed, nothing is pinned and the moderator is told."""
    preview = await by_words(boss, channel)
    stock(settings.data_dir, "Nothing of it.")

    pressed = await boss.click(preview, label=texts.PIN_BUTTON)

    assert [told.content for told in pressed.followups] == [texts.SOURCE_CHANGED]
    assert await chosen_in(store, simcord_env.guild.id) == []


async def test_wordings_that_do_not_fit(channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """Too many wordings, or one without content words, leave the preview unchanged."""
    preview = await by_words(boss, channel)
    for typed, said in (
        ("\n".join(f"question {number}?" for number in range(6)), texts.PIN_MANY_WORDINGS.format(limit=5)),
        ("???", texts.PIN_NO_QUESTION),
    ):
        form = await boss.click(preview, label=texts.PIN_WORDING_BUTTON)
        assert [told.content for told in (await boss.submit_modal(form, {"questions": typed})).followups] == [said]

    done = await boss.click(preview, label=texts.PIN_BUTTON)
    assert texts.PIN_DONE in shown(done.response)


async def test_cancelling_drops_and_a_restart_keeps_a_preview(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    settings: Settings,
    simcord_env: simcord.Env,
    resources: Resources,
) -> None:
    """A cancelled preview is dropped; one from before a restart can be pinned, once, and stored pins are kept."""
    cancelled = await boss.click(await by_words(boss, channel), label=texts.CANCEL_BUTTON)
    await boss.click(await by_words(boss, channel), label=texts.PIN_BUTTON)
    waiting = await by_words(boss, channel)
    listed = (await boss.slash(channel, "pin list")).response
    with AsyncStore(settings.data_dir) as reopened:
        await simcord_env.restart_bot(VerbatimBot(replace(resources, store=reopened)))

        (pin,) = await reopened.pins(simcord_env.guild.id)
        gone = await boss.select(listed, [str(pin.id)], custom_id=UnpinSelect.custom_id_of())
        pressed = await boss.click(waiting, label=texts.PIN_BUTTON)
        asked = await boss.slash(channel, "ask", question=QUESTION)

        assert shown(cancelled.response) == texts.PIN_CANCELLED
        assert texts.PIN_DONE in shown(pressed.response)
        assert texts.CHOSEN in shown(asked.response)
        assert texts.PINS_NOTHING in shown(gone.response)
        await simcord_env.shutdown()


async def test_pins_are_for_moderators(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """The commands are hidden from others and refuse them; nobody can use another moderator's preview."""
    tree = simcord_env.bot.tree
    (menu,) = (
        command for command in tree.get_commands(type=discord.AppCommandType.message) if command.name == texts.PIN_MENU
    )
    preview = await by_words(boss, channel)
    cog = simcord_env.bot.get_cog("PinCog")
    (draft_id,) = {draft_id for _, draft_id, _ in presses(preview)}

    def interaction_of(member: Any, **allowed: bool) -> Any:
        return type("", (), {
            "guild_id": simcord_env.guild.id, "user": member, "permissions": discord.Permissions(**allowed), "data": {},
            "guild": None, "client": simcord_env.bot, "type": discord.InteractionType.component, "response": Mock(),
        })()  # fmt: skip

    assert menu.default_permissions == discord.Permissions(manage_messages=True)
    assert len(tree.get_commands(type=discord.AppCommandType.message)) <= 5
    with pytest.raises(Exception, match="not allowed"):
        await cog.own_draft(interaction_of(alice), draft_id)
    with pytest.raises(Exception, match="Only the person"):
        await cog.own_draft(interaction_of(mod, manage_messages=True), draft_id)
    with pytest.raises(Exception, match="no longer remember"):
        await cog.own_draft(interaction_of(boss, manage_guild=True), draft_id + 1)
    assert (await cog.own_draft(interaction_of(boss, manage_guild=True), draft_id)).questions == (QUESTION,)
    assert buttons_of(preview) == [texts.PIN_BUTTON, texts.PIN_WORDING_BUTTON, texts.CANCEL_BUTTON]


def presses(message: Any) -> list[tuple[str, int, int]]:
    """Return (action, first number, second number) for every button and select of a message."""
    rows = [item if isinstance(item, dict) else item.to_dict() for item in message.components]
    found = [read_custom_id(item["custom_id"]) for row in rows if row["type"] == 1 for item in row["components"]]
    return [press for press in found if press]
