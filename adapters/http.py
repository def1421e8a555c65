"""One API client for all platforms: deadline, bounded retry, rate, daily budget, circuit, bounds.

    call = circuit -> quota (shared rate and day's budget) -> signed request -> status -> parse

Every attempt builds its request anew (a timestamp and with it the signature would be stale). Only
`TemporaryError` is retried, with the platform's wait where it names one, else with exponential
back-off and full jitter, and never past the deadline of the call.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from adapters.errors import (
    LinkNotSupported,
    PlatformUnavailable,
    ProtocolError,
    QuotaUsedUp,
    RateLimited,
    TemporaryError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from adapters.contract import Quota
    from adapters.linkbase import LinkBase

__all__ = ["ApiClient", "ApiRequest", "CircuitBreaker", "Hop", "NoQuota", "load_json"]

MAX_BODY = 2 * 1024 * 1024
MAX_PAGE = 512 * 1024
MAX_HOPS = 5
MAX_ATTEMPTS = 3
BACKOFF = 0.2
USER_AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36"

ResultT = TypeVar("ResultT")


def load_json(body: bytes) -> Any:  # noqa: ANN401 - a raw answer; pydantic reads it next
    """JSON with numbers as Decimal or int, never float. PlatformUnavailable for anything else.

    Gateways under load answer with an HTML page or half an object; both are worth another try.
    """
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise PlatformUnavailable("the answer is not JSON") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One signed request: a form POST."""

    url: str
    form: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One fetched address on the way of a short link."""

    url: str
    """The real address (not the mock's)."""
    status: int
    location: str | None
    """Where a 30x leads, absolute and real; None if it is no redirect."""
    body: str


class NoQuota:
    """A quota without bounds that counts in memory: for tests and for scripts."""

    def __init__(self) -> None:
        self.calls = 0
        self.until: datetime | None = None

    async def take(self) -> float:
        """Count, never wait."""
        self.calls += 1
        if self.until is not None:
            raise QuotaUsedUp("the day's calls are used up", self.until)
        return 0.0

    async def exhausted(self, until: datetime) -> None:
        """From now on `take` refuses."""
        self.until = until


class CircuitBreaker:
    """Opens after `threshold` failures in a row; lets one probe through after `pause` seconds."""

    def __init__(self, threshold: int = 5, pause: float = 10.0) -> None:
        self.threshold = threshold
        self.pause = pause
        self.failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are being refused."""
        return self._opened_at is not None

    def admit(self, now: float) -> None:
        """Raise PlatformUnavailable while open, except for the one probe."""
        if self._opened_at is None:
            return
        if self._probing or now - self._opened_at < self.pause:
            raise PlatformUnavailable("the circuit is open after repeated failures")
        self._probing = True

    def success(self) -> None:
        """The platform answered (an error answer of its own counts as an answer)."""
        self.failures = 0
        self._opened_at = None
        self._probing = False

    def failure(self, now: float) -> None:
        """No usable answer."""
        self.failures += 1
        if self._probing or self.failures >= self.threshold:
            self._opened_at = now
        self._probing = False

    def released(self) -> None:
        """The probe was cancelled before it showed anything."""
        self._probing = False


class ApiClient:
    """The one way out for an adapter; see the module's docstring.

    `hosts` are the only hosts that `follow` fetches; the gateway is fixed by the settings.
    """

    def __init__(
        self,
        *,
        platform: str,
        hosts: frozenset[str],
        quota: Quota,
        link_base: LinkBase,
        timeout: float = 5.0,  # noqa: ASYNC109 - the bound of every call, not of the constructor
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self.platform = platform
        self.hosts = hosts
        self.timeout = timeout
        self.breaker = breaker or CircuitBreaker()
        self._quota = quota
        self._link_base = link_base
        self._session: aiohttp.ClientSession | None = None
        self._not_before = 0.0

    async def start(self) -> None:
        """Open the session; connections are made on demand and kept."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=60, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=True,
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None),
                headers={"User-Agent": USER_AGENT},
            )

    async def close(self) -> None:
        """Close the session; twice is fine."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(
        self,
        name: str,
        build: Callable[[], ApiRequest],
        parse: Callable[[bytes], ResultT],
        *,
        retry: bool = True,
    ) -> ResultT:
        """One API call. `build` signs a fresh request per attempt; `parse` reads the body or raises
        an error of the tree. `retry=False` for calls that create something."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.timeout
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._attempt(name, build, parse, deadline)
            except TemporaryError as error:
                wait = self._wait(error, attempt)
                if isinstance(error, RateLimited) and error.retry_after:
                    self._not_before = max(self._not_before, loop.time() + error.retry_after)
                if (
                    not retry
                    or attempt >= MAX_ATTEMPTS
                    or self.breaker.is_open
                    or loop.time() + wait >= deadline
                ):
                    raise
            except QuotaUsedUp as error:
                await self._quota.exhausted(error.until)
                raise
            await asyncio.sleep(wait)

    @staticmethod
    def _wait(error: TemporaryError, attempt: int) -> float:
        """Seconds before the next attempt."""
        if isinstance(error, RateLimited) and error.retry_after is not None:
            return error.retry_after
        return random.uniform(0, BACKOFF * 2**attempt)

    async def _attempt(
        self,
        name: str,
        build: Callable[[], ApiRequest],
        parse: Callable[[bytes], ResultT],
        deadline: float,
    ) -> ResultT:
        loop = asyncio.get_running_loop()
        if (ban := self._not_before - loop.time()) > 0:
            raise RateLimited(f"{self.platform} {name}: told to wait", ban)
        self.breaker.admit(loop.time())
        try:
            pause = await self._quota.take()
            if pause > 0:
                if loop.time() + pause >= deadline:
                    raise RateLimited(f"{self.platform} {name}: our own rate is used up", pause)
                await asyncio.sleep(pause)
            async with asyncio.timeout_at(deadline):
                status, body = await self._post(name, build())
            result = self._read(name, status, body, parse)
        except TimeoutError as error:
            self.breaker.failure(loop.time())
            raise PlatformUnavailable(f"{self.platform} {name}: no answer in time") from error
        except PlatformUnavailable:
            self.breaker.failure(loop.time())
            raise
        except BaseException:
            self.breaker.released()
            raise
        self.breaker.success()
        return result

    def _read(
        self, name: str, status: int, body: bytes, parse: Callable[[bytes], ResultT]
    ) -> ResultT:
        """The status first: gateways answer 200 even for errors, anything else is a proxy's word."""
        if status == 429:
            raise RateLimited(f"{self.platform} {name}: HTTP 429")
        if status >= 500:
            raise PlatformUnavailable(f"{self.platform} {name}: HTTP {status}")
        if status != 200:
            raise ProtocolError(f"{self.platform} {name}: HTTP {status}")
        return parse(body)

    async def _post(self, name: str, request: ApiRequest) -> tuple[int, bytes]:
        try:
            async with self._open.post(
                request.url, data=request.form, headers=request.headers, allow_redirects=False
            ) as response:
                return response.status, await self._bounded(response, MAX_BODY)
        except aiohttp.ClientError as error:
            raise PlatformUnavailable(
                f"{self.platform} {name}: {type(error).__name__}"
            ) from error

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise PlatformUnavailable(f"{self.platform}: the adapter is not started")
        return self._session

    async def _bounded(self, response: aiohttp.ClientResponse, limit: int) -> bytes:
        """The body, refused as soon as it is longer than `limit`."""
        if response.content_length is not None and response.content_length > limit:
            raise PlatformUnavailable(f"{self.platform}: the answer is too long")
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > limit:
                raise PlatformUnavailable(f"{self.platform}: the answer is too long")
        return bytes(body)

    async def hop(self, url: str) -> Hop:
        """Fetch one real address without following it. LinkNotSupported off the allow-list."""
        real = self._link_base.to_real(self._link_base.to_wire(url))
        if real is None or real.host not in self.hosts:
            raise LinkNotSupported(f"{self.platform}: leads away from the shop's hosts")
        loop = asyncio.get_running_loop()
        self.breaker.admit(loop.time())
        try:
            async with (
                asyncio.timeout(self.timeout),
                self._open.get(
                    URL(self._link_base.to_wire(url), encoded=True), allow_redirects=False
                ) as response,
            ):
                if response.status >= 500:
                    raise PlatformUnavailable(f"{self.platform} {real.host}: {response.status}")
                location = response.headers.get("Location") if response.status >= 300 else None
                body = b"" if location else await self._bounded(response, MAX_PAGE)
        except (aiohttp.ClientError, TimeoutError, PlatformUnavailable) as error:
            self.breaker.failure(loop.time())
            raise PlatformUnavailable(
                f"{self.platform} {real.host}: {type(error).__name__}"
            ) from error
        except BaseException:
            self.breaker.released()
            raise
        self.breaker.success()
        return Hop(
            url=url,
            status=response.status,
            location=self._absolute(url, location) if location else None,
            body=body.decode("utf-8", "replace"),
        )

    def _absolute(self, url: str, location: str) -> str:
        """A redirect's target as a real absolute address; a mock's redirect is translated back."""
        wire = urljoin(self._link_base.to_wire(url), location)
        real = self._link_base.to_real(wire)
        if real is None:
            raise LinkNotSupported(f"{self.platform}: a redirect leads nowhere we may go")
        return real.url

    async def follow(
        self,
        url: str,
        *,
        done: Callable[[str], bool],
        read: Callable[[Hop], str | None] = lambda _hop: None,
    ) -> str:
        """Follow a short link hop by hop until `done(address)`; the address found is not fetched.

        `read` finds the next address in a page that is no redirect (a script hop). At most 5 hops,
        allow-listed hosts only, no cookies. LinkNotSupported if it ends anywhere else.
        """
        for _ in range(MAX_HOPS):
            if done(url):
                return url
            hop = await self.hop(url)
            following = hop.location or read(hop)
            if following is None:
                raise LinkNotSupported(f"{self.platform}: the link leads to no item")
            url = following
        if done(url):
            return url
        raise LinkNotSupported(f"{self.platform}: too many redirects")
