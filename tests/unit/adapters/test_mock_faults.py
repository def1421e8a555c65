"""Faults: which call gets which, and what the transport does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from adapters.mock.faults import KINDS, FaultQueue, FaultRule
from adapters.mock.values import Fault
from tests.unit.adapters.mock_tiny import Client, running, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = await running()
    yield client
    await client.close()


def test_a_rule_is_used_up_by_its_count() -> None:
    queue = FaultQueue()
    queue.add(FaultRule(platform="jd", method="convert", kind="throttled", count=2))
    assert queue.take("jd", "search") is None
    assert queue.take("taobao", "convert") is None
    assert queue.take("jd", "convert") == Fault(kind="throttled", args={})
    assert queue.take("jd", "convert") is not None
    assert queue.take("jd", "convert") is None
    assert queue.rules == []


def test_rules_are_used_in_order_and_may_be_meant_for_all() -> None:
    queue = FaultQueue()
    queue.add(FaultRule(platform="jd", method="*", kind="html"))
    queue.add(
        FaultRule(platform="*", method="convert", kind="slow", count=None, args={"seconds": "2"})
    )
    first = queue.take("jd", "convert")
    assert first is not None
    assert first.kind == "html"
    for _ in range(5):
        assert queue.take("jd", "convert") == Fault(kind="slow", args={"seconds": "2"})
    queue.clear()
    assert queue.take("jd", "convert") is None


@pytest.mark.parametrize("count", [0, -3])
def test_a_count_below_one_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        FaultRule(platform="jd", method="*", kind="html", count=count)


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="clock_skew, duplicate_page"):
        FaultRule(platform="jd", method="*", kind="flood")


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        *(("slow", "seconds", value) for value in ("x", "", "-1", "nan", "inf", "1e9", "１")),
        ("throttled", "seconds", "x"),
        *(("http_5xx", "status", value) for value in ("x", "200", "99999")),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused(kind: str, name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"args.{name} is a"):
        FaultRule(platform="jd", method="*", kind=kind, args={name: value})


def test_the_world_hands_them_out() -> None:
    here = world()
    here.faults.add(FaultRule(platform="jd", method="*", kind="quota"))
    assert here.fault("jd", "anything") == Fault(kind="quota")
    assert here.fault("jd", "anything") is None


async def set_fault(client: Client, kind: str, **args: str) -> None:
    body = {"platform": "tiny", "method": "convert", "kind": kind, "args": args}
    assert (await client.json("POST", "/_control/faults", json=body))[0] == 200


async def convert(client: Client) -> tuple[int, str]:
    return await client.text("POST", "/tiny/api", data={"item_id": "1", "sub_id": "s"})


async def test_reset_breaks_the_connection_and_only_once(client: Client) -> None:
    await set_fault(client, "reset")
    with pytest.raises(aiohttp.ClientConnectionError):
        await convert(client)
    assert (await convert(client))[0] == 200


async def test_5xx_html_and_torn_answers(client: Client) -> None:
    await set_fault(client, "http_5xx")
    await set_fault(client, "http_5xx", status="503")
    await set_fault(client, "html")
    await set_fault(client, "torn")
    assert (await convert(client))[0] == 502
    assert (await convert(client))[0] == 503
    status, page = await convert(client)
    assert (status, page[:9]) == (200, "<!DOCTYPE")
    status, half = await convert(client)
    assert (status, half[0]) == (200, "{")
    assert "}" not in half


async def test_slow_waits_and_goes_on(client: Client) -> None:
    await set_fault(client, "slow", seconds="0.05")
    status, answer = await convert(client)
    assert status == 200
    assert "/t.example/" in answer


async def test_slow_is_slow(client: Client) -> None:
    await set_fault(client, "slow")
    with pytest.raises(TimeoutError):
        await client.text("POST", "/tiny/api", timeout=aiohttp.ClientTimeout(total=0.05))


async def test_the_other_kinds_are_the_gateways_own(client: Client) -> None:
    for kind in sorted(KINDS - {"slow", "reset", "http_5xx", "html", "torn"}):
        await set_fault(client, kind, right="x")
        status, answer = await client.json("POST", "/tiny/api")
        assert (status, answer) == (200, {"error": kind, "right": "x"})
