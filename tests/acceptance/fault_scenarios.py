"""The faults of Discord, by scenario."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.acceptance.conftest import until
from tests.acceptance.fault_trial import Trial

_PATHS = ("/callback$", "/messages/@original$", "/typing$", "/messages$")
_FAULTS: tuple[dict[str, Any], ...] = (
    *({"status": status} for status in (500, 502, 503, 504)),
    {"status": 500, "after": True},
    {"drop": True},
    {"drop": True, "after": True},
    {"status": 429, "retry_after": 0.4},
    {"status": 429, "retry_after": 0.4, "global_": True},
    {"status": 429, "retry_after": 0.4, "cloudflare": True},
    {"delay": 1.5},
)
_MOST_CONNECTIONS = 15  # in an outage of any length in which the gateway refuses or closes connections


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to play: rounds of random faults, and the seconds of an outage."""

    rounds: int
    outage: float
    seed: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario, and the options of the simulated Discord that it needs."""

    play: Callable[[Trial, Plan], Awaitable[None]]
    options: dict[str, Any] = field(default_factory=dict)


async def faults_of_requests(trial: Trial, plan: Plan) -> None:
    """One fault in each kind of request, then noise: every fifth request fails in some way."""
    await trial.launch()
    discord = trial.harness
    for _ in range(plan.rounds):
        for path in _PATHS:
            discord.inject(path=path, **trial.rng.choice(_FAULTS))
        trial.ask("slash")
        trial.ask("mention")
        await trial.settle()
        trial.note(sum(fault.hits for fault in discord.server.faults))
        discord.clear_faults()
    for fault in _FAULTS[:-1]:  # no delays: those of several attempts add up to more than the time to acknowledge
        discord.inject(path="/messages", times=None, probability=0.2 / len(_FAULTS), **fault)
    for _ in range(2 * plan.rounds):
        trial.ask()
    await trial.settle()
    trial.note(sum(fault.hits for fault in discord.server.faults))
    discord.clear_faults()


async def lost_connections(trial: Trial, plan: Plan) -> None:
    """Connections that end in every way while questions are answered and asked."""
    await trial.launch()
    discord = trial.harness
    ways: tuple[tuple[Callable[[], Awaitable[None]], bool], ...] = (
        (discord.drop_connection, True),
        (lambda: discord.drop_connection(code=4000), True),
        (lambda: discord.drop_connection(code=1000), True),
        (lambda: discord.drop_connection(code=1001), True),
        (lambda: discord.drop_connection(resumable=False), False),
        (discord.reconnect_request, True),
        (lambda: discord.invalid_session(True), True),
        (lambda: discord.invalid_session(False), False),
    )
    # Few in a short run: after three in ten minutes the client waits longer each time before it connects.
    chosen = list(ways) * (plan.rounds // 5) or trial.rng.sample(ways, 3)
    for end, resumable in chosen:
        before = trial.ask()
        await trial.accepted(before)
        await end()
        trial.note()
        trial.ask("mention", expected=resumable)  # an event that Discord does not repeat never reaches the bot
        await discord.connected(120)
        await trial.settle()
        trial.ask()
        await trial.settle()


async def closed_at_once(trial: Trial, plan: Plan) -> None:
    """A gateway that closes each connection as soon as it is made: the bot must not try without a pause."""
    await trial.launch()
    discord = trial.harness
    before = len(discord.server.gateway_log)
    end = asyncio.get_running_loop().time() + plan.outage / 2
    while asyncio.get_running_loop().time() < end:
        if discord.server.connections:
            await discord.drop_connection(code=4000)
            trial.note()
        await asyncio.sleep(0.01)
    _check_connections(trial, before)
    await discord.connected(120)
    trial.ask()
    await trial.settle()


async def outage(trial: Trial, plan: Plan) -> None:
    """An outage that begins while questions are answered."""
    await trial.launch()
    discord = trial.harness
    before = len(discord.server.gateway_log)
    asked = [trial.ask(how) for how in ("mention", "slash", "dm", "mention")]
    for question in asked:
        await trial.accepted(question)
    async with discord.outage():
        trial.note()
        await asyncio.sleep(plan.outage)
    _check_connections(trial, before)
    await discord.connected(120)
    await trial.settle()
    trial.ask()
    await trial.settle()


async def killed(trial: Trial, plan: Plan) -> None:
    """A process that is killed at a random moment while it answers, and another one that goes on."""
    await trial.launch()
    trial.ask()  # from then on the bot knows since when it is away, so that mentions it had no time to read count too
    await trial.settle()
    for _ in range(plan.rounds):
        for how in ("mention", "slash", "dm", "private") * 3:
            trial.ask(how)
        await asyncio.sleep(trial.rng.uniform(0.0, 1.5))
        trial.note()
        await trial.restart()
        await trial.settle()
    trial.ask()
    await trial.settle()


async def expired(trial: Trial, plan: Plan) -> None:
    """An outage that is longer than Discord lets a bot answer a command."""
    await trial.launch()
    discord = trial.harness
    question = trial.ask("slash")
    await trial.accepted(question)
    async with discord.outage():
        trial.note()
        await asyncio.sleep(12)
    await discord.connected(120)
    for _ in range(600):
        if len(discord.messages_in(question.channel)) > 1:
            break
        await asyncio.sleep(0.1)
    question.task.cancel()
    trial.ask()
    await trial.settle()


async def down_at_the_start(trial: Trial, plan: Plan) -> None:
    """Discord answers nothing, or only its gateway does not, when the bot starts."""
    discord = trial.harness
    discord.server.refuse_gateway = True
    fault = discord.inject(503, times=None, body="upstream connect error")
    bot = await trial.launch(ready=False)
    await until(lambda: fault.hits > 1 or not bot.running)
    trial.note()
    fault.times, fault.hits = 3, 0  # then a few dropped connections, and a gateway that refuses
    fault.status, fault.drop = None, True
    await until(lambda: fault.hits >= 3 or not bot.running)
    trial.note()
    discord.clear_faults()
    await asyncio.sleep(min(10.0, plan.outage / 4))
    discord.server.refuse_gateway = False
    if bot.running:
        await bot.ready(120, synced=True)
        trial.ask()
        await trial.settle()


def _check_connections(trial: Trial, before: int) -> None:
    opened = [entry for entry in trial.harness.server.gateway_log[before:] if entry[1] == "open"]
    if len(opened) > _MOST_CONNECTIONS:
        trial.problems.append(f"the bot connected {len(opened)} times in an outage")


SCENARIOS = {
    "requests": Scenario(faults_of_requests),
    "connections": Scenario(lost_connections, {"heartbeat_interval": 5.0}),
    "closed": Scenario(closed_at_once),
    "outage": Scenario(outage),
    "killed": Scenario(killed),
    "expired": Scenario(expired, {"token_lifetime": 8}),
    "start": Scenario(down_at_the_start),
}
