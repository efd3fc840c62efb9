"""Uploads hold a bounded number of bytes in memory, and those of one server leave room for others."""

from __future__ import annotations

import pytest

from cogs.articles.held_bytes import HeldBytes
from cogs.core.job_queue import BusyError
from i18n import texts

_IMPORT = 50_000_000  # bytes of the largest upload


def test_one_server_leaves_room_for_others() -> None:
    """A second large upload of a server is refused until the first was read; three servers may have one each."""
    held = HeldBytes()
    with held.hold(1, _IMPORT):
        with pytest.raises(BusyError, match=texts.BUSY), held.hold(1, _IMPORT):
            pass
        with held.hold(2, _IMPORT), held.hold(3, _IMPORT), held.hold(1, 10_000_000):
            with pytest.raises(BusyError, match=texts.BUSY), held.hold(4, _IMPORT):
                pass
            with held.hold(4, 10_000_000):
                pass
    with held.hold(1, _IMPORT):
        pass


def test_an_upload_that_fails_holds_nothing() -> None:
    """Its bytes are free again, whatever was wrong with it."""
    held = HeldBytes()
    for _ in range(5):
        with pytest.raises(ValueError, match="damaged"), held.hold(1, _IMPORT):
            raise ValueError("damaged")
