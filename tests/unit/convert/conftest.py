"""A shop, and everything real around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import fakeredis
import pytest

from bot.redis.connection import Store
from bot.redis.keys import Keys
from tests.support.shop_app import ShopApp, make_shop_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def memory_store() -> AsyncIterator[Store]:
    """A store in memory."""
    client = fakeredis.FakeAsyncRedis(decode_responses=True, protocol=2)
    store = Store(client, Keys("test"))
    yield store
    await store.close()


@pytest.fixture
async def app(memory_store: Store) -> AsyncIterator[ShopApp]:
    """One mock platform with everything around it."""
    made = make_shop_app(memory_store)
    yield made
    await made.items.close()
