from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Attribution, Money, Ownership, OwnershipKind, Placement
from bot.links.models import REFRESH_LEAD, Targets
from bot.links.records import BadRecord, dump, from_us, link_from_json, link_to_json, to_us
from tests.unit.links.link_rig import DAY, NOW, link, snapshot

FULL = link(
    "abcdefg",
    account="second",
    placement=Placement(account="other", pid="mm_1_2_3", promoter_tag="p1", sub_id="abcdefg"),
    targets=Targets(web="https://s.click.taobao.com/x", app="tbopen://x", tpwd="￥Ab12￥"),
    level=Attribution.PROMOTER,
    ownership=Ownership(kind=OwnershipKind.UNKNOWN, reason="hidden"),
    shown=snapshot(NOW + DAY),
    ended=snapshot(price=6000),
    link_expires_at=NOW + 60 * DAY,
    refreshed_at=NOW + DAY,
    disabled=True,
)


@pytest.mark.parametrize("kept", [FULL, link("abcdefg")])
def test_a_link_comes_back_as_it_was(kept: Any) -> None:
    again = link_from_json(link_to_json(kept))
    assert again == kept
    assert again.ref.source == kept.ref.source  # not part of equality


def test_a_record_is_compact() -> None:
    text = link_to_json(link("abcdefg"))
    assert ": " not in text
    assert len(text) < 600
    assert "null" not in text


@given(
    st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - the strategy adds UTC
    st.integers(min_value=-(10**12), max_value=10**12),
    st.text(max_size=20),
)
def test_times_money_and_text_are_exact(at: datetime, fen: int, text: str) -> None:
    seen = at.replace(tzinfo=UTC)
    shown = replace(snapshot(seen), price=Money(fen), seen_at=seen, title=text)
    assert link_from_json(link_to_json(link("abcdefg", shown=shown))).shown == shown
    assert from_us(to_us(seen)) == seen


def changed(**changes: Any) -> str:
    record = json.loads(link_to_json(FULL))
    for name, value in changes.items():
        if value is None:
            del record[name]
        else:
            record[name] = value
    return dump(record)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        "null",
        "{",
        "[" * 100_000,
        changed(v=2),
        changed(code=None),
        changed(code=7),
        changed(created="yesterday"),
        changed(used=True),
        changed(level=9),
        changed(owner="mine"),
        changed(shown=None),
        changed(shown=[]),
        changed(surprise=1),
        changed(ended={"title": "x"}),
        changed(shown={"title": "x", "price": 1, "final": 1, "seen": 1, "more": 1}),
        changed(off=1),
    ],
)
def test_a_record_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(BadRecord):
        link_from_json(text)


def test_refresh_is_due_at_the_end_of_the_coupon() -> None:
    assert link("abcdefg").refresh_at() is None
    assert link("abcdefg", shown=snapshot(NOW + DAY)).refresh_at() == NOW + DAY
    ended = link("abcdefg", shown=snapshot(NOW + DAY), ended=snapshot())
    assert ended.refresh_at() is None


def test_refresh_is_due_before_the_end_of_the_platforms_link() -> None:
    ends = NOW + 60 * DAY
    assert link("abcdefg", link_expires_at=ends).refresh_at() == ends - REFRESH_LEAD
    both = link("abcdefg", link_expires_at=ends, shown=snapshot(NOW + DAY))
    assert both.refresh_at() == NOW + DAY
    assert both.renew_at() == ends - REFRESH_LEAD
    assert link("abcdefg", shown=snapshot(NOW + DAY)).renew_at() is None


def test_a_short_lived_platform_link_is_not_refreshed_without_pause() -> None:
    made = link("abcdefg", refreshed_at=NOW, link_expires_at=NOW + timedelta(hours=10))
    assert made.refresh_at() == NOW + timedelta(hours=9)


def test_a_link_lives_from_its_last_use() -> None:
    made = link("abcdefg", used_at=NOW)
    assert made.is_live(NOW + 90 * DAY - timedelta(seconds=1))
    assert not made.is_live(NOW + 90 * DAY)
    assert not made.is_live(NOW + 2 * DAY, life=DAY)
    assert not replace(made, disabled=True).is_live(NOW)
