from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.contract import Attribution, ItemRef
from bot.links import scripts
from bot.links.models import Targets
from bot.links.store import LinkStore
from bot.redis.errors import CommandRefused
from bot.redis.keys import LINK_KEPT, Keys
from tests.unit.links.link_rig import DAY, NOW, REF, link, saved, snapshot

if TYPE_CHECKING:
    from bot.redis.connection import Store

CHAT = "telegram:main:-100"
UNKNOWN = "zzzzzzz"


@pytest.fixture
def links(store: Store) -> LinkStore:
    return LinkStore(store)


async def test_the_same_earner_gets_the_same_link_again(links: LinkStore) -> None:
    made = await saved(links)
    again = await links.reserve("p1", CHAT, REF, NOW + 30 * DAY)
    assert again.code == made.code
    assert again.existing == made
    assert await links.get(made.code) == made


@pytest.mark.parametrize(
    ("earner", "chat", "ref"),
    [
        ("p2", CHAT, REF),
        ("p1", "telegram:main:-200", REF),
        ("p1", CHAT, ItemRef(platform="jd", item_id="2")),
        ("p1", CHAT, ItemRef(platform="taobao", item_id=REF.item_id)),
    ],
)
async def test_another_earner_chat_or_item_gets_another_code(
    links: LinkStore, earner: str, chat: str, ref: ItemRef
) -> None:
    made = await saved(links)
    other = await links.reserve(earner, chat, ref, NOW)
    assert other.code != made.code
    assert other.existing is None


async def test_accounts_of_the_operator_have_links_of_their_own(store: Store) -> None:
    first = await saved(LinkStore(store))
    second = await saved(LinkStore(store, account="second"), account="second")
    assert first.code != second.code


async def test_two_at_once_share_one_code(links: LinkStore) -> None:
    both = await asyncio.gather(*(links.reserve("p1", CHAT, REF, NOW) for _ in range(20)))
    assert len({reservation.code for reservation in both}) == 1
    made = link(both[0].code)
    assert await links.save(made) == made
    later = replace(made, targets=Targets(web="https://u.jd.com/second"))
    assert await links.save(later) == later
    assert await links.get(made.code) == later


async def test_a_freed_code_is_gone(links: LinkStore, store: Store) -> None:
    first = await links.reserve("p1", CHAT, REF, NOW)
    await links.free(first.code)
    await links.free(first.code)
    assert await store.run("DBSIZE") == 0
    assert (await links.reserve("p1", CHAT, REF, NOW)).code != first.code


async def test_a_saved_code_is_not_freed(links: LinkStore) -> None:
    made = await saved(links)
    await links.free(made.code)
    assert await links.get(made.code) == made


async def test_who_saves_after_freeing_still_has_one_live_code(links: LinkStore) -> None:
    """Two share a reservation; one fails and frees it while the other is still asking."""
    shared = await links.reserve("p1", CHAT, REF, NOW)
    await links.free(shared.code)
    third = await links.reserve("p1", CHAT, REF, NOW)
    winner = await links.save(link(third.code))
    assert await links.save(link(shared.code)) == winner
    assert await links.get(shared.code) is None
    assert (await links.reserve("p1", CHAT, REF, NOW)).existing == winner


async def test_a_freed_reservation_leaves_that_of_another(links: LinkStore, store: Store) -> None:
    shared = await links.reserve("p1", CHAT, REF, NOW)
    third = replace(shared, code=shared.code)
    owner = await store.run("HGET", store.keys.link(shared.code), "o")
    await store.run("SET", store.keys.live(owner), "r:other")
    await links.free(third.code)
    assert await store.run("GET", store.keys.live(owner)) == "r:other"


async def test_a_reservation_ends_by_itself(links: LinkStore, store: Store) -> None:
    reservation = await links.reserve("p1", CHAT, REF, NOW)
    left = await store.run("PTTL", store.keys.link(reservation.code))
    assert 0 < left <= 60_000
    assert await links.get(reservation.code) is None


async def test_a_link_past_its_life_is_replaced(links: LinkStore) -> None:
    old = await saved(links)
    fresh = await links.reserve("p1", CHAT, REF, NOW + 90 * DAY)
    assert fresh.existing is None
    assert fresh.code != old.code
    new = await links.save(link(fresh.code, used_at=NOW + 90 * DAY))
    assert (await links.reserve("p1", CHAT, REF, NOW + 91 * DAY)).existing == new
    assert await links.get(old.code) == old  # late orders


async def test_the_record_of_a_replaced_link_can_still_be_refreshed(links: LinkStore) -> None:
    old = await saved(links)
    fresh = await links.reserve("p1", CHAT, REF, NOW + 90 * DAY)
    new = await links.save(link(fresh.code, used_at=NOW + 90 * DAY))
    changed = replace(old, refreshed_at=NOW + DAY)
    assert await links.save(changed) == changed
    assert (await links.reserve("p1", CHAT, REF, NOW + 91 * DAY)).existing == new


