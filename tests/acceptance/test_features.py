"""Buttons, menus, autocomplete and commands for staff, end to end: the bot as a process and a realistic Discord."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cogs.admin.setup_channel_selects import OffSelect
from cogs.admin.setup_selects import HelpersRoleSelect, LimitsSelect
from i18n import texts
from tests.acceptance.conftest import until
from tests.acceptance.test_discord import QUESTION, quoted, unexpected
from tests.cogs.reader import read_quotes
from tests.cogs.visible_text import unlinked

pytestmark = [pytest.mark.asyncio(loop_scope="session")]

GATE = "The gate of the harbour opens at nine o'clock."
MANAGE_GUILD = 1 << 5
MANAGE_MESSAGES = 1 << 13
SEND = 1 << 10 | 1 << 11 | 1 << 16  # view, send, read history


def public_in(discord: Any, channel: Any) -> list[Any]:
    """Return the bot's public messages in a channel."""
    return [message for message in discord.messages_in(channel) if not message.ephemeral]


async def test_reading_on(discord: Any) -> None:
    """Anyone can open further pages privately, and quotes in them are verbatim."""
    asked = await discord.slash(discord.alice, "ask", {"question": QUESTION})

    context = await discord.click(discord.bob, asked.response, texts.MORE_BUTTON)
    around = quoted(context)
    more = await discord.click(discord.bob, context.response, texts.QUOTES_BUTTON)
    first = more.response.text
    turned = await discord.click(discord.bob, more.response, texts.NEXT_BUTTON)

    assert [each.failed for each in (more, context, turned)] == [None] * 3
    assert context.ephemeral
    assert quoted(more)
    assert quoted(asked)[0] in "\n".join(around)
    assert more.response.text != first


async def test_feedback(discord: Any) -> None:
    """A vote, also on one quote, is acknowledged; 👎 opens a form, which is acknowledged too."""
    asked = await discord.mention(discord.alice, "what are spring tides and neap tides?")  # two quotations answer

    helpful = await discord.click(discord.bob, asked.response, texts.HELPFUL_BUTTON)
    chosen = await discord.click(discord.bob, helpful.response, texts.QUOTATION.format(number=1))
    opened = await discord.click(discord.bob, asked.response, texts.MORE_BUTTON)
    sources = await discord.click(discord.bob, opened.response, texts.SOURCES_BUTTON)
    form = await discord.click(discord.bob, asked.response, texts.UNHELPFUL_BUTTON)
    sent = await discord.submit_modal(
        discord.bob, form, {texts.REASON_LABEL: ["wrong"], texts.REASON_DETAILS: "another year"}
    )

    assert helpful.response.ephemeral
    assert chosen.response.text == texts.THANKS
    assert texts.SOURCES_HEADING in sources.response.text
    assert form.modal
    assert sent.text == texts.THANKS


async def test_this_should_be_covered(discord: Any) -> None:
    """What is not covered can be wished for, in one row and twice without harm; a member deletes it in private, too."""
    asked = await discord.dm(discord.alice, "Who won the 2018 World Cup?")
    labels = [each["label"] for each in asked.response.buttons]

    for _ in range(2):
        pressed = await discord.click(discord.alice, asked.response, texts.WANTED_BUTTON)
        assert pressed.text == texts.WANTED_NOTED
    done = await discord.context_menu(discord.alice, texts.DELETE_MENU, asked.response)

    assert labels == [texts.WANTED_BUTTON]
    assert done.text == texts.DELETED
    assert asked.response is None or asked.response.deleted


async def test_delete(discord: Any) -> None:
    """Only the asker can delete an answer; others are told so."""
    channel = discord.text_channel("deleting")
    asked = await discord.slash(discord.alice, "ask", {"question": QUESTION}, channel=channel)

    refused = await discord.context_menu(discord.bob, texts.DELETE_MENU, asked.response)
    done = await discord.context_menu(discord.alice, texts.DELETE_MENU, asked.response)

    assert refused.text == texts.NOT_YOURS
    assert refused.ephemeral
    assert (done.text, done.ephemeral) == (texts.DELETED, True)
    assert asked.response is None or asked.response.deleted
    assert public_in(discord, channel) == []


async def test_private_in_one_article(discord: Any) -> None:
    """Titles are suggested while typing; only the chosen article is quoted, privately."""
    typed = await discord.autocomplete(discord.alice, "ask", "article", "tids", {"question": QUESTION})
    options = {"question": "what causes the tides?", "private": True, "article": typed.choices[0]["value"]}
    asked = await discord.slash(discord.alice, "ask", options)

    assert typed.failed is None
    assert "tides" in typed.choices[0]["name"].lower()
    assert asked.ephemeral
    assert "tides" in asked.text.lower()


