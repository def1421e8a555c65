"""Orders and refunds of taobao.tbk.order.details.get and taobao.tbk.order.refund.get.

Money is what is left for the publisher: `pub_share_pre_fee` and `pub_share_fee` are gross (their
texts do not subtract the technical service fee), so `alimama_share_fee` is taken off both; the
refund's `tk_commission_fee_refund` and `tk_subsidy_fee_refund` are already without fees.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.contract import (
    ItemRef,
    Money,
    OrderRow,
    OrderStatus,
    Page,
    Placement,
    RefundRow,
    RefundStatus,
)
from adapters.errors import ProtocolError, WindowTooWide
from adapters.taobao import methods
from adapters.taobao.codes import TimeSpanRefused
from adapters.taobao.ids import adzone_of, clean_link
from adapters.taobao.schema_orders import OrderAnswer, RefundAnswer
from adapters.times import beijing_text

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.taobao.schema_orders import OrderRaw, RefundRaw
    from adapters.taobao.settings import TaobaoSettings
    from adapters.taobao.wire import Gateway

__all__ = ["MAX_SPAN", "Orders"]

MAX_SPAN = timedelta(hours=3)
"""20 minutes on the days of big sales; the platform then refuses the window."""
_PAGE_SIZE = 100
_MAX_PAGES = 100
_BY_UPDATE = "4"
_REFUNDS_BY_UPDATE = 5

_STATUS = {
    "12": OrderStatus.PAID,
    "14": OrderStatus.RECEIVED,
    "3": OrderStatus.SETTLED,
    "13": OrderStatus.VOID,
    "11": OrderStatus.UNPAID,
}
_REFUND_STATUS = {
    "2": RefundStatus.TAKEN_BACK,
    "13": RefundStatus.TAKEN_BACK,
    "4": RefundStatus.PENDING,
    "11": RefundStatus.PENDING,
    "12": RefundStatus.PENDING,
    "3": RefundStatus.REFUSED,
    # The seller bears it: nothing is taken from the publisher.
    "14": RefundStatus.REFUSED,
    "15": RefundStatus.REFUSED,
}


def _start_of(cursor: str | None) -> tuple[int, str]:
    """Page number and position index of a cursor `page:position`."""
    if cursor is None:
        return 1, ""
    page, separator, position = cursor.partition(":")
    if not separator or not page.isdecimal():
        raise ProtocolError("not a cursor of these orders")
    return int(page), position


def _next_of(page: int, position: str, *, more: bool) -> str | None:
    if not more:
        return None
    if page >= _MAX_PAGES:
        raise WindowTooWide("more than 100 pages: ask for a shorter time")
    return f"{page + 1}:{position}"


class Orders:
    """Reads pages of orders and refunds by their time of change."""

    def __init__(
        self, gateway: Gateway, settings: TaobaoSettings, *, platform: str, account: str
    ) -> None:
        self.gateway = gateway
        self._platform = platform
        self._account = account
        self._pids = {adzone_of(pid): pid for pid in sorted(settings.own_pids())}

    async def orders(self, since: datetime, until: datetime, cursor: str | None) -> Page[OrderRow]:
        """One page; WindowTooWide for more than three hours, or when the platform wants less."""
        if until - since > MAX_SPAN:
            raise WindowTooWide("three hours at most")
        page, position = _start_of(cursor)
        params = {
            "query_type": _BY_UPDATE,
            "start_time": beijing_text(since),
            "end_time": beijing_text(until),
            "page_no": str(page),
            "page_size": str(_PAGE_SIZE),
            "order_scene": "1",
        }
        if cursor is not None:
            params |= {"position_index": position, "jump_type": "1"}
        try:
            answer = await self.gateway.call(methods.ORDERS, params, OrderAnswer)
        except TimeSpanRefused as error:
            raise WindowTooWide(str(error)) from error
        data = answer.data
        return Page(
            items=tuple(self._order(raw) for raw in data.results),
            next_cursor=_next_of(page, data.position_index, more=data.has_next),
        )

    def _order(self, raw: OrderRaw) -> OrderRow:
        status = _STATUS.get(raw.tk_status)
        created, updated = raw.tk_create_time, raw.modified_time or raw.tk_create_time
        if status is None or created is None or updated is None or not raw.trade_id:
            raise ProtocolError(f"{methods.ORDERS}: a row without number, status or time")
        paid = raw.alipay_total_price or Money(0)
        return OrderRow(
            platform=self._platform,
            account=self._account,
            row_id=raw.trade_id,
            order_id=raw.trade_parent_id or raw.trade_id,
            parent_order_id=raw.trade_parent_id or None,
            ref=ItemRef(
                platform=self._platform, item_id=raw.item_id, source=clean_link(raw.item_id)
            ),
            title=raw.item_title,
            quantity=raw.item_num or 1,
            status=status,
            raw_status=raw.tk_status,
            paid=raw.pay_price or paid if status is OrderStatus.SETTLED else paid,
            commission_rate=raw.total_commission_rate,
            estimated_commission=_net(raw.pub_share_pre_fee, raw),
            settled_commission=_settled(raw, status),
            placement=self._placement(raw),
            clicked_at=raw.click_time,
            created_at=created,
            paid_at=raw.tk_paid_time or raw.tb_paid_time,
            settled_at=raw.tk_earning_time,
            updated_at=updated,
        )

    def _placement(self, raw: OrderRaw) -> Placement | None:
        if not raw.adzone_id:
            return None
        pid = self._pids.get(raw.adzone_id)
        if pid is None or (raw.pub_id and raw.site_id):
            pid = f"mm_{raw.pub_id}_{raw.site_id}_{raw.adzone_id}"
        return Placement(account=self._account, pid=pid)

    async def refunds(
        self, since: datetime, until: datetime, cursor: str | None
    ) -> Page[RefundRow]:
        """One page of refunds after settlement (维权), by their time of change."""
        page, position = _start_of(cursor)
        option: dict[str, str | int] = {
            "start_time": beijing_text(since),
            "end_time": beijing_text(until),
            "query_type": _REFUNDS_BY_UPDATE,
            "order_scene": 1,
            "page_no": page,
            "page_size": _PAGE_SIZE,
        }
        if cursor is not None:
            option |= {"position_index": position, "jump_type": 1}
        params = {"publisher_refund_order_query_option": json.dumps(option)}
        try:
            answer = await self.gateway.call(methods.REFUNDS, params, RefundAnswer)
        except TimeSpanRefused as error:
            raise WindowTooWide(str(error)) from error
        data = answer.page(methods.REFUNDS)
        return Page(
            items=tuple(self._refund(raw) for raw in data.result),
            next_cursor=_next_of(page, data.position_index, more=data.has_next),
        )

    def _refund(self, raw: RefundRaw) -> RefundRow:
        status = _REFUND_STATUS.get(raw.refund_status)
        at = raw.tk_refund_time or raw.modified_time or raw.tk_refund_suit_time
        if status is None or at is None or not raw.tb_trade_id:
            raise ProtocolError(f"{methods.REFUNDS}: a row without number, status or time")
        parts = [part for part in (raw.tk_commission_fee_refund, raw.tk_subsidy_fee_refund) if part]
        amount = sum(parts, Money(0)) if parts else raw.show_return_fee or Money(0)
        return RefundRow(
            platform=self._platform,
            account=self._account,
            row_id=raw.refund_suit_id or raw.tb_trade_id,
            order_row_id=raw.tb_trade_id,
            status=status,
            amount_taken_back=amount,
            at=at,
            updated_at=raw.modified_time or raw.tk_refund_suit_time or at,
        )


def _net(gross: Money | None, raw: OrderRaw) -> Money:
    """After the technical service fee; never less than nothing."""
    if gross is None:
        return Money(0)
    return max(Money(0), gross - (raw.alimama_share_fee or Money(0)))


def _settled(raw: OrderRaw, status: OrderStatus) -> Money | None:
    if status is OrderStatus.VOID:
        return Money(0)
    return _net(raw.pub_share_fee, raw) if status is OrderStatus.SETTLED else None
