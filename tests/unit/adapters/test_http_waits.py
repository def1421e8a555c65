"""Told to wait, the day's calls, and the circuit: when nothing is sent at all."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from adapters.errors import (
    ItemNotPromotable,
    PlatformUnavailable,
    QuotaUsedUp,
    RateLimited,
)
from adapters.http import CircuitBreaker, LocalQuota, NoQuota, load_json
from adapters.times import next_beijing_midnight
from tests.unit.adapters.scripted_gateway import Gateway, api, gateway, just, silence

if TYPE_CHECKING:
    from tests.unit.adapters.scripted_gateway import Api

OK = just({"ok": True})
BAD = just({}, status=502)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""Noon in Beijing."""


def parse(body: bytes) -> object:
    """What a platform's own error answers become."""
    answer = load_json(body)
    match answer:
        case {"wait": wait}:
            raise RateLimited("busy", None if wait is None else float(wait))
        case {"used_up": True}:
            raise QuotaUsedUp("used up", next_beijing_midnight(NOON))
        case {"refused": True}:
            raise ItemNotPromotable("no commission")
    return answer


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_named_wait_is_honoured_by_this_call_and_by_all_others() -> None:
    async with gateway() as server, api(server) as shop:
        server.script(just({"wait": "0.1"}), OK)
        start = now()
        first = asyncio.create_task(shop.call(parse))
        await server.asked.wait()
        while shop.client._not_before == 0.0:
            await asyncio.sleep(0)
        assert await shop.call(parse, retry=False) == {"ok": True}
        assert now() - start >= 0.1
        assert await first == {"ok": True}
        assert server.count == 3


async def test_a_wait_past_the_deadline_is_not_slept() -> None:
    async with gateway() as server, api(server, timeout=2) as shop:
        server.script(just({"wait": "30"}))
        start = now()
        with pytest.raises(RateLimited, match="busy"):
            await shop.call(parse)
        with pytest.raises(RateLimited, match="told to wait") as caught:
            await shop.call(parse)
        assert now() - start < 1
        assert 29 < (caught.value.retry_after or 0) <= 30
        assert server.count == 1


async def test_the_platforms_own_word_outlives_a_silence_after_it() -> None:
    async with gateway() as server, api(server, timeout=0.5) as shop:
        server.script(just({"wait": "0.05"}), silence)
        with pytest.raises(RateLimited, match="busy"):
            await shop.call(parse)
        assert server.count == 2


async def test_without_a_named_wait_the_next_attempt_comes_soon() -> None:
    async with gateway() as server, api(server) as shop:
        server.script(just({"wait": None}), OK)
        assert await shop.call(parse) == {"ok": True}


@pytest.mark.parametrize(
    ("header", "wait"), [("7", 7.0), ("soon", None), ("999999", None), ("-1", None), ("٣", None)]
)
async def test_a_proxys_retry_after_counts_in_seconds(header: str, wait: float | None) -> None:
    async with gateway() as server, api(server) as shop:
        server.script(just({}, status=429, Retry_After=header))
        with pytest.raises(RateLimited) as caught:
            await shop.call(retry=False)
        assert caught.value.retry_after == wait


