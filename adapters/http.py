"""One API client for all platforms: deadline, bounded retry, rate, daily budget, circuit, bounds.

    call = circuit -> told to wait? -> quota (shared rate and day's budget) -> signed request -> parse

Every attempt builds its request anew (a timestamp and with it the signature would be stale). Only
`TemporaryError` is retried, with the platform's wait where it names one, else with exponential
back-off and full jitter, and never past the deadline of the call. The texts of all errors name the
platform, the method and a status, never an address, a parameter or a body.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import aiohttp
from pydantic import ValidationError

from adapters.circuit import CircuitBreaker
from adapters.errors import (
    LinkNotSupported,
    PlatformUnavailable,
    ProtocolError,
    QuotaUsedUp,
    RateLimited,
    TemporaryError,
)
from adapters.pages import Hop, PageReader
from adapters.quota import LocalQuota, NoQuota
from adapters.rawjson import load_json
from adapters.transport import (
    NETWORK_ERRORS,
    broken,
    check_overload,
    form_body,
    read_bounded,
    within_deadline,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adapters.contract import PlatformAdapter, Quota
    from adapters.linkbase import LinkBase

__all__ = [
    "ApiClient",
    "ApiRequest",
    "CircuitBreaker",
    "Hop",
    "LocalQuota",
    "NoQuota",
    "load_json",
]

MAX_BODY = 2 * 1024 * 1024
MAX_ATTEMPTS = 3
BACKOFF = 0.2
USER_AGENT = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36"
)
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One signed request: a POST of `form`, or of `body` with the Content-Type that `headers` name."""

    url: str
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def encoded(self) -> tuple[bytes, Mapping[str, str]]:
        """Body and headers. Not left to aiohttp: its form writer costs as much as all of a call."""
        if self.body is not None:
            return self.body, self.headers
        return form_body(self.form), {**_FORM, **self.headers}


