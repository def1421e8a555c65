"""Raw answers of orders and refunds; numbers are text, times Beijing time."""

from __future__ import annotations

from pydantic import Field

from adapters.taobao.codes import business_error
from adapters.taobao.fields import FINE, Count, Listed, Part, Percent, Raw, Text, WhenTime, Yuan

__all__ = ["OrderAnswer", "OrderRaw", "RefundAnswer", "RefundPage", "RefundRaw"]


class OrderRaw(Raw):
    """One child order."""

    trade_id: Text = ""
    trade_parent_id: Text = ""
    tk_status: Text = ""
    item_id: Text = ""
    item_title: Text = ""
    item_num: Count = None
    alipay_total_price: Yuan = None
    pay_price: Yuan = None
    pub_share_pre_fee: Yuan = None
    pub_share_fee: Yuan = None
    total_commission_rate: Percent = None
    alimama_share_fee: Yuan = None
    tk_create_time: WhenTime = None
    tk_paid_time: WhenTime = None
    tb_paid_time: WhenTime = None
    tk_earning_time: WhenTime = None
    click_time: WhenTime = None
    modified_time: WhenTime = None
    adzone_id: Text = ""
    site_id: Text = ""
    pub_id: Text = ""


class _OrderPage(Raw):
    results: Listed[OrderRaw] = Field(default_factory=list)
    has_next: bool = False
    position_index: Text = ""


class OrderAnswer(Raw):
    """taobao.tbk.order.details.get."""

    data: Part[_OrderPage] = _OrderPage()


class RefundRaw(Raw):
    """One refund."""

    refund_suit_id: Text = ""
    tb_trade_id: Text = ""
    refund_status: Text = ""
    tk_commission_fee_refund: Yuan = None
    tk_subsidy_fee_refund: Yuan = None
    show_return_fee: Yuan = None
    tk_refund_time: WhenTime = None
    tk_refund_suit_time: WhenTime = None
    modified_time: WhenTime = None


class RefundPage(Raw):
    """One page of refunds."""

    result: Listed[RefundRaw] = Field(default_factory=list)
    has_next: bool = False
    position_index: Text = ""


class _RefundResult(Raw):
    data: Part[RefundPage] = RefundPage()
    biz_error_code: Text = ""
    biz_error_desc: Text = ""


class RefundAnswer(_RefundResult):
    """taobao.tbk.order.refund.get; one crawl of the documents has one more `result` around it."""

    result: Part[_RefundResult] = _RefundResult()

    def page(self, method: str) -> RefundPage:
        """The page, or the business error inside the successful envelope."""
        for part in (self, self.result):
            if part.biz_error_code not in FINE:
                raise business_error(method, part.biz_error_code, part.biz_error_desc)
        return self.data if "data" in self.model_fields_set else self.result.data
