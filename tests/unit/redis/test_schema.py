from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fakeredis
import pytest

from bot.redis.backup import back_up
from bot.redis.connection import Store, connect
from bot.redis.embedded import Embedded, open_embedded
from bot.redis.errors import (
    CommandRefused,
    EmbeddedStoreError,
    StoreTooNew,
    StoreTooOld,
    StoreUnavailable,
    WrongStamp,
)
from bot.redis.keys import Keys
from bot.redis.schema import SCHEMA, Schema, durability

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.redis.connection import Part

VAR = Path("/srv/taoke/var")


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Embedded]:
    opened = await open_embedded(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def own(embedded: Embedded) -> AsyncIterator[Store]:
    """The embedded store of `tmp_path`."""
    made = await connect(embedded.redis_url)
    yield made
    await made.close()


class Steps:
    """Steps 1 -> 2 -> 3 that write down what they did; the second can be killed."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.killed = False
        self.by_version = {1: self.first, 2: self.second}

    async def first(self, store: Store) -> None:
        self.done.append(1)
        await store.run("SET", "one", 1)

    async def second(self, store: Store) -> None:
        self.done.append(2)
        await store.run("SET", "two", 1)
        if self.killed:
            raise KeyboardInterrupt


def backups(folder: Path) -> set[str]:
    return {entry.name for entry in folder.glob("backup*")}


async def test_an_empty_store_gets_this_programs_layout(store: Store) -> None:
    assert await Schema(store, data_dir=VAR).open() == SCHEMA
    assert await Schema(store, data_dir=VAR).open() == SCHEMA
    assert await store.run("GET", store.keys.schema()) == str(SCHEMA)


async def test_an_older_program_refuses(store: Store) -> None:
    await Schema(store, data_dir=VAR, version=3).open()
    with pytest.raises(
        StoreTooNew, match=r"/srv/taoke/var was written by a newer program.*layout 3"
    ):
        await Schema(store, data_dir=VAR).open()
    assert await store.run("GET", store.keys.schema()) == "3"


async def test_a_newer_program_backs_up_and_migrates_in_steps(own: Store, tmp_path: Path) -> None:
    await Schema(own, data_dir=tmp_path, version=1).open()
    await own.run("SET", "money", 100)
    steps = Steps()
    newer = Schema(own, data_dir=tmp_path, version=3, steps=steps.by_version)
    assert await newer.open() == 1
    assert steps.done == [1, 2]
    assert await own.run("MGET", "one", "two", own.keys.schema()) == ["1", "1", "3"]
    assert await newer.open() == 3
    assert steps.done == [1, 2]
    saved = tmp_path / "backup-1-to-3" / "appendonlydir"
    text = b"".join(file.read_bytes() for file in saved.iterdir())
    assert b"money" in text
    assert b"two" not in text
    assert await own.run("EXISTS", own.keys.migration()) == 0
    percentage = await own.run("CONFIG", "GET", "auto-aof-rewrite-percentage")
    assert percentage[1] == "100"


async def test_a_killed_migration_goes_on_where_it_was(own: Store, tmp_path: Path) -> None:
    await Schema(own, data_dir=tmp_path, version=1).open()
    steps = Steps()
    steps.killed = True
    newer = Schema(own, data_dir=tmp_path, version=3, steps=steps.by_version)
    with pytest.raises(KeyboardInterrupt):
        await newer._migrate()
    steps.killed = False
    assert await newer.open() == 2
    assert steps.done == [1, 2, 2]
    assert backups(tmp_path) == {"backup-1-to-3", "backup-2-to-3"}


async def test_two_programs_do_not_migrate_at_once(own: Store, tmp_path: Path) -> None:
    await Schema(own, data_dir=tmp_path, version=1).open()
    await own.run("SET", own.keys.migration(), "another")
    newer = Schema(own, data_dir=tmp_path, version=3, steps=Steps().by_version)
    with pytest.raises(StoreUnavailable, match="another process is migrating"):
        await newer.open()
    assert await own.run("GET", own.keys.migration()) == "another"


async def test_the_lock_is_renewed_while_a_step_runs(own: Store, tmp_path: Path) -> None:
    await Schema(own, data_dir=tmp_path, version=1).open()

    async def long_step(store: Store) -> None:
        await store.run("EXPIRE", store.keys.migration(), 5)
        async with asyncio.timeout(5):
            while await store.run("TTL", store.keys.migration()) < 10:
                await asyncio.sleep(0.01)

    newer = Schema(own, data_dir=tmp_path, version=2, steps={1: long_step}, renew_every=0.01)
    assert await newer.open() == 1


async def test_the_second_to_migrate_finds_it_done(own: Store, tmp_path: Path) -> None:
    await Schema(own, data_dir=tmp_path, version=3).open()
    steps = Steps()
    await Schema(own, data_dir=tmp_path, version=3, steps=steps.by_version)._migrate()
    assert steps.done == []


async def test_a_store_of_the_operators_own_is_not_migrated(redis_store: Store) -> None:
    await Schema(redis_store, data_dir=VAR, version=1).open()
    newer = Schema(redis_store, data_dir=VAR, version=2, steps=Steps().by_version)
    with pytest.raises(StoreTooOld, match="TAOKE_REDIS__URL") as refused:
        await newer.open()
    assert "docs/" not in str(refused.value)  # no page that the reader does not have
    assert await redis_store.run("GET", redis_store.keys.schema()) == "1"


async def test_a_backup_starts_as_a_store(own: Store, tmp_path: Path) -> None:
    await own.run("SET", "money", 100)
    await own.run("BGREWRITEAOF")
    saved = await back_up(own, tmp_path, "saved")
    await own.run("SET", "money", 200)
    assert await back_up(own, tmp_path, "saved") == saved  # done once
    other = tmp_path / "other"
    other.mkdir()
    saved.rename(other / "store")
    restored = await open_embedded(other)
    store = await connect(restored.redis_url)
    assert await store.run("GET", "money") == "100"
    await store.close()
    await restored.close()


async def test_a_backup_that_was_killed_is_made_anew(own: Store, tmp_path: Path) -> None:
    part = tmp_path / "saved.part"
    part.mkdir()
    (part / "half").touch()
    saved = await back_up(own, tmp_path, "saved")
    assert not (saved / "half").exists()
    assert not part.exists()


async def test_a_backup_that_cannot_be_written(own: Store, tmp_path: Path) -> None:
    (tmp_path / "saved.part").touch()
    with pytest.raises(EmbeddedStoreError, match="saved cannot be written"):
        await back_up(own, tmp_path, "saved")


async def test_mock_and_live_never_share_a_store(store: Store) -> None:
    schema = Schema(store, data_dir=VAR)
    await schema.stamp("mock")
    await schema.stamp("mock")
    await Schema(store, data_dir=VAR).stamp("mock")
    with pytest.raises(
        WrongStamp, match=r"/srv/taoke/var belongs to mock platforms.*TAOKE_DATA_DIR"
    ):
        await Schema(store, data_dir=VAR).stamp("live")
    assert await store.run("GET", store.keys.stamp()) == "mock"


@pytest.mark.parametrize("fsync", ["always", "everysec", "no"])
async def test_durability(redis_store: Store, fsync: str) -> None:
    await redis_store.run("CONFIG", "SET", "appendfsync", fsync)
    assert await durability(redis_store) == fsync
    assert await Schema(redis_store, data_dir=VAR).durability() == fsync
    await redis_store.run("CONFIG", "SET", "appendfsync", "always")


class Told(Store):
    """A store that answers CONFIG GET as set, or forbids it."""

    answer: list[str] | None = None

    async def run(self, *parts: Part) -> Any:
        if self.answer is None:
            raise CommandRefused("unknown command 'CONFIG'")
        return self.answer


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, "unknown"),
        ([], "unknown"),
        (["appendonly", "no", "appendfsync", "always"], "off"),
        (["appendonly", "yes"], "unknown"),
    ],
)
async def test_durability_that_is_not_told(answer: list[str] | None, expected: str) -> None:
    told = Told(fakeredis.FakeAsyncRedis(), Keys())
    told.answer = answer
    assert await durability(told) == expected
    with pytest.raises(StoreTooOld):
        await back_up(told, VAR, "saved")
    await told.close()
