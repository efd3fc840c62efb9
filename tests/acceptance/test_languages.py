"""Each member is answered in their own language, end to end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from i18n import texts
from i18n.languages import ENGLISH, LANGUAGES, speaking
from tests.acceptance.test_discord import OFF_TOPIC, QUESTION, quoted, unexpected
from tests.cogs.locales import english_in

pytestmark = [pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def locales(discord: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Return the locales of members by their ids; the simulated Discord itself only knows en-US."""
    found: dict[str, str] = {}
    made = discord._payload

    def with_locale(interaction: Any, *args: Any) -> dict[str, Any]:
        payload: dict[str, Any] = made(interaction, *args)
        return payload | {"locale": found.get(interaction.user["id"], "en-US")}

    monkeypatch.setattr(discord, "_payload", with_locale)
    return found


async def test_many_languages_side_by_side(discord: Any, locales: dict[str, str]) -> None:
    """Members of all languages ask and press concurrently, and each gets texts in their own language only."""
    members = {code: discord.user(f"member-{code}".lower()) for code in LANGUAGES}
    for code, member in members.items():
        locales[member["id"]] = LANGUAGES[code].locales[-1]
    places = {code: discord.text_channel(f"room-{code}".lower()) for code in LANGUAGES}

    async def ask(code: str) -> list[str]:
        member, place = members[code], places[code]
        with speaking(code):
            asked = await discord.slash(member, "ask", {"question": QUESTION}, channel=place)
            assert quoted(asked)
            around = await discord.click(member, asked.response, texts.MORE_BUTTON)
            form = await discord.click(member, asked.response, texts.UNHELPFUL_BUTTON)
            reason = {texts.REASON_LABEL: ["wrong"], texts.REASON_DETAILS: "2024"}
            sent = await discord.submit_modal(member, form, reason)
            other = await discord.slash(member, "ask", {"question": OFF_TOPIC, "private": True}, channel=place)
            hint = await discord.slash(member, "help", channel=place)
            assert not [each.failed for each in (asked, around, form, sent, other, hint) if each.failed]
            assert texts.CONTEXT_HEADING in around.response.text
            assert sent.text == texts.THANKS
            assert texts.HELP.partition("\n")[0] in hint.text
            return [asked.text, around.response.text, sent.text, other.text, hint.text]

    said = dict(zip(LANGUAGES, await asyncio.gather(*map(ask, LANGUAGES)), strict=True))

    for code, seen in said.items():
        if code != ENGLISH:
            assert [english_in(text, code) for text in seen] == [[]] * len(seen)


async def test_commands_are_described_in_every_language(discord: Any) -> None:
    """Discord has accepted each command's description in every language."""
    commands = {command["name"]: command for command in discord.server.commands[None].values()}

    for code, language in LANGUAGES.items():
        with speaking(code):
            for locale in language.locales if code != ENGLISH else ():
                assert commands["ask"]["description_localizations"][locale] == texts.ASK_DESCRIPTION
                assert commands["Answer this"]["name_localizations"][locale] == texts.ANSWER_THIS
    assert unexpected(discord) == []
