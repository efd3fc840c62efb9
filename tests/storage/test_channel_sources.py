"""Channel sources: how far each was read never goes back, and pending messages stay until they are settled."""

from __future__ import annotations

from index.incremental import finish
from storage.channel_sources import ChannelSource
from storage.database import Database

SOURCE = ChannelSource(13, 42, None, running=True)


def test_reading_never_goes_back(store: Database) -> None:
    """A channel was read up to the highest message that was recorded."""
    sources = store.channel_sources
    sources.put(SOURCE)

    sources.advance(13, 20)
    sources.advance(13, 15)

    assert sources.all()[0].read_to == 20


def test_pending_messages(store: Database) -> None:
    """A pending message is stored once, with its last kind, until it is settled."""
    sources = store.channel_sources
    sources.put(SOURCE)

    sources.postpone(13, [1, 2], new=True, read_to=2)
    sources.postpone(13, [2], new=False)
    noted = sources.pending()
    sources.settle(13, [1])

    assert noted == {13: {1: True, 2: False}}
    assert sources.pending() == {13: {2: False}}
    assert sources.all()[0].read_to == 2


def test_pending_messages_go_with_their_channel(store: Database) -> None:
    """Neither a channel that is no source any more nor a server that was left keeps some."""
    sources = store.channel_sources
    sources.put(SOURCE)
    sources.put(ChannelSource(14, 42, None, running=True))
    sources.postpone(13, [1], new=True)
    sources.postpone(14, [2], new=True)

    sources.drop(13)
    left = sources.pending()
    finish(store.forget_server_in_steps(42))

    assert left == {14: {2: True}}
    assert sources.pending() == {}
