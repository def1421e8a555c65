"""Conversion of one item for one placement: the link, what it earns, and its coupon.

| the account holds                     | plain numeric id                    | new opaque id              |
|---------------------------------------|-------------------------------------|----------------------------|
| general.link.convert                  | that, by link, biz_scene_id 2       | that, by id, biz_scene_id 1|
| only coupon.convert                   | that with biz_scene_id 2, if granted| that                       |
| only coupon.convert, without scene 2  | MissingRight(general.link.convert)  | that                       |

Numeric ids have been refused since 2022 by every call that takes an item id (code 35, "请使用新商品
id"); only the scene for copied links converts them. general.link.convert may refuse one link so with
the scene granted: then it is MissingRight(biz_scene_id=2), and not remembered. A right is tried once,
and when it was refused the next step of the table is taken at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.contract import Coupon
from adapters.errors import AdapterError, ItemNotPromotable, MissingRight, ProtocolError
from adapters.taobao import methods
from adapters.taobao.codes import NumericIdRefused, business_error
from adapters.taobao.coupons import amounts_in
from adapters.taobao.fields import FINE
from adapters.taobao.ids import adzone_of, clean_link, is_numeric, pids_in
from adapters.taobao.schema import ConvertAnswer, CouponAnswer, CouponConvertAnswer

if TYPE_CHECKING:
    from adapters.contract import ItemRef, Money, Rate
    from adapters.taobao.schema import ConvertRow, CouponConvertData, CouponInfo
    from adapters.taobao.wire import Gateway

__all__ = ["Converted", "LinkConverter", "https"]

_ITEM = frozenset({"", "1"})
"""`material_type` 1 is an item; 2 a shop, 3 a venue, 5 a coupon, 6 a live room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A convert answer. `in_hand` is the platform's own price in hand (到手价)."""

    web: str
    item_id: str
    pids: tuple[str, ...]
    """Every PID that the answer shows."""
    tpwd: str | None
    rate: Rate | None
    coupon: Coupon | None
    in_hand: Money | None = None


def https(url: str) -> str:
    """Some answers leave the scheme out."""
    return f"https:{url}" if url.startswith("//") else url


