from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract import Coupon, Money, OfferSnapshot
from bot.links.models import LINK_LIFE, ShortLink
from bot.web.linkstate import PRICE_KEPT, State, Verdict, judge
from tests.unit.web.web_fakes import LINK, NOW, PLAIN, SHOWN, coupon_ending

ENDED_AT = NOW - timedelta(hours=1)
SECOND = timedelta(seconds=1)


def seen(link: ShortLink) -> Verdict:
    return judge(link, NOW, LINK_LIFE)


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        replace(LINK, shown=PLAIN),
        replace(LINK, shown=coupon_ending(NOW + SECOND)),
        replace(LINK, shown=replace(SHOWN, coupon=Coupon(amount=Money(1)))),
        replace(LINK, link_expires_at=NOW + SECOND),
        replace(LINK, used_at=NOW - LINK_LIFE + SECOND),
        # nothing that the card promised has ended
        replace(LINK, shown=PLAIN, ended=PLAIN),
    ],
)
def test_a_link_that_keeps_its_word_is_open(link: ShortLink) -> None:
    assert seen(link) == Verdict(state=State.OPEN)


@pytest.mark.parametrize(
    "link",
    [
        replace(LINK, disabled=True),
        replace(LINK, used_at=NOW - LINK_LIFE),
        replace(LINK, used_at=NOW - LINK_LIFE, shown=coupon_ending(ENDED_AT), link_expires_at=NOW),
    ],
)
def test_switched_off_or_past_its_life_is_gone(link: ShortLink) -> None:
    assert seen(link) == Verdict(state=State.GONE)


def test_the_life_is_a_setting() -> None:
    link = replace(LINK, used_at=NOW - timedelta(days=2))
    assert judge(link, NOW, timedelta(days=1)).state is State.GONE


def test_the_end_of_the_platforms_link_comes_before_the_coupons() -> None:
    link = replace(LINK, link_expires_at=NOW, shown=coupon_ending(ENDED_AT), ended=PLAIN)
    assert seen(link) == Verdict(state=State.RENEWING, refresh=True)


def test_an_ended_coupon_is_told_and_a_refresh_wanted() -> None:
    link = replace(LINK, shown=coupon_ending(NOW))
    assert seen(link) == Verdict(state=State.COUPON_ENDED, refresh=True, ended_at=NOW)


def test_after_a_refresh_without_a_coupon_as_good_the_price_is_known() -> None:
    link = replace(LINK, shown=coupon_ending(ENDED_AT), ended=PLAIN)
    assert seen(link) == Verdict(state=State.COUPON_ENDED, ended_at=ENDED_AT, price=PLAIN)


def test_a_coupon_that_was_used_up_before_its_end_has_no_time() -> None:
    link = replace(LINK, ended=PLAIN)
    assert seen(link) == Verdict(state=State.COUPON_ENDED, price=PLAIN)


@pytest.mark.parametrize(("age", "refresh"), [(PRICE_KEPT - SECOND, False), (PRICE_KEPT, True)])
def test_an_old_price_is_asked_for_again(age: timedelta, refresh: bool) -> None:
    link = replace(LINK, shown=coupon_ending(ENDED_AT), ended=replace(PLAIN, seen_at=NOW - age))
    assert seen(link).refresh is refresh


@pytest.mark.parametrize(
    ("coupon", "known"),
    [
        (Coupon(amount=Money(100)), True),
        (Coupon(amount=Money(100), ends_at=NOW + SECOND), True),
        (Coupon(amount=Money(100), ends_at=NOW), False),
    ],
)
def test_a_price_with_a_coupon_that_ended_too_is_not_claimed(coupon: Coupon, known: bool) -> None:
    ended: OfferSnapshot = replace(PLAIN, coupon=coupon)
    verdict = seen(replace(LINK, shown=coupon_ending(ENDED_AT), ended=ended))
    assert verdict.price == (ended if known else None)
