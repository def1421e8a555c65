"""The alphabet of short codes; their last character also tells the slot."""

from __future__ import annotations

__all__ = ["BASE58"]

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Bitcoin's: letters and digits without 0, O, I and l, which people confuse."""
