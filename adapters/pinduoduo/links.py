"""How links of Pinduoduo look. It has no 口令 of its own in public samples.

`share_uin`, `refer_share_uid`, `refer_share_uin` and the like are people's ids and
`pxq_secret_key` is a secret: only what is named here stays in a cleaned link.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.links import LinkKind, LinkPattern, TokenPattern

__all__ = ["GOODS_SIGN", "PATTERNS", "SHORT_HOSTS", "WEB_HOSTS"]

GOODS_SIGN = r"(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{30,64}"
"""The union API's opaque item id (since 2021); samples have 43-44 characters."""

WEB_HOSTS = (
    "mobile.yangkeduo.com",
    "yangkeduo.com",
    "www.yangkeduo.com",
    "mobile.pinduoduo.com",  # mirrors known from host lists
    "pinduoduo.com",
    "www.pinduoduo.com",
)
SHORT_HOSTS = ("p.pinduoduo.com",)

_GOODS = r"/goods\d{0,2}\.html"
_COUPON = r"/duo_coupon_landing\.html"
_SAMPLE_SIGN = "Y9n2nXaVQo-RKlxWPwvfZW2BxNQkLmTsaEf_JQXmtb4V9"
_READS = {"goods_sign": f"({GOODS_SIGN})"}

_WEB = (
    LinkPattern(
        kind=LinkKind.ITEM,
        hosts=(*WEB_HOSTS, *SHORT_HOSTS),
        path=_GOODS,
        id_params=("goods_id",),
        keep=("goods_sign",),
        reads=_READS,
        example="https://mobile.yangkeduo.com/goods1.html"
        "?refer_share_uid=3600000000&page_from=23&goods_id=531222333441",
        example_id="531222333441",
    ),
    LinkPattern(
        kind=LinkKind.ITEM,
        hosts=WEB_HOSTS,
        path=_GOODS,
        id=GOODS_SIGN,
        id_params=("goods_sign",),
        example=f"https://mobile.yangkeduo.com/goods.html?goods_sign={_SAMPLE_SIGN}",
        example_id=_SAMPLE_SIGN,
    ),
    LinkPattern(
        kind=LinkKind.SHORT,  # the current share form: no id, the platform must be asked
        hosts=WEB_HOSTS,
        path=_GOODS,
        needs={"ps": r"[A-Za-z0-9_-]{6,20}"},
        example="【拼多多】https://mobile.yangkeduo.com/goods.html?ps=e2xaEqLYy9 「家庭抽纸」",
    ),
    LinkPattern(
        kind=LinkKind.COUPON,
        hosts=WEB_HOSTS,
        path=_COUPON,
        id_params=("goods_id",),
        needs={"goods_id": r"[1-9]\d{0,18}"},
        keep=("goods_sign", "pid"),
        reads=_READS,
        example="https://mobile.yangkeduo.com/duo_coupon_landing.html"
        "?goods_id=2478116371&pid=1000939_25578611",
        example_id="2478116371",
    ),
    LinkPattern(
        kind=LinkKind.COUPON,
        hosts=WEB_HOSTS,
        path=_COUPON,
        id=GOODS_SIGN,
        id_params=("goods_sign",),
        needs={"goods_sign": GOODS_SIGN},
        keep=("pid",),
        example=f"https://mobile.yangkeduo.com/duo_coupon_landing.html?goods_sign={_SAMPLE_SIGN}",
        example_id=_SAMPLE_SIGN,
    ),
    LinkPattern(
        kind=LinkKind.ITEM,  # opens a page inside the app; its kind is that page's
        hosts=WEB_HOSTS,
        path=r"/app\.html",
        opens=("launch_url",),
        opens_at="https://mobile.yangkeduo.com/",
        example="https://mobile.yangkeduo.com/app.html"
        "?use_reload=1&launch_url=goods.html%3Fgoods_id%3D531222333441",
        example_id="531222333441",
    ),
)


def _in_app(pattern: LinkPattern) -> LinkPattern:
    """The same page by the app's own scheme."""
    app = "pinduoduo://com.xunmeng.pinduoduo"
    return replace(
        pattern,
        hosts=("com.xunmeng.pinduoduo",),
        schemes=("pinduoduo",),
        web_host="mobile.yangkeduo.com",
        example=pattern.example.replace("https://mobile.yangkeduo.com", app),
    )


_SHORT = LinkPattern(
    kind=LinkKind.SHORT,  # always a promoter's
    hosts=SHORT_HOSTS,
    path=r"/[A-Za-z0-9_-]{6,12}/?",
    example="https://p.pinduoduo.com/QblbCK8j?sc=EFAC",
)

_MINI_PROGRAM = LinkPattern(
    kind=LinkKind.ITEM,  # a web page inside the mini-program; its kind is that page's
    hosts=("pages",),
    path=r"/web/web(?:\.html)?",
    schemes=("",),
    opens=("src",),
    opens_at="https://",
    example="pages/web/web?specialUrl=1"
    "&src=https%3A%2F%2Fmobile.yangkeduo.com%2Fgoods.html%3Fgoods_id%3D531222333441",
    example_id="531222333441",
)

PATTERNS: tuple[LinkPattern | TokenPattern, ...] = (
    *_WEB,
    *map(_in_app, _WEB),
    _SHORT,
    _MINI_PROGRAM,
)