class ApiClient:
    """The one way out for an adapter; see the module's docstring.

    `hosts` are the only hosts that `hop` and `follow` fetch; the gateway is fixed by the settings.
    `timeout` bounds each `call`, `hop` and `follow` as a whole; `backoff` is half the longest wait
    before the second attempt; both in seconds.
    """

    def __init__(
        self,
        *,
        platform: str,
        hosts: frozenset[str],
        quota: Quota,
        link_base: LinkBase,
        timeout: float = 5.0,
        breaker: CircuitBreaker | None = None,
        backoff: float = BACKOFF,
    ) -> None:
        self.platform = platform
        self.timeout = timeout
        self.backoff = backoff
        self.breaker = breaker or CircuitBreaker()
        self.pages = PageReader(
            platform=platform,
            hosts=hosts,
            link_base=link_base,
            timeout=timeout,
            # A circuit of its own: pasted links that fail must not shut the gateway for everybody.
            breaker=CircuitBreaker(self.breaker.threshold, self.breaker.pause),
        )
        self._quota = quota
        self._session: aiohttp.ClientSession | None = None
        self._not_before = 0.0

    @classmethod
    def of(cls, adapter: PlatformAdapter) -> ApiClient:
        """The client that an adapter's declaration, settings and context describe."""
        return cls(
            platform=adapter.info.id,
            hosts=adapter.info.hosts,
            quota=adapter.context.quota,
            link_base=adapter.link_base,
            timeout=adapter.settings.timeout,
        )

    async def start(self) -> None:
        """Open the session; connections are made on demand and kept."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=30, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
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
        an error of the tree (any other that it raises becomes a ProtocolError). `retry=False` for
        calls that create something."""
        bound, said = None, None
        try:
            async with within_deadline(f"{self.platform} {name}", self.timeout) as bound:
                for attempt in range(1, MAX_ATTEMPTS if retry else 1):
                    await self._turn(name, bound)
                    try:
                        return await self._attempt(name, build, parse, bound)
                    except TemporaryError as error:
                        said, wait = error, self._wait(error, attempt)
                        if self.breaker.is_open or self._too_late(wait, bound):
                            raise
                    await asyncio.sleep(wait)
                await self._turn(name, bound)
                return await self._attempt(name, build, parse, bound)
        except PlatformUnavailable:
            if said is not None and bound is not None and bound.expired():
                # The platform's own word tells more than that the time was up after it.
                raise said from None
            raise

    @staticmethod
    def _too_late(wait: float, bound: asyncio.Timeout) -> bool:
        """Whether waiting so long would pass the deadline."""
        return asyncio.get_running_loop().time() + wait >= (bound.when() or 0.0)

    def _wait(self, error: TemporaryError, attempt: int) -> float:
        """Seconds before the next attempt; never earlier than the platform asked for."""
        if isinstance(error, RateLimited) and error.retry_after is not None:
            return error.retry_after + random.uniform(0, self.backoff)
        return random.uniform(0, self.backoff * 2**attempt)

    async def _turn(self, name: str, bound: asyncio.Timeout) -> None:
        """Wait until this call may be sent; refuse at once what could only be sent too late."""
        now = asyncio.get_running_loop().time()
        self.breaker.check(now)
        if self._not_before > now:
            await self._pause(self._not_before - now, f"{name}: told to wait", bound)
        wait = await self._quota.take()
        if wait > 0:
            await self._pause(wait, f"{name}: our own rate is used up", bound)

    async def _pause(self, wait: float, why: str, bound: asyncio.Timeout) -> None:
        if self._too_late(wait, bound):
            raise RateLimited(f"{self.platform} {why}", wait)
        await asyncio.sleep(wait)

    async def _attempt(
        self,
        name: str,
        build: Callable[[], ApiRequest],
        parse: Callable[[bytes], ResultT],
        bound: asyncio.Timeout,
    ) -> ResultT:
        session = self._open
        clock = asyncio.get_running_loop().time
        try:
            with self.breaker.trial(clock, bound.expired):
                body = await self._post(f"{self.platform} {name}", session, build)
                return self._parsed(name, body, parse)
        except RateLimited as error:
            if error.retry_after is not None:
                self._not_before = max(self._not_before, clock() + error.retry_after)
            raise
        except QuotaUsedUp as error:
            await self._quota.exhausted(error.until)
            raise

    def _parsed(self, name: str, body: bytes, parse: Callable[[bytes], ResultT]) -> ResultT:
        """What `parse` makes of the body. The cause is cut off: its text would quote the answer."""
        try:
            return parse(body)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            where = ", ".join(".".join(map(str, one["loc"])) for one in found[:3])
        except _UNREADABLE as error:
            where = type(error).__name__
        raise ProtocolError(f"{self.platform} {name}: not as documented: {where}")

    @staticmethod
    async def _post(
        what: str, session: aiohttp.ClientSession, build: Callable[[], ApiRequest]
    ) -> bytes:
        try:
            request = build()
            data, headers = request.encoded()
        except UnicodeError:
            raise LinkNotSupported(f"{what}: the text holds half characters") from None
        try:
            async with session.post(
                request.url, data=data, headers=headers, allow_redirects=False
            ) as response:
                body = await read_bounded(response, MAX_BODY)
        except NETWORK_ERRORS as error:
            raise broken(what, error) from None
        check_overload(what, response)
        if response.status != 200:
            # Gateways answer 200 even for errors of their own; anything else is a proxy's word.
            raise ProtocolError(f"{what}: HTTP {response.status}")
        if len(body) > MAX_BODY:
            raise ProtocolError(f"{what}: the answer is too long")
        return body

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise PlatformUnavailable(f"{self.platform}: the adapter is not started")
        return self._session

    async def hop(self, url: str) -> Hop:
        """Fetch one real address without following it.

        LinkNotSupported off the allow-list and for anything but a plain http(s) link without
        userinfo and port; RateLimited, PlatformUnavailable. Not retried, not counted as a call.
        """
        return await self.pages.hop(self._open, url)

    async def follow(
        self,
        url: str,
        *,
        done: Callable[[str], bool],
        read: Callable[[Hop], str | None] = lambda _hop: None,
    ) -> str:
        """Follow a short link hop by hop until `done(address)`; the address found is not fetched.

        `read` finds the next real address in a page that is no redirect (a script hop). At most 5
        hops, allow-listed hosts only, no cookies. LinkNotSupported if it ends anywhere else.
        """
        return await self.pages.follow(self._open, url, done, read)
