"""The methods of the mock Taobao that make links and read texts.

Every failure of one link stands beside it in a successful answer for general.link.*, and is an
error of the call for the others. `promotion_price` is fen as a number, all else yuan as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.mock.scenarios import NUMERIC_REFUSED, OFF_SHELF
from adapters.mock.taobao_account import SCENE_COPIED
from adapters.mock.taobao_call import NUMERIC, percent
from adapters.mock.taobao_items import coupon_info, in_hand, seller, terms
from adapters.mock.taobao_wire import Refusal, Rows, refused
from adapters.times import beijing_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.mock.taobao_call import Call
    from adapters.mock.taobao_links import MadeLink
    from adapters.mock.values import MockItem

__all__ = ["CONVERT_METHODS"]

_GONE = "该item_id对应宝贝已下架或非淘客宝贝"


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
            "promotion_price": in_hand(item, call.now),
        },
        "coupon_info_dto": coupon_info(item.coupon),
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
        return {**given, "code": 35, "msg": NUMERIC}
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
            "coupon_info": terms(coupon),
            "coupon_start_time": beijing_text(coupon.starts_at),
            "coupon_end_time": beijing_text(coupon.ends_at),
            "coupon_total_count": coupon.total,
            "coupon_remain_count": coupon.remaining,
            "coupon_type": 1,
        }
    return {"result": {"data": data}}


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
            "seller_id": str(seller(item)),
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


CONVERT_METHODS: dict[str, Callable[[Call], dict[str, object]]] = {
    "taobao.tbk.dg.general.link.convert": _link_convert,
    "taobao.tbk.dg.general.link.parse": _link_parse,
    "taobao.tbk.coupon.convert": _coupon_convert,
    "taobao.tbk.tpwd.convert": _tpwd_convert,
    "taobao.tbk.tpwd.parse": _tpwd_parse,
    "taobao.tbk.tpwd.create": _tpwd_create,
    "taobao.tbk.adzone.create": _adzone_create,
}
