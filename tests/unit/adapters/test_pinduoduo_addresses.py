"""What an address tells: the item, and whose p_id it carries."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pinduoduo.addresses import Pointer, item_link, owners, pids_in, point, sign_link
from tests.unit.adapters.pinduoduo_rig import HOUSE, SIGN, landing

OTHER = "44554960_316791390"
HASH = "f22115ecc1dff21df4cb35ee5001409c"
SITE = "https://mobile.yangkeduo.com"


@pytest.mark.parametrize(
    ("url", "pointer"),
    [
        (f"{SITE}/goods.html?page_from=31&goods_id=55566677", Pointer(goods_id="55566677")),
        (f"{SITE}/goods2.html?goods_id=1&goods_sign={SIGN}", Pointer(goods_id="1")),
        (landing(), Pointer(goods_id="531222333444")),
        (f"{SITE}/duo_coupon_landing.html?goods_sign={SIGN}", Pointer(goods_sign=SIGN)),
        (
            f"{SITE}/goods2.html?refer_share_uid=1&ps=e1xaEqLYy8&pxq_secret_key=S",
            Pointer(lookup=f"{SITE}/goods.html?ps=e1xaEqLYy8"),
        ),
        ("https://p.pinduoduo.com/QalbCK7j", Pointer(lookup="https://p.pinduoduo.com/QalbCK7j")),
        (
            "https://p.pinduoduo.com/QalbCK7j?sc=EFAC",
            Pointer(lookup="https://p.pinduoduo.com/QalbCK7j"),
        ),
        ("https://p.pinduoduo.com/goods2.html?goods_id=345678", Pointer(goods_id="345678")),
        (
            f"{SITE}/app.html?use_reload=1&launch_url={quote('goods.html?goods_id=777888')}",
            Pointer(goods_id="777888"),
        ),
        ("pinduoduo://com.xunmeng.pinduoduo/goods.html?goods_id=9988", Pointer(goods_id="9988")),
        (f"{SITE}/goods.html?goods_id=0", None),
        (f"{SITE}/goods.html?goods_id=12a", None),
        (f"{SITE}/mall_page.html?mall_id=5", None),
        (f"{SITE}/QalbCK7j", None),
        ("https://p.pinduoduo.com/a/b", None),
        ("https://p.pinduoduo.com/", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_an_address_names_its_item(url: str, pointer: Pointer | None) -> None:
    assert point(url) == pointer


def _nested(depth: int, inner: str) -> str:
    for _ in range(depth):
        inner = f"{SITE}/app.html?{urlencode({'launch_url': inner})}"
    return inner


def test_nesting_is_followed_within_a_bound() -> None:
    assert point(_nested(3, landing())) == Pointer(goods_id="531222333444")
    assert point(_nested(4, landing())) is None
    assert pids_in(_nested(3, landing())) == {HOUSE}
    assert pids_in(_nested(4, landing())) == frozenset()


@pytest.mark.parametrize(
    ("url", "pids"),
    [
        (landing(), {HOUSE}),
        (landing(OTHER), {OTHER}),
        (landing("not-a-pid"), {"not-a-pid"}),
        (landing(cpsSign=f"CC_260705_{HOUSE}_{HASH}"), {HOUSE}),
        (landing(cpsSign=f"CC_260705_{OTHER}_{HASH}"), {HOUSE, OTHER}),
        (landing(cpsSign=f"CC{OTHER}_{HASH}"), {HOUSE, OTHER}),
        (landing(cpsSign="something else"), {HOUSE}),
        (landing() + f"&p_id={OTHER}", {HOUSE, OTHER}),
        (f"{SITE}/app.html?launch_url={quote(landing(OTHER))}", {OTHER}),
        (f"pages/web/web?specialUrl=1&src={quote(landing(OTHER), safe='')}", {OTHER}),
        (f"pages/welfare_coupon/welfare_coupon?goods_id=1&pid={OTHER}", {OTHER}),
        ("https://p.pinduoduo.com/QalbCK7j", set()),
        ("https://[", set()),
        (f"{landing()}&p%69d={OTHER}", {HOUSE, OTHER}),
        (f"{landing()}&pid={OTHER}#a", {HOUSE, OTHER}),
        (f"{SITE}/goods.html?title=%26pid%3D{HOUSE}", set()),
        (f"{SITE}/goods.html#?pid={HOUSE}", set()),
        (f"{SITE}/goods.html?pid=&a=1", set()),
    ],
)
def test_every_p_id_that_is_shown_is_found(url: str, pids: set[str]) -> None:
    assert pids_in(url) == pids


def test_nobody_makes_a_link_ours_by_writing_our_p_id_behind_it() -> None:
    assert owners(landing()) == {HOUSE}
    assert owners(f"{SITE}/app.html?launch_url={quote(landing())}") == {HOUSE}
    assert owners(f"https://p.pinduoduo.com/QalbCK7j?pid={HOUSE}") == frozenset()
    assert owners(f"https://p.pinduoduo.com/a/b?pid={HOUSE}") == frozenset()
    assert owners(f"{SITE}/goods.html?ps=e1xaEqLYy8&pid={HOUSE}") == frozenset()
    assert owners(f"https://[?pid={HOUSE}") == {HOUSE}


def test_own_links_carry_nobodys_ids() -> None:
    assert item_link("5") == f"{SITE}/goods.html?goods_id=5"
    assert point(sign_link(SIGN)) == Pointer(goods_sign=SIGN)


@given(st.text(max_size=200))
def test_reading_never_raises(text: str) -> None:
    point(text)
    pids_in(text)
    point(f"{SITE}/goods.html?{text}")
    pids_in(f"{SITE}/goods.html?launch_url={text}")
