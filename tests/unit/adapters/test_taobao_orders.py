"""Orders and refunds: the rows as documented, pages, windows, and the way through the mock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.contract import Attribution, Money, OrderStatus, Placement, Rate, RefundStatus
from adapters.errors import ItemNotPromotable, PlatformUnavailable, ProtocolError, WindowTooWide
from adapters.mock.orders import STEPS
from tests.unit.adapters.taobao_rig import (
    FOREIGN,
    HOUSE,
    LEASED,
    NOW,
    OPAQUE,
    ORDERS,
    PLAIN,
    REFUNDS,
    Rig,
    Script,
    error,
    mocked,
    placed,
    root,
    scripted,
)

if TYPE_CHECKING:
    from adapters.mock.values import MockOrder

SINCE = NOW - timedelta(hours=1)
RAW = {
    "trade_id": 2233445566778899001,
    "trade_parent_id": "2233445566778899000",
    "tk_status": 12,
    "item_id": OPAQUE,
    "item_title": "桑蚕丝枕套",
    "item_num": 2,
    "alipay_total_price": "79.80",
    "pay_price": "0",
    "pub_share_pre_fee": "4.78",
    "pub_share_fee": "0.00",
    "total_commission_rate": "6.00",
    "alimama_rate": "10.00",
    "alimama_share_fee": "0.48",
    "tk_create_time": "2026-11-22 17:00:00",
    "tk_paid_time": "2026-11-22 17:00:05",
    "click_time": "2026-11-22 16:50:00",
    "modified_time": "2026-11-22 17:01:00",
    "adzone_id": 331,
    "site_id": 22,
    "pub_id": 11,
}


def orders(*rows: object, **frame: object) -> dict[str, object]:
    return root(ORDERS, {"data": {"results": {"publisher_order_dto": list(rows)}, **frame}})


def refunds(*rows: object, **frame: object) -> dict[str, object]:
    result = {"publisher_refund_order_d_t_o": list(rows)}
    return root(REFUNDS, {"data": {"result": result, **frame}})


async def test_a_paid_order() -> None:
    script = Script().on(ORDERS, orders(RAW, has_next=False))
    async with scripted(script) as adapter:
        page = await adapter.orders(SINCE, NOW)
    assert page.next_cursor is None
    (row,) = page.items
    assert (row.row_id, row.order_id) == ("2233445566778899001", "2233445566778899000")
    assert row.parent_order_id == "2233445566778899000"
    assert (row.platform, row.account, row.ref.item_id) == ("taobao", "main", OPAQUE)
    assert (row.status, row.raw_status, row.quantity) == (OrderStatus.PAID, "12", 2)
    assert (row.paid, row.estimated_commission) == (Money(7980), Money(430))
    assert row.settled_commission is None
    assert row.commission_rate == Rate(600)
    assert row.placement == Placement(account="main", pid=LEASED)
    assert row.created_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert row.clicked_at == datetime(2026, 11, 22, 8, 50, tzinfo=UTC)
    assert row.paid_at == datetime(2026, 11, 22, 9, 0, 5, tzinfo=UTC)
    assert row.updated_at == datetime(2026, 11, 22, 9, 1, tzinfo=UTC)
    (form,) = script.asked
    assert (form["start_time"], form["end_time"]) == ("2026-11-22 16:30:00", "2026-11-22 17:30:00")
    assert (form["query_type"], form["page_no"], form["page_size"]) == ("4", "1", "100")
    assert "position_index" not in form


async def test_settled_received_and_void_orders() -> None:
    settled = {
        **RAW,
        "tk_status": "3",
        "pay_price": "70",
        "pub_share_fee": "4.2",
        "tk_earning_time": "2026-11-22 17:20:00",
    }
    rows = [
        settled,
        {**RAW, "tk_status": 14, "modified_time": "", "tk_paid_time": None},
        {**RAW, "tk_status": 13, "alimama_share_fee": None, "item_num": None},
        {**settled, "pay_price": None, "alimama_share_fee": "9"},
        {**RAW, "tk_status": 11, "pub_share_pre_fee": None, "trade_parent_id": ""},
    ]
    async with scripted(Script().on(ORDERS, orders(*rows))) as adapter:
        paid, received, void, small, unpaid = (await adapter.orders(SINCE, NOW)).items
    assert (paid.status, paid.paid) == (OrderStatus.SETTLED, Money(7000))
    assert paid.settled_commission == Money(372)
    assert paid.settled_at == datetime(2026, 11, 22, 9, 20, tzinfo=UTC)
    assert received.status is OrderStatus.RECEIVED
    assert received.updated_at == received.created_at
    assert received.paid_at is None
    assert (void.status, void.settled_commission, void.quantity) == (OrderStatus.VOID, Money(0), 1)
    assert void.estimated_commission == Money(478)
    assert (small.settled_commission, small.paid) == (Money(0), Money(7980))
    assert (unpaid.status, unpaid.estimated_commission) == (OrderStatus.UNPAID, Money(0))
    assert unpaid.order_id == unpaid.row_id
    assert unpaid.parent_order_id is None


@pytest.mark.parametrize(
    ("changes", "pid"),
    [
        ({"pub_id": None}, LEASED),
        ({"adzone_id": 77, "site_id": 88, "pub_id": 99}, FOREIGN),
        ({"adzone_id": "330"}, HOUSE),
    ],
)
async def test_the_placement_of_an_order(changes: dict[str, object], pid: str) -> None:
    async with scripted(Script().on(ORDERS, orders({**RAW, **changes}))) as adapter:
        (row,) = (await adapter.orders(SINCE, NOW)).items
    assert row.placement == Placement(account="main", pid=pid)


async def test_an_order_without_placement() -> None:
    async with scripted(Script().on(ORDERS, orders({**RAW, "adzone_id": ""}))) as adapter:
        (row,) = (await adapter.orders(SINCE, NOW)).items
    assert row.placement is None


@pytest.mark.parametrize(
    "changes",
    [{"tk_status": 99}, {"trade_id": None}, {"tk_create_time": ""}, {"tk_create_time": "soon"}],
)
async def test_a_row_that_cannot_be_read(changes: dict[str, object]) -> None:
    async with scripted(Script().on(ORDERS, orders({**RAW, **changes}))) as adapter:
        with pytest.raises(ProtocolError):
            await adapter.orders(SINCE, NOW)


async def test_pages_go_on_from_the_position() -> None:
    script = Script().on(ORDERS, orders(RAW, has_next="true", position_index="1_a|2_b:c"))
    async with scripted(script) as adapter:
        first = await adapter.orders(SINCE, NOW)
        assert first.next_cursor == "2:1_a|2_b:c"
        script.on(ORDERS, orders(has_next=False))
        last = await adapter.orders(SINCE, NOW, first.next_cursor)
        assert (last.items, last.next_cursor) == ((), None)
        form = script.asked[-1]
        assert (form["page_no"], form["position_index"], form["jump_type"]) == (
            "2",
            "1_a|2_b:c",
            "1",
        )
        script.on(ORDERS, orders(RAW, has_next=True))
        with pytest.raises(WindowTooWide):
            await adapter.orders(SINCE, NOW, "100:x")
        for cursor in ("nonsense", "x:y"):
            with pytest.raises(ProtocolError):
                await adapter.orders(SINCE, NOW, cursor)


async def test_too_wide_a_window() -> None:
    narrow = error(15, "isv.invalid-parameter", "查询时间间隔不能超过20分钟")
    script = Script().on(ORDERS, narrow).on(REFUNDS, narrow)
    async with scripted(script) as adapter:
        with pytest.raises(WindowTooWide):
            await adapter.orders(NOW - timedelta(hours=3, seconds=1), NOW)
        assert script.asked == []
        with pytest.raises(WindowTooWide):
            await adapter.orders(NOW - timedelta(hours=3), NOW)
        with pytest.raises(WindowTooWide):
            await adapter.refunds(SINCE, NOW)


async def test_refunds() -> None:
    raw = {
        "refund_suit_id": 71,
        "tb_trade_id": 2233445566778899001,
        "refund_status": 13,
        "tk_commission_fee_refund": "3.10",
        "tk_subsidy_fee_refund": "0.20",
        "show_return_fee": "3.66",
        "tk_refund_time": "2026-11-22 17:00:00",
        "tk_refund_suit_time": "2026-11-22 17:10:00",
        "modified_time": "2026-11-22 17:11:00",
    }
    rows = [
        raw,
        {**raw, "refund_status": 12, "tk_commission_fee_refund": None, "tk_subsidy_fee_refund": ""},
        {**raw, "refund_status": 3, "refund_suit_id": "", "modified_time": None},
        {
            "tb_trade_id": 1,
            "refund_status": "15",
            "tk_refund_suit_time": "2026-11-22 17:00:00",
        },
    ]
    script = Script().on(REFUNDS, refunds(*rows, has_next=True, position_index="p"))
    async with scripted(script) as adapter:
        page = await adapter.refunds(SINCE, NOW)
        again = await adapter.refunds(SINCE, NOW, page.next_cursor)
    assert page.items == again.items
    taken, pending, refused, seller = page.items
    assert (taken.row_id, taken.order_row_id) == ("71", "2233445566778899001")
    assert (taken.status, taken.amount_taken_back) == (RefundStatus.TAKEN_BACK, Money(330))
    assert taken.at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert taken.updated_at == datetime(2026, 11, 22, 9, 11, tzinfo=UTC)
    assert (pending.status, pending.amount_taken_back) == (RefundStatus.PENDING, Money(366))
    assert (refused.status, refused.row_id) == (RefundStatus.REFUSED, refused.order_row_id)
    assert refused.updated_at == datetime(2026, 11, 22, 9, 10, tzinfo=UTC)
    assert (seller.status, seller.amount_taken_back) == (RefundStatus.REFUSED, Money(0))
    first, second = (
        json.loads(form["publisher_refund_order_query_option"]) for form in script.asked
    )
    assert (first["query_type"], first["page_size"]) == (5, 100)
    assert (second["page_no"], second["position_index"], second["jump_type"]) == (2, "p", 1)


async def test_refunds_in_their_other_frame_and_their_own_errors() -> None:
    frame = {"result": {"data": {"result": [], "has_next": False}, "biz_error_code": 0}}
    script = Script().on(REFUNDS, root(REFUNDS, frame))
    async with scripted(script, timeout=0.2) as adapter:
        assert (await adapter.refunds(SINCE, NOW)).items == ()
        script.on(REFUNDS, root(REFUNDS, {"result": {"biz_error_code": 10000}}))
        with pytest.raises(ItemNotPromotable):
            await adapter.refunds(SINCE, NOW)
        script.on(REFUNDS, root(REFUNDS, {"biz_error_code": "isp.sys-error"}))
        with pytest.raises(PlatformUnavailable):
            await adapter.refunds(SINCE, NOW)
        script.on(REFUNDS, refunds({"refund_status": 13}))
        with pytest.raises(ProtocolError):
            await adapter.refunds(SINCE, NOW)


def bought(rig: Rig, pid: str, number: int = 1) -> MockOrder:
    """An order by a link of this placement."""
    item = rig.world.item("taobao", str(int(PLAIN) + number))
    made = rig.mock.links.make(item, pid)
    token = made.coupon_short.rsplit(".", 1)[-1]
    return rig.world.buy("taobao", item.item_id, rig.world.link("taobao", token))


def step(rig: Rig, order: MockOrder, name: str) -> MockOrder:
    """The order one step on."""
    item = rig.world.item("taobao", order.item_id)
    changed = STEPS[name](order, rig.world.now().replace(microsecond=0), {}, item)
    rig.world.change_order(changed)
    return changed


async def test_a_purchase_comes_back_with_its_placement_and_is_clawed_back() -> None:
    async with mocked() as rig:
        leased = rig.adapter.settings.pool[2]
        order = bought(rig, leased)
        now = rig.world.now()
        window = (now - timedelta(minutes=5), now + timedelta(minutes=5))
        (row,) = (await rig.adapter.orders(*window)).items
        assert row.row_id == order.order_id
        assert row.placement == Placement(account="main", pid=leased)
        fee = order.commission // 10
        assert row.estimated_commission == Money(order.commission - fee)
        for name in ("receive", "settle"):
            order = step(rig, order, name)
        (row,) = (await rig.adapter.orders(*window)).items
        assert row.settled_commission == Money(order.commission - fee)
        assert (await rig.adapter.refunds(*window)).items == ()
        order = step(rig, order, "clawback")
        (refund,) = (await rig.adapter.refunds(*window)).items
        assert refund.order_row_id == order.order_id
        assert refund.amount_taken_back == Money(order.commission - fee)


async def read_all(rig: Rig, size: int) -> list[str]:
    """Every row of the raw gateway by pages of `size` and their position."""
    now = rig.world.now()
    from_to = {
        "start_time": f"{now - timedelta(hours=1) + timedelta(hours=8):%Y-%m-%d %H:%M:%S}",
        "end_time": f"{now + timedelta(hours=9):%Y-%m-%d %H:%M:%S}",
        "query_type": "4",
        "page_size": str(size),
    }
    found: list[str] = []
    position, page = None, 1
    while True:
        data = (
            await rig.content(
                ORDERS, **from_to, page_no=str(page), position_index=position, jump_type="1"
            )
        )["data"]
        found += [row["trade_id"] for row in data["results"]["publisher_order_dto"]]
        if not data["has_next"]:
            return found
        position, page = data["position_index"], page + 1


async def test_pages_of_the_mock_join_and_its_faults_repeat_or_cut() -> None:
    async with mocked() as rig:
        made = {bought(rig, rig.house, number).order_id for number in range(5)}
        found = await read_all(rig, 2)
        assert (len(found), set(found)) == (5, made)
        rig.fault("torn_page", ORDERS)
        assert sorted(await read_all(rig, 2)) == sorted(made)
        rig.fault("duplicate_page", ORDERS, count=None)
        now = rig.world.now()
        page = await rig.adapter.orders(now - timedelta(minutes=5), now + timedelta(minutes=5))
        assert {row.row_id for row in page.items} == made
        repeated = await rig.content(
            ORDERS,
            start_time=f"{now + timedelta(hours=7):%Y-%m-%d %H:%M:%S}",
            end_time=f"{now + timedelta(hours=9):%Y-%m-%d %H:%M:%S}",
            page_no="2",
            page_size="2",
            query_type="4",
        )
        (again, _) = repeated["data"]["results"]["publisher_order_dto"]
        assert again["trade_id"] == found[0]


async def test_a_buyer_walks_from_the_short_link_to_an_order() -> None:
    async with mocked() as rig:
        offer = await rig.adapter.offer((await rig.adapter.search("枕套", 1))[0].ref)
        leased = rig.adapter.settings.pool[0]
        promotion = await rig.adapter.promote(offer, placed(leased))
        assert promotion.link.level is Attribution.PROMOTER
        status, location, _ = await rig.get(promotion.link.web)
        assert status == 302
        assert location is not None
        assert "?click=" in location
