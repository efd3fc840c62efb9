"""The servers of an isolation run: each with its own articles, questions, pins, settings, previews and imports."""

from __future__ import annotations

import random
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import discord
import simcord
from pydantic import SecretStr

from cogs.ask.takeover import Takeover
from cogs.bot import VerbatimBot
from cogs.core import background_job, library_watch
from cogs.core.async_store import AsyncStore
from cogs.core.worker import Worker
from cogs.services import Resources
from index.libraries.import_export import export_lines
from index.libraries.library_names import SHARED, own_library
from index.libraries.registry import Libraries
from index.models import Draft
from index.sources.http.client import Fetcher
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.reading.protocol import ReadingModels
from qa.reading.span_reader import SentenceReader
from settings import Settings
from storage.channel_sources import ChannelSource
from storage.import_models import ImportStage, SiteImport
from storage.models import ServerSettings
from tests import simcord_routes  # noqa: F401 - adds a route
from tests.acceptance.week_world import QuickEmbedder

_INTENTS: Final = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)
_SYLLABLES: Final = "ba be bi bo da de di do ga ge gi go ka ke ki ko la le li lo ma me mi mo ra re ri ro za ze zi zo"
_KINDS: Final = "title text question wording search preview import site saved tag".split()
# Of the articles of each server at first: more than a page of the list, so that searches are kept for its buttons.
_SUBJECTS: Final = "vault shed mill barn dock crane tower cellar attic stable chapel bakery".split()
_KEPT: Final = 40  # messages of each server that members still press


