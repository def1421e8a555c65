"""The signed calls of one JD account, with what is known of its rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from adapters.errors import MissingRight
from adapters.jd import wire
from adapters.jd.rights import KnownRights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.contract import AdapterContext
    from adapters.http import ApiClient
    from adapters.jd.settings import JdSettings

__all__ = ["Gateway"]

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class Gateway:
    """Signs with the account's keys and the application's clock."""

    def __init__(self, settings: JdSettings, context: AdapterContext, client: ApiClient) -> None:
        self.settings = settings
        self.context = context
        self.client = client
        self.rights = KnownRights(settings.rights, context.now)

    async def ask(
        self,
        method: str,
        arguments: Mapping[str, object],
        answer: type[AnswerT],
        *,
        retry: bool = True,
    ) -> AnswerT:
        """One call; the method counts as granted after any result of its own."""
        read = await self.client.call(
            method,
            lambda: wire.request(method, arguments, self.settings, self.context.now()),
            lambda body: wire.read(method, body, answer),
            retry=retry,
        )
        self.rights.learn(method, granted=True)
        return read

    async def ask_if_granted(
        self, method: str, arguments: Mapping[str, object], answer: type[AnswerT]
    ) -> AnswerT | None:
        """The answer, or None where the account lacks the method; a refusal is remembered for an hour."""
        if not self.rights.may(method):
            return None
        try:
            return await self.ask(method, arguments, answer)
        except MissingRight:
            self.rights.learn(method, granted=False)
            return None