async def test_menus(discord: Any) -> None:
    """A message can be answered privately and then publicly, and the source of its claim can be searched."""
    channel = discord.text_channel("menus")
    mod = discord.user("Mod", permissions=SEND | MANAGE_MESSAGES)
    question = discord.post(discord.bob, QUESTION, channel)
    claim = discord.post(discord.bob, "The Sun raises tides as well", channel)

    preview = await discord.context_menu(mod, texts.ANSWER_THIS, question)
    found = await discord.context_menu(discord.bob, texts.FIND_SOURCE, claim)
    await discord.click(mod, preview.response, texts.POST_BUTTON)

    assert preview.ephemeral
    assert found.ephemeral
    assert texts.SOURCE_VERBATIM in found.text
    assert "The Sun raises tides as well" in quoted(found)[0]
    (posted,) = public_in(discord, channel)
    assert posted.reply_to == question["_id"]
    assert not posted.pings["users"]
    assert "Han Song-il" in read_quotes(posted.text)[0].text


async def test_running_it(discord: Any) -> None:
    """A manager sets the helpers' channel, checks permissions and reads figures; then a helper can be called."""
    boss = discord.user("Boss", permissions=SEND | MANAGE_GUILD | MANAGE_MESSAGES)
    helpers = discord.text_channel("helpers")
    await discord.slash(discord.alice, "ask", {"question": QUESTION})  # something to count

    said = [
        await discord.slash(boss, "config settings", {"helpers_channel": helpers}),
        await discord.slash(boss, "config check"),
        await discord.slash(boss, "insights stats"),
        await discord.slash(boss, "insights gaps"),
        await discord.slash(boss, "help"),
    ]
    discord.inject(path="/messages/@original$", drop=True)
    figures = await discord.slash(boss, "insights stats")  # the file is sent once more
    asked = await discord.slash(discord.alice, "ask", {"question": QUESTION})
    said.append(await discord.slash(boss, "insights why"))
    called = await discord.click(discord.alice, asked.response, texts.HUMAN_BUTTON)

    assert [each.failed for each in said] == [None] * 6
    for each in (said[2], figures):
        (file,) = each.response.attachments
        assert file["description"].startswith(texts.STATS_PICTURE.split("{", maxsplit=1)[0])
        assert each.response.file("figures.png").startswith(b"\x89PNG")
    assert all(each.ephemeral for each in said)
    assert texts.HUMAN_CALLED in called.text
    (post,) = discord.messages_in(helpers)
    assert texts.CALL_OPEN in post.text
    assert not post.pings["users"]
    with pytest.raises(Exception, match="insights"):
        await discord.slash(discord.bob, "insights stats")


async def test_articles(discord: Any) -> None:
    """A manager adds a file, a text and a message, and members are answered from them until they are removed."""
    boss = discord.user("Keeper", permissions=SEND | MANAGE_GUILD)
    file = ("ferry.md", b"# The ferry\n\nThe ferry to Gull Island leaves at seven. Dogs travel free of charge.\n")
    message = discord.post(boss, "The bakery of Gull Island opens at half past five.", discord.text_channel("news"))

    previews = [
        await discord.slash(boss, "article add", {"file": file}),
        await discord.submit_modal(
            boss,
            await discord.slash(boss, "article add"),
            {
                texts.ARTICLE_FORM_HEADING: "The lamp",
                texts.ARTICLE_FORM_TEXT: "Mira Holt keeps the lamp of Gull Island and counts the gulls every morning.",
            },
        ),
        await discord.context_menu(boss, texts.SAVE_AS_ARTICLE, message),
    ]
    labels = texts.ARTICLE_ADD_BUTTON, texts.ARTICLE_ADD_BUTTON, texts.YES_BUTTON
    pressed = [await discord.click(boss, seen.response, label) for seen, label in zip(previews, labels, strict=True)]
    await until(lambda: all("Added: " in each.response.text for each in pressed))
    asked = [
        await discord.slash(discord.alice, "ask", {"question": question})
        for question in (
            "When does the ferry to Gull Island leave?",
            "Who keeps the lamp of Gull Island?",
            "When does the bakery of Gull Island open?",
        )
    ]
    listed = await discord.slash(boss, "library search", {"title": "ferry"})
    removing = await discord.slash(boss, "article remove", {"article": "The ferry"})
    await discord.click(boss, removing.response, texts.ARTICLE_REMOVE_BUTTON)
    again = await discord.slash(discord.alice, "ask", {"question": "When does the ferry to Gull Island leave?"})

    assert [each.failed for each in (*previews, *pressed, *asked, listed, removing, again)] == [None] * 12
    assert all(seen.ephemeral for seen in previews)
    answers = [read_quotes(each.response.text)[0].text for each in asked]
    assert answers[0].startswith("The ferry to Gull Island leaves at seven.")
    assert answers[1].startswith("Mira Holt keeps the lamp")
    assert answers[2].startswith("The bakery of Gull Island opens at half past five.")
    assert "ferry.md" in listed.text
    assert "leaves at seven" not in again.text
    refused = await discord.slash(discord.bob, "article add")
    for title in ("The lamp", "The bakery of Gull Island"):  # with none left, the sample articles are searched again
        removing = await discord.slash(boss, "article remove", {"article": title})
        await discord.click(boss, removing.response, texts.ARTICLE_REMOVE_BUTTON)
    assert refused.text == texts.NOT_ALLOWED


