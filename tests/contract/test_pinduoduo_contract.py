"""Pinduoduo keeps the contract, before its mock platform on loopback."""

from __future__ import annotations

from adapters.contract import LinkKind, OwnershipKind
from adapters.mock.pinduoduo import MOCK
from adapters.pinduoduo import ADAPTER
from adapters.testing import AdapterContract
from bot.convert.recognise import Recogniser
from tests.unit.adapters.pinduoduo_rig import mocked, pasted


class TestPinduoduoContract(AdapterContract):
    """The whole suite."""

    adapter_class = ADAPTER
    mock_class = MOCK


async def test_our_own_pasted_link_is_known_as_it_was_handed_out() -> None:
    async with mocked() as rig:
        offer = await rig.adapter.offer(await rig.adapter.resolve(pasted(None, "648213907516")))
        web = (await rig.adapter.promote(offer, rig.placement())).link.web
        recogniser = Recogniser({"pinduoduo": ADAPTER.info.patterns}, bases=[rig.server.base_url])
        (match,) = recogniser.recognise(f"看看这个 {web}")
        assert (match.kind, match.id) == (LinkKind.COUPON, "648213907516")
        assert match.groups["wire"] == web
        assert (await rig.adapter.owns(match.groups["wire"])).kind is OwnershipKind.OURS
