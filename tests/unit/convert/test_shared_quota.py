from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import fakeredis
import pytest

from adapters.errors import QuotaUsedUp
from bot.convert.quota import SharedQuota
from bot.redis.connection import Script, Store
from bot.redis.errors import StoreUnavailable
from bot.redis.keys import Keys
from tests.unit.links.link_rig import SetClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.redis.connection import Part

FRIDAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 20, 16, tzinfo=UTC)
"""The end of the Beijing day."""


class Still:
    """Real time that stands still."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


class Counting(Store):
    """Counts trips, and can be down."""

    trips = 0
    down = False

    async def call(self, script: Script, keys: Sequence[str], args: Sequence[Part] = ()) -> Any:
        self.trips += 1
        if self.down:
            raise StoreUnavailable("down")
        return await super().call(script, keys, args)

    async def run(self, *parts: Part) -> Any:
        if self.down:
            raise StoreUnavailable("down")
        return await super().run(*parts)


class Rig:
    """Quotas of one account, each as in a process of its own."""

    def __init__(self, store: Store) -> None:
        self.store = Counting(store.client, store.keys)
        self.clock = SetClock(NOON)
        self.time = Still()
        self.told: list[tuple[int, int, int]] = []

    def quota(self, per_second: int = 20, daily: int | None = None, **more: Any) -> SharedQuota:
        return SharedQuota(
            self.store,
            platform=more.get("platform", "jd"),
            account=more.get("account", "main"),
            clock=self.clock,
            calls_per_second=per_second,
            daily_calls=daily,
            told=lambda percent, used, budget: self.told.append((percent, used, budget)),
            time=self.time,
        )


@pytest.fixture
def rig(store: Store) -> Rig:
    return Rig(store)


async def test_half_a_seconds_calls_go_at_once_then_at_the_rate(rig: Rig) -> None:
    quota = rig.quota(20)
    waits = [await quota.take() for _ in range(20)]
    assert waits[:10] == [0] * 10
    for n in range(10, 20):
        assert waits[n] == pytest.approx((n - 9) / 20, abs=0.04)


async def test_an_idle_second_is_not_saved_up(rig: Rig) -> None:
    quota = rig.quota(4)
    await quota.take()
    rig.time.at += 100
    waits = [await quota.take() for _ in range(4)]
    assert waits[0] == 0
    assert waits[3] > 0.2


async def test_processes_share_the_rate(rig: Rig) -> None:
    one, other = rig.quota(20), rig.quota(20)
    waits = [await quota.take() for _ in range(20) for quota in (one, other)]
    # Forty calls at twenty a second, half a second's worth at once: the last waits a second and a half.
    assert max(waits) == pytest.approx(1.5, abs=0.3)


async def test_platforms_and_accounts_are_apart(rig: Rig) -> None:
    accounts: list[dict[str, Any]] = [{}, {"platform": "taobao"}, {"account": "second"}]
    for more in accounts:
        quota = rig.quota(4, **more)
        assert [await quota.take() for _ in range(2)] == [0, 0]


async def test_a_trip_serves_several_calls(rig: Rig) -> None:
    quota = rig.quota(20)
    await asyncio.gather(*(quota.take() for _ in range(10)))
    assert rig.store.trips == 2
    assert await quota.used(FRIDAY) == 10


async def test_the_budget_of_the_day(rig: Rig) -> None:
    quota = rig.quota(1000, daily=10)
    for _ in range(10):
        await quota.take()
    for _ in range(2):
        with pytest.raises(QuotaUsedUp) as refused:
            await quota.take()
        assert refused.value.until == MIDNIGHT
    trips = rig.store.trips
    with pytest.raises(QuotaUsedUp):
        await rig.quota(1000, daily=10).take()
    assert rig.store.trips == trips + 1
    with pytest.raises(QuotaUsedUp):
        await quota.take()
    assert rig.store.trips == trips + 1  # known without asking
    assert await quota.used(FRIDAY) == 10


async def test_a_new_day_starts_at_beijing_midnight(rig: Rig) -> None:
    quota = rig.quota(1000, daily=2)
    await quota.take()
    await quota.take()
    with pytest.raises(QuotaUsedUp):
        await quota.take()
    rig.clock.at = MIDNIGHT
    await quota.take()
    assert await quota.used(FRIDAY + timedelta(days=1)) == 1


async def test_calls_leased_yesterday_are_not_used_today(rig: Rig) -> None:
    quota = rig.quota(20)
    await quota.take()
    rig.clock.at = MIDNIGHT
    await quota.take()
    assert await quota.used(FRIDAY) == quota.chunk
    assert await quota.used(FRIDAY + timedelta(days=1)) == quota.chunk


async def test_processes_share_the_last_calls(rig: Rig) -> None:
    quotas = [rig.quota(1000, daily=30) for _ in range(3)]
    allowed = 0
    refused = 0
    for _ in range(20):
        for quota in quotas:
            try:
                await quota.take()
                allowed += 1
            except QuotaUsedUp:
                refused += 1
    assert allowed == 30
    assert refused == 30


async def test_80_and_100_percent_are_told_once(rig: Rig) -> None:
    quotas = [rig.quota(1000, daily=10) for _ in range(2)]
    for _ in range(8):
        for quota in quotas:
            try:
                await quota.take()
            except QuotaUsedUp:
                continue
    assert rig.told == [(80, 8, 10), (100, 10, 10)]


async def test_nobody_needs_to_be_told(rig: Rig) -> None:
    quota = SharedQuota(
        rig.store, platform="jd", account="main", clock=rig.clock, calls_per_second=9, daily_calls=1
    )
    assert await quota.take() == 0
    await quota.close()


async def test_the_platform_says_it_is_used_up(rig: Rig) -> None:
    quota, other = rig.quota(20), rig.quota(20)
    await quota.take()
    until = NOON + timedelta(hours=1)
    await quota.exhausted(until)
    for asked in (quota, other):
        with pytest.raises(QuotaUsedUp) as refused:
            await asked.take()
        assert refused.value.until == until
    rig.clock.at = until
    assert await quota.take() >= 0
    assert await other.take() >= 0


async def test_a_used_up_quota_is_told(rig: Rig) -> None:
    heard: list[str] = []
    quota = SharedQuota(
        rig.store,
        platform="jd",
        account="main",
        clock=rig.clock,
        calls_per_second=9,
        daily_calls=None,
        refused=lambda: heard.append("used up"),
    )
    await quota.exhausted(MIDNIGHT)
    assert heard == ["used up"]


async def test_what_was_not_used_is_given_back(rig: Rig) -> None:
    quota = rig.quota(20)
    await quota.take()
    assert await quota.used(FRIDAY) == quota.chunk
    await quota.close()
    assert await quota.used(FRIDAY) == 1
    await quota.close()
    assert await quota.used(FRIDAY) == 1


async def test_without_the_store_the_local_rate_holds(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(Store(fakeredis.FakeAsyncRedis(decode_responses=True, protocol=2), Keys()))
    quota = rig.quota(4, daily=1)
    rig.store.down = True
    waits = [await quota.take() for _ in range(4)]
    assert waits == pytest.approx([0, 0, 0.25, 0.5])
    assert "calls are not counted" in caplog.text
    await quota.exhausted(NOON + timedelta(hours=1))
    assert "are not told" in caplog.text
    with pytest.raises(QuotaUsedUp):
        await quota.take()
    rig.store.down = False
    rig.clock.at += timedelta(hours=1)
    await quota.take()
    assert await quota.used(FRIDAY) == 1
    await rig.store.close()


async def test_leased_calls_stay_counted_without_the_store(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig(Store(fakeredis.FakeAsyncRedis(decode_responses=True, protocol=2), Keys()))
    quota = rig.quota(20)
    await quota.take()
    rig.store.down = True
    await quota.close()
    assert f"{quota.chunk - 1} leased calls stay counted" in caplog.text
    rig.store.down = False
    await rig.store.close()
