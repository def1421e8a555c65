"""Raw answers of items, coupons and conversions; see `fields.py` for how they are read."""

from __future__ import annotations

from pydantic import Field

from adapters.taobao.fields import (
    FINE,
    Count,
    EndTime,
    Fen,
    Listed,
    Part,
    Percent,
    Raw,
    Text,
    WhenTime,
    Yuan,
)

__all__ = [
    "Answer",
    "ConvertAnswer",
    "ConvertRow",
    "CouponAnswer",
    "CouponConvertAnswer",
    "CouponConvertData",
    "CouponInfo",
    "ItemAnswer",
    "ItemRow",
    "PathRow",
    "SearchAnswer",
    "TpwdAnswer",
    "TpwdConvertAnswer",
    "TpwdCreateAnswer",
]


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
    final_promotion_path_list: Listed[PathRow] = Field(default_factory=list)


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

    results: Listed[ItemRow] = Field(default_factory=list)


class SearchAnswer(Raw):
    """taobao.tbk.dg.material.optional.upgrade."""

    result_list: Listed[ItemRow] = Field(default_factory=list)


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
    material_url_list: Listed[ConvertRow] = Field(default_factory=list)
    item_url_list: Listed[ConvertRow] = Field(default_factory=list)


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
