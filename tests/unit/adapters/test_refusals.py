"""A refusal is remembered for an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.refusals import RETRY_AFTER, Refusals

SECOND = timedelta(seconds=1)


def test_a_refusal_expires_and_may_be_taken_back() -> None:
    now = [datetime(2026, 11, 22, tzinfo=UTC)]
    refusals = Refusals(lambda: now[0])
    assert "right" not in refusals
    refusals.add("right")
    now[0] += RETRY_AFTER - SECOND
    assert "right" in refusals
    assert "other" not in refusals
    assert None not in refusals
    now[0] += SECOND
    assert "right" not in refusals
    refusals.add("right")
    assert "right" in refusals
    refusals.discard("right")
    refusals.discard("other")
    assert "right" not in refusals
    refusals.add("right")
    refusals.clear()
    assert "right" not in refusals
