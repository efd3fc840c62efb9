"""Questions without a mention: which messages are answered, in which channels, and how."""

from __future__ import annotations

import discord
import pytest
import simcord
from pydantic import SecretStr

from cogs.admin.setup_channel_selects import QuestionsSelect
from cogs.admin.setup_selects import MinConfidenceSelect, ThreadsSelect
from cogs.core.async_store import AsyncStore
from cogs.core.worker import Worker
from i18n import texts
from settings import Settings
from storage.models import Mode, ServerSettings
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, replies_in, shown

CONTENT = PUBLIC | discord.Intents(message_content=True)
pytestmark = pytest.mark.simcord(approved_intents=CONTENT)


@pytest.fixture
def settings(tmp_path: object) -> Settings:
    """Return settings with message content."""
    return Settings(
        data_dir=tmp_path, discord_token=SecretStr("not.a.token"), second_quote_confidence=0.5, message_content=True
    )


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pause that ends a burst."""
    monkeypatch.setattr("cogs.ask.debounce.QUIET_SECONDS", 0.05)


async def set_mode(store: AsyncStore, env: simcord.Env, place: simcord.ChannelHandle, mode: Mode) -> None:
    """Set the mode of a channel or category."""
    await store.change_settings(env.guild.id, lambda _: ServerSettings().with_mode(place.id, mode))


async def say(env: simcord.Env, who: simcord.MemberActor, where: simcord.ChannelHandle, *messages: str) -> None:
    """Send messages and wait until their burst has ended."""
    for text in messages:
        env.backend.create_message(where.id, who.id, text)
    await env.settle()


@pytest.mark.parametrize(
    ("mode", "text", "asked"),
    [
        (Mode.OFF, "who built the lighthouse?", 0),
        (Mode.MENTIONED, "who built the lighthouse?", 0),
        (Mode.QUESTIONS, "who built the lighthouse?", 1),
        (Mode.QUESTIONS, "the lighthouse is nice", 0),
        (Mode.EVERYTHING, "the lighthouse is nice", 1),
    ],
)
async def test_modes(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    mode: Mode,
    text: str,
    asked: int,
) -> None:
    """The channel's mode decides which messages are answered; answers are replies that ping nobody."""
    await set_mode(store, simcord_env, channel, mode)

    await say(simcord_env, alice, channel, text)

    assert len(answers.asked) == asked
    found = replies_in(channel, simcord_env)
    assert [message.reference is not None for message in found] == [True] * asked
    assert all(message.mentions == [] for message in found)


