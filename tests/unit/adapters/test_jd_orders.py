"""JD's order rows become ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.contract import OrderRow, OrderStatus, Placement
from adapters.errors import ProtocolError
from adapters.jd.orders import order_arguments, order_row
from adapters.jd.schema import Row
from adapters.money import Money, Rate

NOW = datetime(2026, 12, 25, 4, 0, tzinfo=UTC)


def row(**values: Any) -> OrderRow:
    raw = {
        "id": "9900001",
        "orderId": 226502240472,
        "parentId": 0,
        "orderTime": "2026-12-01 20:15:00",
        "finishTime": "",
        "modifyTime": "2026-12-02 00:00:01",
        "skuId": 100061842973,
        "skuName": "挂耳咖啡",
        "skuNum": 2,
        "commissionRate": 10,
        "finalRate": 90,
        "estimateCosPrice": 79.8,
        "estimateFee": 7.18,
        "actualCosPrice": 0,
        "actualFee": 0,
        "validCode": 16,
        "payMonth": 0,
        "balanceExt": "",
        "positionId": 3100500003,
        "subUnionId": "Ab3dE7x",
        **values,
    }
    return order_row(Row.model_validate(raw), "main", NOW)


FINISHED = {
    "validCode": 17,
    "finishTime": "2026-12-05 09:00:00",
    "actualCosPrice": 79.8,
    "actualFee": 7.18,
}


def test_a_paid_row() -> None:
    paid = row()
    assert (paid.platform, paid.account, paid.row_id, paid.order_id) == (
        "jd", "main", "9900001", "226502240472",
    )  # fmt: skip
    assert paid.parent_order_id is None
    assert (paid.ref.item_id, paid.title, paid.quantity) == ("100061842973", "挂耳咖啡", 2)
    assert (paid.status, paid.raw_status) == (OrderStatus.PAID, "16")
    assert (paid.paid, paid.estimated_commission) == (Money(7980), Money(718))
    assert paid.commission_rate == Rate(900)
    assert paid.settled_commission is None
    assert paid.placement == Placement(account="main", pid="3100500003", sub_id="Ab3dE7x")
    assert paid.created_at == datetime(2026, 12, 1, 12, 15, tzinfo=UTC)
    assert paid.updated_at == datetime(2026, 12, 1, 16, 0, 1, tzinfo=UTC)
    assert (paid.received_at, paid.settled_at, paid.clicked_at) == (None, None, None)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (15, OrderStatus.UNPAID),
        ("24", OrderStatus.UNPAID),
        (16, OrderStatus.PAID),
        (17, OrderStatus.RECEIVED),
        (18, OrderStatus.SETTLED),
        *((code, OrderStatus.VOID) for code in (-1, 2, 3, 4, 13, 14, 19, 20, 36, 99)),
    ],
)
def test_valid_codes(code: object, status: OrderStatus) -> None:
    found = row(validCode=code)
    assert (found.status, found.raw_status) == (status, str(code))


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("0", OrderStatus.RECEIVED),
        ("20270120", OrderStatus.RECEIVED),
        ("20261225", OrderStatus.RECEIVED),
        ("20261224", OrderStatus.SETTLED),
        (20261220, OrderStatus.SETTLED),
    ],
    ids=["none named", "to come", "today", "yesterday", "as a number"],
)
def test_a_finished_row_is_settled_when_its_day_is_over(day: object, status: OrderStatus) -> None:
    found = row(**FINISHED, payMonth=day)
    assert found.status is status
    settled = status is OrderStatus.SETTLED
    assert (found.settled_commission is not None) == settled
    assert (found.settled_at is not None) == settled


def test_a_finished_row_speaks_of_what_was_really_paid() -> None:
    found = row(**{**FINISHED, "actualCosPrice": 39.9, "actualFee": 3.59})
    assert (found.paid, found.estimated_commission) == (Money(3990), Money(359))
    assert found.received_at == datetime(2026, 12, 5, 1, 0, tzinfo=UTC)
    early = row(validCode=17, actualCosPrice=None, actualFee=None)
    assert (early.paid, early.estimated_commission) == (Money(7980), Money(718))


@pytest.mark.parametrize(
    ("balance", "owed"),
    [
        ("", 718),
        ('{"20261220":7.18}', 718),
        ('{"20261220":7.18,"20270120":-2}', 518),
        ('{"20261120":7.18,"20261220":"-7.18"}', 0),
        ('{"20261220":7.18,"20270120":3}', 718),
        ('{"20270120":7.18}', 0),
        ('{"0":7.18,"20261220":null}', 718),
    ],
    ids=["fee", "paid", "announced clawback", "taken back", "more to come", "all to come", "no days"],
)  # fmt: skip
def test_what_is_owed_after_settlement(balance: str, owed: int) -> None:
    found = row(**FINISHED, payMonth="20261220", balanceExt=balance)
    assert found.settled_commission == Money(owed)


def test_a_void_row_owes_what_was_paid_less_what_was_taken() -> None:
    assert row(validCode=3).settled_commission == Money(0)
    both = row(validCode=20, payMonth="20261120", balanceExt='{"20261120":7,"20261220":-7}')
    assert both.settled_commission == Money(0)
    once = row(validCode=20, payMonth="20261120", balanceExt='{"20261120":7}')
    assert once.settled_commission == Money(700)


def test_a_clawback_before_any_payment_owes_nothing() -> None:
    found = row(**FINISHED, payMonth="20270120", balanceExt='{"20270120":7,"20270220":-7}')
    assert (found.status, found.settled_commission) == (OrderStatus.RECEIVED, None)


def test_attribution_is_what_came_back() -> None:
    assert row(positionId=0, subUnionId="").placement is None
    only_sub = row(positionId=0).placement
    assert only_sub is not None
    assert (only_sub.pid, only_sub.sub_id) == ("", "Ab3dE7x")
    only_pid = row(subUnionId=None).placement
    assert only_pid is not None
    assert only_pid.sub_id == ""


def test_missing_fields_fall_back() -> None:
    bare = row(
        modifyTime=None, skuId=None, itemId="abc_3def", skuNum=None, parentId="77", finalRate=None,
        estimateCosPrice=None, estimateFee=None,
    )  # fmt: skip
    assert bare.updated_at == bare.created_at
    assert bare.ref.item_id == "abc_3def"
    assert (bare.quantity, bare.parent_order_id) == (1, "77")
    assert bare.commission_rate == Rate(1000)
    assert (bare.paid, bare.estimated_commission) == (Money(0), Money(0))
    finished = row(modifyTime="", finishTime="2026-12-05 09:00:00")
    assert finished.updated_at == finished.received_at


def test_times_may_be_milliseconds() -> None:
    found = row(orderTime=int(NOW.timestamp() * 1000))
    assert found.created_at == NOW


@pytest.mark.parametrize(
    "values",
    [{"payMonth": "soon"}, {"balanceExt": "x"}, {"balanceExt": "[1]"}, {"balanceExt": '{"x":1}'}],
)
def test_an_unreadable_settlement_is_told(values: dict[str, str]) -> None:
    with pytest.raises(ProtocolError):
        row(**FINISHED, **values)


def test_a_row_needs_its_time() -> None:
    with pytest.raises(ValidationError):
        row(orderTime="")


def test_windows_are_asked_for_in_beijing_time() -> None:
    asked = order_arguments(NOW, NOW, 3)
    assert asked == {
        "orderReq": {
            "pageIndex": 3,
            "pageSize": 200,
            "type": 3,
            "startTime": "2026-12-25 12:00:00",
            "endTime": "2026-12-25 12:00:00",
        }
    }
