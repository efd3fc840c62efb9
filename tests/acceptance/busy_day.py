"""A load test: the traffic of a busy server's day within a few minutes, against `python bot.py` as a process.

    python -m tests.acceptance.busy_day [FOLDER] [--members 200] [--minutes 4] [--seed 1]

FOLDER contains the simulated Discord, by default the one that the acceptance tests use. Members ask in every way that
the bot supports, while some requests fail and the connection is interrupted. Prints a table in Markdown. Exit status 1:
a question was lost, a deadline missed, a member pinged, a quote not in the articles, or Discord reported a problem.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from i18n import texts
from tests.acceptance.conftest import LOOPBACK, start
from tests.acceptance.day_report import Report
from tests.acceptance.test_features import MANAGE_GUILD, MANAGE_MESSAGES, SEND

QUESTIONS: Final = (
    "Who is Han Song-il?",
    "Who runs the first account?",
    "What is the main cause of tides?",
    "What are spring tides?",
    "How old must you be to join?",
    "When are voice rooms open?",
    "What happens after three written warnings?",
    "Who decides on an appeal?",
    "What is a quote?",
    "Why does high water arrive later each day?",
)
_HOURS: Final = 4
_FOLLOW_SECONDS: Final = 20.0
# The share of requests that fail, for each kind of fault.
_FAULT_SHARE: Final = 0.005
_FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"status": 500},
    {"drop": True},
    {"drop": True, "after": True},
    {"status": 429, "retry_after": 0.3, "cloudflare": True},
)


class Day:
    """The server, and the actions of its members. An action is a method that takes the member who performs it."""

    def __init__(self, discord: Any, members: int, rng: random.Random) -> None:
        """Create the server: 10 channels for mentions, 5 for commands, 3 ask channels, a forum, a helpers' channel.

        Commands have channels of their own, because their answers refer to no message: elsewhere they could be mistaken
        for the answer to the newest mention.
        """
        self.discord, self.rng, self.report = discord, rng, Report()
        self.members = [discord.user(f"Member {number}") for number in range(members)]
        self.boss = discord.user("Boss", permissions=SEND | MANAGE_GUILD | MANAGE_MESSAGES)
        self.rooms = [discord.text_channel(f"room-{number}") for number in range(10)]
        self.command_rooms = [discord.text_channel(f"commands-{number}") for number in range(5)]
        self.ask_rooms = [discord.text_channel(f"questions-{number}") for number in range(3)]
        guild = discord.server.guilds[int(discord.channel["guild_id"])]
        self.forum = discord.server.make_channel(guild, "help", type_=15)
        self.helpers = discord.text_channel("helpers")

    async def set_up(self) -> None:
        """Configure the server with `/config`."""
        await self.discord.slash(self.boss, "config settings", {"server_limit": 0, "helpers_channel": self.helpers})
        for place in (*self.ask_rooms, self.forum):
            await self.discord.slash(self.boss, "config channel", {"channel": place, "mode": "questions"})

    async def act(self, member: Any) -> None:
        """Perform a random action; an exception is recorded as a problem."""
        action = self.rng.choice(ACTIONS)
        try:
            await action(self, member)
        except Exception as error:  # noqa: BLE001 - the test goes on, and the report lists the error
            self.report.problems.append(f"{action.__name__}: {type(error).__name__}: {error}")

    def question(self) -> str:
        return self.rng.choice(QUESTIONS)

    def room(self) -> Any:
        return self.rng.choice(self.rooms)

    def command_room(self) -> Any:
        return self.rng.choice(self.command_rooms)

    async def command(self, member: Any) -> None:
        await self._asked(member)

    async def mention(self, member: Any) -> None:
        await self._mentioned(member)

    async def reply(self, member: Any) -> None:
        room = self.room()
        asked = await self._mentioned(member, room)
        again = await self.discord.say(member, self.question(), room, reply_to=asked.response)
        self.report.question("reply", again)

    async def direct_message(self, member: Any) -> None:
        self.report.question("direct message", await self.discord.dm(member, self.question()))

    async def ask_channel(self, member: Any) -> None:
        asked = await self.discord.say(member, self.question(), self.rng.choice(self.ask_rooms))
        self.report.question("ask channel", asked)

    async def forum_post(self, member: Any) -> None:
        question = self.question()
        post = self.discord.server.make_thread(self.forum, question, member)
        self.report.question("forum post", await self.discord.say(member, question, post))

    async def ask_one_article(self, member: Any) -> None:
        room = self.command_room()
        typed = await self.discord.autocomplete(member, "ask", "article", "tides", {"question": "?"}, channel=room)
        self.report.action(typed)
        options = {"question": "What are neap tides?", "private": True, "article": typed.choices[0]["value"]}
        asked = await self.discord.slash(member, "ask", options, channel=room)
        self.report.question("command, private", asked)

    async def open_pages(self, member: Any) -> None:
        asked = await self._asked(member)
        other = self.rng.choice(self.members)
        page = await self.discord.click(other, asked.response, texts.MORE_BUTTON)
        self.report.action(page)
        for label in (texts.SOURCES_BUTTON, texts.QUOTES_BUTTON, texts.CONTEXT_BUTTON):
            if any(each["label"] == label and not each.get("disabled") for each in page.response.buttons):
                self.report.action(await self.discord.click(other, page.response, label))
                ways = [each for each in page.response.buttons if each["label"] == texts.NEXT_BUTTON]
                if ways and not ways[0].get("disabled"):
                    self.report.action(await self.discord.click(other, page.response, texts.NEXT_BUTTON))

    async def vote(self, member: Any) -> None:
        asked = await self._asked(member)
        self.report.action(await self.discord.click(member, asked.response, texts.HELPFUL_BUTTON))
        form = await self.discord.click(self.rng.choice(self.members), asked.response, texts.UNHELPFUL_BUTTON)
        self.report.action(form, shows=False)
        sent = await self.discord.submit_modal(form.interaction.user, form, {texts.REASON_LABEL: ["outdated"]})
        self.report.action(sent)

    async def delete_answer(self, member: Any) -> None:
        asked = await self._asked(member)
        message = asked.response
        self.report.action(await self.discord.context_menu(member, texts.DELETE_MENU, message))
        await self._until(lambda: message.deleted, "Delete did not take the answer away")

    async def call_human(self, member: Any) -> None:
        asked = await self._asked(member)
        self.report.action(await self.discord.click(member, asked.response, texts.HUMAN_BUTTON))

    async def answer_this(self, member: Any) -> None:
        question = self.discord.post(member, self.question(), self.command_room())
        preview = await self.discord.context_menu(self.boss, texts.ANSWER_THIS, question)
        self.report.question("menu: answer this", preview)
        self.report.action(await self.discord.click(self.boss, preview.response, texts.POST_BUTTON))

    async def find_source(self, member: Any) -> None:
        claim = self.discord.post(member, "The Sun raises tides as well", self.command_room())
        self.report.question("menu: source", await self.discord.context_menu(member, texts.FIND_SOURCE, claim))

    async def edit_question(self, member: Any) -> None:
        asked = await self._mentioned(member)
        before, began = asked.response.text, time.monotonic()
        wanted = self.rng.choice([each for each in QUESTIONS if each not in asked.trigger["content"]])
        content = f"<@{self.discord.server.bot['id']}> {wanted}"
        self.discord.server.edit_message(asked.trigger, {"content": content})
        if await self._until(
            lambda: asked.response.text != before, f"kept its answer: {asked.trigger['content']!r}, was {asked.what!r}"
        ):
            self.report.edited_answer("edited question", asked, time.monotonic() - began)

    async def delete_question(self, member: Any) -> None:
        asked = await self._mentioned(member)
        message = asked.response
        self.discord.server.delete_message(asked.trigger)
        await self._until(lambda: message.deleted, "the answer to a deleted question stayed")

    async def run_commands(self, member: Any) -> None:
        self.report.action(await self.discord.slash(member, "help"))
        for command in ("insights stats", "insights gaps", "config check"):
            self.report.action(await self.discord.slash(self.boss, command))

    async def interrupt(self, hour: int) -> None:
        """Interrupt the connection while members ask; they are answered after it is back."""
        await (self.discord.reconnect_request() if hour % 2 else self.discord.drop_connection())
        asking = [self.discord.mention(self.rng.choice(self.members), self.question(), room) for room in self.rooms[:3]]
        for asked in await asyncio.gather(*asking):
            self.report.question("while cut off", asked)
        await self.discord.connected()

    async def _asked(self, member: Any) -> Any:
        asked = await self.discord.slash(member, "ask", {"question": self.question()}, channel=self.command_room())
        self.report.question("command", asked)
        return asked

    async def _mentioned(self, member: Any, room: Any = None) -> Any:
        asked = await self.discord.mention(member, self.question(), room or self.room())
        self.report.question("mention", asked)
        return asked

    async def _until(self, done: Callable[[], bool], complaint: str) -> bool:
        end = time.monotonic() + _FOLLOW_SECONDS
        while not done():
            if time.monotonic() > end:
                self.report.problems.append(complaint)
                return False
            await asyncio.sleep(0.05)
        return True


# Common actions are listed several times.
ACTIONS: Final = (
    *[Day.command] * 3, *[Day.mention] * 3, *[Day.ask_channel] * 2, Day.reply, Day.direct_message,
    Day.forum_post, Day.ask_one_article, Day.open_pages, Day.vote, Day.delete_answer, Day.call_human,
    Day.answer_this, Day.find_source, Day.edit_question, Day.delete_question, Day.run_commands,
)  # fmt: skip


async def simulate(day: Day, minutes: float) -> None:
    """Let every member act once per simulated hour, and interrupt the connection after each hour."""
    seconds = minutes * 60 / _HOURS
    for fault in _FAULTS:
        day.discord.inject(times=None, probability=_FAULT_SHARE, **fault)

    async def act_later(member: Any) -> None:
        await asyncio.sleep(day.rng.uniform(0, seconds))
        await day.act(member)

    for hour in range(_HOURS):
        await asyncio.gather(*map(act_later, day.members))
        await day.interrupt(hour)
    day.discord.clear_faults()


async def busy_day(fakecord: Any, options: argparse.Namespace) -> int:
    """Run the load test, print its report and return the exit status."""
    random.seed(options.seed)  # the simulated Discord uses it to choose faults
    with tempfile.TemporaryDirectory() as folder:
        async with fakecord.Harness(ratelimits="realistic", latency=(0.03, 0.12), privileged_intents=True) as discord:
            # A new file for each run: a bot left over from an earlier run may still be writing to its own.
            discord.data_dir, discord.log = Path(folder) / "data", str(Path(folder) / "bot.log")
            discord.default_timeout = 60.0
            try:
                bot = await start(discord, synced=True, MESSAGE_CONTENT="true")
                day = Day(discord, options.members, random.Random(options.seed))
                await day.set_up()
                began = time.monotonic()
                await simulate(day, options.minutes)
                used = bot.stats()
                if await bot.stop() != 0:
                    day.report.problems.append("the bot did not end with status 0")
            finally:
                log = await asyncio.to_thread(Path(discord.log).read_text, "utf-8")
                if options.log:
                    await asyncio.to_thread(options.log.write_text, log, "utf-8")
            day.report.add_findings(discord, log)
    print(day.report.table(options.members, time.monotonic() - began, used))
    return 1 if day.report.problems else 0


def main() -> int:
    """Parse the command line and run the load test."""
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.busy_day", description="A busy day of a server.")
    parser.add_argument("folder", nargs="?", type=Path, default=LOOPBACK, help="folder of the loopback Discord")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=4.0, help="how long the day lasts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, help="keep the bot's log here")
    options = parser.parse_args()
    if not (options.folder / "fakecord" / "harness.py").is_file():
        parser.error(f"there is no loopback Discord in {options.folder}")
    sys.path.insert(0, str(options.folder))
    return asyncio.run(busy_day(importlib.import_module("fakecord"), options))


if __name__ == "__main__":
    sys.exit(main())
