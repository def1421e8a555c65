"""From JD's order rows to ours. Pure.

| validCode | payMonth | status |
|---|---|---|
| 15 awaiting payment, 24 deposit paid | | unpaid |
| 16 paid | | paid |
| 17 finished | 0 or a day to come | received |
| 17 | a past day | settled |
| 18 settled (older lists only) | | settled |
| all others (cancelled, split, violation, unknown) | | void |

What is owed after settlement is `balanceExt`, which JD fills per settlement day with what it paid
and what it took back (`{"20191020":10,"20191120":-2}`); without it, `actualFee`. A payment counts
from its day on, a clawback as soon as it is announced: nobody is owed what is going to be taken.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from adapters.contract import ItemRef, OrderRow, OrderStatus, Placement
from adapters.errors import PlatformUnavailable, ProtocolError
from adapters.jd.pages import item_url
from adapters.jd.schema import money
from adapters.money import Money, Rate
from adapters.rawjson import load_json
from adapters.times import BEIJING, beijing_text

if TYPE_CHECKING:
    from adapters.jd.schema import Row

__all__ = ["PAGE_SIZE", "order_arguments", "order_row"]

PAGE_SIZE: Final = 200
_BY_UPDATE: Final = 3

_UNPAID: Final = frozenset({"15", "24"})
_PAID: Final = "16"
_FINISHED: Final = "17"
_SETTLED: Final = "18"
_BP: Final = 10_000


def order_arguments(since: datetime, until: datetime, page: int) -> dict[str, object]:
    """`order.row.query` by update time, in Beijing time of whole seconds."""
    return {
        "orderReq": {
            "pageIndex": page,
            "pageSize": PAGE_SIZE,
            "type": _BY_UPDATE,
            "startTime": beijing_text(since),
            "endTime": beijing_text(until),
        }
    }


def order_row(row: Row, account: str, now: datetime) -> OrderRow:
    """One row as it stands at `now`. ProtocolError if `balanceExt` or `payMonth` is unreadable."""
    paid_on = _day(row.pay_month)
    status = _status(row.valid_code, paid_on, now)
    finished = status in (OrderStatus.RECEIVED, OrderStatus.SETTLED)
    item = row.sku_id or row.item_id
    return OrderRow(
        platform="jd",
        account=account,
        row_id=row.id,
        order_id=row.order_id,
        parent_order_id=row.parent_id if row.parent_id not in ("", "0") else None,
        ref=ItemRef(platform="jd", item_id=item, source=item_url(item)),
        title=row.title,
        quantity=row.quantity if row.quantity is not None else 1,
        status=status,
        raw_status=row.valid_code,
        paid=(row.actual_paid if finished else None) or row.estimated_paid or Money(0),
        commission_rate=_effective(row.commission_rate, row.final_rate),
        estimated_commission=_estimate(row, finished=finished),
        settled_commission=_settled(row, status, now),
        placement=_placement(row, account),
        created_at=row.ordered_at,
        received_at=row.finished_at,
        settled_at=paid_on if status is OrderStatus.SETTLED else None,
        updated_at=row.modified_at or row.finished_at or row.ordered_at,
    )


def _day(text: str) -> datetime | None:
    """The start of a `yyyyMMdd` day in Beijing; None for 0 and blank."""
    if text in ("", "0"):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise ProtocolError("jd order row: payMonth or balanceExt names no day") from error


def _past(day: datetime, now: datetime) -> bool:
    """Whether the whole day is over."""
    return day + timedelta(days=1) <= now


def _status(valid_code: str, paid_on: datetime | None, now: datetime) -> OrderStatus:
    if valid_code in _UNPAID:
        return OrderStatus.UNPAID
    if valid_code == _PAID:
        return OrderStatus.PAID
    if valid_code == _SETTLED:
        return OrderStatus.SETTLED
    if valid_code != _FINISHED:
        return OrderStatus.VOID
    if paid_on is not None and _past(paid_on, now):
        return OrderStatus.SETTLED
    return OrderStatus.RECEIVED


def _effective(commission: Rate | None, final: Rate | None) -> Rate | None:
    """The item's rate times our part of it: `finalRate` is share plus subsidy, in percent."""
    if commission is None or final is None:
        return commission
    return Rate(commission.bp * final.bp // _BP)


def _estimate(row: Row, *, finished: bool) -> Money:
    """`actualFee` from the finish on (returns have lowered it by then), before that `estimateFee`."""
    if finished and row.actual_fee is not None:
        return row.actual_fee
    return row.estimated_fee or Money(0)


def _settled(row: Row, status: OrderStatus, now: datetime) -> Money | None:
    """The net amount owed now; None while nothing was ever due."""
    balances = _balances(row.balance)
    paid = [amount for day, amount in balances.items() if amount > Money(0) and _past(day, now)]
    if paid:
        return sum(
            (amount for amount in balances.values() if amount < Money(0)), sum(paid, Money(0))
        )
    if status is OrderStatus.VOID:
        return Money(0)
    if status is not OrderStatus.SETTLED:
        return None
    return Money(0) if balances else row.actual_fee or Money(0)


def _balances(text: str) -> dict[datetime, Money]:
    if not text:
        return {}
    try:
        raw = load_json(text.encode())
    except PlatformUnavailable as error:
        raise ProtocolError("jd order row: balanceExt is no JSON") from error
    if not isinstance(raw, dict):
        raise ProtocolError("jd order row: balanceExt is no object")
    balances: dict[datetime, Money] = {}
    for day, amount in raw.items():
        at = _day(day)
        if at is not None and isinstance(amount, int | str | Decimal):
            balances[at] = money(amount) or Money(0)
    return balances


def _placement(row: Row, account: str) -> Placement | None:
    """What came back of the link's attribution; JD returns subUnionId only with that right."""
    pid = row.position_id if row.position_id != "0" else ""
    if not pid and not row.sub_union_id:
        return None
    return Placement(account=account, pid=pid, sub_id=row.sub_union_id)
