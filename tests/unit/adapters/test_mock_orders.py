"""The life of an order."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.mock.orders import STEPS
from tests.unit.adapters.mock_tiny import NOW, Moment, world

if TYPE_CHECKING:
    from adapters.mock.values import MockOrder
    from adapters.mock.world import World

LATER = NOW + timedelta(days=1)


def bought(here: World | None = None, *, item_id: str = "123456", pay: bool = True) -> MockOrder:
    here = here or world()
    return here.buy("jd", item_id, here.make_link("jd", item_id, {"pid": "1"}), pay=pay)


def step(order: MockOrder, name: str, **args: object) -> MockOrder:
    return STEPS[name](order, LATER, args, world().item(order.platform, order.item_id))


def reached(status: str) -> MockOrder:
    order = bought()
    for name in {"paid": (), "received": ("receive",), "settled": ("receive", "settle")}[status]:
        order = step(order, name)
    return order


def test_a_new_order_is_paid_and_carries_link_and_click() -> None:
    here = world(Moment(NOW + timedelta(microseconds=7)))
    item = here.item("jd", "123456")
    link = here.make_link("jd", "123456", {"pid": "1", "sub": "AbC"})
    order = here.buy("jd", item.canonical_id, link, 3, clicked_at=NOW - timedelta(hours=1))
    coupon = item.coupon.amount if item.coupon else 0
    assert order.paid == 3 * item.price - coupon
    assert order.commission == order.paid * item.rate_bp // 10_000
    assert (order.status, order.title, order.item_id) == ("paid", item.title, "123456")
    assert order.attribution == {"pid": "1", "sub": "AbC"}
    assert order.clicked_at == NOW - timedelta(hours=1)
    assert order.created_at == order.paid_at == order.updated_at == NOW
    assert here.order(order.order_id) == order


def test_a_click_that_nobody_remembered_is_now() -> None:
    assert bought().clicked_at == NOW


@pytest.mark.parametrize(
    ("platform", "form"),
    [
        ("taobao", r"[1-9][0-9]{18}"),
        ("jd", r"[1-9][0-9]{11}"),
        ("pinduoduo", r"261122-[0-9]{15}"),
        ("elsewhere", r"[1-9][0-9]{17}"),
    ],
)
def test_order_numbers_have_the_platforms_form(platform: str, form: str) -> None:
    assert re.fullmatch(form, world().buy(platform, "1", None).order_id)


@pytest.mark.parametrize("quantity", [0, -1, 1000])
def test_odd_quantities_are_refused(quantity: int) -> None:
    with pytest.raises(ValueError, match="quantity"):
        world().buy("jd", "1", None, quantity)


def test_what_is_off_the_shelf_cannot_be_bought() -> None:
    with pytest.raises(ValueError, match="off the shelf"):
        world().buy("jd", "900000000008", None)


def test_what_is_not_in_the_programme_earns_nothing() -> None:
    assert bought(item_id="900000000007").commission == 0
    assert bought(item_id="900000000007").rate_bp == 0


def test_unpaid_paid_received_settled() -> None:
    unpaid = bought(pay=False)
    assert (unpaid.status, unpaid.paid_at) == ("unpaid", None)
    paid = step(unpaid, "pay")
    assert (paid.status, paid.paid_at, paid.updated_at) == ("paid", LATER, LATER)
    received = step(paid, "receive")
    assert (received.status, received.received_at) == ("received", LATER)
    settled = step(received, "settle")
    assert (settled.status, settled.settled_at) == ("settled", LATER)


@pytest.mark.parametrize("status", ["paid", "received"])
def test_a_refund_before_settlement_voids(status: str) -> None:
    order = step(reached(status), "refund")
    assert (order.status, order.reason, order.taken_back) == ("void", "买家退款", 0)


def test_the_platform_can_void_with_a_reason() -> None:
    assert step(reached("paid"), "void", reason="刷单").reason == "刷单"
    assert step(reached("paid"), "void").reason == "违规订单"


def test_a_clawback_after_settlement_takes_back_in_parts_up_to_all() -> None:
    order = step(reached("settled"), "clawback", amount=5)
    assert (order.status, order.taken_back) == ("settled", 5)
    order = step(order, "clawback")
    assert order.taken_back == order.commission
    with pytest.raises(ValueError, match="left"):
        step(order, "clawback")


@pytest.mark.parametrize("amount", [0, -1, 10**9, "5", True])
def test_odd_clawbacks_are_refused(amount: object) -> None:
    with pytest.raises(ValueError, match="amount is 1 to"):
        step(reached("settled"), "clawback", amount=amount)


def test_a_late_price_compare_lowers_the_commission() -> None:
    order = reached("paid")
    compared = step(order, "compare")
    assert compared.compared
    assert compared.commission < order.commission
    item = world().item("jd", "123456")
    assert compared.rate_bp == (item.compared_rate_bp or 0)


def test_the_price_compare_scenario_is_compared_from_the_start() -> None:
    order = bought(item_id="900000000011")
    item = world().item("jd", "900000000011")
    assert order.compared
    assert order.rate_bp == item.compared_rate_bp
    assert order.commission == order.paid * order.rate_bp // 10_000


@pytest.mark.parametrize(
    ("status", "name", "says"),
    [
        ("paid", "pay", "paid, not unpaid"),
        ("paid", "settle", "receive it first"),
        ("paid", "clawback", "refund is for"),
        ("received", "receive", "received, not paid"),
        ("settled", "refund", "clawback is for"),
        ("settled", "void", "clawback is for"),
        ("settled", "compare", "settled, not"),
        ("settled", "settle", "settled, not received"),
    ],
)
def test_a_step_that_does_not_fit_says_why(status: str, name: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        step(reached(status), name)


def test_a_changed_order_is_stored_and_stays_promoted() -> None:
    moment = Moment()
    here = world(moment)
    order = bought(here)
    moment.move(days=1)
    here.change_order(step(order, "receive"))
    (stored,) = here.orders("jd", LATER, LATER + timedelta(seconds=1))
    assert stored == replace(order, status="received", received_at=LATER, updated_at=LATER)
    assert here.orders("jd", NOW, NOW + timedelta(seconds=1)) == ()
