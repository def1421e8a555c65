"""What a conversion costs this process, beside the same gateway calls made with bare aiohttp.

Mock gateway and store are processes of their own, so the CPU time here is the client's. In each
round ours and bare runs alternate over the same number of calls (counted at the mock), and the
median of the rounds counts: a busy machine shifts both alike.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import aiohttp

from adapters.contract import Placement
from benchmarks.gateways import (
    CallCounter,
    Recorder,
    RecordingMocks,
    SignedCall,
    in_flight,
    send_bare,
)
from bot.app import open_app
from bot.convert.outcome import Earner
from bot.demo.mocks import MockPlatforms
from bot.settings import ConvertSettings, Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence

    from bot.app import App, Mocks

__all__ = ["Case", "Rig", "measure", "open_rig", "rows_of"]

GOAL = 0.25
"""Our CPU on top of the bare calls', as a share of theirs."""
ROUNDS = 9
ITEMS = 60
"""Conversions of a platform, case and round."""
IN_FLIGHT = 24

LINKS: Mapping[str, str] = {
    "taobao": "https://item.taobao.com/item.htm?id={}",
    "jd": "https://item.jd.com/{}.html",
    "pinduoduo": "https://mobile.yangkeduo.com/goods.html?goods_id={}",
}
"""Links that name their item: all gateway calls of a conversion are signed API calls."""
FIRST_ITEM = 610_000_000_000

FIRST = Earner(promoter_id="p1", chat="bench:main:1", channel="bench")
SECOND = Earner(promoter_id="p2", chat="bench:main:1", channel="bench")


@dataclass(frozen=True, slots=True)
class Case:
    """One of the three; `earner` asks for items that those of the cases before it asked for."""

    name: str
    earner: Earner


CASES = (
    Case("nothing cached", FIRST),
    Case("offer cached", SECOND),
    Case("both cached", SECOND),
)


ALONE = "adapter alone"
"""What of the first case is the adapter's: for information, it has no goal of its own."""


@dataclass(slots=True)
class Sample:
    """Seconds of CPU and of the clock for one run, and the gateway calls in it."""

    cpu: float
    wall: float
    calls: int


@dataclass(slots=True)
class Series:
    """The rounds of one case; `bare` stays empty where there was no gateway call."""

    conversions: int
    ours: list[Sample] = field(default_factory=list)
    bare: list[Sample] = field(default_factory=list)


@dataclass(slots=True)
class Rig:
    """The application against the mocks, and recorded calls for each platform and case."""

    app: App
    counter: CallCounter
    session: aiohttp.ClientSession
    recorded: dict[tuple[str, str], list[SignedCall]]
    _items: int = FIRST_ITEM

    def texts(self, platforms: Sequence[str], count: int) -> list[str]:
        """Messages with one link each, of items never asked for before, the platforms in turn."""
        texts = []
        for platform in islice(cycle(platforms), count):
            self._items += 7
            texts.append(LINKS[platform].format(self._items))
        return texts

    async def ours(self, texts: Sequence[str], earner: Earner) -> Sample:
        """Convert all of them."""
        await self.counter.start()
        sample = await timed([partial(convert, self.app, text, earner) for text in texts])
        sample.calls = await self.counter.calls()
        return sample

    async def adapters(self, texts: Sequence[str]) -> Sample:
        """The platform calls of all of them, without cache, store and links of ours."""
        await self.counter.start()
        sample = await timed([partial(ask_adapter, self.app, text) for text in texts])
        sample.calls = await self.counter.calls()
        return sample

    async def bare(self, calls: Sequence[SignedCall], count: int) -> Sample:
        """Send as many calls as ours needed."""
        await self.counter.start()
        sample = await timed(
            [partial(send_bare, self.session, call) for call in islice(cycle(calls), count)]
        )
        sample.calls = await self.counter.calls()
        return sample


async def convert(app: App, text: str, earner: Earner) -> None:
    """One message; a conversion that fails would make every figure worthless."""
    conversion = await app.converter.convert(text, earner)
    assert len(conversion.converted) == 1, f"not converted: {text}"


async def ask_adapter(app: App, text: str) -> None:
    """Resolve, offer and promote by the adapter alone."""
    (match,) = app.recogniser.recognise(text)
    adapter = app.platforms[match.platform].adapter
    pid = adapter.settings.house_pid()
    placement = Placement(account="main", pid=pid, promoter_tag="p1", sub_id="1111111")
    await adapter.promote(await adapter.offer(await adapter.resolve(match)), placement)


