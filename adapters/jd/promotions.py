"""Promotion links of one account: the finest call that its rights allow, stepping down.

| account | call | attribution |
|---|---|---|
| bysubunionid.get and subUnionId | bysubunionid.get(subUnionId, positionId) | LINK |
| bysubunionid.get | bysubunionid.get(positionId) | PROMOTER with a leased placement, else NONE |
| site or app media with subUnionId | common.get(siteId, subUnionId, positionId) | LINK |
| site or app media | common.get(siteId, positionId) | PROMOTER with a leased placement, else NONE |

`pid` is never sent: it excludes subUnionId (JD code 2001214). What is refused is remembered for an
hour, once a call without it has succeeded: an account does not pay for its missing rights with every
link, and a refusal that has another cause lowers nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from adapters.contract import Attribution, Ownership, OwnershipKind, PromoLink, Promotion
from adapters.errors import ForeignLink, ItemNotPromotable, MissingRight, ProtocolError
from adapters.jd.codes import CouponRefused
from adapters.jd.offers import COUPON_URL, without_coupon
from adapters.jd.pages import PROMOTION_HOSTS, item_url, owner
from adapters.jd.rights import BY_SUB_UNION_ID, COMMON_GET, COUPON_LINK, SUB_UNION_ID
from adapters.jd.schema import ConvertAnswer, Converted

if TYPE_CHECKING:
    from collections.abc import Collection

    from adapters.contract import Offer, Placement
    from adapters.jd.gateway import Gateway
    from adapters.linkbase import LinkBase

__all__ = ["LINK_LIFE", "Promoter", "convert_arguments"]

LINK_LIFE: Final = timedelta(days=60)
"""JD docs: a u.jd.com short link is valid for 60 days."""
_SUB_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_LONG_AND_SHORT: Final = 3
HIDDEN: Final = "JD hides the promoter in its links"


def convert_arguments(
    method: str, *, item: str, position: str, site: str, sub_id: str, coupon: str
) -> dict[str, object]:
    """The request object of either convert call; empty values are not sent."""
    asked: dict[str, object] = {"materialId": item_url(item)}
    if method == BY_SUB_UNION_ID:
        asked["chainType"] = _LONG_AND_SHORT
    else:
        asked["siteId"] = site
    asked["positionId"] = int(position) if position.isdecimal() else position
    if sub_id:
        asked["subUnionId"] = sub_id
    if coupon:
        asked["couponUrl"] = coupon
    return {"promotionCodeReq": asked}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """What one convert call sends."""

    method: str
    position: str
    sub_id: str
    coupon: str


def _refused(error: MissingRight, attempt: _Attempt) -> str:
    """The sub-id goes first: the same call without it may still be granted."""
    return SUB_UNION_ID if error.right == SUB_UNION_ID and attempt.sub_id else attempt.method


class Promoter:
    """Asks for promotion links and checks what the answers show."""

    def __init__(self, gateway: Gateway, link_base: LinkBase) -> None:
        self.gateway = gateway
        self.link_base = link_base

    @property
    def attribution(self) -> Attribution:
        """The finest level that is not known to be refused."""
        if self.gateway.rights.may(SUB_UNION_ID) and self._method() is not None:
            return Attribution.LINK
        if self.gateway.settings.pool:
            return Attribution.PROMOTER
        return Attribution.NONE

    def _may(self, right: str, refused: Collection[str]) -> bool:
        return right not in refused and self.gateway.rights.may(right)

    def _method(self, refused: Collection[str] = ()) -> str | None:
        """The best convert call that is not known to be missing."""
        if self._may(BY_SUB_UNION_ID, refused):
            return BY_SUB_UNION_ID
        if self._may(COMMON_GET, refused) and self.gateway.settings.site_id:
            return COMMON_GET
        return None

    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        """One link, without the coupon or the sub-id if JD refuses those."""
        refused: set[str] = set()
        while True:
            attempt = self._attempt(offer, placement, refused)
            try:
                answer = await self.ask(offer.ref.item_id, attempt)
            except CouponRefused as error:
                if not attempt.coupon:
                    raise
                if error.right:
                    refused.add(COUPON_LINK)
                offer = without_coupon(offer)
            except MissingRight as error:
                refused.add(_refused(error, attempt))
            else:
                break
        for right in refused:
            self.gateway.rights.learn(right, granted=False)
        if offer.coupon is not None and not attempt.coupon:
            offer = without_coupon(offer)
        return Promotion(link=self._link(answer, attempt), offer=offer)

    def _attempt(self, offer: Offer, placement: Placement, refused: Collection[str]) -> _Attempt:
        method = self._method(refused)
        if method is None:
            raise MissingRight("jd: neither convert method is granted", BY_SUB_UNION_ID)
        usable = self._may(SUB_UNION_ID, refused) and _SUB_ID.fullmatch(placement.sub_id)
        coupon = offer.opaque.get(COUPON_URL, "")
        return _Attempt(
            method=method,
            position=placement.pid or self.gateway.settings.house_pid(),
            sub_id=placement.sub_id if usable else "",
            coupon=coupon if self._may(COUPON_LINK, refused) else "",
        )

    async def ask(self, item: str, attempt: _Attempt) -> Converted:
        """One convert call; what it sent counts as granted afterwards."""
        arguments = convert_arguments(
            attempt.method,
            item=item,
            position=attempt.position,
            site=self.gateway.settings.site_id,
            sub_id=attempt.sub_id,
            coupon=attempt.coupon,
        )
        answer = await self.gateway.ask(attempt.method, arguments, ConvertAnswer)
        if attempt.sub_id:
            self.gateway.rights.learn(SUB_UNION_ID, granted=True)
        if attempt.coupon:
            self.gateway.rights.learn(COUPON_LINK, granted=True)
        return answer.data

    def _link(self, answer: Converted, attempt: _Attempt) -> PromoLink:
        web = answer.short_url or answer.click_url
        if not web:
            raise ItemNotPromotable(f"jd {attempt.method}: an answer without a link")
        for url in (web, answer.click_url or web):
            real = self.link_base.to_real(url)
            if real is None or real.host not in PROMOTION_HOSTS:
                raise ProtocolError(f"jd {attempt.method}: a link off the promotion hosts")
        settings = self.gateway.settings
        if attempt.sub_id:
            level = Attribution.LINK
        elif attempt.position != settings.house_pid():
            level = Attribution.PROMOTER
        else:
            level = Attribution.NONE
        return PromoLink(
            web=web,
            level=level,
            ownership=self._shown(answer, attempt),
            tpwd=answer.short_command or answer.command or None,
            expires_at=self.gateway.context.now() + LINK_LIFE,
        )

    def _shown(self, answer: Converted, attempt: _Attempt) -> Ownership:
        """Whose the answer itself shows its links to be. ForeignLink for anybody else's."""
        settings = self.gateway.settings
        ours = False
        for shown in (owner(answer.click_url), owner(answer.short_url)):
            if shown.union_ids - {settings.union_id}:
                raise ForeignLink(f"jd {attempt.method}: the link shows another union id")
            if shown.position_ids - {attempt.position}:
                raise ForeignLink(f"jd {attempt.method}: the link shows another placement")
            ours = ours or bool(shown)
        if not ours:
            return Ownership(kind=OwnershipKind.UNKNOWN, reason=HIDDEN)
        return Ownership(kind=OwnershipKind.OURS, pid=attempt.position)
