"""A visitor: one request at a time, no cookies, nothing followed unless asked to.

`MockShop` is the mock platforms as a person with a browser and as their operator sees them.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from adapters import registry
from adapters.contract import AdapterContext
from adapters.quota import NoQuota

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from adapters.contract import OrderRow

__all__ = ["Answer", "MockShop", "ask", "say"]

_SCRIPT = re.compile(r"\bvar (?:hrl|url) ?= ?'([^'\s]+)'")
_HOPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.headers["location"]


def ask(
    url: str,
    method: str = "GET",
    *,
    body: str | bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 15.0,
) -> Answer:
    """One request; a redirect is an answer."""
    parts = urlsplit(url)
    assert parts.hostname == "127.0.0.1", "tests stay on this machine"
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        data = body.encode() if isinstance(body, str) else body
        connection.request(method, path or "/", body=data, headers=dict(headers or {}))
        with connection.getresponse() as response:
            return Answer(
                status=response.status,
                text=response.read().decode("utf-8", "replace"),
                headers={name.lower(): value for name, value in response.getheaders()},
            )
    finally:
        connection.close()


def say(page_url: str, text: str) -> str:
    """A message to the demo's chat as its page sends it; the answer as words."""
    answer = ask(
        urljoin(page_url, "/demo/messages"),
        "POST",
        body=json.dumps({"text": text}),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status == 200, answer.text
    return html.unescape(re.sub(r"<[^>]+>", "\n", answer.json()["html"]))


class MockShop:
    """The mock platforms at `base_url`."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def control(self, path: str, body: object = None, method: str | None = None) -> Any:
        """A control end-point, which must say yes."""
        answer = ask(
            f"{self.base_url}/_control/{path}",
            method or ("GET" if body is None else "POST"),
            body=None if body is None else json.dumps(body),
        )
        assert answer.status == 200, answer.text
        return answer.json()

    def whose(self, url: str) -> Any:
        """What the platform knows about a promotion link."""
        return self.control("whose?" + urlencode({"url": url}))

    def advance(self, span: str) -> None:
        """Move business time on, in every process of the data folder."""
        self.control("clock", {"advance": span})

    def buy(self, url: str) -> str:
        """Walk from a promotion link to the shop, press its Buy button, read the order's number."""
        address, page = self._page(url)
        form = re.search(r'<form method="post" action="([^"]+)">', page)
        assert form is not None, page
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
        bought = ask(
            urljoin(address, html.unescape(form[1])),
            "POST",
            body=urlencode({**hidden, "quantity": "1"}),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self.base_url,
            },
        )
        assert bought.status == 303, bought.text
        number = re.search(
            r'<dd id="order-id">([^<]+)</dd>', ask(urljoin(address, bought.location)).text
        )
        assert number is not None
        return number[1]

    def visit(self, url: str) -> str:
        """Open an address as a browser does; what stands on the page in the end."""
        return self._page(url)[1]

    def _page(self, url: str) -> tuple[str, str]:
        """Where redirects and scripts end, and what stands there."""
        for _ in range(_HOPS):
            answer = ask(url)
            script = _SCRIPT.search(answer.text)
            if answer.status in (301, 302, 303, 307):
                url = urljoin(url, answer.location)
            elif script is not None:
                url = urljoin(url, script[1])
            else:
                assert answer.status == 200, answer.text
                return url, answer.text
        raise AssertionError("the link leads on and on")

    async def orders(self, platform: str, now: datetime) -> list[OrderRow]:
        """The last minutes of the gateway's own order API, read by the platform's adapter."""
        adapter_class = registry.load(platform)
        settings = adapter_class.info.settings.model_validate(
            dict(registry.load_mock(platform).client_settings(self.base_url))
        )
        adapter = adapter_class(
            settings, AdapterContext(account="main", now=lambda: now, quota=NoQuota())
        )
        await adapter.start()
        try:
            rows: list[OrderRow] = []
            cursor = None
            while True:
                since, until = now - timedelta(minutes=10), now + timedelta(seconds=2)
                page = await adapter.orders(since, until, cursor)
                rows += page.items
                if (cursor := page.next_cursor) is None:
                    return rows
        finally:
            await adapter.close()
