"""Replies are in the right language for each member, server and task."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands

from cogs.answers.stale_marker import StaleMarker
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.command_sync import sync_when_changed
from cogs.core.translator import CommandTranslator
from cogs.core.worker import Worker
from cogs.services import Resources
from i18n import texts
from i18n.catalogue import dictionary, english_texts, strings
from i18n.languages import ENGLISH, LANGUAGES, in_force, language_of, speak, speaking
from i18n.translation import translation
from index.incremental import finish
from settings import Settings
from storage.import_models import ImportStage, SiteImport
from storage.models import ServerSettings
from tests.cogs.core.test_command_sync import tree_of
from tests.cogs.locales import Locales, english_in, heard
from tests.cogs.stored_articles import StockedAnswers, remove, stock
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

DE, FR = translation("de"), translation("fr")
OTHERS = [language for language in LANGUAGES if language != ENGLISH]


@pytest.fixture
def locales(monkeypatch: pytest.MonkeyPatch) -> Locales:
    """Return the dict that sets members' locales."""
    return heard(monkeypatch)


@pytest.fixture
def answers(settings: Settings) -> StockedAnswers:
    """Return fake answers that quote an article of the shared library."""
    return StockedAnswers(stock(settings.data_dir))


@pytest.fixture
def anna(simcord_env: simcord.Env, channel: simcord.ChannelHandle, locales: Locales) -> simcord.MemberActor:
    """Return a member with a German client."""
    member = simcord_env.guild.add_member(simcord_env.create_user("anna"))
    locales[member.user.id] = "de"
    return member


@pytest.mark.parametrize(
    ("locales", "language"),
    [
        (("de", "fr"), "de"),
        (("ja", "fr"), "fr"),
        (("es-419", None), "es"),
        (("pt-BR",), "pt-BR"),
        (("en-GB", "de"), "en"),
        (("ja", "ko"), "en"),
        ((None,), "en"),
        ((discord.Locale.italian,), "it"),
    ],
)
def test_language_of_locales(locales: tuple[object, ...], language: str) -> None:
    """The first locale with a translation decides; without one it is English."""
    assert language_of(*locales) == language


def test_language_in_force() -> None:
    """Texts are in the current language until its block ends; an unknown language means English."""
    with speaking("de"):
        assert DE["MORE_BUTTON"] == texts.MORE_BUTTON
        assert texts.REASONS["other"] == DE["REASONS"]["other"]
        assert texts.ASK_NAME == "ask"
        with speaking("tlh"):
            assert texts.MORE_BUTTON == "More"
        assert in_force() == "de"
    assert texts.MORE_BUTTON == "More"


@pytest.mark.parametrize(
    ("language", "length", "time"),
    [
        ("en", "1,234,567 characters", "0.25 s"),
        ("de", "1.234.567 Zeichen", "0,25 s"),
        ("fr", "1\u202f234\u202f567 caractères", "0,25 s"),
    ],
)
def test_numbers(language: str, length: str, time: str) -> None:
    """Numbers are formatted for the language; other values are inserted unchanged."""
    with speaking(language):
        assert texts.ARTICLE_LENGTH.format(count=1234567) == length
        assert time in texts.WHY_TIME.format(seconds=0.25)
        assert texts.POSTED.format(link="a.b,c%").endswith("a.b,c%")


async def test_tasks_and_threads_do_not_mix(worker: Worker) -> None:
    """Concurrent tasks keep their languages, also in jobs of one worker."""

    async def listen(language: str) -> set[str]:
        speak(language)
        found = set()
        for _ in range(20):
            await asyncio.sleep(0)
            found |= {texts.THANKS, await worker.run(lambda: texts.THANKS)}
        return found

    heard_in = await asyncio.gather(*(listen(language) for language in LANGUAGES))

    assert heard_in == [{translation(language).get("THANKS", texts.THANKS)} for language in LANGUAGES]
    assert in_force() == ENGLISH


