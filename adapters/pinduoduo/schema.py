"""Raw answers of the Pinduoduo gateway, as far as they are read.

Fields and units: pages of open.pinduoduo.com for each method. Amounts are integer fen, rates
integer permille, times unix seconds; 0 and null both mean "none". Unknown fields are ignored.
The root key of an answer is not always the method's name, hence the aliases.
"""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Answer",
    "AuthorityAnswer",
    "ErrorBody",
    "OrdersAnswer",
    "PromotionAnswer",
    "RawGoods",
    "RawOrder",
    "RawUrls",
    "RedPacketAnswer",
    "SearchAnswer",
    "UnitAnswer",
]

BodyT = TypeVar("BodyT", bound=BaseModel)
Fen = Annotated[int, Field(ge=0)]
Permille = Annotated[int, Field(ge=0)]
Seconds = Annotated[int, Field(ge=0, lt=253_402_300_800)]


class Raw(BaseModel):
    """Numbers may stand where text is documented: `goods_id` and `sub_code` come in both forms."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class ErrorBody(Raw):
    """`sub_code` is text or null; it says which business error a 50001 is."""

    error_code: int
    sub_code: str | None = None
    error_msg: str | None = None
    sub_msg: str | None = None


class Answer(Raw, Generic[BodyT]):
    """Either an error or the method's own body, HTTP 200 for both."""

    error: ErrorBody | None = Field(None, validation_alias="error_response")
    body: BodyT | None = None


class RawGoods(Raw):
    """One entry of `goods_list`."""

    goods_sign: str = ""
    goods_id: str | None = None
    goods_name: str = ""
    min_group_price: Fen
    promotion_rate: Permille | None = None
    predict_promotion_rate: Permille | None = None
    coupon_discount: Fen | None = None
    coupon_min_order_amount: Fen | None = None
    coupon_start_time: Seconds | None = None
    coupon_end_time: Seconds | None = None
    coupon_remain_quantity: int | None = None
    goods_image_url: str | None = None
    goods_thumbnail_url: str | None = None
    mall_name: str | None = None
    sales_tip: str | None = None
    search_id: str | None = None


class SearchBody(Raw):
    """`search_id` is handed on to the convert call; the documents say that it improves earnings."""

    goods_list: list[RawGoods] | None = None
    search_id: str | None = None


class SearchAnswer(Answer[SearchBody]):
    """pdd.ddk.goods.search"""

    body: SearchBody | None = Field(None, validation_alias="goods_search_response")


class RawMiniProgram(Raw):
    """`we_app_info`: the page path shows the p_id too."""

    page_path: str | None = None


class RawUrls(Raw):
    """The links of one item; the long ones show the p_id, the short ones do not."""

    url: str | None = None
    mobile_url: str | None = None
    schema_url: str | None = None
    short_url: str | None = None
    mobile_short_url: str | None = None
    we_app_info: RawMiniProgram | None = None


class PromotionBody(Raw):
    """In the order of the `goods_sign_list` that was sent."""

    goods_promotion_url_list: list[RawUrls] | None = None


class PromotionAnswer(Answer[PromotionBody]):
    """pdd.ddk.goods.promotion.url.generate"""

    body: PromotionBody | None = Field(
        None, validation_alias="goods_promotion_url_generate_response"
    )


class UnitAnswer(Answer[RawUrls]):
    """pdd.ddk.goods.zs.unit.url.gen"""

    body: RawUrls | None = Field(None, validation_alias="goods_zs_unit_generate_response")


class AuthorityBody(Raw):
    """`bind` 1: authorised (备案)."""

    bind: int


class AuthorityAnswer(Answer[AuthorityBody]):
    """pdd.ddk.member.authority.query"""

    body: AuthorityBody | None = Field(None, validation_alias="authority_query_response")


class RedPacketBody(Raw):
    """With channel_type 10 the links lead to the page where 备案 is granted."""

    url_list: list[RawUrls] | None = None


class RedPacketAnswer(Answer[RedPacketBody]):
    """pdd.ddk.rp.prom.url.generate"""

    body: RedPacketBody | None = Field(None, validation_alias="rp_promotion_url_generate_response")


class RawOrder(Raw):
    """One entry of `order_list`."""

    order_sn: str = Field(min_length=1)
    order_status: int
    goods_id: str | None = None
    goods_sign: str | None = None
    goods_name: str | None = None
    goods_quantity: int | None = None
    order_amount: Fen
    promotion_rate: Permille | None = None
    promotion_amount: Fen | None = None
    p_id: str | None = None
    custom_parameters: str | None = None
    order_create_time: Seconds
    order_pay_time: Seconds | None = None
    order_receive_time: Seconds | None = None
    order_settle_time: Seconds | None = None
    order_modify_at: Seconds


class OrdersBody(Raw):
    """`total_count` only where `return_count` was asked for."""

    order_list: list[RawOrder] | None = None
    total_count: int | None = None


class OrdersAnswer(Answer[OrdersBody]):
    """pdd.ddk.order.list.increment.get"""

    body: OrdersBody | None = Field(None, validation_alias="order_list_get_response")
