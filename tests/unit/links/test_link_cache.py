from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.links.cache import LinkCache
from bot.links.store import LinkStore
from bot.redis.errors import StoreUnavailable
from tests.unit.links.link_rig import NOW, link, saved

if TYPE_CHECKING:
    from bot.links.models import ShortLink
    from bot.redis.connection import Store

CODE, OTHER, THIRD = "abcdefg", "hijkmno", "pqrstuv"


class Links(LinkStore):
    """Links in memory that count how often they are read and can be down."""

    def __init__(self, *links: ShortLink) -> None:
        self.links = {link.code: link for link in links}
        self.reads: list[str] = []
        self.down = False

    async def get(self, code: str) -> ShortLink | None:
        self.reads.append(code)
        if self.down:
            raise StoreUnavailable("down")
        return self.links.get(code)


class Time:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def links() -> Links:
    return Links(link(CODE), link(OTHER), link(THIRD))


async def test_a_link_is_read_once_in_its_time(links: Links, time: Time) -> None:
    cache = LinkCache(links, ttl=10, time=time)
    for _ in range(3):
        assert await cache.get(CODE) == link(CODE)
    assert links.reads == [CODE]
    links.links[CODE] = replace(link(CODE), disabled=True)
    time.at += 10
    found = await cache.get(CODE)
    assert found is not None
    assert found.disabled


async def test_an_unknown_code_is_remembered_shortly(links: Links, time: Time) -> None:
    cache = LinkCache(links, negative_ttl=3, time=time)
    assert await cache.get("1111111") is None
    assert await cache.get("1111111") is None
    assert len(links.reads) == 1
    links.links["1111111"] = link("1111111")
    time.at += 3
    assert await cache.get("1111111") == link("1111111")


async def test_known_links_go_on_while_the_store_is_down(links: Links, time: Time) -> None:
    cache = LinkCache(links, ttl=10, time=time)
    await cache.get(CODE)
    assert await cache.get("1111111") is None
    links.down = True
    time.at += 3600
    assert await cache.get(CODE) == link(CODE)
    assert await cache.get(CODE) == link(CODE)
    assert links.reads.count(CODE) == 2  # asked again only after the next ttl
    with pytest.raises(StoreUnavailable):
        await cache.get(OTHER)
    with pytest.raises(StoreUnavailable):
        await cache.get("1111111")  # that there was none is no answer now


async def test_the_least_recently_used_makes_room(links: Links, time: Time) -> None:
    cache = LinkCache(links, size=2, time=time)
    await cache.get(CODE)
    await cache.get(OTHER)
    await cache.get(CODE)
    await cache.get(THIRD)
    links.reads.clear()
    await cache.get(CODE)
    await cache.get(THIRD)
    assert links.reads == []
    await cache.get(OTHER)
    assert links.reads == [OTHER]


async def test_guessed_codes_push_no_link_out(links: Links, time: Time) -> None:
    cache = LinkCache(links, size=2, time=time)
    await cache.get(CODE)
    for guess in range(10):
        assert await cache.get(f"11111{guess:02d}") is None
    links.reads.clear()
    assert await cache.get(CODE)
    assert links.reads == []


async def test_what_was_made_here_is_known_at_once(links: Links, time: Time) -> None:
    cache = LinkCache(links, time=time)
    assert await cache.get("1111111") is None
    cache.put(link("1111111"))
    assert await cache.get("1111111") == link("1111111")
    cache.forget("1111111")
    assert await cache.get("1111111") is None


async def test_over_the_real_store(store: Store) -> None:
    links = LinkStore(store)
    made = await saved(links)
    cache = LinkCache(links)
    assert await cache.get(made.code) == made
    assert await cache.get("no code") is None
    assert made.used_at == NOW
