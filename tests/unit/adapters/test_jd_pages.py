"""What JD's addresses say of item and owner."""

from __future__ import annotations

import pytest

from adapters.jd.pages import Owner, coupon_link, item_id, item_url, owner, script_hop

SKU = "100061842973"
OPAQUE = "JCjNsS4Euw3Qbo2ZKGdGFPdq_3JKSxG35zuXsO7IWqk"


@pytest.mark.parametrize(
    "url",
    [
        f"https://item.jd.com/{SKU}.html",
        f"https://item.jd.com/{SKU}.html#none",
        f"https://item.m.jd.com/product/{SKU}.html?utm_source=iosapp",
        f"https://item.m.jd.com/{SKU}.html",
        f"https://item.m.jd.com/ware/view.action?wareId={SKU}",
        f"https://wqitem.jd.com/item/view?ptag=1&sku={SKU}",
        f"https://re.jd.com/cps/item/{SKU}.html?wareId={SKU}",
        f"https://npcitem.jd.hk/{SKU}.html",
        f"https://passport.jd.com/new/login.aspx?ReturnUrl=https%3A%2F%2Fitem.jd.com%2F{SKU}.html&x=1",
        f"https://cfe.m.jd.com/privatedomain/risk_handler/03101900/?returnurl=https%253A%252F%252Fitem.jd.com%252F{SKU}.html",
        f"https://trade.m.jd.com/common/limit.html?referer=http://item.m.jd.com/product/{SKU}.html?utm_source=x",
        f"https://coupon.m.jd.com/coupons/show.action?key=a&to=item.jd.com/{SKU}.html",
        f"https://passport.jd.com/x?ReturnUrl=//item.jd.com/{SKU}.html",
    ],
)  # fmt: skip
def test_an_item_is_read_where_it_stands(url: str) -> None:
    assert item_id(url) == SKU


def test_an_opaque_item_is_read() -> None:
    assert item_id(f"https://jingfen.jd.com/detail/{OPAQUE}.html") == OPAQUE
    assert item_url(OPAQUE) == f"https://jingfen.jd.com/detail/{OPAQUE}.html"
    assert item_url(SKU) == f"https://item.jd.com/{SKU}.html"


@pytest.mark.parametrize(
    "url",
    [
        "https://u.jd.com/AbCdEfG",
        "https://mall.jd.com/index-935158.html",
        f"https://item.jd.com.evil.example/{SKU}.html",
        f"https://evil.example/item.jd.com/{SKU}.html",
        f"https://item.jd.com@evil.example/{SKU}.html",
        f"https://item.jd.com/{SKU}1234567890.html",
        "https://item.jd.com/0123.html",
        "https://item.m.jd.com/ware/view.action?wareId=abc",
        f"https://a.jd.com/?x=https%3A%2F%2Fb.jd.com%2F%3Fx%3Dhttps%253A%252F%252Fc.jd.com%252F%253Fx%253Ditem.jd.com%252F{SKU}.html",
        "https://[invalid",
        "",
    ],
)  # fmt: skip
def test_other_addresses_name_no_item(url: str) -> None:
    assert item_id(url) is None


@pytest.mark.parametrize(
    ("query", "unions", "positions"),
    [
        ("utm_source=kong&utm_campaign=t_1003481276_Ab3dE7x", {"1003481276"}, set()),
        ("utm_campaign=t_1003481276_", {"1003481276"}, set()),
        ("utm_campaign=t_335139774", {"335139774"}, set()),
        ("utm_campaign=t_7_a&utm_campaign=t_8_b&unionId=9", {"7", "8", "9"}, set()),
        ("unionId=7&positionId=8&e=&p=x", {"7"}, {"8"}),
        ("positionId=8&positionId=9", set(), {"8", "9"}),
        ("utm_campaign=spring", set(), set()),
        ("cu=true", set(), set()),
    ],
)
def test_every_owner_that_is_named_is_seen(
    query: str, unions: set[str], positions: set[str]
) -> None:
    found = owner(f"https://item.m.jd.com/product/{SKU}.html?{query}")
    assert found == Owner(union_ids=frozenset(unions), position_ids=frozenset(positions))
    assert bool(found) == bool(unions or positions)


def test_a_coupon_link_is_one_of_the_coupon_hosts() -> None:
    link = "https://coupon.m.jd.com/coupons/show.action?key=a&roleId=1"
    assert coupon_link(link) == link
    assert coupon_link(f"https://item.jd.com/{SKU}.html") is None
    assert coupon_link("") is None


def test_the_next_hop_is_read_from_the_script() -> None:
    assert script_hop("<script>var hrl='https://u.jd.com/jda?e=1&p=2';var ua=''") == (
        "https://u.jd.com/jda?e=1&p=2"
    )
    assert script_hop(r'var url = "https:\/\/u.jd.com\/jda?a=1&amp;b=2"') == (
        "https://u.jd.com/jda?a=1&b=2"
    )
    assert script_hop("location.href='//u.jd.com/x'") == "//u.jd.com/x"
    assert script_hop("<body>直播间</body>") is None
