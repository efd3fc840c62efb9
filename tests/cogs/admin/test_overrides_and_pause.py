"""`/config channel`, `pause`, `resume` and `reset`: whatever was set can be taken back, and is shown."""

from __future__ import annotations

import time
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
import simcord

from cogs.admin import pause_commands
from cogs.admin.reports import channels_text
from cogs.admin.reset_command import ResetButton
from cogs.core.async_store import AsyncStore
from cogs.ui.answer_card import notice_card
from cogs.ui.escape import utf16_length
from cogs.ui.layout import message_body
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from settings import Settings
from storage.models import Mode, ServerSettings
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, buttons_of, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

NOW = 1_900_000_000


async def run(boss: simcord.MemberActor, place: simcord.ChannelHandle, command: str, **options: object) -> str:
    """Run a command of `/config` and return its private response."""
    result = await boss.slash(place, f"config {command}", **options)
    assert result.response.ephemeral
    return shown(result.response)


@pytest.mark.parametrize(
    ("option", "value", "field", "stored"),
    [
        ("mode", "off", "modes", "off"),
        ("confidence", 0.9, "floors", 0.9),
        ("thread", "thread", "in_threads", True),
        ("thread", "reply", "in_threads", False),
    ],
)
async def test_each_override_can_be_taken_back(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    option: str,
    value: object,
    field: str,
    stored: object,
) -> None:
    """What is set for a channel is removed by "as the server has it", and nothing else is."""
    other = ServerSettings().with_place(5, mode=Mode.OFF, floor=0.5, thread=True)
    await store.change_settings(simcord_env.guild.id, lambda _: other)

    said = await run(boss, channel, "channel", channel=channel, **{option: value})
    held = await store.settings(simcord_env.guild.id)
    back = await run(
        boss, channel, "channel", channel=channel, **{option: -1.0 if option == "confidence" else "inherited"}
    )

    assert getattr(held, field)[str(channel.id)] == stored
    assert texts.NOT_SET not in said
    assert back == f"<#{channel.id}>: {texts.NOT_SET}"
    assert await store.settings(simcord_env.guild.id) == other


async def test_all_at_once(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env, store: AsyncStore
) -> None:
    """One override may be taken back while another one is set."""
    before = ServerSettings().with_place(channel.id, mode=Mode.OFF, floor=0.5, thread=True)
    await store.change_settings(simcord_env.guild.id, lambda _: before)

    await run(boss, channel, "channel", channel=channel, mode="inherited", confidence=0.75, thread="inherited")

    assert await store.settings(simcord_env.guild.id) == ServerSettings().with_place(channel.id, floor=0.75)


async def test_table(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env, store: AsyncStore
) -> None:
    """Without options the command shows what is set for all channels, and what holds for the others."""
    nothing = await run(boss, channel, "channel")
    await store.change_settings(simcord_env.guild.id, lambda now: now.with_place(7, mode=Mode.OFF, thread=True))
    table = await run(boss, channel, "channel")
    forgotten = await boss.slash(channel, "config channel", mode="off")

    assert nothing == texts.CHANNELS_NONE
    assert f"<#7>: {texts.MODES['off']} · {texts.IN_THREADS}" in table.splitlines()
    assert texts.MODES["mentioned"] in table.splitlines()[-1]
    assert forgotten.response.content == texts.CHANNELS_WHICH


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("count", [50, 500])
def test_table_of_50_channels(language: str, plain: bool, count: int) -> None:
    """The table fits into a message; how many channels are left out is said, and what holds for the others."""
    settings = ServerSettings()
    for number in range(count):
        settings = settings.with_place(1_200_000_000_000_000_000 + number, mode=Mode.QUESTIONS, floor=0.9, thread=True)
    with speaking(language):
        table = channels_text(settings)
        lines = table.splitlines()
        shown_channels = sum(line.startswith("<#") for line in lines)

        assert utf16_length(table) <= 4000
        assert lines[0] == texts.CHANNELS_HEADING.format(count=count)
        assert shown_channels >= 20
        assert lines[-2] == texts.CHANNELS_MORE.format(count=count - shown_channels)
        message_body(notice_card(table), plain=plain).send_kwargs  # noqa: B018 - reports what is too long


def times_in(replies: Iterable[Any]) -> str:
    """Return the texts of replies."""
    return "\n".join(reply.content for reply in replies)


