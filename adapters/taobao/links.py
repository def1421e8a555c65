"""How links and 口令 of Taobao, Tmall and their sisters look.

Hosts and forms are those of real share texts and links; where only other projects' host lists know
a form, a comment says so. `spm`, `scm`, `pvid`, `ut_sk`, `sourceType` and the like are trackers and
go; `pid` stays on promotion pages because it says whose link it is.
"""

from __future__ import annotations

from adapters.links import (
    CURRENCY_FENCES,
    EMOJI_FENCES,
    NUMBER_ID,
    WEB_SCHEMES,
    LinkKind,
    LinkPattern,
    TokenPattern,
)

__all__ = ["ENCODED_ID", "ITEM_ID", "PATTERNS", "SHORT_HOSTS"]

ENCODED_ID = r"[A-Za-z0-9]{20,30}-[A-Za-z0-9]{15,22}"
"""The union's opaque item id (since 2022): 42-45 characters with exactly one dash. It depends on
case and on the account that asked."""

ITEM_ID = f"{NUMBER_ID}|{ENCODED_ID}"
_DASHLESS_ID = r"(?=\d*[A-Za-z])[A-Za-z0-9]{22}"  # one sample in the documents of the union API

_SCHEMES = (*WEB_SCHEMES, "taobao", "tmall", "tbopen")
SHORT_HOSTS = ("m.tb.cn", "e.tb.cn", "c.tb.cn", "s.tb.cn", "tb.cn")

_ITEM_HOSTS = (
    "item.taobao.com",
    "detail.taobao.com",
    "detail.tmall.com",
    "chaoshi.detail.tmall.com",
    "detail.tmall.hk",
    "detail.m.tmall.com",
    "detail.liangxinyao.com",  # pharmacies of Tmall: known from host lists
    "detail.yao.95095.com",
    "item.ny.taobao.com",
    "traveldetail.fliggy.com",
)
_ID_NAMES = ("id", "itemid", "item_id")


def _item(
    hosts: tuple[str, ...], path: str, example: str, *names: str, id_: str = ITEM_ID
) -> LinkPattern:
    return LinkPattern(
        kind=LinkKind.ITEM,
        hosts=hosts,
        path=path,
        schemes=_SCHEMES,
        id=id_,
        id_params=names,
        example=example,
        example_id="623174277353",
    )


_ITEMS = (
    _item(
        _ITEM_HOSTS,
        r"/(?:hk/)?item(?:_o)?\.html?",
        "https://item.taobao.com/item.htm?spm=a1z10.1&id=623174277353&skuId=4",
        *_ID_NAMES,
    ),
    _item(
        ("a.m.taobao.com", "a.m.tmall.com"),
        r"/i{id}\.htm",
        "https://a.m.taobao.com/i623174277353.htm?price=13.5",
        id_=NUMBER_ID,
    ),
    _item(
        ("h5.m.taobao.com",),
        r"/awp/core/detail\.html?",
        "https://h5.m.taobao.com/awp/core/detail.htm?id=623174277353",
        *_ID_NAMES,
    ),
    _item(
        ("new.m.taobao.com",),
        r"/detail\.html?",
        "https://new.m.taobao.com/detail.htm?id=623174277353&price=38",
        *_ID_NAMES,
    ),
    _item(
        ("main.m.taobao.com",),
        r"/security-h5-detail/home",
        "https://main.m.taobao.com/security-h5-detail/home?id=623174277353",
        *_ID_NAMES,
    ),
    _item(
        ("m.intl.taobao.com",),
        r"/detail/detail\.html?",
        "https://m.intl.taobao.com/detail/detail.html?id=623174277353",
        *_ID_NAMES,
    ),
    _item(
        ("world.taobao.com", "world.tmall.com"),
        r"/item/{id}\.html?",
        "https://world.taobao.com/item/623174277353.htm",
        id_=NUMBER_ID,
    ),
    _item(
        ("www.taobao.com",),
        r"/list/item/{id}\.html?",
        "https://www.taobao.com/list/item/623174277353.htm",
        id_=NUMBER_ID,
    ),
    _item(
        ("ju.taobao.com",),
        r"/(?:tg/home|m/jusp/alone/detailwap/mtp)\.html?",
        "https://ju.taobao.com/tg/home.htm?item_id=623174277353",
        "item_id",
        "id",
    ),
    _item(
        ("uland.taobao.com",),
        r"/item/edetail",
        "https://uland.taobao.com/item/edetail?id=623174277353",
        "id",
        "itemid",
        id_=f"{ITEM_ID}|{_DASHLESS_ID}",
    ),
    LinkPattern(
        kind=LinkKind.ITEM,  # the overseas share page
        hosts=("assets-tmw.taobao.com",),
        path=r"/app/tmall-ovs-rax/share_page/home",
        schemes=_SCHEMES,
        id=ITEM_ID,
        id_params=("targetid",),
        needs={"targettype": "(?i:item)"},
        url="https://item.taobao.com/item.htm?id={id}",
        example="https://assets-tmw.taobao.com/app/tmall-ovs-rax/share_page/home"
        "?targetType=ITEM&targetId=623174277353&site=SG",
        example_id="623174277353",
    ),
    LinkPattern(
        kind=LinkKind.ITEM,  # as widely described; no public sample
        hosts=("page.tm",),
        path=r"/itemdetail/?",
        schemes=("tmall",),
        id=ITEM_ID,
        id_params=("itemid", "id"),
        url="https://detail.tmall.com/item.htm?id={id}",
        example="tmall://page.tm/itemDetail?itemID=623174277353",
        example_id="623174277353",
    ),
)

