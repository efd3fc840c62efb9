"""`/library list`, `search` and `show`, `/article remove` and `refresh`."""

from __future__ import annotations

from pathlib import Path

import pytest
import simcord

from cogs.articles.article_service import ArticleService
from cogs.bot import VerbatimBot
from cogs.core.async_store import AsyncStore
from cogs.services import Resources
from i18n import texts
from settings import Settings
from tests.cogs.reader import read_quotes
from tests.cogs.stored_articles import TEXT, remove, stock
from tests.cogs.visible_text import PUBLIC, buttons_of, shown
from tests.index.site import Reply, Site

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

OLD = "The harbour opens in May. Mira Holt keeps the light and counts the gulls every morning."
NEW = "The harbour opens in June. Mira Holt keeps the light and counts the gulls every morning."


@pytest.fixture
def own(simcord_env: simcord.Env, channel: simcord.ChannelHandle) -> str:
    """Return the name of the server's own library."""
    return f"guild-{simcord_env.guild.id}"


def titles(store: AsyncStore, library: str) -> list[str]:
    """Return the titles in a library, newest first."""
    return store._thread.submit(lambda: [one.title for one in store.read_only.titles([library])]).result()


async def test_pages_of_ten(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, settings: Settings, own: str
) -> None:
    """The list shows ten articles per page, the server's own first, each newest first, and no other server's."""
    stock(settings.data_dir, title="Light of all")
    stock(settings.data_dir, title="Not yours", library="guild-1")
    for number in range(11):
        stock(settings.data_dir, f"Text {number}.", title=f"*Own* {number}", key=str(number), library=own)

    first = await boss.slash(channel, "library list")
    lines = shown(first.response).splitlines()
    await boss.click(first.response, label=texts.NEXT_BUTTON)
    second = shown(first.response)
    await boss.click(first.response, label=texts.BACK_BUTTON)

    assert first.response.ephemeral
    assert [line.partition(" · ")[0] for line in lines[1:11]] == [f"**\\*Own\\* {10 - at}**" for at in range(10)]
    assert "8 characters" in lines[1]
    assert lines[11] == "-# Page 1 of 2 · articles: 12"
    assert "Own\\* 0" in second
    assert "Light of all" in second
    assert second.count(texts.ARTICLE_SHARED_MARK) == 1
    assert "Not yours" not in second
    assert shown(first.response).splitlines() == lines


async def test_ten_long_titles_fit(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, settings: Settings, own: str
) -> None:
    """Ten titles of the greatest length that consist of characters to escape still fit into one message."""
    for number in range(10):
        stock(settings.data_dir, f"Text {number}.", title="*" * 300, key="k" * number, library=own)

    found = await boss.slash(channel, "library list")

    assert 1000 < len(shown(found.response)) <= 4000


async def test_search(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    settings: Settings,
    own: str,
    resources: Resources,
) -> None:
    """All pages of a list show matches of the search only, after a restart too."""
    for number in range(12):
        stock(settings.data_dir, f"Ferry {number}.", title=f"Ferry {number}", key=f"f{number}", library=own)
    stock(settings.data_dir, "Be kind.", title="Rules", key="r", library=own)

    one = await boss.slash(channel, "library search", title="RULS")
    many = await boss.slash(channel, "library search", title="ferry")
    await boss.click(many.response, label=texts.NEXT_BUTTON)
    page = shown(many.response)
    await simcord_env.restart_bot(VerbatimBot(resources))
    turned = await boss.click(many.response, label=texts.BACK_BUTTON)

    assert "**Rules**" in shown(one.response)
    assert buttons_of(one.response) == []
    assert "**Ferry 0**" in page
    assert "Rules" not in page
    assert turned.followups == []
    assert "**Ferry 11**" in shown(many.response)
    assert "Rules" not in shown(many.response)


@pytest.mark.parametrize("search", [None, "nothing of the kind"])
async def test_nothing_to_list(channel: simcord.ChannelHandle, boss: simcord.MemberActor, search: str | None) -> None:
    """An empty library and a search without matches each have a message."""
    found = await (
        boss.slash(channel, "library search", title=search) if search else boss.slash(channel, "library list")
    )

    assert (texts.ARTICLE_LIST_NOTHING if search else texts.ARTICLE_LIST_EMPTY) in shown(found.response)


async def test_show(channel: simcord.ChannelHandle, boss: simcord.MemberActor, settings: Settings, own: str) -> None:
    """An article is chosen by autocomplete and shown with its source and length; the excerpt is verbatim."""
    stock(settings.data_dir)
    long = "The ferry leaves at seven. " * 200
    stock(settings.data_dir, long, title="Ferry", key="f", library=own)

    (choice,) = await boss.autocomplete(channel, "library show", "article", "light")
    short = await boss.slash(channel, "library show", article=choice["value"])
    cut = await boss.slash(channel, "library show", article="Ferry")

    assert short.response.ephemeral
    assert f"{len(TEXT)} characters" in shown(short.response)
    assert "https://example.org/light" in shown(short.response)
    assert read_quotes(shown(short.response))[0].text == TEXT.strip()
    assert long.startswith(read_quotes(shown(cut.response))[0].text)
    assert texts.CUT_AFTER in shown(cut.response)


