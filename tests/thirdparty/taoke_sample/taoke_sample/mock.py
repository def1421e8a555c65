"""The mock SampleMall: its gateway and its links, sharing no code with the adapter."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from aiohttp import web

from adapters.mock.contract import MockPlatform, Whose
from adapters.mock.faults import apply_transport_fault

KEYS = {"app_key": "sample-key", "app_secret": "a-sample-secret", "pid": "sm_1001"}
LINKS = "/s.samplemall.example/"


class MockSampleMall(MockPlatform):
    """Any number is an item; any short link leads to one."""

    id = "samplemall"

    @classmethod
    def client_settings(cls, base_url: str) -> dict[str, object]:
        return {"gateway_url": f"{base_url}/samplemall/v1", "link_base": base_url, **KEYS}

    def routes(self) -> list[web.RouteDef]:
        links = web.get(LINKS + "{token}", self.open_link)
        return [web.post("/samplemall/v1", self.gateway), links]

    def whose(self, url: str) -> Whose | None:
        link = self.world.link(self.id, url.removeprefix(self.base_url + LINKS))
        return Whose(item_id=link.item_id, **link.attribution) if link else None

    async def open_link(self, request: web.Request) -> web.Response:
        link = self.world.link(self.id, token := request.match_info["token"])
        item_id = link.item_id if link else self.world.item_behind(self.id, token).item_id
        raise web.HTTPFound(self.world.shop_url(self.id, item_id, link))

    async def gateway(self, request: web.Request) -> web.StreamResponse:
        body, call = await request.read(), await request.json()
        fault = self.world.fault(self.id, call["method"])
        if (broken := await apply_transport_fault(request, fault)) is not None:
            return broken
        sign = hmac.new(KEYS["app_secret"].encode(), body, hashlib.sha256).hexdigest()
        if request.headers["X-Sample-Sign"] != sign:
            return web.json_response({"error": "bad_signature"})
        if abs(self.world.now().timestamp() - call["time"]) > 300:
            return web.json_response({"error": "clock_skew"})
        if fault and fault.kind == "foreign_pid":
            call["pid"] = "sm_9999"
        elif fault and fault.kind != "slow":
            return web.json_response({"error": fault.kind})
        return web.json_response(self.answer(call))

    def answer(self, call: dict[str, Any]) -> dict[str, Any]:
        if call["method"] == "ping":
            return {}
        if call["method"] == "link.read":
            return self.read(call["url"])
        item = self.world.item(self.id, call["id"])
        if not item.promotable:
            return {"error": "no_commission" if item.on_shelf else "off_shelf"}
        if call["method"] == "link.create":
            sent = {"pid": call["pid"], "sub_id": call["sub"]}
            token = self.world.make_link(self.id, item.item_id, sent).token
            return {"url": f"{self.base_url}{LINKS}{token}", "pid": call["pid"]}
        offer = {"title": item.title, "price": yuan(item.price), "rate": yuan(item.rate_bp)}
        if item.coupon is None or not item.coupon.remaining:
            return {**offer, "coupon": None}
        amount, threshold = yuan(item.coupon.amount), yuan(item.coupon.threshold)
        ends = int(item.coupon.ends_at.timestamp())
        return {**offer, "coupon": {"amount": amount, "threshold": threshold, "ends": ends}}

    def read(self, url: str) -> dict[str, str]:
        if not url.startswith(f"https:/{LINKS}"):
            return {"error": "unknown_link"}
        token = url.removeprefix(f"https:/{LINKS}")
        if link := self.world.link(self.id, token):
            return {"id": link.item_id, "pid": link.attribution["pid"]}
        return {"id": self.world.item_behind(self.id, token).item_id, "pid": "sm_5000"}


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