async def test_commands_in_every_language(simcord_env: simcord.Env) -> None:
    """Discord gets each description, choice and menu entry in every language, and each name of a command."""
    tree = simcord_env.bot.tree
    translator = tree.translator
    assert translator is not None
    payload = [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]
    named = {language.name for language in LANGUAGES.values()}
    locales = {locale for language in OTHERS for locale in LANGUAGES[language].locales}

    def check(part: dict[str, Any], *, typed: bool) -> int:
        """Check a command, option or choice and its children; return the length that Discord counts."""
        label, length = ("name", "description")[typed], 0
        said = part.get(f"{label}_localizations", {})
        assert set(said) == locales or (part["name"] in named and not said), part["name"]
        for text in (part[label], *said.values()):
            assert 1 <= len(text) <= (100 if label == "description" or "value" in part else 32)
        if typed:
            names = part.get("name_localizations", {})
            assert set(names) == (locales if part["type"] in {1, 2} or "value" in part else set()), part["name"]
            assert all(re.fullmatch(r"[-_'\w]{1,32}", name) and name == name.lower() for name in names.values())
            length += max(map(len, (part["name"], *names.values())))
        length += max(map(len, (part[label], *said.values()))) + len(str(part.get("value", "")))
        inner = [check(option, typed=True) for option in part.get("options", ())]
        return length + sum(inner) + sum(check(choice, typed=False) for choice in part.get("choices", ()))

    assert max(check(part, typed=part["type"] == 1) for part in payload) <= 8000


async def test_changed_translations_are_sent(tmp_path: Path) -> None:
    """Commands are sent again if a translation has changed."""

    class Other(CommandTranslator):
        async def translate(self, string: app_commands.locale_str, locale: discord.Locale, context: Any) -> str | None:
            return "anders" if locale is discord.Locale.german else None

    sent = []
    for translator in (CommandTranslator(), CommandTranslator(), Other(), Other()):
        tree = tree_of("ask")
        await tree.set_translator(translator)
        sent.append(await sync_when_changed(tree, tmp_path))

    assert sent == [True, False, True, False]


async def test_a_translation_that_fails_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A failing translator is logged, and the next start tries again."""

    class Broken(CommandTranslator):
        async def translate(self, string: app_commands.locale_str, locale: discord.Locale, context: Any) -> str | None:
            raise OSError("no such file")

    tree = tree_of("ask")
    await tree.set_translator(Broken())

    assert not await sync_when_changed(tree, tmp_path)
    assert "the next start tries again" in caplog.text


async def test_an_answer_and_its_buttons(
    channel: simcord.ChannelHandle, anna: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    """A member's answer, its pages, forms and notices are in the member's language."""
    asked = await anna.slash(channel, "ask", question="Wer?")
    around = await anna.click(asked.response, label=DE["MORE_BUTTON"])
    seen = [shown(asked.response), shown(around.response)]
    further = await anna.click(around.response, label=DE["QUOTES_BUTTON"])
    form = await anna.click(asked.response, label=texts.UNHELPFUL_BUTTON)
    sent = await anna.submit_modal(form, {"reason": ["outdated"], "details": "seit Mai"})
    seen += [shown(further.response), sent.response.content]
    labels = [*buttons_of(asked.response), *buttons_of(further.response), str(form.modal)]

    assert [english_in(text) for text in [*seen, *labels]] == [[]] * (len(seen) + len(labels))
    assert DE["PLACE"].format(paragraph=1, paragraphs=3) in seen[0]
    assert DE["CONTEXT_HEADING"] in seen[1]
    assert sent.response.content == DE["THANKS"]
    # Whoever presses reads their own language, and notices too are in it.
    assert texts.CONTEXT_HEADING in shown((await alice.click(asked.response, label=DE["MORE_BUTTON"])).response)
    refused = await alice.context_menu(channel, texts.DELETE_MENU, asked.response)
    assert refused.response.content == texts.NOT_YOURS


@pytest.mark.parametrize("question", ["closest thing?", "unknown thing?", "refuse", "crash"])
async def test_other_outcomes(channel: simcord.ChannelHandle, anna: simcord.MemberActor, question: str) -> None:
    """Every outcome and error, also an unexpected one, is in the member's language."""
    asked = await anna.slash(channel, "ask", question=question)
    said = [shown(message) for message in (asked.response, *asked.followups) if message]

    own = f"{question}\nThis question cannot be read."  # the sentence of the fake answers has no translation
    assert [english_in(text, said=own) for text in said] == [[]] * len(said)
    if question == "crash":
        assert any(text.startswith(DE["UNEXPECTED"][:30]) for text in said)


