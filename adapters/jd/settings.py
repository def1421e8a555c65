"""What an operator enters for JD: the keys of one union account and its placements."""

from __future__ import annotations

from typing import ClassVar

from pydantic import HttpUrl, SecretStr

from adapters.contract import AdapterSettings

__all__ = ["GATEWAY", "JdSettings"]

GATEWAY = "https://api.jd.com/routerjson"


class JdSettings(AdapterSettings):
    """`site_id` is needed by accounts that only have the open convert method; a chat account
    without a site may leave it empty."""

    key_fields: ClassVar[tuple[str, ...]] = ("app_key", "app_secret", "union_id", "position_id")
    house_pid_field: ClassVar[str] = "position_id"

    gateway_url: HttpUrl = HttpUrl(GATEWAY)
    """`https://router.jd.com/api` is the old gateway; it is spoken to in the old way."""
    app_key: str = ""
    """appKey of the union console."""
    app_secret: SecretStr = SecretStr("")
    """secretKey of the union console."""
    union_id: str = ""
    """联盟ID: the number under which JD pays."""
    site_id: str = ""
    """网站ID or APP ID of the union console."""
    position_id: str = ""
    """推广位ID of the operator's own links."""
    auth_key: SecretStr = SecretStr("")
    """授权Key of the union console; only to create placements."""
    access_token: SecretStr = SecretStr("")
    """Only if JD asks for it: sent with every call when set."""
