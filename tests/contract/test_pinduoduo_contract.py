"""Pinduoduo keeps the contract, before its mock platform on loopback."""

from __future__ import annotations

from adapters.mock.pinduoduo import MOCK
from adapters.pinduoduo import ADAPTER
from adapters.testing import AdapterContract


class TestPinduoduoContract(AdapterContract):
    """The whole suite."""

    adapter_class = ADAPTER
    mock_class = MOCK