async def timed(work: Sequence[Callable[[], Coroutine[None, None, Any]]]) -> Sample:
    """CPU and time of running all of it, with collected garbage out of the way."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    await in_flight(IN_FLIGHT, work)
    return Sample(time.process_time() - cpu, time.perf_counter() - wall, 0)


def _settings(folder: Path) -> Settings:
    """No rate of our own, and no page is opened to look up an owner: gateway calls are measured."""
    sections = {platform: {"calls_per_second": 10_000} for platform in LINKS}
    return Settings(
        data_dir=folder, platforms=sections, convert=ConvertSettings(look_up_owner=False)
    )


def _open(folder: Path, mocks: Mocks) -> Any:  # noqa: ANN401 - an asynccontextmanager's own type
    return open_app(
        _settings(folder), mocks, base_url="http://127.0.0.1:9", operator=lambda _message: False
    )


async def _record(folder: Path, platforms: Sequence[str], count: int) -> dict[Any, Any]:
    """The signed calls of each platform and case."""
    recorded: dict[tuple[str, str], list[SignedCall]] = {}
    async with Recorder().serving() as recorder, _open(folder, RecordingMocks(recorder)) as app:
        for platform in platforms:
            texts = [LINKS[platform].format(FIRST_ITEM - 7 * number) for number in range(count)]
            await convert(app, texts.pop(), FIRST)  # what an account pays once is paid here
            recorder.take()
            for case in CASES:
                for text in texts:
                    await convert(app, text, case.earner)
                recorded[platform, case.name] = recorder.take()
    return recorded


@asynccontextmanager
async def open_rig(platforms: Sequence[str], items: int) -> AsyncIterator[Rig]:
    """Store, mocks and application in a folder that is gone afterwards."""
    # The guardian ends its store about a second after we have left: it may still write.
    with tempfile.TemporaryDirectory(prefix="taoke-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        recorded = await _record(folder, platforms, items + 1)
        async with _open(folder, MockPlatforms()) as app, aiohttp.ClientSession() as session:
            counter = CallCounter(session, str(app.mock_url))
            yield Rig(app, counter, session, recorded)


async def _round(rig: Rig, platforms: Sequence[str], series: Mapping[str, Series]) -> None:
    """The three cases over the same fresh items, ours and bare one after the other."""
    texts = rig.texts(platforms, series[CASES[0].name].conversions)
    for case in CASES:
        sample = await rig.ours(texts, case.earner)
        series[case.name].ours.append(sample)
        if sample.calls:
            calls = _mixed([rig.recorded[platform, case.name] for platform in platforms])
            series[case.name].bare.append(await rig.bare(calls, sample.calls))
    alone = await rig.adapters(rig.texts(platforms, len(texts)))
    calls = _mixed([rig.recorded[platform, CASES[0].name] for platform in platforms])
    series[ALONE].ours.append(alone)
    series[ALONE].bare.append(await rig.bare(calls, alone.calls))


def _series(items: int) -> dict[str, Series]:
    return {name: Series(items) for name in (*(case.name for case in CASES), ALONE)}


def _mixed(lists: Sequence[Sequence[SignedCall]]) -> list[SignedCall]:
    """The calls of several platforms in turn, each in proportion to how many it needs."""
    places = [
        ((index + 0.5) / len(calls), call) for calls in lists for index, call in enumerate(calls)
    ]
    return [call for _, call in sorted(places, key=lambda place: place[0])]


def rows_of(label: str, series: Mapping[str, Series]) -> list[dict[str, Any]]:
    """Two rows for each case: CPU, which has the goal, and conversions a second."""
    rows = []
    for name, found in series.items():
        title = f"convert {label}, {name}"
        cpu = median(sample.cpu for sample in found.ours) / found.conversions * 1e6
        rate = found.conversions / median(sample.wall for sample in found.ours)
        calls = median(sample.calls for sample in found.ours) / found.conversions
        if found.bare:
            top = median(
                ours.cpu / bare.cpu - 1 for ours, bare in zip(found.ours, found.bare, strict=True)
            )
            share = rate / (found.conversions / median(sample.wall for sample in found.bare))
            against = f"{calls:.3g} bare aiohttp calls"
            goal = None if name == ALONE else GOAL
            rows.append(_row(title, (cpu, "us CPU"), f"{against}, on top", top, goal))
            rows.append(_row(title, (rate, "a second"), against, share, None))
        else:
            rows.append(_row(title, (cpu, "us CPU"), "gateway calls", calls, 0.0))
            rows.append(_row(title, (rate, "a second"), "", None, None))
    return rows


def _row(
    name: str, measured: tuple[float, str], against: str, ratio: float | None, goal: float | None
) -> dict[str, Any]:
    value, unit = measured
    ratio = None if ratio is None else round(ratio, 3)
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "against": against,
        "ratio": ratio,
        "goal": goal,
        "ok": goal is None or (ratio is not None and ratio <= goal),
    }


async def _measure(rounds: int, items: int, platforms: Sequence[str]) -> list[dict[str, Any]]:
    groups = {platform: (platform,) for platform in platforms} | {"all": tuple(platforms)}
    results = {label: _series(items) for label in groups}
    async with open_rig(platforms, items) as rig:
        for members in groups.values():  # connections, leases and code are warm then
            await _round(rig, members, _series(items))
        for _ in range(rounds):
            for label, members in groups.items():
                await _round(rig, members, results[label])
    return [row for label, series in results.items() for row in rows_of(label, series)]


def measure(
    rounds: int = ROUNDS, items: int = ITEMS, platforms: Sequence[str] = tuple(LINKS)
) -> list[dict[str, Any]]:
    """Rows of name, value, unit, against, ratio, goal and ok."""
    return asyncio.run(_measure(rounds, items, platforms))
