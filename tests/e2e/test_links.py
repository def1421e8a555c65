"""A tracked link from paste to order, through every process there is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from adapters import registry
from bot.clock import MockClock
from tests.support.mock_shop import MockShop, ask, say
from tests.support.process import (
    Program,
    data_folder,
    free_port,
    mock_address,
    run_taoke,
    start_taoke,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ITEMS = {
    "taobao": "https://item.taobao.com/item.htm?id=718293645012",
    "jd": "https://item.jd.com/100012043978.html",
    "pinduoduo": "https://mobile.yangkeduo.com/goods.html?goods_id=648213907516",
}
PROMOTERS = ("alice", "bob")
PLATFORMS = sorted(ITEMS)


@dataclass(kw_only=True)
class Demo:
    """A demo that serves, and what `taoke convert` made for two promoters while it did."""

    program: Program
    folder: Path
    base_url: str
    shop: MockShop
    settings: Mapping[str, str]
    links: Mapping[tuple[str, str], Mapping[str, Any]]

    def convert(self, text: str, *options: str) -> Any:
        """`taoke convert --json` beside the running demo."""
        done = run_taoke(self.folder, "convert", "--json", *options, text, **self.settings)
        assert done.code == 0, done.err
        return json.loads(done.out)

    def clicked(self, platform: str) -> int:
        """The clicks of a platform in total, as the chat's /stats tells them."""
        row = re.search(rf"^{platform} .*? / (\d+)$", say(self.base_url, "/stats"), re.MULTILINE)
        return int(row[1]) if row else 0


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    port = str(free_port())
    base_url = f"http://127.0.0.1:{port}"
    settings = {"WEB__PORT": port}
    with data_folder() as folder, start_taoke(folder, "demo", **settings) as program:
        program.wait_for("退出 结束")
        made = Demo(
            program=program,
            folder=folder,
            base_url=base_url,
            shop=MockShop(mock_address(folder)),
            settings=settings,
            links={},
        )
        text = "\n".join(ITEMS[platform] for platform in PLATFORMS)
        made.links = {
            (promoter, link["platform"]): link
            for promoter in PROMOTERS
            for link in made.convert(text, "--promoter", promoter)["links"]
        }
        yield made
        program.end_input()
        assert program.finish().code == 0


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_what_is_bought_behind_a_code_carries_its_promoter(demo: Demo, platform: str) -> None:
    info, mock = registry.load(platform).info, registry.load_mock(platform)
    values = mock.client_settings(demo.shop.base_url)
    ours = info.settings.model_validate(dict(values)).own_pids()
    seen = set()
    for promoter in PROMOTERS:
        share_url = demo.links[promoter, platform]["share_url"]
        code = share_url.removeprefix(f"{demo.base_url}/s/")
        answer = ask(share_url)
        assert answer.status == 302
        assert "no-store" in answer.headers["cache-control"]
        host = answer.location.removeprefix(f"{demo.shop.base_url}/").split("/")[0]
        assert host in info.promotion_hosts
        if platform != "pinduoduo":  # whose own long links show what they carry
            assert code not in answer.location
            assert promoter not in answer.location

        whose = demo.shop.whose(answer.location)
        assert whose["platform"] == platform
        assert whose["pid"] in ours
        # Taobao tells promoters apart by leased placements, the others carry the code itself.
        assert whose["sub_id"] == (whose["pid"] if platform == "taobao" else code)

        number = demo.shop.buy(answer.location)
        rows = await demo.shop.orders(platform, MockClock(demo.folder).now())
        (row,) = (row for row in rows if number in (row.order_id, row.parent_order_id))
        assert row.placement is not None
        assert row.placement.pid == whose["pid"]
        if platform != "taobao":
            assert row.placement.sub_id == code
        seen.add((whose["pid"], whose["sub_id"]))
    assert len(seen) == len(PROMOTERS)


def test_two_promoters_never_share_a_code_and_one_keeps_it(demo: Demo) -> None:
    urls = {key: link["share_url"] for key, link in demo.links.items()}
    assert len(set(urls.values())) == len(PROMOTERS) * len(ITEMS)
    again = demo.convert(" ".join(ITEMS.values()), "--promoter", "bob")["links"]
    assert {link["platform"]: link["share_url"] for link in again} == {
        platform: urls["bob", platform] for platform in PLATFORMS
    }


def test_a_pasted_share_link_and_a_promotion_link_keep_their_promoter(demo: Demo) -> None:
    shared = demo.links["alice", "jd"]["share_url"]
    promotion = ask(shared).location
    converted = demo.convert(f"{shared} {promotion}", "--promoter", "bob")
    assert {link["share_url"] for link in converted["links"]} == {shared}


def test_a_visit_is_counted_a_look_ahead_is_not(demo: Demo) -> None:
    share_url = demo.links["alice", "pinduoduo"]["share_url"]
    before = demo.clicked("拼多多")
    head = ask(share_url, "HEAD")
    assert (head.status, head.text) == (302, "")
    for _ in range(3):
        assert ask(share_url).status == 302
    until("three clicks are counted", lambda: demo.clicked("拼多多") >= before + 3)
    assert demo.clicked("拼多多") == before + 3
    report = run_taoke(demo.folder, "stats", **demo.settings)
    assert report.code == 0
    assert re.search(rf"^拼多多 .* / {before + 3}$", report.out, re.MULTILINE)


@pytest.mark.parametrize("code", ["AAAAAAA", "0OIl000", "x", "..%2f..%2fhealthz", "%00"])
def test_an_unknown_code_is_a_friendly_404(demo: Demo, code: str) -> None:
    answer = ask(f"{demo.base_url}/s/{code}")
    assert answer.status == 404
    assert "没有这个页面" in answer.text


FIVE = (
    "姐妹们👭看过来：{taobao}\u200b，\n①京东的：{jd}！\n②下架了的 {gone} 别点\n"
    "③没佣金的 {bare}\n拼多多Ａ：{pinduoduo} 冲！"
)


def test_five_links_of_three_platforms_three_replaced_two_named(demo: Demo) -> None:
    dead = {
        "gone": "https://item.taobao.com/item.htm?id=900000000008",
        "bare": "https://item.jd.com/900000000007.html",
    }
    text = FIVE.format(**ITEMS, **dead)
    converted = demo.convert(text, "--promoter", "alice")
    links = converted["links"]
    order = ["taobao", "jd", "taobao", "jd", "pinduoduo"]
    assert [link["platform"] for link in links] == order
    assert [link["status"] for link in links] == ["ok", "ok", "failed", "failed", "ok"]
    assert {link["reason"] for link in links} >= {"item_not_promotable"}
    ours = {platform: demo.links["alice", platform]["share_url"] for platform in ITEMS}
    assert converted["text"] == FIVE.format(**ours, **dead)
    assert converted["mock"] is True

    words = run_taoke(demo.folder, "convert", text, "--promoter", "alice", **demo.settings).out
    assert words.startswith("【演示数据】\n")
    assert converted["text"] in words
    named = words.removeprefix("【演示数据】\n").replace(converted["text"], "")
    assert "5 个链接：3 个已转换，2 个没有转" in named
    for url in dead.values():
        assert named.count(url[:30]) == 1
