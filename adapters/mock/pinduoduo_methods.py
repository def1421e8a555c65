"""What the mock Pinduoduo answers, method by method (pages of open.pinduoduo.com).

Amounts are fen, rates permille, times unix seconds. The root key of an answer is not always the
method's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.mock.pinduoduo_links import PLATFORM, TOKEN_LENGTH, Addresses, uid_and_sid
from adapters.mock.pinduoduo_orders import order_list
from adapters.mock.pinduoduo_wire import Call, Refused
from adapters.mock.scenarios import NEEDS_AUTHORISATION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adapters.mock.values import MockItem, MockLink
    from adapters.mock.world import World

__all__ = ["FOREIGN_PID", "Methods"]

FOREIGN_PID = "1000939_25578619"
"""Whose links the fault `foreign_pid` makes."""
MAX_CUSTOM = 64


class Methods:
    """`answer` gives root key and body; Refused for an error answer."""

    def __init__(self, world: World, addresses: Addresses, p_ids: frozenset[str]) -> None:
        self.world = world
        self.addresses = addresses
        self.p_ids = p_ids
        self._known: Mapping[str, tuple[str, Callable[[Call], Mapping[str, object]]]] = {
            "pdd.ddk.goods.search": ("goods_search_response", self._search),
            "pdd.ddk.goods.promotion.url.generate": (
                "goods_promotion_url_generate_response",
                self._promotion,
            ),
            "pdd.ddk.goods.zs.unit.url.gen": ("goods_zs_unit_generate_response", self._unit),
            "pdd.ddk.member.authority.query": ("authority_query_response", self._authority),
            "pdd.ddk.rp.prom.url.generate": (
                "rp_promotion_url_generate_response",
                self._red_packet,
            ),
            "pdd.ddk.order.list.increment.get": ("order_list_get_response", self._orders),
        }

    @property
    def names(self) -> frozenset[str]:
        """The methods that there are."""
        return frozenset(self._known)

    def answer(self, call: Call) -> Mapping[str, object]:
        """The whole answer."""
        if not self.world.granted(PLATFORM, call.method, default=True):
            raise Refused(20031)
        root, method = self._known[call.method]
        return {root: {**method(call), "request_id": "15440104776643888"}}

    # Checks that several methods share

    def _own(self, pid: str) -> str:
        if pid not in self.p_ids:
            raise Refused(50001, "推广位不存在或不属于该账号")
        return pid

    def _custom(self, call: Call) -> str:
        """`custom_parameters` as they are to be echoed."""
        custom = call.fields.get("custom_parameters", "")
        if not custom:
            return ""
        if len(custom.encode()) > MAX_CUSTOM:
            raise Refused(10000, "自定义参数最长限制64个字节")
        uid, sid = uid_and_sid(custom)
        if not uid:
            raise Refused(10000, "自定义参数中uid必填")
        if not self.world.granted(PLATFORM, "custom_parameters", default=True):
            raise Refused(20031, "没有custom_parameters权限")
        if sid and not self.world.granted(PLATFORM, "custom_parameters.sid", default=True):
            raise Refused(20031, "custom_parameters不支持sid")
        return custom

    def _authorised(self, pid: str, custom: str, item: MockItem | None = None) -> bool:
        """备案: granted to everybody (lenient), to this p_id and uid by opening the link, or, with
        the right `authority_by_pid`, to a p_id for all uids."""
        lenient = self.world.profile(PLATFORM) == "lenient"
        scenario = item is not None and item.scenario == NEEDS_AUTHORISATION
        uid, _ = uid_and_sid(custom)
        return (
            self.world.granted(PLATFORM, "authority", default=lenient and not scenario)
            or self.world.granted(PLATFORM, f"authority:{pid}:{uid}", default=False)
            or (
                self.world.granted(PLATFORM, "authority_by_pid", default=False)
                and self.world.granted(PLATFORM, f"authority:{pid}:", default=False)
            )
        )

    def _need_authority(self, pid: str, custom: str, item: MockItem | None = None) -> None:
        if not self._authorised(pid, custom, item):
            raise Refused(50001, "pid和custom_parameters尚未备案", "60001")

    def agree(self, pid: str, custom: str) -> None:
        """A person opened the authorisation link."""
        uid, _ = uid_and_sid(custom)
        self.world.set_right(PLATFORM, f"authority:{pid}:{uid}", granted=True)

    # Methods

    def _search(self, call: Call) -> Mapping[str, object]:
        for gone in ("goods_id", "goods_id_list"):
            if gone in call.fields:
                raise Refused(10000, f"{gone}已下线，请使用goods_sign")
        size = call.number("page_size", 10, 100, 100)
        pid = call.fields.get("pid", "")
        self._need_authority(self._own(pid) if pid else "", self._custom(call))
        found = [item for item in self._found(call, size) if item.on_shelf and item.promotable]
        if call.number("page", 1, 10_000, 1) > 1:
            found = []
        search_id = f"search-{len(found)}-{int(self.world.now().timestamp())}"
        return {
            "goods_list": [self._goods(item, search_id) for item in found],
            "total_count": len(found),
            "search_id": search_id,
            "list_id": "1",
        }

    def _found(self, call: Call, size: int) -> Sequence[MockItem]:
        if signs := call.texts("goods_sign_list"):
            items = [self.world.item(PLATFORM, sign) for sign in signs[:1]]
            return [item for item in items if item.canonical_id == signs[0]]
        words = call.text("keyword").strip()
        if "://" in words:
            item = self.addresses.item(words)
            return [item] if item else []
        return self.world.search(PLATFORM, words, size)

    def _goods(self, item: MockItem, search_id: str) -> Mapping[str, object]:
        coupon = item.coupon
        return {
            "goods_id": int(item.item_id),
            "goods_sign": item.canonical_id,
            "goods_name": item.title,
            "goods_desc": item.title,
            "goods_image_url": item.image_url,
            "goods_thumbnail_url": item.image_url,
            "mall_name": item.shop,
            "min_group_price": item.price,
            "min_normal_price": item.price * 115 // 100,
            "promotion_rate": item.rate_bp // 10,
            "predict_promotion_rate": item.compared_rate_bp // 10
            if item.compared_rate_bp is not None
            else None,
            "has_coupon": coupon is not None,
            "coupon_discount": coupon.amount if coupon else 0,
            "coupon_min_order_amount": coupon.threshold if coupon else 0,
            "coupon_start_time": int(coupon.starts_at.timestamp()) if coupon else 0,
            "coupon_end_time": int(coupon.ends_at.timestamp()) if coupon else 0,
            "coupon_remain_quantity": coupon.remaining if coupon else 0,
            "coupon_total_quantity": coupon.total if coupon else 0,
            "sales_tip": str(item.sales),
            "search_id": search_id,
            "unified_tags": [],
        }

    def _promotion(self, call: Call) -> Mapping[str, object]:
        pid, custom = self._own(call.text("p_id")), self._custom(call)
        if "goods_id_list" in call.fields:
            raise Refused(10000, "goods_id_list已下线，请使用goods_sign_list")
        signs = call.texts("goods_sign_list")
        if not signs:
            raise Refused(10000, "goods_sign_list不能为空")
        items = [self.world.item(PLATFORM, sign) for sign in signs]
        for sign, item in zip(signs, items, strict=True):
            if item.canonical_id != sign or item.item_id == sign or "_J" not in sign:
                raise Refused(50001, "goods_sign解析异常", "10002")
            self._need_authority(pid, custom, item)
        return {
            "goods_promotion_url_list": [
                self._urls(call, item, pid, custom, short=call.flag("generate_short_url"))
                for item in items
            ]
        }

    def _unit(self, call: Call) -> Mapping[str, object]:
        pid, custom = self._own(call.text("pid")), self._custom(call)
        item = self.addresses.item(call.text("source_url"))
        if item is None or not (item.on_shelf and item.promotable):
            raise Refused(50001, "商品解析异常", "10002")
        self._need_authority(pid, custom, item)
        return self._urls(call, item, pid, custom, short=True)

    def _urls(
        self, call: Call, item: MockItem, pid: str, custom: str, *, short: bool
    ) -> Mapping[str, object]:
        """The fault `foreign_pid` answers with another's links; with `readable=no` only the short
        ones, which do not show it."""
        foreign = call.fault if call.has_fault("foreign_pid") else None
        link = self._make(item, FOREIGN_PID if foreign else pid, custom)
        now = self.world.now()
        short_url = self.addresses.short(link) if short else None
        urls: dict[str, object] = {"short_url": short_url, "mobile_short_url": short_url}
        if foreign and foreign.args.get("readable") == "no":
            return {"short_url": self.addresses.short(link)}
        urls["url"] = self.addresses.long(link, item, now)
        urls["mobile_url"] = self.addresses.mobile(link, item, now)
        # A real schema would open the real app from a demonstration.
        urls["schema_url"] = None
        return urls

    def _make(self, item: MockItem, pid: str, custom: str) -> MockLink:
        attribution = {"p_id": pid} | ({"custom_parameters": custom} if custom else {})
        return self.world.make_link(PLATFORM, item.item_id, attribution, token_length=TOKEN_LENGTH)

    def _authority(self, call: Call) -> Mapping[str, object]:
        pid = self._own(call.text("pid"))
        return {"bind": int(self._authorised(pid, self._custom(call)))}

    def _red_packet(self, call: Call) -> Mapping[str, object]:
        if call.number("channel_type", -1, 20) != 10:
            raise Refused(10000, "演示平台只支持channel_type=10")
        pids = call.texts("p_id_list") or []
        if len(pids) != 1:
            raise Refused(10000, "p_id_list只能传一个推广位")
        custom = self._custom(call)
        url = self.addresses.authority(self._own(pids[0]), custom, self.world.now())
        return {"url_list": [{"url": url, "mobile_url": url}]}

    def _orders(self, call: Call) -> Mapping[str, object]:
        return order_list(self.world, call)
