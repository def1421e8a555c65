from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.redis.counting import Committer
from bot.redis.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


class Sink:
    """Takes batches; can be down, and can hold a batch up."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, list[int]]] = []
        self.tries = 0
        self.down = 0
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def commit(self, number: int, events: Sequence[int]) -> None:
        self.tries += 1
        await self.open.wait()
        if self.down:
            self.down -= 1
            raise StoreUnavailable("down")
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        self.batches.append((number, list(events)))


async def test_events_of_one_moment_are_one_batch() -> None:
    sink = Sink()
    committer = Committer(sink.commit)
    done = [committer.add(n) for n in range(5)]
    assert committer.waiting == 5
    assert await asyncio.gather(*done) == [True] * 5
    assert sink.batches == [(1, [0, 1, 2, 3, 4])]
    assert committer.waiting == 0
    await committer.close()


async def test_batches_are_bounded_and_in_order() -> None:
    sink = Sink()
    committer = Committer(sink.commit, max_batch=3)
    for n in range(8):
        committer.add(n)
    await committer.flush()
    assert sink.batches == [(1, [0, 1, 2]), (2, [3, 4, 5]), (3, [6, 7])]
    await committer.flush()
    await committer.close()


async def test_a_batch_on_its_way_does_not_grow() -> None:
    sink = Sink()
    sink.open.clear()
    committer = Committer(sink.commit, linger=0)
    committer.add(1)
    while not sink.tries:
        await asyncio.sleep(0)
    committer.add(2)
    sink.open.set()
    await committer.flush()
    assert sink.batches == [(1, [1]), (2, [2])]
    await committer.close()


async def test_a_failed_batch_is_repeated_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    sink = Sink()
    sink.down = 3
    committer = Committer(sink.commit, linger=0, backoff=0.01)
    first = committer.add(1)
    while not sink.tries:
        await asyncio.sleep(0)
    committer.add(2)
    assert await first
    await committer.flush()
    assert sink.batches == [(1, [1]), (2, [2])]
    assert sink.tries == 5
    assert caplog.text.count("counting waits for the store") == 1
    await committer.close()


async def test_a_batch_that_cannot_be_counted_does_not_stop_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink = Sink()
    sink.error = ValueError("a mistake in the program")
    committer = Committer(sink.commit, max_batch=2)
    bad, _, good = (committer.add(n) for n in range(3))
    async with asyncio.timeout(5):
        assert not await bad
        assert await good
    assert sink.batches == [(2, [2])]
    assert (committer.dropped, committer.waiting) == (2, 0)
    assert "2 events could not be counted" in caplog.text
    assert await committer.add(3)
    await committer.close()


async def test_memory_is_bounded() -> None:
    sink = Sink()
    sink.open.clear()
    committer = Committer(sink.commit, max_waiting=2)
    kept = [committer.add(n) for n in range(4)]
    assert [future.done() and not future.result() for future in kept] == [False, False, True, True]
    assert committer.dropped == 2
    sink.open.set()
    await committer.close()
    assert sink.batches == [(1, [0, 1])]


async def test_close_commits_at_once_and_ends_the_long_wait() -> None:
    sink = Sink()
    sink.down = 2
    committer = Committer(sink.commit, linger=3600, backoff=3600)
    done = committer.add(1)
    async with asyncio.timeout(5):
        await committer.close()
    assert done.result()
    assert sink.batches == [(1, [1])]


async def test_patience_ends(caplog: pytest.LogCaptureFixture) -> None:
    sink = Sink()
    sink.down = 1000
    committer = Committer(sink.commit)
    done = committer.add(1)
    await committer.close(patience=0.01)
    assert not done.result()
    assert committer.dropped == 1
    assert "1 events were not counted" in caplog.text
    assert not await committer.add(2)
    await committer.close()


async def test_closing_what_was_never_used() -> None:
    committer = Committer(Sink().commit)
    await committer.close()
    await committer.close()


async def test_an_ignored_future_is_no_warning() -> None:
    sink = Sink()
    committer = Committer(sink.commit)
    committer.add(1)
    await committer.close()
    assert sink.batches


def test_writers_have_names_of_their_own() -> None:
    assert Committer(Sink().commit).writer != Committer(Sink().commit).writer
