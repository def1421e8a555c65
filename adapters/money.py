"""Money in integer fen and rates in integer basis points; a float cannot enter.

>>> Money.from_yuan("39.90")
Money(fen=3990)
>>> Rate.from_percent("5.5").of(Money(fen=3990))
Money(fen=219)
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Money", "Rate"]

_BP = 10_000


def _floored(amount: str | Decimal, factor: int, what: str) -> int:
    """`amount` times `factor`, floored to an integer; ValueError for what is not a finite number."""
    if not isinstance(amount, str | Decimal):
        # bool, int and float are all refused: an int would be ambiguous (yuan or fen?).
        raise TypeError(f"{what} is read from text or Decimal, not {type(amount).__name__}")
    try:
        value = Decimal(amount.strip()) if isinstance(amount, str) else amount
        if not value.is_finite():
            raise InvalidOperation
        return int((value * factor).to_integral_value(rounding=ROUND_FLOOR))
    except InvalidOperation as error:
        raise ValueError(f"{what} is not a number: {str(amount)[:40]!r}") from error


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in integer fen; may be negative (a clawback)."""

    fen: int

    def __post_init__(self) -> None:
        if type(self.fen) is not int:
            raise TypeError(f"fen is an int, not {type(self.fen).__name__}")

    @classmethod
    def from_yuan(cls, yuan: str | Decimal) -> Money:
        """Yuan as the platforms write them; fractions of a fen are floored. ValueError if unreadable."""
        return cls(_floored(yuan, 100, "an amount in yuan"))

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)

    def __neg__(self) -> Money:
        return Money(-self.fen)

    def __bool__(self) -> bool:
        return self.fen != 0

    def __str__(self) -> str:
        """Yuan with two decimals: `12.30`, `-0.05`."""
        yuan, fen = divmod(abs(self.fen), 100)
        return f"{'-' if self.fen < 0 else ''}{yuan}.{fen:02d}"

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Shares in proportion to integer `weights`, by largest remainder; they sum to the whole.

        Ties go to the earlier weight. ValueError for no weights, a negative one, or a zero sum.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must be non-negative integers with a positive sum")
        sign = -1 if self.fen < 0 else 1
        whole = abs(self.fen)
        shares = [whole * weight // total for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
        for index in by_remainder[: whole - sum(shares)]:
            shares[index] += 1
        return tuple(Money(sign * share) for share in shares)


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """A rate in integer basis points: 550 is 5.5 %."""

    bp: int

    def __post_init__(self) -> None:
        if type(self.bp) is not int:
            raise TypeError(f"bp is an int, not {type(self.bp).__name__}")
        if self.bp < 0:
            raise ValueError("a rate is not negative")

    @classmethod
    def from_percent(cls, percent: str | Decimal) -> Rate:
        """`"5.5"` is 550 bp; finer fractions are floored."""
        return cls(_floored(percent, 100, "a rate in percent"))

    @classmethod
    def from_permille(cls, permille: int) -> Rate:
        """`55` is 550 bp."""
        return cls(permille * 10)

    def of(self, amount: Money) -> Money:
        """This share of `amount`, floored to the fen."""
        return Money(amount.fen * self.bp // _BP)

    def __str__(self) -> str:
        """Percent without trailing zeros: `5.5`, `20`, `0.01`."""
        whole, rest = divmod(self.bp, 100)
        return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
