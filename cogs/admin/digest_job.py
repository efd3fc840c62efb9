"""Background job that posts, in a server's digest channel, the weekly digest and votes that an answer did not help.

A digest is sent on Mondays after eight o'clock (UTC), once for each week, or later in the week if the bot was away.
When something that a message is about is deleted (`/forget`, a question, a vote, or a text whose time is over), the
digest is edited and the message about a vote is deleted.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final

import aiohttp
import discord
from discord.ext import commands

from cogs.admin.digest_cards import MAX_GAPS, MEMBERS, digest_card, vote_card
from cogs.admin.digest_content import DigestContent, DigestReader
from cogs.core.background_job import BackgroundJob
from cogs.core.gateway import SteadyClient
from cogs.core.staff_channel import StaffChannel, staff_channel
from cogs.core.translator import server_language
from cogs.messaging.replies import SILENT
from cogs.messaging.retry import with_retries
from cogs.services import Services
from cogs.ui.answer_card import Card
from cogs.ui.layout import card_texts, message_body
from i18n.languages import speaking
from index.trusted_clock import ClockReading, TrustedClock
from storage.gaps import Gap, group_gaps, wanting_members
from storage.models import QuestionPolicy, QuestionText, ServerSettings
from storage.staff_messages import NewMessage, OutdatedMessage, PendingVote

_log = logging.getLogger(__name__)

_HOUR: Final = 8  # of Monday, UTC
_VOTES_AT_ONCE: Final = 5  # posted for a server in one run
_OUTDATED_AT_ONCE: Final = 50  # messages that are edited or deleted in one run
_DIGESTS_AT_ONCE: Final = 50
_PAUSE: Final = 1.0  # seconds between two messages, to stay within Discord's rate limits
_SILENT_SECONDS: Final = 3600.0  # after a refusal, before a channel is tried again
_HISTORY: Final = 50  # messages among which a digest is looked for that may have been sent before a crash
_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)
_REFUSED: Final = (discord.Forbidden, discord.NotFound)


class DigestJob(BackgroundJob):
    """Posts what is due, in the servers of this process, and takes back what was deleted."""

    def __init__(self, bot: SteadyClient, services: Services) -> None:
        """Use the client and the bot's shared services."""
        self._bot = bot
        self._store = services.store
        self._visibility = services.visibility
        self._messages = services.store.database.staff_messages
        self._weeks = services.store.database.digest_weeks
        self._reader = DigestReader(services.store, services.visibility, services.settings.refresh_hours)
        self._clock = TrustedClock(services.settings.data_dir)
        self._question_policy = QuestionPolicy.of_operator(services.settings.question_days)
        self._silent: dict[int, float] = {}  # until when (monotonic seconds) a channel is not tried, by its id

    async def run_once(self, clock: ClockReading | None = None) -> None:
        """Take back what was deleted, then post votes and digests; `clock` is the time that decides about the week."""
        here = {guild.id for guild in self._bot.guilds if self._bot.holds(guild.id)}
        await self._take_back(here)
        found = await self._store.report(self._messages.servers_with_channel)
        channels = {guild: channel for guild, channel in found.items() if guild in here}
        for vote in await self._store.run(lambda: self._messages.due_votes(here, channels, _VOTES_AT_ONCE)):
            await self._guarded(vote.guild_id, partial(self._post_vote, vote, channels[vote.guild_id]))
        if channels:
            clock = await self._store.report(self._clock.read) if clock is None else clock
            await self._send_digests(channels, clock)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Forget the messages in a deleted channel."""
        await self._store.run(lambda: self._messages.forget_channel(channel.id))

    async def _guarded(self, guild_id: int, work: Callable[[], Awaitable[object]]) -> None:
        """Do the work of one server; an error there must not stop the others."""
        try:
            await work()
        except Exception:  # noqa: BLE001 - whatever it is, the others go on
            _log.warning("The digest channel of server %s could not be served", guild_id, exc_info=True)

    async def _post_vote(self, vote: PendingVote, channel_id: int) -> None:
        settings = await self._store.settings(vote.guild_id)
        channel = self._writable(vote.guild_id, channel_id, settings)
        if channel is None or not await self._store.run(lambda: self._messages.claim_vote(vote.id)):
            return
        policy = settings.question_policy(self._question_policy)
        with_words = policy.kind is QuestionText.KEPT and not vote.private and bool(vote.question)
        if with_words:
            readable = await self._visibility.readers.readable_to_all(vote.guild_id, channel.id, {vote.channel_id})
            with_words = vote.channel_id in readable
        with speaking(server_language(settings, channel.guild)):
            card = vote_card(vote, with_words=with_words)
        sent = await self._send(channel, card, settings, f"vote {vote.id}", words=with_words)
        if sent is not None:
            await self._store.run(lambda: self._messages.vote_posted(vote.id, sent))
        elif channel.id in self._silent:
            await self._store.run(lambda: self._messages.drop(vote.id))
        else:
            await self._store.run(lambda: self._messages.vote_waits(vote.id, time.time() + 60.0))

    async def _send_digests(self, channels: Mapping[int, int], clock: ClockReading) -> None:
        weeks, now = await self._store.report(self._weeks.weeks), datetime.fromtimestamp(clock.trusted, UTC)
        sent = 0
        for guild_id, channel_id in channels.items():
            week, known = week_of(guild_id, now), weeks.get(guild_id)
            if known == (week.isoformat(), True):
                continue
            settings = await self._store.settings(guild_id)
            channel = self._writable(guild_id, channel_id, settings)
            if channel is None and known is not None:
                continue
            work = partial(self._weeks.claim_week, guild_id, week.isoformat(), settled=clock.is_settled)
            claim = await self._store.run(work)
            if claim and channel is not None:
                await self._guarded(guild_id, partial(self._send_digest, channel, settings, week, claim))
                sent += 1
            if sent >= _DIGESTS_AT_ONCE:
                return

    async def _send_digest(self, channel: StaffChannel, settings: ServerSettings, week: date, claim: int) -> None:
        guild_id, key = channel.guild.id, week.isoformat()
        language = server_language(settings, channel.guild)
        counted = settings.question_policy(self._question_policy).kind is not QuestionText.OFF
        content = await self._reader.read(guild_id, channel.id, week, language, counted=counted)
        if claim > 1 and await self._is_there(channel, content.head):
            await self._store.run(lambda: self._weeks.week_sent(guild_id, key))
            return
        with speaking(language):
            card = digest_card(content.head, [gap for gap, _ in content.gaps])
        sent = await self._send(channel, card, settings, f"digest {guild_id} {key}", words=bool(content.gaps))
        if sent is not None:
            await self._store.run(partial(self._note_digest, sent, content, key))

    def _note_digest(self, sent: NewMessage, content: DigestContent, week: str) -> None:
        self._weeks.week_sent(sent.guild_id, week)
        self._messages.digest_posted(sent, content.head, [answers for _, answers in content.gaps])

    async def _is_there(self, channel: StaffChannel, head: str) -> bool:
        """Whether a digest is in its channel already: the process may have ended before that was stored."""
        heading = head.partition("\n")[0]
        try:
            async for message in channel.history(limit=_HISTORY):
                if message.author == channel.guild.me and any(text.startswith(heading) for text in card_texts(message)):
                    return True
        except _ERRORS:
            _log.info("Whether channel %s has the digest cannot be found out", channel.id)
        return False

    async def _send(
        self, channel: StaffChannel, card: Card, settings: ServerSettings, what: str, *, words: bool
    ) -> NewMessage | None:
        """Send a card; return where it is, or None if that failed. After a refusal the channel is left alone."""
        body = message_body(card, plain=settings.plain)
        # One for all attempts, so that Discord keeps a single message of them.
        nonce = int.from_bytes(hashlib.blake2b(what.encode(), digest_size=7).digest())
        try:
            sent = await with_retries(lambda: channel.send(**body.send_kwargs, allowed_mentions=SILENT, nonce=nonce))
        except _ERRORS as error:
            self._note_failure(channel, error)
            return None
        await asyncio.sleep(_PAUSE)
        language = server_language(settings, channel.guild)
        return NewMessage(channel.guild.id, channel.id, sent.id, language, settings.plain, words)

    def _writable(self, guild_id: int, channel_id: int, settings: ServerSettings) -> StaffChannel | None:
        """Return a digest channel if the bot may write there, and was not refused a short while ago."""
        if time.monotonic() < self._silent.get(channel_id, 0.0):
            return None
        guild = self._bot.get_guild(guild_id)
        channel = staff_channel(guild, channel_id, plain=settings.plain) if guild else None
        if channel is None and guild is not None and not guild.unavailable and channel_id not in self._silent:
            _log.warning("The digest channel %s of server %s cannot be written", channel_id, guild_id)
            self._silent[channel_id] = 0.0  # said once; permissions are looked at again each time
        elif channel is not None:
            self._silent.pop(channel_id, None)
        return channel

    def _note_failure(self, channel: StaffChannel, error: Exception) -> None:
        _log.warning("Nothing can be sent to the digest channel %s: %s", channel.id, error)
        if isinstance(error, _REFUSED):
            self._silent[channel.id] = time.monotonic() + _SILENT_SECONDS

    async def _take_back(self, here: set[int]) -> None:
        """Edit or delete the messages about something that was deleted."""
        for message in await self._store.report(lambda: self._messages.outdated(here, _OUTDATED_AT_ONCE)):
            if time.monotonic() >= self._silent.get(message.channel_id, 0.0):
                await self._guarded(message.guild_id, partial(self._take_back_one, message))

    async def _take_back_one(self, message: OutdatedMessage) -> None:
        shown = self._bot.get_partial_messageable(message.channel_id, guild_id=message.guild_id)
        sent = shown.get_partial_message(message.message_id)
        groups = await self._store.report(lambda: self._groups_left(message))
        try:
            if message.head:
                with speaking(message.language):
                    card = digest_card(message.head, [gap for gap, _ in groups])
                body = message_body(card, plain=message.plain)
                await with_retries(lambda: sent.edit(**body.send_kwargs, allowed_mentions=SILENT))
            else:
                await with_retries(sent.delete)
        except discord.NotFound:
            await self._store.run(lambda: self._messages.drop(message.id))
            return
        except _ERRORS as error:
            _log.warning("A message in channel %s cannot be taken back yet: %s", message.channel_id, error)
            self._silent[message.channel_id] = time.monotonic() + _SILENT_SECONDS
            return
        if not groups:
            await self._store.run(lambda: self._messages.drop(message.id))
        else:
            kept = {answer for _, answers in groups for answer in answers}
            await self._store.run(lambda: self._messages.questions_left(message.id, kept, words=True))
        await asyncio.sleep(_PAUSE)

    def _groups_left(self, message: OutdatedMessage) -> list[tuple[Gap, tuple[int, ...]]]:
        """Return what is left of the questions of a digest; nothing for a vote."""
        if not message.head:
            return []
        with self._store.database.reading() as db:
            wanting = wanting_members(db, message.guild_id, 0.0)
        return group_gaps(self._messages.questions_of(message.id), MEMBERS, wanting)[:MAX_GAPS]


def week_of(guild_id: int, now: datetime) -> date:
    """Return the last Monday after eight o'clock (UTC): the day on which a server's newest digest was due.

    Servers have different minutes of the hour, so that not all are served at once.
    """
    due = now - timedelta(hours=_HOUR, minutes=(guild_id >> 22) % 60)
    return due.date() - timedelta(days=due.weekday())
