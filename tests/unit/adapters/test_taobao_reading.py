"""Ids, PIDs, coupons and raw answers: what is read without a call."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module

import pytest
from pydantic import ValidationError

from adapters import taobao
from adapters.contract import Coupon, Money, Rate
from adapters.taobao.adapter import TaobaoAdapter
from adapters.taobao.coupons import amounts_in, best_in_path, price_after
from adapters.taobao.ids import adzone_of, clean_link, is_numeric, item_id_in, pids_in
from adapters.taobao.info import INFO
from adapters.taobao.schema import ConvertAnswer, CouponInfo, ItemAnswer, PathRow
from tests.unit.adapters.taobao_rig import HOUSE, LEASED, NOW, OPAQUE, PLAIN, settings


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"https://item.taobao.com/item.htm?spm=1&id={PLAIN}&skuId=9", PLAIN),
        (f"https://detail.tmall.com/item_o.htm?id={PLAIN}", PLAIN),
        (f"https://detail.tmall.hk/hk/item.htm?id={PLAIN}", PLAIN),
        (f"https://a.m.taobao.com/i{PLAIN}.htm?price=1", PLAIN),
        (f"https://www.taobao.com/list/item/{PLAIN}.htm", PLAIN),
        (f"https://uland.taobao.com/item/edetail?id={OPAQUE}", OPAQUE),
        (f"https://uland.taobao.com/coupon/edetail?activityId=1&itemId={PLAIN}&pid=x", PLAIN),
        (f"https://main.m.taobao.com/security-h5-detail/home?id={PLAIN}", PLAIN),
        (f"https://assets-tmw.taobao.com/a/home?targetType=ITEM&targetId={PLAIN}", PLAIN),
        (f"https://assets-tmw.taobao.com/a/home?targetType=SHOP&targetId={PLAIN}", None),
        (f"https://item.taobao.com/item.htm?id={PLAIN}&id={PLAIN}", PLAIN),
        (f"https://item.taobao.com/item.htm?id={PLAIN}&id=1", None),
        ("https://item.taobao.com/item.htm?id=0123", None),
        ("https://item.taobao.com/item.htm", None),
        (f"https://item.taobao.com/search?id={PLAIN}", None),
        (f"https://shop.taobao.com/item.htm?id={PLAIN}", None),
        (f"https://item.taobao.com@evil.example/item.htm?id={PLAIN}", None),
        ("https://h5.m.goofish.com/item?id=1", None),
        ("not a link", None),
    ],
)
def test_the_id_in_a_link(url: str, found: str | None) -> None:
    assert item_id_in(url) == found


def test_placements_and_ids() -> None:
    assert adzone_of(HOUSE) == "330"
    assert is_numeric(PLAIN)
    assert not is_numeric(OPAQUE)
    assert clean_link(PLAIN) == f"https://item.taobao.com/item.htm?id={PLAIN}"
    assert pids_in((f"https://x/?pid={HOUSE}&a={LEASED}", None, HOUSE, "0")) == (HOUSE, LEASED)


@pytest.mark.parametrize("pid", ["mm_1_2", "1_2_3", "mm_a_b_c", "mm_1_2_3_4", "mm_1_2_3\n4"])
def test_a_pid_has_one_form(pid: str) -> None:
    with pytest.raises(ValidationError):
        settings(pid=pid)
    with pytest.raises(ValidationError):
        settings(pool=[pid])


def test_settings_know_what_is_missing_and_what_is_ours() -> None:
    assert settings(app_secret="", pid="").missing_keys() == ("app_secret", "pid")
    assert settings(former_pids=["mm_1_2_3"]).own_pids() == {HOUSE, LEASED, "mm_1_2_3"}
    assert str(settings().gateway_url) == "https://eco.taobao.com/router/rest"
    assert "helloworld" not in repr(settings())


def test_the_adapter_is_found_in_its_package() -> None:
    assert taobao.ADAPTER is TaobaoAdapter
    with pytest.raises(AttributeError):
        import_module("adapters.taobao").__getattr__("OTHER")


def test_every_right_says_what_works_without_it() -> None:
    assert len({right.id for right in INFO.rights}) == len(INFO.rights)
    assert all(right.without_zh and right.without_en for right in INFO.rights)


@pytest.mark.parametrize(
    ("terms", "threshold", "amount"),
    [
        ("满99元减10元", 9900, 1000),
        ("满16减1.5", 1600, 150),
        ("10元无门槛券", 0, None),
        ("神券", None, None),
    ],
)
def test_the_terms_of_a_coupon(terms: str, threshold: int | None, amount: int | None) -> None:
    read = tuple(part.fen if part is not None else None for part in amounts_in(terms))
    assert read == (threshold, amount)


def test_the_price_after_a_coupon() -> None:
    price = Money(5000)
    assert price_after(price, None, NOW) == price
    assert price_after(price, Coupon(amount=Money(900), threshold=Money(5000)), NOW) == Money(4100)
    assert price_after(price, Coupon(amount=Money(900), threshold=Money(5001)), NOW) == price
    assert price_after(price, Coupon(amount=Money(9000)), NOW) == Money(0)


def path(**values: object) -> PathRow:
    """A promotion on the way to the price in hand: a coupon of 10 yuan from 50."""
    given = {"promotion_title": "商品券", "promotion_desc": "满50减10", "promotion_fee": "10"}
    return PathRow.model_validate(given | values)


def test_the_best_coupon_of_a_search_result() -> None:
    price = Money(6000)
    rows = [
        path(promotion_title="跨店满减"),
        path(promotion_desc="不明"),
        path(promotion_fee=None, promotion_desc="满30减5"),
        path(promotion_fee="30", promotion_desc="满100减30"),
        path(promotion_fee="40", promotion_end_time="2026-11-21"),
        path(promotion_end_time="2026-11-22", promotion_start_time="1700000000000"),
    ]
    found = best_in_path(rows, price, NOW)
    assert found is not None
    assert found.amount == Money(1000)
    assert found.starts_at is None
    assert found.ends_at == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert best_in_path(rows[:2], price, NOW) is None


def test_numbers_may_be_text_or_numbers() -> None:
    given = {"coupon_amount": 20, "coupon_remain_count": "7", "coupon_start_fee": Decimal("9.9")}
    read = CouponInfo.model_validate(given)
    assert read.coupon_amount == Money(2000)
    assert read.coupon_remain_count == 7
    assert read.coupon_start_fee == Money(990)
    assert CouponInfo.model_validate({"coupon_amount": ""}).coupon_amount is None


@pytest.mark.parametrize("value", ["much", True, "NaN", ["1"], "Infinity"])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        CouponInfo.model_validate({"coupon_amount": value})


def test_a_bare_date_ends_after_that_day() -> None:
    read = CouponInfo.model_validate(
        {"coupon_start_time": "2026-12-01", "coupon_end_time": "2026-12-01"}
    )
    assert read.coupon_start_time == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert read.coupon_end_time == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert CouponInfo.model_validate({"coupon_end_time": None}).coupon_end_time is None


@pytest.mark.parametrize(
    "results",
    [
        [{"item_id": "1"}],
        {"tbk_item_detail": [{"item_id": "1"}]},
        {"tbk_item_detail": {"item_id": "1"}},
        {"item_id": "1", "publish_info": None},
    ],
)
def test_a_list_may_be_wrapped_or_bare(results: object) -> None:
    (row,) = ItemAnswer.model_validate({"results": results}).results
    assert row.item_id == "1"
    assert row.publish_info.income_rate is None


@pytest.mark.parametrize("answer", [{}, {"results": None}, {"results": {}}, {"results": []}])
def test_an_empty_list_may_be_missing(answer: object) -> None:
    assert ItemAnswer.model_validate(answer).results == []


def test_the_price_in_hand_of_a_conversion_is_fen() -> None:
    row = {
        "code": None,
        "promotion_info_dto": {"commission_rate": "15.5%", "promotion_price": "990"},
    }
    answer = ConvertAnswer.model_validate({"data": {"material_url_list": [row]}})
    promotion = answer.data.material_url_list[0].promotion_info_dto
    assert promotion.promotion_price == Money(990)
    assert promotion.commission_rate == Rate(1550)
    assert answer.data.material_url_list[0].fine
