"""A JD mock on loopback, adapters against it, and a bare client that signs by itself."""

from __future__ import annotations

import hashlib
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

from adapters.contract import AdapterContext, LinkKind, LinkMatch, Placement
from adapters.jd.adapter import JdAdapter
from adapters.jd.settings import JdSettings
from adapters.mock.faults import FaultRule
from adapters.mock.jd import JdMock
from adapters.mock.server import start_mock_server
from adapters.quota import NoQuota
from adapters.times import beijing_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from adapters.mock.server import MockServer

SKU = "100061842973"
LEASED = "3100500003"
HOUSE = "3100500000"


class Rig:
    """Everything that is started is closed with it."""

    def __init__(self, server: MockServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.world = server.world
        self.base = server.base_url
        self.quota = NoQuota()
        self.session = session
        self._adapters: list[JdAdapter] = []

    async def adapter(self, **changes: object) -> JdAdapter:
        """A started adapter with the mock's settings and changes."""
        settings = JdSettings.model_validate({**JdMock.client_settings(self.base), **changes})
        context = AdapterContext(account="main", now=self.world.now, quota=self.quota)
        adapter = JdAdapter(settings, context)
        self._adapters.append(adapter)
        await adapter.start()
        return adapter

    def calls(self) -> int:
        """Gateway calls since the last time this was asked."""
        calls, self.quota.calls = self.quota.calls, 0
        return calls

    def fault(self, kind: str, method: str = "*", count: int | None = 1, **args: str) -> None:
        self.world.faults.add(
            FaultRule(platform="jd", method=method, kind=kind, count=count, args=args)
        )

    async def later(self, by: str) -> None:
        """Move the mock's clock on, which is the adapters' too."""
        url = f"{self.base}/_control/clock"
        async with self.session.post(url, json={"advance": by}) as response:
            assert response.status == 200

    def strict(self) -> None:
        self.world.set_profile("jd", "strict")

    async def call(
        self,
        method: str,
        arguments: object,
        changes: Mapping[str, str | None] | None = None,
        *,
        legacy: bool = False,
    ) -> Any:
        """The raw answer of a call that is signed here; `changes` count before the signature (but
        for `sign` itself), None drops a field."""
        settings = JdMock.client_settings(self.base)
        fields: dict[str, str | None] = {
            "method": method,
            "app_key": str(settings["app_key"]),
            "timestamp": beijing_text(self.world.now()),
            "format": "json",
            "v": "1.0",
            "param_json" if legacy else "360buy_param_json": (
                arguments if isinstance(arguments, str) else json.dumps(arguments)
            ),
            **(changes or {}),
        }
        form = {key: value for key, value in fields.items() if value is not None}
        form.pop("sign", None)
        body = "".join(key + form[key] for key in sorted(form))
        text = f"{settings['app_secret']}{body}{settings['app_secret']}"
        signed = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
        sign = fields.get("sign", signed)
        if sign is not None:
            form["sign"] = sign
        path = "/api" if legacy else "/routerjson"
        async with self.session.post(self.base + path, data=form) as response:
            assert response.status == 200
            return json.loads(await response.read())

    async def result(self, method: str, arguments: object) -> Any:
        """The decoded inner result of a call."""
        answer = await self.call(method, arguments)
        root = answer[method.replace(".", "_") + "_responce"]
        assert root["code"] == "0"
        return json.loads(root[method.rsplit(".", 1)[-1] + "Result"])

    async def get(self, path: str) -> tuple[int, str | None, str]:
        """Status, Location and body of a page, not followed."""
        async with self.session.get(self.base + path, allow_redirects=False) as response:
            return response.status, response.headers.get("Location"), await response.text()


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    """A running mock; everything is closed at the end."""
    server = await start_mock_server(None, platforms=[JdMock])
    async with aiohttp.ClientSession() as session:
        made = Rig(server, session)
        try:
            yield made
        finally:
            for adapter in made._adapters:  # the rig's own list
                await adapter.close()
            await server.close()


def match(url: str, kind: LinkKind = LinkKind.SHORT, **groups: str) -> LinkMatch:
    """A recognised link."""
    found: Mapping[str, str] = {"url": url, **groups}
    return LinkMatch(platform="jd", kind=kind, text=url, start=0, end=len(url), groups=found)


def item(sku: str = SKU) -> LinkMatch:
    """A plain item link."""
    return match(f"https://item.jd.com/{sku}.html", LinkKind.ITEM, id=sku)


def placement(pid: str = LEASED, sub_id: str = "Ab3dE7x") -> Placement:
    return Placement(account="main", pid=pid, promoter_tag="p1", sub_id=sub_id)
