"""Tests of the sliding-window counter."""

from __future__ import annotations

import pytest

from storage.models import RateLimit
from storage.rate_limits import RateLimiter

PAIR = RateLimit(2, 60)


@pytest.mark.parametrize(
    ("quota", "asked_at", "now", "wait"),
    [
        (PAIR, [], 0, 0),
        (PAIR, [0], 0, 0),
        (PAIR, [0, 0], 0, 60),
        (PAIR, [0, 10], 20, 40),
        (PAIR, [0, 10], 59.5, 0.5),
        (PAIR, [0, 10], 60, 0),
        (PAIR, [0, 50, 60], 61, 49),
        (RateLimit(0, 60), [0] * 100, 0, 0),
        (RateLimit(1, 600), [0], 100, 500),
    ],
)
def test_waiting(
    monkeypatch: pytest.MonkeyPatch, quota: RateLimit, asked_at: list[float], now: float, wait: float
) -> None:
    """At most `count` events are allowed in any period; the wait ends when the oldest one leaves the period."""
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    limits = RateLimiter()
    for at in asked_at:
        clock[0] = at
        limits.wait("key", quota)
        limits.count(("key", quota))

    clock[0] = now

    assert limits.wait("key", quota) == pytest.approx(wait)
    assert limits.wait("other", quota) == 0


def test_old_keys_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys without recent events are deleted when there are more than twice as many as counted last, or a thousand."""
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    limits = RateLimiter()
    for key in range(5000):
        limits.count((("old", key), PAIR))

    clock[0] = 3601.0
    for key in range(6000):
        limits.count((("new", key), PAIR))
    clock[0] = 7202.0
    for key in range(12_000):
        limits.count((key, PAIR))

    assert set(limits._times) == set(range(12_000))
