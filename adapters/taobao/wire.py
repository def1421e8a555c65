"""The wire of the Taobao Open Platform (TOP): signature, common parameters, envelope.

TOP docs "API调用方法详解": parameters sorted by name, name and raw value joined without separators,
the secret at both ends, MD5 in upper-case hex. The timestamp is Beijing time (10 minutes of
tolerance). An answer stands under the method's name without `taobao.`, dots as `_`, `_response`.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, TypeVar

from adapters.errors import MissingRight, ProtocolError
from adapters.http import ApiRequest, load_json
from adapters.taobao.codes import error_of
from adapters.times import beijing_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pydantic import BaseModel

    from adapters.http import ApiClient
    from adapters.taobao.rights import GrantedRights
    from adapters.taobao.settings import TaobaoSettings

__all__ = ["Gateway", "read_envelope", "root_of", "sign"]

ModelT = TypeVar("ModelT", bound="BaseModel")


def sign(params: Mapping[str, str], secret: str, method: str = "md5") -> str:
    """The signature over all parameters that are sent, except `sign` itself.

    `method` is `md5`, `hmac` (HMAC-MD5) or `hmac-sha256`; the latter two take the secret as key and
    the body without it.
    """
    body = "".join([name + params[name] for name in sorted(params)])
    if method == "md5":
        return (
            hashlib.md5((secret + body + secret).encode(), usedforsecurity=False)
            .hexdigest()
            .upper()
        )
    digest = {"hmac": "md5", "hmac-sha256": "sha256"}[method]
    return hmac.new(secret.encode(), body.encode(), digest).hexdigest().upper()


def root_of(method: str) -> str:
    """The key under which a successful answer stands."""
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def read_envelope(method: str, root: str, body: bytes, now: datetime) -> object:
    """What stands under `root`; raises the error that an `error_response` means."""
    answer = load_json(body)
    if not isinstance(answer, dict):
        raise ProtocolError(f"{method}: the answer is no object")
    error = answer.get("error_response")
    if isinstance(error, dict):
        code = _text(error.get("code"))
        if not code.isdecimal():
            raise ProtocolError(f"{method}: an error without a code")
        sub_code, sub_msg = _text(error.get("sub_code")), _text(error.get("sub_msg"))
        raise error_of(method, int(code), sub_code, sub_msg, now)
    if root not in answer:
        raise ProtocolError(f"{method}: the answer has no {root}")
    return answer[root]


class Gateway:
    """Signed calls to the one address of TOP; what it refuses for want of a right is remembered."""

    def __init__(
        self,
        *,
        settings: TaobaoSettings,
        now: Callable[[], datetime],
        client: ApiClient,
        rights: GrantedRights,
    ) -> None:
        self.client = client
        self.rights = rights
        self._now = now
        self._url = str(settings.gateway_url)
        self._secret = settings.app_secret.get_secret_value()
        self._common = {
            "app_key": settings.app_key,
            "format": "json",
            "v": "2.0",
            "sign_method": "md5",
        }
        if settings.session is not None:
            self._common["session"] = settings.session.get_secret_value()

    def _build(self, method: str, params: Mapping[str, str]) -> ApiRequest:
        form = {**self._common, "method": method, "timestamp": beijing_text(self._now())}
        form.update({name: value for name, value in params.items() if value})
        form["sign"] = sign(form, self._secret)
        return ApiRequest(url=self._url, form=form)

    async def call(
        self,
        method: str,
        params: Mapping[str, str],
        model: type[ModelT],
        *,
        retry: bool = True,
    ) -> ModelT:
        """One call, its answer read into `model`. Empty parameters are not sent."""
        root = root_of(method)

        def parse(body: bytes) -> ModelT:
            return model.model_validate(read_envelope(method, root, body, self._now()))

        try:
            return await self.client.call(
                method, lambda: self._build(method, params), parse, retry=retry
            )
        except MissingRight as error:
            self.rights.refused(error.right)
            raise