async def test_a_switched_off_link_is_replaced(links: LinkStore) -> None:
    made = await saved(links)
    assert await links.switch(made.code, on=False)
    assert await links.get(made.code) == replace(made, disabled=True)
    assert (await links.reserve("p1", CHAT, REF, NOW)).code != made.code
    assert await links.switch(made.code, on=True)
    assert await links.get(made.code) == made
    assert not await links.switch(UNKNOWN, on=False)
    assert not await links.switch("no code", on=False)


async def test_saving_never_switches_on_and_never_takes_use_back(links: LinkStore) -> None:
    made = await saved(links)
    await links.switch(made.code, on=False)
    await links.mark_used(made.code, now=NOW + 5 * DAY)
    await links.save(replace(made, refreshed_at=NOW + DAY))
    found = await links.get(made.code)
    assert found == replace(made, refreshed_at=NOW + DAY, disabled=True, used_at=NOW + 5 * DAY)


async def test_a_code_of_somebody_else_is_refused(links: LinkStore, store: Store) -> None:
    reservation = await links.reserve("p1", CHAT, REF, NOW)
    await store.run("HSET", store.keys.link(reservation.code), "o", "another owner")
    with pytest.raises(CommandRefused, match="belongs to another"):
        await links.save(link(reservation.code))


@pytest.mark.parametrize("code", ["no code", ""])
async def test_a_code_that_was_never_reserved_is_refused(links: LinkStore, code: str) -> None:
    with pytest.raises(ValueError, match="not reserved"):
        await links.save(link(code))


async def test_a_code_of_another_slot_is_refused(links: LinkStore) -> None:
    reservation = await links.reserve("p1", CHAT, REF, NOW)
    partition = Keys.code_partition(reservation.code)
    wrong = reservation.code[:-1] + ("1" if partition else "z")
    with pytest.raises(ValueError, match="not reserved"):
        await links.save(link(wrong))


async def test_a_taken_code_is_drawn_anew(store: Store) -> None:
    class Colliding(LinkStore):
        tried = 0

        async def _reserve(self, owner: str, replaceable: str) -> str | None:
            self.tried += 1
            return None if self.tried < 3 else await super()._reserve(owner, replaceable)

    links = Colliding(store)
    assert (await links.reserve("p1", CHAT, REF, NOW)).code
    assert links.tried == 3


async def test_drawing_has_an_end(store: Store) -> None:
    class Full(LinkStore):
        async def _reserve(self, owner: str, replaceable: str) -> str | None:
            return None

    with pytest.raises(CommandRefused, match="no free short code"):
        await Full(store).reserve("p1", CHAT, REF, NOW)


async def test_the_script_itself_leaves_a_taken_code_alone(
    store: Store,
) -> None:
    keys = [store.keys.live("0" * 32), store.keys.link("1111111")]
    await store.run("HSET", keys[1], "o", "another")
    assert await store.call(scripts.RESERVE, keys, ["1111111", "0" * 32, "", 60_000, 1]) is None
    assert await store.run("EXISTS", keys[0]) == 0


async def test_what_is_no_code_is_not_looked_up(links: LinkStore) -> None:
    assert await links.get("../../etc") is None
    assert await links.get(UNKNOWN) is None
    assert not await links.request_refresh("../../etc", NOW)


