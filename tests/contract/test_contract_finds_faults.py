"""The contract suite is worth something: each broken adapter here is caught by one of its tests."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from adapters.contract import Attribution, ItemRef, Ownership, OwnershipKind, Page
from adapters.errors import AdapterError, ForeignLink
from adapters.mock.server import start_mock_server
from adapters.testing import AdapterContract, Stage
from tests.contract.sample_package import MockSampleMall, SampleMallAdapter

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.contract import LinkMatch, Offer, OrderRow, Placement, Promotion


class TakesForeignLinks(SampleMallAdapter):
    def whose(self, pid: str) -> Ownership:
        return Ownership(kind=OwnershipKind.OURS, pid=pid)

    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        self.keys = self.keys.model_copy(update={"former_pids": ("sm_9999",)})
        return await super().promote(offer, placement)


class ClaimsEverything(SampleMallAdapter):
    def whose(self, pid: str) -> Ownership:
        return Ownership(kind=OwnershipKind.OURS, pid=pid)


class Boasts(SampleMallAdapter):
    """Says LINK and sends no code."""

    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        made = await super().promote(offer, replace(placement, sub_id=""))
        return replace(made, link=replace(made.link, level=Attribution.LINK))


class MixesPromotersUp(SampleMallAdapter):
    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        same = replace(placement, promoter_tag="p0", sub_id="")
        return await super().promote(offer, same)


class PromisesTooMuch(SampleMallAdapter):
    """Takes the coupon off whatever its threshold is."""

    def read_offer(self, ref: ItemRef, raw: dict[str, Any]) -> Offer:
        offer = super().read_offer(ref, raw)
        if offer.coupon is None:
            return offer
        return replace(offer, final_price=offer.price - offer.coupon.amount)


class LetsAnythingOut(SampleMallAdapter):
    async def offer(self, ref: ItemRef) -> Offer:
        try:
            found = await super().offer(ref)
        except AdapterError as error:
            raise RuntimeError("it did not work") from error
        return found


class TellsItsSecret(SampleMallAdapter):
    async def offer(self, ref: ItemRef) -> Offer:
        try:
            found = await super().offer(ref)
        except AdapterError as error:
            error.add_note(self.keys.app_secret.get_secret_value())
            raise
        return found


class Unsure(SampleMallAdapter):
    """One link, another item each time."""

    times = 0

    async def resolve(self, link: LinkMatch) -> ItemRef:
        self.times += 1
        return ItemRef(platform="samplemall", item_id=str(self.times))


class AsksAtStart(SampleMallAdapter):
    async def start(self) -> None:
        await super().start()
        with suppress(AdapterError):
            await self.check()


class CannotKnow(SampleMallAdapter):
    """Not broken: a platform that hides whose its links are."""

    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        self.keys = self.keys.model_copy(update={"former_pids": ("sm_9999",)})
        made = await super().promote(offer, placement)
        hidden = Ownership(kind=OwnershipKind.UNKNOWN, reason="链接不显示推广位")
        return replace(made, link=replace(made.link, ownership=hidden))


class NeverEnds(SampleMallAdapter):
    async def orders(
        self, since: datetime, until: datetime, cursor: str | None = None
    ) -> Page[OrderRow]:
        return Page(items=(), next_cursor="again")


@pytest.mark.parametrize(
    ("broken", "test", "args"),
    [
        (TakesForeignLinks, "test_an_answer_with_anothers_pid_is_never_ours", ()),
        (ClaimsEverything, "test_owns_never_claims_anothers_link", ()),
        (Boasts, "test_the_platform_names_us_and_our_promoter", ("100000000001",)),
        (MixesPromotersUp, "test_two_promoters_are_told_apart", ()),
        (PromisesTooMuch, "test_a_threshold_above_the_price_claims_no_lower_price", ()),
        (Unsure, "test_every_example_of_an_item_resolves", ()),
    ],
)
async def test_a_broken_adapter_is_caught(broken: Any, test: str, args: tuple[str, ...]) -> None:
    stage = Stage(await start_mock_server(None, platforms=[MockSampleMall]), broken)
    suite = AdapterContract()
    try:
        with pytest.raises(AssertionError):
            await getattr(suite, test)(stage, await stage.adapter(), *args)
    finally:
        await stage.close()


@pytest.mark.parametrize(
    ("broken", "caught"), [(LetsAnythingOut, RuntimeError), (TellsItsSecret, AssertionError)]
)
async def test_a_broken_error_is_caught(broken: Any, caught: type[Exception]) -> None:
    stage = Stage(await start_mock_server(None, platforms=[MockSampleMall]), broken)
    try:
        with pytest.raises(caught):
            await AdapterContract().test_offer_tells_the_fault(stage, "missing_right")
    finally:
        await stage.close()


async def test_a_request_at_start_is_caught() -> None:
    stage = Stage(await start_mock_server(None, platforms=[MockSampleMall]), AsksAtStart)
    try:
        with pytest.raises(AssertionError):
            await AdapterContract().test_building_and_starting_ask_nobody(stage)
    finally:
        await stage.close()


async def test_pages_without_an_end_are_caught() -> None:
    stage = Stage(await start_mock_server(None, platforms=[MockSampleMall]), NeverEnds)
    try:
        with pytest.raises(AssertionError, match="never end"):
            await AdapterContract().test_an_empty_window_is_empty(
                stage, await stage.adapter(), syncs=True
            )
    finally:
        await stage.close()


async def test_a_platform_that_hides_owners_may_say_so() -> None:
    stage = Stage(await start_mock_server(None, platforms=[MockSampleMall]), CannotKnow)
    try:
        adapter = await stage.adapter()
        await AdapterContract().test_an_answer_with_anothers_pid_is_never_ours(stage, adapter)
    finally:
        await stage.close()


async def test_the_honest_sample_passes_what_the_broken_ones_fail() -> None:
    stage = Stage(await start_mock_server(None, platforms=[MockSampleMall]), SampleMallAdapter)
    try:
        adapter = await stage.adapter()
        suite = AdapterContract()
        await suite.test_an_answer_with_anothers_pid_is_never_ours(stage, adapter)
        offer = await stage.offer(adapter, "100000000001")
        stage.fault("foreign_pid")
        with pytest.raises(ForeignLink):
            await adapter.promote(offer, stage.placement())
    finally:
        await stage.close()


async def test_an_adapter_needs_a_plain_number_in_an_example() -> None:
    class Wordy(SampleMallAdapter):
        info = replace(SampleMallAdapter.info, patterns=SampleMallAdapter.info.patterns[1:])

    stage = Stage(await start_mock_server(None, platforms=[MockSampleMall]), Wordy)
    try:
        with pytest.raises(AssertionError, match="plain number"):
            stage.item_link("100000000001")
    finally:
        await stage.close()
