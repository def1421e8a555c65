"""promote and owns: the link is ours, attributed to its promoter, and never somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.contract import Attribution, OwnershipKind, Placement
from adapters.errors import ForeignLink, ItemNotPromotable, MissingRight, NeedsAuthorisation
from adapters.mock import scenarios
from adapters.testing.checks import check_link, check_offer
from adapters.testing.conversion import ORDINARY, SCENARIO_IDS
from adapters.testing.stage import ACCOUNT, ContractBase

if TYPE_CHECKING:
    from adapters.contract import PlatformAdapter, PromoLink
    from adapters.testing.stage import Stage

__all__ = ["PromotionTests"]

_NEXT_DIGIT = str.maketrans("0123456789", "1234567892")


async def _link(
    stage: Stage, adapter: PlatformAdapter, placement: Placement, item_id: str = ORDINARY[0]
) -> PromoLink:
    offer = await stage.offer(adapter, item_id)
    return (await adapter.promote(offer, placement)).link


class PromotionTests(ContractBase):
    """From an offer to a link."""

    @pytest.mark.parametrize("item_id", ORDINARY[:3])
    async def test_the_platform_names_us_and_our_promoter(
        self, stage: Stage, adapter: PlatformAdapter, item_id: str
    ) -> None:
        placement = stage.placement()
        promotion = await adapter.promote(await stage.offer(adapter, item_id), placement)
        check_link(stage, adapter, promotion.link, placement)
        check_offer(promotion.offer, stage.world.now())
        assert promotion.link.level == adapter.attribution
        whose = stage.mock.whose(promotion.link.web)
        assert whose is not None
        assert stage.world.item(stage.info.id, whose.item_id).item_id == item_id

    async def test_samples_and_items_without_a_coupon_are_promoted(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        placement = stage.placement()
        bare = await _link(stage, adapter, placement, SCENARIO_IDS[scenarios.NO_COUPON])
        check_link(stage, adapter, bare, placement)
        for sample in stage.info.samples:
            ref = await adapter.resolve(stage.recognise(sample)[0])
            promotion = await adapter.promote(await adapter.offer(ref), placement)
            check_link(stage, adapter, promotion.link, placement)

    async def test_two_promoters_are_told_apart(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        seen = set()
        for number in (0, 1):
            placement = stage.placement(number)
            link = await _link(stage, adapter, placement)
            check_link(stage, adapter, link, placement)
            whose = stage.mock.whose(link.web)
            assert whose is not None
            seen.add((whose.pid, whose.sub_id))
        if adapter.attribution is not Attribution.NONE:
            assert len(seen) == 2

    async def test_the_house_placement_works_without_a_promoter(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        placement = Placement(account=ACCOUNT, pid=adapter.settings.house_pid())
        link = await _link(stage, adapter, placement)
        check_link(stage, adapter, link, placement)
        assert link.level is Attribution.NONE

    async def test_a_strict_account_steps_down_or_names_the_right(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        offer = await stage.offer(adapter, ORDINARY[0])
        stage.world.set_profile(stage.info.id, "strict")
        for number in (0, 1):
            placement = stage.placement(number)
            try:
                link = (await adapter.promote(offer, placement)).link
            except (MissingRight, NeedsAuthorisation):
                continue
            check_link(stage, adapter, link, placement)
            assert link.level <= adapter.attribution

    async def test_what_is_not_in_the_programme_is_refused(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        with pytest.raises(ItemNotPromotable):
            await _link(stage, adapter, stage.placement(), SCENARIO_IDS[scenarios.NOT_PROMOTABLE])

    async def test_what_is_off_the_shelf_is_refused(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        # ItemOffShelf where the platform tells the difference; both are ItemNotPromotable.
        with pytest.raises(ItemNotPromotable):
            await _link(stage, adapter, stage.placement(), SCENARIO_IDS[scenarios.OFF_SHELF])

    async def test_an_answer_with_anothers_pid_is_never_ours(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        offer = await stage.offer(adapter, ORDINARY[0])
        stage.fault("foreign_pid")
        try:
            promotion = await adapter.promote(offer, stage.placement())
        except ForeignLink:
            return
        assert promotion.link.ownership.kind is OwnershipKind.UNKNOWN
        assert promotion.link.ownership.reason

    async def test_owns_knows_its_own_link_or_says_why_not(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        link = await _link(stage, adapter, stage.placement())
        ownership = await adapter.owns(link.web)
        assert ownership.kind is not OwnershipKind.FOREIGN
        assert ownership.kind is OwnershipKind.OURS or ownership.reason

    async def test_owns_never_claims_anothers_link(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        link = await _link(stage, adapter, stage.placement())
        settings = stage.settings()
        other = settings.house_pid().translate(_NEXT_DIGIT)
        changes = self.stranger or {settings.house_pid_field: other, "pool": ()}
        stranger = await stage.adapter(changes)
        ownership = await stranger.owns(link.web)
        assert ownership.kind is not OwnershipKind.OURS
        assert ownership.kind is OwnershipKind.FOREIGN or ownership.reason

    @pytest.mark.parametrize(
        "url", ["", "garbage", "https://example.com/", "javascript:alert(1)", "http://[::1", "///"]
    )
    async def test_owns_says_unknown_of_anything_else(
        self, adapter: PlatformAdapter, url: str
    ) -> None:
        ownership = await adapter.owns(url)
        assert ownership.kind is OwnershipKind.UNKNOWN
        assert ownership.reason