async def test_a_broken_record_is_none(
    links: LinkStore, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    made = await saved(links)
    await store.run("HSET", store.keys.link(made.code), "v", "{")
    assert await links.get(made.code) is None
    assert "cannot be read" in caplog.text


async def test_records_are_kept_for_two_years_from_the_last_use(
    links: LinkStore, store: Store
) -> None:
    made = await saved(links)
    name = store.keys.link(made.code)
    assert await store.run("PTTL", name) > 730 * 86_400_000
    await store.run("PEXPIRE", name, 1000)
    await links.mark_used(made.code, now=NOW + DAY)
    assert await store.run("PTTL", name) > LINK_KEPT / timedelta(milliseconds=1) - 60_000


async def test_use_prolongs_a_links_life(links: LinkStore) -> None:
    made = await saved(links)
    await links.mark_used(made.code, made.code, UNKNOWN, "no code", now=NOW + 80 * DAY)
    found = await links.get(made.code)
    assert found is not None
    assert found.used_at == NOW + 80 * DAY
    assert links.alive(found, NOW + 169 * DAY)
    assert not links.alive(found, NOW + 170 * DAY)


async def test_use_is_written_once_an_hour(links: LinkStore, store: Store) -> None:
    made = await saved(links)
    await links.mark_used(made.code, now=NOW + DAY)
    await links.mark_used(made.code, now=NOW + DAY + timedelta(minutes=59))
    assert (await links.get(made.code) or made).used_at == NOW + DAY
    await links.mark_used(made.code, now=NOW + DAY + timedelta(minutes=60))
    assert (await links.get(made.code) or made).used_at == NOW + DAY + timedelta(minutes=60)
    await LinkStore(store).mark_used(made.code, now=NOW)  # another process, an older use
    assert (await links.get(made.code) or made).used_at == NOW + DAY + timedelta(minutes=60)


async def test_uses_remembered_are_bounded(store: Store) -> None:
    links = LinkStore(store, remembered=2)
    made = [await saved(links, promoter_id=f"p{n}") for n in range(3)]
    for one in made:
        await links.mark_used(one.code, now=NOW + DAY)
    await links.mark_used(made[0].code, now=NOW + DAY + timedelta(minutes=1))  # forgotten: written
    found = await links.get(made[0].code)
    assert found is not None
    assert found.used_at == NOW + DAY + timedelta(minutes=1)


async def test_due_links_come_in_order(links: LinkStore) -> None:
    ends = [NOW + 3 * DAY, NOW + DAY, NOW + 2 * DAY, None]
    made = [
        await saved(links, promoter_id=f"p{n}", shown=snapshot(end)) for n, end in enumerate(ends)
    ]
    assert await links.due(NOW) == []
    assert await links.due(NOW + 2 * DAY) == [made[1].code, made[2].code]
    assert await links.due(NOW + 9 * DAY) == [made[1].code, made[2].code, made[0].code]
    assert await links.due(NOW + 9 * DAY, limit=1) == [made[1].code]


async def test_a_refreshed_link_is_due_at_its_next_end(links: LinkStore) -> None:
    made = await saved(links, shown=snapshot(NOW + DAY))
    await links.save(replace(made, ended=snapshot(), refreshed_at=NOW + DAY))
    assert await links.due(NOW + 100 * DAY) == []
    await links.save(replace(made, link_expires_at=NOW + 60 * DAY, shown=snapshot()))
    assert await links.due(NOW + 60 * DAY) == [made.code]


async def test_a_failed_refresh_is_put_off_and_a_dead_link_taken_out(links: LinkStore) -> None:
    made = await saved(links, shown=snapshot(NOW + DAY))
    await links.schedule(made.code, NOW + 2 * DAY)
    assert await links.due(NOW + DAY) == []
    assert await links.due(NOW + 2 * DAY) == [made.code]
    await links.unschedule(made.code)
    assert await links.due(NOW + 9 * DAY) == []


async def test_clicks_ask_for_a_refresh_once_a_minute(links: LinkStore, store: Store) -> None:
    made = await saved(links, shown=snapshot(NOW + DAY))
    assert await links.request_refresh(made.code, NOW)
    assert not await links.request_refresh(made.code, NOW)
    assert await links.due(NOW) == [made.code]
    await store.run("DEL", store.keys.asked(made.code))
    assert await links.request_refresh(made.code, NOW + DAY)  # was due earlier: stays so
    assert await links.due(NOW) == [made.code]
    assert not await links.request_refresh(UNKNOWN, NOW)


async def test_a_request_pulls_no_retry_forward(links: LinkStore) -> None:
    made = await saved(links, shown=snapshot(NOW + DAY))
    await links.schedule(made.code, NOW + 2 * DAY)
    assert not await links.request_refresh(made.code, NOW + DAY)
    assert await links.due(NOW + DAY) == []
    assert await links.request_refresh(made.code, NOW + 2 * DAY)


async def test_a_new_promotion_ends_the_wait_for_a_retry(links: LinkStore) -> None:
    made = await saved(links, shown=snapshot(NOW + DAY))
    await links.schedule(made.code, NOW + 2 * DAY)
    await links.save(replace(made, refreshed_at=NOW + DAY))
    assert await links.request_refresh(made.code, NOW + DAY)


async def test_what_is_not_stored_is_never_due(links: LinkStore) -> None:
    await links.schedule(UNKNOWN, NOW)
    assert await links.due(NOW) == []


async def test_one_process_claims_a_refresh(links: LinkStore, store: Store) -> None:
    made = await saved(links, shown=snapshot(NOW + DAY))
    other = LinkStore(store)
    assert await links.claim(made.code)
    assert not await other.claim(made.code)
    assert not await other.request_refresh(made.code, NOW)
    assert 0 < await store.run("TTL", store.keys.asked(made.code)) <= 60


async def test_a_refresh_overwrites_no_newer_promotion(links: LinkStore) -> None:
    read = await saved(links)
    newer = replace(read, targets=Targets(web="https://u.jd.com/newer"), refreshed_at=NOW + DAY)
    await links.save(newer)
    late = replace(read, targets=Targets(web="https://u.jd.com/late"), refreshed_at=NOW + 2 * DAY)
    assert await links.save(late, read=read) == newer
    assert await links.get(read.code) == newer
    assert await links.save(late, read=newer) == late
    assert await links.get(read.code) == late


async def test_a_link_without_an_end_can_be_asked_for(links: LinkStore) -> None:
    made = await saved(links)
    assert await links.request_refresh(made.code, NOW)
    assert await links.due(NOW) == [made.code]


async def test_a_promotion_link_of_ours_leads_back_to_its_code(links: LinkStore) -> None:
    made = await saved(links, level=Attribution.NONE)
    assert await links.code_of_target(made.targets.web) == made.code
    fresh = replace(made, targets=Targets(web="https://u.jd.com/new"))
    await links.save(fresh)
    assert await links.code_of_target("https://u.jd.com/new") == made.code
    assert await links.code_of_target(made.targets.web) == made.code  # still in old messages
    assert await links.code_of_target("https://u.jd.com/other") is None
