"""JD's raw answers as they stand on the wire, read leniently.

Numbers come as JSON numbers, as text, or not at all; fields that are not named here are ignored.
Amounts are yuan, rates percent, times milliseconds on goods and coupons and Beijing text on orders.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from adapters.money import Money, Rate
from adapters.times import from_beijing_text, from_unix

__all__ = [
    "ConvertAnswer",
    "Converted",
    "CouponAnswer",
    "Goods",
    "GoodsAnswer",
    "ListedCoupon",
    "OrderAnswer",
    "PositionAnswer",
    "PromotionGoods",
    "PromotionGoodsAnswer",
    "QueriedCoupon",
    "Row",
    "money",
]


def _number(value: Any) -> str | Decimal:  # noqa: ANN401 - raw JSON
    return value if isinstance(value, Decimal) else str(value)


def _blank(value: Any) -> bool:  # noqa: ANN401 - raw JSON
    return value is None or value == ""


def money(value: Any) -> Money | None:  # noqa: ANN401 - raw JSON
    """Yuan as JD writes them, None for nothing; ValueError if unreadable."""
    return None if _blank(value) else Money.from_yuan(_number(value))


def _rate(value: Any) -> Rate | None:  # noqa: ANN401 - raw JSON
    return None if _blank(value) else Rate.from_percent(_number(value))


def _text(value: Any) -> str:  # noqa: ANN401 - raw JSON
    return "" if value is None else str(value).strip()


def _whole(value: Any) -> int | None:  # noqa: ANN401 - raw JSON
    try:
        return None if _blank(value) else int(Decimal(_number(value)))
    except ArithmeticError as error:
        raise ValueError("not a number") from error


def _time(value: Any) -> datetime | None:  # noqa: ANN401 - raw JSON
    """Milliseconds, or Beijing text; 0 and blank are no time."""
    text = _text(value)
    if text in ("", "0"):
        return None
    try:
        return from_unix(int(text) // 1000) if text.isdecimal() else from_beijing_text(text)
    except (OverflowError, OSError) as error:
        raise ValueError("not a time") from error


def _needed_time(value: Any) -> datetime:  # noqa: ANN401 - raw JSON
    at = _time(value)
    if at is None:
        raise ValueError("a time is needed")
    return at


def _listed(value: Any) -> Any:  # noqa: ANN401 - raw JSON
    """An empty list may be missing, null or blank."""
    return [] if _blank(value) else value


def _object(value: Any) -> Any:  # noqa: ANN401 - raw JSON
    """An empty object may be null or blank."""
    return {} if _blank(value) else value


Yuan = Annotated[Money | None, PlainValidator(money)]
Percent = Annotated[Rate | None, PlainValidator(_rate)]
Whole = Annotated[int | None, PlainValidator(_whole)]
Time = Annotated[datetime | None, PlainValidator(_time)]
Text = Annotated[str, PlainValidator(_text)]
Listed = BeforeValidator(_listed)
Object = BeforeValidator(_object)


class _Raw(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class PromotionGoods(_Raw):
    """`goods.promotiongoodsinfo.query`; `commisionRatio...` is spelt so."""

    sku_id: Text = Field("", alias="skuId")
    name: Text = Field("", alias="goodsName")
    price: Yuan = Field(None, alias="unitPrice")
    mobile_price: Yuan = Field(None, alias="wlUnitPrice")
    rate: Percent = Field(None, alias="commisionRatioPc")
    mobile_rate: Percent = Field(None, alias="commisionRatioWl")
    image: Text = Field("", alias="imgUrl")
    orders: Whole = Field(None, alias="inOrderCount")


class PromotionGoodsAnswer(_Raw):
    data: Annotated[list[PromotionGoods], Listed] = []


class ListedCoupon(_Raw):
    """A coupon in a goods answer: it says nothing of how many are left."""

    link: Text = ""
    discount: Yuan = None
    quota: Yuan = None
    get_from: Time = Field(None, alias="getStartTime")
    get_until: Time = Field(None, alias="getEndTime")
    use_from: Time = Field(None, alias="useStartTime")
    use_until: Time = Field(None, alias="useEndTime")


class _Coupons(_Raw):
    coupons: Annotated[list[ListedCoupon], Listed] = Field([], alias="couponList")


class _Price(_Raw):
    price: Yuan = None
    lowest: Yuan = Field(None, alias="lowestPrice")


class _Commission(_Raw):
    share: Percent = Field(None, alias="commissionShare")


class _Image(_Raw):
    url: Text = ""


class _Images(_Raw):
    images: Annotated[list[_Image], Listed] = Field([], alias="imageList")


class _Shop(_Raw):
    name: Text = Field("", alias="shopName")


class Goods(_Raw):
    """`goods.query`."""

    sku_id: Text = Field("", alias="skuId")
    item_id: Text = Field("", alias="itemId")
    name: Text = Field("", alias="skuName")
    price: Annotated[_Price, Object] = Field(_Price(), alias="priceInfo")
    commission: Annotated[_Commission, Object] = Field(_Commission(), alias="commissionInfo")
    coupons: Annotated[_Coupons, Object] = Field(_Coupons(), alias="couponInfo")
    images: Annotated[_Images, Object] = Field(_Images(), alias="imageInfo")
    shop: Annotated[_Shop, Object] = Field(_Shop(), alias="shopInfo")
    orders: Whole = Field(None, alias="inOrderCount30Days")


class GoodsAnswer(_Raw):
    data: Annotated[list[Goods], Listed] = []


class QueriedCoupon(_Raw):
    """`coupon.query`; `yn` 0 is a coupon that was withdrawn."""

    link: Text = ""
    discount: Yuan = None
    quota: Yuan = None
    remaining: Whole = Field(None, alias="remainNum")
    get_from: Time = Field(None, alias="takeBeginTime")
    get_until: Time = Field(None, alias="takeEndTime")
    use_from: Time = Field(None, alias="beginTime")
    use_until: Time = Field(None, alias="endTime")
    valid: Text = Field("1", alias="yn")


class CouponAnswer(_Raw):
    data: Annotated[list[QueriedCoupon], Listed] = []


class Converted(_Raw):
    """`promotion.common.get` answers with `clickURL` only, `bysubunionid.get` with more."""

    short_url: Text = Field("", alias="shortURL")
    click_url: Text = Field("", alias="clickURL")
    command: Text = Field("", alias="jCommand")
    short_command: Text = Field("", alias="jShortCommand")


class ConvertAnswer(_Raw):
    data: Annotated[Converted, Object] = Converted()


class Row(_Raw):
    """One row of `order.row.query`: one sku of an order."""

    id: Text
    order_id: Text = Field(alias="orderId")
    parent_id: Text = Field("", alias="parentId")
    sku_id: Text = Field("", alias="skuId")
    item_id: Text = Field("", alias="itemId")
    title: Text = Field("", alias="skuName")
    quantity: Whole = Field(None, alias="skuNum")
    ordered_at: Annotated[datetime, PlainValidator(_needed_time)] = Field(alias="orderTime")
    finished_at: Time = Field(None, alias="finishTime")
    modified_at: Time = Field(None, alias="modifyTime")
    commission_rate: Percent = Field(None, alias="commissionRate")
    final_rate: Percent = Field(None, alias="finalRate")
    estimated_paid: Yuan = Field(None, alias="estimateCosPrice")
    estimated_fee: Yuan = Field(None, alias="estimateFee")
    actual_paid: Yuan = Field(None, alias="actualCosPrice")
    actual_fee: Yuan = Field(None, alias="actualFee")
    valid_code: Text = Field(alias="validCode")
    pay_month: Text = Field("", alias="payMonth")
    balance: Text = Field("", alias="balanceExt")
    position_id: Text = Field("", alias="positionId")
    sub_union_id: Text = Field("", alias="subUnionId")


class OrderAnswer(_Raw):
    data: Annotated[list[Row], Listed] = []
    has_more: bool = Field(False, alias="hasMore")


class _Positions(_Raw):
    result_list: Annotated[dict[str, Text], Object] = Field({}, alias="resultList")


class PositionAnswer(_Raw):
    """`position.create`: name -> positionId."""

    data: Annotated[_Positions, Object] = _Positions()
