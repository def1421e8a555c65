from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.contract import Coupon, ItemRef, Money, Offer, Rate
from adapters.errors import (
    ItemNotPromotable,
    ItemOffShelf,
    LinkNotSupported,
    NeedsAuthorisation,
    PersonError,
)
from bot.convert.store import CachedOffer, Failure, OfferStore
from tests.unit.links.link_rig import DAY, NOW

if TYPE_CHECKING:
    from bot.redis.connection import Store

REF = ItemRef(platform="jd", item_id="100012043978", source="https://item.jd.com/1.html")
PLAIN = Offer(ref=REF, title="抽纸", price=Money(5990), final_price=Money(5990), seen_at=NOW)
FULL = replace(
    PLAIN,
    final_price=Money(3990),
    commission_rate=Rate(0),
    commission=Money(0),
    commission_if_compared=Money(12),
    coupon=Coupon(
        amount=Money(2000), threshold=Money(5000), starts_at=NOW, ends_at=NOW + DAY, remaining=0
    ),
    shop="洁柔旗舰店",
    image_url="https://img.example/x.jpg",
    sales="1万+",
    opaque={"coupon_link": "https://coupon.jd.com/x", "空": ""},
)
HOURS = timedelta(hours=6)
UNTIL = NOW + timedelta(minutes=10)


@pytest.fixture
def offers(store: Store) -> OfferStore:
    return OfferStore(store)


@pytest.mark.parametrize("offer", [PLAIN, FULL])
async def test_an_offer_comes_back_as_it_was(offers: OfferStore, offer: Offer) -> None:
    await offers.put("main", offer, fresh_until=UNTIL, keep_for=HOURS)
    cached = await offers.get("main", REF)
    assert cached == CachedOffer(offer=offer, fresh_until=UNTIL)
    assert cached is not None
    assert cached.offer is not None
    assert cached.offer.ref.source == REF.source
    assert cached.is_fresh(NOW)
    assert not cached.is_fresh(UNTIL)


async def test_accounts_platforms_and_items_are_apart(offers: OfferStore) -> None:
    await offers.put("main", PLAIN, fresh_until=UNTIL, keep_for=HOURS)
    assert await offers.get("second", REF) is None
    assert await offers.get("main", replace(REF, platform="taobao")) is None
    assert await offers.get("main", replace(REF, item_id="2")) is None


@pytest.mark.parametrize(
    "error",
    [
        LinkNotSupported("a shop"),
        ItemNotPromotable("no"),
        ItemOffShelf("gone"),
        NeedsAuthorisation("tap", "https://auth.example/x"),
        NeedsAuthorisation("tap"),
        PersonError("something"),
    ],
)
async def test_a_failure_comes_back_as_it_was(offers: OfferStore, error: PersonError) -> None:
    await offers.put_failure("main", REF, error)
    cached = await offers.get("main", REF)
    assert cached is not None
    assert cached.is_fresh(NOW)
    assert cached.offer is None
    assert cached.failure is not None
    again = cached.failure.error()
    assert type(again) is type(error)
    assert str(again) == str(error)
    if isinstance(error, NeedsAuthorisation):
        assert isinstance(again, NeedsAuthorisation)
        assert again.url == error.url


def test_a_failure_of_a_newer_program() -> None:
    assert type(Failure(code="unheard_of", message="x").error()) is PersonError


async def test_the_last_good_offer_stays_beside_a_failure(offers: OfferStore) -> None:
    await offers.put("main", FULL, fresh_until=UNTIL, keep_for=HOURS)
    await offers.put_failure("main", REF, ItemOffShelf("gone"))
    cached = await offers.get("main", REF)
    assert cached is not None
    assert cached.failure == Failure(code="item_off_shelf", message="gone")
    assert cached.offer == FULL
    await offers.put("main", PLAIN, fresh_until=UNTIL, keep_for=HOURS)
    assert await offers.get("main", REF) == CachedOffer(offer=PLAIN, fresh_until=UNTIL)


async def test_nothing_is_kept_longer_than_wanted(offers: OfferStore, store: Store) -> None:
    await offers.put("main", PLAIN, fresh_until=UNTIL, keep_for=HOURS)
    await offers.put_failure("main", REF, ItemOffShelf("gone"))
    item = ("main", "jd", REF.item_id, 1)
    assert 0 < await store.run("PTTL", store.keys.offer_good(*item)) <= 6 * 3_600_000
    assert 0 < await store.run("PTTL", store.keys.offer_failed(*item)) <= 60_000


@pytest.mark.parametrize("text", ["{", '{"until": 1}', '{"until":1,"opaque":{"a":1}}'])
async def test_a_record_that_cannot_be_read_is_none(
    offers: OfferStore, store: Store, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    await store.run("SET", store.keys.offer_good("main", "jd", REF.item_id, 1), text)
    assert await offers.get("main", REF) is None
    assert "cannot be read" in caplog.text
