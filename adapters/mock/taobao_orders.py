"""Orders and refunds of the mock Taobao: windows, pages, and rows that move between pages.

Rows are in the order of the time that was asked for. With `position_index` a page begins after the
row that ended the page before, whatever has changed since; by `page_no` alone rows can be missed.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from adapters.mock.taobao_call import percent, yuan
from adapters.mock.taobao_wire import Refusal, Rows, refused
from adapters.times import beijing_text, from_beijing_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from adapters.mock.taobao_call import Call
    from adapters.mock.values import MockOrder

__all__ = ["ORDER_METHODS"]

_SPAN = timedelta(hours=3)
_BY = {"1": "created_at", "2": "paid_at", "3": "settled_at", "4": "updated_at"}
_STATUS = {"unpaid": 11, "paid": 12, "received": 14, "settled": 3, "void": 13}
_FEE_BP = 1000
"""Technical service fee on the commission: 10 %."""


def _fee(commission: int) -> int:
    return commission * _FEE_BP // 10_000


def _moment(text: str) -> datetime:
    try:
        return from_beijing_text(text)
    except ValueError:
        raise Refusal(41, "isv.invalid-parameter:time", "时间格式不正确") from None


def _number(options: Mapping[str, str], name: str, default: int) -> int:
    text = options.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise Refusal(41, f"isv.invalid-parameter:{name}", f"参数{name}超出范围")
    return int(text)


def _at(order: MockOrder, by: str) -> datetime:
    at: datetime | None = getattr(order, by)
    return at or order.created_at


def _position(order: MockOrder, by: str) -> str:
    return f"{int(_at(order, by).timestamp())}_{order.order_id}"


class _Asked:
    """Window, page and order of one query."""

    def __init__(self, call: Call, options: Mapping[str, str], by: Mapping[str, str]) -> None:
        if not options.get("start_time") or not options.get("end_time"):
            raise Refusal(40, "isv.missing-parameter", "缺少必选参数：start_time,end_time")
        since, until = _moment(options["start_time"]), _moment(options["end_time"])
        if until < since or until - since > _SPAN:
            raise refused("isv.invalid-parameter", "查询时间间隔不能超过3小时")
        by_name = by.get(options.get("query_type", "1"))
        if by_name is None:
            raise Refusal(41, "isv.invalid-parameter:query_type", "参数query_type无效")
        self.by: str = by_name
        self.page = _number(options, "page_no", 1)
        self.size = _number(options, "page_size", 20)
        self.after = options.get("position_index", "").partition("|")[2]
        self.found = sorted(
            (
                order
                for order in call.world.orders("taobao", since, until, by_name)
                if order.status != "unpaid"
            ),
            key=self._key,
        )
        self.fault = call.fault.kind if call.fault else ""

    def _key(self, order: MockOrder) -> tuple[int, str]:
        return int(_at(order, self.by).timestamp()), order.order_id

    def rows(self, wanted: Callable[[MockOrder], bool]) -> tuple[Sequence[MockOrder], bool]:
        """This page and whether another follows."""
        found = [order for order in self.found if wanted(order)]
        if self.after and self.fault != "duplicate_page":
            second, _, number = self.after.partition("_")
            last = (int(second) if second.isdecimal() else 0, number)
            rest = [order for order in found if self._key(order) > last]
        elif self.fault == "duplicate_page" and self.page > 1:
            rest = found[(self.page - 2) * self.size :]
        else:
            rest = found[(self.page - 1) * self.size :]
        size = max(1, self.size // 2) if self.fault == "torn_page" else self.size
        return rest[:size], len(rest) > size

    def frame(self, rows: Sequence[MockOrder], *, more: bool) -> dict[str, object]:
        """What stands beside the rows of a page."""
        frame: dict[str, object] = {
            "has_next": more,
            "has_pre": self.page > 1,
            "page_no": self.page,
            "page_size": self.size,
        }
        if rows:
            first, last = _position(rows[0], self.by), _position(rows[-1], self.by)
            frame["position_index"] = f"{first}|{last}"
        return frame


def _text(at: datetime | None) -> str | None:
    return None if at is None else beijing_text(at.astimezone(UTC))


def _row(order: MockOrder) -> dict[str, object]:
    _, member, site, adzone = order.attribution["pid"].split("_")
    settled = order.status == "settled"
    return {
        "trade_id": order.order_id,
        "trade_parent_id": order.order_id,
        "tk_status": _STATUS[order.status],
        "item_id": order.item_id,
        "item_title": order.title,
        "item_num": order.quantity,
        "item_price": yuan(order.paid // order.quantity),
        "alipay_total_price": yuan(order.paid),
        "pay_price": yuan(order.paid if settled else 0),
        "pub_share_pre_fee": yuan(order.commission),
        "pub_share_fee": yuan(order.commission if settled else 0),
        "total_commission_rate": percent(order.rate_bp),
        "total_commission_fee": yuan(order.commission if settled else 0),
        "tk_total_rate": percent(order.rate_bp),
        "pub_share_rate": "100.00",
        "alimama_rate": percent(_FEE_BP),
        "alimama_share_fee": yuan(_fee(order.commission)),
        "tk_create_time": _text(order.created_at),
        "tk_paid_time": _text(order.paid_at),
        "tb_paid_time": _text(order.paid_at),
        "tk_earning_time": _text(order.settled_at),
        "click_time": _text(order.clicked_at),
        "modified_time": _text(order.updated_at),
        "refund_tag": 1 if order.taken_back else 0,
        "adzone_id": adzone,
        "adzone_name": f"推广位{adzone[-3:]}",
        "site_id": site,
        "pub_id": int(member),
        "order_type": "淘宝",
        "terminal_type": "无线",
    }


def _orders(call: Call) -> dict[str, object]:
    asked = _Asked(call, call.params, _BY)
    status = call.params.get("tk_status", "")
    rows, more = asked.rows(lambda order: status in ("", str(_STATUS[order.status])))
    data = asked.frame(rows, more=more)
    if rows:
        data["results"] = Rows("publisher_order_dto", [_row(order) for order in rows])
    return {"data": data}


def _refund_row(order: MockOrder) -> dict[str, object]:
    fee = _fee(order.taken_back)
    return {
        "refund_suit_id": f"8{order.order_id}",
        "tb_trade_id": order.order_id,
        "tb_trade_parent_id": order.order_id,
        "item_title": order.title,
        "refund_status": 13,
        "refund_fee": yuan(order.paid),
        "tk_commission_fee_refund": yuan(order.taken_back - fee),
        "tk_commission_alimm_refund_fee": yuan(fee),
        "show_return_fee": yuan(order.taken_back),
        "tk_refund_time": _text(order.updated_at),
        "tk_refund_suit_time": _text(order.updated_at),
        "earning_time": _text(order.settled_at),
        "modified_time": _text(order.updated_at),
    }


def _refunds(call: Call) -> dict[str, object]:
    option = {
        name: str(value) for name, value in call.dto("publisher_refund_order_query_option").items()
    }
    asked = _Asked(call, option, dict.fromkeys("12345", "updated_at"))
    rows, more = asked.rows(lambda order: order.taken_back > 0)
    data = asked.frame(rows, more=more)
    if rows:
        refunds = [_refund_row(order) for order in rows]
        data["result"] = Rows("publisher_refund_order_d_t_o", refunds)
    return {"data": data}


ORDER_METHODS: dict[str, Callable[[Call], dict[str, object]]] = {
    "taobao.tbk.order.details.get": _orders,
    "taobao.tbk.order.refund.get": _refunds,
}
