"""Reading on below an answer: further quotes, the quote in its context, and its sources."""

from __future__ import annotations

from dataclasses import replace

import pytest
import simcord

from cogs.answers.more_quotes import ContextButton, MoreButton, ReadTab, SourcesButton
from cogs.core.async_store import AsyncStore
from cogs.ui.answer_card import notice_card
from cogs.ui.layout import message_body
from i18n import texts
from index.models import Span
from qa.outcome import AlsoIn, Answer
from settings import Settings
from tests.cogs.reader import read_quotes
from tests.cogs.reading_on import read_on
from tests.cogs.stored_articles import FIRST, SENTENCES, TEXT, StockedAnswers, remove, stock
from tests.cogs.ui.test_components import answers as answers  # noqa: PLC0414 - a fixture
from tests.cogs.ui.test_components import given_answer
from tests.cogs.visible_text import PUBLIC, shown

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)


async def test_more_quotes_in_pages(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    """Anyone can read the further quotes, in pages of one private message; the answer does not change."""
    asked = await alice.slash(channel, "ask", question="Who?")
    before = shown(asked.response)

    first = await read_on(bob, asked.response, texts.QUOTES_BUTTON)
    opened = shown(first.response)
    second = await bob.click(first.response, label=texts.NEXT_BUTTON)
    turned = shown(second.response)
    await bob.click(first.response, label=texts.BACK_BUTTON)

    assert first.response.ephemeral
    assert [quote.text for quote in read_quotes(opened)] == [span.of(TEXT) for span in SENTENCES[3:6]]
    assert [quote.text for quote in read_quotes(turned)] == [SENTENCES[6].of(TEXT)]
    assert texts.MORE_FOOTER.format(page=2, pages=2) in turned
    assert shown(first.response) == opened
    assert shown(asked.response) == before


async def test_more_begins_with_the_steps_that_follow(
    settings: Settings, answers: StockedAnswers, channel: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    """If a quote has only the first steps of a list, the button for more shows the others first."""
    steps = [f"{number}. Turn wheel {number}, then wait for the sound of the bell." for number in range(1, 20)]
    text = "\n".join(steps)
    answers.article_id = stock(settings.data_dir, text, key="steps", title="Wheels")
    span = Span(0, text.index("\n3."))
    quote = replace(answers.quote(span, 0.9), text=span.of(text), highlights=(), more_steps=17)
    answers.outcome = lambda asked: Answer(asked.question, 0.9, (quote,), 1.0)  # type: ignore[method-assign]

    asked = await alice.slash(channel, "ask", question="How?")
    assert texts.MORE_STEPS.format(count=17) in shown(asked.response)
    first = await alice.click(asked.response, label=texts.MORE_BUTTON)

    assert "\n".join(quote.text for quote in read_quotes(shown(first.response))) == "\n".join(steps[2:])


async def test_in_context(channel: simcord.ChannelHandle, alice: simcord.MemberActor) -> None:
    """A quote is shown bold in its paragraph, with its neighbours as separate quotes and the heading above."""
    asked = await alice.slash(channel, "ask", question="Who?")

    first = await alice.click(asked.response, label=texts.MORE_BUTTON)
    seen = read_quotes(shown(first.response))
    third = await alice.click(first.response, label=texts.NEXT_BUTTON)
    third = await alice.click(first.response, label=texts.NEXT_BUTTON)

    assert first.response.ephemeral
    assert [quote.text for quote in seen] == TEXT.split("\n\n")[:2]
    assert seen[0].bold == (SENTENCES[0].of(TEXT),)
    assert seen[1].bold == ()
    assert "-# History\n>" in shown(first.response)
    read = read_quotes(shown(third.response))
    assert [quote.text for quote in read] == [part.rstrip("\n") for part in TEXT.split("\n\n") if part != "Today"]
    assert [quote.bold for quote in read] == [(), (SENTENCES[2].of(TEXT),), ()]


@pytest.mark.parametrize("label", [texts.QUOTES_BUTTON, texts.CONTEXT_BUTTON])
@pytest.mark.parametrize("replaced", [True, False])
async def test_changed_source(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    answers: StockedAnswers,
    settings: Settings,
    label: str,
    replaced: bool,
) -> None:
    """If the article was replaced or removed, the page says so and quotes nothing."""
    asked = await alice.slash(channel, "ask", question="Who?")
    if replaced:
        stock(settings.data_dir, TEXT.replace("1871", "1901"))
    else:
        remove(settings.data_dir, answers.article_id)

    opened = await read_on(alice, asked.response, label)

    assert "source has changed" in shown(opened.response)
    assert read_quotes(shown(opened.response)) == []


@pytest.mark.parametrize("kind", [MoreButton, ContextButton, SourcesButton])
async def test_nothing_more(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    store: AsyncStore,
    kind: type[MoreButton | ContextButton | SourcesButton],
) -> None:
    """A button that is still shown although an edit left nothing to read on says so."""
    given = given_answer(guild_id=simcord_env.guild.id, channel_id=channel.id, quotes=(), shown=0)
    key = await store.run(lambda: store.database.keep(given))
    item = kind(key)
    sent = await simcord_env.bot.get_channel(channel.id).send(**message_body(notice_card("old"), [[item]]).send_kwargs)

    pressed = await alice.click(sent, label=item.item.label)

    assert pressed.response.content == texts.NOTHING_MORE


async def test_sources(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    settings: Settings,
    answers: StockedAnswers,
) -> None:
    """Anyone can see, privately, the source of each quote and the other articles that contain the same."""
    other = stock(settings.data_dir, f"A copy.\n\n{FIRST}\n", title="The copy", key="copy")
    gone = stock(settings.data_dir, f"Gone.\n\n{FIRST}\n", title="Gone", key="gone")
    remove(settings.data_dir, gone)
    place = "A copy.\n\n"
    near_duplicates = [
        AlsoIn(key, "", "", len(place), len(place) + len(SENTENCES[0].of(TEXT)), "shared") for key in (other, gone)
    ]
    quote = answers.quote
    answers.quote = lambda span, confidence: replace(  # type: ignore[method-assign]
        quote(span, confidence), also_in=tuple(near_duplicates) if span == SENTENCES[0] else ()
    )
    asked = await alice.slash(channel, "ask", question="Who?")

    opened = await read_on(bob, asked.response, texts.SOURCES_BUTTON)

    assert opened.response.ephemeral
    said = shown(opened.response)
    assert said.count("**[The lighthouse](<https://example.org/light#:~:text=") == 3
    assert "**Quote 1**\n-# **[The lighthouse](<https://" in said
    assert "-# **[The copy](<https://example.org/light#:~:text=" in said
    assert ")** · paragraph 2 of 2" in said
    assert "Gone" not in said
    assert texts.SOURCES_FOOTER.format(page=1, pages=1) in said


async def test_sources_that_are_gone(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, settings: Settings, answers: StockedAnswers
) -> None:
    """The page says so if an article no longer contains a quote."""
    asked = await alice.slash(channel, "ask", question="Who?")
    remove(settings.data_dir, answers.article_id)

    opened = await read_on(alice, asked.response, texts.SOURCES_BUTTON)

    assert shown(opened.response).count(texts.SOURCE_CHANGED) == 3


async def test_tabs_of_one_private_message(
    channel: simcord.ChannelHandle, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    """Context, sources and further quotes are tabs of one private message; the one that is open cannot be pressed."""
    asked = await alice.slash(channel, "ask", question="Who?")

    opened = await bob.click(asked.response, label=texts.MORE_BUTTON)
    seen = {}
    for label in (texts.SOURCES_BUTTON, texts.QUOTES_BUTTON, texts.CONTEXT_BUTTON):
        turned = await bob.click(opened.response, label=label)
        (tabs, *_) = [row for row in turned.response.components if row["type"] == 1]
        disabled = [item["label"] for item in tabs["components"] if item["disabled"]]
        seen[label] = (shown(turned.response).split("**")[1], turned.response.id == opened.response.id, disabled)

    assert seen == {
        texts.SOURCES_BUTTON: ("Sources.", True, [texts.SOURCES_BUTTON]),
        texts.QUOTES_BUTTON: ("More quotes.", True, [texts.QUOTES_BUTTON]),
        texts.CONTEXT_BUTTON: ("In context.", True, [texts.CONTEXT_BUTTON]),
    }


@pytest.mark.parametrize(
    ("kind", "says"), [(MoreButton, "More quotes."), (ContextButton, "In context."), (SourcesButton, "Sources.")]
)
async def test_buttons_of_earlier_messages(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    kind: type[MoreButton | ContextButton | SourcesButton],
    says: str,
) -> None:
    """Messages of earlier versions have a button for each of the tabs, which opens it."""
    await alice.slash(channel, "ask", question="Who?")
    item = kind(1)
    sent = await simcord_env.bot.get_channel(channel.id).send(**message_body(notice_card("old"), [[item]]).send_kwargs)

    pressed = await alice.click(sent, label=item.item.label)

    assert pressed.response.ephemeral
    assert f"**{says}**" in shown(pressed.response)


def test_a_forged_tab() -> None:
    """A tab that does not exist leads to one that does."""
    assert ReadTab(1, 9999).tab in set(type(ReadTab(1, 0).tab))
