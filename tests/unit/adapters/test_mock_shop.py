"""The pages a buyer opens, over real sockets."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.unit.adapters.mock_tiny import Client, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = await running()
    yield client
    await client.close()


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_body = self.in_body or tag == "body"

    def handle_data(self, data: str) -> None:
        if self.in_body and data.strip():
            self.lines.append(data.strip())


def visible(page: str) -> list[str]:
    parser = _Visible()
    parser.feed(page)
    return parser.lines


def form_of(page: str) -> tuple[str, dict[str, str]]:
    action = re.search(r'<form method="post" action="([^"]+)"', page)
    assert action is not None
    fields = dict(re.findall(r'<input type="[a-z]+" name="([a-z]+)" value="([^"]*)"', page))
    return action[1], fields


async def test_from_the_promotion_link_to_the_order_that_carries_it(client: Client) -> None:
    url = await client.promotion_link(item_id="123456", sub_id="AbCdEf1")
    status, page = await client.text("GET", url)
    item = client.server.world.item("tiny", "123456")
    assert status == 200
    assert visible(page)[0].startswith("【演示数据】")
    assert item.title in page
    action, fields = form_of(page)
    assert fields["quantity"] == "1"
    status, page = await client.text("POST", action, data=fields)
    (order,) = client.server.world.all_orders()
    assert status == 200
    assert visible(page)[0].startswith("【演示数据】")
    assert f'<dd id="order-id">{order.order_id}</dd>' in page
    assert '<dd id="pid">p_1</dd>' in page
    assert '<dd id="sub-id">AbCdEf1</dd>' in page
    assert order.clicked_at is not None
    assert order.clicked_at <= order.created_at


@pytest.mark.parametrize(
    ("sent", "shown"),
    [('{"uid":"u1","sid":"s1"}', "s1"), ('{"uid":"u1"}', "u1"), ("{}", "{}"), ("123", "123")],
)
async def test_of_custom_parameters_the_finest_is_shown(
    client: Client, sent: str, shown: str
) -> None:
    order = await client.buy(await client.promotion_link(sub_id=sent))
    _, page = await client.text("GET", f"/_shop/order/{order['order_id']}")
    assert f'<dd id="sub-id">{shown}</dd>' in page


async def test_coupon_and_price_after_it(client: Client) -> None:
    world = client.server.world
    item = next(item for n in range(1, 99) if (item := world.item("tiny", str(n))).coupon)
    assert item.coupon is not None
    _, page = await client.text("GET", f"/_shop/tiny/{item.item_id}")
    due = item.price - item.coupon.amount
    assert (
        f"¥{due // 100}.{due % 100:02d} <s>¥{item.price // 100}.{item.price % 100:02d}</s>" in page
    )
    assert f"减{item.coupon.amount // 100}.00" in page
    assert "需凑单" not in page


async def test_scenarios_on_the_page(client: Client) -> None:
    _, page = await client.text("GET", "/_shop/tiny/900000000001")
    assert "没有可用的优惠券" in page
    _, page = await client.text("GET", "/_shop/tiny/900000000002")
    assert "没有可用的优惠券" in page
    _, page = await client.text("GET", "/_shop/tiny/900000000006")
    assert "需凑单" in page
    assert "<s>" not in page
    _, page = await client.text("GET", "/_shop/tiny/900000000008")
    assert "商品已下架" in page
    assert "<form" not in page


async def test_without_a_click_the_order_is_nobodys(client: Client) -> None:
    for click in ("", "unknown.1795368542", "no dot", "a.99999999999"):
        status, page = await client.text("POST", "/_shop/tiny/7/buy", data={"click": click})
        assert status == 200
        assert "不归任何人" in page
        assert '<dd id="pid">无</dd>' in page
        assert "点击时间" not in page


async def test_a_click_cannot_be_smuggled_into_the_page(client: Client) -> None:
    _, page = await client.text("GET", "/_shop/tiny/7", params={"click": '"><script>x</script>'})
    assert "<script" not in page
    assert 'name="click" value=""' in page


async def test_titles_and_attribution_are_escaped(client: Client) -> None:
    evil = '<img src=x onerror="1">'
    (item,) = client.server.world.search("tiny", evil, 1)
    assert evil in item.title
    url = await client.promotion_link(item_id=item.item_id, sub_id="<b>'\"&")
    _, page = await client.text("GET", url)
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    _, page = await client.text("POST", form_of(page)[0], data=form_of(page)[1])
    assert "<b>" not in page
    assert "<img" not in page
    assert '<dd id="sub-id">&lt;b&gt;&#39;&#34;&amp;</dd>' in page
    _, picture = await client.text("GET", f"/_shop/picture/tiny/{item.item_id}.svg")
    assert "<img" not in picture


@pytest.mark.parametrize("quantity", ["0", "1000", "many", ""])
async def test_an_odd_quantity_is_refused_with_a_way_back(client: Client, quantity: str) -> None:
    status, page = await client.text("POST", "/_shop/tiny/7/buy", data={"quantity": quantity})
    assert status == 400
    assert '<a href="/_shop/tiny/7">' in page
    assert client.server.world.all_orders() == ()


async def test_off_the_shelf_cannot_be_bought(client: Client) -> None:
    assert (await client.text("POST", "/_shop/tiny/900000000008/buy"))[0] == 400


@pytest.mark.parametrize(
    "path",
    ["/_shop/other/1", "/_shop/tiny/%3Cx%3E", "/_shop/picture/other/1.svg", "/_shop/order/000-1"],
)
async def test_what_there_is_not_is_404(client: Client, path: str) -> None:
    assert (await client.text("GET", path))[0] == 404


async def test_later_steps_show_on_the_order_page(client: Client) -> None:
    order = await client.buy(await client.promotion_link())
    await client.text("POST", f"/_control/orders/{order['order_id']}/refund")
    _, page = await client.text("GET", f"/_shop/order/{order['order_id']}")
    assert "已失效（买家退款）" in page


async def test_the_picture_is_the_items_own(client: Client) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(client.server.world.item("tiny", "42").image_url) as response,
    ):
        assert response.status == 200
        assert response.content_type == "image/svg+xml"
        picture = await response.text()
    assert "演示数据" in picture
    assert picture != (await client.text("GET", "/_shop/picture/tiny/43.svg"))[1]


async def test_pages_may_load_only_what_is_the_mocks_own(client: Client) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(client.base_url + "/_shop/tiny/7") as response:
            policy = response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        async with session.get(client.base_url + "/_shop/style.css") as response:
            assert response.content_type == "text/css"
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "shop.example"},
        {"Host": "127.0.0.1.example:80"},
        {"Host": "[bad"},
        {"Origin": "https://shop.example"},
        {"Origin": "null"},
    ],
)
async def test_other_sites_cannot_reach_in(client: Client, headers: dict[str, str]) -> None:
    for path in ("/_shop/tiny/7/buy", "/_control/reset"):
        status, _ = await client.text("POST", path, headers=headers)
        assert status == 403 or (status == 400 and "Host" in headers)
    assert client.server.world.all_orders() == ()


async def test_the_shops_own_form_may(client: Client) -> None:
    headers = {"Origin": client.base_url.replace("127.0.0.1", "localhost")}
    assert (await client.text("POST", "/_shop/tiny/7/buy", headers=headers))[0] == 200
