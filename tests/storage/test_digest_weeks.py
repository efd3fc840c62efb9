"""Which digests were sent is remembered by their week."""

from __future__ import annotations

from storage.database import Database
from storage.digest_weeks import RETRY_SECONDS
from storage.schema import digests
from tests.storage.test_staff_messages import GUILD


def test_a_week_is_claimed_once(store: Database) -> None:
    """The first week is left out, a failure is tried again later and five times, and weeks go forward."""
    weeks = store.digest_weeks

    def later() -> None:
        with store.writing() as db:
            db.execute(digests.update().values(tried_at=digests.c.tried_at - (RETRY_SECONDS + 1)))

    assert weeks.claim_week(GUILD, "2026-11-23") == 0
    assert weeks.claim_week(GUILD, "2026-11-30") == 1
    assert weeks.week_sent(GUILD, "2026-11-30")
    assert not weeks.week_sent(GUILD, "2026-11-30")
    assert weeks.claim_week(GUILD, "2026-11-30") == 0

    tried = []
    for _ in range(7):
        tried.append(weeks.claim_week(GUILD, "2026-12-07"))
        tried.append(weeks.claim_week(GUILD, "2026-12-07"))
        later()
    assert tried == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 0, 0, 0, 0]
    assert weeks.claim_week(GUILD, "2026-11-30", settled=False) == 0
    assert weeks.claim_week(GUILD, "2026-12-14") == 1
