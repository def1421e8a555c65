"""What the JD adapter declares about itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from adapters.contract import (
    CONTRACT_VERSION,
    AdapterInfo,
    Attribution,
    Capability,
    OrderWindow,
)
from adapters.jd.links import PATTERNS
from adapters.jd.pages import PROMOTION_HOSTS, SHORT_HOSTS
from adapters.jd.promotions import LINK_LIFE
from adapters.jd.rights import RIGHTS
from adapters.jd.settings import JdSettings

__all__ = ["INFO", "ORDER_SPAN"]

ORDER_SPAN: Final = timedelta(hours=1)

SAMPLES: Final = (
    "【京东】https://3.cn/2Q-mW4xT?jkl=@K7pQz2LmWx4a@ MF8371 「山野集 挂耳咖啡 中深烘 40片装」\n"
    "点击链接直接打开 或者复制文案打开京东",
    "https://item.m.jd.com/product/100061842973.html?utm_source=iosapp&utm_medium=appshare"
    "&utm_term=CopyURL",
    "【京东】https://u.jd.com/sMq3xVb 「晨光里 护眼台灯 学习阅读」点击链接直接打开",
)

INFO: Final = AdapterInfo(
    id="jd",
    name_zh="京东",
    name_en="JD",
    contract=CONTRACT_VERSION,
    settings=JdSettings,
    patterns=PATTERNS,
    samples=SAMPLES,
    hosts=PROMOTION_HOSTS | SHORT_HOSTS,
    promotion_hosts=PROMOTION_HOSTS,
    image_hosts=frozenset({f"img{number}.360buyimg.com" for number in (*range(10, 15), 20, 30)}),
    capabilities=frozenset({Capability.SEARCH, Capability.ORDER_SYNC}),
    attribution=(Attribution.LINK, Attribution.PROMOTER, Attribution.NONE),
    pooled=True,
    rights=RIGHTS,
    link_life=LINK_LIFE,
    # JD docs: at most 1 hour a query, the last 90 days. The overlap covers rows written late.
    order_window=OrderWindow(
        span=ORDER_SPAN, overlap=timedelta(minutes=10), depth=timedelta(days=90)
    ),
    apply_url="https://union.jd.com/",
)