async def test_help_and_lists(channel: simcord.ChannelHandle, anna: simcord.MemberActor) -> None:
    """The output of commands is in the member's language."""
    for command in ("help", "forget"):
        said = shown((await anna.slash(channel, command)).response)
        assert said
        assert english_in(said) == []


async def test_what_managers_see(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, locales: Locales, simcord_env: simcord.Env
) -> None:
    """Commands for managers reply in their language."""
    locales[boss.user.id] = "de"
    await boss.slash(channel, "ask", question="unknown thing?")
    commands = (
        *("config settings", "config setup", "config check", "config pause", "config pause"),
        *("insights stats", "insights gaps", "insights why", "pin list"),
    )
    results = [await boss.slash(channel, command) for command in commands]
    results.append(await boss.slash(channel, "library list"))
    said = [shown(result.response) for result in results]

    assert all(said)
    assert [english_in(text, said="unknown thing?") for text in said] == [[]] * len(said)
    assert DE["WIZARD_PAGES"][0] in said[1]


async def test_messages_are_answered_in_the_servers_language(simcord_env: simcord.Env, store: AsyncStore) -> None:
    """Mentions are answered in the language set for the server, else in that of its locale."""
    guild = simcord_env.create_guild(preferred_locale="fr")
    channel = guild.create_text_channel("general")
    member = guild.add_member(simcord_env.create_user("bob"))
    mention = f"<@{simcord_env.bot.user.id}>"

    await member.send(channel, f"{mention} unknown thing?")
    await member.send(channel, mention)
    await store.change_settings(guild.id, lambda _: ServerSettings(language="de"))
    await member.send(channel, f"{mention} unknown thing?")
    first, notice, second = (shown(message) for message in replies_in(channel, simcord_env))

    assert FR["NOT_COVERED_HINT"] in first
    assert FR["SHORT_HELP"] in notice
    assert DE["NOT_COVERED_HINT"] in second


async def test_direct_messages(simcord_env: simcord.Env, anna: simcord.MemberActor) -> None:
    """A direct message is answered in the language of the last answer there; the first one in English."""
    await anna.send_dm("unknown thing?")
    dm = anna.user.dm_channel
    first = shown(replies_in(dm, simcord_env)[-1])
    await anna.user.slash("ask", question="unknown thing?")
    await anna.send_dm("unknown thing?")
    last = shown(replies_in(dm, simcord_env)[-1])

    assert texts.NOT_COVERED_HINT in first
    assert DE["NOT_COVERED_HINT"] in last


async def test_a_servers_language_is_for_all(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, anna: simcord.MemberActor
) -> None:
    """The language set for a server applies to public answers; private replies stay in the member's language."""
    await boss.slash(channel, "config settings", language="fr")
    public = await anna.slash(channel, "ask", question="Wer?")
    private = await anna.slash(channel, "ask", question="Wer?", private=True)
    refused = await boss.slash(channel, "config settings")
    await boss.slash(channel, "config settings", language="each")
    again = await anna.slash(channel, "ask", question="Wer?")

    assert FR["MORE_BUTTON"] in buttons_of(public.response)
    assert FR["ANSWER_FOOTER"].partition("{")[0] in shown(public.response)
    assert DE["MORE_BUTTON"] in buttons_of(private.response)
    assert "Français" in shown(refused.response)
    assert DE["MORE_BUTTON"] in buttons_of(again.response)


async def test_an_edited_question_keeps_its_language(simcord_env: simcord.Env, store: AsyncStore) -> None:
    """The answer to an edited question is in the language of the old answer."""
    guild = simcord_env.create_guild(preferred_locale="de")
    channel = guild.create_text_channel("general")
    member = guild.add_member(simcord_env.create_user("bob"))
    mention = f"<@{simcord_env.bot.user.id}>"
    asked = await member.send(channel, f"{mention} who?")
    await store.change_settings(guild.id, lambda _: ServerSettings(language="fr"))

    await member.edit(asked, f"{mention} unknown thing?")
    (answer,) = replies_in(channel, simcord_env)

    assert DE["NOT_COVERED_HINT"] in shown(answer)
    assert buttons_of(answer) == [DE["WANTED_BUTTON"]]


