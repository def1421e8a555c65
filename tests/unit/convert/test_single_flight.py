"""One call for many callers, and nobody's giving up stops the others."""

from __future__ import annotations

import asyncio

import pytest

from bot.convert.single_flight import SingleFlight


class Work:
    """Counts its runs and waits to be let go."""

    def __init__(self) -> None:
        self.runs = 0
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.runs += 1
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return self.runs


async def test_callers_share_one_run_and_the_next_caller_starts_anew() -> None:
    flight: SingleFlight[int] = SingleFlight()
    work = Work()
    callers = [asyncio.create_task(flight.run("k", work)) for _ in range(5)]
    await asyncio.sleep(0)
    work.go.set()
    assert await asyncio.gather(*callers) == [1] * 5
    assert await flight.run("k", work) == 2


async def test_an_error_reaches_every_caller() -> None:
    flight: SingleFlight[int] = SingleFlight()
    work = Work()
    work.error = ValueError("no")
    callers = [asyncio.create_task(flight.run("k", work)) for _ in range(2)]
    await asyncio.sleep(0)
    work.go.set()
    for caller in callers:
        with pytest.raises(ValueError, match="no"):
            await caller


async def test_a_caller_who_gives_up_does_not_stop_the_others() -> None:
    flight: SingleFlight[int] = SingleFlight()
    work = Work()
    gives_up = asyncio.create_task(flight.run("k", work))
    stays = asyncio.create_task(flight.run("k", work))
    await asyncio.sleep(0)
    gives_up.cancel()
    await asyncio.sleep(0)
    work.go.set()
    assert await stays == 1
    assert gives_up.cancelled()


async def test_close_stops_what_runs() -> None:
    flight: SingleFlight[int] = SingleFlight()
    work = Work()
    caller = asyncio.create_task(flight.run("k", work))
    await asyncio.sleep(0)
    await flight.close()
    with pytest.raises(asyncio.CancelledError):
        await caller
