"""`custom_parameters`: what is sent, and what an order tells."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Attribution, Placement
from adapters.pinduoduo.attribution import (
    Detail,
    account_level,
    custom_parameters,
    level_of,
    placement_of,
    uid_only,
)
from tests.unit.adapters.pinduoduo_rig import HOUSE, LEASED, placed, settings


def test_it_is_compact_json() -> None:
    assert custom_parameters(placed(), Detail.UID_AND_SID) == '{"uid":"p42","sid":"Ab3dE6g"}'
    assert custom_parameters(placed(), Detail.UID) == '{"uid":"p42"}'
    assert custom_parameters(placed(), Detail.NOTHING) is None


def test_a_code_without_promoter_still_has_a_uid() -> None:
    assert custom_parameters(placed(tag=""), Detail.UID_AND_SID) == '{"uid":"-","sid":"Ab3dE6g"}'
    assert custom_parameters(placed(tag=""), Detail.UID) is None
    assert custom_parameters(placed(code=""), Detail.UID_AND_SID) == '{"uid":"p42"}'
    assert custom_parameters(placed(tag="", code=""), Detail.UID_AND_SID) is None


@pytest.mark.parametrize("detail", list(Detail))
@pytest.mark.parametrize("tag", ["", "p42", "推广", "推" * 20])
@pytest.mark.parametrize("code", ["", "Ab3dE6g", "x" * 60])
def test_authorisation_is_asked_for_the_uid_that_was_sent(
    tag: str, code: str, detail: Detail
) -> None:
    sent = custom_parameters(placed(tag=tag, code=code), detail)
    asked = uid_only(sent)
    if sent is None:
        assert asked is None
    else:
        assert asked is not None
        assert json.loads(asked) == {"uid": json.loads(sent)["uid"]}


def test_64_bytes_are_kept_the_code_goes_first() -> None:
    assert custom_parameters(placed(code="x" * 60), Detail.UID_AND_SID) == '{"uid":"p42"}'
    assert custom_parameters(placed(tag="推" * 20), Detail.UID_AND_SID) is None


def test_levels() -> None:
    house = placed()
    assert level_of('{"uid":"p42","sid":"a"}', house, HOUSE) is Attribution.LINK
    assert level_of('{"uid":"p42"}', house, HOUSE) is Attribution.PROMOTER
    assert level_of(None, house, HOUSE) is Attribution.NONE
    assert level_of(None, placed(pid=LEASED), HOUSE) is Attribution.PROMOTER
    assert account_level(Detail.UID_AND_SID, settings()) is Attribution.LINK
    assert account_level(Detail.UID, settings(pool=[])) is Attribution.PROMOTER
    assert account_level(Detail.NOTHING, settings()) is Attribution.PROMOTER
    assert account_level(Detail.NOTHING, settings(pool=[])) is Attribution.NONE


@given(
    st.text("0123456789abcXYZ", max_size=12),
    st.text("123456789ABCDEFGHabcdefgh", min_size=7, max_size=7),
)
def test_what_was_sent_comes_back(tag: str, code: str) -> None:
    sent = placed(tag=tag, code=code)
    text = custom_parameters(sent, Detail.UID_AND_SID)
    assert text is not None
    assert len(text.encode()) <= 64
    assert placement_of("main", HOUSE, text) == sent


@pytest.mark.parametrize(
    "custom", [None, "", "{", "[]", '"x"', "7", '{"uid":1,"sid":[]}', '{"sid":"' + "x" * 60 + '"}']
)
def test_what_is_not_ours_attributes_nothing(custom: str | None) -> None:
    assert placement_of("main", HOUSE, custom) == Placement(account="main", pid=HOUSE)


def test_no_p_id_no_placement() -> None:
    assert placement_of("main", None, '{"uid":"p42"}') is None
