"""What a step of an isolation run showed and changed, by server."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from index.libraries.library_names import SHARED, own_library
from tests.acceptance.isolation_world import Server, World, visible_words

# The rows of discord.db with the server that each belongs to.
_ROWS: Final = {
    "answers": "SELECT guild_id, * FROM answers",
    "feedback": "SELECT a.guild_id, f.* FROM feedback f JOIN answers a ON a.id = f.answer_id",
    "meant": "SELECT a.guild_id, m.* FROM meant m JOIN feedback f ON f.id = m.feedback_id"
    " JOIN answers a ON a.id = f.answer_id",
    "marks": "SELECT a.guild_id, m.* FROM marks m JOIN answers a ON a.id = m.answer_id",
    "pins": "SELECT guild_id, * FROM pins",
    "servers": "SELECT guild_id, * FROM servers",
    "loads": "SELECT guild_id, * FROM loads",
    "load_pages": "SELECT l.guild_id, p.* FROM load_pages p JOIN loads l ON l.id = p.load_id",
    "read_days": "SELECT guild_id, * FROM read_days",
    "watched": "SELECT guild_id, * FROM watched",
    "quiet_threads": "SELECT guild_id, * FROM quiet_threads",
    "human_calls": "SELECT guild_id, * FROM human_calls",
    "word_offers": "SELECT guild_id, * FROM word_offers",
    "saved_words": "SELECT guild_id, * FROM saved_words",
    "covered_questions": "SELECT s.guild_id, c.* FROM covered_questions c JOIN saved_words s ON s.id = c.saved_id",
    "digests": "SELECT guild_id, * FROM digests",
    "staff_messages": "SELECT guild_id, * FROM staff_messages",
    "staff_sources": "SELECT m.guild_id, s.* FROM staff_sources s JOIN staff_messages m ON m.id = s.staff_message_id",
}
_LIBRARY_ROWS: Final = tuple(
    "articles sources origins tags source_tags events versions failures dismissed meta".split()
)
_PLACES: Final = re.compile(r"/(channels|guilds|interactions|webhooks/\d+)/([^/]+)")

State = dict[str, bytes]
"""A digest of everything stored about each server, by its id, and about the shared library."""


@dataclass
class Shown:
    """What the bot sent since it was last asked: texts by server, and how many requests there were."""

    texts: defaultdict[int | None, list[str]] = field(default_factory=lambda: defaultdict(list))


class Watch:
    """Reads what the bot sends to the simulated Discord, and what is stored."""

    def __init__(self, world: World) -> None:
        """Begin with what was sent and stored until now."""
        self._world = world
        self._backend = world.env.backend
        self._sent = len(self._backend.http_requests)
        self._files: list[tuple[int, bytes]] = []
        store = self._backend.cdn.store_attachment

        def remember(key: int, channel_id: int, name: str, data: bytes, *more: Any) -> Any:
            self._files.append((channel_id, data))
            return store(key, channel_id, name, data, *more)

        self._backend.cdn.store_attachment = remember
        self._database = sqlite3.connect(f"file:{world.folder / 'discord.db'}?mode=ro", uri=True)

    def shown(self) -> Shown:
        """Return what was sent since the last call."""
        shown = Shown()
        for request in self._backend.http_requests[self._sent :]:
            if request.method == "GET" or request.path.startswith("/applications"):
                continue
            text = json.dumps(request.json, ensure_ascii=False)
            shown.texts[self._server_of(request.path)].append(self._without_own_links(request.path, text))
        self._sent = len(self._backend.http_requests)
        for channel_id, data in self._files:
            text = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
            shown.texts[self._backend.get_channel(channel_id).guild_id].append(text.decode(errors="replace"))
        self._files.clear()
        return shown

    def _server_of(self, path: str) -> int | None:
        """Return the server that a request is about, None for direct messages."""
        match = _PLACES.search(path)
        if match is None:
            return None
        kind, key = match[1], match[2]
        if kind == "guilds":
            return int(key)
        if kind == "channels":
            return self._backend.get_channel(int(key)).guild_id
        number = int(key) if kind == "interactions" else self._backend.interaction_tokens[_token(path)]
        return self._backend.interactions[number].guild_id

    def _without_own_links(self, path: str, text: str) -> str:
        """Return a text without links to servers of the member to whom it goes as a direct message.

        Who has called for a human is told where the answer is.
        """
        match = _PLACES.search(path)
        direct = {channel: user for user, channel in self._backend.dm_channels.items()}
        user = direct.get(int(match[2])) if match and match[1] == "channels" else None
        for server in self._world.servers:
            if user in {member.id for member in server.members}:
                text = text.replace(f"https://discord.com/channels/{server.id}/", "")
        return text

    def state(self) -> State:
        """Return a digest of everything stored, by server."""
        sums: defaultdict[str, Any] = defaultdict(lambda: blake2b(digest_size=16))
        for query in _ROWS.values():
            for owner, *row in self._database.execute(query):
                sums[str(owner)].update(repr(row).encode())
        for server in self._world.servers:
            for row in _library_rows(self._world.folder, own_library(server.id)):
                sums[str(server.id)].update(row)
        for row in _library_rows(self._world.folder, SHARED):
            sums[SHARED].update(row)
        for owner, key, value in self._pending():
            sums[str(owner)].update(f"{key} {value}".encode())
        return {owner: one.digest() for owner, one in sums.items()}

    def _pending(self) -> Iterator[tuple[int, int, str]]:
        """Yield what waits for a member: its server, its id, and its value."""
        with self._world.resources.store.drafts._engine.connect() as db:
            rows = db.exec_driver_sql("SELECT guild_id, id, member_id, value, confirmation FROM drafts ORDER BY id")
            for server, key, *rest in rows.all():
                yield server, key, repr(rest)

    def close(self) -> None:
        """Close the connection."""
        self._database.close()


def pending_ids(world: World, server: int) -> list[int]:
    """Return the ids of the previews, searches, imports and drafts of pins that wait in a server."""
    with world.resources.store.drafts._engine.connect() as db:
        return [row[0] for row in db.exec_driver_sql("SELECT id FROM drafts WHERE guild_id = ?", (server,))]


def leaks(shown: Shown, servers: Collection[Server], typed: Collection[str]) -> list[str]:
    """Return the secrets that were shown outside their server; a member sees again what they typed."""
    found = []
    for place, texts in shown.texts.items():
        words = visible_words("\n".join(texts)) - visible_words("\n".join(typed))
        words -= next((one.known for one in servers if one.id == place), set())
        others = (one for one in servers if one.id != place)
        found += [f"{word} of {one.id} in {place}" for one in others for word in one.secrets & words]
    return found


def own_words(shown: Shown, servers: Collection[Server]) -> list[str]:
    """Return which kinds of words of a server were shown in it: a run in which none are would prove nothing."""
    found = []
    for one in servers:
        words = visible_words("\n".join(shown.texts.get(one.id, ())))
        found += [kind for kind, word in one.words.items() if word in words]
    return found


def changes(before: State, after: State, acting: Collection[int | None]) -> list[str]:
    """Return the servers, and the shared library, that changed though none of their members did anything.

    None stands for direct messages.
    """
    allowed = {str(one) for one in acting}
    owners = before.keys() | after.keys()
    return sorted(one for one in owners if one not in allowed and before.get(one) != after.get(one))


def _token(path: str) -> str:
    return path.split("/")[3]


def _library_rows(folder: Path, name: str) -> Iterator[bytes]:
    path = folder / "libraries" / name / "catalog.db"
    if not path.exists():
        return
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        for table in _LIBRARY_ROWS:
            for row in database.execute(f"SELECT * FROM {table} ORDER BY 1"):
                yield repr(row).encode()
    finally:
        database.close()