async def test_remove(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    own: str,
    store: AsyncStore,
    article_service: ArticleService,
    resources: Resources,
) -> None:
    """Removing needs a confirmation, which works after a restart; *Cancel* keeps the article, and once is enough."""
    draft = await article_service.reader.read_text(simcord_env.guild.id, "Rules", "Be kind.", "pasted text")
    await article_service.add(simcord_env.guild.id, draft)
    kept = await boss.slash(channel, "article remove", article="rules")
    await boss.click(kept.response, label=texts.CANCEL_BUTTON)
    before = titles(store, own)
    asked = await boss.slash(channel, "article remove", article="rules")
    again = await boss.slash(channel, "article remove", article="rules")
    await simcord_env.restart_bot(VerbatimBot(resources))
    await boss.click(asked.response, label=texts.ARTICLE_REMOVE_BUTTON)
    late = await boss.click(again.response, label=texts.ARTICLE_REMOVE_BUTTON)

    assert before == ["Rules"]
    assert texts.ARTICLE_CANCELLED in shown(kept.response)
    assert titles(store, own) == []
    assert "Removed: **Rules**" in shown(asked.response)
    assert buttons_of(asked.response) == []
    assert [told.content for told in late.followups] == [texts.ARTICLE_REMOVED_BEFORE]


@pytest.mark.parametrize("command", ["remove", "refresh"])
async def test_shared_articles_stay(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, settings: Settings, store: AsyncStore, command: str
) -> None:
    """A shared article is suggested but cannot be removed or refreshed; another server's is unknown."""
    stock(settings.data_dir)
    other = stock(settings.data_dir, "Not yours.", title="Theirs", key="t", library="guild-1")

    (choice,) = await boss.autocomplete(channel, f"article {command}", "article", "")
    shared = await boss.slash(channel, f"article {command}", article=choice["value"])
    theirs = await boss.slash(channel, f"article {command}", article=f"guild-1:{other}")

    assert shared.response.content == texts.ARTICLE_NOT_OWN.format(article="**The lighthouse**")
    assert theirs.response.content == texts.NO_SUCH_ARTICLE
    assert titles(store, "shared") == ["The lighthouse"]


async def test_refresh(
    simcord_env: simcord.Env,
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    store: AsyncStore,
    article_service: ArticleService,
    site: Site,
    own: str,
) -> None:
    """A page is fetched again: it is kept if unchanged, replaced if changed; a failure is one sentence."""
    site.page("/news", OLD)
    await article_service.add(
        simcord_env.guild.id, await article_service.reader.inspect(simcord_env.guild.id, f"{site.url}/news", None)
    )

    said = []
    listing = f"<urlset><url><loc>{site.url}/other</loc></url></urlset>".encode()
    site.page("/other", "Another page altogether, of which nobody on this server has ever asked anything.")
    for reply in (None, NEW, Reply(b"", 404), Reply(listing, headers={"Content-Type": "application/xml"})):
        if isinstance(reply, str):
            site.page("/news", reply)
        elif reply:
            site.pages["/news"] = reply
        refreshed = await boss.slash(channel, "article refresh", article="news")
        said.append(shown(refreshed.response))
    article = await store.run(lambda: store.read_only.article(own, store.read_only.titles([own])[0].article_id))

    assert said[0].startswith("Unchanged: ")
    assert said[1].startswith("Replaced by the new version: ")
    assert "has no such page; check the address" in said[2]
    assert "This is a sitemap or feed" in said[3]
    assert titles(store, own) == ["/news"]
    assert article is not None
    assert NEW in article.text


async def test_refresh_opens_no_file(
    channel: simcord.ChannelHandle,
    boss: simcord.MemberActor,
    settings: Settings,
    own: str,
    tmp_path: Path,
    store: AsyncStore,
) -> None:
    """An article from a file, the operator's or an uploaded one, is not refreshed; the message says what to do."""
    path = tmp_path / "rules.txt"
    path.write_text("Secret now.", encoding="utf-8")
    stock(settings.data_dir, "Be kind.", title="Rules", key=str(path), library=own)

    refreshed = await boss.slash(channel, "article refresh", article="rules")

    assert refreshed.response.content == texts.ARTICLE_NO_ADDRESS.format(article="**Rules**")
    assert titles(store, own) == ["Rules"]


async def test_gone_while_it_was_chosen(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, settings: Settings, own: str
) -> None:
    """An article that another process has removed in the meantime is reported as not found in one sentence."""
    key = stock(settings.data_dir, "Be kind.", title="Rules", key="r", library=own)
    remove(settings.data_dir, key, own)

    found = await boss.slash(channel, "library show", article=f"{own}:{key}")

    assert found.response.content == texts.NO_SUCH_ARTICLE