@pytest.mark.parametrize("duration", [None, *map(int, texts.PAUSE_TIMES)])
async def test_pause_and_resume(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    monkeypatch: pytest.MonkeyPatch,
    duration: int | None,
) -> None:
    """A pause stops all answers and says until when, to whoever asks too; `resume` ends it."""
    monkeypatch.setattr(pause_commands, "time", SimpleNamespace(time=lambda: float(NOW)))
    options = {} if duration is None else {"duration": duration}
    when = f"<t:{NOW + 60 * (duration or 0)}:R>"

    said = await run(boss, channel, "pause", **options)
    refused = await alice.slash(channel, "ask", question="Who?")
    state = await run(boss, channel, "settings")
    resumed = await run(boss, channel, "resume")
    await alice.slash(channel, "ask", question="Who?")

    told = texts.PAUSED_UNTIL.format(when=when) if duration else texts.PAUSED
    assert said == (texts.PAUSED_NOW_UNTIL.format(when=when) if duration else texts.PAUSED_NOW)
    assert times_in(refused.followups) == told
    assert (texts.STATE_PAUSED_UNTIL.format(when=when) if duration else texts.STATE_PAUSED) in state
    assert resumed == texts.GOING_ON
    assert await run(boss, channel, "resume") == texts.NOT_PAUSED
    assert len(answers.asked) == 1


async def test_pause_ends_by_itself(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, alice: simcord.MemberActor, answers: FakeAnswers
) -> None:
    """Half an hour later the bot answers again, without anybody's doing."""
    await run(boss, channel, "pause", duration=30)
    job: Any = boss._env.bot.get_cog("PauseJob")
    store = job._store
    await store.change_settings(channel.guild.id, lambda now: now.paused_for(1800, time.time() - 1800))
    await job.run_once()

    await alice.slash(channel, "ask", question="Who?")

    assert len(answers.asked) == 1


@pytest.mark.parametrize("plain", [False, True])
async def test_reset(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    plain: bool,
) -> None:
    """A reset asks first, says what is lost and what stays, and keeps a pause."""
    before = ServerSettings(plain=plain, language="de", editor_role=4).with_mode(5, Mode.OFF).paused_for(0, NOW)
    await store.change_settings(simcord_env.guild.id, lambda _: before)

    asked = await boss.slash(channel, "config reset")
    said, offered = (
        shown(asked.response),
        buttons_of(asked.response)
        or [item.label for row in asked.response.components for item in getattr(row, "children", [])],
    )
    held = await store.settings(simcord_env.guild.id)
    done = await boss.click(asked.response, label=texts.RESET_BUTTON)

    assert asked.response.ephemeral
    assert said == texts.RESET_QUESTION.format(count=1)
    assert offered == [texts.RESET_BUTTON, texts.CANCEL_BUTTON]
    assert held == before
    assert shown(done.response) == texts.RESET_DONE
    assert await store.settings(simcord_env.guild.id) == ServerSettings(paused=True)


async def test_reset_that_is_cancelled(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env, store: AsyncStore
) -> None:
    """*Cancel* changes nothing."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(language="de"))
    asked = await boss.slash(channel, "config reset")

    done = await boss.click(asked.response, label=texts.CANCEL_BUTTON)

    assert shown(done.response) == texts.ARTICLE_CANCELLED
    assert await store.settings(simcord_env.guild.id) == ServerSettings(language="de")


async def test_reset_of_damaged_settings(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    simcord_env: simcord.Env,
    settings: Settings,
    store: AsyncStore,
) -> None:
    """Settings that cannot be read can be reset; whether the server was paused is then unknown, so it is."""
    guild_id = simcord_env.guild.id
    await store.run(lambda: _damage(store, guild_id))

    asked = await boss.slash(channel, "config reset")
    await boss.click(asked.response, label=texts.RESET_BUTTON)

    assert await store.settings(guild_id) == ServerSettings(paused=True)


def _damage(store: AsyncStore, guild_id: int) -> None:
    engine = store.database.server_settings._engine
    with engine.begin() as db:
        db.exec_driver_sql(f"INSERT INTO servers (guild_id, settings) VALUES ({guild_id}, '{{')")


async def test_reset_needs_the_right_at_the_press(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env, store: AsyncStore
) -> None:
    """Whoever lost the right since the question resets nothing."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(language="de"))
    asked = await boss.slash(channel, "config reset")
    simcord_env.backend.remove_member_role(simcord_env.guild.id, boss.id, simcord_env.guild.roles["Bosses"].id)

    pressed = await boss.click(asked.response, custom_id=ResetButton.custom_id_of())

    assert [told.content for told in pressed.followups] == [texts.NOT_ALLOWED]
    assert await store.settings(simcord_env.guild.id) == ServerSettings(language="de")