_SHORT = LinkPattern(
    kind=LinkKind.SHORT,
    hosts=SHORT_HOSTS,
    path=r"/h\.[A-Za-z0-9]{3,24}/?",
    schemes=_SCHEMES,
    reads={"tk": r"([A-Za-z0-9]{10,13})"},  # the 口令 of the same item, without fences
    example="【淘宝】https://m.tb.cn/h.UmQ3zKp?tk=Lr7vdOEY4Pc CZ3457 「四轴飞行器」",
)

_COUPONS = (
    LinkPattern(
        kind=LinkKind.COUPON,
        hosts=("uland.taobao.com",),
        path=r"/coupon/edetail",
        schemes=_SCHEMES,
        id=ITEM_ID,
        id_params=("itemid", "item_id"),
        needs_any=("e", "activityid", "itemid", "item_id"),
        keep=("e", "activityid", "pid"),
        example="https://uland.taobao.com/coupon/edetail"
        "?activityId=8a7e2b1c&itemId=623174277353&pid=mm_1_2_3",
        example_id="623174277353",
    ),
    LinkPattern(
        kind=LinkKind.COUPON,  # of a shop
        hosts=("uland.taobao.com", "taoquan.taobao.com", "market.m.taobao.com"),
        path=r"/(?:quan/detail|coupon/unify_apply\.html?|apps/aliyx/coupon/detail\.html?)",
        schemes=_SCHEMES,
        id=ITEM_ID,
        id_params=("itemid", "item_id"),
        needs_any=("activityid", "activity_id"),
        keep=("activityid", "activity_id", "sellerid", "seller_id"),
        example="https://uland.taobao.com/quan/detail?sellerId=725677994&activityId=8a7e2b1c",
    ),
)

_AFFILIATE = (
    LinkPattern(
        kind=LinkKind.AFFILIATE,
        hosts=("s.click.taobao.com",),
        path=r"/[A-Za-z0-9]{5,12}/?",
        schemes=_SCHEMES,
        example="https://s.click.taobao.com/XmzQBdu",
    ),
    LinkPattern(
        kind=LinkKind.AFFILIATE,
        hosts=("s.click.taobao.com",),
        path=r"/t(?:_\w{1,4})?",
        schemes=_SCHEMES,
        needs_any=("e", "union_lens"),
        keep=("e", "union_lens", "pid"),
        example="https://s.click.taobao.com/t?e=m%3D2%26s%3DtUbeacQ6DQ75&pvid=10_1",
    ),
    LinkPattern(
        kind=LinkKind.AFFILIATE,  # promotion pages: whose is in `pid`
        hosts=("ai.taobao.com", "temai.taobao.com"),
        path=r"(?:/[\w./-]*)?",
        schemes=_SCHEMES,
        needs={"pid": r"mm_\d+_\d+_\d+"},
        example="https://temai.taobao.com/event.htm?pid=mm_11_22_33&q=x",
    ),
)

_TOKEN = TokenPattern(
    lengths=(11,),
    hinted_lengths=(10, 12, 13),  # 10 and 13 in others' tests, 12 as `tk=`
    hints=("淘", "天猫", "猫超"),
    strong=CURRENCY_FENCES + "🎵📲😺🔐💲",
    lone="¢£¤¥₠-⃀￠￡￥",
    weak=r"/()（）《》〈〉\[\]啊嘻哈！!" + EMOJI_FENCES,
    lead=r"(?:CZ|MF|HU|CA|MU|ZH)\d{3,4}\s+",
    example="复制这条信息，￥8T7JY2cryHh￥，到【手机淘宝】即可查看",
    example_id="8T7JY2cryHh",
)

PATTERNS: tuple[LinkPattern | TokenPattern, ...] = (
    *_ITEMS,
    _SHORT,
    *_COUPONS,
    *_AFFILIATE,
    _TOKEN,
)
