"""The id of a request: in the sentence that a member sees, in its language, and in every log record of the request."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import simcord
from sqlalchemy.exc import OperationalError

from cogs.core.background_job import BackgroundJob
from cogs.core.errors import error_message
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from observability.logs import JsonFormatter
from observability.request_ids import request
from qa.outcome import Outcome
from tests.cogs.fakes import FakeAnswers
from tests.cogs.visible_text import PUBLIC, replies_in
from tests.stand_in import Asked

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

Records = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def records() -> Iterator[Records]:
    """Return a function that returns the records of the bot's own loggers as a log in JSON has them."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("cogs")
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)


def id_in(sentence: str) -> str:
    """Return the id in a sentence such as "... (error 7F3K2Q)."."""
    found = re.search(r"\(\w+ ([0-9A-Z]{6})\)\.$", sentence)
    assert found is not None, sentence
    return found[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_names_the_request(language: str, records: Records) -> None:
    """In each language the sentence has the id in force, and so has the record with the traceback."""
    with speaking(language), request() as name:
        assert id_in(error_message(ZeroDivisionError("details"))) == name

    (record,) = records()
    assert record["request"] == name
    assert "ZeroDivisionError: details" in record["exception"]


async def test_every_way_of_asking_has_an_id(
    simcord_env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor, records: Records
) -> None:
    """A command and a message that fail name different ids; each one finds its record."""
    commanded = await alice.slash(channel, "ask", question="crash now")
    await alice.send(channel, f"<@{simcord_env.bot.user.id}> crash")

    said = [commanded.followups[0].content, replies_in(channel, simcord_env)[0].content]
    failed = [record for record in records() if "exception" in record]
    assert [id_in(text) for text in said] == [record["request"] for record in failed]
    assert len({record["request"] for record in failed}) == 2


async def test_records_of_the_worker_have_the_id(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: FakeAnswers,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is logged on the worker's thread carries the id of the request, without the question's text."""

    def outcome(asked: Asked) -> Outcome:
        logging.getLogger("cogs.far").warning("on the worker: %s", asked.question)
        raise ValueError(asked.question)

    monkeypatch.setattr(answers, "outcome", outcome)
    result = await alice.slash(channel, "ask", question="Who has my private key?")

    name = id_in(result.followups[0].content)
    assert [record["request"] for record in records()] == [name, name]
    assert "private key" not in json.dumps(records())


async def test_each_run_of_a_job_has_its_id(records: Records) -> None:
    """A background job that fails twice is logged under two ids."""
    done = asyncio.Event()

    class Failing(BackgroundJob):
        async def run_once(self) -> None:
            if len(records()) == 2:
                done.set()
                return
            self.wake()
            raise ZeroDivisionError

    job = Failing()
    await job.on_ready()
    await done.wait()
    await job.cog_unload()

    assert len({record["request"] for record in records()}) == 2


def test_a_locked_memory(caplog: pytest.LogCaptureFixture) -> None:
    """A member is told to try again when discord.db is locked, and sees nothing of SQL; the log names the reason."""
    said = error_message(OperationalError("UPDATE answers", {}, Exception("database is locked")))

    assert said == texts.DATA_UNREACHABLE
    assert "database is locked" in caplog.text
    assert "UPDATE" not in caplog.text
