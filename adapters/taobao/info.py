"""What the Taobao adapter declares about itself."""

from __future__ import annotations

from datetime import timedelta

from adapters.contract import (
    CONTRACT_VERSION,
    AdapterInfo,
    Attribution,
    Capability,
    OrderWindow,
    Right,
)
from adapters.taobao import methods
from adapters.taobao.ids import PROMOTION_HOSTS, SHORT_HOSTS
from adapters.taobao.links import PATTERNS
from adapters.taobao.orders import MAX_SPAN
from adapters.taobao.settings import TaobaoSettings

__all__ = ["INFO"]

SAMPLES = (
    "【淘宝】7天无理由退货 https://e.tb.cn/h.7kQmZx4LrT9vWb2?tk=Rk7pXw3Lm2Q CZ321 "
    "「桑蚕丝枕套 单只装 真丝护发美容枕巾」\n点击链接直接打开 或者 淘宝搜索直接打开",
    "全棉时代洗脸巾 6包装\n【在售价】59.90元\n【券后价】39.90元\n"
    "复制这条信息，￥Hq4WnZ8dKxT￥，到【手机淘宝】即可查看",
    "https://detail.tmall.com/item.htm?spm=a220o.1000855.0.da321h&id=718293645012&skuId=5012345678901",
)

RIGHTS = (
    Right(
        id=methods.ITEM_INFO,
        required=True,
        without_zh="没有商品详情权限，无法转换任何淘宝商品",
        without_en="without item details no Taobao item can be converted",
    ),
    Right(
        id=methods.COUPON_CONVERT,
        without_zh="没有单品券高效转链权限，转链只能靠万能转链",
        without_en="links are made by general.link.convert only",
    ),
    Right(
        id=methods.LINK_CONVERT,
        without_zh="没有万能转链权限，只能转换搜索结果和新商品id，直接复制的商品链接（数字id）无法转换",
        without_en="only search results and new item ids convert; copied item links (numeric ids) do not",
    ),
    Right(
        id=methods.SCENE_COPIED,
        without_zh="没有场景2（消费者比价）权限，直接复制的商品链接（数字id）无法转换",
        without_en="copied item links (numeric ids) do not convert",
    ),
    Right(
        id=methods.LINK_PARSE,
        without_zh="没有万能解析权限，无法核实推广链接的PID，别人的推广链接需靠淘口令转链权限解析",
        without_en="the PID of a promotion link cannot be verified; others' promotion links need "
        "tpwd.convert to be read",
    ),
    Right(
        id=methods.TPWD_CONVERT,
        without_zh="没有淘口令转链权限，口令需靠万能解析或淘口令解析权限识别",
        without_en="口令 are read by general.link.parse or tpwd.parse only",
    ),
    Right(
        id=methods.TPWD_PARSE,
        without_zh="没有淘口令解析权限，口令需靠万能解析或淘口令转链权限识别",
        without_en="口令 are read by general.link.parse or tpwd.convert only",
    ),
    Right(
        id=methods.TPWD_CREATE,
        without_zh="没有生成淘口令权限，没有万能转链时卡片上没有口令",
        without_en="cards made without general.link.convert carry no 口令",
    ),
    Right(
        id=methods.COUPON_GET,
        without_zh="没有优惠券查询权限，门槛写得不清楚的券不显示",
        without_en="a coupon whose terms cannot be read is not shown",
    ),
    Right(
        id=methods.SEARCH,
        without_zh="没有物料搜索权限，搜索不可用",
        without_en="no search by words",
    ),
    Right(
        id=methods.ORDERS,
        without_zh="没有订单查询权限，订单和佣金无法同步",
        without_en="orders and commission are not fetched",
    ),
    Right(
        id=methods.REFUNDS,
        without_zh="没有维权退款订单权限，结算后的退款扣回无法同步",
        without_en="clawbacks after settlement are not fetched",
    ),
)

INFO = AdapterInfo(
    id="taobao",
    name_zh="淘宝",
    name_en="Taobao",
    contract=CONTRACT_VERSION,
    settings=TaobaoSettings,
    patterns=PATTERNS,
    samples=SAMPLES,
    hosts=SHORT_HOSTS,
    promotion_hosts=PROMOTION_HOSTS,
    image_hosts=frozenset(
        {"img.alicdn.com", "gw.alicdn.com", "gtms01.alicdn.com", "gw3.alicdn.com"}
    ),
    capabilities=frozenset({Capability.SEARCH, Capability.ORDER_SYNC, Capability.REFUND_SYNC}),
    attribution=(Attribution.PROMOTER, Attribution.NONE),
    pooled=True,
    rights=RIGHTS,
    order_window=OrderWindow(
        span=MAX_SPAN, overlap=timedelta(minutes=20), depth=timedelta(days=90)
    ),
    apply_url="https://pub.alimama.com/",
)
