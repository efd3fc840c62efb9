"""Promises of collections on Discord: a limited channel is answered from its collections alone, with real models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
import pytest
import simcord

from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.core.worker import Worker
from cogs.services import Resources
from i18n import texts
from index.libraries.library import Library
from index.libraries.library_names import SHARED, own_library
from index.libraries.registry import Libraries
from index.passages.embedder import Embedder
from index.sources.loader import draft_from_text
from qa.answerer import Answerer, Thresholds
from qa.reading.protocol import Reader, ReadingModels
from storage.models import ServerSettings
from tests.cogs.visible_text import PUBLIC, buttons_of, replies_in, shown
from tests.index.site import Site

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

RULES = "The ferry to Skarholm leaves at seven in the morning, every day but Sunday."
STAFF = "The ferry to Skarholm leaves at midnight for the staff, whom Brogmund steers."
NEWS = "The ferry to Skarholm leaves at noon during the harbour festival."
QUESTION = "When does the ferry to Skarholm leave?"
OUTSIDE = "Whom does Brogmund steer the ferry to Skarholm for at midnight?"


@pytest.fixture
def answers(libraries: Libraries, embedder: Embedder, reader: Reader) -> Answerer:
    """Return the real answerer of the data folder."""
    return Answerer(libraries, lambda: embedder, lambda: ReadingModels(reader, reader), Thresholds(0.2, 0.05))


@pytest.fixture
def simcord_bot(resources: Resources) -> VerbatimBot:
    """Return the bot with the real answerer."""
    return VerbatimBot(resources)


@pytest.fixture
def run(libraries: Libraries, worker: Worker) -> Callable[[Callable[[], Any]], Any]:
    """Return a function that runs a job with the libraries on their thread."""
    return lambda job: worker.submit(job).result()


@pytest.fixture
def stored(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    libraries: Libraries,
    run: Callable[[Callable[[], Any]], Any],
) -> dict[str, int]:
    """Store an article about the rules, one for the staff in two collections, and an untagged shared one."""
    own = own_library(simcord_env.guild.id)
    return {
        text: run(lambda text=text, tags=tags, name=name: add(libraries.open(name), text, *tags))
        for text, tags, name in (
            (RULES, ("Rules",), own),
            (STAFF, ("Staff", "*Ferry*"), own),
            (NEWS, (), SHARED),
        )
    }


def add(library: Library, text: str, *tags: str, key: str = "") -> int:
    """Add an article with a text as its own title to a library and to collections; return its id."""
    title = text[24:40]
    draft = draft_from_text(text, key=key or f"/{title}", source=f"{title}.txt", markdown=False, title=title)
    article_id = library.add(draft).article_id
    library.set_tags(article_id, tags)
    return article_id


def quoted(text: str) -> set[str]:
    """Return which of the three articles a message quotes."""
    marks = {RULES: "seven in the", STAFF: "midnight", NEWS: "noon"}
    return {article for article, mark in marks.items() if mark in text.replace("**", "")}


async def limit(boss: simcord.MemberActor, place: simcord.ChannelHandle, target: object, names: str) -> str:
    """Limit a channel or category with the command, and return what is shown."""
    return shown((await boss.slash(place, "config channel", channel=target, collections=names)).response)


@pytest.mark.usefixtures("stored")
async def test_a_limited_channel(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    simcord_env: simcord.Env,
    store: AsyncStore,
) -> None:
    """It quotes its collections alone, however it is asked, until the limit is taken back; other channels quote all."""
    elsewhere = simcord_env.guild.create_text_channel("elsewhere")
    everything = shown((await alice.slash(channel, "ask", question=OUTSIDE)).response)
    said = await limit(boss, elsewhere, channel, "RULES")
    asked = await alice.slash(channel, "ask", question=QUESTION)
    private = await alice.slash(channel, "ask", question=QUESTION, private=True)
    await alice.send(channel, f"{simcord_env.bot.user.mention} {OUTSIDE}")
    free = await alice.slash(elsewhere, "ask", question=OUTSIDE)

    assert "only Rules" in said
    assert STAFF in quoted(everything)
    assert quoted(shown(asked.response)) == quoted(shown(private.response)) == {RULES}
    assert all(quoted(shown(one)) <= {RULES} for one in replies_in(channel, simcord_env)[1:])
    assert STAFF in quoted(shown(free.response))
    assert "only" not in await limit(boss, elsewhere, channel, "all")
    assert (await store.settings(simcord_env.guild.id)).collections == {}
    assert STAFF in quoted(shown((await alice.slash(channel, "ask", question=OUTSIDE)).response))


@pytest.mark.usefixtures("stored")
async def test_threads_and_categories(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """A channel has the limit of its category unless it has one of its own; a thread has that of its channel."""
    category = simcord_env.guild.create_category("Harbour")
    inner = simcord_env.guild.create_text_channel("ferries", category=category)
    await limit(boss, channel, category, "Staff")
    place: Any = simcord_env.bot.get_channel(inner.id)
    await place.create_thread(name="When", type=discord.ChannelType.public_thread)
    in_category = await alice.slash(inner, "ask", question=QUESTION)
    in_thread = await alice.slash(inner.threads[-1], "ask", question=QUESTION)
    await limit(boss, channel, inner, "Rules")
    own = await alice.slash(inner, "ask", question=QUESTION)

    assert quoted(shown(in_category.response)) == quoted(shown(in_thread.response)) == {STAFF}
    assert quoted(shown(own.response)) == {RULES}


@pytest.mark.usefixtures("stored")
async def test_a_question_names_a_collection(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, alice: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """The choices are those of the channel, whose limit wins; a name that cannot be asked is explained."""
    offered = [one["value"] for one in await alice.autocomplete(channel, "ask", "collection", "")]
    found = await alice.slash(channel, "ask", question=QUESTION, collection="staff")
    unknown = await alice.slash(channel, "ask", question=QUESTION, collection="**Nothing**")
    await limit(boss, channel, channel, "Rules")
    after = [one["value"] for one in await alice.autocomplete(channel, "ask", "collection", "")]
    outside = await alice.slash(channel, "ask", question=QUESTION, collection="Staff")

    assert offered == ["*Ferry*", "Rules", "Staff"]
    assert after == ["Rules"]
    assert quoted(shown(found.response)) == {STAFF}
    known = "\\*Ferry\\*, Rules, Staff"
    assert [one.content for one in unknown.followups] == [
        texts.NO_SUCH_COLLECTION.format(name="\\*\\*Nothing\\*\\*", known=known)
    ]
    assert [one.content for one in outside.followups] == [texts.COLLECTION_OUTSIDE.format(names="Rules", name="Staff")]
    assert simcord_env.errors == []


@pytest.mark.usefixtures("stored")
async def test_lists_and_choices(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    """Members list and choose what the channel quotes; those who keep the articles choose from all."""
    one = shown((await alice.slash(channel, "library list", collection="Staff")).response)
    before = [len(await alice.autocomplete(channel, "ask", "article", "")) for _ in range(1)]
    await limit(boss, channel, channel, "Rules")
    everything = shown((await alice.slash(channel, "library list")).response)
    choices = [len(await alice.autocomplete(channel, name, "article", "")) for name in ("ask", "library show")]
    kept = len(await boss.autocomplete(channel, "article remove", "article", ""))
    hidden = await alice.slash(channel, "library show", article=STAFF[24:40])

    assert one.splitlines()[1] == texts.LISTED_COLLECTIONS.format(names="Staff")
    assert "articles: 1" in one
    assert everything.splitlines()[1] == texts.LISTED_COLLECTIONS.format(names="Rules")
    assert "articles: 1" in everything
    assert (before, choices, kept) == ([3], [1, 1], 3)
    assert hidden.response.content == texts.NO_SUCH_ARTICLE


@pytest.mark.usefixtures("stored")
async def test_what_was_answered_before(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    """Buttons under an answer from before the limit, and the conversation, show nothing from outside it."""
    asked = await alice.slash(channel, "ask", question="When does the ferry leave at midnight?")
    assert STAFF in quoted(shown(asked.response))
    await limit(boss, channel, channel, "Rules")
    label = next(one for one in (texts.SOURCES_BUTTON, texts.MORE_BUTTON) if one in buttons_of(asked.response))
    pressed = await alice.click(asked.response, label=label)

    assert all(STAFF not in quoted(shown(one)) for one in pressed.followups)


@pytest.mark.usefixtures("stored")
async def test_a_pin_outside_is_not_shown(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """A pinned quote is the answer only where its article may be quoted."""
    preview = await boss.slash(channel, "pin add", question=QUESTION, article=STAFF[24:40], words="leaves at midnight")
    await boss.click(preview.response, label=texts.PIN_BUTTON)
    pinned = shown((await boss.slash(channel, "ask", question=QUESTION)).response)
    await limit(boss, channel, channel, "Rules")
    limited = shown((await boss.slash(channel, "ask", question=QUESTION)).response)

    assert texts.CHOSEN in pinned
    assert quoted(limited) == {RULES}
    assert texts.CHOSEN not in limited
    assert simcord_env.errors == []


async def test_tagging(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, stored: dict[str, int], store: AsyncStore
) -> None:
    """Editors put an article into collections, new ones too, or into none; what cannot be is a sentence."""
    title = RULES[24:40]
    tagged = await boss.slash(channel, "article tag", article=title, collections="staff, Port_rules")
    offered = [one["value"] for one in await boss.autocomplete(channel, "article tag", "collections", "Staff, po")]
    listed = shown((await boss.slash(channel, "library show", article=title)).response)
    alone = await boss.slash(channel, "article tag", article=title, collections="Rules", everything=True)
    none = await boss.slash(channel, "article tag", article=title, collections="none")
    refused = await boss.slash(channel, "article tag", article=title, collections="a" * 41)
    shared = await boss.slash(channel, "article tag", article=NEWS[24:40], collections="Rules")

    assert shown(tagged.response).endswith("is in Port\\_rules, Staff now.")
    assert offered == ["Staff, Port_rules"]
    assert texts.ARTICLE_TAGS.format(names="Port\\_rules, Staff") in listed
    assert "so only the article itself was changed" in shown(alone.response)
    assert "is in no collection now" in shown(none.response)
    assert refused.response.content == texts.MESSAGES["tag_name"].format(limit=40)
    assert "Rules" not in {one.name for one in store.read_only.collections(SHARED).values()}
    assert shared.response.content
    assert stored


async def test_what_is_added_gets_its_collections(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, site: Site, simcord_env: simcord.Env
) -> None:
    """A page is in the collections that were given with it; without an address or file they are explained."""
    site.page("/dogs", "Dogs travel free of charge on this ferry, but they stay on deck all the way.")
    preview = await boss.slash(channel, "article add", address=f"{site.url}/dogs", collections="Rules, Dogs")
    previewed = shown(preview.response)
    await boss.click(preview.response, label=texts.ARTICLE_ADD_BUTTON)
    nothing = await boss.slash(channel, "article add", collections="Rules")
    own = own_library(simcord_env.guild.id)

    assert texts.ARTICLE_TAGS.format(names="Rules, Dogs") in previewed
    found = await store.read(lambda: sorted(one.name for one in store.read_only.collections(own).values()))
    assert found == ["Dogs", "Rules"]
    assert nothing.response.content == texts.COLLECTION_OF_WHAT


@pytest.mark.usefixtures("stored")
async def test_gaps_show_the_channel_and_its_limit(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    """A question without an answer is listed with its channel, and with the collections that this is limited to."""
    await limit(boss, channel, channel, "Rules")
    for member in (alice, bob):
        await member.slash(channel, "ask", question="How tall is the lighthouse of Pebblecast?")
    gaps = shown((await boss.slash(channel, "insights gaps")).response)

    assert texts.GAP_PLACE.format(channel=f"<#{channel.id}>", names="Rules") in gaps


@pytest.mark.usefixtures("stored")
async def test_unknown_collections_are_refused(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, store: AsyncStore, simcord_env: simcord.Env
) -> None:
    """A channel cannot be limited to what does not exist; the choices go on with what is typed."""
    refused = await limit(boss, channel, channel, "Rules, Nothing")
    offered = [one["value"] for one in await boss.autocomplete(channel, "config channel", "collections", "")]
    more = [one["value"] for one in await boss.autocomplete(channel, "config channel", "collections", "Rules,st")]

    assert refused.startswith("There is no collection “Nothing” here.")
    assert await store.settings(simcord_env.guild.id) == ServerSettings()
    assert offered == ["all", "*Ferry*", "Rules", "Staff"]
    assert more == ["Rules, Staff"]
