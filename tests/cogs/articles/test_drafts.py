"""Promises of what waits for a member's decision: for its owner only, once, and letter for letter after a restart."""

from __future__ import annotations

import asyncio

import pytest

from cogs.articles.draft_kinds import IMPORTS, PREVIEWS, SEARCHES, Preview
from cogs.articles.draft_texts import pack_drafts
from cogs.articles.drafts import Confirmation, Owner, PendingStore
from cogs.articles.export_files import PendingImport
from cogs.core.async_store import AsyncStore
from i18n import texts
from index.incremental import finish
from index.models import Draft, Link, Section, UserError

_ALICE = Owner(server_id=1, member_id=7)
_PLACE = Confirmation(2, 3, "token", 4.0, plain=False, language="de")


def draft(text: str, **values: object) -> Draft:
    """Return a draft with a text."""
    return Draft("key", "shown", "Title", text, None, (Section(0, len(text), "A > B"),), **values)  # type: ignore[arg-type]


async def test_values_come_back_as_they_were(store: AsyncStore) -> None:
    """Every field of a draft, texts beyond Unicode's planes and a lone surrogate included."""
    whole = Preview(
        draft(
            "Zwölf 🛶 Boote\n\ud800",
            author="Ann",
            language="de",
            pages=(0, 3),
            origin="https://example.org/",
            version="5",
            removed=2,
            times=(1, 2),
            missing_pages=("2", "Index"),
            characters=40,
            links=(Link(0, 5, "https://example.org/a"),),
        ),
        "page 2 is missing",
    )
    bare = Preview(draft("x"))
    previews = PendingStore(store, PREVIEWS)

    for value in (whole, bare):
        assert await previews.get(await previews.put(value, _ALICE), _ALICE) == value


async def test_imports_come_back_as_they_were(store: AsyncStore) -> None:
    """The articles of an archive, with line breaks in their texts, are those that were shown."""
    drafts = [draft(text) for text in ("a\nb\n", "", "\n\n", "Ein Ü")]
    imports = PendingStore(store, IMPORTS)
    pending = PendingImport("", finish(pack_drafts(drafts)), len(drafts), packed=True)
    key = await imports.put(pending, _ALICE)

    found = await imports.take(key, _ALICE)
    _, articles = finish(found.read())
    assert found == pending
    assert [one.drafts for one in articles] == [(each,) for each in drafts]


async def test_a_replaced_value_keeps_its_id_and_a_dropped_one_stays_dropped(store: AsyncStore) -> None:
    """`replace` changes known values only."""
    searches = PendingStore(store, SEARCHES)
    key = await searches.put("a", _ALICE)
    await searches.replace(key, "b")
    assert await searches.get(key, _ALICE) == "b"

    await searches.discard(key)
    await searches.replace(key, "c")
    assert await searches.get(key, _ALICE) is None


async def test_a_value_is_for_its_owner_only(store: AsyncStore) -> None:
    """Another member, or the same one in another server, can neither read, take nor confirm it, even with its id."""
    searches = PendingStore(store, SEARCHES)
    key = await searches.put("a", _ALICE)

    for other, sentence in ((Owner(1, 8), texts.PREVIEW_NOT_YOURS), (Owner(2, 7), texts.PREVIEW_FORGOTTEN)):
        assert await searches.get(key, other) is None
        for use in (searches.own(key, other), searches.take(key, other), searches.confirm(key, other, _PLACE)):
            with pytest.raises(UserError, match=sentence):
                await use
    with pytest.raises(UserError, match=texts.PREVIEW_NOT_YOURS):
        await searches.drop(key, Owner(1, 8))
    assert not await searches.drop(key, Owner(2, 7))

    assert await searches.own(key, _ALICE) == await searches.take(key, _ALICE) == "a"
    assert await searches.get(key, _ALICE) is None


async def test_one_kind_is_not_another(store: AsyncStore) -> None:
    """The id of a search does not open a preview."""
    key = await PendingStore(store, SEARCHES).put("a", _ALICE)

    assert await PendingStore(store, PREVIEWS).get(key, _ALICE) is None


async def test_only_one_press_counts(store: AsyncStore) -> None:
    """Of two presses at the same time one confirms; it is found again after a restart, until it is discarded."""
    searches = PendingStore(store, SEARCHES)
    key = await searches.put("a", _ALICE)

    pressed = await asyncio.gather(*(searches.confirm(key, _ALICE, _PLACE) for _ in range(2)), return_exceptions=True)
    assert [str(one) for one in pressed] == ["None", texts.PREVIEW_FORGOTTEN]
    assert await searches.interrupted() == []  # it is being carried out here
    store.drafts.process = "started later"
    assert [(one.id, one.owner, one.confirmation) for one in await searches.interrupted()] == [(key, _ALICE, _PLACE)]
    assert await searches.confirmed(key) == "a"

    await searches.discard(key)
    assert await searches.confirmed(key) is None
    assert await searches.interrupted() == []


async def test_a_large_preview_does_not_hold_up_the_event_loop(store: AsyncStore) -> None:
    """Two million characters with ten thousand sections are encoded, stored and read on another thread."""
    text = "Ein Satz über Boote. " * 95_000
    sections = tuple(Section(200 * number, 200 * number + 199, f"Heading {number}") for number in range(9_000))
    large = Preview(Draft("key", "shown", "Title", text, None, sections))
    previews, ended = PendingStore(store, PREVIEWS), asyncio.Event()

    async def turns_of_the_loop() -> int:
        turns = 0
        while not ended.is_set():
            await asyncio.sleep(0)
            turns += 1
        return turns

    watching = asyncio.create_task(turns_of_the_loop())
    key = await previews.put(large, _ALICE)
    found = await previews.take(key, _ALICE)
    ended.set()

    assert found == large
    assert await watching > 10  # the loop ran meanwhile
