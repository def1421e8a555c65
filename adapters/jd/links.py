"""How links and 口令 of JD and its sisters look.

`utm_*`, `cu`, `ad_od`, `share_uid` and the like are trackers and go. A `u.jd.com` link is always a
promoter's, but only resolving shows of what, so it is a short link.
"""

from __future__ import annotations

from adapters.links import (
    CURRENCY_FENCES,
    NUMBER_ID,
    WEB_SCHEMES,
    LinkKind,
    LinkPattern,
    TokenPattern,
)

__all__ = ["ENCODED_ID", "PATTERNS", "SHORT_HOSTS"]

ENCODED_ID = r"[A-Za-z0-9]{20,34}_3[A-Za-z0-9]{15,20}"
"""The union API's `itemId`: 43-49 characters, `_3` inside in every known sample."""

SHORT_HOSTS = ("u.jd.com", "3.cn", "3.jd.hk")
_APP_SCHEMES = ("openapp.jdmobile", "openapp.jdpingou")

_ITEM_HOSTS = (
    "item.jd.com",
    "item.m.jd.com",
    "item.jd.hk",
    "npcitem.jd.hk",
    "mitem.jd.hk",
    "item.jkcsjd.com",  # JD Health
    "mitem.jkcsjd.com",
    "item.yiyaojd.com",
)


def _item(  # one form of item page
    hosts: tuple[str, ...],
    path: str,
    example: str,
    *names: str,
    schemes: tuple[str, ...] = WEB_SCHEMES,
    url: str = "",
) -> LinkPattern:
    return LinkPattern(
        kind=LinkKind.ITEM,
        hosts=hosts,
        path=path,
        schemes=schemes,
        id_params=names,
        url=url,
        example=example,
        example_id="100012043971",
    )


_CANONICAL = "https://item.jd.com/{id}.html"

_ITEMS = (
    _item(
        _ITEM_HOSTS,
        r"/(?:product/)?{id}\.html?",
        "https://item.m.jd.com/product/100012043971.html?utm_source=iosapp",
    ),
    _item(
        _ITEM_HOSTS,
        r"/ware/view\.action",
        "https://item.m.jd.com/ware/view.action?wareId=100012043971",
        "wareid",
    ),
    _item(
        ("item.m.jd.com", "wq.jd.com", "wqitem.jd.com", "m.jingxi.com"),
        r"/item/(?:jx)?view",
        "https://wqitem.jd.com/item/view?sku=100012043971&ptag=1",
        "sku",
    ),
    _item(
        ("kpl.m.jd.com",),
        r"/product",
        "https://kpl.m.jd.com/product?wareId=100012043971",
        "wareid",
    ),
    _item(
        ("re.jd.com",),
        r"/cps/item/{id}\.html?",
        "https://re.jd.com/cps/item/100012043971.html?wareId=100012043971",
    ),
    LinkPattern(
        kind=LinkKind.ITEM,
        hosts=("jingfen.jd.com",),
        path=r"/detail/{id}\.html?",
        id=f"{NUMBER_ID}|{ENCODED_ID}",
        example="https://jingfen.jd.com/detail/JCjNsS4Euw3Qbo2ZKGdGFPdq_3JKSxG35zuXsO7IWqk.html",
        example_id="JCjNsS4Euw3Qbo2ZKGdGFPdq_3JKSxG35zuXsO7IWqk",
    ),
    LinkPattern(
        kind=LinkKind.ITEM,  # into the app; with des=m the page is in `url`, a nested link
        hosts=("virtual",),
        path=r"/?",
        schemes=_APP_SCHEMES,
        json="params",
        needs={"des": "(?i:productdetail)"},
        id_params=("skuid", "sku", "wareid"),
        url=_CANONICAL,
        example='openapp.jdmobile://virtual?params={"des":"productDetail","skuId":"100012043971"}',
        example_id="100012043971",
    ),
    _item(
        ("pages",),  # pages of the mini-program
        r"/(?:item/detail/detail|product/product)(?:\.html)?",
        "pages/item/detail/detail?sku=100012043971",
        "sku",
        "wareid",
        schemes=("",),
        url=_CANONICAL,
    ),
    LinkPattern(
        kind=LinkKind.SHORT,
        hosts=("pages",),
        path=r"/union/proxy/proxy(?:\.html)?",
        schemes=("",),
        opens=("spreadurl",),
        opens_at="https://",
        example="pages/union/proxy/proxy?spreadUrl=https%3A%2F%2Fu.jd.com%2FlPItP07",
    ),
)

_KOULING = {"jkl": r"@?([A-Za-z0-9]{10,16})@?"}  # of the same item; the closing @ is often cut off

_SHORT = (
    LinkPattern(
        kind=LinkKind.SHORT,
        hosts=("u.jd.com",),
        path=r"/[A-Za-z0-9]{5,10}/?",
        example="https://u.jd.com/lPItP07",
    ),
    LinkPattern(
        kind=LinkKind.SHORT,
        hosts=("3.cn", "3.jd.hk"),
        path=r"/[A-Za-z0-9-]{1,12}/?",
        reads=_KOULING,
        example="【京东】https://3.cn/-35SF2ah?jkl=@W1a0c28PhTuD@ MF8555 「中筒袜」",
    ),
)

_PROMOTION = (
    LinkPattern(
        kind=LinkKind.AFFILIATE,
        hosts=("union-click.jd.com",),
        path=r"/jd[ac]",
        needs_any=("d", "e", "p"),
        keep=("d", "e", "p", "t"),
        example="https://union-click.jd.com/jdc?d=k4sAaK",
    ),
    LinkPattern(
        kind=LinkKind.COUPON,
        hosts=("coupon.m.jd.com", "coupon.jd.com"),
        path=r"/(?:coupons/show\.action|ilink/coupon(?:Active|Send)Front/[\w./-]*)",
        id_links=("to",),
        needs_any=("key", "linkkey"),
        keep=("key", "roleid", "linkkey", "to"),
        example="https://coupon.m.jd.com/coupons/show.action"
        "?key=abc&roleId=1&to=item.jd.com/100012043971.html",
        example_id="100012043971",
    ),
)

_TOKEN = TokenPattern(
    lengths=(14, 15, 16),
    hinted_lengths=(12, 13),
    hints=("京东", "京口令", "京喜"),
    strong=CURRENCY_FENCES,
    lone="¢£¤¥₠-⃀￠￡￥",
    weak="!！%()（）",
    lead=r"(?:CZ|MF|HU|CA|MU|ZH)\d{3,4}\s+",
    example="￥FEIMWEeqJYrCTRfm￥ CZ154",
    example_id="FEIMWEeqJYrCTRfm",
)

PATTERNS: tuple[LinkPattern | TokenPattern, ...] = (*_ITEMS, *_SHORT, *_PROMOTION, _TOKEN)
