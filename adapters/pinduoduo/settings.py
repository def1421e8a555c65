"""What an operator enters for Pinduoduo (多多进宝)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import HttpUrl, SecretStr

from adapters.contract import AdapterSettings

__all__ = ["PinduoduoSettings"]


class PinduoduoSettings(AdapterSettings):
    """`pid` is a p_id like `1949211_49329093`; `pool` holds further p_ids of the same account."""

    key_fields: ClassVar[tuple[str, ...]] = ("client_id", "client_secret", "pid")
    house_pid_field: ClassVar[str] = "pid"

    gateway_url: HttpUrl = HttpUrl("https://gw-api.pinduoduo.com/api/router")
    """The gateway of the Pinduoduo open platform."""
    client_id: str = ""
    """Of an application that is bound to the account at jinbao.pinduoduo.com."""
    client_secret: SecretStr = SecretStr("")
    """Secret of that application."""
    pid: str = ""
    """The p_id of the operator's own links."""
