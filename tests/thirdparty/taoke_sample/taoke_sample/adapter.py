"""SampleMall behind the contract of taoke-bot: JSON over POST, signed with HMAC-SHA256."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import HttpUrl, SecretStr

from adapters import contract, errors
from adapters.contract import Attribution, Money, Offer, Ownership, OwnershipKind, Placement, Rate
from adapters.http import ApiClient, ApiRequest, load_json
from adapters.links import LinkKind, LinkMatch, LinkPattern
from adapters.times import from_unix, next_beijing_midnight

if TYPE_CHECKING:
    from collections.abc import Callable

ITEM = LinkPattern(
    kind=LinkKind.ITEM,
    hosts=("item.samplemall.example",),
    path=r"/{id}\.html",
    example="https://item.samplemall.example/10086.html?from=share",
    example_id="10086",
)
SHORT = LinkPattern(
    kind=LinkKind.SHORT,
    hosts=("s.samplemall.example",),
    path=r"/[A-Za-z0-9]{7}",
    example="「保温杯」https://s.samplemall.example/Ab3dE5x 点击购买",
)
ERRORS: dict[str, type[errors.AdapterError]] = {
    "bad_signature": errors.AuthFailed,
    "clock_skew": errors.AuthFailed,
    "expired_auth": errors.AuthFailed,
    "throttled": errors.RateLimited,
    "off_shelf": errors.ItemOffShelf,
    "no_commission": errors.ItemNotPromotable,
    "unknown_link": errors.LinkNotSupported,
}
ResultT = TypeVar("ResultT")


class SampleMallSettings(contract.AdapterSettings):
    """What the operator enters: TAOKE_PLATFORMS__SAMPLEMALL__APP_KEY and so on."""

    key_fields = ("app_key", "app_secret", "pid")
    gateway_url: HttpUrl = HttpUrl("https://api.samplemall.example/v1")
    app_key: str = ""
    app_secret: SecretStr = SecretStr("")
    pid: str = ""


class SampleMallAdapter(contract.PlatformAdapter):
    """The gateway reads links itself: none of the shop's pages is fetched."""

    info: ClassVar[contract.AdapterInfo] = contract.AdapterInfo(
        id="samplemall",
        name_zh="样例商城",
        name_en="SampleMall",
        contract=contract.CONTRACT_VERSION,
        settings=SampleMallSettings,
        patterns=(ITEM, SHORT),
        samples=(SHORT.example, ITEM.example),
        hosts=frozenset(),
        promotion_hosts=frozenset(SHORT.hosts),
        attribution=(Attribution.LINK, Attribution.PROMOTER, Attribution.NONE),
    )
    attribution = Attribution.LINK  # every account may send a sub-id

    def __init__(self, settings: SampleMallSettings, context: contract.AdapterContext) -> None:
        super().__init__(settings, context)
        self.keys = settings
        self.client = ApiClient.of(self)

    async def start(self) -> None:
        await self.client.start()

    async def close(self) -> None:
        await self.client.close()

    async def check(self) -> contract.Rights:
        return await self.call("ping", lambda _raw: contract.Rights())

    async def resolve(self, link: LinkMatch) -> contract.ItemRef:
        found = link.id or await self.call("link.read", lambda raw: raw["id"], url=link.url or "")
        return contract.ItemRef(platform=self.info.id, item_id=str(found))

    async def offer(self, ref: contract.ItemRef) -> Offer:
        return await self.call("item.get", lambda raw: self.read_offer(ref, raw), id=ref.item_id)

    def read_offer(self, ref: contract.ItemRef, raw: dict[str, Any]) -> Offer:
        """Amounts are yuan and percent as text; the gateway shows only coupons of today."""
        now, price, rate = self.context.now(), Money.from_yuan(raw["price"]), raw["rate"]
        coupon = raw["coupon"] and contract.Coupon(
            amount=Money.from_yuan(raw["coupon"]["amount"]),
            threshold=Money.from_yuan(raw["coupon"]["threshold"]),
            ends_at=from_unix(raw["coupon"]["ends"]),
        )
        final = price - coupon.amount if coupon and coupon.usable(price, now) else price
        return Offer(
            ref=ref,
            title=raw["title"],
            price=price,
            final_price=final,
            commission_rate=Rate.from_percent(rate),
            commission=Rate.from_percent(rate).of(final),
            coupon=coupon,
            seen_at=now,
        )

    async def promote(self, offer: Offer, placement: Placement) -> contract.Promotion:
        sub = placement.sub_id or placement.promoter_tag
        level = Attribution.LINK if placement.sub_id else Attribution(int(bool(sub)))
        asked = {"id": offer.ref.item_id, "pid": placement.pid, "sub": sub}
        url, pid = await self.call("link.create", lambda raw: (raw["url"], raw["pid"]), **asked)
        if pid not in self.keys.own_pids():
            raise errors.ForeignLink("samplemall link.create: the link is somebody else's")
        if not self.on_promotion_host(url):
            raise errors.ProtocolError("samplemall link.create: the link stands elsewhere")
        link = contract.PromoLink(web=url, level=level, ownership=self.whose(pid))
        return contract.Promotion(link=link, offer=offer)

    async def owns(self, url: str) -> Ownership:
        real = self.link_base.to_real(url)
        if real is None or not self.on_promotion_host(url):
            return Ownership(kind=OwnershipKind.UNKNOWN, reason="不是样例商城的推广链接")
        return await self.call("link.read", lambda raw: self.whose(raw["pid"]), url=real.url)

    def whose(self, pid: str) -> Ownership:
        ours = pid in self.keys.own_pids()
        return Ownership(kind=OwnershipKind.OURS if ours else OwnershipKind.FOREIGN, pid=pid)

    async def call(self, method: str, read: Callable[[Any], ResultT], **params: str) -> ResultT:
        """One call; whatever `read` cannot make sense of becomes a ProtocolError."""

        def build() -> ApiRequest:  # each attempt is signed anew: the time is signed too
            call = {"method": method, "time": int(self.context.now().timestamp()), **params}
            body = json.dumps(call).encode()
            secret = self.keys.app_secret.get_secret_value().encode()
            sign = hmac.digest(secret, body, hashlib.sha256).hex()
            headers = {"X-Sample-Key": self.keys.app_key, "X-Sample-Sign": sign}
            return ApiRequest(url=str(self.keys.gateway_url), body=body, headers=headers)

        def parse(body: bytes) -> ResultT:
            answer = load_json(body)
            if "error" not in answer:
                return read(answer)
            raise self.error(method, answer["error"])

        return await self.client.call(method, build, parse)

    def error(self, method: str, code: str) -> errors.AdapterError:
        text = f"samplemall {method}: {code}"
        if code == "missing_right":
            return errors.MissingRight(text, right=method)
        if code == "quota":
            return errors.QuotaUsedUp(text, until=next_beijing_midnight(self.context.now()))
        return ERRORS.get(code, errors.ProtocolError)(text)
