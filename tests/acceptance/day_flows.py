"""What people do with each feature of the bot: the flows of `tests.acceptance.day_tour`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

from i18n import texts
from tests.acceptance.day_tour import Tour
from tests.cogs.visible_text import unlinked

THANKS: Final = ("thanks!", "danke dir", "merci beaucoup", "muchas gracias", "grazie mille", "obrigado", "lol", "ok")
HELLO: Final = ("hello", "hallo", "bonjour", "hola", "ciao", "wer bist du?", "what can you do?")
FERRY, LAMP, GATES = (
    "When does the ferry to Gull Island leave?",
    "Who keeps the lamp of Gull Island?",
    "When do the gates open?",
)
BUS: Final = "When does the night bus to Gull Island run?"
_SECONDS: Final = 120.0  # for a changed article: members' questions come first
_OFF_TOPIC: Final = "Who won the 2018 World Cup?"


async def small_talk(tour: Tour) -> None:
    """Thanks get a reaction and no message; a greeting gets the short help, whose buttons work."""
    place = tour.channel("small-talk")
    mention = f"<@{tour.discord.server.bot['id']}>"

    async def say(number: int, text: str) -> Any:
        who = tour.person(f"Talker {number}")
        return who, await tour.discord.say(who, f"{mention} {text}", place, expect=False, timeout=12)

    said = await asyncio.gather(*[say(number, text) for number, text in enumerate((*THANKS, *HELLO))])
    for text, (_, seen) in zip((*THANKS, *HELLO), said, strict=True):
        if text in THANKS:
            tour.check(not seen.messages and seen.reactions, f"{text!r}: {seen.text!r}, {seen.reactions}")
        else:
            tour.check(unlinked(texts.SHORT_HELP.splitlines()[0]) in unlinked(seen.text), f"{text!r}: {seen.text!r}")
    who, greeted = said[-1]
    form = await tour.click(who, greeted.response, texts.HELP_ASK_BUTTON, shows=False)
    asked = await tour.submit(who, form, {texts.ASK_FORM_LABEL: LAMP})
    tour.check("Mira Holt" in tour.quotes(asked), f"the form of the help: {asked.text!r}")
    for label in (texts.HELP_ARTICLES_BUTTON, texts.HELP_PRIVACY_BUTTON):
        await tour.click(who, greeted.response, label)


async def edits(tour: Tour) -> None:
    """A question that an edit adds is answered, and its answer goes when the mention is taken out."""
    place = tour.channel("edits")
    greeted = await tour.discord.mention(tour.person("Editing"), "hello", place)
    asked = f"<@{tour.discord.server.bot['id']}> {FERRY}"
    tour.discord.server.edit_message(greeted.trigger, {"content": asked})
    answered = await tour.until(
        lambda: ["at seven" in unbold(one.text) for one in tour.posts(place)] == [True], "an added question"
    )
    if answered:
        tour.discord.server.edit_message(greeted.trigger, {"content": FERRY})
        await tour.until(lambda: not tour.posts(place), "a mention taken out")


async def several(tour: Tour) -> None:
    """Each question of a message gets a reply."""
    place = tour.channel("several")
    await tour.mention(tour.person("Curious"), f"{LAMP} {FERRY}", place)
    await tour.until(lambda: len(tour.posts(place)) == 2, "two questions in one message")
    both = unbold("\n".join(one.text for one in tour.posts(place)))
    tour.check("Mira Holt" in both and "leaves at seven" in both, f"two questions: {both!r}")


async def which(tour: Tour) -> None:
    """The asker chooses an article for everyone, another member for themselves; then *More* opens its pages."""
    place, asker = tour.channel("which"), tour.person("Undecided")
    asked = await tour.mention(asker, GATES, place)
    tour.check(texts.WHICH_HEADING in asked.text, f"which article: {asked.text!r}")
    own = await tour.click(tour.member, asked.response, "Spring Fair")
    tour.check(own.ephemeral and "at 10" in tour.quotes(own), f"which, for another: {own.text!r}")
    await tour.click(asker, asked.response, "Autumn Fair")
    await tour.until(lambda: "at 11" in tour.quotes(asked), f"which, for all: {asked.text!r}")
    page = await tour.click(tour.member, asked.response, texts.MORE_BUTTON)
    tour.check(page.ephemeral, "More is public")
    for label in (texts.SOURCES_BUTTON, texts.QUOTES_BUTTON, texts.CONTEXT_BUTTON):
        if any(each["label"] == label and not each.get("disabled") for each in page.response.buttons):
            await tour.click(tour.member, page.response, label)
    await tour.click(tour.member, asked.response, texts.HELPFUL_BUTTON)


async def wanted(tour: Tour) -> None:
    """What is not covered can be wished for; only the asker, or a moderator, takes an answer away."""
    place, asker = tour.channel("wanted"), tour.person("Wishing")
    asked = await tour.ask(asker, _OFF_TOPIC, place)
    pressed = await tour.click(asker, asked.response, texts.WANTED_BUTTON)
    tour.check(pressed.text == texts.WANTED_NOTED, f"wanted: {pressed.text!r}")
    refused = await tour.menu(tour.member, texts.DELETE_MENU, asked.response)
    tour.check(refused.text == texts.NOT_YOURS, f"delete by another: {refused.text!r}")
    deleted = await tour.menu(tour.moderator, texts.DELETE_MENU, asked.response)
    tour.check(deleted.text == texts.DELETED and not tour.posts(place), f"delete: {deleted.text!r}")


async def human(tour: Tour) -> None:
    """A helper answers a call; their words become an article that answers the next time, and follows its message."""
    place, asker = tour.channel("night-bus"), tour.person("Waiting")
    asked = await tour.mention(asker, BUS, place)
    called = await tour.click(asker, asked.response, texts.HUMAN_BUTTON)
    tour.check(texts.HUMAN_CALLED in called.text, f"call: {called.text!r}")
    (post,) = tour.posts(tour.helpers)
    refused = await tour.click(tour.member, post, texts.CLAIM_BUTTON)
    tour.check(texts.CALL_NOT_A_HELPER in refused.text, f"claim by a member: {refused.text!r}")
    await tour.click(tour.helper, post, texts.CLAIM_BUTTON, shows=False)
    await tour.until(lambda: texts.RESOLVE_BUTTON in _labels(post) and "is on it" in post.text, "claim")
    thread = next(one for one in tour.discord.server.channels.values() if one.get("parent_id") == tour.helpers["id"])
    words, edited = (f"The night bus to Gull Island runs at {when} on Fridays." for when in ("midnight", "one"))
    tour.report.know(words, edited)
    written = tour.discord.post(tour.helper, words, thread)
    refused = await tour.click(tour.member, post, texts.RESOLVE_BUTTON)
    tour.check(texts.CALL_NOT_YOURS in refused.text, f"resolve by a member: {refused.text!r}")
    await tour.click(tour.helper, post, texts.RESOLVE_BUTTON, shows=False)
    await tour.until(lambda: any(texts.SAVE_MINE_BUTTON in _labels(one) for one in tour.posts(thread)), "offer to save")
    offer = next(one for one in tour.posts(thread) if texts.SAVE_MINE_BUTTON in _labels(one))
    preview = await tour.click(tour.helper, offer, texts.SAVE_MINE_BUTTON)
    tour.check(preview.ephemeral and words in tour.quotes(preview), f"preview of words: {preview.text!r}")
    saved = await tour.click(tour.helper, preview.response, texts.YES_BUTTON, shows=False)
    await tour.until(lambda: "Saved, thank you" in preview.text + saved.text, f"saved words: {saved.text!r}")
    await _answers(tour, place, "midnight", "the words of a person")
    tour.discord.server.edit_message(written, {"content": edited})
    await _answers(tour, place, "at one", "an edit of a saved message")
    listed = await tour.slash(tour.editor, "article answers")
    tour.check("night bus" in listed.text, f"/article answers: {listed.text!r}")
    tour.discord.server.delete_message(written)
    await _answers(tour, place, "", "a deletion of a saved message")


async def _answers(tour: Tour, place: Any, words: str, what: str) -> None:
    """Ask until an answer has these words, or none of a person if there are none."""
    quoted, end = "", time.monotonic() + _SECONDS
    while time.monotonic() < end:
        asked = await tour.ask(tour.member, BUS, place)
        quoted = tour.quotes(asked)
        if words in quoted if words else "night bus" not in quoted:
            return
        await asyncio.sleep(3)
    tour.check(False, f"{what}: {quoted!r}")


def unbold(text: str) -> str:
    """Return a text without the marks of bold words."""
    return text.replace("**", "")


def _labels(message: Any) -> list[str]:
    return [one["label"] for one in message.buttons]


async def author(tour: Tour) -> None:
    """The author of a message refuses to have it saved; a helper saves a message of their own, and undoes it."""
    place = tour.channel("authors")
    message = tour.discord.post(tour.member, "The museum of Gull Island is free on Sundays.", place)
    preview = await tour.menu(tour.moderator, texts.SAVE_AS_ARTICLE, message)
    await tour.click(tour.moderator, preview.response, texts.ASK_AUTHOR_BUTTON, shows=False)
    await tour.until(lambda: any(texts.NO_BUTTON in _labels(one) for one in tour.posts(place)), "request to the author")
    request = tour.posts(place)[-1]
    refused = await tour.click(tour.moderator, request, texts.YES_BUTTON)
    tour.check(texts.WORDS_NOT_YOURS in refused.text, f"consent by another: {refused.text!r}")
    await tour.click(tour.member, request, texts.NO_BUTTON, shows=False)
    own = tour.discord.post(tour.helper, "The museum of Gull Island opens at nine.", place)
    preview = await tour.menu(tour.helper, texts.SAVE_AS_ARTICLE, own)
    await tour.click(tour.helper, preview.response, texts.YES_BUTTON, shows=False)
    await tour.until(lambda: texts.REMOVE_WORDS_BUTTON in _labels(preview.response), "own words saved")
    await tour.click(tour.helper, preview.response, texts.REMOVE_WORDS_BUTTON, shows=False)


async def collections(tour: Tour) -> None:
    """A channel is limited to a collection, and a question names one."""
    place = tour.channel("harbour")
    for title, name in (("The ferry to Gull Island", "Harbour"), ("Spring Fair", "Fairs")):
        tagged = await tour.slash(tour.editor, "article tag", {"article": title, "collections": name})
        tour.check(name in tagged.text, f"tag: {tagged.text!r}")
    limited = await tour.slash(tour.admin, "config channel", {"channel": place, "collections": "Harbour"})
    tour.check("Harbour" in limited.text, f"limit: {limited.text!r}")
    inside, outside = await tour.ask(tour.member, FERRY, place), await tour.ask(tour.member, LAMP, place)
    tour.check("leaves at seven" in tour.quotes(inside), f"in a limited channel: {inside.text!r}")
    tour.check("Mira Holt" not in outside.text, f"outside the collection: {outside.text!r}")
    named = await tour.ask(tour.member, GATES, tour.channel("open"), collection="Fairs")
    tour.check("at 10" in tour.quotes(named), f"a named collection: {named.text!r}")
    other = await tour.slash(tour.member, "ask", {"question": GATES, "collection": "Fairs"}, place)
    tour.check("Ask in another channel" in other.text, f"a collection of elsewhere: {other.text!r}")
    listed = await tour.slash(tour.member, "library list", {"collection": "Fairs"})
    tour.check("Spring Fair" in listed.text and "ferry" not in listed.text, f"list: {listed.text!r}")


async def pins(tour: Tour) -> None:
    """A moderator pins words, which come first until they are unpinned."""
    place, question = tour.channel("pins"), "What does a ticket to the island cost?"
    options = {"question": question, "article": "The ferry to Gull Island", "words": "Tickets cost four coins."}
    preview = await tour.slash(tour.moderator, "pin add", options, place)
    await tour.click(tour.moderator, preview.response, texts.PIN_BUTTON)
    asked = await tour.ask(tour.member, question, place)
    tour.check(texts.CHOSEN in asked.text, f"a pinned quote: {asked.text!r}")
    listed = await tour.slash(tour.moderator, "pin list", place=place)
    tour.check("ticket" in listed.text, f"pins: {listed.text!r}")
    offered = await tour.discord.autocomplete(tour.moderator, "pin remove", "pin", "", channel=place)
    removed = await tour.slash(tour.moderator, "pin remove", {"pin": offered.choices[0]["value"]}, place)
    tour.check("Unpinned" in removed.text, f"unpin: {removed.text!r}")


async def without_history(tour: Tour) -> None:
    """Where the bot may not read the history, it answers without a reply."""
    place = tour.channel("no-history")
    tour.discord.server.deny(place, tour.discord.server.bot, "read_message_history")
    asked = await tour.mention(tour.member, LAMP, place)
    tour.check(asked.response and asked.response.reply_to is None, f"without the history: {asked.text!r}")


async def digest(tour: Tour) -> None:
    """A vote that an answer did not help arrives in the digest channel, with its reason."""
    asked = await tour.ask(tour.member, LAMP, tour.channel("votes"))
    form = await tour.click(tour.member, asked.response, texts.UNHELPFUL_BUTTON, shows=False)
    await tour.submit(tour.member, form, {texts.REASON_LABEL: ["outdated"]})
    await tour.until(lambda: any("Not helpful" in one.text for one in tour.posts(tour.staff)), "vote", 150)


async def about(tour: Tour) -> None:
    """The commands that everybody has, and those with which an admin looks after the server."""
    for who, commands in (
        (tour.member, ("about", "help", "privacy", "library list")),
        (tour.moderator, ("help", "insights stats", "insights gaps", "insights why", "pin list")),
        (tour.editor, ("help", "article history", "article progress", "article export")),
        (tour.admin, ("help", "config check", "config channel", "config setup")),
    ):
        for command in commands:
            done = await tour.slash(who, command)
            tour.check(done.ephemeral, f"/{command} is public: {done.text!r}")
    shown = await tour.slash(tour.member, "library show", {"article": "The lamp of Gull Island"})
    tour.check("Mira Holt" in shown.text, f"/library show: {shown.text!r}")


async def roles(tour: Tour) -> None:
    """Each role tries what it may not."""
    await tour.refused()


AT_NOON: Final[Mapping[str, Any]] = {
    flow.__name__: flow
    for flow in (
        small_talk, edits, several, which, wanted, human, author, collections, pins, without_history, digest, about,
        roles,
    )
}  # fmt: skip
"""The flows that run side by side while the busy server is busy."""


async def pausing(tour: Tour) -> None:
    """While the bot is paused nobody is answered; then everybody is."""
    await tour.slash(tour.admin, "config pause", {"duration": 60})
    refused = await tour.discord.slash(tour.member, "ask", {"question": LAMP}, channel=tour.place, quiet=1.0)
    tour.check("paused" in refused.text, f"paused: {refused.text!r}")
    await tour.slash(tour.admin, "config resume")
    asked = await tour.ask(tour.member, LAMP)
    tour.check("Mira Holt" in tour.quotes(asked), f"resumed: {asked.text!r}")


async def leaving(tour: Tour) -> None:
    """The settings are reset, which asks before, and a member is forgotten."""
    asked = await tour.slash(tour.admin, "config reset")
    await tour.click(tour.admin, asked.response, texts.RESET_BUTTON)
    await tour.until(lambda: unlinked(texts.RESET_DONE) in unlinked(asked.text), f"reset: {asked.text!r}")
    forgotten = await tour.slash(tour.member, "forget")
    tour.check("deleted your questions" in forgotten.text, f"forget: {forgotten.text!r}")
    left = await tour.slash(tour.member, "privacy")
    tour.check("0" in left.text, f"privacy: {left.text!r}")
