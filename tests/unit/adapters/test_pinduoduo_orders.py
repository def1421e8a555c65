"""Orders of the gateway as rows, and the order of their pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.contract import ItemRef, Money, OrderRow, OrderStatus, Placement, Rate
from adapters.errors import ProtocolError
from adapters.pinduoduo.orders import last_page, order_row, page_number, window
from adapters.pinduoduo.schema import RawOrder
from adapters.times import from_unix
from tests.unit.adapters.pinduoduo_rig import HOUSE, NOW, SIGN

T = 1_795_000_000


def row(**values: object) -> OrderRow:
    raw: dict[str, object] = {
        "order_sn": "261118-123456789012345",
        "order_status": 1,
        "goods_id": 531222333444,
        "goods_sign": SIGN,
        "goods_name": "家庭抽纸囤货装",
        "goods_quantity": 2,
        "order_amount": 7980,
        "promotion_rate": 55,
        "promotion_amount": 438,
        "p_id": HOUSE,
        "custom_parameters": '{"uid":"p42","sid":"Ab3dE6g"}',
        "order_create_time": T,
        "order_pay_time": T + 1,
        "order_receive_time": 0,
        "order_settle_time": None,
        "order_modify_at": T + 2,
    }
    return order_row(RawOrder.model_validate(raw | values), "main")


def test_a_row_carries_everything_back() -> None:
    assert row() == OrderRow(
        platform="pinduoduo",
        account="main",
        row_id="261118-123456789012345",
        order_id="261118-123456789012345",
        ref=ItemRef(platform="pinduoduo", item_id="531222333444"),
        title="家庭抽纸囤货装",
        quantity=2,
        status=OrderStatus.PAID,
        raw_status="1",
        paid=Money(7980),
        commission_rate=Rate(550),
        estimated_commission=Money(438),
        settled_commission=None,
        placement=Placement(account="main", pid=HOUSE, promoter_tag="p42", sub_id="Ab3dE6g"),
        created_at=from_unix(T),
        paid_at=from_unix(T + 1),
        received_at=None,
        settled_at=None,
        updated_at=from_unix(T + 2),
    )


@pytest.mark.parametrize(
    ("code", "status", "settled"),
    [
        (-1, OrderStatus.UNPAID, None),
        (0, OrderStatus.PAID, None),
        (1, OrderStatus.PAID, None),
        (2, OrderStatus.RECEIVED, None),
        (3, OrderStatus.RECEIVED, None),
        (4, OrderStatus.VOID, Money(0)),
        (5, OrderStatus.SETTLED, Money(438)),
        (8, OrderStatus.VOID, Money(0)),
        (10, OrderStatus.VOID, Money(0)),
    ],
)
def test_states_and_what_is_owed(code: int, status: OrderStatus, settled: Money | None) -> None:
    made = row(order_status=code)
    assert (made.status, made.raw_status, made.settled_commission) == (status, str(code), settled)


def test_an_unknown_state_is_not_guessed() -> None:
    with pytest.raises(ProtocolError, match="status 7"):
        row(order_status=7)


def test_missing_fields_stay_missing() -> None:
    made = row(
        goods_id=0,
        goods_name=None,
        goods_quantity=None,
        promotion_rate=None,
        promotion_amount=None,
        p_id=None,
        order_pay_time=None,
        order_receive_time=T + 5,
        order_settle_time=T + 6,
    )
    assert made.ref.item_id == SIGN
    assert SIGN in made.ref.source
    assert (made.title, made.quantity, made.commission_rate) == ("", 1, None)
    assert (made.estimated_commission, made.placement) == (Money(0), None)
    assert (made.paid_at, made.received_at) == (None, from_unix(T + 5))
    assert made.settled_at == from_unix(T + 6)
    nameless = row(goods_id=None, goods_sign=None)
    assert (nameless.ref.item_id, nameless.ref.source) == ("", "")


def test_a_window_is_whole_seconds_with_its_end_left_out() -> None:
    since = NOW
    assert window(since, since + timedelta(hours=1)) == (
        int(since.timestamp()),
        int(since.timestamp()) + 3599,
    )
    half = timedelta(milliseconds=500)
    first, last = window(since + half, since + half + timedelta(hours=24)) or (0, 0)
    assert (first, last) == (int(since.timestamp()) + 1, int(since.timestamp()) + 86400)
    assert window(since, since) is None
    assert window(since + half / 2, since + half) is None


def test_pages_are_counted_from_the_last() -> None:
    assert [last_page(total) for total in (0, 1, 50, 51, 100, 101)] == [1, 1, 1, 2, 2, 3]
    assert page_number("3") == 3
    for strange in ("", "0", "x", "-1", "10001", "³"):
        with pytest.raises(ProtocolError):
            page_number(strange)
