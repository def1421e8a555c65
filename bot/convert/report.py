"""A conversion as JSON, for `taoke convert --json` and other programs: amounts are text in yuan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.times import BEIJING
from bot.convert.cards import rewritten

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from adapters.contract import Coupon, Money
    from bot.convert.outcome import Conversion, LinkOutcome

__all__ = ["conversion_json"]


def conversion_json(conversion: Conversion) -> Mapping[str, Any]:
    """`{"text", "mock", "links": [...]}`, every recognised link in order."""
    return {
        "text": rewritten(conversion),
        "mock": conversion.mock,
        "links": [_link(outcome) for outcome in conversion.outcomes],
    }


def _link(outcome: LinkOutcome) -> dict[str, Any]:
    offer = outcome.offer
    return {
        "platform": outcome.match.platform or (offer.ref.platform if offer is not None else ""),
        "kind": outcome.match.kind.value,
        "item_id": offer.ref.item_id if offer is not None else outcome.match.id,
        "status": outcome.status.value,
        "reason": outcome.reason,
        "title": offer.title if offer is not None else None,
        "price": _money(offer.price) if offer is not None else None,
        "final_price": _money(offer.final_price) if offer is not None else None,
        "coupon": _coupon(offer.coupon) if offer is not None and offer.coupon is not None else None,
        "commission_rate": str(offer.commission_rate)
        if offer is not None and offer.commission_rate is not None
        else None,
        "commission": _money(offer.commission) if offer is not None else None,
        "share_url": outcome.share_url,
        "tpwd": outcome.tpwd,
    }


def _money(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


def _coupon(coupon: Coupon) -> dict[str, Any]:
    return {
        "amount": str(coupon.amount),
        "threshold": str(coupon.threshold),
        "ends_at": _time(coupon.ends_at) if coupon.ends_at is not None else None,
    }


def _time(at: datetime) -> str:
    """RFC 3339 with +08:00."""
    return at.astimezone(BEIJING).isoformat(timespec="seconds")
