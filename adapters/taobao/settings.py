"""What the operator enters for Taobao and Tmall; the names of the variables are fixed."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import HttpUrl, SecretStr, StringConstraints

from adapters.contract import AdapterSettings

__all__ = ["GATEWAY", "Pid", "TaobaoSettings"]

GATEWAY = HttpUrl("https://eco.taobao.com/router/rest")

Pid = Annotated[str, StringConstraints(pattern=r"^mm_[0-9]{1,20}_[0-9]{1,20}_[0-9]{1,20}$")]
"""A placement: `mm_{member}_{site}_{adzone}`."""


class TaobaoSettings(AdapterSettings):
    """An app of the Taobao Open Platform and the placements of one Alimama member."""

    key_fields: ClassVar[tuple[str, ...]] = ("app_key", "app_secret", "pid")

    gateway_url: HttpUrl = GATEWAY
    app_key: str = ""
    app_secret: SecretStr = SecretStr("")
    pid: Pid | Annotated[str, StringConstraints(pattern=r"^$")] = ""
    """The house placement, `mm_x_y_z`."""
    pool: tuple[Pid, ...] = ()
    former_pids: tuple[Pid, ...] = ()
    session: SecretStr | None = None
    """Access token of a user authorisation; a publisher's own app mostly needs none."""