class Slow(NoQuota):
    """A quota whose turn comes later."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait

    async def take(self) -> float:
        await super().take()
        return self.wait


async def test_our_own_rate_is_waited_for_within_the_deadline() -> None:
    async with gateway() as server, api(server, quota=Slow(0.05)) as shop:
        start = now()
        await shop.call()
        assert now() - start >= 0.05


async def test_our_own_rate_past_the_deadline_is_refused_at_once() -> None:
    async with gateway() as server, api(server, quota=Slow(60)) as shop:
        with pytest.raises(RateLimited, match="our own rate") as caught:
            await shop.call()
        assert caught.value.retry_after == 60
        assert server.count == 0


async def test_the_deadline_holds_for_a_quota_that_hangs_and_does_not_blame_the_platform() -> None:
    class Stuck(NoQuota):
        async def take(self) -> float:
            await asyncio.Event().wait()
            return 0.0

    async with gateway() as server, api(server, quota=Stuck(), timeout=0.05) as shop:
        with pytest.raises(PlatformUnavailable, match="no answer in time"):
            await shop.call()
        assert shop.client.breaker.failures == 0


async def test_every_attempt_is_counted() -> None:
    quota = NoQuota()
    async with gateway() as server, api(server, quota=quota) as shop:
        server.script(BAD, BAD, OK)
        await shop.call()
        assert quota.calls == 3


async def test_used_up_is_remembered_until_beijing_midnight() -> None:
    times = [NOON]
    quota = LocalQuota(1000, None, lambda: times[-1])
    async with gateway() as server, api(server, quota=quota) as shop:
        server.script(just({"used_up": True}), OK)
        with pytest.raises(QuotaUsedUp):
            await shop.call(parse)
        times.append(datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC))
        with pytest.raises(QuotaUsedUp) as caught:
            await shop.call(parse)
        assert caught.value.until == datetime(2026, 11, 22, 16, tzinfo=UTC)
        assert server.count == 1
        times.append(datetime(2026, 11, 22, 16, tzinfo=UTC))
        assert await shop.call(parse) == {"ok": True}


async def fail(shop: Api, times: int) -> None:
    for _ in range(times):
        with pytest.raises(PlatformUnavailable):
            await shop.call(retry=False)


async def test_five_failures_in_a_row_open_the_circuit() -> None:
    async with gateway() as server, api(server) as shop:
        server.script(BAD)
        await fail(shop, 5)
        with pytest.raises(PlatformUnavailable, match="circuit is open"):
            await shop.call()
        assert server.count == 5
        assert shop.client.breaker.is_open


async def test_an_open_circuit_ends_the_attempts_of_a_call() -> None:
    async with gateway() as server, api(server) as shop:
        server.script(BAD)
        await fail(shop, 4)
        with pytest.raises(PlatformUnavailable, match="502"):
            await shop.call()
        assert server.count == 5


async def test_an_open_circuit_costs_no_quota() -> None:
    quota = NoQuota()
    async with gateway() as server, api(server, quota=quota) as shop:
        server.script(BAD)
        await fail(shop, 6)
        assert quota.calls == 5


@pytest.mark.parametrize("answer", [{"ok": True}, {"refused": True}, {"wait": None}])
async def test_any_answer_of_the_platforms_own_begins_the_count_anew(answer: object) -> None:
    async with gateway() as server, api(server) as shop:
        server.script(BAD, BAD, BAD, BAD, just(answer), BAD)
        await fail(shop, 4)
        await asyncio.gather(shop.call(parse, retry=False), return_exceptions=True)
        await fail(shop, 4)
        assert not shop.client.breaker.is_open


async def opened(server: Gateway, shop: Api) -> None:
    """Five failures; the pause of the tests' breakers is over at once."""
    server.script(BAD)
    await fail(shop, 5)
    server.bodies.clear()


async def test_one_probe_is_let_through_and_closes_the_circuit() -> None:
    async with gateway() as server, api(server, breaker=CircuitBreaker(pause=0)) as shop:
        await opened(server, shop)
        server.script(OK)
        outcomes = await asyncio.gather(*(shop.call() for _ in range(5)), return_exceptions=True)
        assert [one for one in outcomes if not isinstance(one, Exception)] == [{"ok": True}]
        assert server.count == 1
        assert not shop.client.breaker.is_open
        assert await shop.call() == {"ok": True}


async def test_a_failed_probe_opens_the_circuit_again() -> None:
    async with gateway() as server, api(server, breaker=CircuitBreaker(pause=0)) as shop:
        await opened(server, shop)
        await fail(shop, 1)
        assert shop.client.breaker.is_open
        assert server.count == 1


async def test_a_cancelled_probe_gives_its_place_free() -> None:
    async with gateway() as server, api(server, breaker=CircuitBreaker(pause=0)) as shop:
        await opened(server, shop)
        server.script(silence, OK)
        server.asked.clear()
        probe = asyncio.create_task(shop.call())
        await server.asked.wait()
        with pytest.raises(PlatformUnavailable, match="circuit is open"):
            await shop.call()
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        assert shop.client.breaker.is_open
        assert await shop.call() == {"ok": True}


async def test_a_probe_without_an_answer_is_a_failure() -> None:
    breaker = CircuitBreaker(pause=0)
    async with gateway() as server, api(server, breaker=breaker, timeout=0.05) as shop:
        await opened(server, shop)
        server.script(silence, OK)
        failures = breaker.failures
        await fail(shop, 1)
        assert breaker.failures == failures + 1
        assert await shop.call() == {"ok": True}


async def test_a_late_failure_neither_ends_the_probe_nor_lengthens_the_pause() -> None:
    breaker = CircuitBreaker(threshold=1, pause=10)
    clock = [0.0]

    def trial() -> object:
        return breaker.trial(lambda: clock[0], lambda: False)

    late = trial()
    late.__enter__()  # type: ignore[attr-defined]  # a call that is still on its way
    with pytest.raises(PlatformUnavailable), trial():  # type: ignore[attr-defined]
        raise PlatformUnavailable("no answer")
    clock[0] = 9.0
    error = PlatformUnavailable("no answer either")
    assert not late.__exit__(type(error), error, None)  # type: ignore[attr-defined]
    with pytest.raises(PlatformUnavailable, match="circuit is open"):
        breaker.check(9.9)
    breaker.check(10.0)


async def test_a_cancelled_call_says_nothing_about_the_platform() -> None:
    async with gateway() as server, api(server) as shop:
        server.script(silence, OK)
        call = asyncio.create_task(shop.call())
        await server.asked.wait()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert shop.client.breaker.failures == 0
        assert await shop.call() == {"ok": True}
