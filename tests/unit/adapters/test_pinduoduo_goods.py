"""Goods of a search answer as offers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.contract import Coupon, ItemRef, Money, Offer, Rate
from adapters.pinduoduo.goods import is_goods_id, offer_of, pick, ref_of
from adapters.pinduoduo.schema import RawGoods, SearchBody
from adapters.times import from_unix
from tests.unit.adapters.pinduoduo_rig import NOW, SIGN, goods

REF = ItemRef(platform="pinduoduo", item_id="531222333444")
START = int((NOW - timedelta(days=1)).timestamp())
END = int((NOW + timedelta(days=1)).timestamp())


def raw(**values: object) -> RawGoods:
    return RawGoods.model_validate(goods(**values))


def offer(**values: object) -> Offer:
    return offer_of(raw(**values), REF, SearchBody(search_id=None), NOW)


def couponed(**values: object) -> Offer:
    coupon: dict[str, object] = {
        "coupon_discount": 2000,
        "coupon_min_order_amount": 5000,
        "coupon_start_time": START,
        "coupon_end_time": END,
        "coupon_remain_quantity": 7,
    }
    return offer(**(coupon | values))


def test_fen_and_permille_are_read_as_such() -> None:
    made = couponed(
        predict_promotion_rate=1,
        goods_image_url="https://img.pddpic.com/a.jpg",
        mall_name="纸品旗舰店",
        sales_tip="10万+",
        search_id="s1",
    )
    assert made == Offer(
        ref=REF,
        title="家庭抽纸囤货装",
        price=Money(5990),
        final_price=Money(3990),
        seen_at=NOW,
        commission_rate=Rate(550),
        commission=Money(219),
        commission_if_compared=Money(3),
        coupon=Coupon(
            amount=Money(2000),
            threshold=Money(5000),
            starts_at=from_unix(START),
            ends_at=from_unix(END),
            remaining=7,
        ),
        shop="纸品旗舰店",
        image_url="https://img.pddpic.com/a.jpg",
        sales="10万+",
        opaque={"goods_sign": SIGN, "search_id": "s1"},
    )


def test_nothing_is_made_up_where_the_answer_is_silent() -> None:
    made = offer(promotion_rate=None, goods_sign="", goods_thumbnail_url="https://t/b.jpg")
    assert made.final_price == made.price == Money(5990)
    assert (made.commission_rate, made.commission, made.commission_if_compared) == (None,) * 3
    assert (made.coupon, made.shop, made.sales, made.opaque) == (None, "", "", {})
    assert made.image_url == "https://t/b.jpg"


def test_the_search_id_of_the_answer_serves_where_the_item_has_none() -> None:
    body = SearchBody(search_id="whole")
    assert offer_of(raw(), REF, body, NOW).opaque["search_id"] == "whole"
    assert offer_of(raw(search_id="own"), REF, body, NOW).opaque["search_id"] == "own"


def test_a_threshold_above_one_piece_leaves_the_price() -> None:
    made = couponed(coupon_min_order_amount=6000)
    assert made.coupon is not None
    assert made.final_price == Money(5990)
    assert made.commission == Money(329)


@pytest.mark.parametrize(
    "values",
    [
        {"coupon_discount": 0},
        {"coupon_discount": None},
        {"coupon_remain_quantity": 0},
        {"coupon_start_time": END, "coupon_end_time": END + 1},
        {"coupon_start_time": START - 9, "coupon_end_time": START},
    ],
)
def test_a_coupon_that_cannot_be_used_is_none(values: dict[str, object]) -> None:
    made = couponed(**values)
    assert (made.coupon, made.final_price) == (None, Money(5990))


def test_a_coupon_without_bounds_counts_and_never_pays_out() -> None:
    made = couponed(
        coupon_discount=9000,
        coupon_min_order_amount=None,
        coupon_start_time=0,
        coupon_end_time=None,
        coupon_remain_quantity=None,
    )
    assert made.coupon == Coupon(amount=Money(9000))
    assert (made.final_price, made.commission) == (Money(0), Money(0))


def test_a_zero_prediction_is_a_prediction() -> None:
    assert offer(predict_promotion_rate=0).commission_if_compared == Money(0)


def test_an_item_is_known_by_its_goods_id_where_it_is_told() -> None:
    by_id = ref_of(raw())
    assert by_id is not None
    assert by_id.item_id == "531222333444"
    assert by_id.source == "https://mobile.yangkeduo.com/goods.html?goods_id=531222333444"
    by_sign = ref_of(raw(goods_id=0))
    assert by_sign is not None
    assert (by_sign.item_id, is_goods_id(by_sign.item_id)) == (SIGN, False)
    assert ref_of(raw(goods_id=None, goods_sign="")) is None


def test_only_the_item_that_was_asked_for_is_taken() -> None:
    asked, other, nameless = raw(), raw(goods_id=1), raw(goods_id=0)
    assert pick([other, asked], "531222333444") is asked
    assert pick([other], "531222333444") is None
    assert pick([other, nameless], "531222333444") is nameless
    assert pick([nameless, nameless], "531222333444") is None
    assert pick([asked], None) is asked
    assert pick([asked, other], None) is None
    assert pick([], None) is None
