"""The doctor's report of one conversion gives nothing away."""

from __future__ import annotations

from bot.cli.live_check import masked, without_query


def test_ids_are_told_apart_and_not_given_away() -> None:
    assert masked("mm_123_456_789") == "mm_***********"
    assert masked("ab") == "ab"


def test_links_lose_what_identifies_them() -> None:
    assert without_query("https://u.jd.com/AbCdEfG?x=1") == "https://u.jd.com/AbC****"
