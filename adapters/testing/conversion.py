"""resolve, offer and search against the mock world and its scenario items."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from adapters.contract import Capability, ItemRef, LinkKind, LinkMatch
from adapters.errors import AdapterError, ItemNotPromotable, LinkNotSupported, QuotaUsedUp
from adapters.mock import scenarios
from adapters.quota import LocalQuota, NoQuota
from adapters.testing.checks import check_offer
from adapters.testing.stage import ContractBase

if TYPE_CHECKING:
    from adapters.contract import PlatformAdapter
    from adapters.testing.stage import Stage

__all__ = ["ORDINARY", "SCENARIO_IDS", "ConversionTests"]

ORDINARY = ("100000000001", "100000000002", "623174277353", "100012043978", "531222333441")
SCENARIO_IDS = {name: item_id for item_id, name in scenarios.BY_ID.items()}


class ConversionTests(ContractBase):
    """From a link to an offer."""

    async def test_every_example_of_an_item_resolves(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        for pattern in stage.info.patterns:
            match = stage.recognise(pattern.example)[0]
            if match.kind is not LinkKind.ITEM:
                continue
            ref = await adapter.resolve(match)
            assert ref.platform == stage.info.id
            assert ref.item_id
            assert ref == await adapter.resolve(match), "one link, one item"

    async def test_every_other_example_resolves_or_is_refused(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        for pattern in stage.info.patterns:
            try:
                ref = await adapter.resolve(stage.recognise(pattern.example)[0])
            except (LinkNotSupported, ItemNotPromotable):
                continue
            assert isinstance(ref, ItemRef)

    async def test_every_sample_becomes_an_offer(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        for sample in stage.info.samples:
            ref = await adapter.resolve(stage.recognise(sample)[0])
            check_offer(await adapter.offer(ref), stage.world.now())

    async def test_what_is_no_item_is_refused(self, stage: Stage, adapter: PlatformAdapter) -> None:
        bare = LinkMatch(
            platform=stage.info.id, kind=LinkKind.SHORT, text="", start=0, end=0, groups={}
        )
        away = "https://example.com/somewhere"
        elsewhere = LinkMatch(
            platform=stage.info.id,
            kind=LinkKind.SHORT,
            text=away,
            start=0,
            end=len(away),
            groups={"url": away},
        )
        for match in (bare, elsewhere):
            with pytest.raises(AdapterError):
                await adapter.resolve(match)

    @pytest.mark.parametrize("item_id", ORDINARY)
    async def test_an_ordinary_item_has_a_sound_offer(
        self, stage: Stage, adapter: PlatformAdapter, item_id: str
    ) -> None:
        offer = await stage.offer(adapter, item_id)
        item = stage.world.item(stage.info.id, item_id)
        check_offer(offer, stage.world.now())
        assert offer.ref.platform == stage.info.id
        assert offer.title == item.title
        assert offer.price.fen == item.price
        if item.coupon is None:
            assert offer.coupon is None
        else:
            assert offer.coupon is not None
            assert offer.coupon.amount.fen == item.coupon.amount
            assert offer.coupon.threshold.fen == item.coupon.threshold
        if offer.commission_rate is not None:
            assert offer.commission_rate.bp == item.rate_bp

    @pytest.mark.parametrize("scenario", [scenarios.NO_COUPON, scenarios.COUPON_EXHAUSTED])
    async def test_no_usable_coupon_is_none(
        self, stage: Stage, adapter: PlatformAdapter, scenario: str
    ) -> None:
        offer = await stage.offer(adapter, SCENARIO_IDS[scenario])
        check_offer(offer, stage.world.now())
        assert offer.coupon is None

    async def test_a_threshold_above_the_price_claims_no_lower_price(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        offer = await stage.offer(adapter, SCENARIO_IDS[scenarios.THRESHOLD_ABOVE_PRICE])
        check_offer(offer, stage.world.now())
        assert offer.coupon is not None
        assert offer.final_price == offer.price

    async def test_many_offers_at_once(self, stage: Stage, adapter: PlatformAdapter) -> None:
        offers = await asyncio.gather(*(stage.offer(adapter, one) for one in ORDINARY * 3))
        assert len({offer.title for offer in offers}) == len(ORDINARY)

    async def test_calls_are_counted_before_they_are_made(self, stage: Stage) -> None:
        counting = NoQuota()
        adapter = await stage.adapter(quota=counting)
        await stage.offer(adapter, ORDINARY[0])
        assert counting.calls > 0
        spent = LocalQuota(100, 1, stage.world.now)
        await spent.take()
        refused = await stage.adapter(quota=spent)
        with pytest.raises(QuotaUsedUp):
            await stage.offer(refused, ORDINARY[0])

    async def test_search_finds_offers_up_to_the_limit(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        if Capability.SEARCH not in stage.info.capabilities:
            with pytest.raises(LinkNotSupported):
                await adapter.search("保温杯", 3)
            return
        offers = await adapter.search("保温杯", 3)
        assert 0 < len(offers) <= 3
        for offer in offers:
            check_offer(offer, stage.world.now())
        assert not await adapter.search("无结果", 3)
