"""Fixtures: the real bot and workers on a simulated Discord, with fake answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import discord
import pytest
import simcord
from discord import app_commands
from pydantic import SecretStr

from cogs.articles.article_service import ArticleService
from cogs.bot import VerbatimBot, VerbatimTree
from cogs.core.async_store import AsyncStore
from cogs.core.translator import CommandTranslator
from cogs.core.worker import Worker
from cogs.services import Resources
from index.libraries.registry import Libraries
from index.passages.embedder import load_embedder
from index.sources.http.client import Fetcher
from settings import Settings
from storage.database import Database
from tests import simcord_routes  # noqa: F401 - adds a route
from tests.cogs.fakes import FakeAnswers
from tests.index.site import Site, running

_PATIENCE: Final = 60.0  # seconds that the simulated Discord waits for a busy bot
_TIMERS: Final = 5.0  # seconds within which a timer has to be due, if it is waited for


@pytest.fixture(scope="session", autouse=True)
def _settled_soon() -> Iterator[None]:
    """Let the simulated Discord look every 5 ms whether the bot is idle: most tests waited for nothing else.

    Unpatched it fails after 5 s in which the bot was busy, which happens on a machine that runs other programs.
    """
    settle = simcord.Env._settle_internal
    made = simcord.Env.__init__.__kwdefaults__

    def sooner(is_parked: Callable[[Any, Any, float], bool]) -> Callable[[Any, Any, float], bool]:
        return lambda state, waiting, deadline: is_parked(state, waiting, deadline - _PATIENCE + _TIMERS)

    async def patient(env: simcord.Env, *, timeout: float | None = None, **options: Any) -> None:  # noqa: ASYNC109
        await settle(env, timeout=None if timeout is None else max(timeout, _PATIENCE), **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settle.__kwdefaults__, "idle", 0.005)
        patch.setattr(simcord.Env, "_settle_internal", patient)
        patch.setitem(made, "settle_timeout", _PATIENCE)
        for name in ("_is_parked", "_callback_is_parked"):
            patch.setattr(simcord.env, name, sooner(getattr(simcord.env, name)))
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_shard() -> Iterator[None]:
    """Let the simulated Discord recommend one shard, where a test does not say otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(simcord.Env.__init__.__kwdefaults__, "shard_count", 1)
        yield


@pytest.fixture(autouse=True)
def _no_mentions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the names of commands in messages as the texts have them, except in the tests of mentions."""
    if request.module.__name__.rpartition(".")[2] != "test_command_mentions":
        monkeypatch.setattr("cogs.ui.limits.with_mentions", lambda text, _room: text)


@pytest.fixture(autouse=True)
def _libraries_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every background job notice at once which libraries have changed, instead of within half a minute.

    It reads them in one piece: the simulated Discord takes the other jobs, which wait for one that pauses, for busy.
    """
    monkeypatch.setattr("cogs.core.library_watch._RECENT_SECONDS", 0.0)
    monkeypatch.setattr("cogs.core.library_watch._READ_SECONDS", 60.0)


@pytest.fixture(scope="session", autouse=True)
def _model_loaded() -> None:
    """Load the model before any test: background jobs need it, and the simulated Discord waits for them."""
    load_embedder()


@pytest.fixture(scope="session", autouse=True)
def _translated_once() -> Iterator[None]:
    """Translate the commands once: their payload is the same for every bot, and takes longer than most tests."""
    kinds = (app_commands.Command, app_commands.Group, app_commands.ContextMenu)
    with pytest.MonkeyPatch.context() as patch:
        for kind in kinds:
            patch.setattr(kind, "get_translated_payload", _remembered(kind.get_translated_payload))
        yield