class LinkConverter:
    """The convert calls that this account may make."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def convert(self, ref: ItemRef, pid: str) -> Converted:
        """The item's link for this placement; see the table above for errors and order."""
        rights = self.gateway.rights
        numeric = is_numeric(ref.item_id)
        if rights.has(methods.LINK_CONVERT) and (not numeric or rights.has(methods.SCENE_COPIED)):
            try:
                return await self._general(ref, pid, numeric=numeric)
            except NumericIdRefused:
                # Of this one link: the scene is granted, and a second call is refused alike.
                raise
            except MissingRight as error:
                rights.refused(error.right)
        return await self._by_item(ref, pid, numeric=numeric)

    async def _general(self, ref: ItemRef, pid: str, *, numeric: bool) -> Converted:
        params = {"adzone_id": adzone_of(pid)}
        if numeric:
            link = ref.source or clean_link(ref.item_id)
            params["material_dto"] = json.dumps({"material_url": link}, separators=(",", ":"))
            params["biz_scene_id"] = "2"
        else:
            params["item_id_list"] = ref.item_id
            params["biz_scene_id"] = "1"
        answer = await self.gateway.call(methods.LINK_CONVERT, params, ConvertAnswer)
        rows = answer.data.material_url_list or answer.data.item_url_list
        if not rows:
            code = answer.biz_error_desc
            if code in FINE:
                raise ProtocolError(f"{methods.LINK_CONVERT}: no link in the answer")
            raise business_error(methods.LINK_CONVERT, code, answer.result_msg)
        return await self._from_row(rows[0], numeric=numeric)

    async def _from_row(self, row: ConvertRow, *, numeric: bool) -> Converted:
        if row.code == "1001" and numeric:
            # The method is granted, or the call itself would have failed: the scene is not.
            raise MissingRight(f"{methods.LINK_CONVERT}: 1001", methods.SCENE_COPIED)
        if not row.fine:
            raise business_error(methods.LINK_CONVERT, row.code, row.msg)
        link, promotion = row.link_info_dto, row.promotion_info_dto
        if link.material_type not in _ITEM:
            raise ItemNotPromotable(f"{methods.LINK_CONVERT}: material_type {link.material_type}")
        income = promotion.income_info
        # A subsidy with an upper limit may shrink: only the pure rate is certain then.
        rate = income.pure_commission_rate if income.subsidy_upper_fee else None
        urls = (link.coupon_long_url, link.coupon_short_url, link.cps_long_url, link.cps_short_url)
        tpwds = (link.coupon_short_tpwd, link.coupon_full_tpwd, link.cps_short_tpwd)
        item_id = link.item_id or link.material_id
        return Converted(
            web=_first(urls),
            item_id=item_id,
            pids=pids_in((*urls, link.origin_pid)),
            tpwd=next(filter(None, (*tpwds, link.cps_full_tpwd)), None),
            rate=rate or promotion.commission_rate,
            coupon=await self._coupon(row.coupon_info_dto, item_id),
            in_hand=promotion.promotion_price,
        )

    async def _by_item(self, ref: ItemRef, pid: str, *, numeric: bool) -> Converted:
        rights = self.gateway.rights
        params = {"item_id": ref.item_id, "adzone_id": adzone_of(pid), "platform": "2"}
        if numeric:
            if not rights.has(methods.SCENE_COPIED):
                raise MissingRight("numeric ids are refused", methods.LINK_CONVERT)
            params["biz_scene_id"] = "2"
        try:
            answer = await self.gateway.call(methods.COUPON_CONVERT, params, CouponConvertAnswer)
        except MissingRight as error:
            if error.right != methods.SCENE_COPIED:
                raise
            rights.refused(methods.SCENE_COPIED)
            raise MissingRight("numeric ids are refused", methods.LINK_CONVERT) from error
        code = answer.result.biz_error_code
        if code not in FINE:
            raise business_error(methods.COUPON_CONVERT, code, answer.result.biz_error_desc)
        return _from_coupon_convert(answer.result.data)

    async def _coupon(self, info: CouponInfo, item_id: str) -> Coupon | None:
        """The coupon of a general convert; asked for by its id where its terms are unreadable."""
        threshold, amount = amounts_in(info.coupon_desc)
        threshold = info.coupon_start_fee if threshold is None else threshold
        amount = amount if info.coupon_amount is None else info.coupon_amount
        if not amount:
            return None
        if threshold is None:
            threshold = await self._threshold(info.activity_id, item_id)
        return None if threshold is None else _coupon(amount, threshold, info)

    async def _threshold(self, activity_id: str, item_id: str) -> Money | None:
        if not activity_id or not self.gateway.rights.has(methods.COUPON_GET):
            return None
        params = {"item_id": item_id, "activity_id": activity_id}
        try:
            answer = await self.gateway.call(methods.COUPON_GET, params, CouponAnswer)
        except AdapterError:
            # Without its terms the coupon is not shown; the link carries it all the same.
            return None
        return answer.data.coupon_start_fee


def _first(urls: tuple[str, ...]) -> str:
    web = next(filter(None, urls), None)
    if web is None:
        raise ProtocolError("the convert answer has no link")
    return https(web)


def _coupon(amount: Money, threshold: Money, terms: CouponInfo | CouponConvertData) -> Coupon:
    return Coupon(
        amount=amount,
        threshold=threshold,
        starts_at=terms.coupon_start_time,
        ends_at=terms.coupon_end_time,
        remaining=terms.coupon_remain_count,
    )


def _from_coupon_convert(data: CouponConvertData) -> Converted:
    threshold, amount = amounts_in(data.coupon_info)
    urls = (data.coupon_click_url, data.item_url)
    return Converted(
        web=_first(urls),
        item_id=data.item_id,
        pids=pids_in(urls),
        tpwd=None,
        rate=data.max_commission_rate,
        coupon=_coupon(amount, threshold, data) if amount and threshold is not None else None,
    )
