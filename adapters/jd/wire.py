"""JD's wire: signing, the request, and the two nested envelopes of an answer.

    POST https://api.jd.com/routerjson
      method, app_key, timestamp (Beijing), format=json, v=1.0, sign_method=md5, 360buy_param_json, sign
    -> {"jd_union_open_x_y_get_responce": {"code": "0", "getResult": "{\\"code\\":200,\\"data\\":..."}}
    -> {"error_response": {"code": "12", "zh_desc": "..."}}

The root key is misspelt on the wire (`_responce`), the documents write `_response`; both occur. The
result is a JSON text inside JSON. The old gateway `router.jd.com/api` takes `param_json` and answers
with `result`; an address that ends in `/api` is spoken to in that way.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel

from adapters.errors import ProtocolError
from adapters.http import ApiRequest
from adapters.jd.codes import NO_GOODS, business_error, gateway_error
from adapters.rawjson import load_json
from adapters.times import beijing_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from adapters.jd.settings import JdSettings

__all__ = ["read", "request", "sign"]

AnswerT = TypeVar("AnswerT", bound=BaseModel)

_OUTER_OK: Final = frozenset({"0", "200"})
_INNER_OK: Final = frozenset({"0", "200", NO_GOODS})


def sign(params: Mapping[str, str], secret: str) -> str:
    """JD's md5 signature over all sent parameters but `sign`: raw values, keys in byte order.

    JD open platform, "签名规则": MD5(secret + k1v1k2v2... + secret), hex, upper case.
    """
    body = "".join(key + params[key] for key in sorted(params))
    text = f"{secret}{body}{secret}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def request(
    method: str, arguments: Mapping[str, object], settings: JdSettings, now: datetime
) -> ApiRequest:
    """A freshly signed request. `arguments` are wrapped in the method's own request name already.

    The JSON text is signed exactly as it is sent.
    """
    url = str(settings.gateway_url)
    name = "param_json" if url.rstrip("/").endswith("/api") else "360buy_param_json"
    form = {
        "method": method,
        "app_key": settings.app_key,
        "timestamp": beijing_text(now),
        "format": "json",
        "v": "1.0",
        "sign_method": "md5",
        name: json.dumps(arguments, ensure_ascii=False, separators=(",", ":")),
    }
    if token := settings.access_token.get_secret_value():
        form["access_token"] = token
    form["sign"] = sign(form, settings.app_secret.get_secret_value())
    return ApiRequest(url=url, form=form)


def read(method: str, body: bytes, model: type[AnswerT]) -> AnswerT:
    """The method's result, validated once. Raises what the codes stand for.

    PlatformUnavailable for what is no JSON, ProtocolError for JSON of another form; pydantic's
    ValidationError is left to the client, which makes a ProtocolError of it.
    """
    result = _result(method, load_json(body))
    if not isinstance(result, dict):
        raise ProtocolError(f"jd {method}: the result is no object")
    code = str(result.get("code"))
    if code not in _INNER_OK:
        raise business_error(method, code)
    return model.model_validate(result)


def _result(method: str, answer: Any) -> Any:  # noqa: ANN401 - raw JSON
    """The decoded result below the two envelopes."""
    if not isinstance(answer, dict):
        raise ProtocolError(f"jd {method}: the answer is no object")
    if isinstance(error := answer.get("error_response"), dict):
        raise gateway_error(method, str(error.get("code")))
    root = method.replace(".", "_")
    outer = answer.get(f"{root}_responce") or answer.get(f"{root}_response")
    if not isinstance(outer, dict):
        raise ProtocolError(f"jd {method}: no root key")
    if (code := str(outer.get("code", "0"))) not in _OUTER_OK:
        raise gateway_error(method, code)
    inner = outer.get(f"{method.rsplit('.', 1)[-1]}Result", outer.get("result"))
    return load_json(inner.encode()) if isinstance(inner, str) else inner
