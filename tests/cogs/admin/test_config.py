"""`/config` and `/insights`, for managers of a server and for others."""

from __future__ import annotations

import discord
import pytest
import simcord

from cogs.admin.retention_job import RetentionJob
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from i18n import texts
from qa.outcome import Answer, Closest, NotCovered
from settings import Settings
from storage.models import Mode, ServerSettings
from tests.cogs.stored_articles import SENTENCES, TEXT, StockedAnswers, remove, stock
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

INSIGHTS = ("stats", "gaps", "why")
COMMANDS = ("setup", "settings", "pause", "check", *INSIGHTS)


@pytest.fixture
def answers(settings: Settings) -> StockedAnswers:
    """Return fake answers that quote an article of the shared library."""
    return StockedAnswers(stock(settings.data_dir))


async def run(boss: simcord.MemberActor, place: simcord.ChannelHandle, command: str, **options: object) -> str:
    """Run a command of `/config` or `/insights` and return its private response."""
    group = "insights" if command in INSIGHTS else "config"
    result = await boss.slash(place, f"{group} {command}", **options)
    assert result.response.ephemeral
    return shown(result.response)


async def test_members_do_not_see_it(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """Members without permission to manage the server see none of the commands."""
    hidden = {"config", "insights", "pin"}
    assert not [name for name in alice.available_commands(channel) if name.split()[0] in hidden]
    assert {"ask", "help", "library list", "article add"} <= set(alice.available_commands(channel))


@pytest.mark.parametrize("command", COMMANDS)
async def test_members_cannot_use_it(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
    command: str,
) -> None:
    """If a server shows the commands to everyone, the bot refuses, and nothing changes."""
    for group in await simcord_env.bot.tree.fetch_commands():
        if group.name in {"config", "insights"}:
            simcord_env.guild.set_command_permissions(group, {simcord_env.guild.default_role: True})

    assert await run(alice, channel, command) == texts.NOT_ALLOWED
    assert await store.settings(simcord_env.guild.id) == ServerSettings()


async def test_settings(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
) -> None:
    """Given settings are changed and the others kept, and all are shown."""
    helpers = simcord_env.guild.create_text_channel("helpers")
    role = simcord_env.guild.create_role("Helpers")

    before = await run(boss, channel, "settings")
    await run(boss, channel, "settings", helpers_channel=helpers, helpers_role=role, member_limit=0)
    after = await run(boss, channel, "settings", plain=True, channel_limit=7)
    stored = await store.run(lambda: store.database.server_settings.get(simcord_env.guild.id))

    assert texts.NOT_SET in before
    assert f"<#{helpers.id}>" in after
    assert f"<@&{role.id}>" in after
    assert f"{texts.NO_LIMIT} per member, 7 per channel" in after
    assert texts.LAYOUTS["plain"] in after
    assert stored == ServerSettings(
        plain=True, helpers_channel=helpers.id, helpers_role=role.id, member_limit=0, channel_limit=7
    )


async def test_helpers_bring_their_button(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """Once a helpers' channel is set, answers have a button to ask a human."""
    before = await boss.slash(channel, "ask", question="Who?")
    await run(boss, channel, "settings", helpers_channel=simcord_env.guild.create_text_channel("helpers"))
    after = await boss.slash(channel, "ask", question="Who?")

    assert texts.HUMAN_BUTTON not in buttons_of(before.response)
    assert texts.HUMAN_BUTTON in buttons_of(after.response)


DENIED = [
    ({"view_channel": False}, texts.CHECK_VIEW),
    ({"send_messages": False}, texts.CHECK_SEND),
    ({"send_messages_in_threads": False}, texts.CHECK_THREADS),
    ({"read_message_history": False}, texts.CHECK_HISTORY),
]


async def test_check(channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env) -> None:
    """Each missing permission is listed with its channels and consequences; if none is missing, the message says so."""
    assert await run(boss, channel, "check") == texts.CHECK_FINE
    made = {}
    for number, (denied, text) in enumerate(DENIED):
        overwrites = {simcord_env.bot.user: discord.PermissionOverwrite(**denied)}
        places = [
            simcord_env.guild.create_text_channel(f"closed-{number}-{at}", overwrites=overwrites)
            for at in range(10 if text == texts.CHECK_SEND else 1)
        ]
        made[text] = [place.mention for place in places]

    said = (await run(boss, channel, "check")).splitlines()

    assert said[0] == texts.CHECK_HEADING
    lines = {line.split(": ", 1)[1]: line.split(": ", 1)[0] for line in said[1:]}
    assert set(lines) == {text for _, text in DENIED}
    assert lines[texts.CHECK_VIEW] == made[texts.CHECK_VIEW][0]
    assert lines[texts.CHECK_SEND].startswith(", ".join(made[texts.CHECK_SEND][:8]))
    assert lines[texts.CHECK_SEND].endswith("and 2 more")


async def test_check_of_what_cannot_be_heard(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env, store: AsyncStore
) -> None:
    """Channels in a listening mode are listed if the operator has switched message content off."""
    settings = ServerSettings().with_mode(channel.id, Mode.QUESTIONS).with_mode(5, Mode.QUESTIONS)
    await store.change_settings(simcord_env.guild.id, lambda _: settings)

    said = await run(boss, channel, "check")

    finding = texts.CHECK_FINDING.format(channels=channel.mention, finding=texts.NEEDS_CONTENT)
    assert said.splitlines() == [texts.CHECK_HEADING, finding]


async def test_a_channel_that_is_deleted(
    channel: simcord.ChannelHandle, simcord_env: simcord.Env, simcord_bot: VerbatimBot, store: AsyncStore
) -> None:
    """The settings of a channel are deleted with it; other settings stay."""
    rest = ServerSettings(floor=0.5).with_place(5, mode=Mode.OFF, floor=0.25)
    settings = rest.with_place(channel.id, mode=Mode.OFF, floor=0.9, thread=True)
    await store.change_settings(simcord_env.guild.id, lambda _: settings)

    simcord_bot.dispatch("guild_channel_delete", simcord_bot.get_channel(channel.id))
    await simcord_env.settle()

    assert await store.run(lambda: store.database.server_settings.get(simcord_env.guild.id)) == rest


@pytest.mark.parametrize("gone", [True, False])
async def test_check_of_the_helpers_channel(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env, store: AsyncStore, gone: bool
) -> None:
    """A helpers' channel that was deleted or is closed to the bot is listed."""
    silent = {simcord_env.bot.user: discord.PermissionOverwrite(send_messages=False)}
    closed = simcord_env.guild.create_text_channel("helpers", overwrites=silent)
    await store.change_settings(
        simcord_env.guild.id, lambda _: ServerSettings(helpers_channel=5 if gone else closed.id)
    )

    said = await run(boss, channel, "check")
    among_settings = await run(boss, channel, "settings")

    assert said.splitlines()[-1] in among_settings
    assert (texts.CHECK_HELPERS_GONE if gone else texts.CHECK_HELPERS.format(channel=closed.mention)) in said


async def test_stats(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    answers: StockedAnswers,
    settings: Settings,
) -> None:
    """Questions, outcomes, votes, times and the most quoted articles are counted, including removed articles."""
    nothing = await run(boss, channel, "stats", period="week")
    asked = [await alice.slash(channel, "ask", question=text) for text in ("Who?", "closest?", "unknown x", "When?")]
    await alice.click(asked[0].response, label=texts.HELPFUL_BUTTON)
    await alice.click(asked[1].response, label=texts.UNHELPFUL_BUTTON)

    said = await run(boss, channel, "stats")
    remove(settings.data_dir, answers.article_id)
    later = await run(boss, channel, "stats")

    assert nothing == texts.STATS_NOTHING.format(days=7)
    assert "**4 questions in the last 30 days**" in said
    assert "Answered: 50% · closest passages: 25% · not covered: 25%" in said
    assert "Helpful: 50% of 2 votes" in said
    assert "3 × The lighthouse" in said
    assert f"3 × {texts.ARTICLE_GONE}" in later


@pytest.mark.parametrize("plain", [False, True])
async def test_stats_as_a_picture(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    store: AsyncStore,
    simcord_env: simcord.Env,
    plain: bool,
) -> None:
    """The figures have a chart in either layout, and a link to the slowest answer."""
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(plain=plain))
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    (answer,) = replies_in(channel, simcord_env)

    result = await boss.slash(channel, "insights stats")

    (file,) = result.response.attachments
    assert file.filename == "figures.png"
    assert f"[{texts.STATS_SLOWEST}](<{answer.jump_url}>)" in shown(result.response)
    assert (result.response.embeds[0].image.url if plain else "attachment") is not None


async def test_gaps(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """A question that two members asked without an answer is shown once, without their names; others are not."""
    for text in ("unknown price of the boat ticket?", "unknown private matter of mine"):
        await alice.slash(channel, "ask", question=text)
    seen = await boss.slash(channel, "ask", question="unknown what is the price of a boat ticket")
    plain = await run(boss, channel, "gaps")
    await alice.click(seen.response, label=texts.WANTED_BUTTON)

    said = await run(boss, channel, "gaps")
    none = await run(boss, channel, "gaps", members=3)

    assert "2 members, 2 times: unknown what is the price of a boat ticket" in said
    assert f"ticket · {texts.GAP_WANTED.format(count=1)}" in said
    assert texts.WANTED_BUTTON not in plain
    assert "private matter" not in said
    assert alice.name not in said
    assert none == texts.GAPS_NOTHING.format(days=30, members=3)


async def test_why(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    settings: Settings,
) -> None:
    """The channel's newest answer, or the given one, is explained with the quotes that were considered."""
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    (first,) = replies_in(channel, simcord_env)
    await alice.slash(channel, "ask", question="unknown *thing*")

    newest = await run(boss, channel, "why")
    named = await run(boss, channel, "why", message=first.jump_url)

    assert r"**unknown \*thing\***" in newest
    assert "Outcome: not covered, probability 0.010" in newest
    assert "**who?**" in named
    assert f"An answer needs {settings.answer_confidence:g}" in named
    assert f"1. 0.900 (shown) **The lighthouse**: {SENTENCES[0].of(TEXT)}" in named
    assert f"4. 0.450 **The lighthouse**: {SENTENCES[3].of(TEXT)}" in named


@pytest.mark.parametrize(
    "message", ["12345678901234567", "9" * 19, "9" * 20, "nonsense", "https://discord.com/channels/1/2/3"]
)
async def test_why_of_nothing(channel: simcord.ChannelHandle, boss: simcord.MemberActor, message: str) -> None:
    """A message that is not an answer is refused with an explanation."""
    assert await run(boss, channel, "why", message=message) == texts.WHY_NO_ANSWER
    assert await run(boss, channel, "why") == texts.WHY_NO_ANSWER


async def test_why_keeps_private_answers_private(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """Private answers and those of other servers are not explained."""
    private = await alice.slash(channel, "ask", question="Who?", private=True)
    direct = await alice.send_dm("Who?")
    (answer,) = replies_in(alice.user.dm_channel, simcord_env)

    for message_id in (private.response.id, answer.id, direct.id):
        assert await run(boss, channel, "why", message=str(message_id)) == texts.WHY_NO_ANSWER


async def test_a_server_that_is_left_is_forgotten(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    simcord_bot: VerbatimBot,
    store: AsyncStore,
) -> None:
    """When the bot is removed from a server, its answers and settings are deleted."""
    guild_id = simcord_env.guild.id
    asked = await alice.slash(channel, "ask", question="Who?")
    await store.change_settings(guild_id, lambda _: ServerSettings(plain=True))

    job, guild = simcord_bot.get_cog("RetentionJob"), simcord_bot.get_guild(guild_id)
    assert isinstance(job, RetentionJob)
    assert guild is not None
    await job.on_guild_remove(guild)

    assert await store.run(lambda: store.database.answer_in(asked.response.id)) is None
    assert await store.settings(guild_id) == ServerSettings()


async def test_a_channel_that_cannot_be_heard(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """Without message content a listening mode is refused with what to do; other modes can be set and are shown."""
    refused = await run(boss, channel, "channel", channel=channel, mode="questions")
    done = await run(boss, channel, "channel", channel=channel, mode="off")

    assert refused == texts.NEEDS_CONTENT
    assert done == f"<#{channel.id}>: {texts.MODES['off']}"
    assert f"<#{channel.id}>: {texts.MODES['off']}" in await run(boss, channel, "settings")
    assert (await store.settings(simcord_env.guild.id)).mode_of(channel.id) is Mode.OFF
    stored = await store.run(lambda: store.database.server_settings.get(simcord_env.guild.id))
    assert stored.mode_of(channel.id, None) is Mode.OFF


def test_every_mode_and_outcome_has_a_name() -> None:
    """Every setting and every outcome has a text."""
    assert set(texts.MODES) == {mode.value for mode in Mode}
    assert set(texts.OUTCOMES) == {Answer.name, Closest.name, NotCovered.name}
