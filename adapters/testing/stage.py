"""A mock platform on loopback, adapters that speak to it, and what the tests ask of both."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import SecretStr

from adapters.contract import AdapterContext, LinkKind, Placement
from adapters.links import LinkPattern
from adapters.mock.faults import FaultRule
from adapters.mock.server import start_mock_server
from adapters.quota import NoQuota

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from datetime import datetime

    from adapters.contract import (
        AdapterInfo,
        AdapterSettings,
        LinkMatch,
        Offer,
        PlatformAdapter,
        Quota,
    )
    from adapters.mock.contract import MockPlatform
    from adapters.mock.server import MockServer

__all__ = ["ACCOUNT", "ContractBase", "Stage"]

ACCOUNT = "main"
SLOW = "0.6"
"""Seconds of the fault `slow`."""


class Stage:
    """One mock platform and the adapters built against it; all are closed with it."""

    def __init__(self, server: MockServer, adapter_class: type[PlatformAdapter]) -> None:
        self.server = server
        self.world = server.world
        self.mock: MockPlatform = server.mocks[0]
        self.adapter_class = adapter_class
        self.info: AdapterInfo = adapter_class.info
        self._adapters: list[PlatformAdapter] = []
        self._recogniser: Any = None

    def settings(self, changes: Mapping[str, object] | None = None) -> AdapterSettings:
        """The mock's own client settings with changes."""
        values = {**self.mock.client_settings(self.server.base_url), **(changes or {})}
        return self.info.settings.model_validate(values)

    def build(
        self,
        changes: Mapping[str, object] | None = None,
        *,
        now: Callable[[], datetime] | None = None,
        quota: Quota | None = None,
    ) -> PlatformAdapter:
        """An adapter that is not started."""
        context = AdapterContext(
            account=ACCOUNT, now=now or self.world.now, quota=quota or NoQuota()
        )
        adapter = self.adapter_class(self.settings(changes), context)
        self._adapters.append(adapter)
        return adapter

    async def adapter(
        self,
        changes: Mapping[str, object] | None = None,
        *,
        now: Callable[[], datetime] | None = None,
        quota: Quota | None = None,
    ) -> PlatformAdapter:
        """A started adapter."""
        adapter = self.build(changes, now=now, quota=quota)
        await adapter.start()
        return adapter

    async def close(self) -> None:
        """Close the adapters, then the mock."""
        for adapter in self._adapters:
            await adapter.close()
        await self.server.close()

    def secrets(self) -> dict[str, str]:
        """The secret values of the settings, by field."""
        settings = self.settings()
        return {
            name: value.get_secret_value()
            for name in type(settings).model_fields
            if isinstance(value := getattr(settings, name), SecretStr) and value.get_secret_value()
        }

    def fault(self, kind: str, *, count: int | None = None) -> None:
        """Every call (or the next `count`) meets this fault."""
        args = {"seconds": SLOW} if kind == "slow" else {}
        self.world.faults.add(
            FaultRule(platform=self.info.id, method="*", kind=kind, count=count, args=args)
        )

    def recognise(self, text: str) -> Sequence[LinkMatch]:
        """The links in a text as the application finds them.

        By name: this suite is run beside the application, which adapters themselves never import.
        """
        if self._recogniser is None:
            module = import_module("bot.convert.recognise")
            self._recogniser = module.Recogniser({self.info.id: self.info.patterns})
        found: Sequence[LinkMatch] = self._recogniser.recognise(text)
        return found

    def item_link(self, item_id: str) -> LinkMatch:
        """A link to the item with this plain number, made from a declared example."""
        for pattern in self.info.patterns:
            if (
                isinstance(pattern, LinkPattern)
                and pattern.kind is LinkKind.ITEM
                and (pattern.example_id or "").isdigit()
            ):
                text = pattern.example.replace(pattern.example_id or "", item_id)
                return self.recognise(text)[0]
        raise AssertionError("one pattern of kind ITEM needs an example with a plain number")

    async def offer(self, adapter: PlatformAdapter, item_id: str) -> Offer:
        """The offer of the item with this plain number."""
        return await adapter.offer(await adapter.resolve(self.item_link(item_id)))

    def placement(self, number: int = 0) -> Placement:
        """A promoter's placement: the first, second, ... leased one where a pool is declared."""
        settings = self.settings()
        pool = settings.pool or (settings.house_pid(),)
        return Placement(
            account=ACCOUNT,
            pid=pool[number % len(pool)],
            promoter_tag=f"p{number}",
            sub_id=f"Ab3dE5{'GHJKLMNP'[number]}",
        )


class ContractBase:
    """What a subclass says about its adapter, and the fixtures that follow from it."""

    adapter_class: ClassVar[type[PlatformAdapter]]
    mock_class: ClassVar[type[MockPlatform]]
    stranger: ClassVar[Mapping[str, object]] = {}
    """Settings under which this account's own links are somebody else's; default: another house
    placement without a pool."""

    @pytest.fixture
    async def stage(self) -> AsyncIterator[Stage]:
        """The mock platform, in memory."""
        server = await start_mock_server(None, platforms=[self.mock_class])
        stage = Stage(server, self.adapter_class)
        yield stage
        await stage.close()

    @pytest.fixture
    async def adapter(self, stage: Stage) -> PlatformAdapter:
        """A started adapter with the mock's own settings."""
        return await stage.adapter()
