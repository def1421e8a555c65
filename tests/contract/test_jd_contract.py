"""The JD adapter passes the suite that every adapter passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from adapters.errors import RateLimited
from adapters.jd import ADAPTER
from adapters.mock.jd import MOCK
from adapters.quota import NoQuota
from adapters.testing import AdapterContract, Stage
from adapters.testing.conversion import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.errors import AdapterError


class TestJd(AdapterContract):
    adapter_class = ADAPTER
    mock_class = MOCK
    many_orders = 230
    # A landing page names the union account, not the placement: a stranger is another account.
    stranger: ClassVar[Mapping[str, object]] = {"union_id": "1003481277"}
    # JD has no public code for a used-up day; our own daily budget (`daily_calls`) stops the calls.
    faults: ClassVar[Mapping[str, type[AdapterError]]] = {
        **AdapterContract.faults,
        "quota": RateLimited,
    }

    async def test_a_used_up_quota_is_remembered(self, stage: Stage) -> None:
        """What JD says is a rate limit; nothing is refused for the rest of the day."""
        quota = NoQuota()
        adapter = await stage.adapter(quota=quota)
        ref = await adapter.resolve(stage.item_link(ORDINARY[0]))
        stage.fault("quota", count=3)
        with pytest.raises(RateLimited):
            await adapter.offer(ref)
        assert quota.until is None
        assert (await adapter.offer(ref)).title
