"""Control end-points, over real sockets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.adapters.mock_tiny import Client, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = await running()
    yield client
    await client.close()


async def test_whose_a_link_is(client: Client) -> None:
    url = await client.promotion_link(item_id="77", sub_id="AbCdEf1")
    status, whose = await client.json("GET", "/_control/whose", params={"url": url})
    assert status == 200
    assert whose == {"platform": "tiny", "pid": "p_1", "sub_id": "AbCdEf1", "item_id": "77"}


@pytest.mark.parametrize("url", ["", "x", "https://item.jd.com/1.html", "{base}/t.example/nobody"])
async def test_whose_of_anything_else_is_404(client: Client, url: str) -> None:
    params = {"url": url.format(base=client.base_url)}
    status, answer = await client.json("GET", "/_control/whose", params=params)
    assert status == 404
    assert "no promotion link" in str(answer["error"])


async def test_faults_are_listed_and_cleared(client: Client) -> None:
    body = {"platform": "*", "kind": "slow", "count": None, "args": {"seconds": "3"}}
    status, answer = await client.json("POST", "/_control/faults", json=body)
    assert status == 200
    assert answer == {"faults": [{**body, "method": "*"}]}
    assert (await client.json("GET", "/_control/faults"))[1] == answer
    assert (await client.json("DELETE", "/_control/faults"))[1] == {"faults": []}


async def test_rights_and_profile(client: Client) -> None:
    world = client.server.world
    body = {"platform": "tiny", "right": "subUnionId", "granted": True}
    assert (await client.json("POST", "/_control/rights", json=body))[1] == body
    assert world.granted("tiny", "subUnionId", False)
    await client.json("POST", "/_control/rights", json={**body, "granted": None})
    assert not world.granted("tiny", "subUnionId", False)
    body = {"platform": "tiny", "profile": "strict"}
    assert (await client.json("POST", "/_control/profile", json=body))[1] == body
    assert world.profile("tiny") == "strict"


async def test_the_clock_moves_orders_and_coupons(client: Client) -> None:
    before = datetime.fromisoformat(str((await client.json("GET", "/_control/clock"))[1]["now"]))
    status, answer = await client.json("POST", "/_control/clock", json={"advance": "20d"})
    assert (status, answer["offset_seconds"]) == (200, 20 * 86_400)
    _, answer = await client.json("POST", "/_control/clock", json={"advance": 5})
    assert answer["offset_seconds"] == 20 * 86_400 + 5
    order = await client.buy(await client.promotion_link())
    created = datetime.fromisoformat(str(order["created_at"]))
    assert created - before >= timedelta(days=20)


async def test_an_orders_life(client: Client) -> None:
    order = await client.buy(await client.promotion_link(), quantity=2, pay=False)
    assert (order["status"], order["quantity"]) == ("unpaid", 2)
    assert order["attribution"] == {"pid": "p_1", "sub_id": "AbCdEf1"}
    path = f"/_control/orders/{order['order_id']}"
    for step, status in (("pay", "paid"), ("receive", "received"), ("settle", "settled")):
        assert (await client.json("POST", f"{path}/{step}"))[1]["status"] == status
    _, clawed = await client.json("POST", f"{path}/clawback", json={"amount": 3})
    assert (clawed["status"], clawed["taken_back"]) == ("settled", 3)
    _, listed = await client.json("GET", "/_control/orders", params={"platform": "tiny"})
    assert listed == {"orders": [clawed]}
    assert (await client.json("GET", "/_control/orders"))[1] == listed


async def test_buying_by_a_shop_page_or_without_a_link(client: Client) -> None:
    order = await client.buy(f"{client.base_url}/_shop/tiny/7")
    assert (order["item_id"], order["attribution"], order["clicked_at"]) == ("7", {}, None)


async def test_reset(client: Client) -> None:
    await client.buy(await client.promotion_link())
    assert (await client.json("POST", "/_control/reset"))[1] == {"reset": True}
    assert (await client.json("GET", "/_control/orders"))[1] == {"orders": []}


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("https://elsewhere.example/", "does not lie below"),
        ("{base}.example/", "does not lie below"),
        ("{base}/away.example/", "does not lie below"),
        ("{base}/page.example/", "leads to no shop page"),
        ("{base}/t.example/nobody", "leads to no shop page"),
        ("{base}/loop.example/", "on and on"),
        ("{base}/broken.example/", "broke off"),
        ("{base}/_shop/other/1", "platform is one of tiny"),
        ("{base}/_shop/tiny/900000000008", "off the shelf"),
    ],
)
async def test_buying_what_leads_to_no_item(client: Client, path: str, says: str) -> None:
    body = {"url": path.format(base=client.base_url)}
    status, answer = await client.json("POST", "/_control/buy", json=body)
    assert status == 400
    assert says in str(answer["error"])


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("faults", b"{", "JSON"),
        ("faults", b"\xff", "JSON"),
        ("faults", b"[]", "object"),
        ("faults", b"{}", "platform"),
        ("faults", b'{"platform": "tiny", "kind": "flood"}', "kind is one of"),
        ("faults", b'{"platform": "tiny", "kind": "slow", "count": 0}', "at least 1"),
        ("faults", b'{"platform": "tiny", "kind": "slow", "args": {"seconds": 1}}', "args.seconds"),
        (
            "faults",
            b'{"platform": "tiny", "kind": "slow", "args": {"seconds": "x"}}',
            "args.seconds",
        ),
        ("faults", b'{"platform": "other", "kind": "slow"}', "platform is one of tiny, *"),
        ("rights", b'{"platform": "tiny", "right": "x"}', "granted"),
        ("rights", b'{"platform": "*", "right": "x", "granted": true}', "platform is one of tiny"),
        ("profile", b'{"platform": "tiny", "profile": "mild"}', "lenient"),
        ("clock", b"{}", "advance"),
        ("clock", b'{"advance": "soon"}', "20d"),
        ("clock", b'{"advance": -5}', "20d"),
        ("clock", b'{"advance": true}', "advance"),
        ("buy", b'{"link": "x"}', "url"),
    ],
)
async def test_bad_bodies_get_one_sentence(
    client: Client, path: str, body: bytes, says: str
) -> None:
    status, answer = await client.json("POST", f"/_control/{path}", data=body)
    assert status == 400
    assert says in str(answer["error"])
    assert client.server.world.faults.rules == []


async def test_steps_that_cannot_be(client: Client) -> None:
    order = await client.buy(await client.promotion_link())
    path = f"/_control/orders/{order['order_id']}"
    for step, body, says in (
        ("settle", {}, "receive it first"),
        ("dance", {}, "a step is one of"),
        ("receive", {"amount": "5"}, "amount"),
    ):
        status, answer = await client.json("POST", f"{path}/{step}", json=body)
        assert status == 400
        assert says in str(answer["error"])
    assert (await client.json("POST", "/_control/orders/1/receive"))[0] == 404


async def test_unknown_paths_and_methods_answer_json(client: Client) -> None:
    assert (await client.json("GET", "/_control/nothing"))[0] == 404
    assert (await client.json("GET", "/_control/buy"))[0] == 405
    assert (await client.json("GET", "/_control/orders", params={"platform": "x"}))[0] == 400
