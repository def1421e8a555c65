"""Plain and opaque ids of the mock world."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mock.ids import canonical_id, keyed, plain_id

PLATFORMS = ("taobao", "jd", "pinduoduo", "elsewhere")
FORMS = {
    "taobao": r"[A-Za-z0-9]{24}-[A-Za-z0-9]{18}",
    "jd": r"[A-Za-z0-9]{26}_3[A-Za-z0-9]{17}",
    "pinduoduo": r"[A-Za-z0-9_-]{33}_J[A-Za-z0-9]{8}",
    "elsewhere": r"[A-Za-z0-9]{32}",
}
numbers = st.integers(min_value=1, max_value=10**19 - 1).map(str)


@given(st.sampled_from(PLATFORMS), numbers)
def test_the_opaque_form_leads_back_to_the_number(platform: str, number: str) -> None:
    opaque = canonical_id(platform, number)
    assert re.fullmatch(FORMS[platform], opaque)
    assert plain_id(platform, opaque) == number
    assert plain_id(platform, number) == number


def test_ids_are_the_same_in_every_run() -> None:
    assert canonical_id("taobao", "123456789") == "pzx65d4GdviwwQv4TWXdbVhD-X55iIe4COy3dIDV1fg"
    assert canonical_id("jd", "123456789") == "e3Kl3Sa0CIpJFiPO8PiERNZNID_3ZvkWpf1cenpaqfw47"
    assert canonical_id("pinduoduo", "123456789") == "J4dhBxf2rA-JBbIGXb5huejRLoTcirXlC_JSF1STj5B"


def test_an_opaque_id_of_another_platform_or_world_is_an_item_of_its_own() -> None:
    opaque = canonical_id("taobao", "123456789")
    other = plain_id("taobao", opaque.swapcase())
    assert other != "123456789"
    assert plain_id("taobao", opaque.swapcase()) == other
    assert plain_id("jd", opaque) != "123456789"
    # The largest letters make a number that no seal can have.
    assert plain_id("taobao", "9" * 24 + "-" + "9" * 18) != "123456789"


@pytest.mark.parametrize(
    "odd", ["", "0", "0123", "abc", "1" * 20, "９９", "-5", "a/b?c", "\ud800x"]
)
def test_anything_else_is_a_made_up_number_away_from_the_scenarios(odd: str) -> None:
    for platform in PLATFORMS:
        assert re.fullmatch(r"[1-8][0-9]{11}", plain_id(platform, odd))


def test_platform_and_purpose_are_part_of_the_hash() -> None:
    assert len({keyed("a", "b"), keyed("b", "a"), keyed("ab"), keyed("a", "b", "c")}) == 4
