"""Best coupon, price after it and commission from JD's raw goods."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.contract import ItemRef
from adapters.errors import ItemNotPromotable
from adapters.jd.offers import (
    COUPON_URL,
    best,
    found,
    from_goods,
    from_promotion_goods,
    linked,
    without_coupon,
)
from adapters.jd.schema import Goods, ListedCoupon, PromotionGoods, QueriedCoupon
from adapters.money import Money

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
REF = ItemRef(platform="jd", item_id="100061842973")


def ms(hours: float) -> int:
    return int((NOW + timedelta(hours=hours)).timestamp() * 1000)


def coupon(discount: object, quota: object = 0, **more: object) -> dict[str, object]:
    times = {
        "getStartTime": ms(-9), "getEndTime": ms(9), "useStartTime": ms(-5), "useEndTime": ms(99),
    }  # fmt: skip
    return {
        "link": f"https://coupon.m.jd.com/?key={discount}",
        "discount": discount,
        "quota": quota,
        **times,
        **more,
    }


def goods(
    *coupons: dict[str, object], price: object = "59.90", rate: object = 5.5, **more: Any
) -> Goods:
    return Goods.model_validate(
        {
            "skuId": 100061842973,
            "skuName": "挂耳咖啡",
            "priceInfo": {"price": price},
            "commissionInfo": {"commissionShare": rate},
            "couponInfo": {"couponList": list(coupons)},
            **more,
        }
    )


def test_the_coupon_is_taken_off_and_commission_is_what_is_left_of_it() -> None:
    offer = from_goods(REF, goods(coupon(20, 50)), None, NOW)
    assert offer.coupon is not None
    assert (offer.price.fen, offer.final_price.fen) == (5990, 3990)
    assert offer.commission == Money(219)  # 5.5 % of 39.90 is 2.1945, floored
    assert offer.coupon.threshold == Money(5000)
    assert offer.opaque == {COUPON_URL: "https://coupon.m.jd.com/?key=20"}
    assert offer.seen_at == NOW


def test_a_coupon_counts_while_it_can_be_both_taken_and_used() -> None:
    made = linked(ListedCoupon.model_validate(coupon(5)))
    assert made is not None
    assert made.coupon.starts_at == NOW - timedelta(hours=5)
    assert made.coupon.ends_at == NOW + timedelta(hours=9)
    assert made.coupon.remaining is None


@pytest.mark.parametrize(
    "dead",
    [
        coupon(30, getEndTime=ms(-1)),
        coupon(30, useStartTime=ms(1)),
        coupon(0),
        coupon(None),
        coupon(-3),
    ],
    ids=["taken too late", "not usable yet", "worth nothing", "no amount", "negative"],
)
def test_a_coupon_that_nobody_can_use_is_passed_over(dead: dict[str, object]) -> None:
    offer = from_goods(REF, goods(dead, coupon(3)), None, NOW)
    assert offer.coupon is not None
    assert offer.coupon.amount == Money(300)
    assert from_goods(REF, goods(dead), None, NOW).coupon is None


def test_one_that_a_piece_reaches_beats_a_larger_one_that_it_does_not() -> None:
    offer = from_goods(
        REF, goods(coupon(50, 199), coupon(3), coupon(8, "59.90"), coupon(5)), None, NOW
    )
    assert offer.coupon is not None
    assert offer.coupon.amount == Money(800)
    assert offer.final_price == Money(5190)


def test_a_threshold_above_the_price_claims_no_lower_price() -> None:
    offer = from_goods(REF, goods(coupon(50, 199)), None, NOW)
    assert offer.coupon is not None
    assert offer.final_price == offer.price
    assert offer.commission == Money(329)


def test_without_a_coupon_price_and_commission_are_plain() -> None:
    offer = from_goods(REF, goods(), None, NOW)
    assert (offer.coupon, offer.final_price, offer.commission, offer.opaque) == (
        None, Money(5990), Money(329), {},
    )  # fmt: skip


def test_a_coupon_above_the_price_makes_it_free_not_negative() -> None:
    assert from_goods(REF, goods(coupon(100)), None, NOW).final_price == Money(0)


def test_an_unknown_rate_is_an_unknown_commission() -> None:
    offer = from_goods(REF, goods(coupon(5), rate=None), None, NOW)
    assert (offer.commission_rate, offer.commission) == (None, None)
    assert without_coupon(offer).commission is None


def test_a_link_that_cannot_carry_the_coupon_promises_none() -> None:
    plain = without_coupon(from_goods(REF, goods(coupon(20, 50)), None, NOW))
    assert (plain.coupon, plain.final_price, plain.commission, plain.opaque) == (
        None, Money(5990), Money(329), {},
    )  # fmt: skip


def test_details_are_read_where_they_stand() -> None:
    offer = from_goods(
        REF,
        goods(
            imageInfo={"imageList": [{"url": "//img10.360buyimg.com/a.jpg"}, {"url": "b"}]},
            shopInfo={"shopName": "某旗舰店"},
            inOrderCount30Days="1200",
        ),
        None,
        NOW,
    )
    assert offer.image_url == "https://img10.360buyimg.com/a.jpg"
    assert (offer.title, offer.shop, offer.sales) == ("挂耳咖啡", "某旗舰店", "1200")
    bare = from_goods(REF, goods(imageInfo=None, shopInfo=None, inOrderCount30Days=None), None, NOW)
    assert (bare.image_url, bare.shop, bare.sales) == ("", "", "")


def test_the_lowest_price_counts_where_no_other_is_named() -> None:
    assert from_goods(REF, goods(priceInfo={"lowestPrice": 9.9}), None, NOW).price == Money(990)
    with pytest.raises(ItemNotPromotable):
        from_goods(REF, goods(price=None), None, NOW)


def promotion_goods(**values: object) -> PromotionGoods:
    return PromotionGoods.model_validate(
        {"skuId": 1, "goodsName": "台灯", "unitPrice": 100, "wlUnitPrice": 99.5, "commisionRatioPc": 1,
         "commisionRatioWl": 2, "imgUrl": "http://img14.360buyimg.com/x.jpg", **values}
    )  # fmt: skip


def test_the_open_query_prefers_what_a_phone_sees() -> None:
    offer = from_promotion_goods(REF, promotion_goods(), None, NOW)
    assert (offer.price, offer.commission) == (Money(9950), Money(199))
    desktop = promotion_goods(wlUnitPrice=None, commisionRatioWl="")
    assert from_promotion_goods(REF, desktop, None, NOW).commission == Money(100)
    free = promotion_goods(commisionRatioWl=0)
    assert from_promotion_goods(REF, free, None, NOW).commission == Money(0)
    with pytest.raises(ItemNotPromotable):
        from_promotion_goods(REF, promotion_goods(wlUnitPrice=None, unitPrice=None), None, NOW)


def test_a_pasted_coupon_knows_how_many_are_left() -> None:
    raw = {"discount": "10", "quota": "0", "remainNum": "7", "endTime": ms(1)}
    made = linked(QueriedCoupon.model_validate(raw), "https://coupon.m.jd.com/?key=x")
    assert made is not None
    offer = from_promotion_goods(REF, promotion_goods(), made, NOW)
    assert offer.coupon is not None
    assert (offer.coupon.remaining, offer.final_price) == (7, Money(8950))
    assert offer.opaque[COUPON_URL] == "https://coupon.m.jd.com/?key=x"
    gone = linked(QueriedCoupon.model_validate({**raw, "remainNum": 0}))
    assert best([gone, None], Money(9950), NOW) is None


def test_search_results_name_their_item() -> None:
    by_sku, by_item = found(goods(), NOW), found(goods(skuId=None, itemId="abc_3def"), NOW)
    assert by_sku is not None
    assert by_item is not None
    assert by_sku.ref == REF
    assert by_sku.ref.source == "https://item.jd.com/100061842973.html"
    assert by_item.ref.source == "https://jingfen.jd.com/detail/abc_3def.html"
    assert found(goods(skuId=None), NOW) is None
    assert found(goods(price=None), NOW) is None


@pytest.mark.parametrize(
    "raw",
    [
        {"priceInfo": {"price": "much"}},
        {"inOrderCount30Days": "many"},
        {"couponInfo": {"couponList": [{"discount": 1, "getEndTime": "soon"}]}},
        {"couponInfo": {"couponList": [{"discount": 1, "getEndTime": "9" * 30}]}},
        {"commissionInfo": {"commissionShare": -1}},
    ],
)
def test_unreadable_values_are_errors_not_guesses(raw: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Goods.model_validate(raw)


@given(
    price=st.integers(1, 10**7),
    coupons=st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**7)), max_size=6),
)
def test_no_offer_promises_more_than_its_best_coupon(
    price: int, coupons: list[tuple[int, int]]
) -> None:
    raw = [coupon(str(Money(amount)), str(Money(quota))) for amount, quota in coupons]
    offer = from_goods(REF, goods(*raw, price=str(Money(price))), None, NOW)
    reached = [amount for amount, quota in coupons if quota <= price]
    assert offer.final_price.fen == max(0, price - max(reached, default=0))
    assert (offer.coupon is None) == (not coupons)
