"""The methods of the mock Taobao that read items, make links and parse texts.

Each takes a `Call` and gives the content that stands under the answer's root. Amounts are decimal
yuan as text, rates percent as text, `promotion_price` fen as a number, as in the documents.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.mock.scenarios import NUMERIC_REFUSED, OFF_SHELF
from adapters.mock.taobao_account import FOREIGN_PID, SCENE_COPIED, Account
from adapters.mock.taobao_wire import Refusal, Rows, refused
from adapters.times import beijing_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from adapters.mock.taobao_links import MadeLink, TaobaoLinks
    from adapters.mock.values import Fault, MockCoupon, MockItem
    from adapters.mock.world import World

__all__ = ["METHODS", "Call", "percent", "yuan"]

_GONE = "该item_id对应宝贝已下架或非淘客宝贝"
_NUMERIC = "根据联盟政策要求，不允许数字id转链，请使用新商品id"
_MAX_IDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One admitted call; `fault` is what the method itself must do wrong."""

    params: Mapping[str, str]
    world: World
    account: Account
    links: TaobaoLinks
    now: datetime
    fault: Fault | None

    def need(self, name: str) -> str:
        """A required argument."""
        value = self.params.get(name, "")
        if not value:
            raise Refusal(40, "isv.missing-parameter", f"缺少必选参数：{name}")
        return value

    def number(self, name: str, default: int, highest: int) -> int:
        """An integer from 1 to `highest`."""
        text = self.params.get(name, str(default))
        if not text.isdecimal() or not 1 <= int(text) <= highest:
            raise Refusal(41, f"isv.invalid-parameter:{name}", f"参数{name}无效")
        return int(text)

    def pid(self) -> str:
        """The placement that `adzone_id` names; another's is refused."""
        adzone = self.need("adzone_id")
        pid = self.account.pid(adzone)
        if pid is None:
            raise refused("isv.pid-not-correct", "推广位与账号不匹配")
        return pid

    def dto(self, name: str) -> dict[str, object]:
        """A complex argument: one field that holds a JSON object."""
        try:
            value = json.loads(self.params.get(name, "{}"))
        except ValueError:
            raise Refusal(41, f"isv.invalid-parameter:{name}", f"参数{name}不是JSON") from None
        if not isinstance(value, dict):
            raise Refusal(41, f"isv.invalid-parameter:{name}", f"参数{name}不是对象")
        return value

    def item(self, item_id: str) -> MockItem:
        """An item by the id of an item-level call, which refuses plain numbers."""
        item = self.world.item("taobao", item_id)
        copied = self.params.get("biz_scene_id") == "2" and self.account.granted(SCENE_COPIED)
        if item_id.isdecimal() and (not copied or item.scenario == NUMERIC_REFUSED):
            raise refused("35", _NUMERIC)
        return item

    def made(self, item: MockItem, pid: str) -> MadeLink:
        """A link for this placement, unless the fault `foreign_pid` makes it another's."""
        if self.fault is None or self.fault.kind != "foreign_pid":
            return self.links.make(item, pid)
        foreign = self.fault.args.get("pid", FOREIGN_PID)
        if self.fault.args.get("hidden"):
            return self.links.make(item, foreign)
        return self.links.readable(item, foreign)


def yuan(fen: int) -> str:
    """Decimal yuan as text."""
    return f"{fen // 100}.{fen % 100:02d}"


def percent(bp: int) -> str:
    """Percent as text with two decimals."""
    return yuan(bp)


def _live(item: MockItem, now: datetime) -> MockCoupon | None:
    """The coupon that one piece can use now."""
    coupon = item.coupon
    if coupon is None or coupon.remaining < 1 or not coupon.starts_at <= now < coupon.ends_at:
        return None
    return coupon if item.price >= coupon.threshold else None


def _in_hand(item: MockItem, now: datetime) -> int:
    coupon = _live(item, now)
    return item.price - (coupon.amount if coupon else 0)


def _terms(coupon: MockCoupon) -> str:
    return f"满{coupon.threshold / 100:g}元减{coupon.amount / 100:g}元"


def _seller(item: MockItem) -> int:
    return 2_200_000_000 + int(item.item_id) % 900_000_000