async def test_setup(discord: Any) -> None:
    """A manager goes through every page of the wizard, tries a question and sees the permission check."""
    boss = discord.user("Founder", permissions=SEND | MANAGE_GUILD)
    place = discord.text_channel("founding")
    quiet = discord.text_channel("quiet")
    role = discord.server.add_role(discord.server.guilds[int(place["guild_id"])], "Helpers", 0)

    begun = await discord.slash(boss, "config setup", channel=place)
    member = int(boss["id"])
    seen = [begun, await discord.select(boss, begun.response, LimitsSelect.custom_id_of(member), ["0-0-0"])]
    seen.append(await discord.click(boss, begun.response, texts.NEXT_BUTTON))
    seen.append(await discord.select(boss, begun.response, HelpersRoleSelect.custom_id_of(member), [role]))
    seen.append(await discord.click(boss, begun.response, texts.NEXT_BUTTON))
    seen.append(await discord.select(boss, begun.response, OffSelect.custom_id_of(member), [quiet]))
    seen.append(await discord.click(boss, begun.response, texts.NEXT_BUTTON))
    last = begun.response.text
    seen.append(await discord.click(boss, begun.response, texts.NEXT_BUTTON))
    (label,) = {texts.WELCOME_ADD, texts.WIZARD_ADD_MORE} & {each["label"] for each in begun.response.buttons}
    form = await discord.click(boss, begun.response, label)
    seen.append(
        await discord.submit_modal(boss, form, {texts.ARTICLE_FORM_TEXT: GATE, texts.ARTICLE_FORM_HEADING: "Gate"})
    )
    seen.append(await discord.click(boss, seen[-1].response, texts.ARTICLE_ADD_BUTTON))
    await until(lambda: "Added: " in seen[-1].response.text)
    form = await discord.click(boss, seen[-1].response, texts.TRIAL_BUTTON)
    tried = await discord.submit_modal(boss, form, {texts.TRIAL_FORM_QUESTION: "When does the gate open?"})
    removing = await discord.slash(boss, "article remove", {"article": "Gate"}, channel=place)  # as others find it
    await discord.click(boss, removing.response, texts.ARTICLE_REMOVE_BUTTON)

    assert [each.failed for each in (*seen, form, tried)] == [None] * 12
    assert f"<@&{role['id']}>" in last
    assert f"<#{quiet['id']}>: {texts.MODES['off']}" in last
    assert texts.CHECK_FINE in last
    assert tried.ephemeral
    assert read_quotes(tried.response.text)[0].text == GATE


