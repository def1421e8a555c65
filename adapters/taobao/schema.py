"""Raw answers of items, coupons and conversions.

Lenient on purpose: amounts come as text in the documents and as numbers from the live gateway, a
list may be wrapped in a one-key object, bare (`simplify=true`) or missing, unknown fields are
passed over. Yuan are decimal text, `promotion_price` of general.link.convert is an integer of FEN.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator

from adapters.money import Money, Rate
from adapters.times import from_beijing_text

__all__ = [
    "FINE",
    "Answer",
    "ConvertAnswer",
    "ConvertRow",
    "Count",
    "CouponAnswer",
    "CouponConvertAnswer",
    "CouponConvertData",
    "CouponInfo",
    "EndTime",
    "ItemAnswer",
    "ItemRow",
    "Listed",
    "PathRow",
    "Percent",
    "Raw",
    "SearchAnswer",
    "TpwdAnswer",
    "TpwdConvertAnswer",
    "TpwdCreateAnswer",
    "WhenTime",
    "Yuan",
]

T = TypeVar("T")

FINE = frozenset({"", "0", "200"})
"""Codes inside an answer that mean success; it is mostly missing."""


class Raw(BaseModel):
    """What is read of an answer; numbers are taken as text where text is wanted."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


def _number(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("not a number")
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _yuan(value: object) -> Money | None:
    number = _number(value)
    return None if number is None else Money.from_yuan(number)


def _fen(value: object) -> Money | None:
    number = _number(value)
    return None if number is None else Money(int(number))


def _percent(value: object) -> Rate | None:
    number = _number(value.rstrip("%") if isinstance(value, str) else value)
    return None if number is None else Rate.from_percent(number)


def _count(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _when(value: object) -> datetime | None:
    return from_beijing_text(value) if isinstance(value, str) and value.strip() else None


def _end(value: object) -> datetime | None:
    return (
        from_beijing_text(value, end_of_day=True)
        if isinstance(value, str) and value.strip()
        else None
    )


def _unwrapped(value: object) -> object:
    """A list as it is; the list inside a one-key object; nothing as no rows."""
    if isinstance(value, dict):
        if not value:
            return []
        (inner,) = value.values() if len(value) == 1 else (value,)
        return inner if isinstance(inner, list) else [inner]
    return [] if value is None else value


def _object(value: object) -> object:
    """An absent object may be written as null or as empty text."""
    return {} if value in (None, "") else value


Yuan = Annotated[Money | None, PlainValidator(_yuan)]
Fen = Annotated[Money | None, PlainValidator(_fen)]
Percent = Annotated[Rate | None, PlainValidator(_percent)]
Count = Annotated[int | None, PlainValidator(_count)]
WhenTime = Annotated[datetime | None, PlainValidator(_when)]
EndTime = Annotated[datetime | None, PlainValidator(_end)]
Listed = Annotated[list[T], BeforeValidator(_unwrapped)]
Part = Annotated[T, BeforeValidator(_object)]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class Answer(Raw):
    """An answer of which nothing is needed but that it came."""


class _BasicInfo(Raw):
    title: Text = ""
    pict_url: Text = ""
    shop_title: Text = ""
    volume: Text = ""
    annual_vol: Text = ""


class PathRow(Raw):
    """One promotion on the way to the price in hand."""

    promotion_title: Text = ""
    promotion_desc: Text = ""
    promotion_fee: Yuan = None
    promotion_start_time: Text = ""
    promotion_end_time: Text = ""


class _PriceInfo(Raw):
    reserve_price: Yuan = None
    zk_final_price: Yuan = None
    final_promotion_price: Yuan = None
    final_promotion_path_list: Listed[PathRow] = []


class _PublishInfo(Raw):
    income_rate: Percent = None


class ItemRow(Raw):
    """An item as item.info.upgrade.get and material.optional.upgrade describe it."""

    item_id: Text = ""
    item_basic_info: Part[_BasicInfo] = _BasicInfo()
    price_promotion_info: Part[_PriceInfo] = _PriceInfo()
    publish_info: Part[_PublishInfo] = _PublishInfo()


class ItemAnswer(Raw):
    """taobao.tbk.item.info.upgrade.get."""

    results: Listed[ItemRow] = []


class SearchAnswer(Raw):
    """taobao.tbk.dg.material.optional.upgrade."""

    result_list: Listed[ItemRow] = []


class _LinkInfo(Raw):
    cps_long_url: Text = ""
    cps_short_url: Text = ""
    cps_short_tpwd: Text = ""
    cps_full_tpwd: Text = ""
    coupon_long_url: Text = ""
    coupon_short_url: Text = ""
    coupon_short_tpwd: Text = ""
    coupon_full_tpwd: Text = ""
    material_type: Text = ""
    material_id: Text = ""
    item_id: Text = ""
    tpwd_origin_url: Text = ""
    origin_pid: Text = ""


class _IncomeInfo(Raw):
    pure_commission_rate: Percent = None
    subsidy_upper_fee: Yuan = None


class _PromotionInfo(Raw):
    commission_rate: Percent = None
    promotion_price: Fen = None
    income_info: Part[_IncomeInfo] = _IncomeInfo()


class CouponInfo(Raw):
    """A coupon of a general convert, or of coupon.get."""

    activity_id: Text = ""
    coupon_amount: Yuan = None
    coupon_desc: Text = ""
    coupon_start_fee: Yuan = None
    coupon_start_time: WhenTime = None
    coupon_end_time: EndTime = None
    coupon_remain_count: Count = None


class ConvertRow(Raw):
    """One link of general.link.convert or general.link.parse; `code` only where it failed."""

    code: Text = ""
    msg: Text = ""
    link_info_dto: Part[_LinkInfo] = _LinkInfo()
    promotion_info_dto: Part[_PromotionInfo] = _PromotionInfo()
    coupon_info_dto: Part[CouponInfo] = CouponInfo()

    @property
    def fine(self) -> bool:
        """Whether this row succeeded."""
        return self.code in FINE


class _ConvertData(Raw):
    material_url_list: Listed[ConvertRow] = []
    item_url_list: Listed[ConvertRow] = []


class ConvertAnswer(Raw):
    """taobao.tbk.dg.general.link.convert, and .parse."""

    data: Part[_ConvertData] = _ConvertData()
    biz_error_desc: Text = ""
    result_msg: Text = ""


class CouponConvertData(Raw):
    """The link and the best coupon of one item."""

    item_id: Text = ""
    coupon_click_url: Text = ""
    item_url: Text = ""
    coupon_info: Text = ""
    coupon_start_time: WhenTime = None
    coupon_end_time: EndTime = None
    coupon_remain_count: Count = None
    max_commission_rate: Percent = None


class _CouponConvertResult(Raw):
    data: Part[CouponConvertData] = CouponConvertData()
    biz_error_code: Text = ""
    biz_error_desc: Text = ""
    result_msg: Text = ""


class CouponConvertAnswer(Raw):
    """taobao.tbk.coupon.convert."""

    result: Part[_CouponConvertResult] = _CouponConvertResult()


class CouponAnswer(Raw):
    """taobao.tbk.coupon.get."""

    data: Part[CouponInfo] = CouponInfo()


class _TpwdData(Raw):
    num_iid: Text = ""
    origin_url: Text = ""
    origin_pid: Text = ""


class TpwdConvertAnswer(Raw):
    """taobao.tbk.tpwd.convert."""

    data: Part[_TpwdData] = _TpwdData()


class TpwdAnswer(Raw):
    """taobao.tbk.tpwd.parse."""

    data: Part[_TpwdData] = _TpwdData()


class _TpwdCreateData(Raw):
    model: Text = ""
    password_simple: Text = ""


class TpwdCreateAnswer(Raw):
    """taobao.tbk.tpwd.create."""

    data: Part[_TpwdCreateData] = _TpwdCreateData()
