"""Requests to the Pinduoduo gateway, signed, and answers read.

Source: open.pinduoduo.com, "API 调用说明"; the signature reproduces the vector published there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from adapters.errors import PlatformUnavailable, ProtocolError
from adapters.http import ApiRequest
from adapters.pinduoduo.failures import failure
from adapters.pinduoduo.schema import (
    Answer,
    AuthorityAnswer,
    OrdersAnswer,
    PromotionAnswer,
    RedPacketAnswer,
    SearchAnswer,
    UnitAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "AUTHORITY",
    "ORDERS",
    "PROMOTE",
    "RED_PACKET",
    "SEARCH",
    "UNIT",
    "Keys",
    "Method",
    "compact",
    "encoded",
    "read",
    "sign",
]

BodyT = TypeVar("BodyT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Method(Generic[BodyT]):
    """A method's name (sent as `type`) and what its answer looks like."""

    name: str
    answer: type[Answer[BodyT]]


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

SEARCH = Method("pdd.ddk.goods.search", SearchAnswer)
PROMOTE = Method("pdd.ddk.goods.promotion.url.generate", PromotionAnswer)
UNIT = Method("pdd.ddk.goods.zs.unit.url.gen", UnitAnswer)
AUTHORITY = Method("pdd.ddk.member.authority.query", AuthorityAnswer)
RED_PACKET = Method("pdd.ddk.rp.prom.url.generate", RedPacketAnswer)
ORDERS = Method("pdd.ddk.order.list.increment.get", OrdersAnswer)


def sign(params: Mapping[str, str], secret: str) -> str:
    """Upper-case MD5 of secret + sorted key-value pairs without separators + secret, raw values."""
    body = "".join(key + params[key] for key in sorted(params))
    return md5(f"{secret}{body}{secret}".encode()).hexdigest().upper()  # noqa: S324 - the protocol's


def compact(value: object) -> str:
    """JSON without blanks, Chinese as it stands."""
    return _ENCODER.encode(value)


def encoded(params: Mapping[str, object]) -> dict[str, str]:
    """Values as the gateway wants them: `true`/`false`, lists and objects as JSON; None is left out."""
    return {key: _text(value) for key, value in params.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else compact(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Where requests go and what signs them."""

    gateway_url: str
    client_id: str
    secret: str

    def request(self, method: str, params: Mapping[str, str], now: datetime) -> ApiRequest:
        """A request for one attempt; the gateway accepts a timestamp within 10 minutes."""
        form = {
            **params,
            "type": method,
            "client_id": self.client_id,
            "timestamp": str(int(now.timestamp())),
            "data_type": "JSON",
            "version": "V1",
        }
        form["sign"] = sign(form, self.secret)
        return ApiRequest(url=self.gateway_url, form=form)


def read(method: Method[BodyT], body: bytes, now: datetime) -> BodyT:
    """The answer's body, checked once. Raises the error that it holds; PlatformUnavailable for what is no
    JSON (a proxy's page, half an object), ProtocolError for JSON of another form."""
    try:
        answer = method.answer.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise PlatformUnavailable(f"pinduoduo {method.name}: the answer is not JSON") from None
        where = ".".join(str(part) for part in first["loc"])
        raise ProtocolError(f"pinduoduo {method.name}: {first['type']} at {where!r}") from None
    if answer.error is not None:
        raise failure(method.name, answer.error, now)
    if answer.body is None:
        raise ProtocolError(f"pinduoduo {method.name}: neither an error nor the method's own body")
    return answer.body