async def test_a_preview_is_posted_for_all(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    locales: Locales,
    simcord_env: simcord.Env,
    store: AsyncStore,
) -> None:
    """A preview is in the helper's language; the posted answer is in the server's language, which is stored."""
    role = simcord_env.guild.create_role("Mods", permissions=discord.Permissions(manage_messages=True))
    mod = simcord_env.guild.add_member(simcord_env.create_user("mod"), roles=[role])
    locales[mod.user.id] = "de"
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(language="fr"))
    message = await alice.send(channel, "who built the lighthouse?")

    preview = await mod.context_menu(channel, "Answer this", message)
    posted = await mod.click(preview.response, label=DE["POST_BUTTON"])
    (answer,) = replies_in(channel, simcord_env)
    given = await store.run(lambda: store.database.answer_in(answer.id))

    assert FR["MORE_BUTTON"] in buttons_of(answer)
    assert shown(posted.response).startswith(DE["POSTED"].partition("{")[0])
    assert given is not None
    assert given.language == "fr"


async def test_helpers_are_called_in_the_servers_language(
    channel: simcord.ChannelHandle, anna: simcord.MemberActor, simcord_env: simcord.Env, store: AsyncStore
) -> None:
    """A call for a human is in the server's language."""
    helpers = simcord_env.guild.create_text_channel("helpers")
    await store.change_settings(simcord_env.guild.id, lambda _: ServerSettings(helpers_channel=helpers.id))
    asked = await anna.slash(channel, "ask", question="Wer?")

    pressed = await anna.click(asked.response, label=DE["HUMAN_BUTTON"])
    call = replies_in(helpers, simcord_env)[0]

    assert shown(pressed.response) == DE["HUMAN_CALLED"]
    assert "asks for a human's help" in shown(call)


async def test_the_first_message_in_a_server(simcord_env: simcord.Env) -> None:
    """The first message in a server is in the language of the server's locale."""
    guild = simcord_env.create_guild(preferred_locale="de")
    channel = guild.create_text_channel("general")
    joined = simcord_env.bot.get_guild(guild.id)

    simcord_env.bot.dispatch("guild_join", joined)
    await simcord_env.settle()

    assert [shown(message) for message in replies_in(channel, simcord_env)] == [DE["WELCOME"]]


async def test_what_is_told_later_keeps_its_language(
    simcord_env: simcord.Env,
    settings: Settings,
    answers: StockedAnswers,
    store: AsyncStore,
    monkeypatch: pytest.MonkeyPatch,
    resources: Resources,
) -> None:
    """Later messages, also after a restart, are in the language of their answer or member."""
    monkeypatch.setattr("cogs.core.background_job.INTERVAL_SECONDS", 3600.0)
    guild = simcord_env.create_guild(preferred_locale="de")
    channel = guild.create_text_channel("general")
    bob = guild.add_member(simcord_env.create_user("bob"))
    await bob.send(channel, f"<@{simcord_env.bot.user.id}> who?")
    place = guild.id, channel.id, bob.user.id, "https://example.org", None
    load = SiteImport(*place, most=9, more=False, plain=False, begun_at=time.time(), language="fr")
    load_id = await store.run(lambda: finish(store.database.site_imports.offer_in_steps(load, [])))
    await store.run(lambda: store.database.site_imports.advance(load_id, ImportStage.OFFERED, ImportStage.RUNNING))
    remove(settings.data_dir, answers.article_id)

    bot = VerbatimBot(resources)
    await simcord_env.restart_bot(bot)
    ageing = bot.get_cog("StaleMarker")
    assert isinstance(ageing, StaleMarker)
    await ageing.run_once()
    await simcord_env.settle()

    assert DE["AGED_SOME"].format(count=3, shown=3) in shown(replies_in(channel, simcord_env)[0])
    assert FR["LOAD_DONE"].partition("{")[0] in shown(replies_in(bob.user.dm_channel, simcord_env)[0])


def test_english_is_found() -> None:
    """`english_in` finds English texts and no German ones."""
    assert english_in(texts.NOT_COVERED_HINT)
    assert english_in(texts.DELETED) == [texts.DELETED.rstrip(".")]
    assert not any(english_in(text) for name in english_texts() for text in strings(DE[name]))
    assert dictionary("de")["More"] == DE["MORE_BUTTON"]
