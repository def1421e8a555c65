"""orders: what was bought comes back with its attribution, page by page, without a loss."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest

from adapters.contract import Attribution, Capability, OrderStatus
from adapters.errors import WindowTooWide
from adapters.mock.buyer import walk
from adapters.testing.conversion import ORDINARY
from adapters.testing.stage import ACCOUNT, ContractBase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from adapters.contract import OrderRow, PlatformAdapter
    from adapters.testing.stage import Stage

__all__ = ["OrderTests"]

_LOOK_BACK = timedelta(minutes=5)


async def _all_rows(adapter: PlatformAdapter, since: datetime, until: datetime) -> list[OrderRow]:
    rows: list[OrderRow] = []
    cursor = None
    for _ in range(100):
        page = await adapter.orders(since, until, cursor)
        rows += page.items
        cursor = page.next_cursor
        if cursor is None:
            return rows
    raise AssertionError("the pages never end")


class OrderTests(ContractBase):
    """Orders of a platform that declares ORDER_SYNC; the others have nothing to show here."""

    many_orders: ClassVar[int] = 130
    """More than one page of the platform."""

    @pytest.fixture
    def syncs(self) -> bool:
        """Whether the adapter declares ORDER_SYNC."""
        return Capability.ORDER_SYNC in self.adapter_class.info.capabilities

    async def test_a_purchase_comes_back_with_its_promoter(
        self, stage: Stage, adapter: PlatformAdapter, syncs: bool
    ) -> None:
        if not syncs:
            return
        placement = stage.placement()
        offer = await stage.offer(adapter, ORDINARY[0])
        link = (await adapter.promote(offer, placement)).link
        visit = await walk(stage.world, link.web)
        order = stage.world.buy(stage.info.id, visit.item_id, visit.link, quantity=2)
        rows = await _all_rows(adapter, *_window(stage))
        assert len(rows) == 1
        row = rows[0]
        assert (row.platform, row.account) == (stage.info.id, ACCOUNT)
        assert row.order_id == order.order_id
        assert row.row_id
        assert row.status is OrderStatus.PAID
        assert row.paid.fen == order.paid
        # Never more than the gateway's figure; a platform's service fee may have been taken off.
        assert 0 < row.estimated_commission.fen <= order.commission
        assert row.settled_commission is None
        for at in (row.created_at, row.updated_at, row.paid_at, row.clicked_at):
            assert at is None or at.tzinfo is not None
        assert row.placement is not None
        assert row.placement.pid == placement.pid
        if link.level is Attribution.LINK:
            assert row.placement.sub_id == placement.sub_id

    async def test_pages_join_without_loss_and_reading_again_is_equal(
        self, stage: Stage, adapter: PlatformAdapter, syncs: bool
    ) -> None:
        if not syncs:
            return
        offer = await stage.offer(adapter, ORDINARY[0])
        link = (await adapter.promote(offer, stage.placement())).link
        visit = await walk(stage.world, link.web)
        bought = {
            stage.world.buy(stage.info.id, visit.item_id, visit.link).order_id
            for _ in range(self.many_orders)
        }
        window = _window(stage)
        rows = await _all_rows(adapter, *window)
        assert len(rows) == len({row.row_id for row in rows}) == len(bought)
        assert {row.order_id for row in rows} == bought
        assert rows == await _all_rows(adapter, *window)

    async def test_an_empty_window_is_empty(
        self, stage: Stage, adapter: PlatformAdapter, syncs: bool
    ) -> None:
        if syncs:
            assert not await _all_rows(adapter, *_window(stage))

    async def test_too_wide_a_window_is_told(
        self, stage: Stage, adapter: PlatformAdapter, syncs: bool
    ) -> None:
        window = stage.info.order_window
        if not syncs or window is None:
            return
        now = stage.world.now()
        with pytest.raises(WindowTooWide):
            await adapter.orders(now - window.span - timedelta(hours=1), now)
        rows: Sequence[OrderRow] = (await adapter.orders(now - window.span, now)).items
        assert not rows


def _window(stage: Stage) -> tuple[datetime, datetime]:
    """The last minutes, with the second in which something was just bought."""
    now = stage.world.now()
    return now - _LOOK_BACK, now + timedelta(seconds=1)
