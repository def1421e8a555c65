"""Links, buyers, searches, rights and what survives a restart."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.mock.store import Store
from tests.unit.adapters.mock_tiny import BASE, NOW, Moment, world

if TYPE_CHECKING:
    from pathlib import Path


def test_links_are_opaque_and_keep_what_they_carry() -> None:
    here = world()
    end = NOW + timedelta(days=60)
    link = here.make_link("jd", "123", {"subUnionId": "AbC"}, expires_at=end)
    longer = here.make_link("jd", "123", {}, token_length=30)
    assert re.fullmatch(r"[A-Za-z0-9]{7}", link.token)
    assert re.fullmatch(r"[A-Za-z0-9]{30}", longer.token)
    assert here.link("jd", link.token) == link
    assert (link.attribution, link.created_at, link.expires_at) == ({"subUnionId": "AbC"}, NOW, end)
    assert here.link("taobao", link.token) is None
    assert here.link("jd", "unknown") is None


def test_short_tokens_never_collide() -> None:
    here = world()
    tokens = {here.make_link("jd", "1", {}, token_length=1).token for _ in range(60)}
    assert len(tokens) == 60


def test_a_world_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "world.db"
    moment = Moment()
    first = world(moment, path)
    link = first.make_link("jd", "123", {"pid": "1", "名": "值"}, expires_at=NOW)
    order = first.buy("jd", "123", link)
    found = first.search("jd", "蓝牙耳机", 2)
    first.set_right("jd", "subUnionId", False)
    first.set_profile("jd", "strict")
    gone = first.item("jd", "900000000005").coupon
    first.close()
    first.close()

    moment.move(days=1)
    second = world(moment, path)
    assert second.link("jd", link.token) == link
    assert second.link("jd", link.token) is second.link("jd", link.token)
    assert second.order(order.order_id) == order
    assert second.item("jd", found[1].item_id).title == found[1].title
    assert second.granted("jd", "subUnionId", True) is False
    assert second.profile("jd") == "strict"
    assert second.item("jd", "900000000005").coupon == gone
    second.close()


def test_links_reach_the_file_with_their_batch_and_orders_at_once(tmp_path: Path) -> None:
    here = world(path=tmp_path / "world.db")
    links = [here.make_link("jd", str(number), {}) for number in range(1, 301)]
    order = here.buy("jd", "1", links[-1])
    other = world(path=tmp_path / "world.db")
    assert other.link("jd", links[0].token) == links[0]
    assert other.link("jd", links[-1].token) is None
    assert other.order(order.order_id) == order
    here.flush()
    assert other.link("jd", links[-1].token) == links[-1]
    other.close()
    here.close()


def test_a_full_memory_of_links_is_emptied_into_the_file() -> None:
    here = world()
    links = [here.make_link("jd", "1", {}) for _ in range(20_001)]
    here.flush()
    assert here.link("jd", links[0].token) == links[0]
    assert here.link("jd", links[-1].token) == links[-1]


def test_searched_items_carry_the_words_wherever_they_are_met() -> None:
    here = world()
    found = here.search("jd", "  蓝牙耳机   降噪 ", 5)
    assert len({item.item_id for item in found}) == 5
    assert all("蓝牙耳机 降噪" in item.title for item in found)
    assert here.search("jd", "蓝牙耳机 降噪", 5) == found
    assert here.item("jd", found[0].canonical_id) == found[0]
    assert world().search("jd", "蓝牙耳机 降噪", 3) == found[:3]
    assert "蓝牙耳机 降噪" not in here.item("taobao", found[0].item_id).title


@pytest.mark.parametrize(
    ("words", "limit"), [("", 5), ("   ", 5), ("无结果", 5), ("耳机", 0), ("耳机", -1)]
)
def test_a_search_can_find_nothing(words: str, limit: int) -> None:
    assert world().search("jd", words, limit) == ()


def test_long_search_words_are_cut() -> None:
    (item,) = world().search("jd", "长" * 500, 1)
    assert "长" * 30 in item.title
    assert len(item.title) < 60


def test_half_a_character_is_no_obstacle() -> None:
    (item,) = world().search("jd", "耳\ud83d机", 1)
    assert "耳机" in item.title


def test_an_unknown_short_code_hides_an_item() -> None:
    here = world()
    item = here.item_behind("taobao", "AbCdEfG")
    assert item == here.item_behind("taobao", "AbCdEfG") == here.item("taobao", item.item_id)
    assert item.item_id != here.item_behind("taobao", "abcdefg").item_id
    assert item.canonical_id != "AbCdEfG"


def test_the_shop_page_remembers_the_click_while_the_link_lives() -> None:
    moment = Moment()
    here = world(moment)
    link = here.make_link("jd", "123", {}, expires_at=NOW + timedelta(days=60))
    seconds = int(NOW.timestamp())
    assert here.shop_url("jd", "123", link) == f"{BASE}/_shop/jd/123?click={link.token}.{seconds}"
    assert here.shop_url("jd", "a/b", None) == f"{BASE}/_shop/jd/a%2Fb"
    moment.move(days=60)
    assert here.shop_url("jd", "123", link) == f"{BASE}/_shop/jd/123"


def test_a_publisher_sees_only_orders_that_came_by_a_promotion_link() -> None:
    here = world()
    link = here.make_link("jd", "123", {"pid": "1"})
    promoted = here.buy("jd", "123", link)
    foreign = here.buy("jd", "123", None)
    assert here.orders("jd", NOW, NOW + timedelta(seconds=1)) == (promoted,)
    both = here.all_orders()
    assert len(both) == 2
    assert promoted in both
    assert foreign in both
    assert here.all_orders("taobao") == ()
    assert (foreign.attribution, foreign.clicked_at) == ({}, None)


def test_orders_are_read_by_a_time_in_a_half_open_window() -> None:
    moment = Moment()
    here = world(moment)
    link = here.make_link("jd", "123", {})
    orders = []
    for _ in range(3):
        orders.append(here.buy("jd", "123", link))
        moment.move(seconds=10)
    start, end = NOW, NOW + timedelta(seconds=20)
    assert here.orders("jd", start, end, by="created_at") == tuple(orders[:2])
    assert here.orders("jd", end, end + timedelta(seconds=1), by="paid_at") == (orders[2],)
    assert here.orders("jd", start, end, by="settled_at") == ()
    assert here.orders("taobao", start, end) == ()
    with pytest.raises(ValueError, match="settled_at"):
        here.orders("jd", start, end, by="title")


def test_rights_are_the_gateways_default_until_they_are_set() -> None:
    here = world()
    assert here.granted("jd", "subUnionId", True) is True
    assert here.granted("jd", "subUnionId", False) is False
    here.set_right("jd", "subUnionId", True)
    assert here.granted("jd", "subUnionId", False) is True
    assert here.granted("taobao", "subUnionId", False) is False
    here.set_right("jd", "subUnionId", None)
    assert here.granted("jd", "subUnionId", False) is False


def test_a_profile_is_lenient_unless_set() -> None:
    here = world()
    assert here.profile("jd") == "lenient"
    here.set_profile("jd", "strict")
    assert (here.profile("jd"), here.profile("taobao")) == ("strict", "lenient")
    with pytest.raises(ValueError, match="lenient or strict"):
        here.set_profile("jd", "mild")


def test_reset_forgets_all_but_items_and_clock(tmp_path: Path) -> None:
    here = world(path=tmp_path / "world.db")
    link = here.make_link("jd", "123", {})
    here.flush()
    waiting = here.make_link("jd", "123", {})
    here.buy("jd", "123", link)
    here.set_profile("jd", "strict")
    here.set_right("jd", "x", True)
    here.reset()
    assert here.link("jd", link.token) is None
    assert here.link("jd", waiting.token) is None
    assert here.all_orders() == ()
    assert here.profile("jd") == "lenient"
    assert here.granted("jd", "x", False) is False
    here.close()


def test_a_closed_store_is_closed_again_without_complaint() -> None:
    store = Store(None)
    store.close()
    store.close()
