from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.people.models import Promoter, is_promoter_id, new_promoter_id
from bot.people.store import PromoterStore
from bot.redis.connection import Script, Store
from bot.redis.errors import CommandRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bot.redis.connection import Part


@pytest.fixture
def promoters(store: Store) -> PromoterStore:
    return PromoterStore(store)


async def test_an_account_keeps_its_promoter(promoters: PromoterStore) -> None:
    first = await promoters.for_account("telegram:main:42")
    assert is_promoter_id(first)
    assert len(first) <= 12
    assert await promoters.for_account("telegram:main:42") == first
    assert await promoters.for_account("telegram:main:43") != first
    expected = Promoter(id=first, accounts=frozenset({"telegram:main:42"}))
    assert await promoters.get(first) == expected


async def test_an_id_tells_nothing_of_the_account(promoters: PromoterStore) -> None:
    assert "42" * 3 not in await promoters.for_account("telegram:main:424242")


async def test_many_at_once_get_one_promoter(promoters: PromoterStore) -> None:
    found = await asyncio.gather(*(promoters.for_account("web:main:x") for _ in range(30)))
    assert len(set(found)) == 1


async def test_ensure_makes_a_promoter_once(promoters: PromoterStore) -> None:
    assert await promoters.get("anna") is None
    await promoters.ensure("anna")
    await promoters.ensure("anna")
    assert await promoters.get("anna") == Promoter(id="anna")
    with pytest.raises(ValueError, match="1 to 12"):
        await promoters.ensure("Anna")
    assert await promoters.get("Anna:{x}") is None


@pytest.mark.parametrize("text", ["", "a" * 13, "Ann", "a-b", "a b", "ä", "安", "a\n"])
def test_what_is_no_id(text: str) -> None:
    assert not is_promoter_id(text)


def test_ids_are_random() -> None:
    ids = {new_promoter_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(map(is_promoter_id, ids))


class Taken(Store):
    """A store that finds so many fresh ids taken."""

    taken = 0

    async def call(self, script: Script, keys: Sequence[str], args: Sequence[Part] = ()) -> Any:
        if self.taken:
            self.taken -= 1
            await self.run("HSET", keys[1], "known", 1)
        return await super().call(script, keys, args)


async def test_a_taken_id_is_drawn_anew(store: Store) -> None:
    taken = Taken(store.client, store.keys)
    promoters = PromoterStore(taken)
    taken.taken = 3
    assert await promoters.for_account("a:b:c") == await promoters.for_account("a:b:c")
    taken.taken = 100
    with pytest.raises(CommandRefused, match="no free promoter id"):
        await promoters.for_account("d:e:f")
    await taken.close()
