"""Which rights the account has: told, tried, remembered."""

from __future__ import annotations

import asyncio

import pytest

from adapters.errors import AuthFailed, QuotaUsedUp
from adapters.taobao.info import INFO as DECLARED
from adapters.taobao.rights import GrantedRights
from adapters.taobao.together import all_of, pair
from tests.unit.adapters.taobao_rig import (
    CONVERT,
    COUPON_CONVERT,
    INFO,
    PARSE,
    SCENE,
    SEARCH,
    TPWD_CONVERT,
    TPWD_PARSE,
    Script,
    error,
    mocked,
    root,
    scripted,
)

ALL = frozenset(right.id for right in DECLARED.rights)
STRICT = frozenset({CONVERT, PARSE, TPWD_CONVERT, TPWD_PARSE, SCENE})


def everything(answer: object) -> Script:
    """A gateway that answers every method alike."""
    script = Script()
    for right in ALL:
        script.on(right, answer)
    return script


async def test_the_mock_s_two_accounts() -> None:
    async with mocked() as rig:
        rights = await rig.adapter.check()
        assert (rights.granted, rights.missing, rights.unknown) == (ALL, frozenset(), frozenset())
    async with mocked("strict") as rig:
        rights = await rig.adapter.check()
        assert (rights.granted, rights.missing) == (ALL - STRICT, STRICT)
        rig.world.set_profile("taobao", "lenient")
        assert (await rig.adapter.check()).granted == ALL


async def test_a_business_error_shows_that_the_right_is_there() -> None:
    script = everything(error(15, "isv.item-not-exist")).on(PARSE, error(11))
    async with scripted(script) as adapter:
        rights = await adapter.check()
    assert rights.missing == {PARSE}
    assert rights.granted == ALL - {PARSE}


async def test_a_silent_gateway_leaves_a_right_unknown() -> None:
    script = everything(error(15, "isv.item-not-exist")).on(TPWD_PARSE, error(10))
    script.on(INFO, error(15, "35"))
    async with scripted(script) as adapter:
        rights = await adapter.check()
    assert rights.unknown == {TPWD_PARSE}
    assert SCENE in rights.missing


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(25), AuthFailed),
        (error(29), AuthFailed),
        (error(15, "isv.pid-not-correct"), AuthFailed),
        (error(7, "accesscontrol.limited-by-app-access-count"), QuotaUsedUp),
    ],
)
async def test_wrong_keys_are_told(answer: object, kind: type[Exception]) -> None:
    async with scripted(everything(answer)) as adapter:
        with pytest.raises(kind):
            await adapter.check()
    async with scripted(everything(answer), rights=[CONVERT]) as adapter:
        with pytest.raises(kind):
            await adapter.check()


async def test_listed_rights_are_believed_with_one_call() -> None:
    script = Script().on(SEARCH, root(SEARCH, {}))
    async with scripted(script, rights=[CONVERT, SEARCH, "unheard.of"]) as adapter:
        rights = await adapter.check()
    assert rights.granted == {CONVERT, SEARCH, SCENE}
    assert rights.missing == ALL - rights.granted
    assert script.methods() == [SEARCH]


def test_a_refused_right_is_remembered_for_an_hour_or_until_it_is_forgotten() -> None:
    now = [100.0]
    rights = GrantedRights(None, lambda: now[0])
    assert rights.has(COUPON_CONVERT)
    rights.refused(COUPON_CONVERT)
    now[0] += 3599
    assert not rights.has(COUPON_CONVERT)
    now[0] += 1
    assert rights.has(COUPON_CONVERT)
    rights.refused(COUPON_CONVERT)
    assert not rights.has(COUPON_CONVERT)
    rights.forget()
    assert rights.has(COUPON_CONVERT)


async def test_the_first_failure_stops_the_others() -> None:
    stopped: list[str] = []

    async def waits(name: str) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(name)
        return name

    async def fails() -> str:
        await asyncio.sleep(0)
        raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        await all_of([waits("a"), fails(), waits("b")])
    with pytest.raises(ValueError, match="first"):
        await pair(fails(), waits("c"))
    with pytest.raises(ValueError, match="first"):
        await pair(waits("d"), fails())
    assert sorted(stopped) == ["a", "b", "c", "d"]