@dataclass
class Server:
    """A server with its members, its words that no other server may see, and the messages that the bot sent there."""

    guild: simcord.GuildHandle
    channels: list[simcord.ChannelHandle]
    members: list[simcord.MemberActor]
    manager: simcord.MemberActor
    words: dict[str, str]
    ids: set[str]
    export: bytes = b""
    known: set[str] = field(default_factory=set)  # ids of other servers that its members asked about
    messages: deque[tuple[simcord.MemberActor, Any]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    forms: list[tuple[simcord.MemberActor, Any]] = field(default_factory=list)
    asked: list[discord.Message] = field(default_factory=list)

    @property
    def id(self) -> int:
        """The server's id."""
        return self.guild.id

    @property
    def secrets(self) -> set[str]:
        """What no member of another server may be shown."""
        return {*self.words.values(), *self.ids}

    def text(self, about: str = "vault") -> str:
        """Return the text of an article: the same sentences in every server, with the server's own word in them."""
        word = self.words["text"]
        return (
            f"The {about} opens at midnight with the {word} key. Ask the {word} keeper for it.\n\n"
            f"The harbour of {word} is closed in winter. The ferry leaves at seven from {word} pier.\n"
        )


class World:
    """Servers on a simulated Discord, with the real bot, its real databases, and a small embedder without a model."""

    def __init__(self, folder: Path, env: simcord.Env, resources: Resources, rng: random.Random) -> None:
        """Take the running environment and the bot's resources."""
        self.folder, self.env, self.resources, self.rng = folder, env, resources, rng
        self.bot: Any = env.bot
        self.servers: list[Server] = []

    async def populate(self, count: int, articles: int) -> None:
        """Create servers, and what each has at first."""
        wanderer = self.env.create_user("wanderer")  # may manage each of them, and so can take ids from one to another
        for number in range(count):
            server = self._create(number, wanderer)
            self.servers.append(server)
            await self.env.settle()
            for subject in _SUBJECTS[:articles]:
                title = f"{server.words['title']} {subject} handbook"
                draft = _draft(f"key-{subject}", title, server.text(subject))
                await self._add(own_library(server.id), replace(draft, tags=(server.words["tag"],)))
            await self._settle_server(server)
        await self._add(SHARED, _draft("shared", "The tides", "The tides follow the moon.\n"))

    def _create(self, number: int, wanderer: Any) -> Server:
        guild = self.env.create_guild(f"Server {number}")
        roles = [
            guild.create_role(name, permissions=discord.Permissions(**allowed))
            for name, allowed in (
                ("Mods", {"manage_messages": True}),
                ("Bosses", {"manage_guild": True, "manage_messages": True}),
                ("Help", {}),
            )
        ]
        channels = [guild.create_text_channel(name) for name in ("general", "lounge")]
        people = [
            guild.add_member(self.env.create_user(f"{name}{number}"), roles=held)
            for name, held in (("alice", []), ("mod", roles[:1]), ("boss", roles[1:2]))
        ]
        manager = guild.add_member(wanderer, roles=roles[:2])
        words = {kind: _word(self.rng) for kind in _KINDS}
        ids = {str(one.id) for one in (guild, *channels, *roles)}
        return Server(guild, channels, [*people, manager], manager, words, ids)

    async def _settle_server(self, server: Server) -> None:
        """Give a server settings, site imports and a channel that is a source."""
        store, place = self.resources.store, server.channels[1]
        server.export = await self.resources.worker.run(lambda: _export(self.folder / "other" / str(server.id), server))
        settings = ServerSettings(
            member_limit=0, channel_limit=0, server_limit=0, helpers_channel=place.id, digest_channel=place.id
        )
        await store.change_settings(server.id, lambda _: settings.changed(plain=self.rng.random() < 0.5))
        imports = store.database.site_imports
        for state in ImportStage:
            address = f"https://{server.words['site']}.example/{state}"
            entry = SiteImport(
                server.id, place.id, server.manager.id, address, None, 9, False, False, time.time(), state=state
            )
            await store.run_in_steps(imports.offer_in_steps(entry, [address]))
        await self.bot.get_cog("ChannelListener").save(ChannelSource(place.id, server.id, None))

    async def _add(self, library: str, draft: Draft) -> None:
        worker, libraries = self.resources.worker, self.resources.libraries
        await worker.run_in_steps(await worker.run(lambda: libraries().open(library).add_in_steps(draft, "1")))

    def others(self, server: Server) -> list[Server]:
        """Return the servers but one."""
        return [one for one in self.servers if one is not server]


def _draft(key: str, title: str, text: str) -> Draft:
    return draft_from_text(text, key=key, source=title, title=title)


def _export(folder: Path, server: Server) -> bytes:
    """Return a file with an exported article of the server's."""
    title = f"{server.words['import']} leaflet"
    libraries = Libraries(folder, QuickEmbedder)
    library = libraries.open("exported")
    library.add(_draft(title, title, server.text("tower")))
    data = b"".join(export_lines(library.catalog))
    libraries.close()
    return data


def _word(rng: random.Random) -> str:
    """Return a word that occurs nowhere else."""
    return "q" + "".join(rng.choices(_SYLLABLES.split(), k=6))


@contextmanager
def _quickly() -> Iterator[None]:
    """Look more often whether the bot is idle, and let its background jobs run once only, at the start."""
    often = patch.dict(simcord.Env._settle_internal.__kwdefaults__, idle=0.005)
    once = patch.object(background_job, "INTERVAL_SECONDS", 1e6), patch.object(Takeover, "interval_seconds", 1e6)
    # In one piece: jobs that wait for one that pauses count as busy.
    with often, once[0], once[1], patch.object(library_watch, "_READ_SECONDS", 60.0):
        yield


@asynccontextmanager
async def running(folder: Path, seed: int) -> AsyncIterator[World]:
    """Run the bot on a simulated Discord, without servers yet."""
    settings = Settings(data_dir=folder, discord_token=SecretStr("not.a.token"), message_content=True)
    embedder = QuickEmbedder()
    libraries = Libraries(folder, lambda: embedder)
    models = ReadingModels(SentenceReader(embedder))
    answerer = Answerer(libraries, lambda: embedder, lambda: models, Thresholds(0.4, 0.01), folder)
    with _quickly(), Worker() as worker, Worker(threads=4) as fetching, AsyncStore(folder) as store:
        resources = Resources(settings, worker, fetching, lambda: libraries, Fetcher(), answerer, store)
        options: dict[str, Any] = {"approved_intents": _INTENTS, "settle_timeout": 20.0, "shard_count": 1}
        async with simcord.run(VerbatimBot(resources), **options) as env:
            with env.time_context():
                yield World(folder, env, resources, random.Random(seed))
        worker.submit(libraries.close).result()


def visible_words(text: str) -> set[str]:
    """Return the words and numbers in a text, in lower case."""
    return set(re.findall(r"[a-z]+|\d+", text.lower()))
