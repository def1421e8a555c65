"""What becomes of a tracked link when its coupon, or the platform's own link, has ended."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from adapters import registry
from bot.clock import MockClock
from tests.support.mock_shop import MockShop, ask
from tests.support.process import (
    data_folder,
    free_port,
    mock_address,
    run_taoke,
    start_taoke,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = {
    "taobao": "https://item.taobao.com/item.htm?id={}",
    "jd": "https://item.jd.com/{}.html",
    "pinduoduo": "https://mobile.yangkeduo.com/goods.html?goods_id={}",
}
REPLACED, GONE = "900000000004", "900000000005"


@dataclass(kw_only=True)
class Served:
    """A demo that serves."""

    folder: Path
    shop: MockShop
    port: str

    def links(self, *items: tuple[str, str]) -> dict[tuple[str, str], Any]:
        """What `taoke convert` makes of these platforms and items for promoter alice."""
        text = " ".join(PAGES[platform].format(item) for platform, item in items)
        arguments = ("convert", "--json", "--promoter", "alice", text)
        done = run_taoke(self.folder, *arguments, WEB__PORT=self.port)
        return dict(zip(items, json.loads(done.out)["links"], strict=True))


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Shared: each test makes its links anew, wherever the clock stands by then."""
    port = str(free_port())
    with data_folder() as folder, start_taoke(folder, "demo", "--port", port) as program:
        program.wait_for("退出 结束")
        yield Served(folder=folder, shop=MockShop(mock_address(folder)), port=port)
        program.end_input()
        assert program.finish().code == 0


def opens(share_url: str) -> bool:
    """Whether a visit leads straight on."""
    return ask(share_url).status == 302


async def test_a_coupon_that_has_ended_is_told_and_the_link_still_earns(served: Served) -> None:
    links = served.links(*((platform, item) for platform in PAGES for item in (REPLACED, GONE)))
    assert all(link["coupon"] for link in links.values())
    assert all(opens(link["share_url"]) for link in links.values())
    served.shop.advance("2d")  # both coupons end tomorrow at the latest: it is over since yesterday

    for platform in PAGES:
        replaced = links[platform, REPLACED]["share_url"]
        until("an equal coupon has come", lambda url=replaced: opens(url))  # type: ignore[misc]  # bound by default

        link = links[platform, GONE]
        share_url = link["share_url"]
        until("the price of now is known", lambda url=share_url: "现价" in ask(url).text)  # type: ignore[misc]  # bound by default
        shown = ask(share_url)
        assert shown.status == 200
        assert shown.text.index("【演示数据】") < shown.text.index("已于")
        ended = re.search(r"这张券已于 (\d\d-\d\d) 23:59 结束", shown.text)
        assert ended is not None
        assert f"-{ended[1]}T23:59:59+08:00" in link["coupon"]["ends_at"]
        assert f"现价 ¥{link['price']}" in shown.text
        button = re.search(r'href="(\?go=1)"[^>]*>继续购买<', shown.text)
        assert button is not None

        onward = ask(share_url + button[1])
        assert onward.status == 302
        await buys_for_alice(served, platform, share_url, onward.location)


async def buys_for_alice(served: Served, platform: str, share_url: str, target: str) -> None:
    """What is bought there comes back from the order API with the promoter."""
    whose = served.shop.whose(target)
    number = served.shop.buy(target)
    rows = await served.shop.orders(platform, MockClock(served.folder).now())
    (row,) = (row for row in rows if number in (row.order_id, row.parent_order_id))
    assert row.placement is not None
    assert row.placement.pid == whose["pid"]
    if platform == "taobao":
        mock = registry.load_mock(platform).client_settings(served.shop.base_url)
        pool = mock["pool"]
        assert isinstance(pool, tuple | list)
        assert whose["pid"] in pool
    else:
        assert row.placement.sub_id == share_url.rpartition("/")[2]


async def test_a_jd_link_outlives_its_sixty_days_but_not_its_own_life(served: Served) -> None:
    links = served.links(("jd", "100012043978"), ("pinduoduo", "648213907516"))
    share_url = links["jd", "100012043978"]["share_url"]
    before = ask(share_url).location
    served.shop.advance("61d")
    first = ask(f"{share_url}?go=1")
    assert first.status == 200
    assert "链接正在更新" in first.text
    until("the link is made anew", lambda: opens(f"{share_url}?go=1"))
    after = ask(f"{share_url}?go=1").location
    assert after != before
    await buys_for_alice(served, "jd", share_url, after)
    # Pinduoduo's own links have no end.
    assert opens(links["pinduoduo", "648213907516"]["share_url"] + "?go=1")

    served.shop.advance("91d")  # from its last use
    gone = ask(share_url)
    assert gone.status == 410
    assert "链接已停用" in gone.text
