"""What the operator enters for Taobao and Tmall; the names of the variables are fixed."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, HttpUrl, SecretStr

from adapters.contract import AdapterSettings, text_list

__all__ = ["GATEWAY", "Pid", "TaobaoSettings"]

GATEWAY = HttpUrl("https://eco.taobao.com/router/rest")

_PID = re.compile(r"mm_[0-9]{1,20}_[0-9]{1,20}_[0-9]{1,20}")


def _pid(value: str) -> str:
    """Refuse what is no placement; an empty one is a key that is still missing."""
    if value and not _PID.fullmatch(value):
        raise ValueError("must look like mm_1_2_3 (member, site, adzone)")
    return value


Pid = Annotated[str, AfterValidator(_pid)]
"""A placement: `mm_{member}_{site}_{adzone}`."""
PidList = Annotated[tuple[Pid, ...], BeforeValidator(text_list)]


class TaobaoSettings(AdapterSettings):
    """An app of the Taobao Open Platform and the placements of one Alimama member."""

    key_fields: ClassVar[tuple[str, ...]] = ("app_key", "app_secret", "pid")

    gateway_url: HttpUrl = GATEWAY
    """The gateway of the Taobao Open Platform."""
    app_key: str = ""
    """AppKey of the application."""
    app_secret: SecretStr = SecretStr("")
    """AppSecret of the application."""
    pid: Pid = ""
    """The house placement, `mm_x_y_z`."""
    pool: PidList = ()
    """Further placements of this member that may be leased to promoters, one each."""
    former_pids: PidList = ()
    """Placements used before: links that carry them are still ours."""
    session: SecretStr | None = None
    """Access token of a user authorisation; a publisher's own app mostly needs none."""
