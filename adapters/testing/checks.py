"""What every offer and every link must be, whatever call it came from."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from adapters.contract import Attribution, Money, OwnershipKind, Rate

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.contract import Coupon, Offer, Placement, PlatformAdapter, PromoLink
    from adapters.testing.stage import Stage

__all__ = ["check_link", "check_offer", "check_text"]


def check_offer(offer: Offer, now: datetime) -> None:
    """The rules of `contract.Offer`."""
    assert offer.title
    assert isinstance(offer.price, Money)
    assert isinstance(offer.final_price, Money)
    assert offer.price > Money(0)
    assert offer.seen_at.tzinfo is not None
    if offer.coupon is not None:
        _check_coupon(offer.coupon, now)
    if offer.coupon is not None and offer.coupon.usable(offer.price, now):
        assert offer.final_price == offer.price - offer.coupon.amount
    else:
        assert offer.final_price == offer.price, "no usable coupon: the price stays as it is"
    if offer.commission is not None:
        assert isinstance(offer.commission_rate, Rate), "a commission without its rate"
        assert offer.commission == offer.commission_rate.of(offer.final_price)


def _check_coupon(coupon: Coupon, now: datetime) -> None:
    assert coupon.amount > Money(0)
    assert coupon.threshold >= Money(0)
    assert coupon.current(now), "a coupon that nobody can use now is None"
    for at in (coupon.starts_at, coupon.ends_at):
        assert at is None or at.tzinfo is not None


def check_link(
    stage: Stage, adapter: PlatformAdapter, link: PromoLink, placement: Placement
) -> None:
    """On a promotion host, not somebody else's, and attributed exactly as its level says."""
    assert adapter.on_promotion_host(link.web), "the link stands on no declared promotion host"
    assert link.ownership.kind is not OwnershipKind.FOREIGN
    if link.ownership.kind is OwnershipKind.UNKNOWN:
        assert link.ownership.reason, "UNKNOWN says why"
    assert link.level in stage.info.attribution
    assert link.expires_at is None or link.expires_at.tzinfo is not None
    whose = stage.mock.whose(link.web)
    assert whose is not None, "the platform does not know its own link"
    assert whose.pid == placement.pid
    leased = placement.pid != adapter.settings.house_pid()
    tagged = bool(placement.promoter_tag) and placement.promoter_tag in whose.sub_id
    coded = bool(placement.sub_id) and placement.sub_id in whose.sub_id
    found = Attribution.LINK if coded else Attribution(int(tagged or leased))
    assert link.level == found, f"the order would carry {found.name}"


def check_text(stage: Stage, error: BaseException) -> None:
    """No secret in what an error tells, nor in what led to it."""
    told = "".join(traceback.format_exception(error)) + repr(error)
    for name, secret in stage.secrets().items():
        assert secret not in told, f"{name} stands in the error's text"
