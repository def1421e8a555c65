"""The contract of an adapter as a pytest class; ours and third parties' adapters pass the same one.

    class TestSampleMall(AdapterContract):
        adapter_class = SampleMallAdapter
        mock_class = MockSampleMall

The suite starts the mock platform on loopback and speaks to the adapter only through the contract.
It needs pytest-asyncio with `asyncio_mode = "auto"`.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "adapters.testing.checks",
    "adapters.testing.conversion",
    "adapters.testing.declaration",
    "adapters.testing.failures",
    "adapters.testing.orders",
    "adapters.testing.promotion",
)

# The line above must come first: it decides how these modules are loaded.
from adapters.testing.conversion import ConversionTests  # noqa: E402
from adapters.testing.declaration import DeclarationTests  # noqa: E402
from adapters.testing.failures import FailureTests  # noqa: E402
from adapters.testing.orders import OrderTests  # noqa: E402
from adapters.testing.promotion import PromotionTests  # noqa: E402
from adapters.testing.stage import Stage  # noqa: E402

__all__ = ["AdapterContract", "Stage"]


class AdapterContract(DeclarationTests, ConversionTests, PromotionTests, FailureTests, OrderTests):
    """Everything an adapter promises. Subclasses name `adapter_class` and `mock_class`."""
