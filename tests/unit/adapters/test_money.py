"""Money and Rate: integers only, floored, and no fen lost in a split."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.money import Money, Rate

FEN = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("39.90", 3990),
        ("39.9", 3990),
        (" 0.01 ", 1),
        ("0", 0),
        ("1e2", 10000),
        ("19.999", 1999),
        ("-0.05", -5),
        ("-0.051", -6),
        (Decimal("0.29"), 29),
    ],
)
def test_yuan_are_read_exactly_and_floored(text: str | Decimal, fen: int) -> None:
    assert Money.from_yuan(text) == Money(fen)


@pytest.mark.parametrize("wrong", [39.9, 39, True, None, b"1", [1]])
def test_only_text_and_decimals_are_amounts(wrong: object) -> None:
    with pytest.raises(TypeError):
        Money.from_yuan(wrong)  # type: ignore[arg-type]  # what the type forbids
    with pytest.raises(TypeError):
        Rate.from_percent(wrong)  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize(
    "wrong", ["", "abc", "nan", "NaN", "Infinity", "-inf", "1,000", Decimal("nan"), Decimal("inf")]
)
def test_what_is_no_finite_number_is_refused(wrong: str | Decimal) -> None:
    with pytest.raises(ValueError, match="not a number"):
        Money.from_yuan(wrong)


@pytest.mark.parametrize("wrong", [1.0, True, "1", Decimal(1)])
def test_fen_and_basis_points_are_ints(wrong: object) -> None:
    with pytest.raises(TypeError):
        Money(wrong)  # type: ignore[arg-type]  # what the type forbids
    with pytest.raises(TypeError):
        Rate(wrong)  # type: ignore[arg-type]  # likewise


def test_a_rate_is_not_negative() -> None:
    with pytest.raises(ValueError, match="not negative"):
        Rate(-1)


@given(FEN, FEN)
def test_sums_are_exact(one: int, other: int) -> None:
    assert Money(one) + Money(other) - Money(other) == Money(one)
    assert -Money(one) == Money(-one)
    assert bool(Money(one)) is (one != 0)
    assert (Money(one) < Money(other)) is (one < other)


@given(FEN)
def test_text_reads_back(fen: int) -> None:
    assert Money.from_yuan(str(Money(fen))) == Money(fen)


@pytest.mark.parametrize(
    ("fen", "text"), [(1230, "12.30"), (5, "0.05"), (-5, "-0.05"), (0, "0.00")]
)
def test_money_is_written_with_two_decimals(fen: int, text: str) -> None:
    assert str(Money(fen)) == text


@given(FEN, WEIGHTS)
def test_a_split_keeps_the_sum_and_its_proportions(fen: int, weights: list[int]) -> None:
    shares = Money(fen).split(weights)
    assert len(shares) == len(weights)
    assert sum(share.fen for share in shares) == fen
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.fen * sum(weights) - fen * weight) < sum(weights)
        assert weight or not share


@given(st.integers(0, 10**9), WEIGHTS)
def test_a_clawback_is_split_like_what_was_paid(fen: int, weights: list[int]) -> None:
    paid, back = Money(fen).split(weights), Money(-fen).split(weights)
    assert [share.fen for share in back] == [-share.fen for share in paid]


def test_the_largest_remainder_gets_the_odd_fen_and_ties_go_to_the_first() -> None:
    assert Money(100).split([1, 1, 1]) == (Money(34), Money(33), Money(33))
    assert Money(10).split([1, 2, 4]) == (Money(1), Money(3), Money(6))
    assert Money(1).split([1, 2]) == (Money(0), Money(1))


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 1], [-1]])
def test_impossible_weights_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(1).split(weights)


@pytest.mark.parametrize(
    ("percent", "bp", "text"),
    [("5.5", 550, "5.5"), ("20", 2000, "20"), ("0.01", 1, "0.01"), ("1.509", 150, "1.5")],
)
def test_rates_are_read_from_percent(percent: str, bp: int, text: str) -> None:
    assert Rate.from_percent(percent) == Rate(bp)
    assert str(Rate(bp)) == text


def test_rates_are_read_from_permille() -> None:
    assert Rate.from_permille(55) == Rate(550)


def test_a_rate_floors_to_the_fen() -> None:
    assert Rate(550).of(Money(3990)) == Money(219)
    assert Rate(1).of(Money(9999)) == Money(0)
    assert Rate(5000).of(Money(-3)) == Money(-2)


@given(st.integers(0, 10_000), st.integers(0, 10**9))
def test_a_commission_is_never_more_than_its_rate(bp: int, fen: int) -> None:
    share = Rate(bp).of(Money(fen)).fen
    assert share * 10_000 <= fen * bp < (share + 1) * 10_000
