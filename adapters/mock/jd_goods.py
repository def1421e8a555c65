"""JD's goods and coupon queries, from the items of the mock world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.mock.jd_wire import BusinessError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from adapters.mock.jd_links import JdLinks
    from adapters.mock.values import MockCoupon, MockItem
    from adapters.mock.world import World

__all__ = ["JdGoods", "yuan"]

_MAX_SKUS: Final = 100
_MAX_QUERIED: Final = 20
_MAX_PAGE: Final = 30
_MAX_COUPONS: Final = 50


def yuan(fen: int) -> float:
    """JD writes amounts as JSON numbers in yuan."""
    return fen / 100


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _final(item: MockItem) -> int:
    coupon = item.coupon
    if coupon is None or not coupon.remaining or item.price < coupon.threshold:
        return item.price
    return item.price - coupon.amount


def _listed(data: Sequence[object], **more: object) -> dict[str, object]:
    """An empty list is not sent at all."""
    found: dict[str, object] = {"code": 200, "message": "success", **more}
    return {**found, "data": data} if data else found


class JdGoods:
    """`goods.promotiongoodsinfo.query`, `goods.query`, `coupon.query`."""

    def __init__(self, world: World, links: JdLinks) -> None:
        self.world = world
        self.links = links

    def promotion_goods(self, arguments: Mapping[str, Any]) -> dict[str, object]:
        """`skuIds` is a comma list; what is not in the programme is left out."""
        text = arguments.get("skuIds")
        skus = text.split(",") if isinstance(text, str) and text else []
        if not 0 < len(skus) <= _MAX_SKUS or not all(sku.isdecimal() for sku in skus):
            raise BusinessError(401, "skuIds参数错误")
        items = [self.world.item("jd", sku) for sku in skus]
        return _listed([self._promotion_entry(item) for item in items if item.promotable])

    def _promotion_entry(self, item: MockItem) -> dict[str, object]:
        return {
            "skuId": int(item.item_id),
            "goodsName": item.title,
            "unitPrice": yuan(item.price),
            "wlUnitPrice": yuan(item.price),
            "commisionRatioPc": item.rate_bp / 100,
            "commisionRatioWl": item.rate_bp / 100,
            "materialUrl": f"http://item.jd.com/{item.item_id}.html",
            "imgUrl": item.image_url,
            "isJdSale": 1,
            "inOrderCount": item.sales,
            "shopId": 1000004259,
            "cidName": "",
        }

    def query(self, arguments: Mapping[str, Any]) -> dict[str, object]:
        """By skus, by opaque itemIds, or by keyword; off the programme means not found."""
        asked = arguments.get("goodsReqDTO")
        if not isinstance(asked, dict):
            raise BusinessError(401, "goodsReqDTO不能为空")
        size = asked.get("pageSize", 20)
        if not isinstance(size, int) or not 0 < size <= _MAX_PAGE:
            raise BusinessError(202, "分页参数超限")
        ids = [*asked.get("skuIds", []), *asked.get("itemIds", [])]
        if len(ids) > _MAX_QUERIED:
            raise BusinessError(401, "skuIds数量超限")
        if ids:
            items = [self.world.item("jd", str(each)) for each in ids]
        elif asked.get("keyword"):
            items = list(self.world.search("jd", str(asked["keyword"]), size))
        else:
            raise BusinessError(401, "查询条件不能为空")
        found = [self._entry(item) for item in items if item.promotable]
        return _listed(found, totalCount=len(found))

    def _entry(self, item: MockItem) -> dict[str, object]:
        final = _final(item)
        return {
            "skuId": int(item.item_id),
            "itemId": item.canonical_id,
            "skuName": item.title,
            "owner": "p",
            "materialUrl": f"jingfen.jd.com/detail/{item.canonical_id}.html",
            "priceInfo": {
                "price": yuan(item.price),
                "lowestPrice": yuan(item.price),
                "lowestPriceType": 1,
                "lowestCouponPrice": yuan(final),
            },
            "commissionInfo": {
                "commission": yuan(item.price * item.rate_bp // 10_000),
                "commissionShare": item.rate_bp / 100,
                "couponCommission": yuan(final * item.rate_bp // 10_000),
                "plusCommissionShare": item.rate_bp / 100,
                "isLock": 0,
            },
            "couponInfo": {"couponList": self._coupons(item)},
            "imageInfo": {"imageList": [{"url": item.image_url}]},
            "shopInfo": {"shopName": item.shop, "shopId": 1000004259},
            "inOrderCount30Days": item.sales,
        }

    def _coupons(self, item: MockItem) -> list[object]:
        """What can be taken now; how many are left is not said here."""
        coupon = item.coupon
        if coupon is None or not coupon.remaining:
            return []
        return [
            {
                "link": self.links.coupon(item.item_id, coupon.id),
                "discount": yuan(coupon.amount),
                "quota": yuan(coupon.threshold),
                "isBest": 1,
                "bindType": 3,
                "platformType": 0,
                "getStartTime": _ms(coupon.starts_at),
                "getEndTime": _ms(coupon.ends_at),
                "useStartTime": _ms(coupon.starts_at),
                "useEndTime": _ms(coupon.ends_at),
            }
        ]

    def coupons(self, arguments: Mapping[str, Any]) -> dict[str, object]:
        """`coupon.query`; a link that names no coupon is left out."""
        urls = arguments.get("couponUrls")
        if not isinstance(urls, list) or not 0 < len(urls) <= _MAX_COUPONS:
            raise BusinessError(2006400, "couponUrls参数错误")
        found = []
        for url in urls:
            item = self.item_of_coupon(str(url))
            if item is not None and item.coupon is not None:
                found.append(self._coupon_entry(str(url), item.coupon))
        return _listed(found)

    def item_of_coupon(self, url: str) -> MockItem | None:
        """The item whose coupon a link is for: `to=`, else `roleId` of links made here."""
        parts = self.links.real(url)
        if parts is None or parts[0] not in ("coupon.m.jd.com", "coupon.jd.com"):
            return None
        query = parts[2]
        target = self.links.item(f"https://{query.get('to', '')}") or query.get("roleId", "")
        return self.world.item("jd", target) if query.get("key") and target else None

    @staticmethod
    def _coupon_entry(url: str, coupon: MockCoupon) -> dict[str, object]:
        return {
            "link": url,
            "discount": yuan(coupon.amount),
            "quota": yuan(coupon.threshold),
            "num": coupon.total,
            "remainNum": coupon.remaining,
            "takeBeginTime": _ms(coupon.starts_at),
            "takeEndTime": _ms(coupon.ends_at),
            "beginTime": _ms(coupon.starts_at),
            "endTime": _ms(coupon.ends_at),
            "platform": "全平台",
            "yn": 1,
        }