def _remembered(translate: Callable[..., Awaitable[dict[str, Any]]]) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Return `translate`, which remembers what it returned for a command of `cogs`; others may differ every time."""
    known: dict[tuple[str, str], str] = {}

    async def payload(command: Any, tree: Any, translator: app_commands.Translator) -> dict[str, Any]:
        if type(translator) is not CommandTranslator or type(tree) is not VerbatimTree:
            return await translate(command, tree, translator)
        key = (type(command).__name__, command.qualified_name)
        if key not in known:
            known[key] = json.dumps(await translate(command, tree, translator))
        found: dict[str, Any] = json.loads(known[key])
        return found

    return payload


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a `discord.db` without rows, to be copied: making its tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "discord.db"
    Database(path).close()
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with a temporary data folder."""
    return Settings(data_dir=tmp_path, discord_token=SecretStr("not.a.token"), second_quote_confidence=0.5)


@pytest.fixture
def worker() -> Iterator[Worker]:
    """Return a worker that is closed after the test."""
    with Worker() as worker:
        yield worker


@pytest.fixture
def answers() -> FakeAnswers:
    """Return fake answers."""
    return FakeAnswers()


@pytest.fixture
def store(settings: Settings, empty_database: Path) -> Iterator[AsyncStore]:
    """Return the store, closed after the test."""
    if not (settings.data_dir / empty_database.name).exists():
        shutil.copy(empty_database, settings.data_dir)
    with AsyncStore(settings.data_dir) as store:
        yield store


@pytest.fixture
def libraries(settings: Settings, worker: Worker) -> Iterator[Libraries]:
    """Return the libraries of the data folder, used on the worker's thread."""
    libraries = Libraries(settings.data_dir, load_embedder)
    yield libraries
    worker.submit(libraries.close).result()


@pytest.fixture
def fetcher() -> Fetcher:
    """Return a fetcher that may access this machine."""
    return Fetcher(private=True, delay=0.0)


@pytest.fixture
def fetch_worker() -> Iterator[Worker]:
    """Return the worker that fetches, closed after the test."""
    with Worker(threads=4, name="verbatim-fetching") as worker:
        yield worker


@pytest.fixture
def resources(
    settings: Settings,
    worker: Worker,
    fetch_worker: Worker,
    libraries: Libraries,
    fetcher: Fetcher,
    answers: FakeAnswers,
    store: AsyncStore,
) -> Resources:
    """Return the bot's resources."""
    return Resources(settings, worker, fetch_worker, lambda: libraries, fetcher, answers, store)


@pytest.fixture
def article_service(resources: Resources) -> ArticleService:
    """Return the article service."""
    return ArticleService(resources)


@pytest.fixture
def simcord_bot(resources: Resources) -> VerbatimBot:
    """Return the bot that the simulated Discord runs."""
    return VerbatimBot(resources)


@pytest.fixture
def channel(simcord_env: simcord.Env) -> simcord.ChannelHandle:
    """Return a text channel of a server."""
    return simcord_env.create_guild().create_text_channel("general")


@pytest.fixture
def alice(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> simcord.MemberActor:
    """Return a member."""
    return simcord_env.guild.add_member(simcord_env.create_user("alice"))


@pytest.fixture
def bob(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> simcord.MemberActor:
    """Return another member."""
    return simcord_env.guild.add_member(simcord_env.create_user("bob"))


@pytest.fixture
def mod(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> simcord.MemberActor:
    """Return a member who may manage messages."""
    role = simcord_env.guild.create_role("Mods", permissions=discord.Permissions(manage_messages=True))
    return simcord_env.guild.add_member(simcord_env.create_user("mod"), roles=[role])


@pytest.fixture
def boss(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> simcord.MemberActor:
    """Return a member who may manage the server and its messages: Discord shows /pin and /insights to the latter."""
    role = simcord_env.guild.create_role(
        "Bosses", permissions=discord.Permissions(manage_guild=True, manage_messages=True)
    )
    return simcord_env.guild.add_member(simcord_env.create_user("boss"), roles=[role])


@pytest.fixture
def site() -> Iterator[Site]:
    """Return a web site on this machine."""
    with running() as site:
        yield site
