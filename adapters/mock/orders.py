"""The life of an order: unpaid -> paid -> received -> settled; void before, clawback after.

Every step is a pure function of the order and the moment; a step that the present state does not
allow is a ValueError whose text says what to do instead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.mock.scenarios import PRICE_COMPARE
from adapters.mock.values import MockItem, MockLink, MockOrder
from adapters.times import BEIJING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

__all__ = ["STEPS", "new_order"]

_MAX_QUANTITY = 999
_BP = 10_000


def new_order(
    item: MockItem,
    link: MockLink | None,
    quantity: int,
    *,
    now: datetime,
    clicked_at: datetime | None,
    pay: bool,
    serial: int,
) -> MockOrder:
    """An order for `item`, with its coupon where the sum reaches the threshold."""
    if not item.on_shelf:
        raise ValueError("the item is off the shelf")
    if not 1 <= quantity <= _MAX_QUANTITY:
        raise ValueError(f"quantity is 1 to {_MAX_QUANTITY}")
    paid = amount_due(item, quantity, now)
    compared = item.scenario == PRICE_COMPARE
    rate_bp = _rate(item, compared=compared)
    return MockOrder(
        platform=item.platform,
        order_id=_number(item.platform, serial, now),
        item_id=item.item_id,
        title=item.title,
        quantity=quantity,
        paid=paid,
        rate_bp=rate_bp,
        commission=paid * rate_bp // _BP,
        status="paid" if pay else "unpaid",
        reason="",
        taken_back=0,
        compared=compared,
        attribution=dict(link.attribution) if link else {},
        clicked_at=(clicked_at or now) if link else None,
        created_at=now,
        paid_at=now if pay else None,
        received_at=None,
        settled_at=None,
        updated_at=now,
    )


def amount_due(item: MockItem, quantity: int, now: datetime) -> int:
    """What `quantity` pieces cost at `now`, in fen; one coupon an order."""
    due = item.price * quantity
    coupon = item.coupon
    if (
        coupon is not None
        and coupon.remaining > 0
        and coupon.starts_at <= now < coupon.ends_at
        and due >= coupon.threshold
    ):
        due -= coupon.amount
    return due


def _rate(item: MockItem, *, compared: bool) -> int:
    if not item.promotable:
        return 0
    return (item.compared_rate_bp or 0) if compared else item.rate_bp


def _number(platform: str, serial: int, now: datetime) -> str:
    """An order number in the platform's form: 19 digits, 12 digits, or day and 15 digits."""
    match platform:
        case "taobao":
            return str(10**18 + serial % (9 * 10**18))
        case "jd":
            return str(10**11 + serial % (9 * 10**11))
        case "pinduoduo":
            return f"{now.astimezone(BEIJING):%y%m%d}-{serial % 10**15:015d}"
        case _:
            return str(10**17 + serial % (9 * 10**17))


def _need(order: MockOrder, *statuses: str, instead: str = "") -> None:
    if order.status not in statuses:
        hint = f": {instead}" if instead else ""
        raise ValueError(f"the order is {order.status}, not {' or '.join(statuses)}{hint}")


def _pay(
    order: MockOrder, now: datetime, _args: Mapping[str, object], _item: MockItem
) -> MockOrder:
    _need(order, "unpaid")
    return replace(order, status="paid", paid_at=now, updated_at=now)


def _receive(
    order: MockOrder, now: datetime, _args: Mapping[str, object], _item: MockItem
) -> MockOrder:
    _need(order, "paid")
    return replace(order, status="received", received_at=now, updated_at=now)


def _settle(
    order: MockOrder, now: datetime, _args: Mapping[str, object], _item: MockItem
) -> MockOrder:
    _need(order, "received", instead="receive it first")
    return replace(order, status="settled", settled_at=now, updated_at=now)


def _refund(
    order: MockOrder, now: datetime, _args: Mapping[str, object], _item: MockItem
) -> MockOrder:
    _need(order, "unpaid", "paid", "received", instead="clawback is for settled orders")
    return replace(order, status="void", reason="买家退款", updated_at=now)


def _void(
    order: MockOrder, now: datetime, args: Mapping[str, object], _item: MockItem
) -> MockOrder:
    _need(order, "unpaid", "paid", "received", instead="clawback is for settled orders")
    return replace(order, status="void", reason=str(args.get("reason", "违规订单")), updated_at=now)


def _clawback(
    order: MockOrder, now: datetime, args: Mapping[str, object], _item: MockItem
) -> MockOrder:
    _need(order, "settled", instead="refund is for orders before settlement")
    left = order.commission - order.taken_back
    amount = args.get("amount", left)
    if type(amount) is not int or not 0 < amount <= left:
        raise ValueError(f"amount is 1 to {left} fen, the commission that is left")
    return replace(order, taken_back=order.taken_back + amount, reason="维权退款", updated_at=now)


def _compare(
    order: MockOrder, now: datetime, _args: Mapping[str, object], item: MockItem
) -> MockOrder:
    _need(order, "unpaid", "paid", "received")
    rate_bp = _rate(item, compared=True)
    return replace(
        order,
        compared=True,
        rate_bp=rate_bp,
        commission=order.paid * rate_bp // _BP,
        updated_at=now,
    )


STEPS: Mapping[str, Callable[[MockOrder, datetime, Mapping[str, object], MockItem], MockOrder]] = {
    "pay": _pay,
    "receive": _receive,
    "settle": _settle,
    "refund": _refund,
    "void": _void,
    "clawback": _clawback,
    "compare": _compare,
}
"""`clawback` takes `amount` in fen (default: all that is left), `void` a `reason`."""
