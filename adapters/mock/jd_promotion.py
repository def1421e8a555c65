"""JD's convert calls and new placements.

The account is the mock's only one; every position id it does not have is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from adapters.mock.jd_links import RISK, SHORT_HOSTS
from adapters.mock.jd_wire import (
    AUTH_KEY,
    POOL,
    POSITION_ID,
    SITE_ID,
    UNION_ID,
    BusinessError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.mock.jd_goods import JdGoods
    from adapters.mock.jd_links import JdLinks
    from adapters.mock.values import Fault, MockItem
    from adapters.mock.world import World

__all__ = ["LINK_LIFE", "JdPromotion", "subs_granted"]

LINK_LIFE: Final = timedelta(days=60)
FOREIGN_UNION: Final = "2099000001"
FOREIGN_POSITION: Final = "3990000001"
_SUB_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_MAX_NAMES: Final = 50


def subs_granted(world: World) -> bool:
    """Whether the account may send subUnionId and gets it back on orders."""
    return world.granted("jd", "subUnionId", world.profile("jd") == "lenient")


def _text(value: object) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A checked `promotionCodeReq`."""

    item: MockItem
    attribution: Mapping[str, str]


class JdPromotion:
    """`promotion.common.get`, `promotion.bysubunionid.get`, `position.create`."""

    def __init__(self, world: World, links: JdLinks, goods: JdGoods) -> None:
        self.world = world
        self.links = links
        self.goods = goods

    def common(self, arguments: Mapping[str, Any], fault: Fault | None) -> dict[str, object]:
        """Site and app media: `siteId` is needed; the answer is one link."""
        asked = self._request(arguments)
        site = _text(asked.get("siteId"))
        if not site:
            raise BusinessError(1002024, "siteId不能为空")
        if site != SITE_ID:
            raise BusinessError(2001501, "站点ID不合法")
        short, shown = self._make(self._checked(asked), fault)
        return self._done({"clickURL": shown or short, "jCommand": ""})

    def by_sub_union_id(
        self, arguments: Mapping[str, Any], fault: Fault | None
    ) -> dict[str, object]:
        """Chat media: long link, short link or both, as `chainType` wants."""
        asked = self._request(arguments)
        short, shown = self._make(self._checked(asked), fault)
        long = shown or self.links.click(short.rsplit("/", 1)[-1])
        chain = asked.get("chainType", 2)
        if chain not in (1, 2, 3):
            raise BusinessError(2001212, "chainType参数错误")
        data = {"shortURL": short if chain != 1 else "", "clickURL": long if chain != 2 else ""}
        return self._done({**data, "jCommand": "", "jShortCommand": "", "weChatShortLink": ""})

    @staticmethod
    def _done(data: Mapping[str, object]) -> dict[str, object]:
        return {"code": 200, "message": "success", "data": data}

    @staticmethod
    def _request(arguments: Mapping[str, Any]) -> dict[str, Any]:
        asked = arguments.get("promotionCodeReq")
        if not isinstance(asked, dict):
            raise BusinessError(2001212, "promotionCodeReq不能为空")
        return asked

    def _checked(self, asked: Mapping[str, Any]) -> _Asked:
        attribution = {"unionId": UNION_ID}
        for name in ("siteId", "positionId", "subUnionId"):
            if sent := _text(asked.get(name)):
                attribution[name] = sent
        self._check_attribution(attribution, _text(asked.get("pid")))
        item = self._item(_text(asked.get("materialId")))
        if not item.promotable:
            raise BusinessError(2001104, "该商品不在推广中")
        if coupon := _text(asked.get("couponUrl")):
            self._check_coupon(coupon, item)
        return _Asked(item=item, attribution=attribution)

    def _check_attribution(self, sent: Mapping[str, str], pid: str) -> None:
        sub_id = sent.get("subUnionId", "")
        if sub_id and pid:
            raise BusinessError(2001214, "pid和subUnionId不能同时传入")
        if sub_id and not _SUB_ID.fullmatch(sub_id):
            raise BusinessError(2001208, "subUnionId格式错误")
        if sub_id and not subs_granted(self.world):
            raise BusinessError(2001403, "无subUnionId权限")
        if pid or not self._is_own_position(sent.get("positionId", POSITION_ID)):
            raise BusinessError(2001213, "推广位不属于该联盟ID")

    def _is_own_position(self, position: str) -> bool:
        return position in (POSITION_ID, *POOL) or self.world.granted(
            "jd", f"position {position}", False
        )

    def _item(self, material: str) -> MockItem:
        """Item pages, and promotion and short links, which lead to their item."""
        parts = self.links.real(material)
        if parts is None:
            raise BusinessError(2001101, "materialId格式错误")
        host, path, _ = parts
        if item := self.links.item(material):
            return self.world.item("jd", item)
        if host in ("jd.com", "www.jd.com", "m.jd.com"):
            raise BusinessError(2001105, "聊天工具不支持推广首页")
        if host in SHORT_HOSTS:
            return self.world.item_behind("jd", path.strip("/"))
        code = self.links.code(material) if host in ("u.jd.com", "union-click.jd.com") else None
        if code is None:
            raise BusinessError(2001102, "链接无法识别")
        link = self.world.link("jd", code)
        return self.world.item("jd", link.item_id) if link else self.world.item_behind("jd", code)

    def _check_coupon(self, url: str, item: MockItem) -> None:
        if not self.world.granted("jd", "couponUrl", True):
            raise BusinessError(2001701, "无二合一权限")
        parts = self.links.real(url)
        if parts is None or parts[0] not in ("coupon.m.jd.com", "coupon.jd.com"):
            raise BusinessError(2001901, "优惠券域名host校验错误")
        named = self.goods.item_of_coupon(url)
        if named is None:
            raise BusinessError(2001905, "优惠券无效")
        if named.item_id != item.item_id:
            raise BusinessError(2001909, "优惠券与商品不匹配")
        if item.coupon is None or item.coupon.ends_at <= self.world.now():
            raise BusinessError(2001906, "优惠券已过期")
        if not item.coupon.remaining:
            raise BusinessError(2001914, "优惠券已领完")

    def _make(self, asked: _Asked, fault: Fault | None) -> tuple[str, str]:
        """The short link, and a long one only where it shows its owner.

        The fault `foreign_pid` gives somebody else's link: with `variant` "hidden" nothing shows it,
        with "position" the union account is right and the placement is not.
        """
        attribution = dict(asked.attribution)
        variant = ""
        if fault is not None and fault.kind == "foreign_pid":
            variant = fault.args.get("variant", "union")
            attribution["positionId"] = FOREIGN_POSITION
            if variant != "position":
                attribution["unionId"] = FOREIGN_UNION
            if variant == "hidden":
                attribution[RISK] = "hidden"
        link = self.world.make_link(
            "jd",
            asked.item.item_id,
            attribution,
            expires_at=self.world.now() + LINK_LIFE,
        )
        short = self.links.short(link.token)
        if variant in ("", "hidden"):
            return short, ""
        shown = f"unionId={attribution['unionId']}&positionId={attribution['positionId']}"
        return short, f"{self.links.click(link.token)}&{shown}"

    def create_positions(self, arguments: Mapping[str, Any]) -> dict[str, object]:
        """New placements; they are the account's from then on."""
        asked = arguments.get("positionReq")
        if not isinstance(asked, dict):
            raise BusinessError(2004400, "positionReq不能为空")
        names = asked.get("spaceNameList")
        if (
            _text(asked.get("unionId")) != UNION_ID
            or asked.get("key") != AUTH_KEY
            or asked.get("unionType") not in (3, 4)
            or asked.get("type") not in (1, 2, 3, 4)
            or not isinstance(names, list)
            or not 0 < len(names) <= _MAX_NAMES
        ):
            raise BusinessError(2004400, "参数错误")
        made = {str(name): self._position(str(name)) for name in names}
        for position in made.values():
            self.world.set_right("jd", f"position {position}", True)
        return self._done({"resultList": made, "pid": ""})

    @staticmethod
    def _position(name: str) -> str:
        digest = blake2b(name.encode(), digest_size=5).digest()
        return str(3_200_000_000 + int.from_bytes(digest, "big") % 700_000_000)