async def test_pins(discord: Any) -> None:
    """A moderator pins words of an article and a quote of an answer; both come first until they are unpinned."""
    boss = discord.user("Pinner", permissions=SEND | MANAGE_GUILD | MANAGE_MESSAGES)
    place = discord.text_channel("pins")
    question = "Which account is the loud one?"
    options = {"question": question, "article": "tides", "words": "The Sun raises tides as well"}

    preview = await discord.slash(boss, "pin add", options, channel=place)
    form = await discord.click(boss, preview.response, texts.PIN_WORDING_BUTTON)
    wordings = {texts.PIN_FORM_LABEL: f"{question}\nWhich account shouts?"}
    seen = [preview, form, await discord.submit_modal(boss, form, wordings)]
    seen.append(await discord.click(boss, preview.response, texts.PIN_BUTTON))
    asked = await discord.slash(discord.alice, "ask", {"question": "which account shouts"}, channel=place)
    answer = await discord.mention(discord.alice, QUESTION, place)
    menu = await discord.context_menu(boss, texts.PIN_MENU, answer.response)
    seen += [asked, answer, menu, await discord.click(boss, menu.response, texts.PIN_BUTTON)]
    again = await discord.mention(discord.bob, QUESTION, place)
    listed = await discord.slash(boss, "pin list", channel=place)
    there = listed.response.text
    for _ in range(2):
        rows = [row["components"] for row in listed.response.components if row["type"] == 1]
        chosen = [rows[0][0]["options"][0]["value"]]
        seen.append(await discord.select(boss, listed.response, texts.PINS_UNPIN, chosen))
    last = await discord.slash(discord.alice, "ask", {"question": question}, channel=place)

    assert [each.failed for each in (*seen, again, listed, last)] == [None] * (len(seen) + 3)
    assert preview.ephemeral
    assert menu.ephemeral
    assert read_quotes(asked.response.text)[0].text.startswith("The Sun raises tides as well")
    assert [texts.CHOSEN in each.text for each in (asked, answer, again, last)] == [True, False, True, False]
    assert question in there
    assert texts.PINS_NOTHING in unlinked(listed.response.text)


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"drop": True}, {"drop": True, "after": True}, {"status": 429, "retry_after": 0.3}]
)
async def test_faults_under_buttons(discord: Any, fault: dict[str, Any]) -> None:
    """A fault in acknowledging a press, showing a page or sending suggestions loses none of them."""
    asked = await discord.slash(discord.alice, "ask", {"question": QUESTION})
    for path in ("/callback$", "/messages/@original$"):
        discord.inject(path=path, **fault)

    more = await discord.click(discord.alice, asked.response, texts.MORE_BUTTON)
    discord.inject(path="/callback$", **fault)
    typed = await discord.autocomplete(discord.alice, "ask", "article", "tides", {"question": QUESTION})

    discord.clear_faults()
    assert [more.failed, typed.failed] == [None, None]
    assert "tides" in typed.choices[0]["name"].lower()
    assert quoted(more)


async def test_an_answer_follows_its_question(discord: Any) -> None:
    """The answer to an edited question is edited, the one to a deleted question is deleted."""
    channel = discord.text_channel("following")
    asked = await discord.mention(discord.alice, QUESTION, channel)
    before = asked.response.text
    (question,) = [m for m in discord.server.messages[channel["_id"]].values() if m["_author"] == discord.alice["_id"]]

    discord.server.edit_message(question, {"content": f"<@{discord.server.bot['id']}> What causes the tides?"})
    for _ in range(100):
        await asyncio.sleep(0.1)
        if asked.response.text != before:
            break
    edited = read_quotes(asked.response.text)
    discord.server.delete_message(question)
    for _ in range(100):
        await asyncio.sleep(0.1)
        if not public_in(discord, channel):
            break

    assert "gravity" in edited[0].text or "Moon" in edited[0].text
    assert public_in(discord, channel) == []


async def test_a_busy_server(discord: Any) -> None:
    """Thirty members who ask, turn pages, vote, choose and delete concurrently are all served in time."""

    async def visit(number: int) -> list[Any]:
        person = discord.user(f"Visitor {number}")
        place = discord.text_channel(f"busy-{number}")
        asked = await discord.slash(person, "ask", {"question": QUESTION}, channel=place)
        await until(lambda: asked.response.buttons)  # a slow machine says first how long the answer will take
        seen = [asked, await discord.click(person, asked.response, texts.MORE_BUTTON)]
        seen.append(await discord.autocomplete(person, "ask", "article", "tid", channel=place))
        seen.append(await discord.click(person, asked.response, texts.HELPFUL_BUTTON))
        seen.append(await discord.click(person, seen[1].response, texts.SOURCES_BUTTON))
        if number % 3 == 0:
            seen.append(await discord.context_menu(person, texts.DELETE_MENU, asked.response))
        return seen

    visits = await asyncio.gather(*map(visit, range(30)))

    assert [each.failed for seen in visits for each in seen if each.failed] == []
    assert await discord.loop_lag(120) < 120


async def test_nothing_against_the_rules(discord: Any) -> None:
    """Nothing was refused, too slow, unknown, or in conflict with Discord's API description."""
    assert unexpected(discord) == []
