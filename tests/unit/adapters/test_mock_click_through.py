"""All three mock platforms in one process: from a promotion link of the adapter to the order."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
import pytest

from adapters.contract import AdapterContext, ItemRef, Placement
from adapters.http import NoQuota
from adapters.jd.adapter import JdAdapter
from adapters.mock.server import start_mock_server
from adapters.pinduoduo.adapter import PinduoduoAdapter
from adapters.taobao.adapter import TaobaoAdapter
from tests.unit.adapters.mock_tiny import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.contract import PlatformAdapter

SUB_ID = "AbCdEf1"
PAGES = {
    "taobao": "https://item.taobao.com/item.htm?id={}",
    "jd": "https://item.jd.com/{}.html",
    "pinduoduo": "https://mobile.yangkeduo.com/goods.html?goods_id={}",
}


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client(await start_mock_server(None), aiohttp.ClientSession())
    yield client
    await client.close()


async def promoted(client: Client, kind: type[PlatformAdapter]) -> tuple[str, str]:
    """A promotion link as the bot would hand it out, and the placement it was asked for."""
    (mock,) = (mock for mock in client.server.mocks if mock.id == kind.info.id)
    settings = kind.info.settings.model_validate(dict(mock.client_settings(client.base_url)))
    adapter = kind(
        settings,
        AdapterContext(account="main", now=lambda: datetime.now(tz=UTC), quota=NoQuota()),
    )
    # Taobao tells promoters apart by leased placements, the others by the sub-id.
    pid = settings.pool[0] if kind.info.pooled else settings.house_pid()
    placement = Placement(account="main", pid=pid, promoter_tag="p000001", sub_id=SUB_ID)
    item = ItemRef(
        platform=kind.info.id,
        item_id="412345678901",
        source=PAGES[kind.info.id].format("412345678901"),
    )
    await adapter.start()
    promotion = await adapter.promote(await adapter.offer(item), placement)
    await adapter.close()
    return promotion.link.web, pid


async def shop_page(client: Client, url: str) -> str:
    """Walk as a browser does: redirects, and what a page's script says."""
    for _ in range(4):
        _, page = await client.text("GET", url)
        script = re.search(r"var (?:hrl|url) ?= ?'([^']+)'", page)
        if script is None:
            return page
        url = script[1]
    raise AssertionError("no shop page")


@pytest.mark.parametrize("kind", [TaobaoAdapter, JdAdapter, PinduoduoAdapter])
async def test_a_bought_item_shows_whose_it_is(client: Client, kind: type[PlatformAdapter]) -> None:
    url, pid = await promoted(client, kind)
    _, whose = await client.json("GET", "/_control/whose", params={"url": url})
    assert (whose["platform"], whose["pid"], whose["item_id"]) == (
        kind.info.id,
        pid,
        "412345678901",
    )
    page = await shop_page(client, url)
    action = re.search(r'action="([^"]+)"', page)
    click = re.search(r'name="click" value="([^"]+)"', page)
    assert action is not None
    assert click is not None
    _, page = await client.text("POST", action[1], data={"click": click[1], "quantity": "1"})
    assert "【演示数据】" in page
    assert f'<dd id="pid">{pid}</dd>' in page
    sub_id = "无" if kind is TaobaoAdapter else SUB_ID
    assert f'<dd id="sub-id">{sub_id}</dd>' in page
    without_browser = await client.buy(url)
    (first, second) = client.server.world.all_orders(kind.info.id)
    assert first.attribution == second.attribution == without_browser["attribution"]


async def test_a_short_link_of_taobao_is_walked_by_its_script(client: Client) -> None:
    link = client.server.world.make_link("taobao", "7", {"pid": "mm_1_2_3"}, token_length=7)
    order = await client.buy(f"{client.base_url}/m.tb.cn/h.{link.token}")
    assert (order["item_id"], order["attribution"]) == ("7", {"pid": "mm_1_2_3"})