async def test_a_category_speaks_for_its_channels(
    alice: simcord.MemberActor, answers: FakeAnswers, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """A category's mode applies to its channels; a channel's own mode takes precedence."""
    category = simcord_env.guild.create_category("Help")
    inside = simcord_env.guild.create_text_channel("inside", category=category)
    apart = simcord_env.guild.create_text_channel("apart", category=category)
    modes = ServerSettings().with_mode(category.id, Mode.QUESTIONS).with_mode(apart.id, Mode.MENTIONED)
    await store.change_settings(simcord_env.guild.id, lambda _: modes)

    await say(simcord_env, alice, inside, "who built it then?")
    await say(simcord_env, alice, apart, "who built it then?")

    assert len(replies_in(inside, simcord_env)) == 1
    assert replies_in(apart, simcord_env) == []


@pytest.mark.parametrize("text", ["closest thing is what?", "unknown thing is what?", "refuse this one?", "crash now?"])
async def test_only_an_answer_is_worth_a_word(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    text: str,
) -> None:
    """In mode `questions`, outcomes other than answers and errors are neither shown nor stored."""
    await set_mode(store, simcord_env, channel, Mode.QUESTIONS)

    await say(simcord_env, alice, channel, text)

    assert len(answers.asked) == 1
    assert replies_in(channel, simcord_env) == []
    assert await store.run(lambda: store.database.last_answer(channel.id)) is None


async def test_everything_gets_its_outcome(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """In mode `everything`, every outcome is shown."""
    await set_mode(store, simcord_env, channel, Mode.EVERYTHING)

    await say(simcord_env, alice, channel, "unknown thing")

    assert texts.NOT_COVERED_HINT in shown(replies_in(channel, simcord_env)[0])


async def test_quick_messages_are_one_question(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """Messages in quick succession are joined without small talk and answered once, by a reply to the question."""
    await set_mode(store, simcord_env, channel, Mode.QUESTIONS)

    await say(simcord_env, alice, channel, "hi all", "the lighthouse", "who built it?", "thanks")

    assert [question for question, _ in answers.asked] == ["the lighthouse who built it?"]
    (answer,) = replies_in(channel, simcord_env)
    asking = next(message for message in channel.history() if message.content == "who built it?")
    assert answer.reference.message_id == asking.id


async def test_second_thoughts(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """Edits and deletions inside a burst are respected; a burst without messages left is not answered."""
    await set_mode(store, simcord_env, channel, Mode.QUESTIONS)
    backend = simcord_env.backend
    typo, regretted, alone = (
        backend.create_message(channel.id, alice.id, text) for text in ("who bilt it?", "and when?", "who was he?")
    )
    backend.edit_message(channel.id, typo.id, {"content": "who built it?"})
    backend.delete_message(channel.id, regretted.id)
    backend.delete_message(channel.id, alone.id)
    await simcord_env.settle()

    assert [question for question, _ in answers.asked] == ["who built it?"]

    only = backend.create_message(channel.id, alice.id, "who was he?")
    backend.delete_message(channel.id, only.id)
    await simcord_env.settle()

    assert len(answers.asked) == 1


async def test_a_part_of_a_question_that_is_edited(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """Editing one of several messages of a question does not change the answer."""
    await set_mode(store, simcord_env, channel, Mode.QUESTIONS)
    await say(simcord_env, alice, channel, "the lighthouse", "who built it?")
    last = next(message for message in channel.history() if message.content == "who built it?")

    await alice.edit(last, "who painted it?")

    assert len(answers.asked) == 1


async def test_a_mention_is_answered_at_once_and_once(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """In a listening channel a mention is answered once; in mode `off` it is not answered."""
    await set_mode(store, simcord_env, channel, Mode.EVERYTHING)
    await say(simcord_env, alice, channel, f"<@{simcord_env.bot.user.id}> who built it?")
    await set_mode(store, simcord_env, channel, Mode.OFF)
    await say(simcord_env, alice, channel, f"<@{simcord_env.bot.user.id}> who built it?")

    assert len(answers.asked) == 1
    assert len(replies_in(channel, simcord_env)) == 1


async def test_people_who_reply_to_each_other(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    mod: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """Replies to other people, bots and webhooks are not answered."""
    await set_mode(store, simcord_env, channel, Mode.EVERYTHING)
    other = simcord_env.guild.add_member(simcord_env.create_user("other", bot=True))
    first = await other.send(channel, "who built it then?")
    await alice.send(channel, "did you mean the lighthouse?", reply_to=first)
    await simcord_env.guild.create_webhook(channel).send("who built it then?")
    await simcord_env.settle()

    assert answers.asked == []


@pytest.mark.parametrize("mode", [Mode.QUESTIONS, Mode.EVERYTHING])
async def test_no_time_for_an_answer(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    worker: Worker,
    simcord_env: simcord.Env,
    monkeypatch: pytest.MonkeyPatch,
    mode: Mode,
) -> None:
    """If the queue is full, the member gets one notice, at most once a minute."""
    await set_mode(store, simcord_env, channel, mode)
    monkeypatch.setattr(worker._queue, "_capacity", 0)

    await say(simcord_env, alice, channel, "who built the lighthouse?")
    await say(simcord_env, alice, channel, "and who painted it?")

    (notice,) = replies_in(channel, simcord_env)
    assert notice.content == texts.BUSY
    assert notice.reference is not None
    assert notice.mentions == []


async def test_limits_are_kept_in_silence(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
) -> None:
    """Rate limits are not announced to members who did not address the bot."""
    settings = ServerSettings(member_limit=1).with_mode(channel.id, Mode.EVERYTHING)
    await store.change_settings(simcord_env.guild.id, lambda _: settings)

    for _ in range(3):
        await say(simcord_env, alice, channel, "who built the lighthouse?")

    assert len(answers.asked) == 1
    assert len(replies_in(channel, simcord_env)) == 1


@pytest.mark.parametrize(
    ("mode", "floor", "text", "replies"),
    [
        (Mode.QUESTIONS, 0.75, "who built the lighthouse?", 1),
        (Mode.QUESTIONS, 0.9, "who built the lighthouse?", 0),
        (Mode.EVERYTHING, 0.25, "closest thing to a lighthouse", 1),
        (Mode.EVERYTHING, 0.5, "closest thing to a lighthouse", 0),
        (Mode.EVERYTHING, 0.25, "unknown thing", 0),
        (Mode.EVERYTHING, 0.0, "unknown thing", 1),
    ],
)
async def test_a_floor_of_confidence(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    mode: Mode,
    floor: float,
    text: str,
    replies: int,
) -> None:
    """Without a mention the bot answers only from the set confidence on; mentions are always answered."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(floor=floor).with_mode(channel.id, mode))

    await say(simcord_env, alice, channel, text)
    assert len(replies_in(channel, simcord_env)) == replies

    await say(simcord_env, alice, channel, f"<@{simcord_env.bot.user.id}> {text}")
    assert len(replies_in(channel, simcord_env)) == replies + 1


async def test_a_category_sets_floors_and_threads_for_its_channels(
    alice: simcord.MemberActor, answers: FakeAnswers, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """Settings of a channel take precedence over its category, and those over the server."""
    settings = ServerSettings(floor=0.9).with_place(1, floor=0.5, thread=True).with_place(2, floor=0.25)

    assert [settings.floor_of(2, 1), settings.floor_of(3, 1), settings.floor_of(3, None)] == [0.25, 0.5, 0.9]
    assert [settings.threads_in(2, 1), settings.threads_in(3, None)] == [True, False]
    assert settings.places == [1, 2]


async def test_setting_it_up(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """One page of the setup selects the channels, the least confidence, and whether to answer in new threads."""
    message = (await boss.slash(channel, "config setup")).response
    for _ in range(2):
        message = (await boss.click(message, label=texts.NEXT_BUTTON)).response
    await boss.select(message, [channel], custom_id=QuestionsSelect.custom_id_of(boss.id))
    await boss.select(message, ["0.75"], custom_id=MinConfidenceSelect.custom_id_of(boss.id))
    await boss.select(message, ["1"], custom_id=ThreadsSelect.custom_id_of(boss.id))
    held = await store.settings(simcord_env.guild.id)
    last = shown((await boss.click(message, label=texts.NEXT_BUTTON)).response)

    assert held == ServerSettings(floor=0.75, threads=True).with_mode(channel.id, Mode.QUESTIONS)
    said = texts.CHANNEL_UNASKED.format(floor=texts.FLOOR.format(word="high"), way=texts.IN_THREADS)
    assert said in last
    assert f"<#{channel.id}>: {texts.MODES['questions']}" in last


async def test_setting_one_channel(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """`/config channel` sets the given options, shows the result, and warns if threads cannot be created."""
    overwrites = {simcord_env.bot.user: discord.PermissionOverwrite(create_public_threads=False)}
    closed = simcord_env.guild.create_text_channel("closed", overwrites=overwrites)
    nothing = shown((await boss.slash(channel, "config channel", channel=closed)).response)
    given = {"mode": "questions", "confidence": 0.9, "thread": "thread"}
    done = shown((await boss.slash(channel, "config channel", channel=closed, **given)).response)
    again = shown((await boss.slash(channel, "config channel", channel=closed, thread="reply")).response)
    fine = shown((await boss.slash(channel, "config check")).response)
    settings = shown((await boss.slash(channel, "config settings")).response)

    finding = texts.CHECK_FINDING.format(channels=closed.mention, finding=texts.CHECK_NEW_THREADS)
    sure = texts.FLOOR.format(word="very high")
    assert nothing == f"<#{closed.id}>: {texts.NOT_SET}"
    assert done == f"<#{closed.id}>: {texts.MODES['questions']} · {sure} · {texts.IN_THREADS}\n{finding}"
    assert again == f"<#{closed.id}>: {texts.MODES['questions']} · {sure} · {texts.IN_REPLIES}"
    assert fine == texts.CHECK_FINE
    assert again in settings
    await boss.slash(channel, "config channel", channel=closed, thread="thread")
    assert finding in shown((await boss.slash(channel, "config check")).response)


@pytest.mark.parametrize("kind", [discord.MessageType.new_member, discord.MessageType.pins_add])
@pytest.mark.parametrize("called", [True, False])
async def test_system_messages(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    store: AsyncStore,
    simcord_env: simcord.Env,
    kind: discord.MessageType,
    called: bool,
) -> None:
    """System messages in a member's name are never answered."""
    await set_mode(store, simcord_env, channel, Mode.EVERYTHING)
    text = f"{f'<@{simcord_env.bot.user.id}> ' if called else ''}who built the lighthouse?"
    simcord_env.backend.create_message(channel.id, alice.id, text, message_type=kind.value)
    await simcord_env.settle()

    assert answers.asked == []
