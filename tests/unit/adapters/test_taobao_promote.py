"""Promotion links: whose they are, at which level, and the offer that comes with them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adapters.contract import (
    AdapterContext,
    AdapterSettings,
    Attribution,
    Coupon,
    ItemRef,
    Money,
    Offer,
    OwnershipKind,
    Rate,
)
from adapters.errors import AuthFailed, ForeignLink, PlatformUnavailable, ProtocolError
from adapters.quota import NoQuota
from adapters.taobao.adapter import TaobaoAdapter
from adapters.taobao.ids import clean_link
from tests.unit.adapters.taobao_rig import (
    CLICK,
    CONVERT,
    COUPON,
    COUPON_CONVERT,
    COUPON_PAGE,
    FOREIGN,
    HOUSE,
    LEASED,
    NOW,
    OPAQUE,
    PARSE,
    PLAIN,
    TPWD_CREATE,
    Script,
    convert_answer,
    convert_row,
    error,
    mocked,
    parse_answer,
    pasted,
    placed,
    root,
    scripted,
    settings,
)

SHOWN = Offer(
    ref=ItemRef(platform="taobao", item_id=PLAIN, source=clean_link(PLAIN)),
    title="桑蚕丝枕套",
    price=Money(5990),
    final_price=Money(3990),
    seen_at=NOW,
    commission_rate=Rate(600),
    commission=Money(239),
    coupon=Coupon(amount=Money(2000), threshold=Money(5000)),
    opaque={"in_hand": "3990"},
)


def readable(pid: str) -> str:
    return f"https://uland.taobao.com/coupon/edetail?activityId=a&itemId=1&pid={pid}"


def ready(pid: str = LEASED, row: dict[str, object] | None = None) -> Script:
    script = Script().on(CONVERT, convert_answer(row))
    return script.on(PARSE, parse_answer(material_type=1, origin_pid=pid))


async def test_a_link_of_a_leased_placement() -> None:
    script = ready()
    async with scripted(script) as adapter:
        link = (await adapter.promote(SHOWN, placed(LEASED))).link
        assert adapter.on_promotion_host(link.web)
    assert script.methods() == [CONVERT, PARSE]
    assert script.asked[0]["adzone_id"] == "331"
    assert script.asked[1]["fields"] == "origin_pid"
    assert COUPON_PAGE in script.asked[1]["material_dto"]
    assert link.web == COUPON_PAGE
    assert link.tpwd == "￥aRmVdesjTCu￥"
    assert link.level is Attribution.PROMOTER
    assert (link.ownership.kind, link.ownership.pid) == (OwnershipKind.OURS, LEASED)


async def test_a_link_of_the_house() -> None:
    async with scripted(ready(HOUSE)) as adapter:
        link = (await adapter.promote(SHOWN, placed(HOUSE))).link
        assert link.level is Attribution.NONE
        assert adapter.attribution is Attribution.PROMOTER
    async with scripted(ready(HOUSE), pool=[]) as adapter:
        assert adapter.attribution is Attribution.NONE


async def test_a_readable_pid_needs_no_further_call() -> None:
    script = ready(row=convert_row({"coupon_long_url": readable(LEASED)}))
    async with scripted(script) as adapter:
        link = (await adapter.promote(SHOWN, placed(LEASED))).link
    assert script.methods() == [CONVERT]
    assert link.ownership.kind is OwnershipKind.OURS


@pytest.mark.parametrize(
    "link",
    [
        {"coupon_long_url": readable(FOREIGN)},
        {"cps_short_url": readable(FOREIGN), "coupon_long_url": readable(LEASED)},
        {"origin_pid": FOREIGN},
    ],
)
async def test_another_s_pid_is_never_handed_out(link: dict[str, object]) -> None:
    async with scripted(ready(row=convert_row(link))) as adapter:
        with pytest.raises(ForeignLink):
            await adapter.promote(SHOWN, placed(LEASED))


@pytest.mark.parametrize("pid", [FOREIGN, "", "0"])
async def test_a_parsed_link_that_is_not_ours_is_refused(pid: str) -> None:
    async with scripted(ready(pid)) as adapter:
        with pytest.raises(ForeignLink):
            await adapter.promote(SHOWN, placed(LEASED))


async def test_another_of_our_placements_is_refused() -> None:
    async with scripted(ready(HOUSE)) as adapter:
        with pytest.raises(ProtocolError):
            await adapter.promote(SHOWN, placed(LEASED))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (error(11), "not granted"),
        (error(15, "isv.parse-result-invalid"), "could not be parsed"),
        (root(PARSE, {"data": {}}), "could not be parsed"),
        (root(PARSE, {"data": {"material_url_list": [{"code": 20008}]}}), "could not be parsed"),
    ],
)
async def test_what_cannot_be_parsed_is_unknown(answer: dict[str, object], reason: str) -> None:
    async with scripted(ready().on(PARSE, answer)) as adapter:
        ownership = (await adapter.promote(SHOWN, placed(LEASED))).link.ownership
    assert ownership.kind is OwnershipKind.UNKNOWN
    assert reason in ownership.reason


async def test_without_parse_the_owner_is_unknown_and_not_asked_for() -> None:
    script = ready()
    async with scripted(script, rights=[CONVERT]) as adapter:
        ownership = (await adapter.promote(SHOWN, placed(LEASED))).link.ownership
    assert ownership.kind is OwnershipKind.UNKNOWN
    assert script.methods() == [CONVERT]


async def test_a_refused_placement_steps_down_to_the_house() -> None:
    refused = error(15, "isv.pid-not-correct")
    script = ready(HOUSE).on(CONVERT, refused, convert_answer())
    async with scripted(script) as adapter:
        link = (await adapter.promote(SHOWN, placed(LEASED))).link
        assert [form["adzone_id"] for form in script.asked] == ["331", "330", "330"]
        assert link.level is Attribution.NONE
        assert link.ownership.pid == HOUSE
        script.on(CONVERT, refused)
        with pytest.raises(AuthFailed):
            await adapter.promote(SHOWN, placed(HOUSE))


async def test_a_link_on_a_strange_host_is_refused() -> None:
    row = convert_row({"coupon_long_url": "https://uland.taobao.com.evil.example/x"})
    async with scripted(ready(row=row)) as adapter:
        with pytest.raises(ProtocolError):
            await adapter.promote(SHOWN, placed(LEASED))


async def test_links_without_scheme_or_coupon() -> None:
    link: dict[str, object] = {
        "coupon_long_url": None,
        "coupon_short_tpwd": "",
        "cps_long_url": CLICK.removeprefix("https:"),
    }
    async with scripted(ready(row=convert_row(link))) as adapter:
        made = (await adapter.promote(SHOWN, placed(LEASED))).link
    assert made.web == CLICK
    assert made.tpwd == "￥zRmVdesjTCu￥"


async def test_a_token_is_made_where_the_answer_has_none() -> None:
    answer = {"result": {"data": {"coupon_click_url": COUPON_PAGE, "item_id": OPAQUE}}}
    script = Script().on(COUPON_CONVERT, root(COUPON_CONVERT, answer))
    script.on(TPWD_CREATE, root(TPWD_CREATE, {"data": {"password_simple": "￥tRmVdesjTCu￥"}}))
    offer = replace(SHOWN, ref=ItemRef(platform="taobao", item_id=OPAQUE))
    async with scripted(script, rights=[TPWD_CREATE]) as adapter:
        made = (await adapter.promote(offer, placed(LEASED))).link
        assert made.tpwd == "￥tRmVdesjTCu￥"
        assert script.asked[-1]["url"] == COUPON_PAGE
        script.on(TPWD_CREATE, root(TPWD_CREATE, {"data": {"model": "47￥ CZ1 ..￥"}}))
        assert (await adapter.promote(offer, placed(LEASED))).link.tpwd == "47￥ CZ1 ..￥"
        for silent in (error(15, "20000"), root(TPWD_CREATE, {"data": {}})):
            script.on(TPWD_CREATE, silent)
            assert (await adapter.promote(offer, placed(LEASED))).link.tpwd is None
    async with scripted(script, rights=[]) as adapter:
        assert (await adapter.promote(offer, placed(LEASED))).link.tpwd is None


async def test_the_card_shows_what_the_conversion_says() -> None:
    async with scripted(ready(row=convert_row(promotion={"commission_rate": "2"}))) as adapter:
        offer = (await adapter.promote(SHOWN, placed(LEASED))).offer
    assert (offer.price, offer.final_price) == (Money(5990), Money(3990))
    assert (offer.commission_rate, offer.commission) == (Rate(200), Money(79))
    assert offer.coupon is not None
    assert offer.coupon.remaining == 7


async def test_a_coupon_that_is_gone_leaves_the_price() -> None:
    row = convert_row(promotion={"promotion_price": 5990}, coupon={})
    async with scripted(ready(row=row)) as adapter:
        offer = (await adapter.promote(SHOWN, placed(LEASED))).offer
    assert offer.coupon is None
    assert offer.final_price == offer.price == Money(5990)
    assert offer.commission == Money(359)


@pytest.mark.parametrize(
    ("in_hand", "opaque", "price"),
    [
        (4990, {"in_hand": "3990"}, 6990),
        (2990, {"in_hand": "3990"}, 4990),
        (4990, {}, 5990),
        (None, {"in_hand": "3990"}, 5990),
        (1, {"in_hand": "9990"}, 5990),
    ],
)
async def test_a_price_that_moved(in_hand: int | None, opaque: dict[str, str], price: int) -> None:
    script = ready(row=convert_row(promotion={"promotion_price": in_hand}))
    async with scripted(script) as adapter:
        offer = (await adapter.promote(replace(SHOWN, opaque=opaque), placed(LEASED))).offer
    assert offer.price == Money(price)


async def test_a_rate_that_is_not_told_stays() -> None:
    row = convert_row(promotion={"commission_rate": ""}, coupon={**COUPON, "coupon_amount": "30"})
    async with scripted(ready(row=row)) as adapter:
        offer = (await adapter.promote(SHOWN, placed(LEASED))).offer
    assert offer.commission_rate == Rate(600)
    assert offer.final_price == Money(2990)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (readable(HOUSE), OwnershipKind.OURS),
        (readable("mm_1_2_3"), OwnershipKind.OURS),
        (readable(FOREIGN), OwnershipKind.FOREIGN),
        (CLICK, OwnershipKind.OURS),
        ("https://example.com/", OwnershipKind.UNKNOWN),
        ("not a link", OwnershipKind.UNKNOWN),
    ],
)
async def test_whose_a_link_is(url: str, kind: OwnershipKind) -> None:
    async with scripted(ready(HOUSE), former_pids=["mm_1_2_3"]) as adapter:
        assert (await adapter.owns(url)).kind is kind


SHEET = "https://uland.taobao.com/coupon/edetail?e=SOMEBODYELSES"


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        (f"{SHEET}&pid={HOUSE}&itemId=1", f"{SHEET}&itemId=1"),
        (f"{SHEET}&pid={HOUSE.replace('_', '%5F')}&itemId=1", f"{SHEET}&itemId=1"),
        (f"https://s.click.taobao.com/X?pid={HOUSE}", "https://s.click.taobao.com/X"),
        (f"https://s.click.taobao.com/t?e=X#pid={HOUSE}", "https://s.click.taobao.com/t?e=X"),
        (f"https://m.tb.cn/h.gXyz12?a={HOUSE}", "https://m.tb.cn/h.gXyz12"),
    ],
)
async def test_our_pid_behind_another_s_link_proves_nothing(url: str, sent: str) -> None:
    async with scripted(ready(), rights=[CONVERT]) as adapter:
        assert (await adapter.owns(url)).kind is not OwnershipKind.OURS
    script = Script().on(PARSE, parse_answer(material_type=1))
    async with scripted(script) as adapter:
        assert (await adapter.owns(url)).kind is OwnershipKind.FOREIGN
    assert json.loads(script.asked[0]["material_dto"]) == {"material_url": sent}


@pytest.mark.parametrize(
    "url",
    [
        f"{readable(HOUSE)}&pid=",
        f"{readable(HOUSE)}&me=SOMEBODYELSES",
        f"{readable(HOUSE)}x",
        f"https://item.taobao.com/item.htm?id=1&pid={HOUSE}",
        f"https://evil.example/?pid={HOUSE}",
        f"see {HOUSE}",
    ],
)
async def test_where_something_else_may_decide_the_owner_is_unknown(url: str) -> None:
    script = ready(HOUSE)
    async with scripted(script) as adapter:
        assert (await adapter.owns(url)).kind is OwnershipKind.UNKNOWN
    assert script.methods() == []


@pytest.mark.parametrize(
    "url",
    [
        f"https://s.click.taobao.com/X?pid={FOREIGN}",
        f"{readable(HOUSE)}&pid={FOREIGN}",
        f"{readable(HOUSE)}&x={FOREIGN.replace('_', '%5F')}",
    ],
)
async def test_another_s_readable_pid_decides_everywhere(url: str) -> None:
    script = ready(HOUSE)
    async with scripted(script) as adapter:
        assert (await adapter.owns(url)).kind is OwnershipKind.FOREIGN
    assert script.methods() == []


async def test_a_silent_platform_makes_the_owner_unknown() -> None:
    async with scripted(ready().on(PARSE, error(10)), timeout=0.2) as adapter:
        assert (await adapter.owns(CLICK)).kind is OwnershipKind.UNKNOWN


async def test_an_adapter_that_was_not_started_is_unavailable() -> None:
    context = AdapterContext(account="main", now=lambda: NOW, quota=NoQuota())
    adapter = TaobaoAdapter(settings(), context)
    with pytest.raises(PlatformUnavailable):
        await adapter.promote(SHOWN, placed(LEASED))
    with pytest.raises(TypeError):
        TaobaoAdapter(AdapterSettings(gateway_url=settings().gateway_url), context)


async def test_the_mock_s_links_are_ours_and_carry_the_placement() -> None:
    async with mocked() as rig:
        offer = await rig.adapter.offer(await rig.adapter.resolve(pasted("", PLAIN)))
        leased = rig.adapter.settings.pool[4]
        rig.calls()
        promotion = await rig.adapter.promote(offer, placed(leased))
        assert rig.calls() == 2
        assert promotion.offer.final_price == offer.final_price
        assert promotion.link.ownership.pid == leased
        whose = rig.mock.whose(promotion.link.web)
        assert whose is not None
        assert (whose.pid, whose.sub_id) == (leased, leased)
        house = await rig.adapter.promote(offer, placed(rig.house))
        whose = rig.mock.whose(house.link.web)
        assert whose is not None
        assert (whose.pid, whose.sub_id) == (rig.house, "")
        stepped = await rig.adapter.promote(offer, placed(FOREIGN))
        assert stepped.link.level is Attribution.NONE


@pytest.mark.parametrize("profile", ["lenient", "strict"])
async def test_the_fault_foreign_pid(profile: str) -> None:
    async with mocked(profile) as rig:
        method = CONVERT if profile == "lenient" else COUPON_CONVERT
        item_id = rig.world.item("taobao", PLAIN).canonical_id
        offer = await rig.adapter.offer(await rig.adapter.resolve(pasted("", item_id)))
        rig.fault("foreign_pid", method)
        with pytest.raises(ForeignLink):
            await rig.adapter.promote(offer, placed(rig.house))
        rig.fault("foreign_pid", method, hidden="1")
        if profile == "lenient":
            # general.link.parse names no PID of ours: that is an answer, not a doubt.
            with pytest.raises(ForeignLink):
                await rig.adapter.promote(offer, placed(rig.house))
        else:
            ownership = (await rig.adapter.promote(offer, placed(rig.house))).link.ownership
            assert ownership.kind is OwnershipKind.UNKNOWN
