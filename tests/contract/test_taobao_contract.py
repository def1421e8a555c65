"""The Taobao adapter passes the suite that every adapter passes."""

from __future__ import annotations

from adapters.mock.taobao import MOCK
from adapters.taobao import ADAPTER
from adapters.testing import AdapterContract


class TestTaobao(AdapterContract):
    """On the account that holds all rights, and on the plain publisher's."""

    adapter_class = ADAPTER
    mock_class = MOCK
