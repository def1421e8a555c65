"""Items from a hash, their coupons in time, and the scenario ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mock import scenarios
from adapters.mock.items import beijing_day, coupon_at, item_base
from adapters.mock.orders import amount_due
from adapters.times import BEIJING
from tests.unit.adapters.mock_tiny import BASE, NOW, Moment, world

if TYPE_CHECKING:
    from adapters.mock.values import MockItem
    from adapters.mock.world import World

platforms = st.sampled_from(["taobao", "jd", "pinduoduo", "elsewhere"])
ids = st.integers(min_value=1, max_value=899_999_999_999).map(str)
moments = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2040, 1, 1)).map(  # noqa: DTZ001 - made aware next
    lambda at: at.replace(tzinfo=UTC)
)


def scenario(name: str, moment: Moment | None = None, *, platform: str = "jd") -> MockItem:
    return world(moment).item(platform, id_of(name))


def id_of(name: str) -> str:
    return next(number for number, known in scenarios.BY_ID.items() if known == name)


def test_an_item_is_the_same_in_every_run() -> None:
    item = world().item("taobao", "123456789")
    assert (item.title, item.price, item.rate_bp) == ("新款ins风猫砂 10kg 量大从优", 20590, 2630)
    assert item.compared_rate_bp == 650
    assert item.shop == "云栖生活馆"
    assert item.image_url == f"{BASE}/_shop/picture/taobao/123456789.svg"
    assert item.coupon is not None
    assert item.coupon.id == "b5325d706330e02927a77fe0e9dc8004"


@given(platforms, ids)
def test_either_id_finds_the_item_and_its_numbers_make_sense(platform: str, number: str) -> None:
    here = world()
    item = here.item(platform, number)
    assert here.item(platform, item.canonical_id) == item
    assert item.item_id == number
    assert 900 <= item.price <= 30_000
    assert 100 <= item.rate_bp <= 3000
    assert item.rate_bp % 10 == 0
    assert item.compared_rate_bp is None or 0 < item.compared_rate_bp < item.rate_bp
    assert item.sales >= 10
    assert item.on_shelf
    assert item.promotable
    here.close()


def test_an_opaque_id_of_the_real_platform_is_an_item_that_keeps_it() -> None:
    here = world()
    pasted = "a" * 24 + "-" + "b" * 18
    item = here.item("taobao", pasted)
    assert item.canonical_id == pasted
    assert here.item("taobao", item.item_id).title == item.title


@given(platforms, ids, moments)
def test_a_coupon_is_valid_now_and_worth_it(platform: str, number: str, now: datetime) -> None:
    base = item_base(platform, number)
    coupon = coupon_at(base, now)
    if coupon is not None:
        assert coupon.starts_at <= now < coupon.ends_at + timedelta(seconds=1)
        assert 0 < coupon.amount <= coupon.threshold <= base.price
        assert 0 < coupon.remaining <= coupon.total
        assert coupon.ends_at - coupon.starts_at == timedelta(days=7, seconds=-1)
        assert f"{coupon.ends_at.astimezone(BEIJING):%H:%M:%S}" == "23:59:59"
        # Until its last second it is the very same coupon.
        assert coupon_at(base, coupon.starts_at) == coupon
        assert coupon_at(base, coupon.ends_at) == coupon
        # Then it is over, whatever follows.
        following = coupon_at(base, coupon.ends_at + timedelta(seconds=1))
        assert following is None or following.id != coupon.id


def test_about_seven_items_in_ten_have_a_coupon_and_it_changes_with_the_weeks() -> None:
    found = [coupon_at(item_base("jd", str(number)), NOW) for number in range(1, 1001)]
    assert 650 < sum(coupon is not None for coupon in found) < 750
    base = item_base("jd", "7")
    weeks = [coupon_at(base, NOW + timedelta(weeks=week)) for week in range(20)]
    assert None in weeks
    assert len({coupon.amount for coupon in weeks if coupon}) > 3


def test_coupons_of_different_items_do_not_all_end_on_one_day() -> None:
    ends = {
        coupon.ends_at
        for number in range(1, 100)
        if (coupon := coupon_at(item_base("jd", str(number)), NOW))
    }
    assert len(ends) == 7


def test_the_scenario_ids_are_twelve_digits_in_a_row() -> None:
    assert list(scenarios.BY_ID) == [str(900_000_000_000 + n) for n in range(1, 12)]


def test_scenarios_of_the_item_itself() -> None:
    assert not scenario(scenarios.NOT_PROMOTABLE).promotable
    assert scenario(scenarios.NOT_PROMOTABLE).on_shelf
    assert not scenario(scenarios.OFF_SHELF).on_shelf
    assert not scenario(scenarios.OFF_SHELF).promotable
    assert scenario(scenarios.NUMERIC_REFUSED, platform="taobao").scenario == "numeric_refused"
    assert scenario(scenarios.NEEDS_AUTHORISATION).scenario == "needs_authorisation"
    compared = scenario(scenarios.PRICE_COMPARE)
    assert compared.compared_rate_bp is not None
    assert compared.compared_rate_bp < compared.rate_bp


@pytest.mark.parametrize("days", [0, 1, 8, 400])
def test_no_coupon_at_any_time(days: int) -> None:
    assert scenario(scenarios.NO_COUPON, Moment(NOW + timedelta(days=days))).coupon is None


def test_exhausted_coupon() -> None:
    item = scenario(scenarios.COUPON_EXHAUSTED)
    assert item.coupon is not None
    assert item.coupon.remaining == 0
    assert amount_due(item, 1, NOW) == item.price


def test_threshold_above_the_price_of_one_piece() -> None:
    item = scenario(scenarios.THRESHOLD_ABOVE_PRICE)
    assert item.coupon is not None
    assert item.coupon.amount < item.price < item.coupon.threshold
    assert amount_due(item, 1, NOW) == item.price
    assert amount_due(item, 3, NOW) == 3 * item.price - item.coupon.amount


@given(moments)
def test_ending_soon_ends_within_a_quarter_of_an_hour(now: datetime) -> None:
    coupon = scenario(scenarios.COUPON_ENDING_SOON, Moment(now)).coupon
    assert coupon is not None
    assert timedelta(minutes=5) < coupon.ends_at - now <= timedelta(minutes=15)
    after = scenario(scenarios.COUPON_ENDING_SOON, Moment(coupon.ends_at)).coupon
    assert after is not None
    assert after.id != coupon.id
    assert after.amount == coupon.amount


def test_a_coupon_that_ends_is_replaced_by_an_equal_one() -> None:
    moment = Moment()
    first = scenario(scenarios.COUPON_REPLACED, moment).coupon
    assert first is not None
    assert beijing_day(first.ends_at) == beijing_day(NOW) + 1
    moment.move(days=3)
    second = scenario(scenarios.COUPON_REPLACED, moment).coupon
    assert second is not None
    assert second.id != first.id
    assert (second.amount, second.threshold) == (first.amount, first.threshold)
    assert second.starts_at <= moment.at < second.ends_at


def test_a_coupon_that_ends_for_good_begins_anew_after_a_month() -> None:
    moment = Moment()
    here = world(moment)
    first = here.item("jd", id_of(scenarios.COUPON_GONE)).coupon
    assert first is not None
    moment.move(days=1)
    assert here.item("jd", id_of(scenarios.COUPON_GONE)).coupon == first
    moment.at = first.ends_at
    assert here.item("jd", id_of(scenarios.COUPON_GONE)).coupon is None
    moment.at = NOW + timedelta(days=30)
    assert here.item("jd", id_of(scenarios.COUPON_GONE)).coupon is None
    moment.at = NOW + timedelta(days=31)
    again = here.item("jd", id_of(scenarios.COUPON_GONE)).coupon
    assert again is not None
    assert again.amount == first.amount
    # Another platform has not been asked before.
    assert here.item("taobao", id_of(scenarios.COUPON_GONE)).coupon is not None


def test_scenarios_are_found_by_the_opaque_id_too() -> None:
    here: World = world()
    for number, name in scenarios.BY_ID.items():
        for platform in ("taobao", "jd", "pinduoduo"):
            opaque = here.item(platform, number).canonical_id
            assert here.item(platform, opaque).scenario == name
