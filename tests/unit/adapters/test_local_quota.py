"""LocalQuota: a token bucket and a Beijing day's budget, without a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.errors import QuotaUsedUp
from adapters.quota import LocalQuota, NoQuota

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""Noon in Beijing; its day ends at 16:00 UTC."""


class Times:
    """Two clocks that a test moves."""

    def __init__(self) -> None:
        self.business = NOON
        self.real = 1000.0

    def quota(self, rate: int = 5, daily: int | None = None) -> LocalQuota:
        return LocalQuota(rate, daily, lambda: self.business, monotonic=lambda: self.real)


async def test_a_full_bucket_is_spent_at_once_and_then_calls_queue() -> None:
    times = Times()
    quota = times.quota(rate=5)
    waits = [await quota.take() for _ in range(8)]
    assert waits == pytest.approx([0, 0, 0, 0, 0, 0.2, 0.4, 0.6])


async def test_the_bucket_fills_again_up_to_one_seconds_calls() -> None:
    times = Times()
    quota = times.quota(rate=5)
    for _ in range(5):
        await quota.take()
    times.real += 0.4
    assert [await quota.take() for _ in range(3)] == pytest.approx([0, 0, 0.2])
    times.real += 3600
    assert [await quota.take() for _ in range(6)] == pytest.approx([0, 0, 0, 0, 0, 0.2])


async def test_the_days_budget_ends_at_beijing_midnight() -> None:
    times = Times()
    quota = times.quota(rate=100, daily=2)
    await quota.take()
    await quota.take()
    with pytest.raises(QuotaUsedUp) as caught:
        await quota.take()
    assert caught.value.until == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert quota.used == 2
    times.business = caught.value.until
    await quota.take()
    assert quota.used == 1


async def test_the_platforms_own_word_counts_until_its_time_and_is_not_shortened() -> None:
    times = Times()
    quota = times.quota()
    await quota.exhausted(NOON + timedelta(hours=2))
    await quota.exhausted(NOON + timedelta(hours=1))
    times.business = NOON + timedelta(hours=1, minutes=59)
    with pytest.raises(QuotaUsedUp) as caught:
        await quota.take()
    assert caught.value.until == NOON + timedelta(hours=2)
    assert quota.used == 0
    times.business = NOON + timedelta(hours=2)
    assert await quota.take() == 0


async def test_real_time_drives_the_bucket_unless_told_otherwise() -> None:
    quota = LocalQuota(1, None, lambda: NOON)
    assert await quota.take() == 0
    assert 0 < await quota.take() <= 1


async def test_no_quota_only_counts_until_it_is_told() -> None:
    quota = NoQuota()
    assert [await quota.take() for _ in range(3)] == [0, 0, 0]
    assert quota.calls == 3
    await quota.exhausted(NOON)
    with pytest.raises(QuotaUsedUp):
        await quota.take()
    assert quota.calls == 3
