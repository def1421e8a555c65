"""JD's order rows, from the orders of the mock world. One row is one sku of an order."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from adapters.mock.jd_goods import yuan
from adapters.mock.jd_promotion import subs_granted
from adapters.mock.jd_wire import UNION_ID, BusinessError
from adapters.times import BEIJING, beijing_text, from_beijing_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adapters.mock.values import Fault, MockOrder
    from adapters.mock.world import World

__all__ = ["JdOrders"]

_MAX_SPAN: Final = timedelta(hours=1)
_DEPTH: Final = timedelta(days=90)
_MAX_SIZE: Final = 500
_MAX_ROWS: Final = 10_000
_CREATED, _FINISHED, _UPDATED = 1, 2, 3
_VALID_CODE: Final = {"unpaid": 15, "paid": 16, "received": 17, "settled": 17}
_REFUNDED: Final = 3
_VIOLATION: Final = 20
_PAY_DAY: Final = 20


class JdOrders:
    """`order.row.query`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def rows(self, arguments: Mapping[str, Any], fault: Fault | None) -> dict[str, object]:
        """A page of rows; the fault `duplicate_page` repeats rows of the page before."""
        asked = arguments.get("orderReq")
        if not isinstance(asked, dict):
            raise BusinessError(2002400, "orderReq不能为空")
        page, size = asked.get("pageIndex", 1), asked.get("pageSize", 20)
        if not isinstance(page, int) or page < 1 or not isinstance(size, int):
            raise BusinessError(2002400, "分页参数错误")
        if not 0 < size <= _MAX_SIZE:
            raise BusinessError(2002400, "pageSize超限")
        found = self._between(asked)
        if len(found) > _MAX_ROWS:
            raise BusinessError(2002452, "时间段内订单超过10000，请缩小时间范围")
        start = (page - 1) * size
        shown = found[start : start + size]
        if fault is not None and fault.kind == "duplicate_page":
            shown = [*found[max(0, start - 1) : start], *shown, *shown[-1:]]
        result: dict[str, object] = {
            "code": 200,
            "message": "success",
            "hasMore": len(found) > start + size,
        }
        return {**result, "data": [self._row(order) for order in shown]} if shown else result

    def _between(self, asked: Mapping[str, Any]) -> Sequence[MockOrder]:
        """Our own orders only: another union account's are not shown."""
        try:
            since = from_beijing_text(str(asked.get("startTime")))
            until = from_beijing_text(str(asked.get("endTime")))
        except ValueError:
            raise BusinessError(2002400, "时间格式错误") from None
        if not timedelta(0) <= until - since <= _MAX_SPAN:
            raise BusinessError(2002453, "查询时间跨度超过1小时")
        if since < self.world.now() - _DEPTH:
            raise BusinessError(2002400, "只能查询近90天的订单")
        match asked.get("type"):
            case 1:
                found = self.world.orders("jd", since, until, "created_at")
            case 2:
                found = [
                    order
                    for order in self.world.all_orders("jd")
                    if order.received_at is not None and since <= order.received_at < until
                ]
            case 3:
                found = self.world.orders("jd", since, until)
            case _:
                raise BusinessError(2002400, "type参数错误")
        return [order for order in found if order.attribution.get("unionId") == UNION_ID]

    def _row(self, order: MockOrder) -> dict[str, object]:
        finished = order.status in ("received", "settled")
        sent = order.attribution
        row: dict[str, object] = {
            "id": f"{order.order_id}{order.item_id[-3:]}",
            "orderId": int(order.order_id),
            "parentId": 0,
            "orderTime": beijing_text(order.created_at),
            "finishTime": beijing_text(order.received_at) if order.received_at else "",
            "modifyTime": beijing_text(order.updated_at),
            "skuId": int(order.item_id),
            "itemId": self.world.item("jd", order.item_id).canonical_id,
            "skuName": order.title,
            "skuNum": order.quantity,
            "skuReturnNum": order.quantity if order.status == "void" else 0,
            "skuFrozenNum": 0,
            "price": yuan(order.paid // order.quantity),
            **self._amounts(order, finished=finished),
            "validCode": self._valid_code(order),
            "traceType": 2,
            "unionId": int(sent["unionId"]),
            "siteId": int(sent.get("siteId", "0")),
            "positionId": int(sent.get("positionId", "0")),
            "pid": "",
            "payMonth": self._pay_day(order),
            "balanceExt": self._balance(order),
            "proPriceAmount": 0,
            "expressStatus": 20 if finished else 10,
            "plus": 0,
        }
        if "subUnionId" in sent and subs_granted(self.world):
            row["subUnionId"] = sent["subUnionId"]
        return row

    @staticmethod
    def _amounts(order: MockOrder, *, finished: bool) -> dict[str, object]:
        """Rates in percent, amounts in yuan; the actual ones stand from the finish on."""
        return {
            "commissionRate": order.rate_bp / 100,
            "subSideRate": 90.0,
            "subsidyRate": 10.0,
            "finalRate": 100.0,
            "estimateCosPrice": yuan(order.paid),
            "estimateFee": yuan(order.commission),
            "actualCosPrice": yuan(order.paid) if finished else 0,
            "actualFee": yuan(order.commission) if finished else 0,
        }

    @staticmethod
    def _valid_code(order: MockOrder) -> int:
        if order.status != "void":
            return _VALID_CODE[order.status]
        return _REFUNDED if order.reason == "买家退款" else _VIOLATION

    @staticmethod
    def _pay_day(order: MockOrder) -> str:
        """The expected settlement day; once settled, a day that is over."""
        if order.settled_at is not None:
            return f"{order.settled_at.astimezone(BEIJING) - timedelta(days=1):%Y%m%d}"
        if order.status == "received" and order.received_at is not None:
            return _next_pay_day(order.received_at.astimezone(BEIJING))
        return "0"

    def _balance(self, order: MockOrder) -> str:
        if order.settled_at is None:
            return ""
        balance = {self._pay_day(order): yuan(order.commission)}
        if order.taken_back:
            taken_on = _next_pay_day(order.updated_at.astimezone(BEIJING))
            balance[taken_on] = -yuan(order.taken_back)
        return json.dumps(balance)


def _next_pay_day(day: datetime) -> str:
    """The 20th of the following month."""
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=_PAY_DAY)
    return f"{following:%Y%m%d}"
