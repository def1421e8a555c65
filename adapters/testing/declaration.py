"""What an adapter declares, and that it opens nothing before it is asked to."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from pydantic import SecretStr

from adapters.contract import (
    CONTRACT_VERSION,
    AdapterSettings,
    Attribution,
    Capability,
    LinkKind,
    PlatformAdapter,
)
from adapters.links import LinkPattern
from adapters.registry import load, load_mock
from adapters.testing.stage import ContractBase

if TYPE_CHECKING:
    from adapters.testing.stage import Stage

__all__ = ["DeclarationTests"]

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class DeclarationTests(ContractBase):
    """`AdapterInfo`, settings, life cycle."""

    def test_info_names_itself(self) -> None:
        info = self.adapter_class.info
        assert re.fullmatch(r"[a-z][a-z0-9]{1,19}", info.id)
        assert info.id == self.mock_class.id
        assert info.contract == CONTRACT_VERSION
        assert info.name_zh
        assert info.name_en
        assert issubclass(info.settings, AdapterSettings)

    def test_hosts_are_exact_lower_case_names(self) -> None:
        info = self.adapter_class.info
        assert info.promotion_hosts
        for host in info.hosts | info.promotion_hosts | info.image_hosts:
            assert _HOST.fullmatch(host), host

    def test_every_pattern_has_hosts_and_an_example(self) -> None:
        patterns = self.adapter_class.info.patterns
        assert any(pattern.example_id for pattern in patterns), "no example names an item"
        for pattern in patterns:
            assert pattern.example
            if isinstance(pattern, LinkPattern):
                assert pattern.hosts
                assert all(host == host.lower() for host in pattern.hosts)

    def test_capabilities_and_attribution_fit_together(self) -> None:
        info = self.adapter_class.info
        assert list(info.attribution) == sorted(info.attribution, reverse=True)
        assert Attribution.NONE in info.attribution
        assert (Capability.ORDER_SYNC in info.capabilities) == (info.order_window is not None)
        ids = [right.id for right in info.rights]
        assert len(ids) == len(set(ids))
        assert all(right.without_zh and right.without_en for right in info.rights)

    def test_settings_know_their_keys_and_hide_their_secrets(self, stage: Stage) -> None:
        model = stage.info.settings
        assert model.key_fields
        assert set(model.key_fields) <= set(model.model_fields)
        settings = stage.settings()
        assert settings.missing_keys() == ()
        assert settings.house_pid()
        assert not set(settings.pool) & {settings.house_pid()}
        for name in model.key_fields:
            if "secret" in name:
                assert isinstance(getattr(settings, name), SecretStr), name
        for secret in stage.secrets().values():
            assert secret not in repr(settings)

    def test_without_keys_it_says_which_are_missing(self) -> None:
        model = self.adapter_class.info.settings
        bare = model.model_validate({})  # the real gateway is the default
        assert bare.missing_keys() == model.key_fields
        assert str(bare.gateway_url).startswith("https://")

    def test_the_registry_loads_both(self) -> None:
        assert load(self.adapter_class.info.id) is self.adapter_class
        assert load_mock(self.mock_class.id) is self.mock_class

    async def test_examples_are_recognised(self, stage: Stage) -> None:
        for pattern in stage.info.patterns:
            found = stage.recognise(pattern.example)
            assert len(found) == 1, pattern.example
            assert found[0].platform == stage.info.id
            assert found[0].id == pattern.example_id
            if isinstance(pattern, LinkPattern):
                assert found[0].kind is pattern.kind
            else:
                assert found[0].kind is LinkKind.TOKEN

    async def test_samples_are_recognised(self, stage: Stage) -> None:
        assert stage.info.samples
        for sample in stage.info.samples:
            assert stage.recognise(sample), sample

    async def test_building_and_starting_ask_nobody(self, stage: Stage) -> None:
        connections = 0

        def count(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            writer.close()

        silent = await asyncio.start_server(count, "127.0.0.1", 0)
        async with silent:
            base = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
            adapter = await stage.adapter(stage.mock.client_settings(base))
            await adapter.close()
        assert connections == 0

    async def test_closing_twice_is_fine(self, stage: Stage) -> None:
        adapter: PlatformAdapter = stage.build()
        await adapter.close()
        await adapter.start()
        await adapter.close()
        await adapter.close()

    async def test_check_sorts_every_right_into_one_set(
        self, stage: Stage, adapter: PlatformAdapter
    ) -> None:
        rights = await adapter.check()
        sets = (rights.granted, rights.missing, rights.unknown)
        assert sum(map(len, sets)) == len(frozenset().union(*sets))
        assert frozenset().union(*sets) == {right.id for right in stage.info.rights}
        required = {right.id for right in stage.info.rights if right.required}
        assert not required & rights.missing, "the mock's account lacks a required right"
