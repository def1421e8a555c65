"""What the Pinduoduo adapter declares about itself."""

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
from adapters.pinduoduo.failures import FIELD_RIGHT
from adapters.pinduoduo.goods import PLATFORM
from adapters.pinduoduo.links import PATTERNS
from adapters.pinduoduo.settings import PinduoduoSettings
from adapters.pinduoduo.wire import AUTHORITY, ORDERS, PROMOTE, RED_PACKET, SEARCH, UNIT

__all__ = ["AUTHORISED", "INFO"]

AUTHORISED = "authority"
"""Not a method: whether the house p_id was authorised (备案)."""

_RIGHTS = (
    Right(
        id=SEARCH.name,
        without_zh="查不到商品、价格和佣金，拼多多链接都不能转换",
        without_en="no item, price or commission is found: no Pinduoduo link can be converted",
        required=True,
    ),
    Right(
        id=PROMOTE.name,
        without_zh="不能生成推广链接",
        without_en="no promotion link can be made",
        required=True,
    ),
    Right(
        id=AUTHORISED,
        without_zh="推广位还没有备案：先打开授权链接并同意，否则查询和转链都会被拒绝",
        without_en="the p_id is not authorised: open the authorisation link and agree, or search"
        " and conversion are refused",
        required=True,
    ),
    Right(
        id=UNIT.name,
        without_zh="搜索认不出的分享短链不能再试第二种方法",
        without_en="share links that the search does not know get no second try",
    ),
    Right(
        id=FIELD_RIGHT,
        without_zh="订单不带推广者和短码，只能靠分给推广者的推广位归属",
        without_en="orders carry neither promoter nor code: only leased p_ids tell promoters apart",
    ),
    Right(
        id=RED_PACKET.name,
        without_zh="缺备案时给不出授权链接，要到多多进宝后台自己完成",
        without_en="no authorisation link can be shown where one is needed; it must be done in the"
        " console",
    ),
    Right(
        id=AUTHORITY.name,
        without_zh="不能查询备案状态",
        without_en="whether a p_id is authorised cannot be asked",
    ),
    Right(
        id=ORDERS.name,
        without_zh="不能同步订单",
        without_en="orders are not fetched",
    ),
)

_HOSTS = frozenset(
    {"mobile.yangkeduo.com", "yangkeduo.com", "www.yangkeduo.com", "p.pinduoduo.com"}
)

INFO = AdapterInfo(
    id=PLATFORM,
    name_zh="拼多多",
    name_en="Pinduoduo",
    contract=CONTRACT_VERSION,
    settings=PinduoduoSettings,
    patterns=PATTERNS,
    samples=(
        "https://mobile.yangkeduo.com/goods2.html?ps=Hq7ZtB2mXe",
        "https://mobile.yangkeduo.com/goods.html?goods_id=648213907516",
    ),
    hosts=_HOSTS,
    promotion_hosts=frozenset({"mobile.yangkeduo.com", "p.pinduoduo.com"}),
    image_hosts=frozenset(
        {
            "img.pddpic.com",
            "img-2.pddpic.com",
            "omsproductionimg.yangkeduo.com",
            *(f"t{number:02d}img.yangkeduo.com" for number in range(32)),
        }
    ),
    capabilities=frozenset({Capability.SEARCH, Capability.ORDER_SYNC}),
    attribution=(Attribution.LINK, Attribution.PROMOTER, Attribution.NONE),
    pooled=True,
    rights=_RIGHTS,
    order_window=OrderWindow(
        span=timedelta(hours=24), overlap=timedelta(minutes=10), depth=timedelta(days=90)
    ),
    apply_url="https://jinbao.pinduoduo.com/",
)