def _prices(item: MockItem, now: datetime) -> dict[str, object]:
    prices: dict[str, object] = {
        "reserve_price": yuan(item.price * 13 // 10),
        "zk_final_price": yuan(item.price),
        "final_promotion_price": yuan(_in_hand(item, now)),
    }
    if (coupon := _live(item, now)) is not None:
        step = {
            "promotion_title": "商品券",
            "promotion_desc": _terms(coupon).replace("元", ""),
            "promotion_fee": yuan(coupon.amount),
            "promotion_id": coupon.id,
            "promotion_start_time": beijing_text(coupon.starts_at),
            "promotion_end_time": beijing_text(coupon.ends_at),
        }
        prices["final_promotion_path_list"] = Rows("final_promotion_path_map_data", [step])
    return prices


def _described(item: MockItem, now: datetime) -> dict[str, object]:
    return {
        "item_id": item.canonical_id,
        "item_basic_info": {
            "title": item.title,
            "pict_url": item.image_url,
            "shop_title": item.shop,
            "seller_id": _seller(item),
            "user_type": int(item.item_id) % 2,
            "volume": item.sales,
            "annual_vol": f"{item.sales}+",
            "small_images": Rows("string", [item.image_url]),
        },
        "price_promotion_info": _prices(item, now),
        "publish_info": {"income_rate": percent(item.rate_bp)},
    }


def _item_info(call: Call) -> dict[str, object]:
    ids = [text.strip() for text in call.need("item_id").split(",")]
    if len(ids) > _MAX_IDS:
        raise Refusal(41, "isv.invalid-parameter:item_id", "最多20个商品")
    rows = []
    for item_id in ids:
        item = call.item(item_id)
        if item.promotable:
            rows.append({**_described(item, call.now), "input_item_iid": item_id})
    return {"results": Rows("tbk_item_detail", rows)} if rows else {}


def _search(call: Call) -> dict[str, object]:
    pid = call.pid()
    words = call.params.get("q", "") or call.params.get("cat", "")
    if not words:
        raise refused("30002", "查询词和类目不能同时为空")
    page, size = call.number("page_no", 1, 100), call.number("page_size", 20, 100)
    found = call.world.search("taobao", words, page * size)[(page - 1) * size :]
    if not found:
        raise refused("50001", "无结果")
    rows = []
    for item in found:
        made = call.links.make(item, pid)
        row = _described(item, call.now)
        row["publish_info"] = {
            "income_rate": percent(item.rate_bp),
            "click_url": made.click.removeprefix("http:"),
            "coupon_share_url": made.coupon.removeprefix("http:"),
        }
        rows.append(row)
    return {"total_results": 400, "result_list": Rows("map_data", rows)}


def _link_info(item: MockItem, made: MadeLink) -> dict[str, object]:
    info: dict[str, object] = {
        "cps_long_url": made.click,
        "cps_short_url": made.click_short,
        "cps_short_tpwd": made.tpwd,
        "cps_full_tpwd": made.tpwd_full,
        "material_type": 1,
        "material_id": item.canonical_id,
        "item_id": item.canonical_id,
    }
    if item.coupon is not None:
        info |= {
            "coupon_long_url": made.coupon,
            "coupon_short_url": made.coupon_short,
            "coupon_short_tpwd": made.tpwd,
            "coupon_full_tpwd": made.tpwd_full,
        }
    return info


def _coupon_info(coupon: MockCoupon | None) -> dict[str, object]:
    if coupon is None:
        return {}
    return {
        "activity_id": coupon.id,
        "coupon_amount": yuan(coupon.amount),
        "coupon_desc": _terms(coupon),
        "coupon_start_time": beijing_text(coupon.starts_at),
        "coupon_end_time": beijing_text(coupon.ends_at),
        "coupon_remain_count": coupon.remaining,
        "coupon_type": 1,
    }


def _converted(call: Call, item: MockItem, pid: str, given: dict[str, object]) -> dict[str, object]:
    if item.scenario == OFF_SHELF:
        return {**given, "code": 10000, "msg": "宝贝已下架"}
    if not item.promotable:
        return {**given, "code": 10000, "msg": _GONE}
    return {
        **given,
        "link_info_dto": _link_info(item, call.made(item, pid)),
        "promotion_info_dto": {
            "commission_rate": percent(item.rate_bp),
            "commission_type": "MKT",
            "promotion_price": _in_hand(item, call.now),
        },
        "coupon_info_dto": _coupon_info(item.coupon),
    }


def _by_url(call: Call, pid: str, url: str) -> dict[str, object]:
    given: dict[str, object] = {"input_material_url": url}
    target = call.links.target(url)
    if target.item is None:
        return {**given, "code": 20008, "msg": "物料解析失败"}
    numeric = "item.htm?id=" in url
    if numeric and not (
        call.params.get("biz_scene_id") == "2" and call.account.granted(SCENE_COPIED)
    ):
        return {**given, "code": 1001, "msg": "无权限"}
    if numeric and target.item.scenario == NUMERIC_REFUSED:
        return {**given, "code": 35, "msg": _NUMERIC}
    return _converted(call, target.item, pid, given)


def _link_convert(call: Call) -> dict[str, object]:
    pid = call.pid()
    if (url := call.dto("material_dto").get("material_url")) is not None:
        rows = Rows("material_url_list", [_by_url(call, pid, str(url))])
        return {"data": {"material_url_list": rows}}
    ids = call.need("item_id_list").split(",")
    converted = []
    for item_id in ids:
        given: dict[str, object] = {"input_item_id": item_id}
        try:
            converted.append(_converted(call, call.item(item_id), pid, given))
        except Refusal as refusal:
            converted.append({**given, "code": int(refusal.sub_code), "msg": refusal.sub_msg})
    return {"data": {"item_url_list": Rows("item_url_list", converted)}}


def _link_parse(call: Call) -> dict[str, object]:
    call.pid()
    text = str(call.dto("material_dto").get("material_url", ""))
    target = call.links.target(text)
    token = not text.startswith("http")
    row: dict[str, object] = {"input_material_url": text}
    if target.item is None and not target.elsewhere:
        row |= {"code": 20008, "msg": "物料解析失败"}
    elif target.item is None:
        row["link_info_dto"] = {"material_id": "2200001", "material_type": 2}
    else:
        info: dict[str, object] = {
            "material_id": target.item.canonical_id,
            "material_type": 1,
            "tk_biz_type": (1 if target.pid else 2) if token else None,
            "tpwd_origin_url": call.links.item_page(target.item) if token else None,
        }
        asked = "origin_pid" in call.params.get("fields", "").split(",")
        if asked and target.pid and call.account.owns(target.pid):
            info["origin_pid"] = target.pid
        row["link_info_dto"] = info
    return {"data": {"material_url_list": Rows("material_url_list", [row])}}


def _coupon_convert(call: Call) -> dict[str, object]:
    pid = call.pid()
    item = call.item(call.need("item_id"))
    if not item.promotable:
        raise refused("isv.item-not-exist", _GONE)
    made = call.made(item, pid)
    data: dict[str, object] = {
        "item_id": item.canonical_id,
        "coupon_click_url": made.coupon,
        "item_url": made.click,
        "max_commission_rate": percent(item.rate_bp),
        "min_commission_rate": percent(item.rate_bp),
    }
    if (coupon := item.coupon) is not None:
        data |= {
            "coupon_info": _terms(coupon),
            "coupon_start_time": beijing_text(coupon.starts_at),
            "coupon_end_time": beijing_text(coupon.ends_at),
            "coupon_total_count": coupon.total,
            "coupon_remain_count": coupon.remaining,
            "coupon_type": 1,
        }
    return {"result": {"data": data}}


def _coupon_get(call: Call) -> dict[str, object]:
    item = call.world.item("taobao", call.need("item_id"))
    coupon = item.coupon
    if coupon is None or call.need("activity_id") != coupon.id:
        raise refused("10", "优惠券不存在")
    info = _coupon_info(coupon)
    info["coupon_start_fee"] = yuan(coupon.threshold)
    info["coupon_total_count"] = coupon.total
    return {"data": info}


def _tpwd_item(call: Call) -> MockItem:
    target = call.links.target(call.need("password_content"))
    if target.item is None:
        raise refused("20015" if target.elsewhere else "20008", "口令解析失败")
    return target.item


def _tpwd_convert(call: Call) -> dict[str, object]:
    pid = call.pid()
    item = _tpwd_item(call)
    if not item.promotable:
        raise refused("10000", _GONE)
    made = call.made(item, pid)
    return {
        "data": {
            "num_iid": item.canonical_id,
            "click_url": made.coupon,
            "seller_id": str(_seller(item)),
            "origin_url": call.links.item_page(item),
            "origin_pid": "0",
            "model": made.tpwd,
            "password": made.tpwd_full,
            "short_url": made.coupon_short,
        }
    }


def _tpwd_parse(call: Call) -> dict[str, object]:
    return {"data": {"origin_url": call.links.item_page(_tpwd_item(call))}}


def _tpwd_create(call: Call) -> dict[str, object]:
    target = call.links.target(call.need("url"))
    if target.item is None or target.pid is None or not target.pid.startswith("mm_"):
        raise refused("20000", "口令跳转url不支持口令转换")
    made = call.links.make(target.item, target.pid)
    return {"data": {"model": made.tpwd_full, "password_simple": made.tpwd}}


def _adzone_create(call: Call) -> dict[str, object]:
    call.need("adzone_name")
    pid = call.account.new_placement(call.need("site_id"))
    if pid is None:
        raise refused("isv.invalid-parameter:site_id", "site_id与账号不匹配")
    return {"data": {"model": pid}}


METHODS: dict[str, Callable[[Call], dict[str, object]]] = {
    "taobao.tbk.item.info.upgrade.get": _item_info,
    "taobao.tbk.dg.material.optional.upgrade": _search,
    "taobao.tbk.dg.general.link.convert": _link_convert,
    "taobao.tbk.dg.general.link.parse": _link_parse,
    "taobao.tbk.coupon.convert": _coupon_convert,
    "taobao.tbk.coupon.get": _coupon_get,
    "taobao.tbk.tpwd.convert": _tpwd_convert,
    "taobao.tbk.tpwd.parse": _tpwd_parse,
    "taobao.tbk.tpwd.create": _tpwd_create,
    "taobao.tbk.adzone.create": _adzone_create,
}
