"""Beijing time at the border: two platforms write local time without a zone; inside all is UTC."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone

__all__ = ["BEIJING", "beijing_text", "from_beijing_text", "from_unix", "next_beijing_midnight"]

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one zone and no summer time since 1991."""

_FORMAT = "%Y-%m-%d %H:%M:%S"


def beijing_text(at: datetime) -> str:
    """`yyyy-MM-dd HH:mm:ss` in Beijing time, as TOP and JD want it."""
    return at.astimezone(BEIJING).strftime(_FORMAT)


def from_beijing_text(text: str, *, end_of_day: bool = False) -> datetime:
    """Aware UTC from `yyyy-MM-dd HH:mm:ss` or `yyyy-MM-dd`; ValueError for anything else.

    A bare date is the day's first second, or with `end_of_day` the first second after the day (a
    coupon "until 12-01" may be used all of that day).
    """
    text = text.strip()
    if len(text) == len("2026-01-01"):
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BEIJING)
        return (day + timedelta(days=1) if end_of_day else day).astimezone(UTC)
    return datetime.strptime(text, _FORMAT).replace(tzinfo=BEIJING).astimezone(UTC)


def from_unix(seconds: int) -> datetime:
    """Aware UTC from whole unix seconds."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def next_beijing_midnight(now: datetime) -> datetime:
    """When the platforms' daily quotas start anew, in UTC."""
    tomorrow = now.astimezone(BEIJING).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), BEIJING).astimezone(UTC)
