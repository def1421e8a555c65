"""The fault table: what goes wrong at the gateway becomes the right class of the error tree."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest

from adapters.contract import Capability
from adapters.errors import (
    AdapterError,
    AuthFailed,
    MissingRight,
    PlatformUnavailable,
    QuotaUsedUp,
    RateLimited,
)
from adapters.mock.faults import TRANSPORT_KINDS
from adapters.quota import NoQuota
from adapters.testing.checks import check_text
from adapters.testing.conversion import ORDINARY
from adapters.testing.stage import ContractBase

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from adapters.contract import PlatformAdapter
    from adapters.testing.stage import Stage

__all__ = ["FailureTests"]


def _timeout(kind: str) -> float:
    """Short where the outcome is the same with and without further attempts."""
    if kind in TRANSPORT_KINDS:
        return 0.25
    return 1.5 if kind == "throttled" else 5.0


class FailureTests(ContractBase):
    """`faults` maps the kinds of `adapters.mock.faults` to classes; a platform may add its own."""

    faults: ClassVar[Mapping[str, type[AdapterError]]] = {
        "slow": PlatformUnavailable,
        "reset": PlatformUnavailable,
        "http_5xx": PlatformUnavailable,
        "html": PlatformUnavailable,
        "torn": PlatformUnavailable,
        "throttled": RateLimited,
        "quota": QuotaUsedUp,
        "expired_auth": AuthFailed,
        "bad_signature": AuthFailed,
        "clock_skew": AuthFailed,
        "missing_right": MissingRight,
    }

    @classmethod
    def pytest_generate_tests(cls, metafunc: pytest.Metafunc) -> None:
        """One test for each line of the table."""
        if "fault" in metafunc.fixturenames:
            metafunc.parametrize("fault", sorted(cls.faults))

    async def test_offer_tells_the_fault(self, stage: Stage, fault: str) -> None:
        adapter = await stage.adapter({"timeout": _timeout(fault)})
        ref = await adapter.resolve(stage.item_link(ORDINARY[0]))
        stage.fault(fault)
        with pytest.raises(self.faults[fault]) as caught:
            await adapter.offer(ref)
        check_text(stage, caught.value)

    async def test_promote_tells_the_fault(self, stage: Stage, fault: str) -> None:
        asking = await stage.adapter()
        offer = await stage.offer(asking, ORDINARY[0])
        adapter = await stage.adapter({"timeout": _timeout(fault)})
        stage.fault(fault)
        with pytest.raises(self.faults[fault]) as caught:
            await adapter.promote(offer, stage.placement())
        check_text(stage, caught.value)

    async def test_nothing_but_the_error_tree_is_raised(self, stage: Stage, fault: str) -> None:
        ready = await stage.adapter()
        offer = await stage.offer(ready, ORDINARY[0])
        link = (await ready.promote(offer, stage.placement())).link
        adapter = await stage.adapter({"timeout": _timeout(fault)})
        matches = [stage.recognise(one.example)[0] for one in stage.info.patterns]
        stage.fault(fault)
        now = stage.world.now()
        calls: list[Coroutine[object, object, object]] = [
            adapter.check(),
            adapter.owns(link.web),
            adapter.search("保温杯", 2),
            adapter.orders(now - timedelta(minutes=10), now),
            adapter.refunds(now - timedelta(minutes=10), now),
            *(adapter.resolve(match) for match in matches),
        ]
        for outcome in await asyncio.gather(*calls, return_exceptions=True):
            if isinstance(outcome, BaseException):
                assert isinstance(outcome, AdapterError), repr(outcome)
                check_text(stage, outcome)

    async def test_one_bad_answer_is_asked_again(self, stage: Stage) -> None:
        adapter = await stage.adapter()
        ref = await adapter.resolve(stage.item_link(ORDINARY[0]))
        for kind in ("http_5xx", "html", "torn"):
            stage.fault(kind, count=1)
            assert (await adapter.offer(ref)).ref.platform == stage.info.id

    async def test_a_wrong_secret_is_the_operators(self, stage: Stage) -> None:
        wrong = {
            name: "0" * len(secret)
            for name, secret in stage.secrets().items()
            if name in stage.info.settings.key_fields
        }
        assert wrong, "no key field is a SecretStr"
        adapter = await stage.adapter(wrong)
        with pytest.raises(AuthFailed) as caught:
            await stage.offer(adapter, ORDINARY[0])
        check_text(stage, caught.value)
        with pytest.raises(AuthFailed):
            await adapter.check()

    async def test_a_wrong_clock_is_the_operators(self, stage: Stage) -> None:
        adapter = await stage.adapter(now=lambda: stage.world.now() - timedelta(hours=1))
        with pytest.raises(AuthFailed):
            await stage.offer(adapter, ORDINARY[0])

    async def test_a_used_up_quota_is_remembered(self, stage: Stage) -> None:
        quota = NoQuota()
        adapter = await stage.adapter(quota=quota)
        ref = await adapter.resolve(stage.item_link(ORDINARY[0]))
        stage.fault("quota", count=1)
        with pytest.raises(QuotaUsedUp) as caught:
            await adapter.offer(ref)
        now = stage.world.now()
        assert now < caught.value.until <= now + timedelta(days=1)
        calls = quota.calls
        with pytest.raises(QuotaUsedUp):
            await adapter.offer(ref)
        assert quota.calls == calls

    async def test_capabilities_that_are_not_declared_are_refused(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        now = stage.world.now()
        since = now - timedelta(minutes=10)
        if Capability.ORDER_SYNC not in stage.info.capabilities:
            with pytest.raises(AdapterError):
                await adapter.orders(since, now)
        if Capability.REFUND_SYNC not in stage.info.capabilities:
            with pytest.raises(AdapterError):
                await adapter.refunds(since, now)
