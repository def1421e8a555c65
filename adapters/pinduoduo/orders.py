"""Orders of pdd.ddk.order.list.increment.get.

The documents advise to ask for the count first and to read the pages from the last to the first: a
row that changes meanwhile leaves the window, and those behind it move to earlier pages, which are
still to come. Read forwards they would be missed.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from adapters.contract import ItemRef, Money, OrderRow, OrderStatus, Rate
from adapters.errors import ProtocolError
from adapters.pinduoduo.addresses import item_link, sign_link
from adapters.pinduoduo.attribution import placement_of
from adapters.pinduoduo.goods import PLATFORM
from adapters.times import from_unix

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.pinduoduo.schema import RawOrder

__all__ = ["PAGE_SIZE", "last_page", "order_row", "page_number", "window"]

PAGE_SIZE = 50
"""10-100 are allowed, 40-50 advised."""
MAX_PAGE = 10_000

_STATUS = {
    -1: OrderStatus.UNPAID,
    0: OrderStatus.PAID,
    1: OrderStatus.PAID,  # the group is complete
    2: OrderStatus.RECEIVED,
    3: OrderStatus.RECEIVED,  # verified: will be paid with the next settlement
    4: OrderStatus.VOID,  # verification failed: refunded, or against the rules
    5: OrderStatus.SETTLED,
    8: OrderStatus.VOID,  # not an item of the programme
    10: OrderStatus.VOID,  # punished
}


def window(since: datetime, until: datetime) -> tuple[int, int] | None:
    """[since, until) as the first and last whole second, both included; None if there is none."""
    start, end = ceil(since.timestamp()), ceil(until.timestamp()) - 1
    return (start, end) if start <= end else None


def last_page(total: int) -> int:
    """Where reading begins."""
    return max(1, -(-total // PAGE_SIZE))


def page_number(cursor: str) -> int:
    """The page that a cursor names; ProtocolError for one that is not ours."""
    if cursor.isascii() and cursor.isdigit() and 1 <= int(cursor) <= MAX_PAGE:
        return int(cursor)
    raise ProtocolError("pinduoduo: an unknown cursor")


def _time(seconds: int | None) -> datetime | None:
    return from_unix(seconds) if seconds else None


def _ref(raw: RawOrder) -> ItemRef:
    if raw.goods_id and raw.goods_id != "0":
        return ItemRef(platform=PLATFORM, item_id=raw.goods_id, source=item_link(raw.goods_id))
    sign = raw.goods_sign or ""
    return ItemRef(platform=PLATFORM, item_id=sign, source=sign_link(sign) if sign else "")


def order_row(raw: RawOrder, account: str) -> OrderRow:
    """A row; ProtocolError for a status that the documents do not know (nothing is guessed where
    money hangs on it). A void order is owed nothing; others are owed nothing before settlement."""
    status = _STATUS.get(raw.order_status)
    if status is None:
        raise ProtocolError(f"pinduoduo: order status {raw.order_status} is not documented")
    amount = Money(raw.promotion_amount or 0)
    settled = {OrderStatus.SETTLED: amount, OrderStatus.VOID: Money(0)}.get(status)
    return OrderRow(
        platform=PLATFORM,
        account=account,
        row_id=raw.order_sn,
        order_id=raw.order_sn,
        ref=_ref(raw),
        title=raw.goods_name or "",
        quantity=raw.goods_quantity or 1,
        status=status,
        raw_status=str(raw.order_status),
        paid=Money(raw.order_amount),
        commission_rate=None
        if raw.promotion_rate is None
        else Rate.from_permille(raw.promotion_rate),
        estimated_commission=amount,
        settled_commission=settled,
        placement=placement_of(account, raw.p_id, raw.custom_parameters),
        created_at=from_unix(raw.order_create_time),
        paid_at=_time(raw.order_pay_time),
        received_at=_time(raw.order_receive_time),
        settled_at=_time(raw.order_settle_time),
        updated_at=from_unix(raw.order_modify_at),
    )
